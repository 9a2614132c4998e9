"""A process that takes no new cases any more: its running cases go on, and it can be reinstated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.reviewing import newest, require_note
from engine.errors import NotFound, ProcessRetired
from engine.store.rows import ProcessRow

if TYPE_CHECKING:
    from engine.commands.frame import Work


@dataclass(frozen=True, slots=True)
class Retire(Command):
    """The process takes no new cases any more; running ones go on."""

    process: str
    note: str


@dataclass(frozen=True, slots=True)
class Reinstate(Command):
    """A retired process takes new cases again."""

    process: str
    note: str


def _find_state(work: Work, command: Retire | Reinstate) -> tuple[Right, ProcessRow | None]:
    row = work.tx.one(ProcessRow, "process", "name = ?", command.process, lock=True)
    return Right("publish", command.process, None), row


def _retire(work: Work, command: Retire, row: ProcessRow | None) -> dict[str, Any]:
    return _turn(work, command, row, "retired")


def _reinstate(work: Work, command: Reinstate, row: ProcessRow | None) -> dict[str, Any]:
    return _turn(work, command, row, "active")


def _turn(work: Work, command: Retire | Reinstate, row: ProcessRow | None, state: str) -> dict[str, Any]:
    if newest(work, command.process) is None:
        raise NotFound(kind="process", id=command.process)
    if (row.state if row else "active") == state:
        return {"process": command.process, "state": state}
    note = require_note(command.note)
    values = {
        "state": state,
        "note": note,
        "changed_by": work.actor.id,
        "changed_name": work.actor.name,
        "changed_at": work.now,
    }
    if row is None:
        work.tx.insert("process", {"name": command.process, **values})
    else:
        work.tx.update("process", (command.process,), values, {"state": row.state})
    kind = "retired" if state == "retired" else "reinstated"
    work.note(f"process:{command.process}", kind, note=note)
    return {"process": command.process, "state": state}


def require_active(work: Work, process: str) -> None:
    """ProcessRetired if the process takes no new cases."""
    row = work.tx.one(ProcessRow, "process", "name = ?", process)
    if row is not None and row.state == "retired":
        at = row.changed_at.astimezone(work.office.world.zone).date().isoformat()
        raise ProcessRetired(process=process, by=row.changed_name, at=at, why=row.note)


VERBS: dict[type[Command], Verb[Any, Any]] = {
    Retire: Verb(_find_state, _retire),
    Reinstate: Verb(_find_state, _reinstate),
}
