"""One difference, and the comparing of named things that all kinds of files come down to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class What(StrEnum):
    """What happened on the way from the first to the second version."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    #: Drawn elsewhere, or at another place in an order; nothing else.
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    `element` is the BPMN id, the field's key, the decision, the rule of rights, or the case of a scenario; `part` what of
    it (a property, a cell, an attribute); `name` the label that people know it by.
    """

    file: str
    what: What
    element: str = ""
    part: str = ""
    before: Any = None
    after: Any = None
    name: str = ""


#: A thing's parts by their names.
Parts = dict[str, Any]


def between(
    file: str, before: Mapping[str, Parts], after: Mapping[str, Parts], *, named: str = "name"
) -> Iterator[Difference]:
    """The differences of two sets of things by id; `named` is the part that holds the label.

    Things come in the order of the second version, removed ones behind.
    """
    for key, parts in after.items():
        label = called(parts.get(named))
        if key not in before:
            yield Difference(file, What.ADDED, key, after=_bare(parts), name=label)
            continue
        earlier = before[key]
        for part in dict.fromkeys((*parts, *earlier)):
            was, now = earlier.get(part), parts.get(part)
            if was != now:
                yield Difference(file, What.CHANGED, key, part, was, now, label)
    for key, parts in before.items():
        if key not in after:
            yield Difference(file, What.REMOVED, key, before=_bare(parts), name=called(parts.get(named)))


def called(label: Any) -> str:
    """A label in one line: words in several languages are told by the Chinese ones."""
    if isinstance(label, dict):
        return str(label.get("zh") or label.get("en") or "")
    return str(label or "")


def _bare(parts: Parts) -> Parts:
    return {name: value for name, value in parts.items() if value not in (None, "", [], {})}
