"""An applicant rates how the case was handled (好差评): once, after the end, of the own will.

A bad grade opens a case of the process that looks into it. Which grades are bad, until when one may rate, and which
process that is, the law's parameters say (`rating_bad_grade`, `rating_window_days`, `rating_process`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.errors import CommandInvalid, Conflict
from engine.operations import CASE_START
from engine.store.exact import plain

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

GRADES = range(1, 6)
#: Why: the applicant may tick some; more in own words.
REASONS = ("slow", "many-trips", "unclear", "attitude", "wrong", "papers", "online")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class RateCase(Command):
    """Grade 5 is very satisfied, 1 very dissatisfied."""

    case: str
    grade: int
    reasons: tuple[str, ...] = ()
    comment: str = ""


def _find(work: Work, command: RateCase) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("rate", case.process, case.area, case.owner), case


def _rate(work: Work, command: RateCase, case: CaseRow) -> dict[str, Any]:
    if command.grade not in GRADES or set(command.reasons) - set(REASONS) or len(command.comment) > _LONGEST:
        raise CommandInvalid(reason="rating")
    _require_time(work, case)
    bad = command.grade <= int(_law(work, case, "rating_bad_grade"))
    work.tx.insert(
        "rating",
        {
            "case_id": case.id,
            "process": case.process,
            "area": case.area,
            "grade": command.grade,
            "reasons": plain(list(command.reasons)),
            "comment": command.comment,
            "rated_by": work.actor.id,
            "rated_at": work.now,
            "state": "open" if bad else "kept",
        },
    )
    moving = Moving(work, case)
    if bad:
        _look_into(work, moving, command)
    # Whoever handled the case reads its journal: that it was rated stands there, not how.
    moving.record.close("rated")
    return {"case": case.id, "looked_into": bad}


def _require_time(work: Work, case: CaseRow) -> None:
    if case.state == "open":
        raise Conflict("not-yet-ended", case=case.id)
    if work.tx.rows("SELECT 1 FROM rating WHERE case_id = ?", case.id):
        raise Conflict("already-rated", case=case.id)
    ended = work.tx.rows("SELECT ended_at FROM cases WHERE id = ?", case.id)[0][0]
    days = int(_law(work, case, "rating_window_days"))
    if work.now > ended + timedelta(days=days):
        raise Conflict("rating-over", case=case.id, days=days)


def _look_into(work: Work, moving: Moving, command: RateCase) -> None:
    case = moving.row
    given = {
        "process": _law(work, case, "rating_process"),
        "area": case.area,
        "data": {
            "rated_case": case.id,
            "rated_item": case.title.partition(" · ")[0],
            "grade": command.grade,
            "reasons": list(command.reasons),
            "comment": command.comment or None,
            # Whoever handled the case stands aside when its rating is looked into.
            "handled_by": [{"account": one} for one in _handlers(work, case)],
        },
    }
    moving.record.send(0, "", CASE_START, None, {"input": given})


def _handlers(work: Work, case: CaseRow) -> list[str]:
    sql = "SELECT DISTINCT changed_by FROM task WHERE case_id = ? AND state = 'done' ORDER BY changed_by"
    found = (row[0] for row in work.tx.rows(sql, case.id))
    return [one for one in found if one and one not in case.owner and not one.startswith("system:")]


def _law(work: Work, case: CaseRow, parameter: str) -> Any:
    assert work.world.law is not None
    return work.world.law(parameter, work.now.date(), case.area)


VERBS = {RateCase: Verb(_find, _rate)}
