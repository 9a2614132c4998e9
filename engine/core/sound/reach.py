"""Where a token can still get to, and what it can come to hear there: worked out once over a model, on the safe side."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from engine.core.definition import Cause, Kind
from engine.core.plan import plan_of
from engine.core.sound.abstract import ANYTHING

if TYPE_CHECKING:
    from engine.core.definition import Definition

_THROWS: Final = frozenset({Kind.END, Kind.THROW, Kind.SEND})


class Ways:
    """From which elements a token, or what comes of it, can get to a flow of its scope, by whatever way."""

    def __init__(self, definition: Definition) -> None:
        self._nodes, self._flows = definition.nodes, definition.flows
        self._boundaries = definition.boundaries
        self._links = plan_of(definition).links
        self._reached: dict[str, set[str]] = {}

    def leads(self, element: str, flows: set[str]) -> bool:
        """Whether a token at the element, or what its boundary events begin, can pass one of the flows."""
        reached = self._reached.get(element)
        if reached is None:
            reached = self._reached[element] = self._from(element)
        return not flows.isdisjoint(reached)

    def _from(self, element: str) -> set[str]:
        found: set[str] = set()
        seen: set[str] = set()
        todo = [element]
        while todo:
            here = todo.pop()
            if here in seen or here not in self._nodes:
                continue
            seen.add(here)
            node = self._nodes[here]
            found.update(node.outgoing)
            todo += [self._flows[flow].target for flow in node.outgoing]
            todo += self._boundaries.get(here, ())
            for trigger in node.triggers:
                if trigger.cause is Cause.LINK:
                    todo += self._links.get((node.scope, trigger.ref), ())
        return found


class Heard:
    """Which messages an element listens to, and which a token at it may come to listen to later."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._plan = plan_of(definition)
        self._ever: dict[str, frozenset[str]] = {}
        nodes = definition.nodes.values()
        #: What some event of the model throws itself.
        self.thrown = frozenset(
            trigger.ref or ANYTHING
            for node in nodes
            if node.kind in _THROWS
            for trigger in node.triggers
            if trigger.cause is Cause.MESSAGE
        )
        #: How many events of the model wait for a message or signal of a name.
        self.listeners = Counter(
            trigger.ref or ANYTHING
            for node in nodes
            if node.kind not in _THROWS
            for trigger in node.triggers
            if trigger.cause is Cause.MESSAGE or trigger.cause is Cause.SIGNAL
        )

    def at(self, element: str) -> frozenset[str]:
        """Messages that a token at the element takes."""
        watches = self._plan.watches.get(element, ())
        return frozenset(w.trigger.ref or ANYTHING for w in watches if w.trigger.cause is Cause.MESSAGE)

    def beside(self, scope: str) -> frozenset[str]:
        """Messages that what may begin beside the content of an open scope can come to take: its events and what follows them."""
        inside = self._definition.scopes.get(self._plan.scope_of(scope))
        begun = [*(inside.event_sub_processes if inside is not None else ())]
        begun += self._definition.boundaries.get(scope, ())
        return self.at(scope).union(*(self.ever(one) for one in begun))

    def ever(self, element: str) -> frozenset[str]:
        """Messages that a token at the element, or what comes of it, can come to take."""
        known = self._ever.get(element)
        if known is None:
            known = self._ever[element] = frozenset().union(*map(self.at, self._after(element)))
        return known

    def _after(self, element: str) -> set[str]:
        """Everything that a token at the element can come to, inside it and behind it."""
        definition, plan = self._definition, self._plan
        seen: set[str] = set()
        todo = [element]
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            scope = definition.scopes.get(plan.scope_of(here))
            todo += scope.nodes if scope is not None else ()
            node = definition.nodes.get(here)
            if node is None:
                continue
            todo += [definition.flows[flow].target for flow in node.outgoing]
            todo += definition.boundaries.get(here, ())
            for trigger in node.triggers:
                if trigger.cause is Cause.LINK:
                    todo += plan.links.get((node.scope, trigger.ref), ())
        return seen
