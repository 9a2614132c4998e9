"""A migration of all open cases of a process: proposed by one person, started by another, carried out in the background.

What becomes of each case is decided by `migration_lines`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from engine.commands.frame import Command, Right, Verb, knowing_all
from engine.core.mapping import misfits
from engine.errors import CommandInvalid, FourEyes, NotFound, Stale
from engine.store.exact import plain
from engine.store.rows_migrations import MigrationRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.commands.frame import Work

_LONGEST_NOTE: Final = 2_000
#: Nothing follows any more.
_LEFT: Final = ("ended", "dropped")


@dataclass(frozen=True, slots=True)
class ProposeMigration(Command):
    """Ask for all open cases of the process to go over to the version of digest `to`; nothing moves yet.

    `names`: elements of older versions that are called otherwise there; CommandInvalid says what cannot be.
    """

    process: str
    to: str
    names: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class StartMigration(Command):
    """Let the proposal of that revision begin; by somebody else than who asked for it."""

    migration: str
    revision: int


@dataclass(frozen=True, slots=True)
class StopMigration(Command):
    """No further case goes over until it is resumed; those that did stay where they are."""

    migration: str


@dataclass(frozen=True, slots=True)
class ResumeMigration(Command):
    """Go on where it was stopped; cases that were kept back are tried again."""

    migration: str


@dataclass(frozen=True, slots=True)
class EndMigration(Command):
    """Have done with it: a proposal is dropped, and what has not gone over finishes on its version."""

    migration: str


def read_migration(work: Work, migration: str) -> MigrationRow:
    """The migration, held if this is a second attempt; NotFound if there is none."""
    row = work.tx.one(MigrationRow, "migration", "id = ?", migration, lock=True)
    if row is None:
        raise NotFound(kind="migration", id=migration)
    return row


def _change(
    work: Work, row: MigrationRow, kind: str, body: Mapping[str, Any] | None = None, **values: Any
) -> None:
    """Change the migration's row and say so in the journal of its process."""
    values |= {"revision": row.revision + 1, "changed_name": work.actor.name, "changed_at": work.now}
    work.tx.update("migration", (row.id,), values, {"revision": row.revision})
    work.note(
        f"process:{row.process}", f"migration-{kind}", migration=row.id, becomes=row.target, **(body or {})
    )


def _right(work: Work, action: str, process: str) -> Right:
    """Every step of a migration tells how many cases there are: also for who may know of all of them."""
    return Right(action, process, None, also=knowing_all(work.actor, process))


def _find_proposal(work: Work, command: ProposeMigration) -> tuple[Right, Sequence[Any]]:
    versions = work.tx.rows("SELECT DISTINCT digest FROM version WHERE process = ?", command.process)
    if (command.to,) not in [tuple(row) for row in versions]:
        raise NotFound(kind="version", id=command.to)
    return _right(work, "plan-migration", command.process), [row[0] for row in versions]


def _propose(work: Work, command: ProposeMigration, versions: Sequence[str]) -> dict[str, Any]:
    if len(command.note) > _LONGEST_NOTE:
        raise CommandInvalid(reason="note")
    if command.names:
        at = work.office.packages.at
        olds = [at(digest, work.tx.session).definition for digest in versions if digest != command.to]
        for misfit in misfits(olds, at(command.to, work.tx.session).definition, command.names):
            raise CommandInvalid(reason=misfit.code, element=misfit.element, **misfit.values)
    name = f"{command.process}-{work.tx.next_number(f'migration:{command.process}')}"
    who = {"asked_by": work.actor.id, "asked_name": work.actor.name, "asked_at": work.now}
    row = {
        "id": name,
        "process": command.process,
        "target": command.to,
        "names": plain(dict(command.names)),
        "state": "proposed",
        "revision": 1,
        "note": command.note,
        **who,
        "changed_name": work.actor.name,
        "changed_at": work.now,
        "listed_to": "",
        "listed": 0,
    }
    work.tx.insert("migration", row)
    told = {"becomes": command.to, "names": dict(command.names), "note": command.note}
    work.note(f"process:{command.process}", "migration-proposed", migration=name, **told)
    return {"migration": name, "revision": 1}


def _find(work: Work, command: Any) -> tuple[Right, MigrationRow]:
    row = read_migration(work, command.migration)
    return _right(work, "migrate", row.process), row


def _find_own(work: Work, command: EndMigration) -> tuple[Right, MigrationRow]:
    """A proposal may also be dropped by whoever may propose."""
    row = read_migration(work, command.migration)
    return _right(work, "plan-migration" if row.state == "proposed" else "migrate", row.process), row


def _start(work: Work, command: StartMigration, row: MigrationRow) -> dict[str, Any]:
    if row.state != "proposed":
        raise CommandInvalid(reason="migration-state", state=row.state)
    if row.revision != command.revision:
        raise Stale(kind="migration", revision=row.revision, by=row.changed_name)
    if row.asked_by == work.actor.id and not work.actor.system:
        raise FourEyes("migration-own-proposal", process=row.process)
    _supersede(work, row)
    begun = {"started_by": work.actor.id, "started_name": work.actor.name, "started_at": work.now}
    _change(work, row, "started", {"asked_by": row.asked_by}, state="running", **begun)
    return {"migration": row.id, "revision": row.revision + 1}


def _supersede(work: Work, row: MigrationRow) -> None:
    """Two migrations of one process would pull its cases to and fro: the new one ends those before it."""
    sql = "process = ? AND state IN ('running', 'stopped') AND id <> ?"
    for other in work.tx.all(MigrationRow, "migration", sql, row.process, row.id):
        _change(work, other, "ended", {**_counted(work, other), "by": row.id}, state="ended")


def _counted(work: Work, row: MigrationRow) -> dict[str, Any]:
    """How its cases stand, for the journal."""
    sql = "SELECT state, count(*) FROM migration_case WHERE migration = ? GROUP BY state"
    return {"cases": {name: int(count) for name, count in work.tx.rows(sql, row.id)}}


def _stop(work: Work, _command: StopMigration, row: MigrationRow) -> dict[str, Any]:
    if row.state == "running":
        _change(work, row, "stopped", state="stopped")
    elif row.state != "stopped":
        raise CommandInvalid(reason="migration-state", state=row.state)
    return {"migration": row.id}


def _resume(work: Work, _command: ResumeMigration, row: MigrationRow) -> dict[str, Any]:
    if row.state == "stopped":
        _change(work, row, "resumed", state="running")
    elif row.state != "running":
        raise CommandInvalid(reason="migration-state", state=row.state)
    sql = "SELECT case_id FROM migration_case WHERE migration = ? AND state = 'blocked'"
    for (case,) in work.tx.rows(sql, row.id):
        work.tx.update(
            "migration_case", (row.id, case), {"state": "waiting", "due": work.now}, {"state": "blocked"}
        )
    return {"migration": row.id}


def _end(work: Work, _command: EndMigration, row: MigrationRow) -> dict[str, Any]:
    if row.state in _LEFT:
        return {"migration": row.id, "state": row.state}
    state = "dropped" if row.state == "proposed" else "ended"
    _change(work, row, state, _counted(work, row), state=state)
    return {"migration": row.id, "state": state}


VERBS = {
    ProposeMigration: Verb(_find_proposal, _propose),
    StartMigration: Verb(_find, _start),
    StopMigration: Verb(_find, _stop),
    ResumeMigration: Verb(_find, _resume),
    EndMigration: Verb(_find_own, _end),
}
