"""The editor of papers and notices."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
