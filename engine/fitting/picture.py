"""A picture for a model that has none: columns by the way from the start, a row per lane, boundary events at their boxes.

The text of the model stays as it is; only a `BPMNDiagram` is put at its end. Whoever draws may then move everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.core.xml import BPMN, children, local, parse, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DD = "http://www.omg.org/spec/DD/20100524/DI"
_NAMES = {"bpmndi": _DI, "dc": _DC, "di": _DD}
_COLUMN, _ROW, _MARGIN, _HEAD = 180, 120, 60, 30
_SCOPES = ("subProcess", "transaction", "adHocSubProcess")


@dataclass
class Placed:
    """Where things lie: boxes and flows by id, in the diagram's units."""

    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    flows: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)


def drawn(model: bytes) -> bytes:
    """The model with a picture of its processes, one below the other; ModelError for what is no BPMN."""
    root = parse(model, "model.bpmn")
    for old in root.findall(f"{{{_DI}}}BPMNDiagram"):
        root.remove(old)
    placed = Placed()
    top = float(_MARGIN)
    collaboration = next(children(root, "collaboration"), None)
    for process in children(root, "process"):
        top = _process(process, _pool(collaboration, process), placed, top) + _MARGIN
    if placed.boxes:
        root.append(_diagram(root, collaboration, placed))
    etree.indent(root, "  ")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _pool(collaboration: Any, process: Any) -> str | None:
    for one in () if collaboration is None else children(collaboration, "participant"):
        if local(one.get("processRef")) == process.get("id"):
            return str(one.get("id"))
    return None


def _process(process: Any, pool: str | None, placed: Placed, top: float) -> float:
    """Place one process from `top` on; returns where it ends."""
    lanes = [lane for lanes in children(process, "laneSet") for lane in children(lanes, "lane")]
    left = float(_MARGIN + (_HEAD if pool else 0) + (_HEAD if lanes else 0))
    inside = {
        lane.get("id"): {local(words(ref)) or "" for ref in children(lane, "flowNodeRef")} for lane in lanes
    }
    groups: list[tuple[Any, set[str]]] = [(lane, inside[lane.get("id")]) for lane in lanes]
    laned = set().union(*inside.values()) if inside else set()
    rest = {node.get("id") for node in _nodes(process)} - laned
    if rest or not groups:
        groups.append((None, rest))
    columns = _places(process, placed, left)
    right, at, rows = left + _COLUMN, top, []
    for lane, names in groups:
        end = _row(process, names, columns, placed, at)
        rows.append((lane, at, end))
        right = max([right, *(x + w for name, (x, _, w, _) in placed.boxes.items() if name in names)])
        at = end
    width = right + _MARGIN
    for lane, begin, end in rows:
        if lane is not None:
            placed.boxes[lane.get("id")] = (left - _HEAD, begin, width - left + _HEAD, end - begin)
    if pool:
        outer = left - (_HEAD if lanes else 0) - _HEAD
        placed.boxes[pool] = (outer, top, width - outer, at - top)
    _edges(process, placed)
    return at


def _nodes(scope: Any) -> Iterator[Any]:
    for node in children(scope):
        name = tag(node)
        if name.endswith(("Task", "Event", "Gateway")) or name in {"task", "callActivity", *_SCOPES}:
            yield node


def _columns(scope: Any) -> dict[str, int]:
    """The column of each node: one more than the furthest before it, loops left out."""
    nodes = {node.get("id"): node for node in _nodes(scope)}
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for flow in children(scope, "sequenceFlow"):
        if flow.get("sourceRef") in after and flow.get("targetRef") in nodes:
            after[flow.get("sourceRef")].append(flow.get("targetRef"))
    for name, node in nodes.items():
        host = node.get("attachedToRef")
        if host in after:
            after[host].extend(after[name])
    led = {target for targets in after.values() for target in targets}
    columns: dict[str, int] = {}
    waiting = [(name, 0) for name in nodes if name not in led] or [(name, 0) for name in list(nodes)[:1]]
    while waiting:
        name, column = waiting.pop(0)
        # A node that was placed stays: a loop would push it on for ever.
        if name in columns:
            continue
        columns[name] = column
        waiting += [(target, column + 1) for target in after[name]]
    return {name: columns.get(name, 0) for name in nodes}


def _places(scope: Any, placed: Placed, left: float) -> dict[str, tuple[float, float, float]]:
    """Left edge, width and height of each node: a column is as wide as its widest box."""
    columns = _columns(scope)
    sizes = {node.get("id"): _size(node, placed, node.get("id")) for node in _nodes(scope)}
    widths: dict[int, float] = {}
    for name, column in columns.items():
        widths[column] = max(widths.get(column, 0), sizes[name][0])
    starts = {column: left + 40 + sum(widths.get(one, 0) + 60 for one in range(column)) for column in widths}
    return {
        name: (starts[column] + (min(widths[column], 120) - min(sizes[name][0], 120)) / 2, *sizes[name])
        for name, column in columns.items()
    }


