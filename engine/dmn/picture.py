"""A model as the browser's editor takes it: in DMN 1.3, with a picture of its graph where it has none.

The editor knows DMN 1.3 only. The versions differ in their namespaces and in the kinds of expressions that later ones
added; a file with one of those is refused here, because the editor would drop it in silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from engine.dmn import xml
from engine.dmn.errors import DmnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.dmn.xml import Node

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMNDI = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
DC = "http://www.omg.org/spec/DMN/20180521/DC/"
DI = "http://www.omg.org/spec/DMN/20180521/DI/"
#: What other versions write, and what 1.3 writes for it.
_OLD = {name.encode(): MODEL.encode() for name in xml.NAMESPACES if name != MODEL} | {
    f"https://www.omg.org/spec/DMN/{version}/DMNDI/".encode(): DMNDI.encode()
    for version in ("20211108", "20230324")
} | {b"http://www.omg.org/spec/DMN/20180521/DMNDI/": DMNDI.encode()}  # fmt: skip
#: Expressions of DMN 1.4 and 1.5.
_LATER = frozenset({"conditional", "for", "every", "some", "filter", "typeConstraint"})
#: Width and height of the shapes, and the room between them.
_SIZES = {"decision": (180, 80), "inputData": (125, 45), "businessKnowledgeModel": (135, 46)}
_GAP_X, _GAP_Y, _MARGIN = 40, 90, 60
_NEEDS = ("informationRequirement", "knowledgeRequirement", "authorityRequirement")
_END = re.compile(rb"</(?:[\w.-]+:)?definitions\s*>\s*\Z")


def for_editor(source: bytes) -> bytes:
    """Return the file in DMN 1.3 with a picture; DmnError where it cannot be read, or holds what the editor would lose."""
    root = xml.parse(source)
    later = next((node for node in root.walk() if node.tag in _LATER), None)
    if later is not None:
        raise DmnError("editor-unsupported", later.id, tag=later.tag)
    source = _unique(source, root)
    for other, ours in _OLD.items():
        source = source.replace(other, ours)
    if DMNDI.encode() in source and re.search(rb"[<:]DMNShape\b", source):
        return source
    end = _END.search(source)
    if end is None:
        return source
    return source[: end.start()] + _picture(root).encode() + source[end.start() :]


def _unique(source: bytes, root: Node) -> bytes:
    """Return the file with an id of its own for the model itself; DmnError where other elements share one.

    The editor leaves out every element whose id it has met before, and files often name model and decision alike.
    """
    seen: set[str] = set()
    for node in root.walk():
        key = node.get("id")
        if node is not root and key:
            if key in seen:
                raise DmnError("duplicate-id", key, tag=node.tag)
            seen.add(key)
    own = root.get("id")
    if own not in seen:
        return source
    fresh = next(name for number in range(1, len(seen) + 2) if (name := f"{own}_model{number}") not in seen)
    start = re.search(rb"<(?:[\w.-]+:)?definitions\b[^>]*>", source)
    if start is None:
        return source
    written = re.sub(
        rb"""(\sid\s*=\s*)(["'])[^"']*\2""", rb"\g<1>\g<2>" + fresh.encode() + rb"\g<2>", start[0], count=1
    )
    return source[: start.start()] + written + source[start.end() :]


def _picture(root: Node) -> str:
    """Return a DMNDI element for a graph: what is required stands below what requires it."""
    nodes = {node.id: node for node in root.all(*_SIZES) if node.get("id")}
    places = _places(nodes)
    shapes = "".join(
        f"      <dmndi:DMNShape id={quoteattr(f'shape_{key}')} dmnElementRef={quoteattr(key)}>\n"
        f'        <dc:Bounds x="{x}" y="{y}" width="{_SIZES[nodes[key].tag][0]}" height="{_SIZES[nodes[key].tag][1]}"/>\n'
        "      </dmndi:DMNShape>\n"
        for key, (x, y) in places.items()
    )
    edges = "".join(
        f"      <dmndi:DMNEdge id={quoteattr(f'edge_{requirement}')} dmnElementRef={quoteattr(requirement)}>\n"
        f'        <di:waypoint x="{start[0]}" y="{start[1]}"/>\n        <di:waypoint x="{end[0]}" y="{end[1]}"/>\n'
        "      </dmndi:DMNEdge>\n"
        for requirement, start, end in _edges(nodes, places)
    )
    return (
        f'  <dmndi:DMNDI xmlns:dmndi="{DMNDI}" xmlns:dc="{DC}" xmlns:di="{DI}">\n'
        f'    <dmndi:DMNDiagram id="diagram_of_requirements">\n{shapes}{edges}    </dmndi:DMNDiagram>\n  </dmndi:DMNDI>\n'
    )


def _required(node: Node) -> Iterator[tuple[str, str]]:
    """Return the requirements of an element: their ids, and what they require."""
    for requirement in node.all(*_NEEDS):
        for target in requirement.children:
            href = target.get("href")
            if href.startswith("#"):
                yield requirement.get("id"), href[1:]


def _places(nodes: dict[str, Node]) -> dict[str, tuple[int, int]]:
    """Return the upper left corner of each shape: one line for each step away from what nothing requires."""
    level = dict.fromkeys(nodes, 0)
    for _ in nodes:  # settles after as many rounds as the longest chain; a cycle ends with the rounds
        moved = False
        for key, node in nodes.items():
            for _, target in _required(node):
                if target in level and level[target] <= level[key] < len(nodes):
                    level[target] = level[key] + 1
                    moved = True
        if not moved:
            break
    lines: dict[int, list[str]] = {}
    for key in nodes:
        lines.setdefault(level[key], []).append(key)
    widths = {
        line: sum(_SIZES[nodes[key].tag][0] + _GAP_X for key in keys) - _GAP_X for line, keys in lines.items()
    }
    widest = max(widths.values(), default=0)
    places: dict[str, tuple[int, int]] = {}
    y = _MARGIN
    for line in sorted(lines):
        x = _MARGIN + (widest - widths[line]) // 2
        for key in lines[line]:
            places[key] = (x, y)
            x += _SIZES[nodes[key].tag][0] + _GAP_X
        y += 80 + _GAP_Y
    return places


def _edges(
    nodes: dict[str, Node], places: dict[str, tuple[int, int]]
) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Return each requirement with the middle of the upper edge it leaves and of the lower edge it comes to."""
    for key, node in nodes.items():
        for requirement, target in _required(node):
            if requirement and target in places:
                (from_x, from_y), (to_x, to_y) = places[target], places[key]
                start = (from_x + _SIZES[nodes[target].tag][0] // 2, from_y)
                end = (to_x + _SIZES[node.tag][0] // 2, to_y + _SIZES[node.tag][1])
                yield requirement, start, end
