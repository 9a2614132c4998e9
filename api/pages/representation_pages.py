"""Acting for others: a child's account, a letter of authority, and the window that confirms what it has seen."""

from __future__ import annotations

import secrets
from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.frame import Asked, page
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from engine.commands import AddWard, ConfirmRepresentation, EndRepresentation, Entrust
from engine.errors import CommandInvalid
from engine.queries.accounts import account_of_phone, declared_representations, own_representations

_SAID = ("ward", "entrusted", "ended")
Errors = list[dict[str, str]]


def _own_page(asked: Asked, errors: Errors | None = None, **typed: str) -> Response[str]:
    asked.require_account()
    today = asked.today
    said = asked.request.query_params.get("said", "")
    told = own_representations(asked.office.store, asked.actor, today)
    return page(
        asked,
        "representations.html",
        status=422 if errors else 200,
        mine=[one for one in told if one.representative == asked.actor.id],
        others=[one for one in told if one.represented == asked.actor.id],
        errors=errors or [],
        faults={error["anchor"]: error["sentence"] for error in errors or []},
        done=asked.say(f"representation.said-{said}") if said in _SAID and not errors else None,
        today=today.isoformat(),
        typed={"name": "", "basis": "", "born": ("", "", ""), "phone": "", "until": ("", "", "")} | typed,
    )


def _wrong(asked: Asked, anchor: str, label: str, sentence: str) -> Errors:
    return [{"anchor": anchor, "label": asked.say(label), "sentence": asked.say(sentence)}]


def _day(given: Given, name: str) -> tuple[str, tuple[str, str, str]]:
    """ISO text of three boxes, and the boxes as they were typed."""
    parts = (
        posts.first(given, f"{name}-y"),
        posts.first(given, f"{name}-m"),
        posts.first(given, f"{name}-d"),
    )
    year, month, day = (part.strip() for part in parts)
    return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}", parts


@get("/account/representations", include_in_schema=False)
def representations(asked: Asked) -> Response[str]:
    """For whom I act, and who acts for me."""
    return _own_page(asked)


@form("/account/wards", home="/account/representations")
def add_ward(asked: Asked, given: Given) -> Response[Any]:
    """Begin the account of a child."""
    asked.require_account()
    born, boxes = _day(given, "born")
    name, basis = posts.first(given, "name").strip(), posts.first(given, "basis").strip()
    account = f"p-{secrets.token_hex(6)}"
    try:
        asked.execute(AddWard(posts.command(asked, given), account, name, born, basis))
    except CommandInvalid as refusal:
        reason = str(refusal.values.get("reason"))
        anchor = {"name": "ward-name", "basis": "basis"}.get(reason, "born-y")
        label = {"ward-name": "account.name", "basis": "representation.basis"}.get(
            anchor, "representation.born"
        )
        wrong = {"ward-name": "account.wrong-name", "basis": "representation.wrong-basis"}
        errors = _wrong(asked, anchor, label, wrong.get(anchor, "representation.wrong-born"))
        return _own_page(asked, errors, name=name, basis=basis, born=boxes)  # type: ignore[arg-type]
    asked.edge.sessions.forget()
    return Redirect("/account/representations?said=ward", status_code=303)


@form("/account/entrust", home="/account/representations")
def entrust(asked: Asked, given: Given) -> Response[Any]:
    """Let somebody else act for oneself until a day."""
    asked.require_account()
    asked.brake("code")  # nobody learns here who has an account by trying many numbers
    phone = posts.first(given, "phone").strip()
    until, boxes = _day(given, "until")
    account = account_of_phone(asked.office.store, phone)
    if account is None:
        errors = _wrong(asked, "phone", "sign-in.phone", "representation.wrong-phone")
        return _own_page(asked, errors, phone=phone, until=boxes)  # type: ignore[arg-type]
    today = asked.today.isoformat()
    try:
        asked.execute(Entrust(posts.command(asked, given), account, today, until))
    except CommandInvalid:
        errors = _wrong(asked, "until-y", "representation.until", "representation.wrong-until")
        return _own_page(asked, errors, phone=phone, until=boxes)  # type: ignore[arg-type]
    asked.edge.sessions.forget()
    return Redirect("/account/representations?said=entrusted", status_code=303)


@form("/account/representations/end")
def end_representation(asked: Asked, given: Given) -> Response[Any]:
    """End it."""
    asked.require_account()
    asked.execute(EndRepresentation(posts.command(asked, given), posts.first(given, "representation")))
    asked.edge.sessions.forget()
    return Redirect("/account/representations?said=ended", status_code=303)


@get("/representations", include_in_schema=False)
def declared(asked: Asked) -> Response[str]:
    """For the window: what a person who stands there has declared."""
    asked.require_account()
    phone = asked.request.query_params.get("phone", "").strip()
    found = declared_representations(asked.office.store, asked.office.bus.access, asked.actor, phone)
    said = asked.request.query_params.get("said") == "confirmed"
    return page(
        asked,
        "representations_declared.html",
        phone=phone,
        found=found,
        done=asked.say("representation.said-confirmed") if said else None,
    )


@form("/representations/confirm")
def confirm(asked: Asked, given: Given) -> Response[Any]:
    """The papers have been seen."""
    asked.require_account()
    key, papers = posts.first(given, "representation"), posts.first(given, "papers")
    asked.execute(ConfirmRepresentation(posts.command(asked, given), key, papers))
    return Redirect("/representations?said=confirmed", status_code=303)


routes = (representations, add_ward, entrust, end_representation, declared, confirm)
