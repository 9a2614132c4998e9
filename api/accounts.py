"""Accounts of programs and apps (JSON): phone codes, sessions listed and ended, the inbox."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.auth import fingerprint
from api.devices import agent_of
from api.frame import Asked, token_of
from api.ops import Session
from api.routes import delete, get, post
from engine.commands import EndSessions
from engine.queries.accounts import inbox, own_sessions


class Phone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mobile number of 11 digits."""

    phone: str


class CodeAsked(msgspec.Struct, frozen=True):
    """The name under which the code is entered."""

    code: str


class Entered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and digits of a code."""

    code: str
    digits: str


class SessionLine(msgspec.Struct, frozen=True):
    """Where the asker is signed in; `id` names it for ending it and opens nothing."""

    id: str
    way: str
    device: str
    since: datetime
    expires_at: datetime
    here: bool


class SendingLine(msgspec.Struct, frozen=True):
    """How a notice fared on a line (sms, email): open, done or failed."""

    line: str
    state: str
    at: datetime | None


class NoticeLine(msgspec.Struct, frozen=True):
    """A notice in the inbox."""

    id: str
    case: str
    event: str
    text: str
    sent_at: datetime
    read_at: datetime | None
    sent: list[SendingLine]


@post("/api/codes", tags=["operations"], keyed=False, summary="Send a code to a phone")
def ask_code(asked: Asked, data: Phone) -> CodeAsked:
    """The answer is the same whether the phone has an account or not; 429 says when it can get another code."""
    asked.brake("code")
    return CodeAsked(asked.edge.sessions.ask_code(data.phone, asked.now, asked.language))


@post("/api/sessions/code", tags=["operations"], keyed=False, summary="Sign in by a code")
def enter_code(asked: Asked, data: Entered) -> Session:
    """Begin a session for the phone's account, which begins too if there was none; 401 for a wrong or used code."""
    asked.brake("sign-in")
    agent = agent_of(asked.request.headers.get("user-agent", ""))
    begun = asked.edge.sessions.begin_by_code(
        data.code, data.digits, asked.now, agent=agent, language=asked.language
    )
    return Session(begun.token, begun.expires, begun.account)


@get("/api/sessions", tags=["operations"], summary="Where one is signed in")
def sessions(asked: Asked) -> list[SessionLine]:
    """The asker's sessions, latest first."""
    here = fingerprint(token_of(asked.request) or "")
    return [
        SessionLine(
            one.token,
            one.way or "password",
            one.agent or "",
            one.created_at,
            one.expires_at,
            one.token == here,
        )
        for one in own_sessions(asked.office.store, asked.actor, asked.now)
    ]


@delete("/api/sessions/all", tags=["operations"], summary="Sign out everywhere")
def end_all(asked: Asked) -> None:
    """End every session of the asker, this one too."""
    _end(asked, None)


@delete("/api/sessions/{session:str}", tags=["operations"], summary="End one session")
def end_one(asked: Asked, session: str) -> None:
    """End one of the asker's sessions by its id; one that is over is no error."""
    _end(asked, session)


def _end(asked: Asked, only: str | None) -> None:
    asked.require_account()
    asked.execute(EndSessions(asked.command_id(), only))
    asked.edge.sessions.forget()


@get("/api/inbox", tags=["operations"], summary="The own notices")
def notices(asked: Asked) -> list[NoticeLine]:
    """The latest fifty notices, with what went out of each; reading them here marks nothing."""
    return [
        NoticeLine(
            letter.id,
            letter.case_id,
            letter.event,
            letter.text,
            letter.sent_at,
            letter.read_at,
            [SendingLine(one.line, one.state, one.done_at) for one in sendings],
        )
        for letter, sendings in inbox(asked.office.store, asked.actor)
    ]


routes = (ask_code, enter_code, sessions, end_all, end_one, notices)
