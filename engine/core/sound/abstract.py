"""A model without its data: every condition becomes a free choice, every other expression a constant.

The mover is not changed and not imitated: it runs this definition as it runs any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from engine.core.definition import Cause, Definition, Kind, Settings, TimerKind, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Flow, Loop, Node
    from engine.feel import Expression

#: Answers that one condition gives within one step; a model that asks more often runs in a circle without waiting.
_OFTEN: Final = 2
#: Instances of every multi-instance activity: enough for "one of them" and "all of them" to differ.
_INSTANCES: Final = 2
#: Stands for the name of a message or signal that has none.
ANYTHING: Final = "anything"


class TooOften(Exception):
    """A condition was asked again and again before the case came to rest: this way is not followed further."""


@dataclass(slots=True)
class Choices:
    """The answers of one step: those given beforehand, then "no"; what was asked is kept."""

    script: list[bool] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def ask(self, name: str) -> bool:
        """The answer to a condition, by the id of its element or flow."""
        if sum(one == name for one, _ in self.asked) >= _OFTEN:
            raise TooOften(name)
        place = len(self.asked)
        answer = self.script[place] if place < len(self.script) else False
        self.asked.append((name, answer))
        return answer

    def following(self) -> list[bool] | None:
        """The script of the next way through the same step; None after the last."""
        answers = [answer for _, answer in self.asked]
        while answers and answers[-1]:
            answers.pop()
        if not answers:
            return None
        answers[-1] = True
        return answers


class Free:
    """Stands in for a condition."""

    def __init__(self, name: str, real: Expression, holder: list[Choices]) -> None:
        self.name = name
        self.text = real.text
        self.names = real.names
        self._holder = holder

    def evaluate(self, *_: object) -> bool:
        """Whatever the step's choices say."""
        return self._holder[0].ask(self.name)


class Constant:
    """Stands in for an expression whose value changes nothing about the ways of the tokens."""

    names: frozenset[str] = frozenset()

    def __init__(self, value: object) -> None:
        self.text = str(value)
        self._value = value

    def evaluate(self, *_: object) -> object:
        """Always the same."""
        return self._value


def _as_expression(stand_in: Free | Constant) -> Expression:
    return cast("Expression", stand_in)


@dataclass(frozen=True, slots=True)
class Abstract:
    """The definition to walk, and where the choices of the step at hand are put."""

    definition: Definition
    holder: list[Choices]

    def choose(self, script: list[bool]) -> Choices:
        """Lay out the choices of the next step."""
        self.holder[0] = Choices(script)
        return self.holder[0]


def abstract(definition: Definition) -> Abstract:
    """The same model without its data."""
    holder = [Choices()]
    caught = {
        definition.nodes[event].attached_to
        for events in definition.boundaries.values()
        for event in events
        if any(trigger.cause is Cause.ERROR for trigger in definition.nodes[event].triggers)
    }
    nodes = {name: _node(node, holder, may_fail=name in caught) for name, node in definition.nodes.items()}
    flows = {name: _flow(flow, holder) for name, flow in definition.flows.items()}
    return Abstract(replace(definition, nodes=nodes, flows=flows, decisions={}), holder)


def _flow(flow: Flow, holder: list[Choices]) -> Flow:
    if flow.condition is None:
        return flow
    return replace(flow, condition=_as_expression(Free(flow.id, flow.condition, holder)))


def _node(node: Node, holder: list[Choices], *, may_fail: bool) -> Node:
    settings, kind = Settings(raw=node.settings.raw), node.kind
    if kind in {Kind.SCRIPT, Kind.RULE}:
        # Nobody outside is waited for, unless the model reckons with a failure.
        kind = Kind.SERVICE if may_fail else Kind.TASK
        settings = replace(settings, operation="anything") if may_fail else settings
    elif kind is Kind.SERVICE and (
        node.settings.operation or node.settings.operation_of or node.settings.document
    ):
        settings = replace(settings, operation="anything")
        if node.settings.operation_of:
            settings = replace(settings, operation_of=_as_expression(Constant("anything")))
    activation = _as_expression(Free(node.id, node.activation, holder)) if node.activation else None
    return replace(
        node,
        kind=kind,
        settings=settings,
        script=None,
        decision=None,
        activation=activation,
        triggers=tuple(_trigger(node, trigger, holder) for trigger in node.triggers),
        loop=_loop(node, node.loop, holder) if node.loop is not None else None,
    )


def _trigger(node: Node, trigger: Trigger, holder: list[Choices]) -> Trigger:
    expression: Any = None
    if trigger.cause is Cause.TIMER:
        cycle = trigger.timer is TimerKind.CYCLE
        expression = Constant("R2/PT1H" if cycle else "PT1H")
        timer = TimerKind.CYCLE if cycle else TimerKind.DURATION
        return replace(trigger, timer=timer, expression=_as_expression(expression), correlation=None)
    if trigger.cause is Cause.CONDITIONAL and trigger.expression is not None:
        expression = Free(node.id, trigger.expression, holder)
    return replace(trigger, expression=expression, correlation=None)


def _loop(node: Node, loop: Loop, holder: list[Choices]) -> Loop:
    return replace(
        loop,
        cardinality=_as_expression(Constant(Decimal(_INSTANCES))) if loop.cardinality else None,
        collection=_as_expression(Constant(["1", "2"])) if loop.collection else None,
        output=None,
        output_item=None,
        condition=_as_expression(Free(node.id, loop.condition, holder)) if loop.condition else None,
    )


def names_of(definition: Definition, cause: Cause) -> Iterator[str]:
    """Messages, signals or error codes that some event of the model waits for, each once."""
    seen: dict[str, None] = {}
    for node in definition.nodes.values():
        if node.kind in {Kind.END, Kind.THROW, Kind.SEND}:
            continue
        for trigger in node.triggers:
            if trigger.cause is cause:
                seen.setdefault(trigger.ref or ANYTHING)
    yield from seen
