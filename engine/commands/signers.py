"""More and fewer signers (加签, 减签)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving
from engine.commands.passing import receiver, require_short, require_verb, told
from engine.commands.tasks import (
    FoundTask,
    read_task,
    require_answered,
    require_holder,
    require_open,
    require_separation,
    right_to_work,
)
from engine.core import verbs
from engine.errors import CommandInvalid, Conflict, NotOffered

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.commands.frame import Work


@dataclass(frozen=True, slots=True)
class AddSigner(Command):
    """The holder lets `account` sign too: `place` is parallel (beside), before or after the holder.

    `item` is the entry of the model's collection, where it is not simply the account.
    """

    task: str
    account: str
    place: str = "parallel"
    reason: str = ""
    item: Any = None


@dataclass(frozen=True, slots=True)
class DropSigner(Command):
    """A signer who has not acted is no longer asked: `task` is that signer's task.

    Whoever holds another task of the same signing may do so, and who may distribute work (`reassign`).
    """

    task: str
    reason: str = ""


class _Asked(NamedTuple):
    found: FoundTask
    to: Actor


def _find_asked(work: Work, command: AddSigner) -> tuple[Right, _Asked]:
    found, to = read_task(work, command.task), receiver(work, command.account)
    own, task = right_to_work(found), found.task
    needed = Right("work", task.object, task.area, found.case.owner, None, task.department)
    right = Right(own.action, own.object, own.area, own.owner, own.account, own.department, ((to, needed),))
    return right, _Asked(found, to)


def _add(work: Work, command: AddSigner, asked: _Asked) -> dict[str, Any]:
    task, to = asked.found.task, asked.to
    require_holder(work, task)
    require_answered(task)
    require_short(command.reason)
    moving = Moving(work, asked.found.case)
    require_verb(moving, task, "add_signer")
    require_separation(work, moving, task, to.id)
    if to.id == work.actor.id:
        raise CommandInvalid(reason="signer-self")
    signing = "SELECT 1 FROM task WHERE case_id = ? AND element = ? AND state = 'open' AND (account = ? OR claimed_by = ?)"
    if work.tx.rows(signing, task.case_id, task.element, to.id, to.id):
        raise Conflict("already-asked", task=task.id, account=to.id)
    item = to.id if command.item is None else command.item
    moving.move(verbs.AddSigner(task.token, to.id, item, command.place, work.actor.id))
    assert moving.state is not None
    held = moving.state.tokens.get(task.token)
    if held is not None and held.parent != task.scope:
        work.tx.update("task", (task.id,), {"scope": held.parent})
    elif held is None:
        moving.record.change_task(task.id, "signer-before", revision=task.revision + 1)
    return moving.close(
        "signer-added",
        task=task.id,
        element=task.element,
        account=to.id,
        name=to.name,
        place=command.place,
        reason=command.reason,
    )


def _find_dropped(work: Work, command: DropSigner) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    task = found.task
    mine = work.tx.rows(
        "SELECT 1 FROM task WHERE case_id = ? AND scope = ? AND state = 'open' AND claimed_by = ? AND id <> ?",
        task.case_id,
        task.scope,
        work.actor.id,
        task.id,
    )
    if not mine:
        return Right("reassign", task.process, task.area, found.case.owner), found
    return Right("work", task.object, task.area, found.case.owner), found


def _drop(work: Work, command: DropSigner, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_open(task)
    require_short(command.reason)
    moving = Moving(work, found.case)
    require_verb(moving, task, "add_signer")
    if task.claimed_by is not None:
        raise NotOffered(verb="drop_signer", reason="acted-on", task=task.id)
    moving.move(verbs.DropSigner(task.token))
    moving.record.change_task(task.id, "signer-dropped", revision=task.revision + 1)
    return {
        **told(task),
        **moving.close(
            "signer-dropped",
            task=task.id,
            element=task.element,
            account=task.account,
            reason=command.reason,
        ),
    }


VERBS = {AddSigner: Verb(_find_asked, _add), DropSigner: Verb(_find_dropped, _drop)}
