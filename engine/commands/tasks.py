"""Work on a task: take it, give it back, finish it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving
from engine.core.step import Complete
from engine.errors import (
    AlreadyClaimed,
    CommandInvalid,
    ConflictOfInterest,
    FourEyes,
    NotClaimed,
    NotFound,
    Stale,
    TaskClosed,
)
from engine.forms import validate
from engine.store.exact import pack, unpack
from engine.store.rows import CaseRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work


#: Case variable with the accounts that must stand aside (回避): they neither claim nor complete anything in the case.
EXCLUDED = "excluded_accounts"


@dataclass(frozen=True, slots=True)
class ClaimTask(Command):
    """The actor takes the task, so that nobody else works on it."""

    task: str


@dataclass(frozen=True, slots=True)
class ReleaseTask(Command):
    """The actor gives a claimed task back to the others of the lane."""

    task: str


@dataclass(frozen=True, slots=True)
class CompleteTask(Command):
    """The claimed task is done with the form's `data`; `revision` is that of the task as the actor saw it."""

    task: str
    revision: int
    data: Mapping[str, Any] = field(default_factory=dict)


class _Found(NamedTuple):
    task: TaskRow
    case: CaseRow


_WIDTH = len(TaskRow._fields)
_READ = (
    f"SELECT {', '.join(f't.{name}' for name in TaskRow._fields)}, "  # noqa: S608 - our own column names
    f"{', '.join(f'c.{name}' for name in CaseRow._fields)} FROM task t JOIN cases c ON c.id = t.case_id WHERE t.id = ?"
)


def _find(work: Work, command: ClaimTask | ReleaseTask | CompleteTask) -> tuple[Right, _Found]:
    found = work.tx.session.rows(_READ, (command.task,), lock=True)
    if not found:
        raise NotFound(kind="task", id=command.task)
    task, case = TaskRow._make(found[0][:_WIDTH]), CaseRow._make(found[0][_WIDTH:])
    right = Right("work", task.object, task.area, case.owner, task.account, task.department)
    return right, _Found(task, case)


def _claim(work: Work, command: ClaimTask, found: _Found) -> dict[str, Any]:
    task = found.task
    _require_open(task)
    if task.claimed_by is not None:
        if task.claimed_by == work.actor.id:
            return {"case": task.case_id, "task": task.id, "revision": task.revision}
        raise AlreadyClaimed(task=task.id, by=task.claimed_name, at=task.changed_at.isoformat())
    moving = Moving(work, found.case)
    _require_separation(work, moving, task)
    _change(moving, task, "claimed", claimed_by=work.actor.id, claimed_name=work.actor.name)
    moving.record.close("claimed", task=task.id, element=task.element)
    return {"case": task.case_id, "task": command.task, "revision": task.revision + 1}


def _release(work: Work, command: ReleaseTask, found: _Found) -> dict[str, Any]:
    task = found.task
    _require_holder(work, task)
    moving = Moving(work, found.case)
    _change(moving, task, "released", claimed_by=None, claimed_name=None)
    moving.record.close("released", task=task.id, element=task.element)
    return {"case": task.case_id, "task": command.task, "revision": task.revision + 1}


def _complete(work: Work, command: CompleteTask, found: _Found) -> dict[str, Any]:
    task = found.task
    _require_holder(work, task)
    if command.revision != task.revision:
        raise Stale(
            task=task.id,
            revision=task.revision,
            by=task.changed_name,
            kind=task.change,
            at=task.changed_at.isoformat(),
        )
    moving = Moving(work, found.case)
    _require_separation(work, moving, task)
    clean, exports = _answers(work, moving, task, command.data)
    by = {"by": work.actor.id, "by_name": work.actor.name, "at": work.now}
    moving.move(Complete(task.token, {task.element: {**clean, **by}, **exports}))
    filed = pack(clean)
    _change(moving, task, "completed", filed=filed)
    return moving.close(
        "completed", task=task.id, element=task.element, filed=hashlib.sha256(filed.encode()).hexdigest()
    )


def _answers(
    work: Work, moving: Moving, task: TaskRow, data: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The clean answers of the task's form, and those of them that become case variables."""
    form = moving.package.form(task.element)
    if form is None:
        if data:
            raise CommandInvalid(reason="no-form", element=task.element)
        return {}, {}
    variables = moving.variables
    if task.local:
        variables = {**variables, **unpack(task.local)}
    clean = validate(form, data, variables, work.world)
    return clean, form.exports(clean)


def _change(moving: Moving, task: TaskRow, change: str, **values: Any) -> None:
    moving.record.change_task(task.id, change, revision=task.revision + 1, **values)


def _require_open(task: TaskRow) -> None:
    if task.state != "open":
        raise TaskClosed(task=task.id, by=task.changed_name, kind=task.change, at=task.changed_at.isoformat())


def _require_holder(work: Work, task: TaskRow) -> None:
    _require_open(task)
    if task.claimed_by is None:
        raise NotClaimed(task=task.id)
    if task.claimed_by != work.actor.id:
        raise AlreadyClaimed(task=task.id, by=task.claimed_name, at=task.changed_at.isoformat())


def _require_separation(work: Work, moving: Moving, task: TaskRow) -> None:
    """Raise if the actor must stand aside in this case, or did a task that this one must be separate from, in any round."""
    if work.actor.id in (moving.variables.get(EXCLUDED) or ()):
        raise ConflictOfInterest(task=task.element)
    others = moving.definition.nodes[task.element].settings.separate_from
    if not others:
        return
    marks = ", ".join("?" * len(others))
    done = work.tx.rows(
        "SELECT element, title FROM task WHERE case_id = ? AND state = 'done' AND changed_by = ?"  # noqa: S608
        f" AND element IN ({marks}) LIMIT 1",
        task.case_id,
        work.actor.id,
        *others,
    )
    if done:
        raise FourEyes(task=done[0][0], title=done[0][1])


VERBS = {
    ClaimTask: Verb(_find, _claim),
    ReleaseTask: Verb(_find, _release),
    CompleteTask: Verb(_find, _complete),
}
