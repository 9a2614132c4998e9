"""The list of everything that was issued, and what is printed of it (JSON; for clerks)."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from functools import partial
from typing import Any

import msgspec
from litestar import Response

from api.documents import PRIVATE
from api.frame import Asked
from api.routes import get, post
from engine import queries
from engine.commands import PrintDocument, RecordSerial
from engine.documents.duplicates import print_batch, print_duplicate
from engine.errors import CommandInvalid

_MOST_IN_BATCH = 100


class Line(msgspec.Struct, frozen=True):
    """One issued document."""

    id: str
    case: str
    process: str
    area: str
    code: str
    number: str | None
    title: dict[str, str]
    state: str
    issued_on: str
    valid_until: str | None
    issued_at: datetime


class Lines(msgspec.Struct, frozen=True):
    """A page of the list; `cursor` asks for the next one."""

    items: list[Line]
    cursor: str | None


class Made(msgspec.Struct, frozen=True):
    """One print of a document."""

    id: str
    n: int
    kind: str
    state: str
    reason: str
    serial: str | None
    batch: str | None
    by: str
    at: datetime


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be printed and why; `original` once for each document, else a marked duplicate."""

    reason: str
    original: bool = False
    serial: str | None = None


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Documents (ids) to be printed in one file behind a cover sheet."""

    documents: list[str]
    reason: str
    original: bool = False


class Serial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number on the paper of a print; `spoiled` when the sheet was wasted."""

    serial: str
    spoiled: bool = False


@get("/api/documents", tags=["documents"], summary="Everything issued, as far as your grants reach")
def list_issued(
    asked: Asked,
    search: str | None = None,
    process: str | None = None,
    code: str | None = None,
    standing: str | None = None,
    since: date | None = None,
    until: date | None = None,
    serial: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Lines:
    """Newest first.

    `search` is the beginning of a document or case number, or part of a case's title; `standing` is valid, revoked or
    replaced.
    """
    asked.require_account()
    wanted = queries.IssuedFilters(search, process, code, standing, since, until, serial)
    office = asked.office
    found = queries.issued(office.store, office.bus.access, asked.actor, wanted, cursor=cursor, limit=limit)
    lines = [
        Line(
            item.id,
            item.case_id,
            item.process,
            item.area,
            item.code,
            item.number,
            item.title,
            item.state,
            item.issued_on,
            item.valid_until,
            item.issued_at,
        )
        for item in found.items
    ]
    return Lines(lines, found.cursor)


@get("/api/documents/{document:str}/prints", tags=["documents"], summary="The prints of a document")
def list_prints(asked: Asked, document: str) -> list[Made]:
    """In the order in which they were made."""
    asked.require_account()
    found = queries.impressions(asked.office.store, asked.office.bus.access, asked.actor, document)
    return [
        Made(
            one.id,
            one.n,
            one.kind,
            one.state,
            one.reason,
            one.serial,
            one.batch,
            one.made_name,
            one.made_at,
        )
        for one in found
    ]


@post(
    "/api/documents/{document:str}/prints",
    tags=["documents"],
    refuses=(409,),
    media_type="application/pdf",
    summary="Print a document",
)
def print_one(asked: Asked, document: str, data: Wish) -> Response[bytes]:
    """The original once, else a sealed duplicate that says so; who prints and why is journalled."""
    return print_document(asked, asked.command_id(), document, data)


def print_document(asked: Asked, key: str, document: str, wish: Wish) -> Response[bytes]:
    """The file of one print; `key` is the command's id."""
    command = PrintDocument(key, document, wish.reason, wish.original, wish.serial)
    told = asked.execute(command, seen=partial(list_seen, asked, document)).values
    office = asked.office
    content = (
        office.vault.get(str(told["sha256"]))
        if told["kind"] == "original"
        else print_duplicate(office, told, asked.now)
    )
    return _file(content, str(told["impression"]))


def list_seen(asked: Asked, document: str) -> object:
    """NotFound for whoever may not even know of the document."""
    return queries.impressions(asked.office.store, asked.office.bus.access, asked.actor, document)


@post(
    "/api/prints",
    tags=["documents"],
    refuses=(409,),
    media_type="application/pdf",
    summary="Print many documents in one file",
)
def print_many(asked: Asked, data: Batch) -> Response[bytes]:
    """One PDF: a cover sheet that lists them, then each document; at most 100."""
    return print_documents(asked, asked.command_id(), data)


def print_documents(asked: Asked, key: str, data: Batch) -> Response[bytes]:
    """The file of a run of prints; `key` begins the ids of its commands."""
    if not 1 <= len(data.documents) <= _MOST_IN_BATCH or len(set(data.documents)) != len(data.documents):
        raise CommandInvalid(reason="documents")
    batch = f"{asked.now.astimezone(asked.office.settings.zone):%Y%m%d}-{secrets.token_hex(3)}"
    told: list[dict[str, Any]] = []
    for place, document in enumerate(data.documents):
        command = PrintDocument(f"{key}:{place}", document, data.reason, data.original, batch=key[-24:])
        told.append(dict(asked.execute(command, seen=partial(list_seen, asked, document)).values))
    return _file(print_batch(asked.office, batch, asked.actor.name, told), batch)


@post(
    "/api/prints/{impression:str}/serial",
    tags=["documents"],
    status_code=200,
    refuses=(409,),
    summary="Record the number on the paper of a print",
)
def record_serial(asked: Asked, impression: str, data: Serial) -> dict[str, Any]:
    """Each number is taken once."""
    command = RecordSerial(asked.command_id(), impression, data.serial, data.spoiled)
    seen = impression.rpartition(".p")[0]
    return dict(asked.execute(command, seen=partial(list_seen, asked, seen)).values)


def _file(content: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', **PRIVATE}
    return Response(content, media_type="application/pdf", headers=headers)


routes = (list_issued, list_prints, print_one, print_many, record_serial)
