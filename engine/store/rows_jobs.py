"""The rows of the studio's long work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class JobRow(NamedTuple):
    """Long work of the studio, without the package it is about and without its result."""

    id: str
    process: str
    kind: str
    input: str
    state: str
    asked_by: str | None
    asked_name: str
    asked_at: datetime
    ended_at: datetime | None
    tries: int
    done: int
    total: int
    stopping: int
    error: str | None
