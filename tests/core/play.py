"""Small models from XML and a player that stores and restores the case after every command, and checks purity."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.core import step as core
from engine.core.definition import Kind
from engine.core.plan import plan_of
from engine.core.run import step
from engine.core.state import Phase, State, dump, restore
from engine.core.timers import instant

sys.path.insert(0, str(Path(__file__).parent))
import itertools

import direct
from models import HEAD

NOW = datetime(2026, 8, 3, 1, tzinfo=UTC)


def model(process: str, roots: str = "", more: str = "") -> bytes:
    """A file with the executable process `p`; `roots` before it, `more` (other processes) after it."""
    return (
        f'{HEAD}{roots}<process id="p" isExecutable="true">{process}</process>{more}</definitions>'.encode()
    )


def chain(*elements: str, start: str = "s", end: str = "e") -> str:
    """Plain flows over the element ids from `start` to `end`."""
    names = [start, *elements, end]
    return "".join(
        f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in itertools.pairwise(names)
    )


def flow(source: str, target: str, condition: str = "", name: str = "") -> str:
    """One flow, with a condition where given."""
    inner = f'<conditionExpression xsi:type="tFormalExpression"><![CDATA[{condition}]]></conditionExpression>'
    return (
        f'<sequenceFlow id="{name or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">'
        f"{inner if condition else ''}</sequenceFlow>"
    )


def props(**given: str) -> str:
    """Our settings on an element."""
    inside = "".join(
        f'<spiffworkflow:property name="{k}" value="{v.replace(chr(34), "&quot;").replace("<", "&lt;")}"/>'
        for k, v in given.items()
    )
    return f"<extensionElements><spiffworkflow:properties>{inside}</spiffworkflow:properties></extensionElements>"


def users(*names: str) -> str:
    """User tasks."""
    return "".join(f'<userTask id="{name}"/>' for name in names)


def script(name: str, text: str) -> str:
    return f'<scriptTask id="{name}"><script><![CDATA[{text}]]></script></scriptTask>'


def boundary(name: str, on: str, definition: str, *, interrupting: bool = True, inner: str = "") -> str:
    cancel = "" if interrupting else ' cancelActivity="false"'
    return f'<boundaryEvent id="{name}" attachedToRef="{on}"{cancel}>{inner}{definition}</boundaryEvent>'


def timer(text: str, kind: str = "timeDuration") -> str:
    return (
        f'<timerEventDefinition><{kind} xsi:type="tFormalExpression">{text}</{kind}></timerEventDefinition>'
    )


def condition(text: str) -> str:
    return (
        '<conditionalEventDefinition><condition xsi:type="tFormalExpression">'
        f"<![CDATA[{text}]]></condition></conditionalEventDefinition>"
    )


MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="g"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
ROOTS = (
    '<message id="m" name="withdrawal"/><message id="m2" name="correction"/><signal id="g" name="changed"/>'
    '<error id="err" name="refused" errorCode="pay-refused"/><error id="other" errorCode="other"/>'
    '<escalation id="esc" name="late" escalationCode="LATE"/>'
)


class Play:
    """One case; after every command the state goes through bytes, and the state before must not have changed."""

    def __init__(
        self, xml: bytes, variables: dict[str, Any] | None = None, at: str | None = None, **more: Any
    ) -> None:
        self.definition = direct.read_direct({"m.bpmn": xml}, "p", **more)
        self.state: State | None = None
        self.now = NOW
        self.world: Any = None
        self.events: list[core.Event] = []
        self.last: tuple[core.Event, ...] = ()
        self.do(core.Start(variables or {}, at))

    def do(self, given: core.Input) -> Play:
        before = None if self.state is None else dump(self.state)
        kept = self.state
        done = step(self.definition, self.state, given, self.now, self.world)
        assert kept is None or dump(kept) == before, "the input state was changed"
        stored = dump(done.state)
        self.state = restore(*stored)
        assert self.state == done.state
        assert dump(self.state) == stored, "the bytes are not stable"
        self.last = done.events
        self.events += done.events
        self._whole()
        return self

    def _whole(self) -> None:
        """Every token's parent lives, all waits are told, and nothing is left on the way."""
        assert self.state is not None
        tokens = self.state.tokens
        for token in tokens.values():
            assert token.parent == 0 or token.parent in tokens
            incident = token.extras is not None and token.extras.incident is not None
            assert token.phase is not Phase.MOVING or incident
            assert token.element not in self.definition.flows
        told = {e.token for e in self.events if isinstance(e, core.TaskOpened)}
        told -= {e.token for e in self.events if isinstance(e, core.TaskClosed)}
        kinds = {Kind.USER, Kind.MANUAL}
        nodes = self.definition.nodes
        waiting = {
            t.id
            for t in tokens.values()
            if t.phase is Phase.WAITING and t.element in nodes and nodes[t.element].kind in kinds
        }
        assert told == waiting
        self._pairs()
        timers: dict[tuple[int, str], datetime] = {}
        for event in self.events:
            if isinstance(event, core.TimerSet):
                timers[event.token, event.element] = event.due
            elif isinstance(event, (core.TimerCleared, Fired)):
                timers.pop((event.token, event.element), None)
        stored = {
            (t.id, element): instant(due)
            for t in tokens.values()
            if t.extras is not None and t.extras.due
            for element, due in t.extras.due.items()
        }
        assert timers == stored

    def _pairs(self) -> None:
        """Every Left follows its Entered, every ScopeClosed its ScopeOpened, and what is open has a token."""
        assert self.state is not None
        inside: list[int] = []
        scopes: list[int] = []
        for event in self.events:
            match event:
                case core.Entered(token=token):
                    inside.append(token)
                case core.Left(token=token):
                    inside.remove(token)
                case core.ScopeOpened(scope=scope):
                    assert scope not in scopes
                    scopes.append(scope)
                case core.ScopeClosed(scope=scope):
                    scopes.remove(scope)
        assert set(inside) | set(scopes) <= set(self.state.tokens)
        leaves = {t.id for t in self.state.tokens.values() if t.phase is Phase.WAITING}
        assert leaves <= set(inside) | set(scopes)

    # ---- what to do

    def token(self, element: str, index: int = 0) -> int:
        assert self.state is not None
        found = [
            t.id
            for t in self.state.tokens.values()
            if t.element == element and not (t.extras is not None and t.extras.counts is not None)
        ]
        return found[index]

    def complete(self, element: str, index: int = 0, **results: Any) -> Play:
        return self.do(core.Complete(self.token(element, index), results))

    def fire(self, element: str) -> Play:
        assert self.state is not None
        token = next(
            t.id for t in self.state.tokens.values() if t.extras and t.extras.due and element in t.extras.due
        )
        due = self.due(element)
        self.now = max(self.now, due)
        self.events.append(Fired(token, element))
        return self.do(core.Fire(token, element))

    def due(self, element: str) -> datetime:
        assert self.state is not None
        return next(
            instant(t.extras.due[element])
            for t in self.state.tokens.values()
            if t.extras and t.extras.due and element in t.extras.due
        )

    def message(self, name: str = "withdrawal", key: Any = None, **payload: Any) -> Play:
        return self.do(core.Deliver(name, payload, key))

    def signal(self, name: str = "changed", **payload: Any) -> Play:
        return self.do(core.Broadcast(name, payload))

    # ---- what to see

    @property
    def open(self) -> list[str]:
        """Elements where tokens rest (no scopes, no bodies), sorted."""
        assert self.state is not None
        return sorted(
            t.element for t in self.state.tokens.values() if t.phase in {Phase.WAITING, Phase.MOVING}
        )

    @property
    def path(self) -> list[str]:
        return [e.element for e in self.events if isinstance(e, core.Entered)]

    @property
    def ended(self) -> bool:
        assert self.state is not None
        assert self.state.ended == any(isinstance(e, core.CaseEnded) for e in self.events)
        return self.state.ended

    @property
    def variables(self) -> dict[str, Any]:
        assert self.state is not None
        return dict(self.state.variables)

    @property
    def incidents(self) -> list[tuple[str, str]]:
        assert self.state is not None
        return [
            (t.element, t.extras.incident.code)
            for t in self.state.tokens.values()
            if t.extras is not None and t.extras.incident is not None
        ]

    def seen(self, kind: type) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind)]

    def watches(self, element: str) -> int:
        return len(plan_of(self.definition).watches.get(element, ()))


class Fired(core.TimerCleared):
    """Marks a timer that fell due: its row is gone without the core saying so."""


def later(**parts: int) -> datetime:
    return NOW + timedelta(**parts)
