"""The service guide (办事指南), read off the model: who, papers, steps, days, law. So the text and what happens cannot differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.titles import lane_title, process_title, step_title
from api.words import knows
from engine.clock import ClockError
from engine.core.definition import Kind
from engine.package import START
from engine.promises import parameters_of, start_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from api.frame import Asked
    from engine.clock.law import Article
    from engine.core.definition import Definition
    from engine.package import Package

_HUMAN = frozenset({Kind.USER, Kind.MANUAL})
#: Units of the law's parameters that are spans of time.
_SPANS = frozenset({"working days", "calendar days", "days", "hours", "months"})


@dataclass(frozen=True, slots=True)
class Stage:
    """What one desk does: each step, and within how long ("" where that depends on something)."""

    who: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """All that somebody wants to know before applying; texts in the asker's language."""

    name: str
    help: str
    who: tuple[str, ...]
    questions: tuple[str, ...]
    materials: tuple[tuple[str, bool], ...]
    stages: tuple[Stage, ...]
    promised: str
    statutory: str
    papers: tuple[str, ...]
    law: tuple[Article, ...] = field(default=())


def guide(asked: Asked, package: Package) -> Guide:
    """The guide of a process as it is published now."""
    form = package.form(START)
    node = start_of(package)
    raw = node.settings.raw if node is not None else {}
    roles = asked.office.bus.access.roles("start", package.name)
    return Guide(
        name=process_title(asked, package),
        help=asked.pick(form.help) if form and form.help else "",
        who=tuple(asked.say(f"role.{role}") for role in roles if knows(f"role.{role}")),
        questions=tuple(asked.pick(one.title) for one in form.sections if one.title) if form else (),
        materials=_materials(asked, package),
        stages=_stages(asked, package),
        promised=_days(asked, raw.get("promised")),
        statutory=_days(asked, raw.get("statutory")),
        papers=_papers(asked, package),
        law=_law(asked, package),
    )


def _materials(asked: Asked, package: Package) -> tuple[tuple[str, bool], ...]:
    """The files that the application asks for, and whether each must be there."""
    form = package.form(START)
    if form is None:
        return ()
    return tuple(
        (asked.pick(one.label), one.required)
        for one in form.fields()
        if one.type in {"file", "files"} and not one.readonly
    )


def _stages(asked: Asked, package: Package) -> tuple[Stage, ...]:
    """The desks in the order in which a case comes to them, each with its steps."""
    nodes = package.definition.nodes
    found: dict[str, list[str]] = {}
    for element in walk(package):
        lane = nodes[element].lane or ""
        found.setdefault(lane, []).append(element)
    stages = []
    for elements in found.values():
        steps = {
            step_title(asked, package, one): _days(asked, nodes[one].settings.raw.get("deadline"))
            for one in elements
        }
        stages.append(Stage(lane_title(asked, package, elements[0]), tuple(steps.items())))
    return tuple(stages)


#: Walks by the digest of the version, which never changes.
_walks: dict[str, tuple[str, ...]] = {}
_MOST_WALKS = 500


def walk(package: Package) -> tuple[str, ...]:
    """The steps of people in the order in which a case can come to them from its beginning; called parts in their place."""
    known = _walks.get(package.digest)
    if known is None:
        definition = package.definition
        steps = _walk(definition, definition.main, set())
        known = tuple(dict.fromkeys(one for one in steps if definition.nodes[one].kind in _HUMAN))
        if len(_walks) >= _MOST_WALKS:
            _walks.clear()
        _walks[package.digest] = known
    return known


def _walk(definition: Definition, scope: str, seen: set[str]) -> Iterator[str]:
    waiting = list(definition.scopes[scope].starts)
    if scope in seen:
        return
    seen.add(scope)
    while waiting:
        element = waiting.pop(0)
        if element in seen:
            continue
        seen.add(element)
        node = definition.nodes[element]
        yield element
        if node.called:
            yield from _walk(definition, node.called, seen)
        elif element in definition.scopes:
            yield from _walk(definition, element, seen)
        waiting += [definition.flows[flow].target for flow in node.outgoing]


def _days(asked: Asked, text: str | None) -> str:
    """The spans of the law that a FEEL deadline reads, in words; nothing where it reads none."""
    day = asked.today
    told = dict.fromkeys(
        span for name in parameters_of(text) if (span := _span(asked, name, day)) is not None
    )
    return asked.say("guide.or").join(told)


def _span(asked: Asked, parameter: str, day: date) -> str | None:
    try:
        found = asked.office.law.parameter(parameter, day)
    except ClockError:
        return None
    if found.unit not in _SPANS:
        return None
    if found.value == 0:
        return asked.say("guide.at-once")
    return asked.say(f"guide.{found.unit.replace(' ', '-')}", count=found.value)


def _papers(asked: Asked, package: Package) -> tuple[str, ...]:
    """What the applicant may get: titles of certificates and notices that the model can issue."""
    nodes = package.definition.nodes.values()
    told: dict[str, None] = {}
    for code in dict.fromkeys(one.settings.document for one in nodes if one.settings.document):
        sidecar = package.sidecar(code) or {}
        if sidecar.get("layout", "notice") in {"notice", "certificate"}:
            told[asked.pick(sidecar.get("title"))] = None
    return tuple(told)


def _law(asked: Asked, package: Package) -> tuple[Article, ...]:
    """The articles on which the process stands: those of its start, else of its first steps."""
    node = start_of(package)
    ids: tuple[str, ...] = node.settings.law if node is not None else ()
    nodes: Any = package.definition.nodes
    for element in walk(package):
        if ids:
            break
        ids = nodes[element].settings.law
    day = asked.today
    return tuple(one for name in ids if (one := asked.office.law.article(name, day)) is not None)
