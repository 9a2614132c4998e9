"""A task in other hands (转办, 委派), and a push (催办): the tokens do not move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving
from engine.commands.people import actor_of
from engine.commands.tasks import (
    FoundTask,
    change,
    read_task,
    require_answered,
    require_holder,
    require_open,
    require_separation,
    right_to_work,
)
from engine.core.verbs_offer import offered
from engine.errors import AlreadyClaimed, CommandInvalid, NotOffered, NotWaiting, TooOften
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import Actor
    from engine.commands.frame import Work
    from engine.store.rows import TaskRow

#: Between two pushes of one task (assumed, no rule known).
PUSH_AGAIN = timedelta(hours=24)
#: An applicant may push once the task is overdue; one without deadline after so long.
PATIENCE = timedelta(days=7)
#: Longest text that goes with a verb.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class TransferTask(Command):
    """The task is another's for good; who may distribute work (`reassign`) can move what somebody else holds."""

    task: str
    account: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DelegateTask(Command):
    """The holder asks `account` and waits; who is asked answers, and does not decide."""

    task: str
    account: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class ReturnDelegated(Command):
    """Who was asked answers, or the holder calls the task back."""

    task: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class UrgeTask(Command):
    """Push an open task: a line in the timeline, and a notice where the package has a text for it."""

    task: str
    note: str = ""


class _Handed(NamedTuple):
    found: FoundTask
    to: Actor


def require_verb(moving: Moving, task: TaskRow, verb: str) -> None:
    """Raise if the model does not offer the verb on this element."""
    if verb not in offered(moving.definition.nodes[task.element]):
        raise NotOffered(verb=verb, reason="model", task=task.id)


def require_short(*texts: str) -> None:
    """Raise if a text is too long to be kept in a journal."""
    if any(len(text) > LONGEST for text in texts):
        raise CommandInvalid(reason="text-too-long", limit=LONGEST)


def receiver(work: Work, account: str) -> Actor:
    """The account that something is handed to, as it may act today."""
    return actor_of(work.tx.session, account, work.now.date())


def _find_transfer(work: Work, command: TransferTask) -> tuple[Right, _Handed]:
    found, to = read_task(work, command.task), receiver(work, command.account)
    task = found.task
    needed = Right("work", task.object, task.area, found.case.owner, None, task.department)
    also = ((to, needed),)
    if task.claimed_by == work.actor.id or task.claimed_by in work.actor.absent:
        own = right_to_work(found)
        right = Right("work", task.object, task.area, own.owner, own.account, own.department, also)
    else:
        right = Right("reassign", task.process, task.area, found.case.owner, also=also)
    return right, _Handed(found, to)


def _transfer(work: Work, command: TransferTask, handed: _Handed) -> dict[str, Any]:
    task, to = handed.found.task, handed.to
    require_open(task)
    require_answered(task)
    require_short(command.reason)
    moving = Moving(work, handed.found.case)
    require_verb(moving, task, "transfer")
    require_separation(work, moving, task, to.id)
    values: dict[str, Any] = {"claimed_by": to.id, "claimed_name": to.name}
    if task.account is not None:
        values["account"] = to.id
    change(moving, task, "transferred", **values)
    moving.record.close(
        "transferred",
        task=task.id,
        element=task.element,
        before=task.claimed_by,
        account=to.id,
        name=to.name,
        reason=command.reason,
    )
    return told(task)


def _find_delegate(work: Work, command: DelegateTask) -> tuple[Right, _Handed]:
    found, to = read_task(work, command.task), receiver(work, command.account)
    own, case = right_to_work(found), found.case
    also = ((to, Right("see", case.process, case.area, case.owner)),)
    right = Right(own.action, own.object, own.area, own.owner, own.account, own.department, also)
    return right, _Handed(found, to)


def _delegate(work: Work, command: DelegateTask, handed: _Handed) -> dict[str, Any]:
    task, to = handed.found.task, handed.to
    require_holder(work, task)
    require_answered(task)
    require_short(command.question)
    if to.id == work.actor.id:
        raise CommandInvalid(reason="delegate-self")
    moving = Moving(work, handed.found.case)
    require_verb(moving, task, "delegate")
    require_separation(work, moving, task, to.id)
    change(moving, task, "delegated", delegated_to=to.id, delegated_name=to.name)
    moving.record.close(
        "delegated",
        task=task.id,
        element=task.element,
        account=to.id,
        name=to.name,
        question=command.question,
    )
    return told(task)


def _find_delegated(work: Work, command: ReturnDelegated) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    return Right("see", found.case.process, found.case.area, found.case.owner), found


def _return_delegated(work: Work, command: ReturnDelegated, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_open(task)
    if task.delegated_to is None:
        raise NotWaiting(case=task.case_id, task=task.id)
    called_back = task.claimed_by == work.actor.id
    if not called_back and task.delegated_to not in (work.actor.id, *work.actor.absent):
        raise AlreadyClaimed(task=task.id, by=task.delegated_name, at=task.changed_at.isoformat())
    require_short(command.answer)
    moving = Moving(work, found.case)
    kind = "called-back" if called_back else "answered-back"
    change(moving, task, kind, delegated_to=None, delegated_name=None)
    moving.record.close(
        kind, task=task.id, element=task.element, asked=task.delegated_to, answer=command.answer
    )
    return told(task)


def _find_urged(work: Work, command: UrgeTask) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    return Right("see", found.case.process, found.case.area, found.case.owner), found


def _urge(work: Work, command: UrgeTask, found: FoundTask) -> dict[str, Any]:
    task, case = found.task, found.case
    require_open(task)
    require_short(command.note)
    moving = Moving(work, case)
    require_verb(moving, task, "urge")
    until = may_urge_at(task, own=work.actor.owns(case.owner))
    if until > work.now:
        raise TooOften(task=task.id, until=until.isoformat())
    # No new revision: whoever fills in the form meanwhile loses nothing.
    work.tx.update("task", (task.id,), {"urged_at": work.now, "urged": task.urged + 1}, {"urged": task.urged})
    _notify(moving, task)
    moving.record.close("urged", task=task.id, element=task.element, note=command.note, times=task.urged + 1)
    return told(task)


def may_urge_at(task: TaskRow, *, own: bool) -> datetime:
    """From when on the task may be pushed; by the applicant (`own`) not before it is due."""
    first = task.opened_at
    if own:
        first = task.due if task.due != NEVER else task.opened_at + PATIENCE
    return max(first, task.urged_at + PUSH_AGAIN) if task.urged_at is not None else first


def _notify(moving: Moving, task: TaskRow) -> None:
    """Tell the holder, where the package has a text for it; the timeline tells everybody."""
    name = "urged"
    places = (f"templates/{moving.package.name}/notice-{name}.txt", f"templates/_shared/notice-{name}.txt")
    if task.claimed_by is None or not any(place in moving.package.files for place in places):
        return
    given = {"account": task.claimed_by, "name": task.claimed_name, "task": task.title}
    moving.record.send(0, task.element, "notice", name, {"input": given})


def told(task: TaskRow) -> dict[str, Any]:
    """What every such command answers."""
    return {"case": task.case_id, "task": task.id}


VERBS = {
    TransferTask: Verb(_find_transfer, _transfer),
    DelegateTask: Verb(_find_delegate, _delegate),
    ReturnDelegated: Verb(_find_delegated, _return_delegated),
    UrgeTask: Verb(_find_urged, _urge),
}
