"""Public verification: no account, no more than the paper itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.enums import MediaType
from markupsafe import Markup

from api.auth import ANONYMOUS
from api.frame import Asked, again, page
from api.pages import posts, reasons
from api.posted import Given
from api.routes import form, get
from api.verifying import counted, judged, judged_file, purposes, wanted
from api.words import knows
from engine.documents.offline_page import build_page, policy_of
from engine.documents.register import StoreRegister
from engine.documents.verify import by_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.documents.verify import Verdict

_ALARMING = {"genuine": "done", "revoked": "error", "replaced": "error", "altered": "error"}
_ROW = Markup("<dt>{}</dt><dd>{}</dd>")
#: Places in a frame; no text of ours or of a paper holds them.
_FACTS, _TOKEN = "\x00facts\x00", "\x00token\x00"
_HERE = Markup("\x00facts\x00")
#: Outcomes where asking for one purpose would change the answer.
_FOR_SOMETHING = {"genuine", "wrong-purpose"}


def _page(
    asked: Asked,
    verdict: Verdict | None = None,
    number: str = "",
    purpose: str | None = None,
    token: str = "",
) -> Response[str]:
    facts = _listed(asked, verdict) if verdict is not None else Markup()
    return _framed(asked, verdict, facts, number, purpose, token)


def _framed(
    asked: Asked, verdict: Verdict | None, facts: Markup, number: str, purpose: str | None, token: str
) -> Response[str]:
    """The page around what the register says."""
    choices = purposes(asked)
    told = None
    if verdict is not None:
        told = {
            "state": verdict.outcome,
            "look": _ALARMING.get(verdict.outcome, "warn"),
            "facts": facts,
            "seal": verdict.seal,
            "names": (_named(choices, verdict.purpose), _named(choices, purpose)),
            "ask": token if verdict.purpose and verdict.outcome in _FOR_SOMETHING else "",
        }
    return page(asked, "verify.html", verdict=told, number=number, purposes=choices, purpose=purpose or "")


def _listed(asked: Asked, verdict: Verdict) -> Markup:
    """What the register says, as the rows of a list; nothing of a paper that it does not know."""
    if verdict.outcome == "unknown":
        return Markup()
    return Markup().join(_ROW.format(name, value) for name, value in _facts(asked, verdict))


def _facts(asked: Asked, verdict: Verdict) -> Iterator[tuple[str, object]]:
    """(what it is called, what the register says), in the order of the paper."""
    yield asked.say("verify.document"), asked.pick(dict(verdict.title))
    if verdict.number:
        yield asked.say("document.number"), verdict.number
    for name, day in (("issued-on", verdict.issued_on), ("valid-until", verdict.valid_until)):
        if day:
            yield asked.say(f"verify.{name}"), day.isoformat()
    if verdict.duplicate:
        yield asked.say("verify.duplicate"), asked.say("verify.duplicate-text", n=verdict.duplicate)
    if verdict.outcome in {"revoked", "replaced"}:
        for name, value in (("reason", verdict.reason), ("replaced-by", verdict.replaced_by)):
            if value:
                yield asked.say(f"verify.{name}"), value
    for name, value in verdict.facts.items():
        if name != "valid_until" or not verdict.valid_until:
            yield _fact(asked, name), reasons.plain(asked, value)


def _fact(asked: Asked, name: str) -> str:
    """What a fact is called: by its whole name, else by its last part (`county.amount` is an amount)."""
    return asked.say(
        next((key for key in (f"fact.{name}", f"fact.{name.rsplit('.', 1)[-1]}") if knows(key)), name)
    )


def _named(choices: list[tuple[str, str]], code: str | None) -> str:
    return next((name for known, name in choices if known == code), code or "")


@get("/verify", include_in_schema=False)
def ask(asked: Asked) -> Response[str]:
    """The ways to verify."""
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
def by_word(asked: Asked, token: str, purpose: str | None = None) -> Response[str]:
    """Where the QR code on a paper leads; with `purpose`, whether it proves something for that."""
    asked.brake("verify")
    wish = wanted(asked, purpose)
    verdict = counted(asked, by_token(token, StoreRegister(asked.office.store), purpose=wish))
    if verdict.outcome == "unknown" or asked.actor is not ANONYMOUS or not _plain(asked, token):
        return _page(asked, verdict, purpose=wish, token=token)
    return again(
        _frame(asked, verdict, wish, token).replace(_FACTS, _listed(asked, verdict)).replace(_TOKEN, token)
    )


def _plain(asked: Asked, token: str) -> bool:
    """Whether nothing but a purpose is asked for, so that the page around the facts is one that others were told too."""
    return token.isascii() and token.isalnum() and set(asked.request.query_params) <= {"purpose"}


def _frame(asked: Asked, verdict: Verdict, wish: str | None, token: str) -> str:
    """The page with places for the token and for what the register says, made once for all papers in the same state.

    Nothing of the paper itself is kept: the register is asked for every answer, so that a revocation shows at once.
    """
    key = (verdict.outcome, verdict.purpose, wish, asked.request.url.query, asked.language, asked.large)
    known = asked.edge.told.get(key)
    if known is None:
        made = _framed(asked, verdict, _HERE, "", wish, token)
        known = made.content.replace(token, _TOKEN)
        asked.edge.told.put(key, known)
    return known


@form("/verify")
def answer(asked: Asked, given: Given) -> Response[str]:
    """Judge an uploaded file, or a number with its code."""
    asked.brake("verify")
    wish = wanted(asked, posts.first(given, "purpose"))
    upload = next(
        (one for one in given.get("file", ()) if isinstance(one, UploadFile) and one.filename), None
    )
    if upload is not None:
        content = upload.file.read(asked.office.settings.upload_limit + 1)
        return _page(asked, counted(asked, judged_file(asked, content, wish)), purpose=wish)
    number, token = posts.first(given, "number").strip(), posts.first(given, "token").strip()
    if not token:
        return _page(asked, number=number, purpose=wish)
    return _page(asked, counted(asked, judged(asked, token, number, wish)), number, wish)


routes = (ask, offline, by_word, answer)
