"""Letters to people that belong to no case: posted into the outbox, settled when a line has taken them or gave up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.effects import Broken, Sent
from engine.errors import NotFound
from engine.store.exact import pack, plain
from engine.store.rows import OutboxRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work

#: What stands in the outbox's column of case numbers for a letter without case.
NO_CASE = ""


@dataclass(frozen=True, slots=True)
class SettleLetter(Command):
    """A letter was sent, or given up. Whom it was for and what it said is forgotten."""

    message: str
    answer: Sent | Broken


def post(work: Work, name: str, kind: str, given: Mapping[str, Any]) -> str:
    """Put a letter into the outbox; its name is the key under which a line takes it only once."""
    row = {
        "id": name,
        "case_id": NO_CASE,
        "token": 0,
        "element": "",
        "kind": kind,
        "name": None,
        "body": pack({"input": given}),
        "package": "",
        "state": "open",
        "tries": 0,
    }
    work.tx.insert("outbox", {**row, "asked_at": work.now, "due": work.now})
    return name


def _find(work: Work, command: SettleLetter) -> tuple[Right, OutboxRow]:
    row = work.tx.one(OutboxRow, "outbox", "id = ? AND case_id = ''", command.message, lock=True)
    if row is None:
        raise NotFound(kind="message", id=command.message)
    return ENGINE_ONLY, row


def _settle(work: Work, command: SettleLetter, row: OutboxRow) -> dict[str, Any]:
    if row.state != "open":
        return {"message": row.id, "settled": False}
    match command.answer:
        case Sent(channel=channel, receipt=receipt):
            done = {"state": "done", "answer": plain({"channel": channel, "receipt": receipt})}
        case Broken(code=code):
            done = {"state": "failed", "error": code}
    changes = {**done, "done_at": work.now, "body": pack({"input": {}})}
    work.tx.update("outbox", (row.id,), changes, {"state": "open"})
    return {"message": row.id, "settled": True}


VERBS = {SettleLetter: Verb(_find, _settle)}
