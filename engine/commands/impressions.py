"""Prints of issued documents: the one original, marked duplicates, and the serial numbers of the paper they are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.errors import CommandInvalid, Conflict, NotFound
from engine.store.rows import DocumentRow

if TYPE_CHECKING:
    from datetime import datetime

    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

_LONGEST_REASON = 200
_LONGEST_SERIAL = 40


@dataclass(frozen=True, slots=True)
class PrintDocument(Command):
    """Print an issued document on paper: `original` once, every further sheet a marked duplicate with its number.

    `batch` names the run that several documents are printed in; `serial` is the number of the blank, where it has one.
    """

    document: str
    reason: str
    original: bool = False
    serial: str | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class RecordSerial(Command):
    """What number the paper of a print bears; or that the sheet was spoiled and holds nothing."""

    impression: str
    serial: str
    spoiled: bool = False


@dataclass(frozen=True, slots=True)
class KeepDuplicate(Command):
    """The file of a marked duplicate lies in the vault; whoever shows it is told that it is one."""

    impression: str
    sha256: str
    size: int


class ImpressionRow(NamedTuple):
    """A print."""

    id: str
    document: str
    case_id: str
    n: int
    kind: str
    state: str
    reason: str
    serial: str | None
    batch: str | None
    sha256: str | None
    made_name: str
    made_at: datetime


class _Found(NamedTuple):
    case: CaseRow
    document: DocumentRow
    print: ImpressionRow | None = None


def _find_document(work: Work, command: PrintDocument) -> tuple[Right, _Found]:
    document = work.tx.one(DocumentRow, "document", "id = ?", command.document)
    if document is None:
        raise NotFound(kind="document", id=command.document)
    case = read_case(work, document.case_id)
    return Right("reprint", case.process, case.area), _Found(case, document)


def _read(work: Work, key: str) -> _Found:
    made = work.tx.one(ImpressionRow, "impression", "id = ?", key)
    if made is None:
        raise NotFound(kind="impression", id=key)
    document = work.tx.one(DocumentRow, "document", "id = ?", made.document)
    assert document is not None
    return _Found(read_case(work, made.case_id), document, made)


def _find_impression(work: Work, command: RecordSerial) -> tuple[Right, _Found]:
    found = _read(work, command.impression)
    return Right("reprint", found.case.process, found.case.area), found


def _find_kept(work: Work, command: KeepDuplicate) -> tuple[Right, _Found]:
    return ENGINE_ONLY, _read(work, command.impression)


def _print(work: Work, command: PrintDocument, found: _Found) -> dict[str, Any]:
    document = found.document
    reason = command.reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise CommandInvalid(reason="no-reason" if not reason else "reason-too-long")
    before = work.tx.rows("SELECT n, state FROM impression WHERE document = ? ORDER BY n DESC", document.id)
    if command.original and any(state == "made" for _, state in before):
        raise Conflict("document-printed", document=document.id, times=len(before))
    if document.state != "valid":
        raise Conflict("document-revoked", document=document.id, state=document.state)
    n = before[0][0] + 1 if before else 1
    key = f"{document.id}.p{n}"
    kind = "original" if command.original else "duplicate"
    serial = _serial(work, command.serial, key) if command.serial else None
    work.tx.insert(
        "impression",
        {
            "id": key,
            "document": document.id,
            "case_id": found.case.id,
            "n": n,
            "kind": kind,
            "state": "made",
            "reason": reason,
            "serial": serial,
            "batch": command.batch,
            "made_by": work.actor.id,
            "made_name": work.actor.name,
            "made_at": work.now,
        },
    )
    Moving(work, found.case).record.close(
        "printed-document", document=document.id, print=kind, n=n, serial=serial, reason=reason
    )
    return {
        "impression": key,
        "kind": kind,
        "n": n,
        "at": work.now.isoformat(),
        "serial": serial,
        "case": found.case.id,
        "document": document.id,
        "code": document.code,
        "number": document.number,
        "title": orjson.loads(document.title),
        "sha256": document.sha256,
        "media_type": document.media_type,
        "issuer": _issuer(work, document.id),
    }


def _issuer(work: Work, document: str) -> str:
    public = work.tx.rows("SELECT public FROM document WHERE id = ?", document)[0][0]
    return str(orjson.loads(public).get("issuer", ""))


def _serial(work: Work, serial: str, key: str) -> str:
    plain = "".join(serial.split()).upper()
    if not plain or len(plain) > _LONGEST_SERIAL or not plain.isprintable():
        raise CommandInvalid(reason="serial")
    used = work.tx.rows("SELECT id FROM impression WHERE serial = ?", plain)
    if used and used[0][0] != key:
        raise Conflict("serial-used", serial=plain, impression=used[0][0])
    return plain


def _record(work: Work, command: RecordSerial, found: _Found) -> dict[str, Any]:
    made = found.print
    assert made is not None
    serial = _serial(work, command.serial, made.id)
    state = "spoiled" if command.spoiled else made.state
    work.tx.update("impression", (made.id,), {"serial": serial, "state": state})
    Moving(work, found.case).record.close(
        "recorded-serial", impression=made.id, serial=serial, before=made.serial, spoiled=command.spoiled
    )
    return {"impression": made.id, "serial": serial, "state": state}


def _keep(work: Work, command: KeepDuplicate, found: _Found) -> dict[str, Any]:
    made = found.print
    assert made is not None
    work.tx.update("impression", (made.id,), {"sha256": command.sha256, "size": command.size})
    Moving(work, found.case).record.close("kept-duplicate", impression=made.id, sha256=command.sha256)
    return {"impression": made.id, "sha256": command.sha256}


VERBS = {
    PrintDocument: Verb(_find_document, _print),
    RecordSerial: Verb(_find_impression, _record),
    KeepDuplicate: Verb(_find_kept, _keep),
}
