"""Drives the mover like bpmn.io's token simulator and writes down the same trace.

The simulator has no conditions, no data and no clock: choices are set per gateway, catching events are triggered by hand,
all tasks but the waited ones pass through, and message flows between pools carry signals. So the model is rewritten to say
just that (`wired`): every event that can be triggered by hand also takes the message `do:<id>`, several pools become
event sub-processes of one surrounding process, a message flow is a message named after it.
"""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from engine.core import step as core
from engine.core.definition import Cause, Definition, Flow, Kind, Node, Scope, Settings, Trigger
from engine.core.faults import CoreError
from engine.core.run import step
from engine.core.state import State, dump, restore

sys.path.insert(0, str(Path(__file__).parent))
import direct

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "token-simulation"
NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
HIDDEN = "hidden:"
PASSING = {Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.SCRIPT, Kind.RULE, Kind.CALL}
BY_HAND = {Cause.TIMER, Cause.CONDITIONAL, Cause.MESSAGE}


@dataclass(frozen=True)
class Constant:
    """A condition that is always so."""

    value: Any
    text: str = "constant"
    names: frozenset[str] = frozenset()

    def evaluate(self, context: Any, world: Any) -> Any:
        return self.value


@dataclass
class Wiring:
    """A model as the simulator sees it."""

    definition: Definition
    pools: dict[str, str]  # process -> participant
    outside: bool  # several pools in one surrounding process
    starts: set[str] = field(default_factory=set)


def wired(
    xml: bytes, active: dict[str, list[str]], wait_at: list[str], *, outside: bool | None = None
) -> Wiring:
    root = etree.fromstring(xml)
    processes = [each.get("id") for each in root.iter(f"{BPMN}process")]
    parts = {}
    for process in processes:
        found = direct.read_direct(
            {"model": xml}, process, compile_text=lambda text, names=(): Constant(None)
        )
        parts[process] = found
    pools = {p.get("processRef"): p.get("id") for p in root.iter(f"{BPMN}participant") if p.get("processRef")}
    nodes = {k: v for part in parts.values() for k, v in part.nodes.items()}
    flows = {k: v for part in parts.values() for k, v in part.flows.items()}
    scopes = {k: v for part in parts.values() for k, v in part.scopes.items()}
    boundaries = {k: v for part in parts.values() for k, v in part.boundaries.items()}
    sent, received = _message_flows(root)
    nodes = {k: _as_simulated(v, wait_at, sent, received) for k, v in nodes.items()}
    flows = {k: _chosen(v, nodes, active) for k, v in flows.items()}
    nodes = {k: replace(v, default=None) for k, v in nodes.items()}
    nodes = {k: _without_lost_errors(v, nodes, scopes, boundaries) for k, v in nodes.items()}
    top = {n for s in processes for n in scopes[s].nodes if nodes[n].kind is Kind.START}
    definition = Definition(processes[0], nodes, flows, scopes, boundaries)
    if outside is None:
        outside = len(processes) > 1 or bool(sent) or bool(received)
    if outside:
        definition = _surrounded(definition, processes)
    return Wiring(definition, pools, outside, top)


def _message_flows(root: Any) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    sent: dict[str, list[str]] = {}
    received: dict[str, list[str]] = {}
    for each in root.iter(f"{BPMN}messageFlow"):
        sent.setdefault(each.get("sourceRef"), []).append(each.get("id"))
        received.setdefault(each.get("targetRef"), []).append(each.get("id"))
    return sent, received


