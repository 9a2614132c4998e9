"""Two versions of a process side by side."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
