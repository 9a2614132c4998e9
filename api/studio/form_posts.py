"""What the form editor posts: the properties of one part, or a button that moves, copies, adds or takes away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from api.pages import posts
from engine.forms import edit as change
from engine.forms.edit import WHOLE, NoSuchPlace, Place, Tree, at, place_of
from engine.forms.properties import FORM, SECTION, Property, new_field, of_field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.frame import Asked

Given = dict[str, list[Any]]
#: Properties that stand elsewhere on the page than among the typed ones.
_ELSEWHERE = frozenset({"fields", "sections"})


def properties_at(tree: Tree, place: Place) -> tuple[Property, ...]:
    """The properties that the part at a place may have, without what is edited in the list."""
    section, field, inner = place
    if field:
        found = of_field(str(at(tree, place).get("type")), inner=bool(inner))
    else:
        found = SECTION if section else FORM
    return tuple(one for one in found if one.typed not in _ELSEWHERE and one.name not in _ELSEWHERE)


def applied(tree: Tree, place: Place, given: Given) -> Tree:
    """The tree with what was typed for the part at a place; only properties that were on the page are touched."""
    part = at(tree, place)
    shown = set(given.get("shown", ()))
    typed: dict[str, Any] = {}
    for one in properties_at(tree, place):
        if one.name in shown:
            value = _value(one, given, part)
            typed[one.name] = value
    if place[1] and "type" in typed and typed["type"] != part.get("type"):
        typed |= _of_new_type(str(typed["type"]), part)
    return settled(change.changed(tree, place, typed), tree)


def _of_new_type(kind: str, part: Tree) -> Tree:
    """What another type brings with it and what it cannot have; label, help and conditions stay."""
    fresh = new_field(kind, "", "")
    known = {one.name for one in of_field(kind)}
    lost = {name: None for name in part if name not in known and name not in {"fields", "options"}}
    brought = {name: part.get(name) or fresh.get(name) for name in ("options", "fields")}
    return {
        **lost,
        **{name: value if name in known or name in fresh else None for name, value in brought.items()},
    }


def settled(tree: Tree, before: Tree) -> Tree:
    """With the list of case variables following the answers: a renamed root keeps its place, a lost one goes."""
    listed = tree.get("variables")
    if not isinstance(listed, list):
        return tree
    was, now = list(dict.fromkeys(_roots(before))), list(dict.fromkeys(_roots(tree)))
    gone, come = [one for one in was if one not in now], [one for one in now if one not in was]
    renamed = dict(zip(gone, come, strict=True)) if len(gone) == len(come) == 1 else {}
    kept = [renamed.get(one, one) for one in listed if one not in gone or one in renamed]
    return tree if kept == listed else {**tree, "variables": kept}


def _roots(tree: Tree) -> Iterator[str]:
    for section in tree.get("sections") or []:
        for field in section.get("fields") or []:
            yield str(field.get("key", "")).partition(".")[0]


def _value(one: Property, given: Given, part: Tree) -> Any:
    name = f"p.{one.name}"
    text = posts.first(given, name).strip()
    match one.typed:
        case "flag":
            return True if text else None
        case "words":
            return _words(given, name, part.get(one.name))
        case "number":
            return (int(text) if re.fullmatch(r"-?\d{1,12}", text) else text) if text else None
        case "bound":
            return (int(text) if re.fullmatch(r"-?\d{1,15}", text) else text) if text else None
        case "options":
            return _options(given, name) or None
        case "checks":
            return _checks(given, name) or None
        case "levels":
            return _levels(given, name)
        case "variables":
            return _variables(given, name, part)
        case "keywords":
            return _keywords(given, name)
        case "key" | "type":
            return text or part.get(one.name)
        case _:
            return text or None


def _words(given: Given, name: str, before: Any) -> dict[str, str] | None:
    """Both languages as typed; others that the file has stay."""
    kept = {
        key: text
        for key, text in (before if isinstance(before, dict) else {}).items()
        if key not in ("zh", "en")
    }
    typed = {one: posts.first(given, f"{name}:{one}").replace("\r\n", "\n").strip() for one in ("zh", "en")}
    found = {**{one: text for one, text in typed.items() if text}, **kept}
    return found or None


def _numbers(given: Mapping[str, Any], name: str) -> list[int]:
    pattern = re.compile(re.escape(name) + r"\.(\d{1,3}):\w+")
    return sorted({int(found[1]) for key in given if (found := pattern.fullmatch(key))})


def _options(given: Given, name: str) -> list[Tree]:
    found: list[Tree] = []
    for number in _numbers(given, name):
        label = _words(given, f"{name}.{number}", None)
        value = posts.first(given, f"{name}.{number}:value").strip()
        if not value and not label:
            continue
        one: Tree = {"value": value or _free(found), "label": label or {"zh": value}}
        if posts.first(given, f"{name}.{number}:refuses"):
            one["refuses"] = True
        found.append(one)
    return found


def _free(options: list[Tree]) -> str:
    taken = {one["value"] for one in options}
    return next(one for n in range(1, len(taken) + 2) if (one := f"option_{n}") not in taken)


def _checks(given: Given, name: str) -> list[Tree]:
    found: list[Tree] = []
    for number in _numbers(given, name):
        test = posts.first(given, f"{name}.{number}:test").strip()
        message = _words(given, f"{name}.{number}", None)
        if test or message:
            found.append({"test": test, "message": message or {"zh": ""}})
    return found


def _levels(given: Given, name: str) -> list[str] | None:
    chosen = [one for one in given.get(name, ()) if isinstance(one, str)]
    return None if chosen in ([], ["village"]) else chosen


def _variables(given: Given, name: str, part: Tree) -> Any:
    if posts.first(given, f"{name}:all"):
        return "all"
    chosen = [one for one in given.get(name, ()) if isinstance(one, str)]
    before = part.get("variables")
    order = before if isinstance(before, list) else []
    return [*(one for one in order if one in chosen), *(one for one in chosen if one not in order)]


def _keywords(given: Given, name: str) -> dict[str, list[str]] | None:
    found = {
        one: words
        for one in ("zh", "en")
        if (
            words := [
                w.strip() for w in re.split(r"[,，、;；\n]", posts.first(given, f"{name}:{one}")) if w.strip()
            ]
        )
    }
    return found or None


def done(asked: Asked, tree: Tree, place: Place, do: str, given: Given) -> tuple[Tree, Place]:
    """The tree after a button of the list, and which part is looked at then; NoSuchPlace if it is gone."""
    word, _, rest = do.partition(" ")
    target = place_of(rest)
    match word:
        case "up" | "down":
            return change.stepped(tree, _part(target), -1 if word == "up" else 1)
        case "copy":
            return settled_pair(change.copied(tree, _part(target)), tree, change.behind(target))
        case "remove":
            new = change.removed(tree, _part(target))
            return settled_pair(new, tree, _after_removal(new, target))
        case "move":
            begin, _, end = rest.partition(" ")
            return change.moved(tree, place_of(begin), place_of(end)), _landed(place_of(begin), place_of(end))
        case "add":
            kind = posts.first(given, "kind") or "text"
            return _added(asked, tree, target, kind)
        case "add-section":
            goal = (target[0] + 1 if target[0] else len(tree["sections"]) + 1, 0, 0)
            return change.added(
                tree, goal, {"title": {"zh": asked.say("forms.new-section")}, "fields": []}
            ), goal
        case "option":
            return _option(tree, place, rest), place
    raise NoSuchPlace(do)


def settled_pair(new: Tree, before: Tree, place: Place) -> tuple[Tree, Place]:
    """The tree with its variables in order, and the place."""
    return settled(new, before), place


def _part(place: Place) -> Place:
    if place == WHOLE:
        raise NoSuchPlace("")
    return place


def _added(asked: Asked, tree: Tree, target: Place, kind: str) -> tuple[Tree, Place]:
    """A new field behind the one at `target`, or at the end of that section or list."""
    section, field, inner = target
    if inner:
        goal, within = (section, field, inner + 1), (section, field, 0)
    elif field and at(tree, target).get("type") == "list" and kind != "list":
        goal, within = (section, field, len(at(tree, target).get("fields") or []) + 1), target
    elif field:
        goal, within = (section, field + 1, 0), WHOLE
    else:
        section = section or len(tree["sections"])
        if not section:
            tree, section = change.added(tree, (1, 0, 0), {"fields": []}), 1
        goal, within = (section, len(at(tree, (section, 0, 0)).get("fields") or []) + 1, 0), WHOLE
    key = change.free_key(tree, "field" if kind == "list" else kind, within)
    part = new_field(kind, key, asked.say("forms.new-field"))
    return change.added(tree, goal, dict(part)), goal


def _after_removal(tree: Tree, place: Place) -> Place:
    """The part before the one that went, or what it lay in."""
    section, field, inner = place
    if inner:
        return (section, field, inner - 1)
    return (section, field - 1, 0) if field else (max(0, min(section, len(tree["sections"]))), 0, 0)


def _landed(source: Place, goal: Place) -> Place:
    """Where a part stands after it was moved (places are counted before it was taken up)."""
    if source[:2] == goal[:2] and source[2] and goal[2] > source[2]:
        return (goal[0], goal[1], goal[2] - 1)
    if source[0] == goal[0] and not source[2] and source[1] and goal[1] > source[1]:
        return (goal[0], goal[1] - 1, 0)
    if not source[1] and goal[0] > source[0]:
        return (goal[0] - 1, 0, 0)
    return goal


def _option(tree: Tree, place: Place, rest: str) -> Tree:
    """Move an option or a check (`options up 2`), or take it away (`options remove 2`)."""
    name, _, more = rest.partition(" ")
    way, _, number = more.partition(" ")
    rows = list(at(tree, place).get(name) or [])
    place_in = int(number) - 1 if number.isdigit() else -1
    if not 0 <= place_in < len(rows):
        raise NoSuchPlace(rest)
    row = rows.pop(place_in)
    if way != "remove":
        rows.insert(max(0, place_in + (-1 if way == "up" else 1)), row)
    return change.changed(tree, place, {name: rows or None})
