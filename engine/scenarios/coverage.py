"""What the scenarios of a process pass through: steps, sequence flows, and rules of its decision tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.core.definition import Kind
from engine.replay.play import play
from engine.replay.story import read_story

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.package import Package
    from engine.scenarios.outcome import Outcome
    from engine.scenarios.stage import Stage

#: Kinds of nodes that no token is ever told to come to.
_UNSEEN = frozenset({Kind.EVENT_SUB_PROCESS})


@dataclass
class Coverage:
    """How many scenarios passed each part; parts that none passed are not counted here but known by `parts`."""

    scenarios: int = 0
    elements: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    #: (decision, rule from 1)
    rules: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count a played scenario."""
        self.scenarios += 1
        self.elements.update(set(outcome.path))
        self.flows.update(set(outcome.flows))
        self.rules.update({hit for trace in outcome.decisions for hit in _hits(trace)})


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of a package that a scenario could pass, by the file that it stands in where it is drawn."""

    elements: tuple[str, ...]
    flows: tuple[str, ...]
    rules: tuple[tuple[str, int], ...]


def parts(package: Package) -> Parts:
    """The parts of a package that can run; ModelError, DmnError or FormBroken if it cannot."""
    definition = package.definition
    elements = [node.id for node in definition.nodes.values() if node.kind not in _UNSEEN]
    rules = [
        (decision.id, rule.index)
        for model in package.models.values()
        for decision in model.decisions.values()
        if decision.table is not None
        for rule in decision.table.rules
    ]
    return Parts(tuple(elements), tuple(definition.flows), tuple(rules))


def walked(stage: Stage, package: Package, number: str) -> list[str]:
    """The sequence flows that the case took, found by walking its story once more."""
    with stage.store.reading() as reader:
        story = read_story(reader, number)
    ending = play(package, story, stage.bus.office.world)
    return [one for one in ending.passed if one in package.definition.flows]


def _hits(trace: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The rules that hit in a decision and in those it required."""
    for rule in trace.get("rules", ()):
        if rule["hit"]:
            yield str(trace["decision"]), int(rule["index"])
    for one in trace.get("required", ()):
        yield from _hits(one)
