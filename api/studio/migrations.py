"""Open cases moved to another version, by plan."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
