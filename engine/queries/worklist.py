"""The worklist: open tasks that an actor may work, by due moment, page by page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import CommandInvalid
from engine.queries.ranges import Clause, below, literal, open_tasks
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from engine.access import Access, Actor
    from engine.store.session import Store

#: The longest page.
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
    asked = open_tasks(
        store.dialect,
        TaskItem._fields,
        reaches,
        _narrowing(actor, filters, _decode(cursor)),
        limit + 1,
        scan=filters.mine is True,
    )
    with store.reading() as reader:
        rows = [TaskItem._make(row) for row in reader.rows(asked.text, asked.values)]
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, _encode(rows[-1]) if more else None)


def _narrowing(actor: Actor, filters: Filters, after: tuple[datetime, str] | None) -> Clause:
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
    if filters.search:
        if filters.search.isascii() and filters.search[:6].isdigit():
            conditions.append(("case_id LIKE ? ESCAPE '!'", [literal(filters.search.upper()) + "%"]))
        else:
            conditions.append(("case_title LIKE ? ESCAPE '!'", [f"%{literal(filters.search)}%"]))
    if filters.due_before is not None:
        conditions.append(("due < ?", [filters.due_before]))
    if after is not None:
        conditions.append(("(due, id) > (?, ?)", list(after)))
    return Clause(
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
