"""What people see of their own account: who they are here, where they are signed in, and their inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.errors import NotFound, SignInRequired
from engine.queries.cases import all_rows

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import Actor
    from engine.store.session import Store


class Account(NamedTuple):
    """An account as its owner sees it."""

    id: str
    name: str
    phone: str | None
    email: str | None
    notify: str | None
    language: str
    password: str | None


class SignedIn(NamedTuple):
    """One session."""

    token: str
    created_at: datetime
    expires_at: datetime
    way: str | None
    agent: str | None


class Letter(NamedTuple):
    """A notice in the inbox."""

    id: str
    case_id: str
    event: str
    text: str
    sent_at: datetime
    read_at: datetime | None


class Sending(NamedTuple):
    """How a notice fared on a line outside: `state` is open, done or failed."""

    line: str
    state: str
    done_at: datetime | None


def _self(actor: Actor) -> str:
    if actor.id is None:
        raise SignInRequired
    return actor.id


def own_account(store: Store, actor: Actor) -> Account:
    """The actor's account."""
    with store.reading() as reader:
        found = all_rows(reader, Account, "account", "id = ?", _self(actor))
    if not found:
        raise NotFound(kind="account", id=actor.id)
    return found[0]


def own_sessions(store: Store, actor: Actor, now: datetime) -> list[SignedIn]:
    """Where the actor is signed in, latest first."""
    where = "account = ? AND expires_at > ? ORDER BY created_at DESC, token"
    with store.reading() as reader:
        return all_rows(reader, SignedIn, "session", where, _self(actor), now)


def inbox(store: Store, actor: Actor, limit: int = 50) -> list[tuple[Letter, tuple[Sending, ...]]]:
    """The actor's notices, latest first, with what went out of each."""
    where = "account = ? ORDER BY sent_at DESC, id DESC LIMIT ?"
    with store.reading() as reader:
        letters = all_rows(reader, Letter, "notice", where, _self(actor), limit)
        names = [f"{one.id}:{line}" for one in letters for line in ("sms", "email")]
        marks = ", ".join("?" * len(names)) or "''"
        sql = f"SELECT id, kind, state, done_at FROM outbox WHERE id IN ({marks})"  # noqa: S608 - only marks
        rows = reader.rows(sql, names)
    sent: dict[str, list[Sending]] = {}
    for name, kind, state, done_at in sorted(rows):
        sent.setdefault(name.rpartition(":")[0], []).append(Sending(kind, state, done_at))
    return [(one, tuple(sent.get(one.id, ()))) for one in letters]


def unread(store: Store, actor: Actor) -> int:
    """How many notices the actor has not seen."""
    if actor.id is None:
        return 0
    sql = "SELECT count(*) FROM notice WHERE account = ? AND read_at IS NULL"
    with store.reading() as reader:
        return int(reader.rows(sql, (actor.id,))[0][0])
