"""Papers that were handed in, one by one: accepted, or not and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.desks import put_row
from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving
from engine.commands.passing import require_short
from engine.commands.tasks import FoundTask, read_task, require_holder, right_to_work
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from engine.commands.frame import Work

STATES = frozenset({"accepted", "refused"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class JudgeMaterial(Command):
    """The holder of a task says of a paper (by its hash) that it is `accepted` or `refused`; a refusal needs a reason."""

    task: str
    sha256: str
    state: str
    reason: str = ""
    #: What the paper is called, for the journal.
    name: str = ""


def _find(work: Work, command: JudgeMaterial) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    return right_to_work(found), found


def _judge(work: Work, command: JudgeMaterial, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_holder(work, task)
    reason = command.reason.strip()
    require_short(reason, command.name)
    if command.state not in STATES or not _SHA256.fullmatch(command.sha256):
        raise CommandInvalid(reason="judgement")
    if command.state == "refused" and not reason:
        raise CommandInvalid(reason="no-reason")
    values = {"state": command.state, "reason": reason, "task": task.id, "by_account": work.actor.id}
    key = {"case_id": task.case_id, "sha256": command.sha256}
    put_row(work, "judgement", key, {**values, "by_name": work.actor.name, "at": work.now})
    # The task's revision stays: the form beside the paper loses nothing.
    Moving(work, found.case).record.close(
        "material-judged",
        task=task.id,
        element=task.element,
        sha256=command.sha256,
        name=command.name,
        verdict=command.state,
        reason=reason,
    )
    return {"case": task.case_id, "task": task.id, "state": command.state}


VERBS = {JudgeMaterial: Verb(_find, _judge)}
