"""How much work waits for the carrier, for whoever watches over the server."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.store.session import Reader


class Waiting(NamedTuple):
    """Open messages of the outbox, when the first of them is due, and cases that stand still over an incident."""

    open: int
    oldest: datetime | None
    incidents: int


def waiting(reader: Reader, hidden: Collection[str]) -> Waiting:
    """What waits, without the cases of the processes named in `hidden`."""
    names = tuple(sorted(hidden))
    none = f"process IN ({', '.join('?' * len(names))})"
    without = f" AND case_id NOT IN (SELECT id FROM cases WHERE {none})" if names else ""  # noqa: S608
    count, oldest = reader.rows(
        f"SELECT count(*), min(due) FROM outbox WHERE state = 'open'{without}",  # noqa: S608 - only marks
        names,
    )[0]
    stuck = f"SELECT count(*) FROM incident{f' WHERE NOT {none}' if names else ''}"  # noqa: S608
    incidents = reader.rows(stuck, names)[0][0]
    return Waiting(count, datetime.fromisoformat(oldest) if isinstance(oldest, str) else oldest, incidents)
