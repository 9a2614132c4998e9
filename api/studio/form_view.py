"""The form editor's page: the ordered list, the properties of the part looked at, faults where they lie."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from api.studio.form_posts import properties_at
from engine.core.definition import Kind
from engine.feel.messages import chinese, english
from engine.forms.edit import WHOLE, NoSuchPlace, at, taken_apart, told
from engine.forms.properties import LEVELS, MASKS, TYPES
from engine.forms.read import Fault, faults_in
from engine.package import BROKEN, START

if TYPE_CHECKING:
    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.core.definition import Definition
    from engine.forms.edit import Place, Tree
    from engine.package import Package

FOLDER = "forms/"


class State(NamedTuple):
    """Where an editor stands: the content it shows, its hash, and the hashes to go back and forth to."""

    content: bytes
    seen: str
    undo: tuple[str, ...] = ()
    redo: tuple[str, ...] = ()


def definition_of(package: Package) -> Definition | None:
    """The model, unless it is too broken to be read."""
    try:
        return package.definition
    except BROKEN:
        return None


def listing(asked: Asked, shown: Opened) -> list[dict[str, Any]]:
    """Every form of the package, and every step that has none yet, in the order of the model."""
    definition = definition_of(shown.package)
    nodes = definition.nodes if definition else {}
    found = [one for path in sorted(shown.files) if (one := _listed(asked, shown, path, definition))]
    have = {one["id"] for one in found}
    wanted = [START, *(name for name, node in nodes.items() if node.kind is Kind.USER)]
    missing = [_missing(asked, shown, name, definition) for name in wanted if name not in have]
    order = {name: place for place, name in enumerate((START, *nodes))}
    both = [*found, *missing]
    return sorted(both, key=lambda one: (one["shared"], order.get(one["id"], len(order)), one["id"]))


def _listed(asked: Asked, shown: Opened, path: str, definition: Definition | None) -> dict[str, Any] | None:
    if not (path.startswith(FOLDER) and path.endswith(".json")):
        return None
    content = shown.package.files[path]
    tree = taken_apart(content)
    rest = path.removeprefix(FOLDER)
    name = rest.rpartition("/")[2].removesuffix(".json")
    title = asked.pick(tree.get("title") if tree and isinstance(tree.get("title"), dict) else None)
    return {
        "id": name,
        "rest": rest,
        "title": title or name,
        "shared": rest.startswith("_shared/"),
        "questions": sum(len(one["fields"]) for one in tree["sections"]) if tree else 0,
        "missing": False,
        "broken": tree is None,
        "faults": len(faults_in(content)),
        **_step(asked, name, definition),
    }


def _missing(asked: Asked, shown: Opened, name: str, definition: Definition | None) -> dict[str, Any]:
    step = _step(asked, name, definition)
    rest = f"{shown.process}/{name}.json"
    return {
        "id": name,
        "rest": rest,
        "title": "",
        "shared": False,
        "missing": True,
        "broken": False,
        "faults": 0,
        "questions": 0,
        **step,
    }


def _step(asked: Asked, name: str, definition: Definition | None) -> dict[str, str]:
    """Which step the form belongs to, and who does it."""
    if name == START:
        return {"step": asked.say("forms.step-start"), "lane": asked.say("forms.lane-applicant")}
    if name.startswith("message-"):
        return {"step": asked.say("forms.step-message", name=name.removeprefix("message-")), "lane": ""}
    node = definition.nodes.get(name) if definition else None
    lane = node.lane if node is not None and node.lane else ""
    known = asked.say(f"role.{lane}") if lane else ""
    return {
        "step": (node.name or name) if node is not None else asked.say("forms.step-none"),
        "lane": lane if known == f"role.{lane}" else known,
    }


def sentence(asked: Asked, fault: Fault) -> str:
    """What is wrong, in the asker's language."""
    if fault.code == "feel-broken":
        words = chinese if asked.language == "zh" else english
        values = {k: v for k, v in fault.values.items() if k not in {"feel", "code", "position"}}
        return words(str(fault.values["code"]), values, fault.values.get("position"))
    return asked.say(f"forms.fault-{fault.code}", **{"name": fault.named, **fault.values})


