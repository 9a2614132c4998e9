"""What the mover looks up all the time, worked out once per definition: watches, starts, handlers, reachability.

Nothing here is stored or shown; it follows from the `Definition` alone.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.core.definition import Cause, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.core.definition import Definition, Flow, Node, Trigger
    from engine.core.verbs_ways import Ways

#: Kinds whose token is a scope with children.
SCOPES: Final = frozenset({Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.CALL, Kind.EVENT_SUB_PROCESS})
_SYNCHRONIZING: Final = frozenset({Kind.INCLUSIVE, Kind.COMPLEX})
_NEVER_IMPLICIT: Final = frozenset({Kind.START, Kind.BOUNDARY, Kind.EVENT_SUB_PROCESS})


class Place(Enum):
    """Where a watching event stands, seen from the token that keeps the watch."""

    BOUNDARY = auto()  # on the token's activity
    START = auto()  # of an event sub-process inside the token's scope
    SELF = auto()  # the token waits at it
    CHOICE = auto()  # behind the event-based gateway where the token waits


class Watch(NamedTuple):
    """A trigger that a token at some element watches for, and the event `element` that would take it."""

    element: str
    trigger: Trigger
    place: Place
    interrupting: bool


class Plan:
    """Indexes over one definition. Look-ups by element id; a missing key means "nothing of that sort"."""

    __slots__ = (
        "cancels",
        "conditional",
        "definition",
        "handlers",
        "implicit",
        "irrevocable",
        "links",
        "own_scope",
        "plain",
        "reach",
        "starts",
        "synchronizing",
        "undo_starts",
        "watches",
        "ways",
    )

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        nodes = definition.nodes
        self.implicit: Mapping[str, tuple[str, ...]] = {
            scope.id: tuple(node for node in scope.nodes if self._starts_alone(nodes[node]))
            for scope in definition.scopes.values()
        }
        self.starts: Mapping[str, tuple[str, ...]] = {
            scope.id: self._plain_starts(scope.id) for scope in definition.scopes.values()
        }
        self.handlers = dict(self._handlers())
        self.undo_starts = dict(self._undo_starts())
        self.cancels: dict[str, str] = {}
        for activity, events in definition.boundaries.items():
            for event in events:
                if any(trigger.cause is Cause.CANCEL for trigger in nodes[event].triggers):
                    self.cancels.setdefault(activity, event)
        self.links: dict[tuple[str, str | None], list[str]] = {}
        for node in nodes.values():
            if node.kind is Kind.CATCH:
                for trigger in node.triggers:
                    if trigger.cause is Cause.LINK:
                        self.links.setdefault((node.scope, trigger.ref), []).append(node.id)
        self.watches: dict[str, tuple[Watch, ...]] = {}
        for element in (*nodes, *definition.scopes):
            if watches := tuple(self._watches(element)):
                self.watches[element] = watches
        self.conditional = any(
            watch.trigger.cause is Cause.CONDITIONAL for found in self.watches.values() for watch in found
        )
        self.synchronizing = frozenset(
            node.id for node in nodes.values() if node.kind in _SYNCHRONIZING and len(node.incoming) > 1
        )
        self.reach = {gateway: self._reach(gateway) for gateway in self.synchronizing}
        #: Elements whose tokens keep variables of their own; with an input, they see nothing outside them.
        self.own_scope = frozenset(
            node.id
            for node in nodes.values()
            if node.kind is Kind.CALL
            or (node.kind in SCOPES and node.settings.input is not None)
            or (node.kind is Kind.EVENT_SUB_PROCESS and not self._interrupts(node.id))
        )
        #: What cannot be taken back once it has been done (setting `irrevocable`).
        self.irrevocable = frozenset(filter(self._marked, nodes))
        self.ways: Ways | None = None  # made by `verbs_ways` when a verb first asks
        #: The flows of nodes where there is nothing to choose.
        self.plain = {node.id: found for node in nodes.values() if (found := self._plain(node)) is not None}

    def scope_of(self, element: str) -> str:
        """The scope that a token at `element` opens: the called process for a call, else the element itself."""
        node = self.definition.nodes.get(element)
        return node.called if node is not None and node.called is not None else element

    def starts_at(self, scope: str, start: str) -> tuple[str, ...]:
        """Where tokens begin when a trigger starts the scope at `start`: there, and where nothing leads to."""
        alone = set(self.implicit[scope])
        return tuple(node for node in self.definition.scopes[scope].nodes if node == start or node in alone)

    def _marked(self, element: str) -> bool:
        return self.definition.nodes[element].settings.raw.get("irrevocable") == "true"

    def _plain(self, node: Node) -> tuple[Flow, ...] | None:
        flows = tuple(self.definition.flows[name] for name in node.outgoing)
        if node.kind is Kind.PARALLEL or len(flows) == 0:
            return flows
        if any(flow.condition is not None for flow in flows) or (node.default is not None and len(flows) > 1):
            return None
        return flows[:1] if node.kind is Kind.EXCLUSIVE else flows

    def _starts_alone(self, node: Node) -> bool:
        if node.incoming or node.for_compensation or node.instantiate or node.kind in _NEVER_IMPLICIT:
            return False
        return not (node.kind is Kind.CATCH and any(trigger.cause is Cause.LINK for trigger in node.triggers))

    def _plain_starts(self, scope: str) -> tuple[str, ...]:
        found = self.definition.scopes[scope]
        plain = set(found.starts) | set(self.implicit[scope])
        return tuple(node for node in found.nodes if node in plain)

    def _interrupts(self, event_sub_process: str) -> bool:
        return any(node.interrupting for node in self._triggered(event_sub_process))

    def _triggered(self, event_sub_process: str) -> Iterator[Node]:
        for name in self.definition.scopes[event_sub_process].nodes:
            node = self.definition.nodes[name]
            if node.kind is Kind.START and node.triggers:
                yield node

    def _handlers(self) -> Iterator[tuple[str, str]]:
        for activity, events in self.definition.boundaries.items():
            for event in events:
                node = self.definition.nodes[event]
                if node.handler and any(trigger.cause is Cause.COMPENSATE for trigger in node.triggers):
                    yield activity, node.handler

    def _undo_starts(self) -> Iterator[tuple[str, tuple[str, str]]]:
        for scope in self.definition.scopes.values():
            for inner in scope.event_sub_processes:
                for start in self._triggered(inner):
                    if any(trigger.cause is Cause.COMPENSATE for trigger in start.triggers):
                        yield scope.id, (inner, start.id)

    def _watches(self, element: str) -> Iterator[Watch]:
        nodes = self.definition.nodes
        node = nodes.get(element)
        scope = self.definition.scopes.get(self.scope_of(element))
        for inner in scope.event_sub_processes if scope is not None else ():
            for start in self._triggered(inner):
                yield from _each(start, Place.START)
        for event in self.definition.boundaries.get(element, ()):
            yield from _each(nodes[event], Place.BOUNDARY)
        if node is None:
            return
        if node.kind is Kind.CATCH or node.kind is Kind.RECEIVE:
            yield from _each(node, Place.SELF)
        elif node.kind is Kind.EVENT_BASED:
            for flow in node.outgoing:
                yield from _each(nodes[self.definition.flows[flow].target], Place.CHOICE)

    def _reach(self, gateway: str) -> dict[str, frozenset[str]]:
        return {flow: self._sources(gateway, flow) for flow in self.definition.nodes[gateway].incoming}

    def _sources(self, gateway: str, flow: str) -> frozenset[str]:
        """Everything from which a directed path of sequence flows and links leads to `flow` past no `gateway`."""
        nodes, flows = self.definition.nodes, self.definition.flows
        found: set[str] = set()
        todo = [flow]
        while todo:
            element = todo.pop()
            if element in found or element == gateway:
                continue
            found.add(element)
            if element in flows:
                todo.append(flows[element].source)
                continue
            node = nodes[element]
            todo.extend(node.incoming)
            for trigger in node.triggers:
                if node.kind is Kind.CATCH and trigger.cause is Cause.LINK:
                    todo.extend(self._throwers(node.scope, trigger.ref))
        return frozenset(found)

    def _throwers(self, scope: str, link: str | None) -> Iterator[str]:
        for name in self.definition.scopes[scope].nodes:
            node = self.definition.nodes[name]
            if node.kind is Kind.THROW and any(
                t.cause is Cause.LINK and t.ref == link for t in node.triggers
            ):
                yield name


def _each(node: Node, place: Place) -> Iterator[Watch]:
    for trigger in node.triggers:
        if trigger.cause is not Cause.COMPENSATE and trigger.cause is not Cause.LINK:
            always = trigger.cause is Cause.ERROR or trigger.cause is Cause.CANCEL
            yield Watch(node.id, trigger, place, node.interrupting or always)


_KEPT: Final = 512
_plans: OrderedDict[int, Plan] = OrderedDict()
_lock = threading.Lock()


def plan_of(definition: Definition) -> Plan:
    """The plan of this very object; the last few hundred are kept (an id cannot be reused while its plan is)."""
    plan = _plans.get(id(definition))
    if plan is not None:
        return plan
    plan = Plan(definition)
    with _lock:
        _plans[id(definition)] = plan
        while len(_plans) > _KEPT:
            _plans.popitem(last=False)
    return plan
