"""BPMN files element by element: attributes, our settings, conditions and texts; and apart from them, the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.compare.difference import Difference, Parts, What, between
from engine.core.xml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

#: Where an element says what flows through it; the flows say the same, once.
_SAID_TWICE = {"incoming", "outgoing"}
_DRAWING = {"BPMNDiagram"}
#: Elements of their own that stand for a property of what holds them.
_PROPERTY = "property"


def diagram(file: str, before: bytes, after: bytes) -> Iterator[Difference]:
    """The differences of two BPMN files; ModelError where one is no BPMN file."""
    was, now = parse(before, file), parse(after, file)
    yield from between(file, dict(_elements(was)), dict(_elements(now)))
    drawn, redrawn = dict(_drawn(was)), dict(_drawn(now))
    names = {key: str(parts.get("name") or "") for key, parts in _elements(now)}
    for key, places in redrawn.items():
        if key in drawn and drawn[key] != places:
            yield Difference(file, What.MOVED, key, "layout", drawn[key], places, names.get(key, ""))


def labels(source: bytes, file: str = "") -> dict[str, str]:
    """What people call each element: its name, of a flow without one what it joins; ModelError for what is no XML."""
    parts = dict(_elements(parse(source, file)))
    names = {key: str(one.get("name") or "") for key, one in parts.items()}
    return {
        key: names[key]
        or (
            f"{names.get(str(one['sourceRef'])) or one['sourceRef']} → {names.get(str(one['targetRef'])) or one['targetRef']}"
            if "sourceRef" in one and "targetRef" in one
            else ""
        )
        for key, one in parts.items()
    }


def _elements(root: _Element) -> Iterator[tuple[str, Parts]]:
    """Everything with an id outside the drawing, with what it says."""
    for element in root.iter(etree.Element):
        key = element.get("id")
        if key is None or _in_drawing(element):
            continue
        parts: Parts = {"tag": _tag(element), **_attributes(element)}
        for name, value in _said(element, ""):
            parts[name] = f"{parts[name]}\n{value}" if name in parts else value
        yield key, parts


def _said(element: _Element, prefix: str) -> Iterator[tuple[str, str]]:
    """What stands below an element, down to the next one with an id."""
    for child in element.iterchildren(etree.Element):
        tag = _tag(child)
        if tag in _SAID_TWICE or tag in _DRAWING:
            continue
        if tag == _PROPERTY and child.get("name"):
            yield str(child.get("name")), child.get("value") or ""
            continue
        if child.get("id") is not None:
            continue
        path = f"{prefix}{tag}"
        if text := (child.text or "").strip():
            yield path, text
        for name, value in _attributes(child).items():
            yield f"{path}.{name}", value
        yield from _said(child, "" if tag in {"extensionElements", "properties"} else f"{path}.")


def _drawn(root: _Element) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Where each element is drawn: bounds of shapes, way points of edges."""
    for element in root.iter("{*}BPMNShape", "{*}BPMNEdge"):
        key = element.get("bpmnElement")
        if key is not None:
            places = element.iterfind("{*}Bounds" if _tag(element) == "BPMNShape" else "{*}waypoint")
            yield key, [_numbers(place) for place in places]


def _numbers(place: _Element) -> tuple[str, ...]:
    return tuple(
        f"{float(place.get(name) or 0):g}" for name in ("x", "y", "width", "height") if place.get(name)
    )


def _in_drawing(element: _Element) -> bool:
    return any(_tag(one) in _DRAWING for one in (element, *element.iterancestors()))


def _attributes(element: _Element) -> dict[str, Any]:
    return {_local(name): value for name, value in element.attrib.items() if _local(name) != "id"}


def _tag(element: _Element) -> str:
    return _local(element.tag)


def _local(name: Any) -> str:
    return str(name).rpartition("}")[2]
