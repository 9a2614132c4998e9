"""Whose draft of an application a browser holds: by a cookie that opens it, or by the account that began it.

The cookie outlives a session, so that nothing typed is lost when a session ends in the middle of a form.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from typing import TYPE_CHECKING, Any

from engine.commands import TakeApplication
from engine.errors import EngineError, NotFound
from engine.queries import DraftView, draft, draft_holder, drafts

if TYPE_CHECKING:
    from litestar import Response

    from api.frame import Asked
    from engine.access import Actor
    from engine.store.rows import ApplicationDraftRow

COOKIE = "banjian-drafts"
#: A browser keeps the last few; older ones go on with their code.
_MOST = 6
_SECONDS = 30 * 24 * 3600
_PAIR = re.compile(r"[2-9A-Z]{16}\.[2-9A-Z]{8}")


def held(asked: Asked) -> dict[str, str]:
    """Id and code of the drafts that this browser holds, oldest first."""
    pairs = (asked.request.cookies.get(COOKIE) or "").split("~")
    return dict(one.split(".") for one in pairs if _PAIR.fullmatch(one))


def remember(asked: Asked, answer: Response[Any], key: str, code: str) -> None:
    """Let the browser hold one draft more."""
    _keep(asked, answer, {**{one: word for one, word in held(asked).items() if one != key}, key: code})


def forget(asked: Asked, answer: Response[Any], key: str) -> None:
    """Let the browser hold it no longer."""
    _keep(asked, answer, {one: word for one, word in held(asked).items() if one != key})


def take_along(asked: Asked, actor: Actor) -> None:
    """Give an applicant who signs in what this browser began without account; a desk's browser holds other people's."""
    if asked.office.bus.access.reaches(actor):
        return
    for key, code in held(asked).items():
        with contextlib.suppress(EngineError):
            asked.execute(TakeApplication(f"take:{key}:{secrets.token_hex(8)}", key, code), actor=actor)


def _keep(asked: Asked, answer: Response[Any], known: dict[str, str]) -> None:
    if not known:
        answer.delete_cookie(COOKIE)
        return
    text = "~".join(f"{key}.{code}" for key, code in list(known.items())[-_MOST:])
    secure = asked.office.settings.base_url.startswith("https")
    answer.set_cookie(COOKIE, text, max_age=_SECONDS, httponly=True, samesite="lax", secure=secure)


def holder_of(asked: Asked, key: str) -> Actor:
    """As whom the asker works on the draft: by its code, else by the account."""
    code = held(asked).get(key)
    if code is None:
        return asked.actor
    try:
        return draft_holder(asked.office.store, key, code)
    except NotFound:
        return asked.actor


def open_draft(asked: Asked, process: str, key: str) -> tuple[Actor, DraftView]:
    """The draft and as whom to work on it; NotFound for one of others, or of another process."""
    actor = holder_of(asked, key)
    view = draft(asked.office.store, actor, key, asked.now)
    if view.row.process != process:
        raise NotFound(kind="draft", id=key)
    return actor, view


def begun(asked: Asked, process: str = "") -> list[ApplicationDraftRow]:
    """The open drafts of this browser and this account, latest first."""
    found = {row.id: row for row in drafts(asked.office.store, asked.actor, asked.now)}
    for key in held(asked):
        if key not in found:
            try:
                row = draft(asked.office.store, holder_of(asked, key), key, asked.now).row
            except NotFound:
                continue
            if row.state == "open":
                found[key] = row
    rows = [row for row in found.values() if process in ("", row.process)]
    return sorted(rows, key=lambda row: row.saved_at, reverse=True)
