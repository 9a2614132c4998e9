"""What the engine itself does for a migration: it lists the open cases, and decides about one after another.

Each case is decided in one command: it goes over, or its line says what keeps it; both in the commit that holds the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from engine.commands.case_migration import bring
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.migrations import read_migration
from engine.commands.moving import Moving
from engine.core.migrate import obstacles
from engine.errors import CannotMigrate, NotFound
from engine.store.exact import plain
from engine.store.rows import CaseRow
from engine.store.rows_migrations import MigrationRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work

#: Lines written by one command while the open cases are being listed.
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class ListMigration(Command):
    """Write lines for the next open cases after the last one that has its line."""

    migration: str


@dataclass(frozen=True, slots=True)
class CarryMigration(Command):
    """Decide about one case now: it goes over, stays with a reason, or has ended. `fault`: it broke another way."""

    migration: str
    case: str
    fault: str | None = None


class _Line(NamedTuple):
    """A line with its migration and its case."""

    row: MigrationRow
    state: str
    tries: int
    case: CaseRow


def _find_for_engine(work: Work, command: ListMigration) -> tuple[Right, MigrationRow]:
    return ENGINE_ONLY, read_migration(work, command.migration)


def _list(work: Work, _command: ListMigration, row: MigrationRow) -> dict[str, Any]:
    if row.state != "running" or row.listed:
        return {"migration": row.id, "listed": 0}
    sql = (
        "SELECT id, area, package, revision FROM cases WHERE process = ? AND state = 'open' AND package <> ?"
        " AND id > ? ORDER BY id LIMIT ?"
    )
    found = work.tx.rows(sql, row.process, row.target, row.listed_to, _PAGE)
    for case, area, package, revision in found:
        line = {"migration": row.id, "case_id": case, "area": area, "was": package, "state": "waiting"}
        line |= {"revision": revision, "tries": 0, "due": work.now}
        work.tx.insert("migration_case", line)
    values: dict[str, Any] = {"revision": row.revision + 1, "listed": int(len(found) < _PAGE)}
    if found:
        values["listed_to"] = found[-1][0]
    work.tx.update("migration", (row.id,), values, {"revision": row.revision})
    return {"migration": row.id, "listed": len(found)}


def _find_line(work: Work, command: CarryMigration) -> tuple[Right, _Line]:
    row = work.tx.one(MigrationRow, "migration", "id = ?", command.migration)
    case = work.tx.one(CaseRow, "cases", "id = ?", command.case, lock=True)
    sql = "SELECT state, tries FROM migration_case WHERE migration = ? AND case_id = ?"
    line = work.tx.rows(sql, command.migration, command.case)
    if row is None or case is None or not line:
        raise NotFound(kind="migration", id=command.migration)
    return ENGINE_ONLY, _Line(row, line[0][0], int(line[0][1]), case)


def _carry(work: Work, command: CarryMigration, line: _Line) -> dict[str, Any]:
    row, case = line.row, line.case
    told = {"migration": row.id, "case": case.id}
    if row.state != "running" or line.state not in ("waiting", "blocked"):
        return {**told, "state": line.state}
    target = work.office.packages.at(row.target, work.tx.session)
    names: dict[str, str] = orjson.loads(row.names)
    if command.fault is not None:
        # Before the case is looked at: that may be what broke.
        return _settle(work, line, "blocked", command.fault, "", {})
    moving = Moving(work, case)
    if case.state != "open" or moving.state is None:
        return _settle(work, line, "ended")
    if case.package == row.target:
        return _settle(work, line, "moved")
    held = obstacles(moving.definition, target.definition, moving.state, names)
    if held:
        first = held[0]
        return _settle(work, line, "blocked", first.code, first.element, dict(first.values))
    try:
        moved = bring(moving, target, names, migration=row.id)
    except CannotMigrate as refusal:
        values = {
            name: value for name, value in refusal.values.items() if name not in ("case", "reason", "element")
        }
        return _settle(work, line, "blocked", refusal.values["reason"], refusal.values["element"], values)
    _settle(work, line, "moved", revision=case.revision + 1)
    return {**told, **moved, "state": "moved"}


def _settle(
    work: Work,
    line: _Line,
    state: str,
    reason: str | None = None,
    element: str | None = None,
    detail: Mapping[str, Any] | None = None,
    *,
    revision: int | None = None,
) -> dict[str, Any]:
    """Write down what became of the case; the line must still be as it was read."""
    values = {
        "state": state,
        "reason": reason,
        "element": element,
        "detail": plain(detail) if detail else None,
        "revision": revision if revision is not None else line.case.revision,
        "tries": line.tries + 1,
        "tried_at": work.now,
    }
    key = (line.row.id, line.case.id)
    work.tx.update("migration_case", key, values, {"state": line.state, "tries": line.tries})
    return {"migration": line.row.id, "case": line.case.id, "state": state}


VERBS = {
    ListMigration: Verb(_find_for_engine, _list),
    CarryMigration: Verb(_find_line, _carry),
}
