"""The matrix of rights: who may do what in a process."""

from __future__ import annotations

from typing import Any

routes: tuple[Any, ...] = ()
