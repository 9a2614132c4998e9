"""Shapes and edges as SVG elements."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from engine.diagram.icons import EVENTS, GATEWAYS, MARKS, TASKS
from engine.diagram.layout import Box, Edge, Layout, Shape, read_layout
from engine.diagram.marks import Mark, badges, linked, said
from engine.diagram.style import STYLE
from engine.diagram.text import lines_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARGIN = 12
_CONTAINERS = {"participant", "lane"}
_THROWN = {"endEvent", "intermediateThrowEvent"}


def draw(
    source: bytes,
    states: Mapping[str, str] | None = None,
    *,
    marks: Mapping[str, Mark] | None = None,
    title: str = "",
    alone: bool = True,
) -> str:
    """The SVG of a BPMN file; `states` gives elements the class done, now or late. Empty when there is no layout.

    `marks` says more about elements. `alone` pictures carry their style; one inside a page takes that of the page.
    """
    found = {key: Mark(kind=kind) for key, kind in (states or {}).items()} | dict(marks or {})
    return picture(read_layout(source), found, title=title, alone=alone)


def draw_over(
    before: bytes, after: bytes, marks: Mapping[str, Mark], *, title: str = "", alone: bool = True
) -> str:
    """Two versions over one another: the later one, and what it has no more where it was drawn before."""
    was, now = read_layout(before), read_layout(after)
    drawn = {one.id for one in now.shapes} | {one.id for one in now.edges}
    shapes = (*now.shapes, *(one for one in was.shapes if one.id not in drawn))
    edges = (*now.edges, *(one for one in was.edges if one.id not in drawn))
    ordered = sorted(shapes, key=lambda one: -one.box.width * one.box.height)
    return picture(Layout(tuple(ordered), edges), marks, title=title, alone=alone)


def picture(layout: Layout, marks: Mapping[str, Mark], *, title: str, alone: bool) -> str:
    """The SVG of a layout; empty where nothing is drawn."""
    if not layout.shapes:
        return ""
    left, top, right, bottom = _frame(layout)
    back = [shape for shape in layout.shapes if shape.tag in _CONTAINERS]
    scopes = [
        shape for shape in layout.shapes if shape.tag in {"subProcess", "transaction"} and shape.expanded
    ]
    rest = [shape for shape in layout.shapes if shape not in back and shape not in scopes]
    rest.sort(key=lambda shape: shape.tag == "boundaryEvent")
    # A picture with links is no single image any more: what is inside must stay in reach.
    role = "group" if any(mark.href for mark in marks.values()) else "img"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="d" viewBox="{left:g} {top:g} {right - left:g} {bottom - top:g}"'
            f' width="{right - left:g}" height="{bottom - top:g}" role="{role}" aria-label="{escape(title)}">'
        ),
        f"<style>{STYLE}</style>" if alone else "",
        *(_container(shape, marks.get(shape.id)) for shape in back),
        *(_group(shape, marks.get(shape.id)) for shape in scopes),
        *(_edge(edge, marks.get(edge.id)) for edge in layout.edges),
        *(_group(shape, marks.get(shape.id)) for shape in rest),
        "</svg>",
    ]
    return "".join(parts)


def _frame(layout: Layout) -> tuple[float, float, float, float]:
    points = [point for edge in layout.edges for point in edge.points]
    points += [(shape.box.x, shape.box.y) for shape in layout.shapes]
    points += [(shape.box.x + shape.box.width, shape.box.y + shape.box.height) for shape in layout.shapes]
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across) - _MARGIN, min(down) - _MARGIN, max(across) + _MARGIN, max(down) + _MARGIN


def _container(shape: Shape, mark: Mark | None) -> str:
    box = shape.box
    kind = "d-p" if shape.tag == "participant" else "d-l"
    name = text([shape.name], box.x + 15, box.y + box.height / 2, turned=True)
    signs = badges(mark, box) if mark else ""
    return (
        f"<g{_classed(mark)}><title>{escape(said(shape.name, mark))}</title>{_rectangle(box, kind)}"
        f'<path class="d-i" d="M{box.x + 30:g} {box.y:g}v{box.height:g}"/>{name}{signs}</g>'
    )


def _group(shape: Shape, mark: Mark | None) -> str:
    name = shape.name or shape.tag
    inner = "".join(_figure(shape))
    signs = badges(mark, shape.box) if mark else ""
    # A link says its name itself; a title beside it would be read twice.
    title = "" if mark and mark.href else f"<title>{escape(said(name, mark))}</title>"
    group = f'<g data-element-id="{escape(shape.id)}"{_classed(mark)}>{title}{inner}{signs}</g>'
    return linked(mark, group, name) if mark else group


def _classed(mark: Mark | None) -> str:
    return f' class="{mark.kind}"' if mark and mark.kind else ""


def _figure(shape: Shape) -> Iterator[str]:
    if shape.tag.endswith("Event"):
        yield from _event(shape)
    elif shape.tag.endswith("Gateway"):
        x, y = shape.box.centre
        w, h = shape.box.width / 2, shape.box.height / 2
        yield f'<path class="d-f" d="M{x:g} {y - h:g}L{x + w:g} {y:g}L{x:g} {y + h:g}L{x - w:g} {y:g}Z"/>'
        yield _icon(GATEWAYS.get(shape.tag, ""), x, y)
        yield _outer_label(shape, below=False)
    elif shape.tag == "textAnnotation":
        box = shape.box
        yield f'<path class="d-i" d="M{box.x + 10:g} {box.y:g}h-10v{box.height:g}h10"/>'
        yield text(
            lines_of(shape.name, box.width - 8), box.x + 6, box.y + box.height / 2, anchor="start", kind="d-s"
        )
    elif shape.tag.endswith(("Task", "task")) or shape.tag in {"subProcess", "transaction", "callActivity"}:
        yield from _activity(shape)


def _event(shape: Shape) -> Iterator[str]:
    x, y = shape.box.centre
    radius = shape.box.width / 2
    dashed = " d-n" if not shape.interrupting else ""
    wide = ' stroke-width="3"' if shape.tag == "endEvent" else ""
    yield f'<circle class="d-f{dashed}" cx="{x:g}" cy="{y:g}" r="{radius:g}"{wide}/>'
    if shape.tag in {"boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}:
        yield f'<circle class="d-i{dashed}" cx="{x:g}" cy="{y:g}" r="{radius - 3:g}"/>'
    if shape.event:
        yield _icon(EVENTS.get(shape.event, ""), x, y, filled=shape.tag in _THROWN)
    yield _outer_label(shape, below=True)


def _activity(shape: Shape) -> Iterator[str]:
    box = shape.box
    dashed = " d-n" if "event" in shape.marks else ""
    wide = ' stroke-width="3"' if shape.tag == "callActivity" else ""
    yield f'<rect class="d-f{dashed}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="8"{wide}/>'
    if shape.tag == "transaction":
        yield f'<rect class="d-i" x="{box.x + 3:g}" y="{box.y + 3:g}" width="{box.width - 6:g}" height="{box.height - 6:g}" rx="6"/>'
    if shape.tag in TASKS:
        yield _icon(TASKS[shape.tag], box.x + 14, box.y + 14, filled=shape.tag == "sendTask")
    container = shape.tag in {"subProcess", "transaction"}
    if container and shape.expanded:
        yield text(lines_of(shape.name, box.width - 20)[:1], box.x + 12, box.y + 14, anchor="start")
    else:
        yield text(lines_of(shape.name, box.width - 12), *box.centre)
    marks = [mark for mark in shape.marks if mark != "event"]
    if container and not shape.expanded:
        marks.append("collapsed")
    for place, mark in enumerate(marks):
        yield _icon(MARKS[mark], box.centre[0] + (place - (len(marks) - 1) / 2) * 18, box.y + box.height - 10)


def _edge(edge: Edge, known: Mark | None) -> str:
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in edge.points)
    dashed = " d-n" if edge.tag != "sequenceFlow" else ""
    head = _arrow(edge.points[-2], edge.points[-1]) if edge.tag in {"sequenceFlow", "messageFlow"} else ""
    mark = _slash(edge.points[0], edge.points[1]) if edge.default else ""
    name = ""
    if edge.name:
        box = edge.label
        if box is not None:
            name = text(lines_of(edge.name, max(box.width, 60)), *box.centre, kind="d-s")
        else:
            middle = edge.points[len(edge.points) // 2 - 1], edge.points[len(edge.points) // 2]
            x, y = (middle[0][0] + middle[1][0]) / 2, (middle[0][1] + middle[1][1]) / 2
            name = text(lines_of(edge.name, 90), x, y - 9, kind="d-s")
    told, signs = "", ""
    label = edge.name or edge.id
    if known is not None:
        told = "" if known.href else f"<title>{escape(said(label, known))}</title>"
        (x, y), (u, v) = edge.points[len(edge.points) // 2 - 1], edge.points[len(edge.points) // 2]
        signs = (
            badges(known, Box((x + u) / 2 - 16, (y + v) / 2 - 12, 20, 16)) if known.kind != "moved" else ""
        )
    group = (
        f'<g data-element-id="{escape(edge.id)}"{_classed(known)}>{told}'
        f'<path class="d-e{dashed}" d="{path}"/>{head}{mark}{name}{signs}</g>'
    )
    return linked(known, group, label) if known else group


def _arrow(before: tuple[float, float], end: tuple[float, float]) -> str:
    """An arrowhead as a shape of its own: markers are drawn slightly off by some printers."""
    angle = math.atan2(end[1] - before[1], end[0] - before[0])
    wings = [
        (end[0] - 9 * math.cos(angle + turn), end[1] - 9 * math.sin(angle + turn)) for turn in (0.42, -0.42)
    ]
    return '<path class="d-a" d="M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}Z"/>'.format(
        *end, *wings[0], *wings[1]
    )


def _slash(start: tuple[float, float], after: tuple[float, float]) -> str:
    angle = math.atan2(after[1] - start[1], after[0] - start[0])
    x, y = start[0] + 12 * math.cos(angle), start[1] + 12 * math.sin(angle)
    dx, dy = 6 * math.cos(angle + 1.1), 6 * math.sin(angle + 1.1)
    return f'<path class="d-e" d="M{x - dx:.1f} {y - dy:.1f}L{x + dx:.1f} {y + dy:.1f}"/>'


def _outer_label(shape: Shape, *, below: bool) -> str:
    if not shape.name:
        return ""
    box = shape.label
    if box is not None:
        return text(lines_of(shape.name, max(box.width, 70)), *box.centre, kind="d-s")
    x, _ = shape.box.centre
    lines = lines_of(shape.name, 100)
    y = (
        shape.box.y + shape.box.height + 12 + 7 * (len(lines) - 1)
        if below
        else shape.box.y - 10 - 7 * (len(lines) - 1)
    )
    return text(lines, x, y, kind="d-s")


def _icon(path: str, x: float, y: float, *, filled: bool = False) -> str:
    return (
        f'<path class="d-i{" t" if filled else ""}" transform="translate({x:g} {y:g})" d="{path}"/>'
        if path
        else ""
    )


def _rectangle(box: Box, kind: str) -> str:
    return f'<rect class="{kind}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"/>'
