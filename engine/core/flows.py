"""Sequence flows: which of them a token takes when it goes on, and how it travels.

A flow is two micro-steps (onto it, off it), so that parallel branches advance side by side in the order of the diagram.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core import clocks, hearing, loops, undo
from engine.core.definition import Kind
from engine.core.faults import Fault
from engine.core.scopes import hand_over, settle
from engine.core.state import Phase
from engine.core.step import Entered, Left, ScopeClosed
from engine.core.variables import holds
from engine.core.verbs_return import note_done, note_round

if TYPE_CHECKING:
    from engine.core.definition import Flow, Node
    from engine.core.state import Token
    from engine.core.walk import Walk


def leave(walk: Walk, number: int, _: Any = None) -> None:
    """A token is done at its element and goes on: instances to their body, all others along the flows."""
    token = walk.tokens[number]
    if walk.is_struck(token):
        return
    node = walk.nodes[token.element]
    if walk.is_instance(token):
        if node.loop is not None:  # signers added to a plain task are one hearing, not several
            hearing.note(walk, token, node)
        loops.finished(walk, token, node)
        return
    # The activity is complete before its token leaves (13.3.2): conditions behind it see what it brought.
    if walk.is_body(token):
        loops.collect(walk, token, node)
    hand_over(walk, token, node)
    if walk.is_body(token) or walk.is_scope(token):
        # As a task's, its watches end with it, even if no flow can be chosen.
        walk.bare(number)
        token = walk.set(number, phase=Phase.CLOSING)
    back = token.extras.back if token.extras is not None else ""
    taken = () if back else chosen(walk, token, node)
    if not back and node.loop is None:
        hearing.note(walk, token, node)
    if not back:
        clocks.note(walk, token, node)
    go(walk, token, node, taken)


def close(walk: Walk, number: int, _: Any = None) -> None:
    """A scope whose content has ended is done, unless something began inside it meanwhile."""
    token = walk.tokens[number]
    if (
        number in walk.children
        or walk.is_struck(token)
        or token.phase not in {Phase.OPEN, Phase.TAKEN, Phase.CLOSING}
    ):
        return
    if walk.is_step(token) or walk.is_instance(token):
        leave(walk, number)
        return
    walk.bare(number)
    walk.emit(ScopeClosed(token.element, number))
    undo.keep(walk, walk.tokens[number])
    walk.remove(number)
    settle(walk, token.parent)


def go(walk: Walk, token: Token, node: Node, taken: tuple[Flow, ...]) -> None:
    """Leave the element along the chosen flows; without any, the scope may be done."""
    walk.bare(token.id)
    if walk.is_scope(token):
        walk.emit(ScopeClosed(token.element, token.id))
    walk.depart(token)
    undo.keep(walk, walk.tokens[token.id])
    if walk.plan.irrevocable and node.id in walk.plan.irrevocable:
        note_done(walk, token)
    for flow in taken:
        if walk.plan.irrevocable:
            note_round(walk, token.parent, flow.id, flow.target)
        walk.later("onto", walk.spawn(flow.id, token.parent).id)
    back = token.extras.back if token.extras is not None else ""
    if back:
        walk.later("enter", walk.spawn(back, token.parent).id)
    walk.remove(token.id)
    if not taken and not back:
        settle(walk, token.parent)


def onto(walk: Walk, number: int, _: Any = None) -> None:
    """A token comes onto a sequence flow."""
    if walk.flows:
        token = walk.tokens[number]
        walk.emit(Entered(token.element, number, token.parent))
    walk.later("off", number)


def off(walk: Walk, number: int, _: Any = None) -> None:
    """A token comes off a sequence flow to the node behind it."""
    token = walk.tokens[number]
    if walk.flows:
        walk.emit(Left(token.element, number, token.parent))
    flow = walk.definition.flows[token.element]
    reached = walk.spawn(flow.target, token.parent, flow=flow.id)
    walk.later("enter", reached.id)
    walk.remove(number)


def reset(walk: Walk, number: int, _: Any = None) -> None:
    """A complex gateway got the rest of its tokens: only flows that ask for that are taken now."""
    token = walk.tokens[number]
    node = walk.nodes[token.element]
    flows = (walk.definition.flows[name] for name in node.outgoing)
    names = {"waitingForStart": False, "activationCount": len(node.incoming)}
    taken = tuple(
        flow
        for flow in flows
        if flow.condition is not None
        and "waitingForStart" in flow.condition.names
        and holds(walk, number, flow.condition, names)
    )
    go(walk, token, node, taken)


def chosen(walk: Walk, token: Token, node: Node) -> tuple[Flow, ...]:
    """The flows a token takes, in the order of the model; Fault if it may take none although there are some."""
    plain = walk.plan.plain.get(node.id)
    if plain is not None:
        return plain
    flows = walk.definition.flows
    extra = activation(walk, token, node) if node.kind is Kind.COMPLEX else None
    taken: list[Flow] = []
    for name in node.outgoing:
        flow = flows[name]
        if name == node.default:
            continue
        if flow.condition is None or holds(walk, token.id, flow.condition, extra):
            taken.append(flow)
            if node.kind is Kind.EXCLUSIVE:
                break
    if taken:
        return tuple(taken)
    if node.default is not None:
        return (flows[node.default],)
    raise Fault("no-true-flow")


def activation(walk: Walk, token: Token, node: Node) -> dict[str, Any]:
    """What the conditions behind a complex gateway may ask when it fires."""
    scope = walk.tokens[token.parent]
    fired = (scope.extras.fired or {}).get(node.id) if scope.extras is not None else None
    return {"waitingForStart": True, "activationCount": len(fired) if fired else len(node.incoming)}
