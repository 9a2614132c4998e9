"""What a stranger with a paper or a file is told: is it genuine, and what does the register say of it.

Bytes are compared by their hash with what was issued; nothing of a foreign file is parsed for that. Shown are only the
facts that the template's sidecar opens, masked when the paper was issued, never more than the paper itself says.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol
from zoneinfo import ZoneInfo

from engine import papers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
Outcome = Literal["genuine", "altered", "revoked", "replaced", "expired", "wrong-purpose", "unknown"]
_ZONE = ZoneInfo("Asia/Shanghai")

#: Files larger than this are nothing that was issued here.
LIMIT = 50 * 1024 * 1024
_IDENTIFIER = re.compile(rb"/ID\s*\[\s*(?:\(([^()\\]{1,64})\)|<([0-9A-Fa-f]{2,128})>)")


@dataclass(frozen=True, slots=True)
class Paper:
    """One issued document as the register keeps it; `public` was masked when it was issued."""

    id: str
    code: str
    number: str | None
    title: Mapping[str, str]
    token: str
    sha256: str
    state: str  # valid | revoked | replaced
    issued_on: date
    public: Mapping[str, Any]
    signed_by: str | None = None
    valid_until: date | None = None
    purpose: str | None = None
    reason: str | None = None
    replaced_by: str | None = None
    #: Set where the bytes are those of a marked duplicate: which print of the document it is.
    duplicate: int | None = None


class Register(Protocol):
    """Where issued documents are looked up; each answer is one paper or none."""

    def by_sha256(self, sha256: str) -> Paper | None:
        """The document with these bytes."""
        ...

    def by_token(self, token: str) -> Paper | None:
        """The document with this verification word."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a stranger. For `unknown` nothing is shown; for `altered` what the genuine paper says."""

    outcome: Outcome
    code: str | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None
    issued_on: date | None = None
    #: Of the genuine file, so that a file at hand can be compared by other means.
    sha256: str | None = None
    sealed: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: The last day on which it holds, and the one purpose (code) it proves something for.
    valid_until: date | None = None
    purpose: str | None = None
    #: Why it was revoked, and the number of the paper in its place.
    reason: str | None = None
    replaced_by: str | None = None
    #: The file is a marked duplicate: which print of the document.
    duplicate: int | None = None
    #: Of a file that is not one of ours: what its own signature says (none, broken, foreign, ours, unjudged).
    seal: str | None = None
    #: For counting; not for strangers.
    document: str | None = None


def by_file(
    content: bytes, register: Register, *, on: date | None = None, purpose: str | None = None
) -> Verdict:
    """Judge a file on a day (today), for what the asker wants it: `altered` when it says which paper it is but its bytes are not those that were issued."""
    if not content or len(content) > LIMIT:
        return Verdict("unknown")
    paper = register.by_sha256(hashlib.sha256(content).hexdigest())
    if paper is not None:
        return _told(paper, on, purpose)
    for token in file_tokens(content):
        paper = register.by_token(token)
        if paper is not None:
            return _told(paper, on, purpose, altered=True)
    return Verdict("unknown")


def by_token(
    token: str, register: Register, *, on: date | None = None, purpose: str | None = None
) -> Verdict:
    """Judge a paper by the word in its QR code, or as a person types it (blanks and small letters are forgiven)."""
    word = "".join(token.split())
    if not 8 <= len(word) <= 64:
        return Verdict("unknown")
    paper = register.by_token(word) or register.by_token(word.upper())
    return Verdict("unknown") if paper is None else _told(paper, on, purpose)


def by_number(
    number: str, token: str, register: Register, *, on: date | None = None, purpose: str | None = None
) -> Verdict:
    """Judge by document number and word together; the number alone, which can be guessed, tells nothing."""
    verdict = by_token(token, register, on=on, purpose=purpose)
    if verdict.outcome == "unknown" or not hmac.compare_digest(_plain(verdict.number), _plain(number)):
        return Verdict("unknown")
    return verdict


def file_tokens(content: bytes) -> Iterator[str]:
    """The words that a PDF's own identifier may hold (first half of /ID), without reading the rest of the file."""
    seen: set[str] = set()
    for literal, figures in _first(_IDENTIFIER.findall(content), 8):
        raw = literal or (bytes.fromhex(figures.decode()) if len(figures) % 2 == 0 else b"")
        if raw.isascii() and (word := raw.decode()) and word.isprintable() and word not in seen:
            seen.add(word)
            yield word


def _first(found: Iterable[tuple[bytes, bytes]], most: int) -> Iterator[tuple[bytes, bytes]]:
    for place, item in enumerate(found):
        if place >= most:
            return
        yield item


def _plain(number: str | None) -> bytes:
    """A document number without blanks, and with the brackets people have on their keyboard."""
    swapped = (number or "").translate(str.maketrans("[]【】()（）﹝﹞", "〔〕〔〕〔〕〔〕〔〕"))
    return "".join(swapped.split()).encode()


def _told(paper: Paper, on: date | None, purpose: str | None, *, altered: bool = False) -> Verdict:
    day = on or datetime.now(_ZONE).date()
    held = papers.standing(paper.state, paper.valid_until, paper.purpose, day, purpose)
    outcome: Outcome = "altered" if altered else held
    return Verdict(
        outcome,
        code=paper.code,
        title=paper.title,
        number=paper.number,
        issued_on=paper.issued_on,
        sha256=paper.sha256,
        sealed=paper.signed_by is not None,
        facts=paper.public,
        valid_until=paper.valid_until,
        purpose=paper.purpose,
        reason=paper.reason,
        replaced_by=paper.replaced_by,
        duplicate=paper.duplicate,
        document=paper.id,
    )
