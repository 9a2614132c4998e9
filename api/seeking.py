"""The service that somebody means who asks in plain words, and answers that need no application."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.titles import process_name
from engine.clock import ClockError
from engine.package import START
from engine.wording import SURE, Wording

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.package import Package

#: The published list of what may be certified (policies/law/<jurisdiction>/lists), and the process that certifies.
CERTIFICATES, CERTIFYING = "certificates", "community-certificate"
LONGEST = 100
_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset({"the", "and", "for", "with", "apply", "application", "report", "ask"})
_MOST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Hint:
    """An entry of a published list: `positive` may be certified, else `office` is the right door and `instead` will do.

    One that is not `sure` is a guess, on which a person should look.
    """

    name: str
    positive: bool
    office: str
    instead: str
    sure: bool


def seek(asked: Asked, words: str, items: list[tuple[Package, str]]) -> tuple[list[str], list[Hint]]:
    """The processes that the words mean, best first, and what the published lists say at once."""
    words = words.strip()[:LONGEST]
    wording = _wording([package for package, _ in items])
    found = [items[one.key][0].name for one in wording.find(words)]
    found += [name for name in _english(words, items) if name not in found]
    hints = _hints(asked, words, service=bool(found))
    if any(hint.positive for hint in hints) and CERTIFYING not in found:
        found += [package.name for package, _ in items if package.name == CERTIFYING]
    return found, hints


#: Compiled by the digests of the versions that may be started.
_wordings: dict[tuple[str, ...], Wording] = {}
_MOST_WORDINGS = 50


def _wording(packages: list[Package]) -> Wording:
    key = tuple(package.digest for package in packages)
    known = _wordings.get(key)
    if known is None:
        if len(_wordings) >= _MOST_WORDINGS:
            _wordings.clear()
        known = _wordings[key] = Wording([_aliases(package) for package in packages])
    return known


def _aliases(package: Package) -> list[str]:
    """How people may call the service: its names, its own search words, the choices that its form offers."""
    form = package.form(START)
    if form is None:
        return [process_name(package)]
    options = [option.label["zh"] for one in form.fields() for option in one.options]
    return [process_name(package), form.title["zh"], *form.keywords.get("zh", ()), *options]


def _english(words: str, items: list[tuple[Package, str]]) -> list[str]:
    wanted = set(_WORD.findall(words.lower())) - _COMMON
    scored = []
    for package, _ in items:
        form = package.form(START)
        if form is None or not wanted:
            continue
        known = set(_WORD.findall(" ".join([form.title.get("en", ""), *form.keywords.get("en", ())]).lower()))
        if score := len(wanted & known):
            scored.append((score, package.name))
    return [name for _, name in sorted(scored, key=lambda one: -one[0])]


def _hints(asked: Asked, words: str, *, service: bool) -> list[Hint]:
    """What the list of certificates says: the likeliest meaning and all sure ones; nothing where a service is meant."""
    day = asked.today
    lists = asked.office.law.lists
    try:
        if service and not lists.asks(words, CERTIFICATES, day):
            return []
        found: list[dict[str, Any]] = lists.search(words, CERTIFICATES, day)
    except ClockError:
        return []
    told = [one for place, one in enumerate(found) if place == 0 or one["score"] >= SURE]
    return [
        Hint(
            str(one["name"]),
            one.get("kind") == "positive",
            str(one.get("office") or ""),
            str(one.get("instead") or ""),
            one["score"] >= SURE,
        )
        for one in told[:_MOST_ANSWERS]
    ]
