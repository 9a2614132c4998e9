"""Accounts, their grants, and their sessions. Passwords are hashed at the edge and never reach a command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands import sessions
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.commands.frame import Work
    from engine.commands.sessions import Opening

#: What policies call the installation as a whole.
OBJECT = "office"
#: After so many wrong passwords in a row an account rests (GB/T 22239 level 3 practice; assumed numbers).
MOST_FAILURES = 5
REST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role in an area (and department), in force from and to the given days (both included, ISO text)."""

    role: str
    area: str = ""
    department: str = ""
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True, slots=True)
class AddAccount(Command):
    """A person gets an account with grants; `password` is an argon2id hash, or None for one who cannot sign in yet."""

    account: str
    name: str
    password: str | None = None
    phone: str | None = None
    language: str = "zh"
    grants: Sequence[GrantLine] = ()


@dataclass(frozen=True, slots=True)
class SignIn(Command):
    """The edge has compared a password; if it was right the session begins."""

    account: str
    right: bool
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class SignOut(Command):
    """The session with that token hash ends."""

    token: str


class AccountRow(NamedTuple):
    """An account as sign-in needs it."""

    id: str
    name: str
    state: str
    failures: int
    locked_until: datetime | None


def _find_new(work: Work, command: AddAccount) -> tuple[Right, AccountRow | None]:
    return Right("manage", OBJECT, None), work.tx.one(AccountRow, "account", "id = ?", command.account)


def _add(work: Work, command: AddAccount, known: AccountRow | None) -> dict[str, Any]:
    if known is not None:
        raise Conflict("account-exists", account=command.account)
    work.tx.insert(
        "account",
        {
            "id": command.account,
            "name": command.name,
            "password": command.password,
            "phone": command.phone,
            "language": command.language,
            "state": "active",
            "failures": 0,
            "created_at": work.now,
        },
    )
    for grant in command.grants:
        for day in (grant.valid_from, grant.valid_to):
            if day is not None:
                date.fromisoformat(day)
        work.tx.insert(
            "grant_",
            {
                "account": command.account,
                "role": grant.role,
                "area": grant.area,
                "department": grant.department,
                "valid_from": grant.valid_from,
                "valid_to": grant.valid_to,
            },
        )
    work.note(f"account:{command.account}", "account-added", name=command.name, grants=list(command.grants))
    return {"account": command.account}


def _find_account(work: Work, command: SignIn) -> tuple[Right, AccountRow]:
    row = work.tx.one(AccountRow, "account", "id = ?", command.account, lock=True)
    if row is None:
        raise NotFound(kind="account", id=command.account)
    return ENGINE_ONLY, row


def _sign_in(work: Work, command: SignIn, account: AccountRow) -> dict[str, Any]:
    if not command.right:
        failures = account.failures + 1
        rest = work.now + REST if failures >= MOST_FAILURES else None
        changes = {"failures": 0 if rest else failures, "locked_until": rest}
        work.tx.update("account", (account.id,), changes, {"failures": account.failures})
        work.note(f"account:{account.id}", "sign-in-failed", failures=failures)
        return {"account": account.id, "locked_until": rest.isoformat() if rest else None}
    assert command.opening is not None
    if account.failures:
        work.tx.update("account", (account.id,), {"failures": 0, "locked_until": None})
    sessions.begin(work, account.id, command.opening)
    return {"account": account.id, "locked_until": None}


class _SessionRow(NamedTuple):
    token: str
    account: str


def _find_session(work: Work, command: SignOut) -> tuple[Right, _SessionRow | None]:
    return ENGINE_ONLY, work.tx.one(_SessionRow, "session", "token = ?", command.token)


def _sign_out(work: Work, command: SignOut, session: _SessionRow | None) -> dict[str, Any]:
    if session is not None:
        work.tx.delete("session", (command.token,))
        work.note(f"account:{session.account}", "signed-out")
    return {"ended": session is not None}


VERBS = {
    AddAccount: Verb(_find_new, _add),
    SignIn: Verb(_find_account, _sign_in),
    SignOut: Verb(_find_session, _sign_out),
}