def editor_values(asked: Asked, shown: Opened, rest: str, state: State, place: Place) -> dict[str, Any]:
    """What the editor's template needs."""
    tree = taken_apart(state.content)
    faults = faults_in(state.content)
    name = rest.rpartition("/")[2].removesuffix(".json")
    values: dict[str, Any] = {
        "rest": rest,
        "path": FOLDER + rest,
        "name": name,
        "base": f"/studio/{shown.process}/forms/{rest}",
        "preview": f"/studio/{shown.process}/form-preview/{rest}",
        "state": state,
        "place": place,
        "faults": [_told_fault(asked, one) for one in faults],
        "text": state.content.decode("utf-8", "replace"),
        "step_of": _step(asked, name, definition_of(shown.package)),
        "types": TYPES,
        "tree": tree,
        "chosen": "",
    }
    if tree is None:
        return {**values, "sections": [], "part": None}
    try:
        part = at(tree, place)
    except NoSuchPlace:
        place, part = WHOLE, tree
    return {
        **values,
        "place": place,
        "chosen": told(place),
        "sections": [_section(asked, one, number, faults) for number, one in enumerate(tree["sections"], 1)],
        "part": part,
        "groups": _groups(asked, tree, place, part, faults),
        "names": _names(tree),
    }


def _told_fault(asked: Asked, fault: Fault) -> dict[str, Any]:
    return {
        "at": told(fault.place),
        "field": fault.field,
        "named": fault.named,
        "line": fault.values.get("line"),
        "sentence": sentence(asked, fault),
    }


def _section(asked: Asked, section: Tree, number: int, faults: list[Fault]) -> dict[str, Any]:
    return {
        "at": str(number),
        "number": number,
        "title": asked.pick(section.get("title")),
        "conditional": bool(section.get("visible_when")),
        "faulty": any(one.place == (number, 0, 0) for one in faults),
        "fields": [
            _field(asked, one, (number, count, 0), faults)
            for count, one in enumerate(section.get("fields") or [], 1)
        ],
    }


def _field(asked: Asked, field: Tree, place: Place, faults: list[Fault]) -> dict[str, Any]:
    inner = field.get("fields") if not place[2] else None
    return {
        "at": told(place),
        "key": field.get("key"),
        "type": field.get("type"),
        "label": asked.pick(field.get("label")) or field.get("key"),
        "required": bool(field.get("required")),
        "conditional": bool(field.get("visible_when") or field.get("required_when")),
        "computed": bool(field.get("readonly")),
        "faulty": any(one.place == place for one in faults),
        "fields": [
            _field(asked, one, (place[0], place[1], count), faults)
            for count, one in enumerate(inner or [], 1)
        ],
    }


def _groups(
    asked: Asked, tree: Tree, place: Place, part: Tree, faults: list[Fault]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The properties in groups, each with its value, its words and its fault."""
    known = properties_at(tree, place)
    wrong = {one.named: sentence(asked, one) for one in faults if one.place == place}
    unknown = [name for name in wrong if name and name.partition(".")[0] not in {one.name for one in known}]
    groups: dict[str, list[dict[str, Any]]] = {}
    if place == WHOLE and tree.get("id") != "start":
        known = tuple(one for one in known if one.group != "start")
    for one in known:
        values = _property_values(tree, one.typed, part.get(one.name))
        told_wrong = {name: text for name, text in wrong.items() if name.partition(".")[0] == one.name}
        groups.setdefault(one.group, []).append(
            {"name": one.name, "typed": one.typed, "value": values, "wrong": told_wrong}
        )
    if unknown:
        stray = [
            {"name": n, "typed": "stray", "value": _text(part.get(n)), "wrong": {n: wrong[n]}}
            for n in unknown
        ]
        groups["stray"] = stray
    return list(groups.items())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _property_values(tree: Tree, typed: str, value: Any) -> Any:
    match typed:
        case "variables":
            roots = dict.fromkeys(
                str(one.get("key", "")).partition(".")[0]
                for s in tree["sections"]
                for one in s.get("fields") or []
            )
            return {
                "all": value == "all",
                "roots": list(roots),
                "chosen": value if isinstance(value, list) else [],
            }
        case "keywords":
            words = value if isinstance(value, dict) else {}
            return {one: "、".join(map(str, words.get(one) or [])) for one in ("zh", "en")}
        case "levels":
            return value if isinstance(value, list) else ["village"]
        case "words" | "options" | "checks":
            return value or ({} if typed == "words" else [])
    return value


def _names(tree: Tree) -> list[str]:
    """The answers of the form, which its conditions may use."""
    return [str(one.get("key")) for section in tree["sections"] for one in section.get("fields") or []]


WORDS = {"masks": MASKS, "levels": LEVELS}
