"""What the page of a play shows: the diagram with its tokens, what can happen next, and what happened, in words."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.frame import Asked
from api.pages import clock_view, reasons, story
from api.pages.trail import trail
from api.shapes import area_name, last_moment
from api.studio.scenario_view import called
from api.titles import lane_title, process_title, step_title
from api.words import knows
from engine.core.definition import Cause
from engine.diagram import Mark, draw, drawn_elements
from engine.effects import Effects, LaterError
from engine.notices import write_notice
from engine.store.exact import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.package import Package
    from engine.scenarios import Rehearsal
    from engine.scenarios.rehearsal import Scene, Work

#: Values of a case that are listed; behind that a list helps nobody.
_MOST_VALUES = 400
#: Of the notices the last ones; each takes some milliseconds to write.
_MOST_NOTICES = 12


class NoVault:
    """Takes uploads of a play: they get their name by content, and are forgotten."""

    def put(self, content: bytes) -> str:
        """The hash that names the content."""
        return hashlib.sha256(content).hexdigest()


def shadow(asked: Asked, rehearsal: Rehearsal | None = None) -> Asked:
    """The same request, asked of the stage instead of the office, at the stage's moment."""
    office = replace(asked.office, vault=NoVault())  # type: ignore[arg-type]  # all that pages of forms need of a vault
    now = asked.now
    if rehearsal is not None:
        stage = rehearsal.stage
        office = replace(office, store=stage.store, bus=stage.bus, versions=stage.shelf)  # type: ignore[arg-type]  # reads as versions do
        now = stage.now
    edge = copy.copy(asked.edge)
    edge.office = office
    return Asked(edge, asked.request, asked.actor, now)


def scene_values(asked: Asked, package: Package, rehearsal: Rehearsal, scene: Scene) -> dict[str, Any]:
    """Everything about the scene; `asked` is asked of the stage."""
    view = rehearsal.view
    return {
        "now": asked.moment(scene.now),
        "number": scene.number,
        "ended": scene.ended,
        "pictures": list(_pictures(asked, package, scene, view.path)),
        "work": [_work(asked, package, one) for one in scene.work],
        "messages": [
            {
                "name": name,
                "title": message_title(asked, package, name, elements),
                "at": asked.say("list-mark").join(step_title(asked, package, one) for one in elements),
            }
            for name, elements in scene.messages.items()
        ],
        "calls": [_call(asked, package, scene, number) for number in range(len(scene.calls))],
        "alarms": [
            {"title": _element(asked, package, one.element), "due": last_moment(one.due, _zone(asked))}
            for one in scene.alarms
        ],
        "incidents": [
            {
                "element": element,
                "title": _element(asked, package, element),
                "sentence": _stopped(asked, code),
            }
            for element, code in scene.incidents
        ],
        "history": [
            {**one, "by": called(asked, one["by"], rehearsal.cast)}
            for one in trail(asked, package, view)
            if one["kind"] != "claimed"
        ],
        "decisions": reasons.decisions(asked, package, view),
        "clocks": clock_view.clocks(asked, view),
        "documents": story.documents(asked, package, view, office=True),
        "notices": list(_notices(asked, rehearsal)),
        "payments": [
            {"fund": fund or "", "amount": reasons.plain(asked, amount)}
            for fund, amount in rehearsal.outcome.payments
        ],
        "variables": _values(asked, package, view.variables),
    }


def _notices(asked: Asked, rehearsal: Rehearsal) -> Iterator[dict[str, str]]:
    """The notices that went out, with the text that people would read; the name where it cannot be made."""
    effects = Effects(rehearsal.stage.shelf, now=lambda: asked.now)
    for message in [one for one in rehearsal.stage.inputs.values() if one.kind == "notice"][-_MOST_NOTICES:]:
        try:
            text = write_notice(asked.office.settings, message, effects) or ""
        except LaterError as fault:
            text = f"{message.name} ({fault.code})"
        yield {"name": str(message.name), "text": text}


def _zone(asked: Asked) -> Any:
    return asked.office.settings.zone


def message_title(asked: Asked, package: Package, name: str, elements: Sequence[str]) -> str:
    """What people call a message: its own words, else what the element is called that waits for it."""
    if knows(f"message.{name}"):
        return asked.say(f"message.{name}")
    return step_title(asked, package, elements[0]) if elements else name


def _stopped(asked: Asked, code: str) -> str:
    sentence = asked.say(f"error.{code}") if knows(f"error.{code}") else ""
    return code if not sentence or "…" in sentence else sentence


