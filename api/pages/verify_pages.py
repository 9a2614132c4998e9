"""Public verification: no account, no more than the paper itself says."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile

from api.frame import Asked, page
from api.pages import posts, reasons
from api.routes import get, post
from api.words import knows
from engine.documents.register import StoreRegister
from engine.documents.verify import Verdict, by_file, by_number, by_token


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
        facts += [(_fact(asked, name), reasons.plain(asked, value)) for name, value in verdict.facts.items()]
    return page(asked, "verify.html", verdict={"state": verdict.outcome, "facts": facts}, number=number)


def _fact(asked: Asked, name: str) -> str:
    """What a fact is called: by its whole name, else by its last part (`county.amount` is an amount)."""
    return asked.say(
        next((key for key in (f"fact.{name}", f"fact.{name.rsplit('.', 1)[-1]}") if knows(key)), name)
    )


@get("/verify", include_in_schema=False)
def ask(asked: Asked) -> Response[str]:
    """The two ways to verify."""
    return _page(asked)


@get("/verify/{token:str}", include_in_schema=False)
def by_code(asked: Asked, token: str) -> Response[str]:
    """Where the QR code on a paper leads."""
    asked.brake("verify")
    return _page(asked, by_token(token, StoreRegister(asked.office.store)))


@post("/verify", status_code=200, include_in_schema=False)
async def answer(asked: Asked) -> Response[str]:
    """Judge an uploaded file, or a number with its code."""
    given = await posts.posted(asked)
    return await sync_to_thread(_judge, asked, given)


def _judge(asked: Asked, given: dict[str, list[Any]]) -> Response[str]:
    asked.brake("verify")
    register = StoreRegister(asked.office.store)
    upload = next(
        (one for one in given.get("file", ()) if isinstance(one, UploadFile) and one.filename), None
    )
    if upload is not None:
        return _page(asked, by_file(upload.file.read(asked.office.settings.upload_limit + 1), register))
    number, token = posts.first(given, "number").strip(), posts.first(given, "token").strip()
    if not token:
        return _page(asked, number=number)
    verdict = by_number(number, token, register) if number else by_token(token, register)
    return _page(asked, verdict, number)


routes = (ask, by_code, answer)
