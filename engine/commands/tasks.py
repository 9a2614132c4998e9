"""Work on a task: take it, give it back, finish it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Command, Right, Verb
from engine.commands.grounds import apart, with_grounds
from engine.commands.moving import Moving
from engine.commands.subjects import note_subjects
from engine.core.step import Complete
from engine.core.verbs_explain import is_added
from engine.core.verbs_offer import way_back
from engine.errors import (
    AlreadyClaimed,
    CommandInvalid,
    ConflictOfInterest,
    Delegated,
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
#: Case variable that says what was sent back last: to, from, straight, by, by_name, at, reason, items.
RETURNED = "returned"


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


class FoundTask(NamedTuple):
    """A task with its case."""

    task: TaskRow
    case: CaseRow


_WIDTH = len(TaskRow._fields)
_READ = (
    f"SELECT {', '.join(f't.{name}' for name in TaskRow._fields)}, "  # noqa: S608 - our own column names
    f"{', '.join(f'c.{name}' for name in CaseRow._fields)} FROM task t JOIN cases c ON c.id = t.case_id WHERE t.id = ?"
)


def _find(work: Work, command: ClaimTask | ReleaseTask | CompleteTask) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    return right_to_work(found), found


def read_task(work: Work, key: str) -> FoundTask:
    """The task and its case, held if this is a second attempt; NotFound if there is none."""
    found = work.tx.session.rows(_READ, (key,), lock=True)
    if not found:
        raise NotFound(kind="task", id=key)
    return FoundTask(TaskRow._make(found[0][:_WIDTH]), CaseRow._make(found[0][_WIDTH:]))


def right_to_work(found: FoundTask) -> Right:
    """What it takes to work on the task."""
    task = found.task
    return Right("work", task.object, task.area, found.case.owner, task.account, task.department)


def _claim(work: Work, command: ClaimTask, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_open(task)
    if task.claimed_by is not None:
        if task.claimed_by == work.actor.id:
            return {"case": task.case_id, "task": task.id, "revision": task.revision}
        if task.claimed_by not in work.actor.absent:
            raise AlreadyClaimed(task=task.id, by=task.claimed_name, at=task.changed_at.isoformat())
    moving = Moving(work, found.case)
    require_separation(work, moving, task)
    change(moving, task, "claimed", claimed_by=work.actor.id, claimed_name=work.actor.name)
    moving.record.close("claimed", task=task.id, element=task.element)
    return {"case": task.case_id, "task": command.task, "revision": task.revision + 1}


def _release(work: Work, command: ReleaseTask, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_holder(work, task)
    require_answered(task)
    moving = Moving(work, found.case)
    change(moving, task, "released", claimed_by=None, claimed_name=None)
    moving.record.close("released", task=task.id, element=task.element)
    return {"case": task.case_id, "task": command.task, "revision": task.revision + 1}


def _complete(work: Work, command: CompleteTask, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_holder(work, task)
    require_answered(task)
    if command.revision != task.revision:
        raise Stale(
            task=task.id,
            revision=task.revision,
            by=task.changed_name,
            kind=task.change,
            at=task.changed_at.isoformat(),
        )
    moving = Moving(work, found.case)
    require_separation(work, moving, task)
    clean, exports = _answers(work, moving, task, command.data)
    by = {"by": work.actor.id, "by_name": work.actor.name, "at": work.now}
    if work.behalf is not None:
        by["on_behalf"] = work.behalf
    assert moving.state is not None
    back = way_back(moving.state, task.token)
    if is_added(moving.state, task.token):
        # Whoever was asked beside the one who decides gives an opinion; the decision is not overwritten.
        opinions = f"{task.element}_opinions"
        exports = {opinions: [*(moving.variables.get(opinions) or ()), {**clean, **by}]}
    else:
        exports = {task.element: {**clean, **by}, **exports}
    note_subjects(work, task.case_id, moving.package.form(task.element), clean)
    moving.move(Complete(task.token, exports))
    if back is not None:
        _hand_back(moving, back)
    filed = pack(clean)
    change(moving, task, "completed", filed=filed)
    return moving.close(
        "completed", task=task.id, element=task.element, filed=hashlib.sha256(filed.encode()).hexdigest()
    )


def _hand_back(moving: Moving, element: str) -> None:
    """What was sent back and is to come straight back is its sender's again."""
    returned = moving.variables.get(RETURNED) or {}
    if returned.get("from") == element:
        claim_opened(moving, element, returned.get("by"), returned.get("by_name"))


def claim_opened(moving: Moving, element: str, account: str | None, name: str | None) -> None:
    """Give what this command has opened at an element to somebody who had it before."""
    for key in moving.record.opened:
        pending = moving.work.tx.pending("task", (key,))
        if pending is None or pending.verb != "insert":
            continue
        if pending.values["element"] == element and pending.values["account"] in (None, account):
            pending.values |= {"claimed_by": account, "claimed_name": name}


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
    data, articles = apart(form, data)
    clean = validate(form, data, variables, work.world)
    return with_grounds(moving.definition, task.element, form, clean, articles), form.exports(clean)


def change(moving: Moving, task: TaskRow, change: str, **values: Any) -> None:
    """Change the task's row, which then has another revision."""
    moving.record.change_task(task.id, change, revision=task.revision + 1, **values)


def require_open(task: TaskRow) -> None:
    """Raise if the task is closed, and say who closed it."""
    if task.state != "open":
        raise TaskClosed(task=task.id, by=task.changed_name, kind=task.change, at=task.changed_at.isoformat())


def require_answered(task: TaskRow) -> None:
    """Raise while somebody was asked and has not answered."""
    if task.delegated_to is not None:
        raise Delegated(task=task.id, by=task.delegated_name)


def require_holder(work: Work, task: TaskRow) -> None:
    """Raise unless the task is open and the actor's."""
    require_open(task)
    if task.claimed_by is None:
        raise NotClaimed(task=task.id)
    if task.claimed_by != work.actor.id:
        raise AlreadyClaimed(task=task.id, by=task.claimed_name, at=task.changed_at.isoformat())


def require_separation(work: Work, moving: Moving, task: TaskRow, account: str | None = None) -> None:
    """Raise if the actor (or `account`) must stand aside, or did a task that this one must be separate from, in any round.

    Who acts for somebody counts as both.
    """
    people = [account] if account is not None else [work.actor.id, work.behalf or work.actor.id]
    if set(people) & set(moving.variables.get(EXCLUDED) or ()):
        raise ConflictOfInterest(task=task.element)
    others = moving.definition.nodes[task.element].settings.separate_from
    if not others:
        return
    marks, them = ", ".join("?" * len(others)), ", ".join("?" * len(people))
    done = work.tx.rows(
        "SELECT element, title FROM task WHERE case_id = ? AND state = 'done'"  # noqa: S608
        f" AND (changed_by IN ({them}) OR changed_for IN ({them})) AND element IN ({marks}) LIMIT 1",
        task.case_id,
        *people,
        *people,
        *others,
    )
    if done:
        raise FourEyes(task=done[0][0], title=done[0][1])


VERBS = {
    ClaimTask: Verb(_find, _claim),
    ReleaseTask: Verb(_find, _release),
    CompleteTask: Verb(_find, _complete),
}
