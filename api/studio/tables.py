"""The editor of decision tables."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
