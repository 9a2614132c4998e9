"""Playing a case on the diagram, moved by the engine's own mover."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
