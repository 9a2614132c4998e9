"""Cases: state, timeline, documents, messages to them; and the funds (JSON)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from api.frame import Asked
from api.routes import get, post
from engine.access import Actor
from engine.commands import Answer, SendMessage
from engine.queries import applications, holder, looks
from engine.queries import case as read_case
from engine.queries import funds as read_funds


class CaseLine(msgspec.Struct, frozen=True):
    """A case in a list."""

    case: str
    process: str
    title: str
    state: str
    submitted_at: datetime


class TimelineEntry(msgspec.Struct, frozen=True):
    """One line of the journal."""

    seq: int
    at: datetime
    by: str
    kind: str
    body: dict[str, Any]


class DocumentLine(msgspec.Struct, frozen=True):
    """A document of the case."""

    id: str
    code: str
    number: str | None
    title: dict[str, str]
    issued_on: str
    state: str
    sha256: str


class CaseDetail(msgspec.Struct, frozen=True):
    """A case with what happened and what it waits for."""

    case: str
    process: str
    version: str
    title: str
    area: str
    state: str
    revision: int
    submitted_at: datetime
    ended_at: datetime | None
    open_tasks: list[str]
    path: list[str]
    timeline: list[TimelineEntry]
    documents: list[DocumentLine]
    incidents: list[str]


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message for a running case (withdrawal, correction, death, duplicate ...)."""

    data: dict[str, Any] = {}


class Delivered(msgspec.Struct, frozen=True):
    """What a message brought about: the case, whether it ended, and the tasks that it opened."""

    case: str
    ended: bool = False
    opened: list[str] = []


class FundLine(msgspec.Struct, frozen=True):
    """A reserve fund, in yuan."""

    fund: str
    name: str
    area: str
    balance: Decimal
    reserved: Decimal
    annual: Decimal


def reader_of(asked: Asked, number: str, code: str | None) -> Actor:
    """The asker, who needs an account; or, with the query code, whoever holds it."""
    if code:
        asked.brake("track")
        return holder(asked.office.store, number, code, asked.office.bus.access)
    asked.require_account()
    return asked.actor


@get("/api/cases", tags=["cases"], summary="The asker's own cases")
def list_cases(asked: Asked) -> list[CaseLine]:
    """Cases of which the asker is the applicant, latest first."""
    asked.require_account()
    found = applications(asked.office.store, asked.actor)
    return [CaseLine(one.id, one.process, one.title, one.state, one.submitted_at) for one in found]


@get("/api/cases/{number:str}", tags=["cases"], refuses=(429,), summary="A case with its timeline")
def show_case(asked: Asked, number: str, code: str | None = None) -> CaseDetail:
    """A case that the asker may see (by role, as applicant, or with the query code); 404 otherwise."""
    office = asked.office
    view = read_case(office.store, office.bus.access, reader_of(asked, number, code), number)
    row = view.row
    return CaseDetail(
        case=row.id,
        process=row.process,
        version=row.package,
        title=row.title,
        area=row.area,
        state=row.state,
        revision=row.revision,
        submitted_at=row.submitted_at,
        ended_at=view.ended_at,
        open_tasks=[one.element for one in view.tasks if one.state == "open"],
        path=view.path,
        timeline=[
            TimelineEntry(one.seq, one.at, one.actor_name, one.kind, one.body) for one in view.timeline
        ],
        documents=[
            DocumentLine(
                one.id,
                one.code,
                one.number,
                msgspec.json.decode(one.title),
                str(one.issued_on),
                one.state,
                one.sha256,
            )
            for one in view.documents
        ],
        incidents=[f"{one.element}: {one.code}" for one in view.incidents],
    )


@post(
    "/api/cases/{number:str}/messages/{message:str}",
    tags=["cases"],
    status_code=200,
    summary="Send a case a message",
)
def send(asked: Asked, number: str, message: str, data: Letter, code: str | None = None) -> Delivered:
    """Deliver a message; 409 when the case does not wait for it."""
    told = deliver(asked, reader_of(asked, number, code), number, message, data.data, asked.command_id())
    return msgspec.convert(dict(told.values), Delivered)


def deliver(
    asked: Asked, actor: Actor, number: str, message: str, data: dict[str, Any], command: str
) -> Answer:
    """Send the message as the actor; a case that the actor may not see is not found, whether it exists or not."""
    office = asked.office
    wish = SendMessage(command, number, message, data)
    return asked.execute(wish, lambda: read_case(office.store, office.bus.access, actor, number), actor)


class LookLine(msgspec.Struct, frozen=True):
    """Somebody looked at the case, or was told that there is none (`shown` is false)."""

    at: datetime
    by: str
    account: str | None
    key: str
    shown: bool


@get("/api/cases/{number:str}/looks", tags=["cases"], refuses=(429,), summary="Who looked at a case")
def list_looks(asked: Asked, number: str, code: str | None = None) -> list[LookLine]:
    """Every look at a secret case, and every look in vain, latest first; for its owner and who may supervise looks."""
    office = asked.office
    found = looks(office.store, office.bus.access, reader_of(asked, number, code), number)
    return [LookLine(one.at, one.actor_name, one.actor, one.key, one.shown) for one in found]


@get("/api/funds", tags=["cases"], summary="Reserve funds")
def list_funds(asked: Asked) -> list[FundLine]:
    """The funds that the asker may see."""
    asked.require_account()
    office = asked.office
    return [
        FundLine(one.code, one.name, one.area, one.balance, one.reserved, one.annual)
        for one in read_funds(office.store, office.bus.access, asked.actor)
    ]


routes = (list_cases, show_case, send, list_looks, list_funds)
