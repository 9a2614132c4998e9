"""Which elements of a scope lie after which: the map that returning and taking back go by.

A way leads back if its beginning cannot be reached from where the scope starts without passing its end (in the words of
graph theory: its target dominates its source). Ways back are cut, so that inside a loop "after" means later in one round,
not everything that the loop will pass again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from engine.core.definition import Cause, Kind
from engine.core.plan import plan_of
from engine.core.state import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.core.definition import Definition, Node
    from engine.core.plan import Plan
    from engine.core.state import Token

#: Gateways that keep arrivals by their flow.
JOINS: Final = frozenset({Kind.PARALLEL, Kind.INCLUSIVE, Kind.COMPLEX})


class Ways:
    """Nodes and flows of one definition and what lies after them; worked out when first asked for."""

    __slots__ = ("_after", "_definition", "_next", "back")

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._next: dict[str, list[str]] = defaultdict(list)
        for source, target in _steps(definition):
            self._next[source].append(target)
        self._after: dict[str, frozenset[str]] = {}
        #: (flow or throwing link, element) of every way that leads back.
        self.back: frozenset[tuple[str, str]] = frozenset(self._find_back())

    def after(self, place: str) -> frozenset[str]:
        """The nodes and flows that lie after a node or flow in one round."""
        found = self._after.get(place)
        if found is None:
            found = self._after[place] = frozenset(self._closure([place], cut=True))
        return found

    def may_reach(self, place: str, flow: str, gateway: str) -> bool:
        """Whether a token at `place` can still bring one over `flow`, loops included, without passing `gateway` first."""
        return flow in self._closure([place], cut=False, closed=gateway)

    def _closure(self, places: Iterable[str], *, cut: bool, closed: str | None = None) -> set[str]:
        found: set[str] = set()
        todo = [place for place in places if place != closed]
        while todo:
            place = todo.pop()
            for following in self._next.get(place, ()):
                if following in found or following == closed or (cut and (place, following) in self.back):
                    continue
                found.add(following)
                todo.append(following)
        return found

    def _find_back(self) -> Iterator[tuple[str, str]]:
        """Every step whose source is out of reach from the scope's beginnings once its target is closed."""
        sources_of: dict[str, list[str]] = defaultdict(list)
        for source, targets in self._next.items():
            for target in targets:
                sources_of[target].append(source)
        nodes = self._definition.nodes
        for scope in self._definition.scopes.values():
            begins = [name for name in scope.nodes if name not in sources_of]
            for target in scope.nodes:
                sources = sources_of.get(target)
                if not sources or nodes[target].kind is Kind.BOUNDARY:
                    continue
                reached = self._reached(begins, target)
                yield from ((source, target) for source in sources if source not in reached)

    def _reached(self, begins: list[str], closed: str) -> set[str]:
        found = {name for name in begins if name != closed}
        todo = list(found)
        while todo:
            for following in self._next.get(todo.pop(), ()):
                if following not in found and following != closed:
                    found.add(following)
                    todo.append(following)
        return found


def place_of(plan: Plan, token: Token) -> str:
    """Where a token stands on the map: an arrival at a join is still on the flow that brought it."""
    node = plan.definition.nodes.get(token.element)
    if (
        node is not None
        and node.kind in JOINS
        and len(node.incoming) > 1
        and token.phase is Phase.WAITING
        and token.flow is not None
    ):
        return token.flow
    return token.element


def bound_for(plan: Plan, token: Token) -> str:
    """From where a token goes on: one that is to go straight back will not walk the ways behind where it stands."""
    if token.extras is not None and token.extras.back:
        return token.extras.back
    return place_of(plan, token)


def ways_of(definition: Definition) -> Ways:
    """The map of this very definition, made once."""
    plan = plan_of(definition)
    if plan.ways is None:
        plan.ways = Ways(definition)
    return plan.ways


def _steps(definition: Definition) -> Iterator[tuple[str, str]]:
    """(from, to) over flows, links, and from activities to their boundary events (not those of compensation)."""
    nodes: Mapping[str, Node] = definition.nodes
    for flow in definition.flows.values():
        yield flow.source, flow.id
        yield flow.id, flow.target
    for activity, events in definition.boundaries.items():
        for event in events:
            if all(trigger.cause is not Cause.COMPENSATE for trigger in nodes[event].triggers):
                yield activity, event
    links = plan_of(definition).links
    for node in nodes.values():
        for trigger in node.triggers:
            if trigger.cause is Cause.LINK and node.kind is Kind.THROW:
                yield from ((node.id, target) for target in links.get((node.scope, trigger.ref), ()))
