"""The row of a remark, as commands and queries read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class RemarkRow(NamedTuple):
    """Something that was said about an element or a file of a process."""

    id: str
    process: str
    thread: str
    place: int
    path: str
    element: str
    sha: str
    text: str
    by: str | None
    by_name: str
    at: datetime
    settled_by: str | None
    settled_name: str | None
    settled_at: datetime | None
