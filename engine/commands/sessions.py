"""Sessions: how one begins, whichever way somebody signed in, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Command, Right, Verb
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from datetime import datetime

    from engine.commands.frame import Work

_OBJECT = "office"
SIGNED_IN = "signed-in"
#: An account has at most so many sessions; the oldest ends when one more begins.
MOST = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that is to begin: hash of its secret token, until when, by which way, on what."""

    token: str
    expires_at: datetime
    way: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class EndSessions(Command):
    """The actor's own sessions end: the one named, or all but `keep` (all of them without)."""

    only: str | None = None
    keep: str | None = None


class SessionRow(NamedTuple):
    """A session."""

    token: str
    created_at: datetime
    expires_at: datetime
    way: str | None
    agent: str | None


def begin(work: Work, account: str, opening: Opening, change: str = SIGNED_IN) -> None:
    """Write the session down; those that are over, and the oldest beyond the limit, are cleared away.

    `change` is what the journal calls it, where more happened than signing in.
    """
    known = sessions_of(work, account)
    over = [one for one in known if one.expires_at <= work.now]
    alive = [one for one in known if one.expires_at > work.now]
    for one in (*over, *alive[MOST - 1 :]):
        work.tx.delete("session", (one.token,))
    row = {
        "token": opening.token,
        "account": account,
        "created_at": work.now,
        "expires_at": opening.expires_at,
    }
    work.tx.insert("session", {**row, "way": opening.way, "agent": opening.agent[:80]})
    work.note(f"account:{account}", change, way=opening.way)


def sessions_of(work: Work, account: str) -> list[SessionRow]:
    """All of an account, latest first."""
    return work.tx.all(SessionRow, "session", "account = ? ORDER BY created_at DESC, token", account)


def end_all(work: Work, account: str, keep: str | None = None) -> int:
    """End every session of the account but one; how many there were."""
    ending = [one.token for one in sessions_of(work, account) if one.token != keep]
    for token in ending:
        work.tx.delete("session", (token,))
    return len(ending)


def _find(work: Work, _: EndSessions) -> tuple[Right, str]:
    if work.actor.id is None:
        raise CommandInvalid(reason="no-account")
    return Right("own-account", _OBJECT, None), work.actor.id


def _end(work: Work, command: EndSessions, account: str) -> dict[str, Any]:
    if command.only is None:
        ended = end_all(work, account, command.keep)
    else:
        mine = [one.token for one in sessions_of(work, account) if one.token == command.only]
        for token in mine:
            work.tx.delete("session", (token,))
        ended = len(mine)
    if ended:
        work.note(f"account:{account}", "sessions-ended", count=ended)
    return {"ended": ended}


VERBS = {EndSessions: Verb(_find, _end)}
