"""The worklist: open tasks that an actor may work, by due moment. Rights are predicates of the one statement.

A grant for an area is one equality on that level's column, so each of an actor's reaches is one range of an index that
is already in list order; the page is merged from the first rows of each range.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import CommandInvalid
from engine.store.columns import LEVELS, NEVER

if TYPE_CHECKING:
    from engine.access import Access, Actor, Reach
    from engine.store.session import Store

#: Beyond so many ranges one scan in list order is cheaper than merging them.
_MOST_RANGES = 64
_MOST_ROWS = 200


class TaskItem(NamedTuple):
    """One line of a worklist; `due` is NEVER where there is no deadline."""

    id: str
    case_id: str
    element: str
    process: str
    lane: str
    area: str
    department: str | None
    account: str | None
    title: str
    case_title: str
    revision: int
    opened_at: datetime
    due: datetime
    claimed_by: str | None
    claimed_name: str | None

    @property
    def deadline(self) -> datetime | None:
        """The exclusive end of the last permitted moment, if there is one."""
        return None if self.due == NEVER else self.due


class Page(NamedTuple):
    """Some lines, and where the next page begins (None: there is none)."""

    items: list[TaskItem]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a worklist is narrowed to."""

    process: str | None = None
    element: str | None = None
    area: str | None = None
    #: True: held by the actor; False: held by nobody.
    mine: bool | None = None
    due_before: datetime | None = None
    #: The beginning of a case number, or a part of the case's title (which has the applicant's name).
    search: str | None = None


def worklist(
    store: Store,
    access: Access,
    actor: Actor,
    filters: Filters = Filters(),
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of open tasks that the actor's grants let them work, earliest due first."""
    reaches = access.reaches(actor, "work")
    if filters.process is not None:
        reaches = tuple(r for r in reaches if r.object.partition("/")[0] == filters.process)
    if not reaches:
        return Page([], None)
    limit = max(1, min(limit, _MOST_ROWS))
    narrowing, narrow = _narrowing(actor, filters, _decode(cursor))
    columns = ", ".join(TaskItem._fields)
    values: list[object] = []
    end = "ORDER BY due, id LIMIT ?"
    if len(reaches) <= _MOST_RANGES:
        parts = []
        for reach in reaches:
            where, own = _range(reach)
            parts.append(f"SELECT * FROM (SELECT {columns} FROM task WHERE {where}{narrowing} {end}) AS part")  # noqa: S608
            values += [*own, *narrow, limit + 1]
        sql = f"{' UNION '.join(parts)} {end}"
    else:
        ranges = [_range(reach) for reach in reaches]
        anywhere = " OR ".join(f"({where})" for where, _ in ranges)
        sql = f"SELECT {columns} FROM task WHERE ({anywhere}){narrowing} {end}"  # noqa: S608
        values += [*(value for _, own in ranges for value in own), *narrow]
    with store.reading() as reader:
        rows = [TaskItem._make(row) for row in reader.rows(sql, [*values, limit + 1])]
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, _encode(rows[-1]) if more else None)


def _range(reach: Reach) -> tuple[str, list[object]]:
    """The predicate of one reach: object, area and department."""
    area, values = _below(reach.area)
    where = "state = 'open' AND object = ?" + area
    if reach.department is None:
        return where, [reach.object, *values]
    return where + " AND (department IS NULL OR department = ?)", [reach.object, *values, reach.department]


def _below(area: str) -> tuple[str, list[object]]:
    """The predicate for an area and everything below it: an equality wherever the code is a level's."""
    if not area:
        return "", []
    if len(area) in LEVELS:
        return f" AND a{len(area)} = ?", [area]
    return " AND area LIKE ? ESCAPE '!'", [_literal(area) + "%"]


def _literal(text: str) -> str:
    """The text with LIKE's own signs made harmless."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _narrowing(
    actor: Actor, filters: Filters, after: tuple[datetime, str] | None
) -> tuple[str, list[object]]:
    area, codes = _below(filters.area or "")
    where = " AND (account IS NULL OR account = ?)" + area
    values: list[object] = [actor.id, *codes]
    conditions: list[tuple[str, list[object]]] = []
    if filters.element is not None:
        conditions.append(("element = ?", [filters.element]))
    if filters.mine is True:
        conditions.append(("claimed_by = ?", [actor.id]))
    if filters.mine is False:
        conditions.append(("claimed_by IS NULL", []))
    if filters.search:
        if filters.search.isascii() and filters.search[:6].isdigit():
            conditions.append(("case_id LIKE ? ESCAPE '!'", [_literal(filters.search.upper()) + "%"]))
        else:
            conditions.append(("case_title LIKE ? ESCAPE '!'", [f"%{_literal(filters.search)}%"]))
    if filters.due_before is not None:
        conditions.append(("due < ?", [filters.due_before]))
    if after is not None:
        conditions.append(("(due, id) > (?, ?)", list(after)))
    return (
        where + "".join(f" AND {condition}" for condition, _ in conditions),
        [*values, *(value for _, own in conditions for value in own)],
    )


def _encode(item: TaskItem) -> str:
    return base64.urlsafe_b64encode(f"{item.due.isoformat()} {item.id}".encode()).decode().rstrip("=")


def _decode(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, key = text.partition(" ")
        due = datetime.fromisoformat(moment)
    except (ValueError, binascii.Error):
        raise CommandInvalid(reason="cursor") from None
    if due.tzinfo is None:
        raise CommandInvalid(reason="cursor")
    return due, key
