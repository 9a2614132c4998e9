"""Copies for reading (抄送): an account may see one case because somebody let it; nothing waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.accounts import OBJECT
from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.commands.passing import receiver, require_short, require_verb, told
from engine.commands.tasks import EXCLUDED, FoundTask, read_task, right_to_work
from engine.errors import CommandInvalid, NotFound, NotOffered
from engine.secrecy import KNOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

#: Accounts of one copy.
_MOST_READERS = 50


@dataclass(frozen=True, slots=True)
class CopyTo(Command):
    """Let these accounts read the case of a task; nothing waits for them."""

    task: str
    accounts: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadCopy(Command):
    """Who was given a copy has read it."""

    case: str


class _CopyRow(NamedTuple):
    case_id: str
    account: str
    read_at: datetime | None


def _find_copied(work: Work, command: CopyTo) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    case, own = found.case, right_to_work(found)
    know = Right(KNOW, case.process, case.area, case.owner)
    readers = list(dict.fromkeys(command.accounts))[: _MOST_READERS + 1]
    also = tuple((receiver(work, account), know) for account in readers)
    return Right(own.action, own.object, own.area, own.owner, own.account, own.department, also), found


def _copy(work: Work, command: CopyTo, found: FoundTask) -> dict[str, Any]:
    task = found.task
    require_short(command.note)
    moving = Moving(work, found.case)
    require_verb(moving, task, "copy")
    accounts = list(dict.fromkeys(command.accounts))
    if not accounts or len(accounts) > _MOST_READERS:
        raise CommandInvalid(reason="copy-accounts", limit=_MOST_READERS)
    excluded = set(moving.variables.get(EXCLUDED) or ())
    given: list[str] = []
    for account in accounts:
        to = receiver(work, account)
        if account in excluded:
            raise NotOffered(verb="copy", reason="conflict-of-interest", account=account)
        known = work.tx.one(_CopyRow, "copy", "case_id = ? AND account = ?", task.case_id, account)
        if known is not None:
            continue
        given.append(to.name)
        row = {"given_by": work.actor.id, "given_name": work.actor.name, "note": command.note}
        key = {"case_id": task.case_id, "account": account}
        work.tx.insert("copy", {**key, **row, "given_at": work.now})
    moving.record.close("copied", task=task.id, accounts=accounts, names=given, note=command.note)
    return {**told(task), "given": len(given)}


def _find_read(work: Work, command: ReadCopy) -> tuple[Right, CaseRow]:
    return Right("read-copy", OBJECT, None), read_case(work, command.case)


def _read(work: Work, command: ReadCopy, case: CaseRow) -> dict[str, Any]:
    row = work.tx.one(_CopyRow, "copy", "case_id = ? AND account = ?", command.case, work.actor.id)
    if row is None:
        # Told like a case that does not exist: a copy never given says nothing about the case.
        raise NotFound(kind="case", id=command.case)
    if row.read_at is None:
        work.tx.update("copy", (command.case, work.actor.id), {"read_at": work.now})
        Moving(work, case).record.close("copy-read")
    return {"case": command.case}


VERBS = {CopyTo: Verb(_find_copied, _copy), ReadCopy: Verb(_find_read, _read)}