def _call(asked: Asked, package: Package, scene: Scene, number: int) -> dict[str, Any]:
    """A call that waits. Of several of one operation the first asked is answered first."""
    call = scene.calls[number]
    return {
        "operation": call.operation,
        "title": step_title(asked, package, call.element),
        "element": call.element,
        "next": call.operation not in {other.operation for other in scene.calls[:number]},
        "codes": _codes(package, call.element),
        "input": _values(asked, package, call.input),
    }


def _codes(package: Package, element: str) -> list[str]:
    """The error codes that the model catches at the step; one that nobody catches, where there is none."""
    nodes = package.definition.nodes
    found = {
        trigger.ref: None
        for boundary in package.definition.boundaries.get(element, ())
        for trigger in nodes[boundary].triggers
        if trigger.cause is Cause.ERROR and trigger.ref
    }
    return list(found) or ["refused"]


def _element(asked: Asked, package: Package, element: str) -> str:
    """A step's name, or what a clock is called that belongs to no step."""
    if element in package.definition.nodes:
        return step_title(asked, package, element)
    return asked.say(f"clocks.{element}") if knows(f"clocks.{element}") else element


def _work(asked: Asked, package: Package, work: Work) -> dict[str, Any]:
    return {
        "key": f"task:{work.token}",
        "token": work.token,
        "element": work.element,
        "title": step_title(asked, package, work.element, work.title),
        "lane": lane_title(asked, package, work.element),
        "place": area_name(asked.office.law, work.area, asked.today),
        "due": last_moment(work.due, _zone(asked)) if work.due else "",
        "late": work.due is not None and work.due <= asked.now,
    }


def _pictures(asked: Asked, package: Package, scene: Scene, path: list[str]) -> Iterator[dict[str, Any]]:
    """The main diagram, and those of the called parts that the case came through."""
    marks = _marks(asked, scene, path)
    main = f"workflows/bpmn/{package.name}.bpmn"
    for file in sorted(
        (one for one in package.files if one.endswith(".bpmn")), key=lambda one: (one != main, one)
    ):
        drawn = set(drawn_elements(package.files[file]))
        if file != main and not drawn & marks.keys():
            continue
        scope = package.definition.scopes.get(file.rpartition("/")[2].removesuffix(".bpmn"))
        title = process_title(asked, package) if file == main else (scope and scope.name) or file
        yield {
            "file": file,
            "title": title,
            "svg": draw(
                package.files[file],
                marks={key: mark for key, mark in marks.items() if key in drawn},
                title=asked.say("play.picture", name=title),
                alone=False,
            ),
            "open": file == main or bool(drawn & scene.tokens.keys()),
        }


def _marks(asked: Asked, scene: Scene, path: list[str]) -> dict[str, Mark]:
    marks = {element: Mark("done", words=asked.say("play.passed")) for element in path}
    for element in scene.running:
        marks[element] = Mark("now", sign="…", words=asked.say("play.running"))
    for elements in scene.messages.values():
        for element in elements:
            if element not in scene.tokens:
                marks.setdefault(element, Mark(words=asked.say("play.can-come"), href="#messages"))
    stopped = {element for element, _ in scene.incidents}
    late = {one.element for one in scene.work if one.due is not None and one.due <= scene.now}
    doing = {one.element: f"#do-{one.token}" for one in scene.work}
    doing |= {one.element: f"#call-{one.element}" for one in scene.calls}
    for element, count in scene.tokens.items():
        kind = "error" if element in stopped else "late" if element in late else "now"
        words = asked.say("play.stopped" if element in stopped else "play.tokens", count=count)
        marks[element] = Mark(kind, words=words, tokens=count, href=doing.get(element, ""))
    return marks


def _values(asked: Asked, package: Package, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Values by dotted name, each with what people call it."""
    called = {
        field.key.rpartition(".")[2]: asked.pick(field.label)
        for form in package.forms.values()
        for field in form.fields()
    }
    found = []
    for name, value in _flat("", values):
        last = name.rpartition(".")[2]
        text = reasons.plain(asked, value) if not isinstance(value, list) else plain(value)
        found.append({"name": name, "label": called.get(last, ""), "value": text})
    return found[:_MOST_VALUES]


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in sorted(values.items()):
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{prefix}{name}.", value)
        elif not isinstance(value, Mapping):
            yield f"{prefix}{name}", value
