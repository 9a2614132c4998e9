"""What became of issued documents: how they are numbered, whether they still hold, who relied on them, how they end.

A paper is revoked once and for good. Whoever verified it in a case is told by the message `document_revoked`, which
that case may wait for; of strangers who looked at it nothing is kept but how many there were.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import orjson

from engine.effects import Refused
from engine.errors import CommandInvalid, Conflict, NotFound
from engine.secrecy import hidden_from
from engine.store.exact import pack
from engine.store.rows import DocumentRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work

Standing = Literal["genuine", "revoked", "replaced", "expired", "wrong-purpose"]

#: The message by which a case learns that a document it verified holds no longer.
REVOKED = "document_revoked"


def standing(
    state: str, valid_until: date | None, purpose: str | None, on: date, wanted: str | None
) -> Standing:
    """The first that holds of: revoked, replaced, expired, wrong purpose; else genuine. The last day counts."""
    if state in {"revoked", "replaced"}:
        return "revoked" if state == "revoked" else "replaced"
    if valid_until is not None and on > valid_until:
        return "expired"
    if wanted is not None and purpose is not None and wanted != purpose:
        return "wrong-purpose"
    return "genuine"


def numbered(pattern: str, year: int, n: int, area: str, word: str = "") -> str:
    """A document number; `{check}` is the check digit of all digits before it (ISO/IEC 7064, MOD 11-10).

    `{word}` is the short name that the issuing authority's numbers begin with.
    """
    bare = pattern.format(year=year, n=n, area=area, word=word, check="")
    return pattern.format(year=year, n=n, area=area, word=word, check=check_digit(bare))


def check_digit(text: str) -> str:
    """The digit by which every slip of one figure shows (ISO/IEC 7064, MOD 11-10)."""
    product = 10
    for figure in text:
        if figure.isascii() and figure.isdigit():
            total = (product + int(figure)) % 10 or 10
            product = total * 2 % 11
    return str((11 - product) % 10)


def held_until(sidecar: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """(last day, purpose) of a document about to be issued, as its sidecar finds them in the data."""
    until, purpose = (data.get(str(sidecar.get(name))) for name in ("valid_until", "purpose"))
    if until is not None and type(until) is not date:
        raise CommandInvalid(reason="valid-until", value=str(until))
    return (until.isoformat() if until else None), (str(purpose) if purpose is not None else None)


def verify(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answer {number, purpose?} with the document's standing today, and keep that this case relied on it."""
    row = _by_number(work, case, given.get("number"))
    if row is None:
        return {"outcome": "unknown", "number": given.get("number")}
    until = date.fromisoformat(row.valid_until) if row.valid_until else None
    purpose = given.get("purpose")
    outcome = standing(
        row.state, until, row.purpose, work.now.date(), None if purpose is None else str(purpose)
    )
    note(work, row.id, case, outcome)
    work.tx.update("document", (row.id,), {"relied": row.relied + 1}, {"relied": row.relied})
    public = work.tx.rows("SELECT public FROM document WHERE id = ?", row.id)[0][0]
    return {
        "outcome": outcome,
        "number": row.number,
        "title": orjson.loads(row.title)["zh"],
        "issued_on": date.fromisoformat(row.issued_on),
        "valid_until": until,
        "purpose": row.purpose,
        "reason": row.state_reason,
        "process": _process(work, row.case_id),
        "case": row.case_id,
        "facts": orjson.loads(public),
    }


def revoke(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Revoke {number, reason, replaced_by?}: {ok, told: cases that relied on it}; refused as `not-revocable`."""
    row = _by_number(work, case, given.get("number"))
    if row is None or row.state != "valid":
        state = "unknown" if row is None else row.state
        return Refused("not-revocable", {"number": given.get("number"), "state": state})
    replaced_by = given.get("replaced_by")
    told = withdraw(
        work, row, str(given.get("reason") or ""), str(replaced_by) if replaced_by else None, case
    )
    return {"ok": True, "number": row.number, "case": row.case_id, "told": told}


def withdraw(
    work: Work, row: DocumentRow, reason: str, replaced_by: str | None, by_case: str | None
) -> list[str]:
    """End the document and tell every running case that relied on it; their numbers."""
    if not reason.strip():
        raise CommandInvalid(reason="no-reason", document=row.id)
    if row.state != "valid":
        raise Conflict("document-revoked", document=row.id, state=row.state)
    state = "replaced" if replaced_by else "revoked"
    values = {"state": state, "state_reason": reason, "replaced_by": replaced_by, "state_at": work.now}
    work.tx.update("document", (row.id,), values, {"state": "valid", "relied": row.relied})
    data = {"number": row.number, "state": state, "reason": reason, "replaced_by": replaced_by}
    relying = work.tx.rows(
        "SELECT DISTINCT c.id FROM verification v JOIN cases c ON c.id = v.case_id"
        " WHERE v.document = ? AND c.state = 'open' ORDER BY c.id",
        row.id,
    )
    told = [str(one[0]) for one in relying if one[0] != by_case]
    for case in told:
        _tell(work, row, case, data)
    return told


def note(work: Work, document: str, case: str, outcome: str, times: int = 1, day: date | None = None) -> None:
    """Count a verification; `case` is "" for the public."""
    key = (document, case, (day or work.now.date()).isoformat(), outcome)
    pending = work.tx.pending("verification", key)
    if pending is not None:
        pending.values["times"] += times
        return
    where = "SELECT times FROM verification WHERE document = ? AND case_id = ? AND day = ? AND outcome = ?"
    known = work.tx.rows(where, *key)
    if known:
        work.tx.update("verification", key, {"times": known[0][0] + times}, {"times": known[0][0]})
        return
    names = ("document", "case_id", "day", "outcome")
    work.tx.insert("verification", {**dict(zip(names, key, strict=True)), "times": times})


def _tell(work: Work, row: DocumentRow, case: str, data: Mapping[str, Any]) -> None:
    package = work.tx.rows("SELECT package FROM cases WHERE id = ?", row.case_id)[0][0]
    work.tx.insert(
        "outbox",
        {
            "id": f"{row.id}.told.{case}",
            "case_id": row.case_id,
            "token": 0,
            "element": row.element,
            "kind": "message",
            "name": REVOKED,
            "body": pack({"input": {"message": REVOKED, "to": case, "data": dict(data)}}),
            "package": package,
            "state": "open",
            "tries": 0,
            "asked_at": work.now,
            "due": work.now,
        },
    )


def _by_number(work: Work, case: str, number: object) -> DocumentRow | None:
    """The document of that number, unless it is of a case that the asking case may not know of."""
    if not isinstance(number, str) or not number.strip():
        raise CommandInvalid(reason="document-number")
    where = "number = ? ORDER BY issued_at DESC LIMIT 1"
    row = work.tx.one(DocumentRow, "document", where, "".join(number.split()))
    if row is None or hidden_from(work.tx, work.policies, case, row.case_id):
        return None
    return row


def _process(work: Work, case: str) -> str:
    found = work.tx.rows("SELECT process FROM cases WHERE id = ?", case)
    if not found:
        raise NotFound(kind="case", id=case)
    return str(found[0][0])


OPERATIONS = {"document.verify": verify, "document.revoke": revoke}
