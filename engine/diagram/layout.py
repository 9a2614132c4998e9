"""The diagram interchange part of a BPMN file: where each shape and edge lies, and what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.xml import parse

if TYPE_CHECKING:
    from lxml.etree import _Element

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DD = "{http://www.omg.org/spec/DD/20100524/DI}"
_DEFINITIONS = "EventDefinition"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the diagram's units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """A node, lane or pool: its id, BPMN tag, name, place, and the marks it carries."""

    id: str
    tag: str
    name: str
    box: Box
    label: Box | None
    #: What an event throws or catches (message, timer ...), "" for a plain one.
    event: str = ""
    interrupting: bool = True
    expanded: bool = True
    #: "parallel" | "sequential" | "loop" | "compensation" marks at the lower edge.
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow or association: its points and its name."""

    id: str
    tag: str
    name: str
    points: tuple[tuple[float, float], ...]
    label: Box | None
    default: bool = False
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is drawn, outer shapes first."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


def read_layout(source: bytes) -> Layout:
    """The layout in a BPMN file; empty when the file has no diagram. ModelError for XML that cannot be read."""
    root = parse(source, "diagram")
    elements = {element.get("id"): element for element in root.iter(f"{_BPMN}*") if element.get("id")}
    shapes, edges = [], []
    for shape in root.iter(f"{_DI}BPMNShape"):
        element = elements.get(_local(shape.get("bpmnElement")))
        bounds = shape.find(f"{_DC}Bounds")
        if element is not None and bounds is not None:
            shapes.append(_shape(element, shape, _box(bounds)))
    defaults = {element.get("default") for element in elements.values() if element.get("default")}
    for edge in root.iter(f"{_DI}BPMNEdge"):
        element = elements.get(_local(edge.get("bpmnElement")))
        points = tuple((float(p.get("x", 0)), float(p.get("y", 0))) for p in edge.findall(f"{_DD}waypoint"))
        if element is not None and len(points) > 1:
            edges.append(_edge(element, edge, points, defaults))
    return Layout(tuple(sorted(shapes, key=lambda one: -one.box.width * one.box.height)), tuple(edges))


def _shape(element: _Element, shape: _Element, box: Box) -> Shape:
    tag = _tag(element)
    definitions = [
        _tag(child)[: -len(_DEFINITIONS)] for child in element if _tag(child).endswith(_DEFINITIONS)
    ]
    interrupting = (
        element.get("cancelActivity", "true") == "true" and element.get("isInterrupting", "true") == "true"
    )
    name = element.get("name") or ""
    if tag == "textAnnotation":
        text = element.find(f"{_BPMN}text")
        name = (text.text or "") if text is not None else ""
    return Shape(
        id=element.get("id", ""),
        tag=tag,
        name=name,
        box=box,
        label=_label(shape),
        event=definitions[0] if definitions else "",
        interrupting=interrupting,
        expanded=shape.get("isExpanded", "true" if tag in {"participant", "lane"} else "false") == "true",
        marks=_marks(element, tag),
    )


def _marks(element: _Element, tag: str) -> tuple[str, ...]:
    marks = []
    loop = element.find(f"{_BPMN}multiInstanceLoopCharacteristics")
    if loop is not None:
        marks.append("sequential" if loop.get("isSequential") == "true" else "parallel")
    if element.find(f"{_BPMN}standardLoopCharacteristics") is not None:
        marks.append("loop")
    if element.get("isForCompensation") == "true":
        marks.append("compensation")
    if tag == "subProcess" and element.get("triggeredByEvent") == "true":
        marks.append("event")
    return tuple(marks)


def _edge(
    element: _Element, edge: _Element, points: tuple[tuple[float, float], ...], defaults: set[str | None]
) -> Edge:
    return Edge(
        id=element.get("id", ""),
        tag=_tag(element),
        name=element.get("name") or "",
        points=points,
        label=_label(edge),
        default=element.get("id") in defaults,
        conditional=element.find(f"{_BPMN}conditionExpression") is not None,
    )


def _label(shape: _Element) -> Box | None:
    bounds = shape.find(f"{_DI}BPMNLabel/{_DC}Bounds")
    return _box(bounds) if bounds is not None else None


def _box(bounds: _Element) -> Box:
    return Box(*(float(bounds.get(name, 0)) for name in ("x", "y", "width", "height")))


def _tag(element: _Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _local(name: str | None) -> str | None:
    return name.rsplit(":", 1)[-1] if name else None
