"""What lies in a case: its application, steps, papers and notices.

Each is asked about a case that the caller has been shown already (`case`, `task`): no right is looked at once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine.store.exact import unpack

if TYPE_CHECKING:
    from datetime import datetime

    from engine.store.session import Reader


class RegisterAnswer(NamedTuple):
    """What came of a question to a register: its kind, the packed answer, when it came, and the state of the question."""

    kind: str
    answer: str | None
    done_at: datetime | None
    state: str


class Paper(NamedTuple):
    """A paper that was handed in later: its hash, its name, and the question that it answers."""

    sha256: str
    name: str
    field: str | None


class Sent(NamedTuple):
    """A notice as it was sent."""

    text: str
    at: datetime


def application_of(reader: Reader, number: str) -> dict[str, Any]:
    """The answers of the application; none where the case began without one."""
    found = reader.rows("SELECT application FROM cases WHERE id = ?", (number,))
    return unpack(found[0][0]) if found and found[0][0] else {}


def helper_of(reader: Reader, number: str) -> dict[str, Any] | None:
    """Who helps the applicant of the case, if anybody does."""
    found = reader.rows("SELECT helper FROM cases WHERE id = ?", (number,))
    return orjson.loads(found[0][0]) if found and found[0][0] else None


def filed_in(reader: Reader, number: str) -> dict[str, Any]:
    """The answers of each task that was completed, by its id."""
    sql = "SELECT id, filed FROM task WHERE case_id = ? AND state = 'done'"
    return {key: unpack(filed) for key, filed in reader.rows(sql, (number,)) if filed}


def register_answers(reader: Reader, number: str) -> list[RegisterAnswer]:
    """What registers were asked for the case, latest first."""
    sql = (
        "SELECT kind, answer, done_at, state FROM outbox WHERE case_id = ? AND kind LIKE 'check.%'"
        " ORDER BY asked_at DESC, id"
    )
    return [RegisterAnswer(*row) for row in reader.rows(sql, (number,))]


def papers_of(reader: Reader, number: str) -> list[Paper]:
    """The papers that were handed in after the application, in the order in which they came."""
    sql = "SELECT sha256, name, field FROM material WHERE case_id = ? ORDER BY added_at, id"
    return [Paper(*row) for row in reader.rows(sql, (number,))]


def notices_of(reader: Reader, number: str) -> list[Sent]:
    """The notices that were sent, the first one first."""
    sql = "SELECT text, sent_at FROM notice WHERE case_id = ? ORDER BY sent_at"
    return [Sent(*row) for row in reader.rows(sql, (number,))]


def is_issued(reader: Reader, sha256: str) -> bool:
    """Whether the bytes with that hash are a document that was issued by anybody."""
    return bool(reader.rows("SELECT 1 FROM document WHERE sha256 = ? LIMIT 1", (sha256,)))


def handed_in(reader: Reader, number: str, sha256: str) -> bool:
    """Whether the case's application, or a paper handed in later, is the one with that hash."""
    sql = (
        "SELECT 1 FROM cases WHERE id = ? AND application LIKE ?"
        " UNION ALL SELECT 1 FROM material WHERE case_id = ? AND sha256 = ? LIMIT 1"
    )
    return bool(reader.rows(sql, (number, f"%{sha256}%", number, sha256)))


def token_of(reader: Reader, document: str) -> str:
    """The secret part of the address under which strangers verify the document."""
    return str(reader.rows("SELECT token FROM document WHERE id = ?", (document,))[0][0])
