"""Health, and sessions of programs (JSON)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.frame import Asked, token_of
from api.routes import delete, get, post
from engine.queries.health import waiting


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Account and password."""

    account: str
    password: str


class Session(msgspec.Struct, frozen=True):
    """A session: send the token as `Authorization: Bearer <token>`."""

    token: str
    expires_at: datetime
    account: str


class GrantTold(msgspec.Struct, frozen=True):
    """A role in an area (empty: everywhere) and department."""

    role: str
    area: str
    department: str | None


class Me(msgspec.Struct, frozen=True):
    """Who is asking; `account` is null for a person without one."""

    account: str | None
    name: str
    grants: list[GrantTold]


class Health(msgspec.Struct, frozen=True):
    """What a watcher needs: work not yet carried out, its oldest due moment, and stuck cases."""

    state: str
    outbox_open: int
    outbox_oldest: datetime | None
    incidents: int


@post("/api/sessions", tags=["operations"], keyed=False, summary="Sign in")
def sign_in(asked: Asked, data: Credentials) -> Session:
    """Begin a session; 401 for a wrong account or password (which of the two is not told), 429 once it is locked."""
    asked.brake("sign-in")
    begun = asked.edge.sessions.begin(data.account, data.password, asked.now)
    return Session(begun.token, begun.expires, begun.account)


@delete("/api/sessions", tags=["operations"], summary="Sign out")
def sign_out(asked: Asked) -> None:
    """End the session of the token that was sent."""
    asked.edge.sessions.end(token_of(asked.request), asked.now)


@get("/api/me", tags=["operations"], summary="Who is asking")
def me(asked: Asked) -> Me:
    """The asker's account and grants."""
    actor = asked.actor
    grants = [GrantTold(one.role, one.area, one.department) for one in actor.grants]
    return Me(actor.id, actor.name, grants)


@get("/health", tags=["operations"], summary="Whether the server can work")
def health(asked: Asked) -> Health:
    """Asks the database and looks at the outbox; 503 when the database does not answer.

    Work of secret cases is counted only for those who see the whole office: a number that rises would tell of a case.
    """
    office = asked.office
    access = office.bus.access
    hidden = () if access.may(asked.actor, "see", "office", None) else access.secret
    with office.store.reading() as reader:
        return Health("ok", *waiting(reader, hidden))


routes = (sign_in, sign_out, me, health)
