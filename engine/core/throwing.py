"""Throwing events: where a message, signal, escalation, error, cancel, termination, link or compensation goes.

Errors, escalations and cancels are looked for from the thrower outwards: in each scope the event sub-processes before the
boundary events, an exact code before a catch-all. Messages and signals are offered to the whole case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.core import catching, undo, variables
from engine.core.definition import Cause, Kind
from engine.core.faults import Fault
from engine.core.plan import Place
from engine.core.state import Phase
from engine.core.step import Entered, Left, MessageThrown, SignalThrown
from engine.core.verbs_return import note_round

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.core.definition import Node, Trigger
    from engine.core.plan import Watch
    from engine.core.state import Token
    from engine.core.walk import Walk


#: Causes that are looked for from the thrower outwards.
OUTWARD: Final = frozenset({Cause.ERROR, Cause.ESCALATION})


def throw(walk: Walk, token: Token, trigger: Trigger, node: Node) -> bool:
    """Throw what an event names. True if its token does not go on by itself (it waits, or was interrupted)."""
    match trigger.cause:
        case Cause.MESSAGE:
            _message(walk, token, trigger, node)
        case Cause.SIGNAL:
            payload = variables.context_of(walk, token.id, trigger.expression, "payload")
            catching.broadcast(walk, trigger.ref, payload)
            walk.emit(SignalThrown(node.id, trigger.ref or node.id, payload))
        case Cause.ESCALATION:
            propagate(walk, token, Cause.ESCALATION, trigger.ref)
        case Cause.ERROR:
            if not propagate(walk, token, Cause.ERROR, trigger.ref):
                raise Fault("uncaught-error", error=trigger.ref or "")
            return True
        case Cause.CANCEL:
            return _cancel(walk, token)
        case Cause.COMPENSATE:
            return undo.throw(walk, token, trigger)
        case Cause.TERMINATE:
            _terminate(walk, token)
            return True
        case Cause.LINK:
            for target in walk.plan.links.get((node.scope, trigger.ref), ()):
                note_round(walk, token.parent, node.id, target)
                walk.later("begin", walk.spawn(target, token.parent).id)
        case _:
            raise Fault("cannot-throw", cause=str(trigger.cause))
    return False


def propagate(
    walk: Walk,
    token: Token,
    cause: Cause,
    code: str | None,
    payload: Mapping[str, Any] | None = None,
    *,
    own: bool = False,
) -> bool:
    """Find the nearest catcher outwards, from the token's scope (`own`: from its own boundary), and let it take it.

    An event sub-process never takes what comes from inside itself. What is thrown in a scope that is being interrupted
    just now goes down with it.
    """
    inside = token
    current: Token | None = token if own else walk.tokens.get(token.parent)
    while current is not None:
        if _doomed(walk, current, inside):
            return True
        found = _nearest(walk, current, cause, code, inside.element)
        if found is not None:
            catching.take(walk, current, found, payload)
            return True
        inside, current = current, walk.tokens.get(current.parent)
    return False


def _doomed(walk: Walk, scope: Token, inside: Token) -> bool:
    if walk.is_struck(scope):
        return True
    if scope.phase is not Phase.TAKEN:
        return False
    start = inside.extras.start if inside.extras is not None else None
    return start is None or not walk.nodes[start].interrupting


def transit(walk: Walk, _: int, message: Any) -> None:
    """A message is on its way for as long as a token is on a flow."""
    if walk.flows:
        walk.emit(Entered(message.message, 0, 0))
    walk.later("deliver", 0, message)


def deliver(walk: Walk, _: int, message: Any) -> None:
    """A thrown message arrives inside the case, or leaves it."""
    thrown: MessageThrown = message
    if walk.flows:
        walk.emit(Left(thrown.message, 0, 0))
    if not catching.deliver(walk, thrown.message, thrown.payload, thrown.key, None):
        walk.emit(thrown)


def _message(walk: Walk, token: Token, trigger: Trigger, node: Node) -> None:
    payload = variables.context_of(walk, token.id, trigger.expression, "payload")
    key = None
    if trigger.correlation is not None:
        key = variables.evaluate(walk, token.id, trigger.correlation)
        if key is None:
            names = variables.missing(walk, token.id, trigger.correlation)
            raise Fault("null-correlation", text=trigger.correlation.text, **names)
    walk.later("transit", 0, MessageThrown(node.id, trigger.ref or node.id, payload, key))


def _nearest(walk: Walk, token: Token, cause: Cause, code: str | None, inside: str = "") -> Watch | None:
    best: tuple[tuple[bool, bool], Watch] | None = None
    for watch in catching.watched(walk, token):
        if watch.trigger.cause is not cause or walk.nodes[watch.element].scope == inside:
            continue
        ref = watch.trigger.ref
        if ref is not None and ref != code:
            continue
        rank = (watch.place is Place.BOUNDARY, ref is None)
        if best is None or rank < best[0]:
            best = (rank, watch)
    return best[1] if best is not None else None


def _cancel(walk: Walk, token: Token) -> bool:
    """Cancel the transaction around an end event: its work is dropped and undone, then its cancel boundary goes on."""
    current = walk.tokens.get(token.parent)
    while current is not None:
        node = walk.nodes.get(current.element)
        if node is not None and node.kind is Kind.TRANSACTION and not walk.is_body(current):
            break
        current = walk.tokens.get(current.parent)
    if current is None:
        raise Fault("no-transaction")
    watcher = walk.tokens[current.parent] if walk.is_instance(current) else current
    undo.pass_on(walk, current.id, watcher.id)
    found = _nearest(walk, watcher, Cause.CANCEL, None)
    if found is not None:
        catching.take(walk, watcher, found)
    else:
        walk.extend(watcher.id, struck=True)
        walk.later("cancelled", watcher.id, 0)
    return True


def _terminate(walk: Walk, token: Token) -> None:
    """Everything in the scope of the end event is dropped; what was completed there can still be compensated."""
    scope = token.parent
    for child in walk.inside(scope):
        walk.drop(child)
    walk.set(scope, phase=Phase.CLOSING)
    walk.later("close", scope)