def _as_simulated(
    node: Node, wait_at: list[str], sent: dict[str, list[str]], received: dict[str, list[str]]
) -> Node:
    kind = Kind.TASK if node.kind in PASSING else node.kind
    catches = kind in {Kind.CATCH, Kind.BOUNDARY, Kind.START, Kind.RECEIVE}
    triggers = tuple(t for t in node.triggers if t.cause not in BY_HAND)
    if catches:
        inward = any(t.cause in {Cause.COMPENSATE, Cause.LINK} for t in triggers)
        if (node.triggers or kind is Kind.RECEIVE) and not inward:
            triggers += (Trigger(Cause.MESSAGE, f"do:{node.id}"),)
        triggers += tuple(Trigger(Cause.MESSAGE, each) for each in received.get(node.id, ()))
    elif kind in {Kind.THROW, Kind.END, Kind.SEND, Kind.TASK}:
        triggers += tuple(Trigger(Cause.MESSAGE, each) for each in sent.get(node.id, ()))
        if kind is Kind.TASK and node.id in received:
            kind, triggers = Kind.RECEIVE, tuple(Trigger(Cause.MESSAGE, m) for m in received[node.id])
        elif kind is Kind.TASK and triggers:
            kind = Kind.SEND
    if node.id in wait_at and kind in {Kind.TASK, Kind.SEND}:
        kind = Kind.USER
    return Node(
        node.id,
        kind,
        node.scope,
        incoming=node.incoming,
        outgoing=node.outgoing,
        triggers=triggers,
        attached_to=node.attached_to,
        interrupting=node.interrupting,
        handler=node.handler,
        for_compensation=node.for_compensation,
        settings=Settings(),
    )


def _without_lost_errors(
    node: Node, nodes: dict[str, Node], scopes: dict[str, Scope], boundaries: dict[str, tuple[str, ...]]
) -> Node:
    """An error that nothing in the model catches is a plain end to the simulator; to us it is an incident."""
    thrown = [t for t in node.triggers if t.cause is Cause.ERROR]
    if node.kind is not Kind.END or not thrown:
        return node
    inside, around = "", node.scope
    while around:
        scope = scopes[around]
        catching = list(boundaries.get(around, ()))
        for event_sub_process in scope.event_sub_processes:
            if event_sub_process != inside:
                catching += scopes[event_sub_process].nodes
        for each in catching:
            for trigger in nodes[each].triggers:
                if trigger.cause is Cause.ERROR and trigger.ref in {None, thrown[0].ref}:
                    return node
        inside, around = around, scope.parent or ""
    return replace(node, triggers=tuple(t for t in node.triggers if t.cause is not Cause.ERROR))


def _chosen(flow: Flow, nodes: dict[str, Node], active: dict[str, list[str]]) -> Flow:
    source = nodes[flow.source]
    if source.kind not in {Kind.EXCLUSIVE, Kind.INCLUSIVE} or len(source.outgoing) < 2:
        return replace(flow, condition=None)
    taken = active.get(source.id) or list(source.outgoing[: 1 if source.kind is Kind.EXCLUSIVE else None])
    return replace(flow, condition=Constant(flow.id in taken))


def _surrounded(definition: Definition, processes: list[str]) -> Definition:
    nodes, scopes = dict(definition.nodes), dict(definition.scopes)
    world, idle = f"{HIDDEN}world", f"{HIDDEN}idle"
    for process in processes:
        scope = scopes[process]
        starts = [n for n in scope.nodes if nodes[n].kind is Kind.START]
        for start in starts:
            triggers = (*nodes[start].triggers, Trigger(Cause.MESSAGE, f"start:{start}"))
            nodes[start] = replace(nodes[start], triggers=triggers, interrupting=False)
        never = {Kind.START, Kind.BOUNDARY, Kind.EVENT_SUB_PROCESS}
        alone = [
            n
            for n in scope.nodes
            if not nodes[n].incoming and nodes[n].kind not in never and not nodes[n].for_compensation
        ]
        begin = f"{HIDDEN}{process}"
        triggers = tuple(Trigger(Cause.MESSAGE, f"start:{each}") for each in alone)
        nodes[begin] = Node(begin, Kind.START, process, triggers=triggers, interrupting=False)
        scopes[process] = replace(scope, nodes=(begin, *scope.nodes), parent=world)
        nodes[process] = Node(process, Kind.EVENT_SUB_PROCESS, world)
    nodes[idle] = Node(idle, Kind.USER, world)
    scopes[world] = Scope(world, "process", None, (idle, *processes), (idle,), tuple(processes))
    return Definition(world, nodes, definition.flows, scopes, definition.boundaries)


