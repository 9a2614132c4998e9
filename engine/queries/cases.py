"""One case, one task, the documents of a case, an applicant's own applications."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson

from engine.access import Actor
from engine.core.state import restore
from engine.errors import NotFound
from engine.queries.knowing import witnessed
from engine.store.columns import NEVER
from engine.store.exact import unpack
from engine.store.rows import CaseRow, DocumentRow, IncidentRow, TaskRow, TimerRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.access import Access
    from engine.store.session import Reader, Store


Row = TypeVar("Row", bound=NamedTuple)


class Entry(NamedTuple):
    """A line of a case's timeline, as the journal holds it."""

    seq: int
    at: datetime
    actor: str | None
    actor_name: str
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything about a case that its readers may see."""

    row: CaseRow
    ended_at: datetime | None
    variables: Mapping[str, Any]
    tasks: list[TaskRow]
    timeline: list[Entry]
    documents: list[DocumentRow]
    incidents: list[IncidentRow]
    timers: list[TimerRow]
    #: Whether the actor sees it by a role (or was given a copy); False for whoever only owns it.
    office: bool = True

    @property
    def path(self) -> list[str]:
        """The elements in the order in which tokens came to them."""
        return [element for entry in self.timeline for element in entry.body.get("path", ())]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with what its form needs."""

    row: TaskRow
    case: CaseRow
    #: Case variables with the task's local ones over them.
    variables: Mapping[str, Any]
    #: The answers as they were completed, None while the task is open.
    filed: Mapping[str, Any] | None
    #: Whether the actor may work it (claiming is another question).
    workable: bool

    @property
    def deadline(self) -> datetime | None:
        """The exclusive end of the last permitted moment, if there is one."""
        return None if self.row.due == NEVER else self.row.due


class Application(NamedTuple):
    """A line of an applicant's list."""

    id: str
    process: str
    title: str
    state: str
    submitted_at: datetime
    changed_at: datetime


@witnessed
def case(store: Store, access: Access, actor: Actor, number: str) -> CaseView:
    """The case with its timeline; NotFound also when the actor may not see it."""
    with store.reading() as reader:
        row = _seen(reader, access, actor, number)
        ended_at = reader.rows("SELECT ended_at FROM cases WHERE id = ?", (number,))[0][0]
        office = access.may(actor, "see", row.process, row.area, None) or not actor.owns(row.owner)
        documents_of = "case_id = ?" if office else "case_id = ? AND internal = 0"
        entries = _journal(reader, row, None if office else actor)
        view = CaseView(
            row=row,
            ended_at=ended_at,
            variables=restore(row.marking, row.variables).variables,
            tasks=all_rows(reader, TaskRow, "task", "case_id = ? ORDER BY token", number),
            timeline=entries,
            documents=all_rows(
                reader, DocumentRow, "document", f"{documents_of} ORDER BY issued_at, id", number
            ),
            incidents=all_rows(reader, IncidentRow, "incident", "case_id = ? ORDER BY raised_at", number),
            timers=all_rows(reader, TimerRow, "timer", "case_id = ? ORDER BY due", number),
            office=office,
        )
    access.looked(actor, view.row.process, number)
    return view


@witnessed
def task(store: Store, access: Access, actor: Actor, key: str) -> TaskView:
    """The task; NotFound also when the actor may neither work it nor see its case."""
    with store.reading() as reader:
        found = all_rows(reader, TaskRow, "task", "id = ?", key)
        if not found:
            raise NotFound(kind="task", id=key)
        row = found[0]
        of = all_rows(reader, CaseRow, "cases", "id = ?", row.case_id)[0]
        filed = reader.rows("SELECT filed FROM task WHERE id = ?", (key,))[0][0]
    workable = row.account in (None, actor.id, *actor.acts_for) and access.works(
        actor, row.object, row.area, of.owner, row.department
    )
    if not workable and not access.may(actor, "see", of.process, of.area, of.owner):
        raise NotFound(kind="task", id=key)
    access.looked(actor, of.process, key)
    variables = restore(of.marking, of.variables).variables
    return TaskView(
        row=row,
        case=of,
        variables={**variables, **(unpack(row.local) if row.local else {})},
        filed=unpack(filed) if filed else None,
        workable=workable,
    )


