"""Documents are issued by the engine once their bytes lie in the vault, and opened by people who may see the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine import papers
from engine.commands.cases import Asked, answer_too_late, read_message
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.core.step import Complete
from engine.effects import Issued  # noqa: TC001 - msgspec reads the fields of commands
from engine.errors import NotFound
from engine.store.exact import exactly, plain, unpack
from engine.store.rows import DocumentRow

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.store.rows import CaseRow


#: Layouts of papers that stay in the office: whoever only owns the case does not get them.
INTERNAL = frozenset({"ledger"})


@dataclass(frozen=True, slots=True)
class IssueDocument(Command):
    """The document that outbox message `message` asked for exists; the case goes on with it, if a token waits for it."""

    message: str
    issued: Issued


@dataclass(frozen=True, slots=True)
class OpenDocument(Command):
    """The actor reads a document; who did so and when stays in the journal."""

    document: str


@dataclass(frozen=True, slots=True)
class RevokeDocument(Command):
    """The document holds no longer, for a reason that whoever verifies it is told; `replaced_by` is a number."""

    document: str
    reason: str
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class CountVerifications(Command):
    """What the public page counted since it last told: (document, ISO day, outcome, times)."""

    counts: tuple[tuple[str, str, str, int], ...]


class _Found(NamedTuple):
    case: CaseRow
    document: DocumentRow


def _find_asked(work: Work, command: IssueDocument) -> tuple[Right, Asked]:
    return ENGINE_ONLY, read_message(work, command.message)


def _issue(work: Work, command: IssueDocument, asked: Asked) -> dict[str, Any]:
    case, message = asked
    if message.state != "open":
        return answer_too_late(work, asked, command.issued)
    issued = command.issued
    body = unpack(message.body)
    moving = Moving(work, case)
    sidecar = moving.package.sidecar(message.name or "") or {}
    valid_until, purpose = papers.held_until(sidecar, body["input"])
    work.tx.insert(
        "document",
        {
            "id": message.id,
            "case_id": case.id,
            "code": message.name or "",
            "element": message.element,
            "number": body["number"],
            "title": plain(issued.title),
            "token": body["token"],
            "sha256": issued.sha256,
            "size": issued.size,
            "media_type": issued.media_type,
            "public": plain(issued.public),
            "signed_by": issued.signed_by,
            "state": "valid",
            "issued_on": issued.issued_on.isoformat(),
            "issued_at": work.now,
            "valid_until": valid_until,
            "purpose": purpose,
            "relied": 0,
            "internal": int(sidecar.get("layout") in INTERNAL),
        },
    )
    done = {"state": "done", "answer": plain(issued), "done_at": work.now}
    work.tx.update("outbox", (message.id,), done, {"state": "open"})
    told = {
        "id": message.id,
        "code": message.name,
        "number": body["number"],
        "sha256": issued.sha256,
        "issued_on": issued.issued_on,
        "valid_until": date.fromisoformat(valid_until) if valid_until else None,
    }
    if message.token:
        moving.move(Complete(message.token, moving.result(message.element, told)))
    named = {"document": message.id, "code": message.name, "sha256": issued.sha256}
    return moving.close("issued", element=message.element, answer=told, **named, **exactly(told))


def _find_document(work: Work, command: OpenDocument) -> tuple[Right, _Found]:
    found = _read(work, command.document)
    owner = None if found.document.internal else found.case.owner
    return Right("see", found.case.process, found.case.area, owner), found


def _find_revoked(work: Work, command: RevokeDocument) -> tuple[Right, _Found]:
    found = _read(work, command.document)
    return Right("revoke", found.case.process, found.case.area), found


def _find_counted(work: Work, command: CountVerifications) -> tuple[Right, None]:  # noqa: ARG001 - one form for all verbs
    return ENGINE_ONLY, None


def _read(work: Work, key: str) -> _Found:
    document = work.tx.one(DocumentRow, "document", "id = ?", key)
    if document is None:
        raise NotFound(kind="document", id=key)
    return _Found(read_case(work, document.case_id), document)


def _revoke(work: Work, command: RevokeDocument, found: _Found) -> dict[str, Any]:
    document = found.document
    told = papers.withdraw(work, document, command.reason, command.replaced_by, None)
    Moving(work, found.case).record.close(
        "revoked-document",
        document=document.id,
        code=document.code,
        reason=command.reason,
        replaced_by=command.replaced_by,
        told=told,
    )
    return {"case": document.case_id, "document": document.id, "number": document.number, "told": told}


def _count(work: Work, command: CountVerifications, found: None) -> dict[str, Any]:  # noqa: ARG001
    for document, day, outcome, times in command.counts:
        papers.note(work, document, "", outcome, times, date.fromisoformat(day))
    return {"counted": len(command.counts)}


def _open(work: Work, command: OpenDocument, found: _Found) -> dict[str, Any]:
    document = found.document
    Moving(work, found.case).record.close("opened-document", document=command.document, code=document.code)
    return {
        "case": document.case_id,
        "document": document.id,
        "code": document.code,
        "number": document.number,
        "title": orjson.loads(document.title),
        "sha256": document.sha256,
        "size": document.size,
        "media_type": document.media_type,
        "state": document.state,
    }


VERBS = {
    IssueDocument: Verb(_find_asked, _issue),
    OpenDocument: Verb(_find_document, _open),
    RevokeDocument: Verb(_find_revoked, _revoke),
    CountVerifications: Verb(_find_counted, _count),
}
