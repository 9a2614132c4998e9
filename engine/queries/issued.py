"""Everything that was ever issued, newest first, as far as the actor's grants reach; and the prints of each paper.

As in the worklist, rights are predicates of the statement: a grant to see cases of an area is one equality on the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import orjson

from engine.errors import CommandInvalid, NotFound
from engine.queries.knowing import witnessed
from engine.queries.ranges import below, literal

if TYPE_CHECKING:
    from datetime import date

    from engine.access import Access, Actor
    from engine.store.session import Store

_MOST_ROWS = 200
_BRACKETS = str.maketrans("[]【】()（）", "〔〕〔〕〔〕〔〕")
_COLUMNS = (
    "d.id, d.case_id, c.process, c.area, d.code, d.number, d.title, d.state, d.issued_on, d.valid_until, d.issued_at,"
    " c.title AS case_title"
)


class IssuedItem(NamedTuple):
    """One line of the list."""

    id: str
    case_id: str
    process: str
    area: str
    code: str
    number: str | None
    title: dict[str, str]
    state: str
    issued_on: str
    valid_until: str | None
    issued_at: datetime
    case_title: str


class Impression(NamedTuple):
    """One print of a document."""

    id: str
    n: int
    kind: str
    state: str
    reason: str
    serial: str | None
    batch: str | None
    sha256: str | None
    made_name: str
    made_at: datetime


class IssuedPage(NamedTuple):
    """Some lines, and where the next page begins (None: there is none)."""

    items: list[IssuedItem]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class IssuedFilters:
    """What the list is narrowed to. `search` is the beginning of a document or case number, or part of a case's title."""

    search: str | None = None
    process: str | None = None
    code: str | None = None
    state: str | None = None
    #: First and last day of issue.
    since: date | None = None
    until: date | None = None
    #: Serial number of the paper.
    serial: str | None = None


def issued(
    store: Store,
    access: Access,
    actor: Actor,
    wanted: IssuedFilters = IssuedFilters(),
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> IssuedPage:
    """A page of issued documents of cases that the actor's grants let them see."""
    reaches = [
        (reach.object, reach.area)
        for reach in access.reaches(actor, "see")
        if "/" not in reach.object and wanted.process in (None, reach.object)
    ]
    if not reaches:
        return IssuedPage([], None)
    rights, values = [], []
    for process, area in sorted(set(reaches)):
        inside, codes = below(area)
        rights.append(f"(c.process = ?{inside})")
        values += [process, *codes]
    narrowing, narrow = _narrowing(wanted, cursor)
    limit = max(1, min(limit, _MOST_ROWS))
    sql = (
        f"SELECT {_COLUMNS} FROM document d JOIN cases c ON c.id = d.case_id WHERE ({' OR '.join(rights)}){narrowing}"  # noqa: S608
        " ORDER BY d.issued_at DESC, d.id DESC LIMIT ?"
    )
    with store.reading() as reader:
        found = reader.rows(sql, [*values, *narrow, limit + 1])
    rows = [IssuedItem._make((*row[:6], orjson.loads(row[6]), *row[7:])) for row in found]
    more = len(rows) > limit
    rows = rows[:limit]
    return IssuedPage(rows, f"{rows[-1].issued_at.isoformat()} {rows[-1].id}" if more else None)


def _narrowing(wanted: IssuedFilters, cursor: str | None) -> tuple[str, list[object]]:
    conditions: list[tuple[str, list[object]]] = []
    for column, value in (("d.code", wanted.code), ("d.state", wanted.state)):
        if value is not None:
            conditions.append((f"{column} = ?", [value]))
    if wanted.since is not None:
        conditions.append(("d.issued_on >= ?", [wanted.since.isoformat()]))
    if wanted.until is not None:
        conditions.append(("d.issued_on <= ?", [wanted.until.isoformat()]))
    if wanted.serial:
        serial = "".join(wanted.serial.split()).upper()
        conditions.append(("d.id IN (SELECT document FROM impression WHERE serial = ?)", [serial]))
    if wanted.search:
        # As people type brackets; document numbers have the six-cornered ones.
        text = literal("".join(wanted.search.split()).translate(_BRACKETS))
        conditions.append(
            (
                "(d.number LIKE ? ESCAPE '!' OR d.case_id LIKE ? ESCAPE '!' OR c.title LIKE ? ESCAPE '!')",
                [f"{text}%", f"{text.upper()}%", f"%{text}%"],
            )
        )
    if cursor is not None:
        conditions.append(("(d.issued_at, d.id) < (?, ?)", list(_after(cursor))))
    return (
        "".join(f" AND {condition}" for condition, _ in conditions),
        [value for _, own in conditions for value in own],
    )


def _after(cursor: str) -> tuple[datetime, str]:
    moment, _, key = cursor.partition(" ")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise CommandInvalid(reason="cursor") from None
    if at.tzinfo is None or not key:
        raise CommandInvalid(reason="cursor")
    return at, key


@witnessed
def issued_one(store: Store, access: Access, actor: Actor, document: str) -> IssuedItem:
    """One issued document, as a line of the list; NotFound also when the actor may not see its case."""
    with store.reading() as reader:
        found = reader.rows(
            f"SELECT {_COLUMNS}, c.applicant FROM document d JOIN cases c ON c.id = d.case_id WHERE d.id = ?",  # noqa: S608
            (document,),
        )
    if not found:
        raise NotFound(kind="document", id=document)
    *row, applicant = found[0]
    item = IssuedItem._make((*row[:6], orjson.loads(row[6]), *row[7:]))
    owners = (applicant or "", f"case:{item.case_id}")
    if not access.may(actor, "see", item.process, item.area, owners):
        raise NotFound(kind="document", id=document)
    return item


@witnessed
def impressions(store: Store, access: Access, actor: Actor, document: str) -> list[Impression]:
    """The prints of a document, in order; NotFound also when the actor may not see its case."""
    with store.reading() as reader:
        found = reader.rows(
            "SELECT c.process, c.area, c.applicant, c.id FROM document d JOIN cases c ON c.id = d.case_id WHERE d.id = ?",
            (document,),
        )
        if not found or not access.may(
            actor, "see", found[0][0], found[0][1], (found[0][2] or "", f"case:{found[0][3]}")
        ):
            raise NotFound(kind="document", id=document)
        rows = reader.rows(
            f"SELECT {', '.join(Impression._fields)} FROM impression WHERE document = ? ORDER BY n",  # noqa: S608
            (document,),
        )
    return [Impression._make(row) for row in rows]
