"""What the published lists say to somebody who asks in their own words, before any form is filled in (JSON)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from api.frame import Asked
from api.routes import get
from engine.clock import ClockError
from engine.errors import NotFound
from engine.wording import LONGEST, SURE

if TYPE_CHECKING:
    from datetime import date

#: More meanings than these are no answer.
_MOST = 5


class Article(msgspec.Struct, frozen=True):
    """An article of the law: its id, how it is cited, what it says."""

    id: str
    title: str
    text: str


class Meaning(msgspec.Struct, frozen=True):
    """One entry that the words mean. `sure` is false for a guess, on which a person should look."""

    code: str
    name: str
    kind: str
    sure: bool
    recognised: str
    office: str
    instead: str
    law: list[Article]


@get("/api/lists/{name:str}/search", tags=["applications"], refuses=(429,), summary="Ask a published list")
def search_list(asked: Asked, name: str, words: str, area: str | None = None) -> list[Meaning]:
    """The entries in force today (in that area) that the words mean, likeliest first; needs no account.

    In `certificates`, `kind` says whether a committee may certify it (positive), must not (negative), or has no ground to
    (unlisted); then `office` is the right door, `instead` what works in its place, and `law` says why.
    """
    asked.brake("track")
    day = asked.today
    try:
        found = asked.office.law.lists.search(words[:LONGEST], name, day, area)
    except ClockError:
        raise NotFound(kind="list", id=name) from None
    return [
        Meaning(
            code=str(one["code"]),
            name=str(one["name"]),
            kind=str(one.get("kind") or ""),
            sure=one["score"] >= SURE,
            recognised=str(one["alias"]),
            office=str(one.get("office") or ""),
            instead=str(one.get("instead") or ""),
            law=_cited(asked, str(one.get("law") or ""), day),
        )
        for one in found[:_MOST]
    ]


def _cited(asked: Asked, ids: str, day: date) -> list[Article]:
    known = ((one, asked.office.law.article(one, day)) for one in ids.split())
    return [Article(one, article.title, article.text) for one, article in known if article is not None]


routes = (search_list,)
