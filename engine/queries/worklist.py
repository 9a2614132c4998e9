"""The worklist: open tasks that an actor may work, by due moment, page by page."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import CommandInvalid
from engine.queries.ranges import Clause, below, literal, open_tasks
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from engine.access import Access, Actor, Reach
    from engine.store.session import Store

#: The longest page.
_MOST_ROWS = 200
_IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]")


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
    #: Whether those that somebody else holds are listed too.
    others: bool = True
    due_before: datetime | None = None
    due_after: datetime | None = None
    #: The identity number of somebody the case is about (whole); or the beginning of a case number, or a part of the case's title (which has the applicant's name).
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
    reaches = _reaches(access, actor, filters)
    if not reaches:
        return Page([], None)
    limit = max(1, min(limit, _MOST_ROWS))
    rows = _rows(store, reaches, _narrowing(actor, filters, _decode(cursor)), limit + 1, filters)
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, place_of(rows[-1].due, rows[-1].id) if more else None)


def neighbours(
    store: Store, access: Access, actor: Actor, filters: Filters, due: datetime, key: str
) -> tuple[str | None, str | None]:
    """The tasks before and after a place in the filtered list, whether a task of the list stands there or not."""
    reaches = _reaches(access, actor, filters)
    if not reaches:
        return None, None
    before = _narrowing(actor, filters, (due, key), backwards=True)
    earlier = _rows(store, reaches, before, 1, filters, backwards=True)
    later = _rows(store, reaches, _narrowing(actor, filters, (due, key)), 1, filters)
    return (earlier[0].id if earlier else None), (later[0].id if later else None)


def place_of(due: datetime, key: str) -> str:
    """The cursor of a place in the list: the page that begins behind it."""
    return base64.urlsafe_b64encode(f"{due.isoformat()} {key}".encode()).decode().rstrip("=")


def _reaches(access: Access, actor: Actor, filters: Filters) -> tuple[Reach, ...]:
    reaches = access.reaches(actor, "work")
    if filters.process is not None:
        reaches = tuple(r for r in reaches if r.object.partition("/")[0] == filters.process)
    return reaches


def _rows(
    store: Store,
    reaches: tuple[Reach, ...],
    narrowing: Clause,
    limit: int,
    filters: Filters,
    *,
    backwards: bool = False,
) -> list[TaskItem]:
    scan = filters.mine is True or (filters.search is not None and bool(_IDENTITY.fullmatch(filters.search)))
    asked = open_tasks(
        store.dialect, TaskItem._fields, reaches, narrowing, limit, scan=scan, backwards=backwards
    )
    with store.reading() as reader:
        return [TaskItem._make(row) for row in reader.rows(asked.text, asked.values)]


def _narrowing(
    actor: Actor, filters: Filters, after: tuple[datetime, str] | None, *, backwards: bool = False
) -> Clause:
    area = below(filters.area or "")
    people = [actor.id, *sorted(actor.absent)]
    where = f" AND (account IS NULL OR account IN ({', '.join('?' * len(people))}))" + area.text
    values: list[object] = [*people, *area.values]
    conditions: list[tuple[str, list[object]]] = []
    if filters.element is not None:
        conditions.append(("element = ?", [filters.element]))
    if filters.mine is True:
        conditions.append(("claimed_by = ?", [actor.id]))
    if filters.mine is False:
        conditions.append(("claimed_by IS NULL", []))
    if filters.mine is None and not filters.others:
        marks = ", ".join("?" * len(people))
        conditions.append((f"(claimed_by IS NULL OR claimed_by IN ({marks}))", list(people)))
    if filters.search:
        if _IDENTITY.fullmatch(filters.search):
            about = "case_id IN (SELECT case_id FROM case_subject WHERE subject = ?)"
            conditions.append((about, [filters.search.upper()]))
        elif filters.search.isascii() and filters.search[:6].isdigit():
            conditions.append(("case_id LIKE ? ESCAPE '!'", [literal(filters.search.upper()) + "%"]))
        else:
            conditions.append(("case_title LIKE ? ESCAPE '!'", [f"%{literal(filters.search)}%"]))
    if filters.due_before is not None:
        conditions.append(("due < ?", [filters.due_before]))
    if filters.due_after is not None:
        conditions.append(("due >= ?", [filters.due_after]))
    if after is not None:
        conditions.append((f"(due, id) {'<' if backwards else '>'} (?, ?)", list(after)))
    return Clause(
        where + "".join(f" AND {condition}" for condition, _ in conditions),
        [*values, *(value for _, own in conditions for value in own)],
    )


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
