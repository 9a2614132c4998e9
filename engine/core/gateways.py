"""Gateways that wait: parallel, inclusive and complex joins, and the event-based choice.

Arrivals are counted by sequence flow inside one scope. The inclusive join follows the letter of BPMN 2.0.2 (table 13.3):
paths are made of sequence flows (and links); ways over boundary events do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core import variables
from engine.core.definition import Kind
from engine.core.faults import Fault
from engine.core.state import Phase
from engine.core.step import Left

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.core.walk import Walk


def parallel(walk: Walk, token: Token, node: Node) -> None:
    """Go on when every incoming flow has brought a token."""
    if len(node.incoming) > 1:
        walk.set(token.id, phase=Phase.WAITING)
        arrived = _arrivals(walk, token.parent, node)
        if len(arrived) < len(node.incoming):
            return
        _merge(walk, arrived.values(), token.id)
        return
    _go(walk, token.id)


def inclusive(walk: Walk, token: Token, node: Node) -> None:
    """Go on when no token can still come over a flow that has brought none."""
    if len(node.incoming) <= 1:
        _go(walk, token.id)
        return
    walk.set(token.id, phase=Phase.WAITING)
    _remember(walk, token)
    _try_inclusive(walk, token.parent, node, token.id)


def complex_(walk: Walk, token: Token, node: Node) -> None:
    """Go on when the activation condition holds; then wait for the rest of the tokens, and start anew."""
    if len(node.incoming) <= 1:
        _go(walk, token.id)
        return
    walk.set(token.id, phase=Phase.WAITING)
    _remember(walk, token)
    _try_complex(walk, token.parent, node, token.id)


def event_based(walk: Walk, token: Token, _: Node) -> None:
    """Wait for the first of the events behind the gateway."""
    walk.set(token.id, phase=Phase.WAITING)


def reconsider(walk: Walk) -> None:
    """Tokens have gone from some scopes: joins that waited for them may go on."""
    scopes = dict.fromkeys(walk.vacated)
    walk.vacated.clear()
    for scope in scopes:
        held = walk.tokens.get(scope)
        if held is None:
            continue
        elements: dict[str, int] = {}
        for number in list(_gates(walk).get(scope, ())):
            token = walk.tokens.get(number)
            if token is None or token.phase is not Phase.WAITING:
                del _gates(walk)[scope][number]
            elif token.extras is None or token.extras.incident is None:
                elements.setdefault(token.element, number)
        for element in held.extras.fired or () if held.extras is not None else ():
            elements.setdefault(element, 0)
        for element, number in elements.items():
            _reconsider(walk, scope, walk.nodes[element], number)


def _reconsider(walk: Walk, scope: int, node: Node, number: int) -> None:
    if node.kind is Kind.INCLUSIVE:
        _try_inclusive(walk, scope, node, number)
        return
    try:
        _try_complex(walk, scope, node, number)
    except Fault as fault:
        fault.token, fault.job = number, "work"
        raise


def _try_inclusive(walk: Walk, scope: int, node: Node, number: int) -> None:
    while True:
        arrived = _arrivals(walk, scope, node)
        if not arrived or _may_come(walk, scope, node, arrived):
            return
        oldest = next(iter(arrived.values()))
        _merge(walk, arrived.values(), number if number in arrived.values() else oldest)


def _may_come(walk: Walk, scope: int, node: Node, arrived: Iterable[str]) -> bool:
    """Whether a token elsewhere in the scope reaches an empty flow of the join, but none that is full already."""
    reach = walk.plan.reach[node.id]
    full = [reach[flow] for flow in arrived]
    empty = [reach[flow] for flow in node.incoming if flow not in set(arrived)]
    for number in walk.children.get(scope, ()):
        token = walk.tokens[number]
        element = token.element
        if element == node.id:
            if token.phase is Phase.CLOSING:  # merged: it goes on to the flows behind
                out = node.outgoing
                if any(flow in sources for flow in out for sources in empty) and not any(
                    flow in sources for flow in out for sources in full
                ):
                    return True
                continue
            if token.phase is not Phase.MOVING or token.flow is None:
                continue
            element = token.flow  # just off its flow, it will be here with the next micro-steps
        elif token.extras is not None and token.extras.back:
            element = token.extras.back  # from where it stands it goes straight there
        if any(element in sources for sources in empty) and not any(element in sources for sources in full):
            return True
    return False


def _try_complex(walk: Walk, scope: int, node: Node, number: int) -> None:
    held = walk.tokens[scope]
    fired = dict((held.extras.fired if held.extras is not None else None) or {})
    arrived = _arrivals(walk, scope, node)
    if node.id not in fired:
        if not arrived or not _activated(walk, node, number, len(arrived)):
            return
        going = number if number in arrived.values() else next(iter(arrived.values()))
        if len(arrived) < len(node.incoming):
            fired[node.id] = tuple(arrived)
            walk.extend(scope, fired=fired)
        _merge(walk, arrived.values(), going)
        return
    spent = fired[node.id]
    late = {flow: each for flow, each in arrived.items() if flow not in spent}
    waited = {**dict.fromkeys(spent, 0), **late}
    if len(waited) < len(node.incoming) and _may_come(walk, scope, node, waited):
        return
    del fired[node.id]
    walk.extend(scope, fired=fired or None)
    if late:
        _merge(walk, late.values(), next(iter(late.values())), "reset")
    elif any(
        flow.condition is not None and "waitingForStart" in flow.condition.names
        for flow in (walk.definition.flows[name] for name in node.outgoing)
    ):
        walk.later("reset", walk.spawn(node.id, scope, phase=Phase.CLOSING).id)
    if any(flow in spent for flow in arrived):
        _try_complex(walk, scope, node, number)


def _activated(walk: Walk, node: Node, number: int, count: int) -> bool:
    if node.activation is None:
        return count == len(node.incoming)
    names = {"activationCount": count, "waitingForStart": True}
    return variables.holds(walk, number, node.activation, names)


def _arrivals(walk: Walk, scope: int, node: Node) -> dict[str, int]:
    """The oldest waiting token of each incoming flow that has one, in the order of the flows."""
    found: dict[str, int] = {}
    walk.tire(len(walk.children.get(scope, ())))
    for number in walk.children.get(scope, ()):
        token = walk.tokens[number]
        if token.element == node.id and token.phase is Phase.WAITING and token.flow is not None:
            found.setdefault(token.flow, number)
    return {flow: found[flow] for flow in node.incoming if flow in found}


def _merge(walk: Walk, arrived: Iterable[int], going: int, job: str = "leave") -> None:
    for number in arrived:
        if number != going:
            token = walk.tokens[number]
            walk.emit(Left(token.element, number, token.parent, dropped=True))
            walk.remove(number)
    _go(walk, going, job)


def _go(walk: Walk, number: int, job: str = "leave") -> None:
    walk.set(number, phase=Phase.CLOSING)
    walk.later(job, number)


def _gates(walk: Walk) -> dict[int, dict[int, None]]:
    if walk.gates is None:
        walk.gates = {}
        for token in walk.tokens.values():
            if token.element in walk.plan.synchronizing and token.phase is Phase.WAITING:
                walk.gates.setdefault(token.parent, {})[token.id] = None
    return walk.gates


def _remember(walk: Walk, token: Token) -> None:
    _gates(walk).setdefault(token.parent, {})[token.id] = None
