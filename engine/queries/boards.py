"""What lies where: open work by person and by step, for those who distribute it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from engine.queries.cases import all_rows
from engine.queries.ranges import below
from engine.queries.worklist import TaskItem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.access import Access, Actor, Reach
    from engine.store.session import Store

#: Lines of one person or step shown at once.
_MOST_LINES = 100


@dataclass(slots=True)
class Load:
    """Open tasks of one person (or step): how many, how many late, how many due within the day and the week."""

    key: str
    name: str
    open: int = 0
    late: int = 0
    day: int = 0
    week: int = 0
    oldest: datetime | None = None


@dataclass(slots=True)
class Board:
    """Workload by holder ("" is nobody yet) and by (process, element)."""

    people: dict[str, Load] = field(default_factory=dict)
    steps: dict[tuple[str, str], Load] = field(default_factory=dict)


class Colleague(NamedTuple):
    """Somebody whom a task can be given to."""

    id: str
    name: str


class _Sum(NamedTuple):
    process: str
    element: str
    title: str
    claimed_by: str | None
    claimed_name: str | None
    open: int
    late: int | None
    day: int | None
    week: int | None
    oldest: datetime | None


def board(store: Store, access: Access, actor: Actor, now: datetime, day: datetime, week: datetime) -> Board:
    """The workload wherever the actor may distribute work; `day` and `week` are the ends of today and of the week."""
    found = Board()
    for row in _sums(store, access.reaches(actor, "reassign"), now, day, week):
        holder = row.claimed_by or ""
        person = found.people.setdefault(holder, Load(holder, row.claimed_name or ""))
        step = found.steps.setdefault((row.process, row.element), Load(row.element, row.title))
        for load in (person, step):
            load.open += row.open
            load.late += row.late or 0
            load.day += row.day or 0
            load.week += row.week or 0
            if row.oldest is not None and (load.oldest is None or row.oldest < load.oldest):
                load.oldest = row.oldest
    return found


def _sums(store: Store, reaches: Iterable[Reach], now: datetime, day: datetime, week: datetime) -> list[_Sum]:
    """One row per step and holder. Reaches of one process may overlap; an area inside another's is left out."""
    columns = (
        "process, element, min(title), claimed_by, min(claimed_name), count(*),"
        " sum(CASE WHEN due <= ? THEN 1 ELSE 0 END),"
        " sum(CASE WHEN due > ? AND due <= ? THEN 1 ELSE 0 END),"
        " sum(CASE WHEN due > ? AND due <= ? THEN 1 ELSE 0 END), min(due)"
    )
    rows: list[_Sum] = []
    with store.reading() as reader:
        for process, areas in _by_process(reaches).items():
            inside = [below(area) for area in areas]
            anywhere = " OR ".join(f"(1 = 1{one.text})" for one in inside)
            values = [now, now, day, day, week, process, *(value for one in inside for value in one.values)]
            sql = (
                f"SELECT {columns} FROM task WHERE state = 'open' AND process = ? AND ({anywhere})"  # noqa: S608
                " GROUP BY process, element, claimed_by"
            )
            rows += [_Sum._make(row) for row in reader.rows(sql, values)]
    return rows


def _by_process(reaches: Iterable[Reach]) -> dict[str, list[str]]:
    areas: dict[str, set[str]] = defaultdict(set)
    for reach in reaches:
        areas[reach.object].add(reach.area)
    return {
        process: sorted(
            one for one in found if not any(one != other and one.startswith(other) for other in found)
        )
        for process, found in areas.items()
    }


def tasks_of(
    store: Store, access: Access, actor: Actor, holder: str, element: str = "", limit: int = _MOST_LINES
) -> list[TaskItem]:
    """Open tasks of one holder ("" is nobody) or of one step, where the actor may distribute work, earliest due first."""
    conditions, values = [], []
    for process, areas in _by_process(access.reaches(actor, "reassign")).items():
        inside = [below(area) for area in areas]
        conditions.append(f"(process = ? AND ({' OR '.join(f'(1 = 1{one.text})' for one in inside)}))")
        values += [process, *(value for one in inside for value in one.values)]
    if not conditions:
        return []
    where = f"state = 'open' AND ({' OR '.join(conditions)})"
    if element:
        where += " AND element = ?"
        values.append(element)
    else:
        where += " AND claimed_by = ?" if holder else " AND claimed_by IS NULL"
        values += [holder] if holder else []
    with store.reading() as reader:
        return all_rows(reader, TaskItem, "task", f"{where} ORDER BY due, id LIMIT ?", *values, limit)


def colleagues(
    store: Store, access: Access, obj: str, area: str, day: str, *, action: str = "work"
) -> list[Colleague]:
    """Active accounts with a grant by which they may do `action` on an object in an area today, by name."""
    roles = access.roles(action, obj)
    if not roles:
        return []
    around = ["", *(area[:length] for length in range(1, len(area) + 1))]
    sql = (
        "SELECT DISTINCT a.id, a.name FROM account a JOIN grant_ g ON g.account = a.id"  # noqa: S608 - only marks
        f" WHERE a.state = 'active' AND g.role IN ({_marks(roles)}) AND g.area IN ({_marks(around)})"
        " AND (g.valid_from IS NULL OR g.valid_from <= ?) AND (g.valid_to IS NULL OR g.valid_to >= ?)"
        " ORDER BY a.name, a.id LIMIT 200"
    )
    with store.reading() as reader:
        return [Colleague._make(row) for row in reader.rows(sql, (*roles, *around, day, day))]


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def colleagues_of(store: Store, actor: Actor) -> list[Colleague]:
    """Other active accounts with any grant in the actor's counties, by name: who could stand in."""
    sql = (
        "SELECT DISTINCT a.id, a.name, g.area FROM account a JOIN grant_ g ON g.account = a.id"
        " WHERE a.state = 'active' AND a.id <> ? ORDER BY a.name, a.id"
    )
    with store.reading() as reader:
        rows = reader.rows(sql, (actor.id,))
    counties = {grant.area[:6] for grant in actor.grants if not grant.whose}
    near = [Colleague(key, name) for key, name, area in rows if not area or area[:6] in counties]
    return list(dict.fromkeys(near))[:200]
