"""What a migration would do, and how one stands: every open case on another version, and what keeps it there.

Asked by who may see the process in work and know of all its cases: every figure tells that there are some.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine.core.faults import CoreError
from engine.core.mapping import misfits, missing
from engine.core.migrate import Obstacle, migrate, obstacles
from engine.core.state import restore
from engine.errors import NotFound
from engine.queries.cases import all_rows
from engine.queries.processes import require_cases
from engine.store.rows_migrations import MigrationRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from engine.access import Access, Actor
    from engine.core.mapping import Misfit, Missing
    from engine.feel import World
    from engine.package import Packages
    from engine.store.session import Store

#: Cases read at once (the LIMIT below): a marking is small, a thousand of them are not.
_PAGE = 200
_STATES = ("waiting", "moved", "blocked", "ended")
_SAME: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Planned:
    """One open case: the version it stands on, and what keeps it there (nothing: it can go on with the new one)."""

    case: str
    area: str
    package: str
    #: As it was looked at; a case that moves on meanwhile is tried again when its turn comes.
    revision: int
    obstacles: tuple[Obstacle, ...]
    applicant: str | None = None


class Line(NamedTuple):
    """What became of one case in a migration; the state is waiting, moved, blocked or ended."""

    case_id: str
    area: str
    was: str
    state: str
    reason: str | None
    element: str | None
    detail: str | None
    tried_at: datetime | None
    applicant: str | None

    @property
    def values(self) -> dict[str, Any]:
        """Particulars of the reason."""
        found: dict[str, Any] = orjson.loads(self.detail) if self.detail else {}
        return found


@dataclass(frozen=True, slots=True)
class Standing:
    """A migration with its progress."""

    row: MigrationRow
    states: dict[str, int]
    #: Cases kept back, by (version, reason, element), the most frequent first; with the particulars of one of them.
    reasons: tuple[tuple[str, str, str, int, dict[str, Any]], ...]
    #: Cases decided in the last span that was asked about.
    lately: int

    @property
    def total(self) -> int:
        """Cases that have their line."""
        return sum(self.states.values())

    @property
    def names(self) -> dict[str, str]:
        """Elements of older versions that are called otherwise in the target."""
        found: dict[str, str] = orjson.loads(self.row.names)
        return found


def plan_migration(
    store: Store,
    access: Access,
    actor: Actor,
    versions: Packages,
    process: str,
    to: str,
    names: Mapping[str, str] = _SAME,
    world: World | None = None,
) -> Iterator[Planned]:
    """Try every open case of the process on the version `to`, by case number; nothing is written.

    With `world` each that could go is brought over for trial, at its moment, so that nothing is found out only later.
    """
    require_cases(access, actor, process)
    return _planned(store, versions, process, to, names, world)


def _planned(
    store: Store, versions: Packages, process: str, to: str, names: Mapping[str, str], world: World | None
) -> Iterator[Planned]:
    new = versions.at(to).definition
    after = ""
    while True:
        with store.reading() as reader:
            rows = reader.rows(
                "SELECT id, area, package, revision, marking, variables, applicant FROM cases WHERE process = ?"
                " AND state = 'open' AND package <> ? AND id > ? ORDER BY id LIMIT 200",
                (process, to, after),
            )
        for number, area, package, revision, marking, variables, applicant in rows:
            old, state = versions.at(package).definition, restore(marking, variables)
            found = obstacles(old, new, state, names)
            if not found and world is not None and world.now is not None:
                try:
                    migrate(old, new, state, world.now, world, names)
                except CoreError as error:
                    found = (_refused(error),)
            yield Planned(number, area, package, revision, found, applicant)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def missing_in(versions: Packages, olds: Iterable[str], to: str) -> list[Missing]:
    """Elements of the older versions at which a case can stand and which the version `to` lacks."""
    return list(missing([versions.at(digest).definition for digest in olds], versions.at(to).definition))


def misfits_in(versions: Packages, olds: Iterable[str], to: str, names: Mapping[str, str]) -> list[Misfit]:
    """What is wrong with letting elements of older versions stand for others in `to`."""
    return list(
        misfits([versions.at(digest).definition for digest in olds], versions.at(to).definition, names)
    )


def _refused(error: CoreError) -> Obstacle:
    values = {name: value for name, value in error.values.items() if name not in ("reason", "element")}
    return Obstacle(str(error.values.get("reason", error.code)), str(error.values.get("element", "")), values)


def migrations(store: Store, access: Access, actor: Actor, process: str) -> list[MigrationRow]:
    """The migrations of a process, newest first."""
    require_cases(access, actor, process)
    with store.reading() as reader:
        return all_rows(
            reader, MigrationRow, "migration", "process = ? ORDER BY asked_at DESC, id DESC", process
        )


def migration_standing(
    store: Store, access: Access, actor: Actor, process: str, key: str, since: datetime
) -> Standing:
    """How a migration stands, and how many cases were decided `since`; NotFound if the process has none of that name."""
    require_cases(access, actor, process)
    with store.reading() as reader:
        found = all_rows(reader, MigrationRow, "migration", "id = ? AND process = ?", key, process)
        if not found:
            raise NotFound(kind="migration", id=key)
        sql = "SELECT state, count(*) FROM migration_case WHERE migration = ? GROUP BY state"
        states = Counter({state: int(count) for state, count in reader.rows(sql, (key,))})
        sql = (
            "SELECT was, reason, element, count(*), min(detail) FROM migration_case"
            " WHERE migration = ? AND state = 'blocked' GROUP BY was, reason, element ORDER BY 4 DESC, 2, 3"
        )
        reasons = tuple(
            (was, reason or "", element or "", int(count), orjson.loads(detail) if detail else {})
            for was, reason, element, count, detail in reader.rows(sql, (key,))
        )
        sql = "SELECT count(*) FROM migration_case WHERE migration = ? AND tried_at > ?"
        lately = int(reader.rows(sql, (key, since))[0][0])
    return Standing(found[0], {name: states[name] for name in _STATES}, reasons, lately)


def migration_lines(
    store: Store,
    access: Access,
    actor: Actor,
    process: str,
    key: str,
    state: str | None = None,
    after: str = "",
    limit: int = 200,
) -> list[Line]:
    """Lines of a migration of the process by case number, those of one state only if it is named."""
    require_cases(access, actor, process)
    where = "m.migration = ? AND c.process = ? AND m.case_id > ?" + (" AND m.state = ?" if state else "")
    values = (key, process, after, state, limit) if state else (key, process, after, limit)
    sql = (
        "SELECT m.case_id, m.area, m.was, m.state, m.reason, m.element, m.detail, m.tried_at, c.applicant"  # noqa: S608
        f" FROM migration_case m JOIN cases c ON c.id = m.case_id WHERE {where} ORDER BY m.case_id LIMIT ?"
    )
    with store.reading() as reader:
        return [Line._make(row) for row in reader.rows(sql, values)]


def per_second(standing: Standing, span: timedelta, now: datetime) -> float:
    """Cases decided a second over the span, or since the start if that was later."""
    began = standing.row.started_at
    seconds = min(span.total_seconds(), (now - began).total_seconds()) if began is not None else 0.0
    return standing.lately / max(seconds, 1.0)
