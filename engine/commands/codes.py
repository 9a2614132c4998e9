"""Signing in by a code sent to a phone: asked for, sent, tried a few times, good once.

The edge compares (the code follows from its name and a key that only edge and relay know); what counts is kept here, in
the same transaction in which the session begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands import sessions
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.letters import post
from engine.errors import CodeTooSoon, NotFound

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.commands.sessions import Opening

#: How long a code holds, and how often it may be tried.
LIFE = timedelta(minutes=5)
MOST_TRIES = 5
#: How many codes a phone gets in each span.
LIMITS = (
    (timedelta(seconds=60), 1),
    (timedelta(hours=1), 5),
    (timedelta(days=1), 10),
)
#: The issuer under which a phone is an identity.
PHONE = "phone"
KIND = "code"


@dataclass(frozen=True, slots=True)
class AskCode(Command):
    """Send a code to the phone; `name` is the code's name."""

    phone: str
    name: str
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class EnterCode(Command):
    """Somebody typed a code, and it was `right` or not. With an `opening` a session begins for the phone's account.

    The first time a phone proves itself it gets an account. Without `opening` the phone has shown itself, and that is all.
    """

    name: str
    right: bool
    account: str = ""
    opening: Opening | None = None
    language: str = "zh"


class CodeRow(NamedTuple):
    """A code that was sent."""

    id: str
    phone: str
    asked_at: datetime
    expires_at: datetime
    tries: int
    used_at: datetime | None


def masked(phone: str) -> str:
    """A phone number as journals may keep it."""
    return f"{phone[:3]}****{phone[-4:]}"


def _find_phone(work: Work, command: AskCode) -> tuple[Right, list[CodeRow]]:
    where = "phone = ? ORDER BY asked_at DESC"
    return ENGINE_ONLY, work.tx.all(CodeRow, "code", where, command.phone)


def _ask(work: Work, command: AskCode, known: list[CodeRow]) -> dict[str, Any]:
    for span, most in LIMITS:
        within = [one.asked_at for one in known if one.asked_at > work.now - span]
        if len(within) >= most:
            seconds = int((within[most - 1] + span - work.now).total_seconds()) + 1
            raise CodeTooSoon(seconds=seconds)
    for old in known:
        if old.asked_at <= work.now - LIMITS[-1][0]:
            work.tx.delete("code", (old.id,))
    times = {"asked_at": work.now, "expires_at": work.now + LIFE}
    work.tx.insert("code", {"id": command.name, "phone": command.phone, "tries": 0, **times})
    given = {
        "to": command.phone,
        "name": command.name,
        "until": work.now + LIFE,
        "language": command.language,
    }
    message = post(work, f"code:{command.name}", KIND, given)
    return {"name": command.name, "message": message}


def _find_code(work: Work, command: EnterCode) -> tuple[Right, CodeRow]:
    row = work.tx.one(CodeRow, "code", "id = ?", command.name, lock=True)
    if row is None:
        raise NotFound(kind="code", id=command.name)
    return ENGINE_ONLY, row


def _enter(work: Work, command: EnterCode, row: CodeRow) -> dict[str, Any]:
    if row.used_at is not None or row.expires_at <= work.now or row.tries >= MOST_TRIES:
        return {"right": False, "over": True}
    tries = row.tries + 1
    used_at = work.now if command.right else None
    work.tx.update("code", (row.id,), {"tries": tries, "used_at": used_at}, {"tries": row.tries})
    if not command.right:
        return {"right": False, "over": tries >= MOST_TRIES}
    if command.opening is None:
        return {"right": True, "over": True}
    account, new = account_of(work, PHONE, row.phone, command.account)
    if new:
        add_account(work, account, name=masked(row.phone), phone=row.phone, language=command.language)
    elif work.tx.rows("SELECT 1 FROM account WHERE id = ? AND state <> 'active'", account):
        return {"right": False, "over": True}
    sessions.begin(work, account, command.opening, "account-begun" if new else sessions.SIGNED_IN)
    return {"right": True, "over": True, "account": account, "new": new}


def account_of(work: Work, issuer: str, subject: str, fresh: str) -> tuple[str, bool]:
    """The account of an identity; a fresh id and True if there is none, and then the identity is the fresh one's."""
    known = work.tx.rows("SELECT account FROM identity WHERE issuer = ? AND subject = ?", issuer, subject)
    if known:
        return str(known[0][0]), False
    row = {"issuer": issuer, "subject": subject, "account": fresh, "added_at": work.now}
    work.tx.insert("identity", row)
    return fresh, True


def add_account(work: Work, account: str, **values: Any) -> None:
    """Write the row of a person's account that nobody in the office had to make."""
    given = {"id": account, "state": "active", "failures": 0, "created_at": work.now, "language": "zh"}
    work.tx.insert("account", given | values)


VERBS = {AskCode: Verb(_find_phone, _ask), EnterCode: Verb(_find_code, _enter)}
