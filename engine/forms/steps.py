"""Who may do what with a field, step by step: each step has a form of its own, so the rights are read off the forms.

A field that a step asks is written there; one that it only shows (readonly, its value being the answer itself) is read
there; one that its form lacks is hidden from it.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from engine.forms.edit import Tree, added, changed, removed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.forms.edit import Place

Level = Literal["write", "read", "hidden"]


class Refused(Exception):
    """The level cannot be given: `same-root` (the form asks something else inside the same group), `last`, `unknown`."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Row(NamedTuple):
    """One field over all steps: its label, and for each form that has it the level and the place in it."""

    key: str
    label: dict[str, str]
    levels: dict[str, Level]
    places: dict[str, Place]


def rows(forms: Mapping[str, Tree]) -> list[Row]:
    """Every field of every form, in the order in which the forms are given."""
    found: dict[str, Row] = {}
    for name, tree in forms.items():
        for place, field in _fields(tree):
            key = str(field["key"])
            row = found.setdefault(key, Row(key, dict(field.get("label") or {}), {}, {}))
            row.levels[name] = level_of(field)
            row.places[name] = place
    return list(found.values())


def level_of(field: Tree) -> Level:
    """What the step that has this field may do with it."""
    return "read" if field.get("readonly") else "write"


def with_level(forms: Mapping[str, Tree], name: str, key: str, level: Level) -> Tree:
    """The form `name` with another level for a field; Refused says why it cannot be."""
    tree = forms[name]
    row = next((one for one in rows(forms) if one.key == key), None)
    if row is None:
        raise Refused("unknown", key=key)
    place = row.places.get(name)
    if level == "hidden":
        return removed(tree, place) if place else tree
    if place is not None:
        return _turned(tree, place, key, level)
    return _brought_in(tree, _source(forms, row), key, level)


def _turned(tree: Tree, place: Place, key: str, level: Level) -> Tree:
    field = next(one for at, one in _fields(tree) if at == place)
    if level == level_of(field):
        return tree
    if level == "write":
        own = field.get("value") == key
        return changed(tree, place, {"readonly": None, **({"value": None} if own else {})})
    _check_root(tree, key)
    return changed(tree, place, {"readonly": True, "value": key, **dict.fromkeys(_ASKING)})


#: Of a field that is only shown nothing is asked.
_ASKING = ("required", "required_when", "valid_when", "min", "max", "min_rows", "max_rows", "rows")


def _brought_in(tree: Tree, source: Tree, key: str, level: Level) -> Tree:
    field = copy.deepcopy(source)
    if level == "read":
        _check_root(tree, key)
        field = {name: value for name, value in field.items() if name not in {*_ASKING, "visible_when"}}
        field |= {"readonly": True, "value": key}
    elif field.get("value") == key:
        field = {name: value for name, value in field.items() if name not in {"readonly", "value"}}
    sections = tree.get("sections") or []
    if not sections:
        tree = added(tree, (1, 0, 0), {"fields": []})
        sections = tree["sections"]
    return added(tree, (len(sections), len(sections[-1].get("fields") or []) + 1, 0), field)


def _check_root(tree: Tree, key: str) -> None:
    """What a step answers hides the earlier answers of the same group from its conditions, so both cannot stand here."""
    root = key.partition(".")[0]
    for _, field in _fields(tree):
        other = str(field["key"])
        if other != key and other.partition(".")[0] == root and level_of(field) == "write":
            raise Refused("same-root", key=key, other=other, root=root)


def _source(forms: Mapping[str, Tree], row: Row) -> Tree:
    """The field as the first step that writes it asks it, else as the first that shows it."""
    names = sorted(row.levels, key=lambda name: row.levels[name] != "write")
    name = names[0]
    return next(one for at, one in _fields(forms[name]) if at == row.places[name])


def _fields(tree: Tree) -> Iterator[tuple[Place, Tree]]:
    for number, section in enumerate(tree.get("sections") or [], 1):
        for count, field in enumerate(section.get("fields") or [], 1):
            yield (number, count, 0), field
