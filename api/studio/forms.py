"""The editor of forms."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