@witnessed
def documents(store: Store, access: Access, actor: Actor, number: str) -> list[DocumentRow]:
    """The documents issued in a case, in order."""
    with store.reading() as reader:
        row = _seen(reader, access, actor, number)
        office = access.may(actor, "see", row.process, row.area, None) or not actor.owns(row.owner)
        where = "case_id = ?" if office else "case_id = ? AND internal = 0"
        return all_rows(reader, DocumentRow, "document", f"{where} ORDER BY issued_at, id", number)


def applications(store: Store, actor: Actor, limit: int = 100) -> list[Application]:
    """The actor's own cases and those of the people the actor represents, latest first."""
    if actor.id is None:
        return []
    people = [actor.id, *sorted(actor.represents)]
    marks = ", ".join("?" * len(people))
    where = f"applicant IN ({marks}) ORDER BY submitted_at DESC, id DESC LIMIT ?"
    with store.reading() as reader:
        return all_rows(reader, Application, "cases", where, *people, limit)


def holder(store: Store, number: str, code: str, access: Access | None = None) -> Actor:
    """Whoever knows number and query code: an actor who owns this one case; NotFound for anything else.

    With `access`, a wrong code is remembered like any look in vain.
    """
    with store.reading() as reader:
        found = reader.rows("SELECT query_code FROM cases WHERE id = ?", (number,))
    known = found[0][0] if found else secrets.token_hex(4)
    if not hmac.compare_digest(known.encode(), code.encode()) or not found:
        if access is not None:
            access.witness(Actor(None), number, False)
        raise NotFound(kind="case", id=number)
    return Actor(f"case:{number}")


#: What an owner reads of the journal: what happened to the case, never the office's ledgers and registers.
_TOLD = frozenset(
    [
        "submitted",
        "completed",
        "consented",
        "message",
        "issued",
        "fired",
        "answered",
        "refused",
        "broken",
        "cancel",
        "cancelled",
        "ended",
        "retried",
        "decided",
        "urged",
        "helper",
        "rated",
        "clock",
        "asked-receipt",
    ]
)
_TOLD_BODY = frozenset(["element", "task", "document", "code", "path", "opened", "message", "reason"])


def _journal(reader: Reader, row: CaseRow, owner: Actor | None) -> list[Entry]:
    """The journal, or as much of it as whoever only owns the case may read, without the names of officials."""
    found = reader.rows(
        "SELECT seq, at, actor, actor_name, kind, body FROM journal WHERE chain = ? ORDER BY seq", (row.id,)
    )
    entries = [Entry._make((*line[:5], orjson.loads(line[5]))) for line in found]
    if owner is None:
        return entries
    internal = {
        line[0]
        for line in reader.rows("SELECT id FROM document WHERE case_id = ? AND internal = 1", (row.id,))
    }
    return [
        _told(entry, mine=entry.actor in row.owner)
        for entry in entries
        if entry.kind in _TOLD and entry.body.get("document") not in internal
    ]


def _told(entry: Entry, *, mine: bool) -> Entry:
    if mine or entry.kind == "decided":
        return entry if mine else entry._replace(actor=None, actor_name="")
    kept = {name: value for name, value in entry.body.items() if name in _TOLD_BODY}
    return entry._replace(actor=None, actor_name="", body=kept)


def _seen(reader: Reader, access: Access, actor: Actor, number: str) -> CaseRow:
    found = all_rows(reader, CaseRow, "cases", "id = ?", number)
    if not found:
        raise NotFound(kind="case", id=number)
    row = found[0]
    if access.may(actor, "see", row.process, row.area, row.owner):
        return row
    if (
        actor.id is None
        or not access.knows(actor, row.process, row.area, row.owner)
        or not reader.rows("SELECT 1 FROM copy WHERE case_id = ? AND account = ?", (number, actor.id))
    ):
        raise NotFound(kind="case", id=number)
    return row


def all_rows(reader: Reader, kind: type[Row], table: str, where: str, *values: object) -> list[Row]:
    """Rows of one table as `kind`, whose field names are the columns."""
    sql = f"SELECT {', '.join(kind._fields)} FROM {table} WHERE {where}"  # noqa: S608 - names from our own code
    return [kind._make(row) for row in reader.rows(sql, values)]
