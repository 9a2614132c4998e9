"""Health, metrics, and sessions of programs (JSON)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from api.auth import COOKIE
from api.frame import Asked
from api.routes import delete, get, post


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Account and password."""

    account: str
    password: str


class Session(msgspec.Struct, frozen=True):
    """A session: send the token as `Authorization: Bearer <token>`."""

    token: str
    expires_at: datetime
    account: str


@post("/api/sessions", summary="Sign in")
def sign_in(asked: Asked, data: Credentials) -> Session:
    """Begin a session; 400 for a wrong account or password (which of the two is not told), locked after five."""
    token, expires = asked.edge.sessions.begin(data.account, data.password, asked.now)
    return Session(token, expires, data.account)


@delete("/api/sessions", summary="Sign out")
def sign_out(asked: Asked) -> None:
    """End the session of the token that was sent."""
    header = asked.request.headers.get("authorization", "")
    asked.edge.sessions.end(header[7:].strip() or asked.request.cookies.get(COOKIE), asked.now)


@get("/api/me", summary="Who is asking")
def me(asked: Asked) -> dict[str, Any]:
    """The asker's account and grants."""
    actor = asked.actor
    grants = [{"role": one.role, "area": one.area, "department": one.department} for one in actor.grants]
    return {"account": actor.id, "name": actor.name, "grants": grants}


@get("/health", summary="Whether the server can work")
def health(asked: Asked) -> dict[str, Any]:
    """Asks the database and looks at the outbox; 503 when the database does not answer."""
    office = asked.office
    with office.store.reading() as reader:
        waiting = reader.rows("SELECT count(*), min(due) FROM outbox WHERE state = 'open'")[0]
        incidents = reader.rows("SELECT count(*) FROM incident")[0][0]
    return {"state": "ok", "outbox_open": waiting[0], "outbox_oldest": waiting[1], "incidents": incidents}


routes = (sign_in, sign_out, me, health)
