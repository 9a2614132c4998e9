"""What registers and departments answered, beside what the applicant wrote: equal, different, or said by one side only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.pages.reasons import plain
from api.titles import labels
from api.words import knows
from engine.queries.contents import application_of, register_answers
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.frame import Asked
    from engine.package import Package
    from engine.queries import CaseView

_IDENTITY_LENGTH = 18
#: Keys that say how an answer came about, not what it says.
_ABOUT = frozenset({"as_of", "asked", "demonstration", "hits", "ok", "found", "entries"})
_MOST = 200


def registers(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """Every answer of a register in the case, latest first, with one line per fact."""
    with asked.office.store.reading() as reader:
        rows = register_answers(reader, view.row.id)
        applied = application_of(reader, view.row.id)
    wrote = [applied] if applied else []
    names, words = _names(asked, package), labels(asked, package)
    return [
        _told(asked, kind, _values(answer), done, state, wrote, names, words)
        for kind, answer, done, state in rows
    ]


def _values(answer: str | None) -> Mapping[str, Any]:
    """The values of an answer as the outbox keeps it."""
    told = unpack(answer) if answer else {}
    values = told.get("values", told) if isinstance(told, dict) else {}
    return values if isinstance(values, dict) else {}


def _told(
    asked: Asked,
    kind: str,
    values: Mapping[str, Any],
    done: Any,
    state: str,
    wrote: list[Any],
    names: Mapping[str, str],
    words: Mapping[str, str],
) -> dict[str, Any]:
    key = f"checked.{kind.removeprefix('check.')}"
    lines = [
        {**line, "name": names.get(line["key"], line["key"])}
        for fact in _facts(values)
        for line in sorted(_compared(asked, fact, _person(wrote, fact), words), key=_worst_first)
    ][:_MOST]
    return {
        "name": asked.say(key) if knows(key) else kind,
        "at": done,
        "waiting": state == "open",
        "as_of": plain(asked, values.get("as_of")) if values.get("as_of") else "",
        "demonstration": bool(values.get("demonstration")),
        "lines": lines,
        "differences": sum(line["mark"] == "differs" for line in lines),
    }


def _worst_first(line: dict[str, Any]) -> int:
    return ("differs", "only", "equal").index(line["mark"])


def _facts(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the answer says: each hit, and what stands beside the hits."""
    rest = {key: value for key, value in values.items() if key not in _ABOUT}
    if any(not isinstance(value, dict | list) for value in rest.values()):
        yield rest
    for place in (values.get("hits"), values.get("entries"), *rest.values()):
        if isinstance(place, list):
            yield from (one for one in place if isinstance(one, dict))


def _person(wrote: Any, fact: Mapping[str, Any]) -> Mapping[str, Any]:
    """The group of answers that is about the same person, else the whole application."""
    numbers = {value for value in fact.values() if isinstance(value, str) and len(value) == _IDENTITY_LENGTH}
    groups = list(_groups(wrote))
    own = next((one for one in groups if numbers & {v for v in one.values() if isinstance(v, str)}), None)
    return own if own is not None else (groups[0] if groups else {})


def _groups(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _groups(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _groups(inner)


def _compared(
    asked: Asked, fact: Mapping[str, Any], wrote: Mapping[str, Any], words: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for key, value in fact.items():
        if isinstance(value, dict | list) or value is None:
            continue
        known = wrote.get(key)
        told, own = plain(asked, value, words), plain(asked, known, words) if known is not None else ""
        mark = "only" if known is None else "equal" if told.strip() == own.strip() else "differs"
        yield {"key": key, "register": told, "applicant": own, "mark": mark}


def _names(asked: Asked, package: Package) -> dict[str, str]:
    """What the forms call a key."""
    return {
        one.key.rpartition(".")[2]: asked.pick(one.label)
        for form in package.forms.values()
        for field in form.fields()
        for one in (field, *field.fields)
    }
