"""The list of everything that was issued, one document with its prints, and printing: for clerks."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from api.applications import current
from api.frame import Asked, page
from api.pages import posts
from api.papers import Batch, Wish, list_seen, print_document, print_documents
from api.posted import Given
from api.routes import form, get
from api.titles import case_title, process_title
from engine import queries
from engine.commands import RecordSerial
from engine.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES = ("valid", "revoked", "replaced")
_NAMES = ("search", "process", "state", "since", "until", "serial")


def _wanted(given: Mapping[str, str]) -> queries.IssuedFilters:
    return queries.IssuedFilters(
        search=given["search"] or None,
        process=given["process"] or None,
        state=given["state"] or None,
        since=_day(given["since"]),
        until=_day(given["until"]),
        serial=given["serial"] or None,
    )


def _day(text: str) -> date | None:
    """The day, None for no text and for one that is no day (`_faults` tells of it)."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _faults(asked: Asked, given: Mapping[str, str]) -> list[dict[str, str]]:
    """Days that are none, each at its field; the list is searched without them."""
    sentence = asked.say("field.wrong-type", expected=asked.say("field.expected-date"))
    return [
        {"label": asked.say(f"issued.{name}"), "sentence": sentence, "anchor": name}
        for name in ("since", "until")
        if given[name] and _day(given[name]) is None
    ]


@get("/issued", include_in_schema=False)
def show_issued(asked: Asked) -> Response[Any]:
    """Everything issued as far as the asker's grants reach, newest first."""
    asked.require_account()
    asked_for = asked.request.query_params
    given = {name: (asked_for.get(name) or "").strip()[:60] for name in _NAMES}
    office = asked.office
    found = queries.issued(
        office.store,
        office.bus.access,
        asked.actor,
        _wanted(given),
        cursor=asked_for.get("cursor") or None,
        limit=40,
    )
    narrowed = {name: value for name, value in given.items() if value}
    faults = _faults(asked, given)
    return page(
        asked,
        "issued.html",
        status=422 if faults else 200,
        errors=faults,
        given=given,
        narrowed=bool(narrowed),
        processes=_processes(asked),
        states=_STATES,
        rows=[_row(asked, one) for one in found.items],
        more=f"/issued?{urlencode({**narrowed, 'cursor': found.cursor})}" if found.cursor else "",
        begun=bool(asked_for.get("cursor")),
        first=f"/issued?{urlencode(narrowed)}",
        may_print=bool(office.bus.access.reaches(asked.actor, "reprint")),
        command=posts.fresh(),
    )


def _processes(asked: Asked) -> list[tuple[str, str]]:
    reaches = asked.office.bus.access.reaches(asked.actor, "see")
    names = sorted({reach.object for reach in reaches if "/" not in reach.object})
    return [(name, process_title(asked, current(asked, name))) for name in names]


def _row(asked: Asked, one: queries.IssuedItem) -> dict[str, Any]:
    name = case_title(asked, current(asked, one.process), one.case_title)
    return {"item": one, "title": asked.pick(one.title), "name": name, "state": _state(asked, one)}


def _state(asked: Asked, one: queries.IssuedItem) -> str:
    """As the register says, or expired: that comes by itself with the days."""
    today = asked.today.isoformat()
    return "expired" if one.state == "valid" and one.valid_until and one.valid_until < today else one.state


@get("/issued/{document:str}", include_in_schema=False)
def show_one(asked: Asked, document: str) -> Response[Any]:
    """One document: what it is, whether it holds, every print of it, and the forms to print it again."""
    asked.require_account()
    return _one(asked, document)


def _one(asked: Asked, document: str, **more: Any) -> Response[Any]:
    office = asked.office
    access = office.bus.access
    prints = queries.impressions(office.store, access, asked.actor, document)
    item = queries.issued_one(office.store, access, asked.actor, document)
    return page(
        asked,
        "issued_one.html",
        item=item,
        title=asked.pick(item.title),
        state=_state(asked, item),
        name=case_title(asked, current(asked, item.process), item.case_title),
        prints=prints,
        original_left=not any(one.kind == "original" for one in prints),
        may_print=access.may(asked.actor, "reprint", item.process, item.area),
        command=posts.fresh(),
        **more,
    )


@form("/issued/{document:str}/print")
def print_again(asked: Asked, document: str, given: Given) -> Response[Any]:
    """The original once, else a marked duplicate, as a file for the printer."""
    asked.require_account()
    serial = posts.first(given, "serial").strip() or None
    wish = Wish(posts.first(given, "reason").strip(), posts.first(given, "kind") == "original", serial)
    return print_document(asked, posts.command(asked, given), document, wish)


@form("/issued/print")
def print_ticked(asked: Asked, given: Given) -> Response[Any]:
    """The ticked documents in one file behind a cover sheet."""
    asked.require_account()
    ticked = [one for one in given.get("document", ()) if isinstance(one, str)]
    reason = posts.first(given, "reason").strip()
    batch = Batch(ticked, reason, posts.first(given, "kind") == "original")
    return print_documents(asked, posts.command(asked, given), batch)


@form("/issued/{document:str}/serial")
def keep_serial(asked: Asked, document: str, given: Given) -> Response[Any]:
    """Record the number on the paper of a print, or that the sheet was spoiled."""
    asked.require_account()
    impression = posts.first(given, "impression")
    if impression.rpartition(".p")[0] != document:
        raise NotFound(kind="impression", id=impression)
    command = RecordSerial(
        posts.command(asked, given),
        impression,
        posts.first(given, "serial"),
        posts.first(given, "spoiled") == "yes",
    )
    asked.execute(command, seen=partial(list_seen, asked, document))
    return Redirect(f"/issued/{document}", status_code=303)


routes = (show_issued, show_one, print_again, print_ticked, keep_serial)
