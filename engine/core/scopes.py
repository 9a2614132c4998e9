"""Scopes: processes, sub-processes, transactions, calls and event sub-processes open, run dry, and close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core import catching, variables
from engine.core.bag import Bag
from engine.core.definition import Kind
from engine.core.plan import SCOPES
from engine.core.state import Phase
from engine.core.step import Left, ScopeClosed, ScopeOpened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.core.walk import Walk


def open_scope(walk: Walk, token: Token, node: Node) -> None:
    """Open the scope of a sub-process, transaction or call, and put tokens on its starts."""
    if token.element in walk.plan.own_scope:
        given = variables.layer_of(walk, token)
        values = variables.context_of(walk, token.parent, node.settings.input, "input", given)
        variables.own(walk, token.id, values)
    walk.set(token.id, phase=Phase.OPEN)
    walk.emit(ScopeOpened(token.element, token.id, token.parent))
    start(walk, token.id, walk.plan.starts.get(walk.plan.scope_of(token.element), ()))
    settle(walk, token.id)


def open_event(walk: Walk, number: int, _: Any = None) -> None:
    """An event sub-process begins at the start event that took the trigger; an interrupting one clears its scope."""
    token = walk.tokens[number]
    assert token.extras is not None
    assert token.extras.start is not None
    node = walk.nodes[token.element]
    if node.settings.input is not None and number in walk.local:
        values = variables.context_of(walk, token.parent, node.settings.input, "input", walk.local[number])
        walk.local[number] = Bag({**values, **walk.local[number]})
    catching.arm(walk, token)
    walk.set(number, phase=Phase.OPEN)
    walk.emit(ScopeOpened(token.element, number, token.parent))
    if walk.nodes[token.extras.start].interrupting and walk.tokens[token.parent].phase is Phase.TAKEN:
        for child in walk.inside(token.parent):
            if child != number:
                walk.drop(child)
        catching.disarm_starts(walk, token.parent)
    start(walk, number, walk.plan.starts_at(token.element, token.extras.start))


def start(walk: Walk, scope: int, elements: Iterable[str]) -> None:
    """Put a token on each of the elements where a scope starts."""
    for element in elements:
        token = walk.spawn(element, scope)
        walk.later("begin" if walk.nodes[element].kind is Kind.START else "enter", token.id)


def settle(walk: Walk, scope: int) -> None:
    """Something inside a scope has ended: if nothing is left there, the scope closes or its undoing goes on."""
    if scope in walk.children:
        return
    token = walk.tokens.get(scope)
    if token is None:
        return
    if token.phase is Phase.OPEN or token.phase is Phase.TAKEN:
        walk.later("close", scope)
    elif token.phase is Phase.UNDOING:
        walk.released.append(scope)


def quit_scope(walk: Walk, number: int, _: Any = None) -> None:
    """An activity that an interrupting boundary event has hit is taken away; its scope goes on with the event."""
    token = walk.tokens[number]
    if walk.is_scope(token) and token.phase is not Phase.MOVING:
        walk.emit(ScopeClosed(token.element, number, dropped=True))
    walk.emit(Left(token.element, number, token.parent, dropped=True))
    walk.forget(number)
    walk.remove(number)
    settle(walk, token.parent)


def hand_over(walk: Walk, token: Token, node: Node) -> None:
    """A scope with variables of its own hands them to the variable that `settings.result` names."""
    result = node.settings.result
    if result is None or node.kind not in SCOPES or token.id not in walk.local:
        return
    values = {result: dict(walk.local[token.id])}
    if walk.is_instance(token):
        variables.own(walk, token.id, values)
    else:
        variables.write(walk, token.parent, values)