class Simulation:
    """Triggers by hand, and the trace they leave."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.definition = wiring.definition
        self.state: State | None = None
        self.trace: list[tuple[str, str, int]] = []
        self.struck: list[str] = []
        self.entered: set[int] = set()
        if wiring.outside:
            self._do(core.Start())

    def trigger(self, element: str) -> None:
        nodes = self.definition.nodes
        if element not in nodes:  # a message flow
            self.trace += [("signal", element, 0), ("exit", element, 0)]
            with contextlib.suppress(CoreError):  # nobody waits: the message is lost
                self._do(core.Deliver(element))
        elif self.wiring.outside and (element in self.wiring.starts or self._begins(element)):
            self._do(core.Deliver(f"start:{element}"))
        elif not self.wiring.outside and nodes[element].scope == self.definition.main and self.state is None:
            self._do(core.Start(at=element if nodes[element].kind is Kind.START else None))
        elif nodes[element].kind is Kind.USER:
            assert self.state is not None
            token = next(each.id for each in self.state.tokens.values() if each.element == element)
            self._do(core.Complete(token))
        else:
            self._do(core.Deliver(f"do:{element}"))

    def _begins(self, element: str) -> bool:
        node = self.definition.nodes[element]
        pool = self.definition.scopes[node.scope]
        begin = self.definition.nodes.get(f"{HIDDEN}{pool.id}")
        return begin is not None and any(t.ref == f"start:{element}" for t in begin.triggers)

    def _do(self, what: core.Input) -> None:
        before = None if self.state is None else dump(self.state)
        done = step(self.definition, self.state, what, NOW, flows=True)
        assert self.state is None or dump(self.state) == before, "the input state was changed"
        self.state = restore(*dump(done.state))
        assert self.state == done.state
        events = list(done.events)
        for place, event in enumerate(events):
            self._write(event, events[place + 1] if place + 1 < len(events) else None)

    def _write(self, event: core.Event, following: core.Event | None) -> None:
        node = self.definition.nodes.get(getattr(event, "element", ""))
        kind = node.kind if node is not None else None
        whole = kind is None or kind is Kind.EVENT_SUB_PROCESS
        match event:
            case core.ScopeOpened(element, scope) if whole:
                self._line("signal", element, scope)
            case core.ScopeClosed(element, scope, dropped=False) if whole or scope not in self.entered:
                self._line("exit", element, scope)
            case core.Entered(element, token, scope):
                self.entered.add(token)
                if element in self.definition.flows:
                    self._line("enter", element, scope)
                elif token == 0 or kind is Kind.START:
                    self._line("signal", element, token)
                elif not (isinstance(following, core.Caught) and following.token == token):
                    self._line("enter", element, scope)
            case core.Caught(element, token) if kind is not Kind.START:
                self._line("signal", element, token)
                if kind is Kind.BOUNDARY and node.interrupting:
                    self.struck.append(node.attached_to)
            case core.TaskClosed(element=element, token=token, dropped=False):
                self._line("signal", element, token)
            case core.Left(element, token, scope, dropped):
                self.entered.discard(token)
                if dropped and element in self.struck:
                    self.struck.remove(element)
                    dropped = False
                if not dropped and kind is not Kind.EVENT_BASED:
                    self._line("exit", element, token)
            case core.IncidentRaised():
                self._line("incident", event.code, event.token)

    def _line(self, action: str, element: str, number: int) -> None:
        if not element.startswith(HIDDEN):
            self.trace.append((action, self.wiring.pools.get(element, element), number))


def expected(path: Path) -> list[tuple[str, str, str]]:
    lines = (line.split(":") for line in json.loads(path.read_text()))
    return [
        (action, element.removesuffix("_plane"), letter)
        for action, element, letter in lines
        if action in {"signal", "enter", "exit"}
    ]


def same(wanted: list[tuple[str, str, str]], found: list[tuple[str, str, int]]) -> bool:
    """The same actions at the same elements in the same order, and the same tokens entering the same scopes."""
    if [line[:2] for line in wanted] != [line[:2] for line in found]:
        return False
    letters = {(w[2], f[2]) for w, f in zip(wanted, found, strict=True) if w[0] == "enter"}
    return len({a for a, _ in letters}) == len(letters) == len({b for _, b in letters})