def _row(
    process: Any,
    names: set[str],
    places: dict[str, tuple[float, float, float]],
    placed: Placed,
    top: float,
) -> float:
    """Place the nodes of one lane; returns its lower edge."""
    used: dict[float, int] = {}
    lowest = top + _ROW
    attached = []
    for node in _nodes(process):
        name = node.get("id")
        if name not in names:
            continue
        if node.get("attachedToRef"):
            attached.append(node)
            continue
        x, width, height = places[name]
        column = x + width / 2 if width < 120 else x + 60
        level = used.get(column, 0)
        used[column] = level + max(1, -(-int(height + 40) // _ROW))
        y = top + level * _ROW + ((_ROW - height) / 2 if height < _ROW else 20)
        _put(node, placed, x, y, width, height)
        lowest = max(lowest, y + height + 20)
    for node in attached:
        x, y, width, height = placed.boxes.get(str(local(node.get("attachedToRef"))), (0, top, 100, 80))
        placed.boxes[node.get("id")] = (x + width - 40, y + height - 18, 36, 36)
    return lowest


def _size(node: Any, placed: Placed, name: str) -> tuple[float, float]:
    kind = tag(node)
    if kind.endswith("Event"):
        return 36, 36
    if kind.endswith("Gateway"):
        return 50, 50
    if kind in _SCOPES and any(True for _ in _nodes(node)):
        inner = Placed()
        bottom = _process(node, None, inner, 0)
        placed.open.add(name)
        return max(x + w for x, _, w, _ in inner.boxes.values()) + 20, bottom + 20
    return 120, 80


def _put(node: Any, placed: Placed, x: float, y: float, width: float, height: float) -> None:
    placed.boxes[node.get("id")] = (x, y, width, height)
    if node.get("id") in placed.open:
        inner = Placed()
        _process(node, None, inner, 0)
        placed.open |= inner.open
        for name, (ix, iy, w, h) in inner.boxes.items():
            placed.boxes[name] = (x + ix - 20, y + iy + 20, w, h)
        for name, points in inner.flows.items():
            placed.flows[name] = [(x + px - 20, y + py + 20) for px, py in points]


def _edges(scope: Any, placed: Placed) -> None:
    for flow in children(scope, "sequenceFlow"):
        source, target = placed.boxes.get(flow.get("sourceRef")), placed.boxes.get(flow.get("targetRef"))
        if source is not None and target is not None:
            placed.flows[flow.get("id")] = _points(source, target)


def _points(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    start, end = (a[0] + a[2], a[1] + a[3] / 2), (b[0], b[1] + b[3] / 2)
    if end[0] > start[0]:
        if abs(start[1] - end[1]) < 1:
            return [start, end]
        middle = end[0] - 30
        return [start, (middle, start[1]), (middle, end[1]), end]
    below = max(a[1] + a[3], b[1] + b[3]) + 16
    return [
        (a[0] + a[2] / 2, a[1] + a[3]),
        (a[0] + a[2] / 2, below),
        (b[0] + b[2] / 2, below),
        (b[0] + b[2] / 2, b[1] + b[3]),
    ]


def _diagram(root: Any, collaboration: Any, placed: Placed) -> Any:
    plane_of = collaboration if collaboration is not None else next(children(root, "process"))
    diagram = etree.Element(f"{{{_DI}}}BPMNDiagram", nsmap=_NAMES, id="picture")
    plane = etree.SubElement(
        diagram, f"{{{_DI}}}BPMNPlane", id="picture_plane", bpmnElement=plane_of.get("id")
    )
    order = sorted(placed.boxes, key=lambda name: -placed.boxes[name][2] * placed.boxes[name][3])
    across = {one.get("id") for one in root.iter(f"{BPMN}participant", f"{BPMN}lane")}
    for name in order:
        x, y, width, height = placed.boxes[name]
        shape = etree.SubElement(plane, f"{{{_DI}}}BPMNShape", id=f"{name}_di", bpmnElement=name)
        if name in across:
            shape.set("isHorizontal", "true")
        if name in placed.open:
            shape.set("isExpanded", "true")
        etree.SubElement(
            shape, f"{{{_DC}}}Bounds", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}"
        )
    for name, points in placed.flows.items():
        edge = etree.SubElement(plane, f"{{{_DI}}}BPMNEdge", id=f"{name}_di", bpmnElement=name)
        for px, py in points:
            etree.SubElement(edge, f"{{{_DD}}}waypoint", x=f"{px:g}", y=f"{py:g}")
    return diagram
