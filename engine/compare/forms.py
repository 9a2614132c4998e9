"""Forms field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.compare.difference import Difference, Parts, What, between, called

if TYPE_CHECKING:
    from collections.abc import Iterator


def forms(file: str, before: bytes, after: bytes) -> Iterator[Difference]:
    """The differences of two form files; ValueError where one is no form."""
    was, now = json.loads(before), json.loads(after)
    yield from between(file, {"": _form(was)}, {"": _form(now)}, named="title")
    old, new = _fields(was), _fields(now)
    yield from between(file, old, new, named="label")
    kept = [key for key in new if key in old]
    earlier = [key for key in old if key in new]
    for key, other in zip(kept, earlier, strict=True):
        if key != other:
            place, before_place = kept.index(key) + 1, earlier.index(key) + 1
            yield Difference(
                file, What.MOVED, key, "order", before_place, place, called(new[key].get("label"))
            )


def _form(form: dict[str, Any]) -> Parts:
    return {name: value for name, value in form.items() if name != "sections"}


def _fields(form: dict[str, Any]) -> dict[str, Parts]:
    """Fields by key, each with the section that it stands in."""
    found: dict[str, Parts] = {}
    for number, section in enumerate(form["sections"], 1):
        heading = {name: value for name, value in section.items() if name != "fields"}
        found[f"section {number}"] = heading
        for field in section["fields"]:
            found[field["key"]] = {**{k: v for k, v in field.items() if k != "key"}, "section": number}
    return found
