"""What people see of their own account: who they are here, where they are signed in, and their inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.errors import NotFound, SignInRequired
from engine.queries.cases import all_rows

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.access import Access, Actor
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


class Representation(NamedTuple):
    """Who acts for whom, with both names."""

    id: str
    represented: str
    represented_name: str
    born_on: str | None
    representative: str
    representative_name: str
    kind: str
    basis: str
    valid_from: str
    valid_to: str | None
    state: str


_RELATED = """SELECT r.id, r.represented, a.name, a.born_on, r.representative, b.name, r.kind, r.basis,
r.valid_from, r.valid_to, r.state FROM representation r
JOIN account a ON a.id = r.represented JOIN account b ON b.id = r.representative WHERE """


def own_representations(store: Store, actor: Actor, day: date) -> list[Representation]:
    """For whom the actor acts, and who acts for the actor, now or later."""
    where = "(r.representative = ? OR r.represented = ?) AND r.state <> 'ended' AND (r.valid_to IS NULL OR r.valid_to >= ?)"
    me = _self(actor)
    with store.reading() as reader:
        rows = reader.rows(f"{_RELATED}{where} ORDER BY r.declared_at, r.id", (me, me, day.isoformat()))
    return [Representation._make(row) for row in rows]


def declared_representations(store: Store, access: Access, actor: Actor, phone: str) -> list[Representation]:
    """What the person with that phone has declared and no office has confirmed; for whoever may confirm it."""
    access.allow(actor, "confirm-representation", "office", None)
    where = "b.phone = ? AND r.state = 'declared' ORDER BY r.declared_at, r.id"
    with store.reading() as reader:
        rows = reader.rows(f"{_RELATED}{where}", (phone,))
    return [Representation._make(row) for row in rows]


def account_of_phone(store: Store, phone: str) -> str | None:
    """The account that has shown itself by a code sent to this phone."""
    sql = "SELECT account FROM identity WHERE issuer = 'phone' AND subject = ?"
    with store.reading() as reader:
        found = reader.rows(sql, (phone,))
    return str(found[0][0]) if found else None
