"""Back and across: send back (退回), take back (撤回), jump (跳转). What happens to the tokens stands in docs/verbs.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.commands.passing import LONGEST, require_short, require_verb
from engine.commands.tasks import (
    RETURNED,
    FoundTask,
    claim_opened,
    read_task,
    require_answered,
    require_holder,
    require_separation,
    right_to_work,
)
from engine.core import verbs
from engine.core.step import Change
from engine.core.verbs_explain import explain
from engine.core.verbs_offer import returns_to
from engine.errors import CommandInvalid, NotOffered
from engine.store.exact import unpack
from engine.store.followed import followed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.commands.frame import Work
    from engine.store.rows import CaseRow, TaskRow

#: Lines of a list of what is to be corrected.
_MOST_ITEMS = 50
_ITEM_KEYS = frozenset({"field", "material", "reason"})


@dataclass(frozen=True, slots=True)
class SendBack(Command):
    """The holder sends the work back to `target`, a step done before, with a reason or a list of what to correct.

    Each item has a `reason`, and the `field` (path in the form) or `material` (id) it is about. `straight`: when it is
    corrected it comes straight back, without the steps in between.
    """

    task: str
    target: str
    reason: str = ""
    items: Sequence[Mapping[str, str]] = ()
    straight: bool = False


@dataclass(frozen=True, slots=True)
class TakeBack(Command):
    """Whoever completed the task takes that back, as long as nobody has acted on what followed and nothing went out."""

    task: str


@dataclass(frozen=True, slots=True)
class JumpCase(Command):
    """An administrator gives up the work at `token` (and at `also`) and puts it on `target`."""

    case: str
    token: int
    target: str
    reason: str
    also: Sequence[int] = ()


def _find_task(work: Work, command: SendBack | TakeBack) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    return right_to_work(found), found


def _send_back(work: Work, command: SendBack, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_holder(work, task)
    require_answered(task)
    items = _items(command)
    moving = Moving(work, found.case)
    moving.require_open()
    require_verb(moving, task, "send_back")
    require_separation(work, moving, task)
    allowed = returns_to(moving.definition.nodes[task.element])
    if allowed is not None and command.target not in allowed:
        raise NotOffered(verb="send_back", reason="model", task=task.id, target=command.target)
    if command.target not in done_before(work, task.case_id):
        raise NotOffered(verb="send_back", reason="never-done", task=task.id, target=command.target)
    said = {
        "to": command.target,
        "from": task.element,
        "straight": command.straight,
        "by": work.actor.id,
        "by_name": work.actor.name,
        "at": work.now,
        "reason": command.reason,
        "items": items,
    }
    moving.move(Change({RETURNED: said}))
    moving.move(verbs.SendBack(task.token, command.target, command.straight))
    moving.record.change_task(task.id, "sent-back", revision=task.revision + 1)
    return moving.close(
        "sent-back",
        task=task.id,
        element=task.element,
        target=command.target,
        straight=command.straight,
        reason=command.reason,
        items=items,
    )


def _items(command: SendBack) -> list[dict[str, str]]:
    """The list as plain data; a return without any reason is none."""
    require_short(command.reason)
    items = [dict(item) for item in command.items]
    if len(items) > _MOST_ITEMS:
        raise CommandInvalid(reason="too-many-items", limit=_MOST_ITEMS)
    for item in items:
        texts = all(isinstance(value, str) and len(value) <= LONGEST for value in item.values())
        if not texts or set(item) - _ITEM_KEYS or not item.get("reason", "").strip():
            raise CommandInvalid(reason="item")
    if not items and not command.reason.strip():
        raise CommandInvalid(reason="no-reason")
    return items


def done_before(work: Work, case: str) -> set[str]:
    """The elements that people have done in a case."""
    rows = work.tx.rows("SELECT DISTINCT element FROM task WHERE case_id = ? AND state = 'done'", case)
    return {element for (element,) in rows}


def _take_back(work: Work, _: TakeBack, found: FoundTask) -> dict[str, Any]:
    task = found.task
    moving = Moving(work, found.case)
    moving.require_open()
    require_verb(moving, task, "take_back")
    mine = task.changed_by == work.actor.id and task.state == "done" and task.change == "completed"
    if not mine:
        raise NotOffered(verb="take_back", reason="not-mine", task=task.id)
    require_separation(work, moving, task)
    opened, reason = followed(work.tx.session, task.case_id, task.id, work.actor.id)
    if reason is not None:
        raise NotOffered(verb="take_back", reason=reason, task=task.id)
    moving.move(verbs.TakeBack(task.scope, task.element, _number(work, moving, task)))
    gone = {
        key
        for (key,), change in work.tx.writes.get("task", {}).items()
        if change.values.get("change") == "dropped"
    }
    if gone - opened or work.tx.writes.get("outbox"):
        raise NotOffered(verb="take_back", reason="acted-on", task=task.id)
    moving.record.change_task(task.id, "taken-back", state="dropped", revision=task.revision + 1)
    claim_opened(moving, task.element, work.actor.id, work.actor.name)
    return moving.close("taken-back", task=task.id, element=task.element)


def _number(work: Work, moving: Moving, task: TaskRow) -> int:
    """The number of a signer whose body is still there; 0 for the task of a plain scope."""
    assert moving.state is not None
    body = moving.state.tokens.get(task.scope)
    if body is None or body.extras is None or body.extras.counts is None:
        return 0
    if work.tx.rows(
        "SELECT 1 FROM journal WHERE chain = ? AND kind = 'signer-dropped' LIMIT 1", task.case_id
    ):
        # The others have moved up: the number on the row may be another's.
        raise NotOffered(verb="take_back", reason="acted-on", task=task.id)
    local = unpack(task.local) if task.local else {}
    return int(local.get("loopCounter", 1))


def _find_case(work: Work, command: JumpCase) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("repair", case.process, case.area, case.owner), case


def _jump(work: Work, command: JumpCase, case: CaseRow) -> dict[str, Any]:
    require_short(command.reason)
    if not command.reason.strip():
        raise CommandInvalid(reason="no-reason")
    moving = Moving(work, case)
    moving.require_open()
    moving.move(verbs.Jump(command.token, command.target, tuple(command.also)))
    assert moving.state is not None
    stuck = [wait.element for wait in explain(moving.definition, moving.state) if wait.stuck]
    told = moving.close(
        "jumped", token=command.token, target=command.target, reason=command.reason, stuck=stuck
    )
    return {**told, "stuck": stuck}


VERBS = {
    SendBack: Verb(_find_task, _send_back),
    TakeBack: Verb(_find_task, _take_back),
    JumpCase: Verb(_find_case, _jump),
}
