"""Public verification: no account, no more than the paper itself says."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.enums import MediaType

from api.frame import Asked, page
from api.pages import posts, reasons
from api.routes import get, post
from api.verifying import counted, judged, judged_file
from api.words import knows
from engine.documents.offline_page import build_page, policy_of
from engine.documents.register import StoreRegister
from engine.documents.verify import Verdict, by_token


def _page(asked: Asked, verdict: Verdict | None = None, number: str = "") -> Response[str]:
    if verdict is None:
        return page(asked, "verify.html", verdict=None, number=number)
    facts: list[tuple[str, str]] = []
    if verdict.outcome != "unknown":
        facts.append((asked.say("verify.document"), asked.pick(dict(verdict.title))))
        if verdict.number:
            facts.append((asked.say("document.number"), verdict.number))
        if verdict.issued_on:
            facts.append((asked.say("verify.issued-on"), verdict.issued_on.isoformat()))
        if verdict.valid_until:
            facts.append((asked.say("verify.valid-until"), verdict.valid_until.isoformat()))
        if verdict.duplicate:
            told = asked.say("verify.duplicate-text", n=verdict.duplicate)
            facts.append((asked.say("verify.duplicate"), told))
        facts += [
            (asked.say(f"verify.{name}"), value)
            for name, value in (("reason", verdict.reason), ("replaced-by", verdict.replaced_by))
            if value and verdict.outcome in {"revoked", "replaced"}
        ]
        facts += [(_fact(asked, name), reasons.plain(asked, value)) for name, value in verdict.facts.items()]
    return page(
        asked,
        "verify.html",
        verdict={"state": verdict.outcome, "facts": facts, "seal": verdict.seal},
        number=number,
    )


def _fact(asked: Asked, name: str) -> str:
    """What a fact is called: by its whole name, else by its last part (`county.amount` is an amount)."""
    return asked.say(
        next((key for key in (f"fact.{name}", f"fact.{name.rsplit('.', 1)[-1]}") if knows(key)), name)
    )


@get("/verify", include_in_schema=False)
def ask(asked: Asked) -> Response[str]:
    """The two ways to verify."""
    return _page(asked)


@get("/verify/offline", include_in_schema=False)
def offline(asked: Asked) -> Response[str]:
    """The page that verifies without network, with today's keys and list; as a file to be saved."""
    asked.brake("verify")
    office = asked.office
    text = build_page(office.settings, office.store, asked.now)
    headers = {
        "content-security-policy": policy_of(text),
        "cache-control": "no-store",
        "content-disposition": 'inline; filename="verify-offline.html"',
        "x-content-type-options": "nosniff",
    }
    return Response(text, media_type=MediaType.HTML, headers=headers)


@get("/verify/{token:str}", include_in_schema=False)
def by_word(asked: Asked, token: str) -> Response[str]:
    """Where the QR code on a paper leads."""
    asked.brake("verify")
    return _page(asked, counted(asked, by_token(token, StoreRegister(asked.office.store))))


@post("/verify", status_code=200, include_in_schema=False)
async def answer(asked: Asked) -> Response[str]:
    """Judge an uploaded file, or a number with its code."""
    given = await posts.posted(asked)
    return await sync_to_thread(_judge, asked, given)


def _judge(asked: Asked, given: dict[str, list[Any]]) -> Response[str]:
    asked.brake("verify")
    upload = next(
        (one for one in given.get("file", ()) if isinstance(one, UploadFile) and one.filename), None
    )
    if upload is not None:
        content = upload.file.read(asked.office.settings.upload_limit + 1)
        return _page(asked, counted(asked, judged_file(asked, content)))
    number, token = posts.first(given, "number").strip(), posts.first(given, "token").strip()
    if not token:
        return _page(asked, number=number)
    return _page(asked, counted(asked, judged(asked, token, number)), number)


routes = (ask, offline, by_word, answer)
