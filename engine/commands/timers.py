"""Time passes: a timer of the model fires, or a task's deadline is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.core.clock_events import ClockDue
from engine.core.step import Complete, Fire
from engine.record import CLOCK, OVERDUE
from engine.store.rows import TaskRow, TimerRow

if TYPE_CHECKING:
    from datetime import datetime

    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

CONSENT = "silence-is-consent"


@dataclass(frozen=True, slots=True)
class FireTimer(Command):
    """The timer of (case, token, element, kind) that was due at `due`; one that is gone or was moved is left alone."""

    case: str
    token: int
    element: str
    kind: str
    due: datetime


class _Found(NamedTuple):
    case: CaseRow
    timer: TimerRow | None


def firing(row: TimerRow) -> FireTimer:
    """The command for a due timer row; its id makes every further attempt the same command."""
    name = f"timer:{row.case_id}:{row.token}:{row.element}:{row.kind}:{row.due.isoformat()}"
    return FireTimer(name, row.case_id, row.token, row.element, row.kind, row.due)


def _find(work: Work, command: FireTimer) -> tuple[Right, _Found]:
    case = read_case(work, command.case)
    key = (command.case, command.token, command.element, command.kind)
    where = "case_id = ? AND token = ? AND element = ? AND kind = ?"
    return ENGINE_ONLY, _Found(case, work.tx.one(TimerRow, "timer", where, *key))


def _fire(work: Work, command: FireTimer, found: _Found) -> dict[str, Any]:
    timer = found.timer
    if timer is None or timer.due != command.due or found.case.state != "open":
        return {"case": command.case, "fired": False}
    moving = Moving(work, found.case)
    work.tx.delete("timer", (timer.case_id, timer.token, timer.element, timer.kind))
    if timer.kind == OVERDUE:
        return {"fired": True, **_overdue(work, moving, timer)}
    if timer.kind == CLOCK:
        return {"fired": True, **_run_out(moving, timer)}
    moving.move(Fire(timer.token, timer.element))
    return {"fired": True, **moving.close("fired", element=timer.element, due=timer.due)}


def _overdue(work: Work, moving: Moving, timer: TimerRow) -> dict[str, Any]:
    """Do what the task's on_overdue says: remind its holder, tell the superiors, or take silence for consent."""
    rule = moving.definition.nodes[timer.element].settings.on_overdue
    key = f"{timer.case_id}.{timer.token}"
    task = work.tx.one(TaskRow, "task", "id = ?", key)
    if task is None or task.state != "open":
        return moving.close("overdue", task=key, element=timer.element, rule=None)
    if rule == CONSENT:
        by = {"by": None, "by_name": work.actor.name, "at": work.now, "consent": "silence"}
        moving.move(Complete(timer.token, {timer.element: by}))
        moving.record.change_task(key, "consented", revision=task.revision + 1)
    else:
        told = {
            "task": key,
            "title": task.title,
            "due": timer.due,
            "rule": rule,
            "object": task.object,
            "area": task.area,
            "department": task.department,
            "holder": task.claimed_by or task.account,
        }
        moving.record.send(timer.token, timer.element, "notice", f"overdue-{rule}", {"input": told})
    return moving.close("overdue", task=key, element=timer.element, rule=rule)


def _run_out(moving: Moving, timer: TimerRow) -> dict[str, Any]:
    """A clock has run out: the case is told, and whoever the clock names; a statutory one as an alarm."""
    moving.move(ClockDue(timer.element))
    clock = moving.variables["clocks"][timer.element]
    if clock["state"] == "overdue" and clock["tell"] is not None:
        rule = "escalate" if clock["kind"] == "statutory" else "remind"
        told = {
            "clock": timer.element,
            "title": clock["title"],
            "due": timer.due,
            "rule": rule,
            "object": f"{moving.row.process}/{clock['tell']}",
            "area": moving.row.area,
            "department": None,
            "holder": None,
        }
        moving.record.send(0, timer.element, "notice", f"overdue-{rule}", {"input": told})
    return moving.close("clock-due", clock=timer.element, stands=clock["state"])


VERBS = {FireTimer: Verb(_find, _fire)}
