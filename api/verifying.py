"""Public verification for pages and API alike: by word, number or code, and counted without saying who asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.documents.codes import by_code
from engine.documents.judge import JUDGE, trusted
from engine.documents.offline import PREFIX
from engine.documents.register import StoreRegister
from engine.documents.verify import Verdict, by_file, by_number, by_token

if TYPE_CHECKING:
    from api.frame import Asked

#: The list of what papers may be for.
PURPOSES = "certificate-purposes"


def judged(asked: Asked, token: str, number: str = "", purpose: str | None = None) -> Verdict:
    """The verdict on a paper: by the text of its offline code, or by its word, with its number where that is given."""
    register = StoreRegister(asked.office.store)
    if token.lstrip().startswith(PREFIX):
        return by_code(token, register, asked.office.settings, asked.now, purpose)
    if number:
        return by_number(number, token, register, purpose=purpose)
    return by_token(token, register, purpose=purpose)


def judged_file(asked: Asked, content: bytes, purpose: str | None = None) -> Verdict:
    """The verdict on a file; where it is none that was issued, with what its own signature says."""
    verdict = by_file(content, StoreRegister(asked.office.store), purpose=purpose)
    if verdict.outcome not in ("altered", "unknown") or len(content) > asked.office.settings.upload_limit:
        return verdict
    return replace(verdict, seal=_signature(asked, content))


def _signature(asked: Asked, content: bytes) -> str:
    """In one word, judged in a process that holds nothing of ours; a stranger's name for itself is never repeated."""
    if not content.startswith(b"%PDF-"):
        return "none"
    seal = JUDGE.seal(content, trusted(asked.office.settings))
    if seal is None:
        return "unjudged"
    if not seal.found:
        return "none"
    if not (seal.intact and seal.whole):
        return "broken"
    return "ours" if seal.trusted else "foreign"


def counted(asked: Asked, verdict: Verdict) -> Verdict:
    """The same verdict, after it was counted that somebody was given it; of whom it was nothing is kept."""
    if verdict.document is not None:
        asked.edge.tally.note(verdict.document, asked.today.isoformat(), verdict.outcome)
    return verdict


def purposes(asked: Asked) -> list[tuple[str, str]]:
    """(code, name) of what a paper may be wanted for, as the jurisdiction lists it; none where it has no such list."""
    office = asked.office
    if PURPOSES not in office.law.lists.names:
        return []
    return [
        (str(entry.values["code"]), str(entry.values["name"]))
        for entry in office.law.lists.entries(PURPOSES, asked.today)
    ]


def wanted(asked: Asked, purpose: str | None) -> str | None:
    """The purpose asked about; None for none, and for a code that is none."""
    return purpose if purpose and any(purpose == code for code, _ in purposes(asked)) else None
