"""The day is sealed: one hash over the ends of all journals, to be signed and kept outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine import journal
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.errors import CommandInvalid, Conflict

if TYPE_CHECKING:
    from engine.commands.frame import Work

#: Commands that began before midnight are through by then.
_GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SealDay(Command):
    """Seal every entry made before the end of `day`."""

    day: date


def _find(work: Work, command: SealDay) -> tuple[Right, bool]:
    known = work.tx.rows("SELECT day FROM root WHERE day = ?", command.day.isoformat())
    return ENGINE_ONLY, bool(known)


def _seal(work: Work, command: SealDay, known: bool) -> dict[str, Any]:
    day = command.day.isoformat()
    if known:
        raise Conflict("day-sealed", day=day)
    end = journal.end_of(day)
    if work.now < end + _GRACE:
        raise CommandInvalid(reason="day-not-over", day=day)
    heads = journal.heads_before(work.tx.session, end)
    root = journal.root_of(heads)
    work.tx.insert("root", {"day": day, "chains": len(heads), "hash": root, "made_at": work.now})
    return {"day": day, "chains": len(heads), "root": root.hex()}


VERBS = {SealDay: Verb(_find, _seal)}
