"""Decisions in words: what the tables looked at, which rule applied, what it says, and the articles it stands on."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from api.shapes import money
from api.titles import labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.frame import Asked
    from engine.package import Package
    from engine.queries import CaseView

#: Annotation columns by their meaning; everything else in a table is for machines.
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_LAW, _NOTE = frozenset({"law", "依据"}), frozenset({"note", "说明"})


def decisions(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """Every decision table that was asked in the case, in order, each once per time that it was asked directly."""
    words = labels(asked, package)
    told: list[dict[str, Any]] = []
    for entry in view.timeline:
        if entry.kind != "decided":
            continue
        seen: set[str] = {one["key"] for one in told}
        for trace in _tables(entry.body.get("trace") or {}):
            key = f"{trace.get('decision')} {trace.get('inputs')}"
            if key not in seen:
                seen.add(key)
                told.append({"key": key, "at": entry.at, **_told(asked, trace, words)})
    return told


def _tables(trace: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The decision tables of a trace: what is required comes before what requires it."""
    for required in trace.get("required", ()):
        yield from _tables(required)
    if trace.get("rules"):
        yield trace


def _told(asked: Asked, trace: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    hits = [rule for rule in trace["rules"] if rule.get("hit")]
    notes = [text for rule in hits for text in _annotated(rule, _NOTE)]
    articles = [
        asked.office.law.article(one)
        for rule in hits
        for text in _annotated(rule, _LAW)
        for one in text.replace(",", " ").replace(";", " ").split()
    ]
    value = plain(asked, trace.get("value"), words)
    before = {one.get("name") for one in trace.get("required", ())}
    return {
        "name": trace.get("name") or trace.get("decision"),
        "facts": [
            (one["name"], plain(asked, one["value"], words))
            for one in trace["inputs"]
            if one["name"] not in before and _tellable(one["value"], words)
        ],
        "text": asked.say("clause-mark").join(dict.fromkeys(notes)) or value or asked.say("case.decided"),
        "rules": asked.say("list-mark").join(str(rule["index"]) for rule in hits),
        "law": list({one.id: one for one in articles if one is not None}.values()),
    }


def _annotated(rule: Mapping[str, Any], names: frozenset[str]) -> list[str]:
    return [str(text) for name, text in rule.get("annotations", {}).items() if name in names and text]


def _tellable(value: Any, words: Mapping[str, str]) -> bool:
    """Whether people can read the value: no structure, and no bare code that the forms have no word for."""
    if isinstance(value, dict | list):
        return False
    return not isinstance(value, str) or value in words or not _CODE.fullmatch(value)


def plain(asked: Asked, value: Any, words: Mapping[str, str] | None = None) -> str:
    """A value in a line of words; nothing for structures, which are for machines."""
    match value:
        case None:
            return asked.say("not-known")
        case bool():
            return asked.say("yes" if value else "no")
        case dict():
            return ""
        case list() | tuple():
            return asked.say("list-mark").join(filter(None, (plain(asked, one, words) for one in value)))
        case str() if words and value in words:
            return words[value]
        case str() if _is_number(value):
            return money(value).removesuffix(".00") if "." in value else value
        case _:
            return str(value)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
