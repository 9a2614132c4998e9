"""The row of a migration, as commands and queries read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class MigrationRow(NamedTuple):
    """A migration of the open cases of a process."""

    id: str
    process: str
    target: str
    names: str
    state: str
    revision: int
    note: str
    asked_by: str | None
    asked_name: str
    asked_at: datetime
    started_by: str | None
    started_name: str | None
    started_at: datetime | None
    changed_name: str
    changed_at: datetime
    listed_to: str
    listed: int
