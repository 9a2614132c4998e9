"""Documents are downloaded by those who may see the case, and verified by anybody; materials are uploaded (JSON)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from api.cases import reader_of
from api.frame import Asked
from api.routes import get, post
from engine.commands import OpenDocument
from engine.documents.register import StoreRegister
from engine.documents.verify import Verdict, by_file, by_number, by_token
from engine.errors import TooLarge, Unreadable

#: What an office accepts, by the first bytes of the file: name and file ending alone prove nothing.
KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


class Material(msgspec.Struct, frozen=True):
    """An uploaded file as form answers refer to it."""

    hash: str
    name: str
    size: int
    type: str


def keep(asked: Asked, content: bytes, name: str) -> Material:
    """Put an upload into the vault; TooLarge or Unreadable when it cannot be accepted."""
    limit = asked.office.settings.upload_limit
    if len(content) > limit:
        raise TooLarge(limit=limit)
    kind = next((kind for start, kind in KINDS if content.startswith(start)), None)
    if kind is None:
        raise Unreadable(name=name)
    return Material(
        asked.office.vault.put(content), name.rsplit("/", 1)[-1][:120] or "file", len(content), kind
    )


def download(
    asked: Asked, document: str, code: str | None = None, case: str | None = None
) -> Response[bytes]:
    """The bytes of a document, after the command that journals who opened it."""
    actor = reader_of(asked, case, code) if case and code else asked.actor
    told = asked.office.bus.execute(OpenDocument(asked.command_id(), document), actor, asked.now)
    content = asked.office.vault.get(str(told["sha256"]))
    name = f"{told['case']}-{told['code']}.pdf"
    headers = {
        "content-disposition": f'inline; filename="{name}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=str(told["media_type"]), headers=headers)


def tell(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    return {
        "state": verdict.outcome,
        "code": verdict.code,
        "title": dict(verdict.title),
        "number": verdict.number,
        "issued_on": verdict.issued_on,
        "sealed": verdict.sealed,
        "sha256": verdict.sha256,
        "facts": dict(verdict.facts),
    }


@get(
    "/api/documents/{document:str}",
    media_type="application/pdf",
    summary="Download a document",
)
def read_document(
    asked: Asked, document: str, case: str | None = None, code: str | None = None
) -> Response[bytes]:
    """The PDF, for whoever may see the case (by role, as applicant, or with case number and query code)."""
    return download(asked, document, code, case)


@post("/api/materials", request_max_body_size=None, summary="Upload a file for a form")
def add_material(
    asked: Asked, data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Material:
    """Keep a PDF, JPEG or PNG; the answer is what a `file` field takes."""
    return keep(asked, data.file.read(asked.office.settings.upload_limit + 1), data.filename)


@get("/api/verify", summary="Verify a document by its code")
def verify_code(asked: Asked, token: str, number: str | None = None) -> dict[str, Any]:
    """Whether a document with this verification code (and number) was issued and is valid; needs no account."""
    register = StoreRegister(asked.office.store)
    return tell(by_number(number, token, register) if number else by_token(token, register))


@post("/api/verify", status_code=200, request_max_body_size=None, summary="Verify a file")
def verify_file(
    asked: Asked, data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> dict[str, Any]:
    """Whether this very file was issued and is valid; needs no account."""
    return tell(
        by_file(data.file.read(asked.office.settings.upload_limit + 1), StoreRegister(asked.office.store))
    )


routes = (read_document, add_material, verify_code, verify_file)
