"""Documents are downloaded by those who may see the case, and verified by anybody; materials are uploaded (JSON)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from api.cases import reader_of
from api.frame import Asked
from api.routes import get, post
from api.uploads import Material, keep
from api.verifying import counted, judged, judged_file
from api.words import LANGUAGES, say
from engine.access import Actor
from engine.commands import OpenDocument
from engine.documents.verify import Verdict
from engine.errors import Forbidden, NotFound, SignInRequired

#: For answers that only the asker may have, and whose type the browser must not guess.
PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


class Told(msgspec.Struct, frozen=True):
    """A verdict: genuine, altered, revoked, replaced, expired, wrong-purpose or unknown; what follows is what the genuine paper itself says."""

    state: str
    code: str | None
    title: dict[str, str]
    number: str | None
    issued_on: date | None
    sealed: bool
    sha256: str | None
    facts: dict[str, Any]
    valid_until: date | None = None
    purpose: str | None = None
    reason: str | None = None
    replaced_by: str | None = None
    duplicate: int | None = None
    #: Of a file that was not issued here: what its own signature says (none, broken, foreign, ours, unjudged).
    seal: str | None = None
    #: What the state means, and what to do next: in each language.
    told: dict[str, str] = {}
    next: dict[str, str] = {}


def download(asked: Asked, document: str, actor: Actor) -> Response[bytes]:
    """The bytes of a document, after the command that journals who opened it.

    The right needed is to see the case; who lacks it is told that there is no such document.
    """
    try:
        told = asked.execute(OpenDocument(asked.command_id(), document), actor=actor)
    except (Forbidden, SignInRequired):
        raise NotFound(kind="document", id=document) from None
    content = asked.office.vault.get(str(told["sha256"]))
    name = f"{told['case']}-{told['code']}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"', **PRIVATE}
    return Response(content, media_type=str(told["media_type"]), headers=headers)


def tell(verdict: Verdict) -> Told:
    """A verdict as JSON."""
    return Told(
        state=verdict.outcome,
        code=verdict.code,
        title=dict(verdict.title),
        number=verdict.number,
        issued_on=verdict.issued_on,
        sealed=verdict.sealed,
        sha256=verdict.sha256,
        facts=dict(verdict.facts),
        valid_until=verdict.valid_until,
        purpose=verdict.purpose,
        reason=verdict.reason,
        replaced_by=verdict.replaced_by,
        duplicate=verdict.duplicate,
        seal=verdict.seal,
        told={language: say(language, f"verify.{verdict.outcome}-help") for language in LANGUAGES},
        next={language: say(language, f"verify.{verdict.outcome}-next") for language in LANGUAGES},
    )


@get(
    "/api/documents/{document:str}",
    tags=["documents"],
    refuses=(429,),
    media_type="application/pdf",
    summary="Download a document",
)
def read_document(
    asked: Asked, document: str, case: str | None = None, code: str | None = None
) -> Response[bytes]:
    """The PDF, for whoever may see the case (by role, as applicant, or with case number and query code)."""
    return download(asked, document, reader_of(asked, case or "", code))


@post(
    "/api/materials",
    tags=["documents"],
    refuses=(413, 415, 507),
    keyed=False,
    summary="Upload a file for a form",
)
def add_material(
    asked: Asked, data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
) -> Material:
    """Keep a PDF, JPEG or PNG (told by content); the answer is what a `file` field takes."""
    asked.brake_strangers("upload")
    limit = asked.office.settings.upload_limit
    return keep(asked.office.vault, data.file.read(limit + 1), data.filename, limit)


@get("/api/verify", tags=["documents"], refuses=(429,), summary="Verify a document by its code")
def verify_code(asked: Asked, token: str, number: str | None = None, purpose: str | None = None) -> Told:
    """Whether a document with this verification code (and number) was issued and is valid; needs no account.

    `token` may also be the whole text of the offline code on the paper (`BJ1:...`); `purpose` is the code of what the
    paper is wanted for: a paper that was issued for something else is then `wrong-purpose`.
    """
    asked.brake("verify")
    return tell(counted(asked, judged(asked, token, number or "", purpose)))


@post("/api/verify", tags=["documents"], status_code=200, keyed=False, summary="Verify a file")
def verify_file(
    asked: Asked,
    data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    purpose: str | None = None,
) -> Told:
    """Whether this very file was issued and is valid (for that purpose); needs no account."""
    asked.brake("verify")
    content = data.file.read(asked.office.settings.upload_limit + 1)
    return tell(counted(asked, judged_file(asked, content, purpose)))


routes = (read_document, add_material, verify_code, verify_file)
