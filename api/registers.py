"""Published registers: anybody may search them; an item shows what its publication names and nothing else (JSON)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from api.frame import Asked
from api.routes import get
from api.shapes import area_name
from engine.documents.masks import mask
from engine.documents.words import money
from engine.errors import CommandInvalid
from engine.publication import Field, Publication, publication
from engine.queries.registers import Found, Wanted, register_item, register_items

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 100


class Shown(msgspec.Struct, frozen=True):
    """One field of an item: what it is called and what it says, in the asker's language."""

    key: str
    label: str
    value: str


class Event(msgspec.Struct, frozen=True):
    """What happened to an item on which day."""

    event: str
    on: str


class Item(msgspec.Struct, frozen=True):
    """An item as the public may see it; `events` only where one item is asked for."""

    key: str
    name: str
    status: str
    fields: list[Shown]
    events: list[Event] = []


class Items(msgspec.Struct, frozen=True):
    """A page of items by name; `after` asks for the next one."""

    items: list[Item]
    after: str


@get("/api/registers/{register:str}", tags=["registers"], summary="Search a published register")
def search(
    asked: Asked, register: str, text: str = "", status: str = "", kind: str = "", after: str = ""
) -> Items:
    """Items whose name contains the text, who had that name before, or who have that code."""
    public, found = look(asked, register, text=text, status=status, kind=kind, after=after)
    return Items([told(asked, public, item) for item in found.items], found.after)


@get(
    "/api/registers/{register:str}/{key:str}", tags=["registers"], summary="One item of a published register"
)
def one(asked: Asked, register: str, key: str) -> Item:
    """The item as it stands, and what happened to it."""
    return read(asked, register, key)[1]


def look(asked: Asked, register: str, **given: str) -> tuple[Publication, Found]:
    """The publication and the page of items that is asked for."""
    asked.brake_strangers("register")
    public = publication(asked.office.settings.root, register)
    if any(len(text) > _LONGEST for text in given.values()):
        raise CommandInvalid(reason="too-long", limit=_LONGEST)
    where = {public.narrow: given["kind"]} if public.narrow and given["kind"] else {}
    status = given["status"] if given["status"] in public.statuses else ""
    wanted = Wanted(given["text"].strip(), status, where=where, after=given["after"])
    return public, register_items(asked.office.store, register, wanted)


def read(asked: Asked, register: str, key: str) -> tuple[Publication, Item]:
    """The publication and one item with its history."""
    asked.brake_strangers("register")
    public = publication(asked.office.settings.root, register)
    item, happened = register_item(asked.office.store, register, key)
    events = [
        Event(asked.pick(public.events[on.event]), on.on) for on in happened if on.event in public.events
    ]
    return public, msgspec.structs.replace(told(asked, public, item), events=events)


def told(asked: Asked, public: Publication, item: Mapping[str, Any]) -> Item:
    """An item as the public may see it."""
    status = public.statuses.get(str(item["status"]))
    fields = [
        Shown(of.key, asked.pick(of.label), _text(asked, of, value)) for of, value in public.shown(item)
    ]
    return Item(
        str(item["key"]), str(item["name"]), asked.pick(status) if status else str(item["status"]), fields
    )


def _text(asked: Asked, of: Field, value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(_text(asked, of, part) for part in value)
    plain = str(value).lower() if isinstance(value, bool) else str(value)
    if plain in of.words:
        return asked.pick(of.words[plain])
    if of.kind == "money" and isinstance(value, Decimal | int):
        return money(value)
    if of.kind == "date" and isinstance(value, date):
        return value.isoformat()
    if of.kind == "area":
        found = asked.office.law.area(plain, asked.today)
        return (
            found.name
            if found is not None and len(plain) <= 4
            else area_name(asked.office.law, plain, asked.today)
        )
    return mask(of.mask, plain) if of.mask else plain


routes = (search, one)
