"""What came of a completed task: read alike by the command that takes it back and by the question whether it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from engine.store.session import Reader

_COMPLETED = (
    "SELECT j.body, c.answer, c.id FROM journal j JOIN command c ON c.id = j.command"
    " WHERE j.chain = ? AND j.kind = 'completed' AND j.actor = ? ORDER BY j.seq DESC"
)


class Followed(NamedTuple):
    """The tasks that completing one opened, and why that cannot be taken back any more (None: it can)."""

    opened: frozenset[str]
    reason: str | None


def followed(reader: Reader, case: str, task: str, account: str | None) -> Followed:
    """What the account's completing of the task led to: `went-out` if anything was sent or booked, `acted-on` if anybody acted."""
    entries = reader.rows(_COMPLETED, (case, account))
    found = next(
        ((orjson.loads(said), by) for body, said, by in entries if orjson.loads(body)["task"] == task), None
    )
    if found is None:
        return Followed(frozenset(), "went-out")
    answer, command = found
    booked = "SELECT 1 FROM journal WHERE chain = ? AND command = ? AND kind = 'booked' LIMIT 1"
    if answer["messages"] or reader.rows(booked, (case, command)):
        return Followed(frozenset(), "went-out")
    opened = frozenset(answer["opened"])
    for key in sorted(opened):
        rows = reader.rows("SELECT state, change FROM task WHERE id = ?", (key,))
        if [tuple(row) for row in rows] != [("open", "opened")]:
            return Followed(opened, "acted-on")
    return Followed(opened, None)
