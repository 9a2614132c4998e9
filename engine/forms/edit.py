"""Changing a form as its file says it: pure functions from one tree (the JSON as read) to the next.

The tree is changed and not the compiled form, so that what the editor does not know, or what is broken elsewhere in the
file, stays as it is. Places count from 1: (section, field, inner field), 0 where it stops.
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Tree = dict[str, Any]
Place = tuple[int, int, int]
#: The form as a whole.
WHOLE: Place = (0, 0, 0)


class NoSuchPlace(LookupError):
    """The form has nothing there (it was changed meanwhile)."""


def written(tree: Tree) -> bytes:
    """The one way in which a form is written, so that two editors leave the same bytes."""
    return (json.dumps(tree, ensure_ascii=False, indent=2) + "\n").encode()


def taken_apart(content: bytes) -> Tree | None:
    """The tree of a file, if it has the outline of a form (sections with fields that have keys); else None."""
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return None
    sections = tree.get("sections") if isinstance(tree, dict) else None
    whole = isinstance(sections, list) and all(
        isinstance(one, dict) and _fields_fit(one.get("fields"), inner=True) for one in sections
    )
    return tree if whole and _shaped(tree) else None


def _fields_fit(fields: Any, *, inner: bool) -> bool:
    return isinstance(fields, list) and all(
        isinstance(one, dict)
        and isinstance(one.get("key"), str)
        and isinstance(one.get("type"), str)
        and isinstance(one.get("label", {}), dict)
        and (not inner or _fields_fit(one.get("fields", []), inner=False))
        and _shaped(one)
        for one in fields
    )


_LISTS, _WORDS = ("options", "valid_when", "places"), ("label", "help", "purpose", "title")


def _shaped(part: Tree) -> bool:
    """Whether what is written in tables and pairs of words is such a table or pair."""
    lists = all(isinstance(part.get(name, []), list) for name in _LISTS)
    rows = (one for name in ("options", "valid_when") if lists for one in part.get(name, []))
    words = (part[name] for name in _WORDS if part.get(name) is not None)
    return lists and all(isinstance(one, dict) for one in (*rows, *words))


def place_of(text: str) -> Place:
    """`2.3.1` as a place; the whole form for anything that is none."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,2}", text):
        return WHOLE
    numbers = [*map(int, text.split(".")), 0, 0]
    return (numbers[0], numbers[1], numbers[2])


def told(place: Place) -> str:
    """The place as an address says it."""
    return ".".join(str(number) for number in place if number)


def at(tree: Tree, place: Place) -> Tree:
    """The form, section or field at a place; NoSuchPlace if there is none."""
    found: Any = tree
    for number, name in zip(place, ("sections", "fields", "fields"), strict=True):
        if number:
            found = _one(found.get(name) or [], number)
    return found  # type: ignore[no-any-return]  # sections and fields are objects


def _one(row: Sequence[Any], number: int) -> Any:
    if not 1 <= number <= len(row):
        raise NoSuchPlace(number)
    return row[number - 1]


def _row(tree: Tree, place: Place) -> tuple[list[Any], int]:
    """The list that a place lies in, and its number there."""
    section, field, inner = place
    if inner:
        return at(tree, (section, field, 0)).setdefault("fields", []), inner
    if field:
        return at(tree, (section, 0, 0)).setdefault("fields", []), field
    return tree.setdefault("sections", []), section


def changed(tree: Tree, place: Place, properties: Mapping[str, Any]) -> Tree:
    """With these properties at a place; None takes one away. The order of those that stay is kept."""
    new = copy.deepcopy(tree)
    part = at(new, place)
    for name, value in properties.items():
        if value is None:
            part.pop(name, None)
        else:
            part[name] = copy.deepcopy(value)
    return new


def added(tree: Tree, place: Place, part: Tree) -> Tree:
    """With a section or field put in at a place, whatever stands there and behind moving down."""
    new = copy.deepcopy(tree)
    row, number = _row(new, place)
    if not 1 <= number <= len(row) + 1:
        raise NoSuchPlace(number)
    row.insert(number - 1, copy.deepcopy(part))
    return new


def removed(tree: Tree, place: Place) -> Tree:
    """Without the section or field at a place."""
    new = copy.deepcopy(tree)
    row, number = _row(new, place)
    _one(row, number)
    del row[number - 1]
    return new


def copied(tree: Tree, place: Place) -> Tree:
    """With a copy behind it; a field's copy gets a key of its own, a section's fields do as well."""
    part = copy.deepcopy(at(tree, place))
    section, field, inner = place
    if field or inner:
        part["key"] = free_key(tree, str(part.get("key", "field")), (section, field if inner else 0, 0))
    else:
        with_part = tree
        for one in part.get("fields", []):
            one["key"] = free_key(with_part, str(one.get("key", "field")))
            with_part = {"sections": [*with_part["sections"], {"fields": [one]}]}
    return added(tree, behind(place), part)


def behind(place: Place) -> Place:
    """The place after one."""
    section, field, inner = place
    if inner:
        return (section, field, inner + 1)
    return (section, field + 1, 0) if field else (section + 1, 0, 0)


def moved(tree: Tree, source: Place, target: Place) -> Tree:
    """With the section or field of `source` standing where `target` says, counted before it was taken out."""
    if (source[1] > 0, source[2] > 0) != (target[1] > 0, target[2] > 0):
        raise NoSuchPlace(told(target))
    part = at(tree, source)
    new = copy.deepcopy(tree)
    row, number = _row(new, source)
    goal, place = _row(new, target)
    if not 1 <= place <= len(goal) + 1:
        raise NoSuchPlace(told(target))
    del row[number - 1]
    if row is goal and place > number:
        place -= 1
    goal.insert(place - 1, copy.deepcopy(part))
    return new


def stepped(tree: Tree, place: Place, by: int) -> tuple[Tree, Place]:
    """One step up (-1) or down (+1), over the edge of a section into the next; and where it stands now."""
    section, field, inner = place
    row, number = _row(copy.deepcopy(tree), place)
    _one(row, number)
    if 1 <= number + by <= len(row):
        new = moved(tree, place, _with(place, number + by + (1 if by > 0 else 0)))
        return new, _with(place, number + by)
    if inner or not field or not 1 <= section + by <= len(tree["sections"]):
        return tree, place
    other = len(at(tree, (section + by, 0, 0)).get("fields") or [])
    target = (section + by, other + 1 if by < 0 else 1, 0)
    return moved(tree, place, target), target


def _with(place: Place, number: int) -> Place:
    section, field, inner = place
    if inner:
        return (section, field, number)
    return (section, number, 0) if field else (number, 0, 0)


def free_key(tree: Tree, wished: str, within: Place = WHOLE) -> str:
    """The wished key, or it with the first number that no field has yet (of the form, or of the rows of a list)."""
    fields = (
        at(tree, within).get("fields") or []
        if within[1]
        else [one for section in tree.get("sections", []) for one in section.get("fields") or []]
    )
    taken = {str(one.get("key")) for one in fields}
    if wished not in taken:
        return wished
    stem = re.sub(r"_\d+$", "", wished)
    return next(one for n in range(2, len(taken) + 3) if (one := f"{stem}_{n}") not in taken)
