"""What each input does to a case before the queue is worked off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, assert_never

from engine.core import catching, clocks, scopes, throwing, variables, verbs
from engine.core import step as on
from engine.core.bag import Bag
from engine.core.clock_events import ClockDue
from engine.core.definition import Cause, Kind
from engine.core.faults import CoreError, Fault
from engine.core.incidents import raise_incident, retry
from engine.core.state import Extras, Phase
from engine.core.step import Caught, ScopeOpened

if TYPE_CHECKING:
    from engine.core.state import Token
    from engine.core.walk import Walk

_ANSWERABLE: Final = frozenset({Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.RECEIVE})


def take(walk: Walk, given: on.Input | verbs.Verb) -> None:
    """Let the case take an input; CoreError if it does not fit."""
    match given:
        case verbs.SendBack() | verbs.TakeBack() | verbs.Jump() | verbs.AddSigner() | verbs.DropSigner():
            verbs.take(walk, given)
        case on.Start():
            _start(walk, given)
        case on.Complete():
            token = _waiting(walk, given.token)
            variables.write(walk, token.id, given.results)
            _answered(walk, token)
        case on.Fail():
            _fail(walk, given)
        case on.Break():
            _waiting(walk, given.token)
            raised = Fault(given.code, **given.values)
            raise_incident(walk, given.token, "work", raised)
        case on.Deliver():
            if not catching.deliver(walk, given.message, given.payload, given.key, given.token):
                raise CoreError("nobody-waits", message=given.message)
        case on.Broadcast():
            catching.broadcast(walk, given.signal, given.payload)
        case on.Fire():
            if not catching.fire(walk, _token(walk, given.token), given.element):
                raise CoreError("not-waiting", token=given.token, element=given.element)
        case on.Change():
            variables.write(walk, 0, given.variables)
            walk.touched = True
        case ClockDue():
            clocks.fall_due(walk, given)
        case on.Retry():
            retry(walk, given.token)
        case on.Cancel():
            for root in walk.inside(0):
                walk.drop(root)
        case _:
            assert_never(given)


def _start(walk: Walk, given: on.Start) -> None:
    main = walk.definition.main
    if given.at is None and not walk.plan.starts[main]:
        raise CoreError("no-plain-start", process=main)
    if given.at is not None and (
        given.at not in walk.nodes or walk.nodes[given.at].scope != main or not _may_start(walk, given.at)
    ):
        raise CoreError("no-such-start", process=main, element=given.at)
    walk.variables = Bag(given.variables)
    extras = Extras(start=given.at) if given.at is not None else None
    root = walk.spawn(main, 0, phase=Phase.OPEN, extras=extras)
    walk.emit(ScopeOpened(main, root.id, 0))
    walk.later("found", root.id)


def _may_start(walk: Walk, element: str) -> bool:
    """A start event, an instantiating receive task, or an event behind an instantiating gateway."""
    node = walk.nodes[element]
    if node.kind is Kind.START or node.instantiate:
        return True
    sources = (walk.nodes[walk.definition.flows[flow].source] for flow in node.incoming)
    return any(source.kind is Kind.EVENT_BASED and source.instantiate for source in sources)


def found(walk: Walk, number: int, _: Any = None) -> None:
    """The process begins: it watches for its event sub-processes, and tokens stand at its starts."""
    root = walk.tokens[number]
    at = root.extras.start if root.extras is not None else None
    catching.arm(walk, root)
    if at is None or at in walk.plan.starts[root.element]:
        starts = walk.plan.starts[root.element] if at is None else walk.plan.starts_at(root.element, at)
        scopes.start(walk, number, starts)
    else:
        for element in walk.plan.starts_at(root.element, at):
            first = walk.spawn(element, number)
            begins = element == at or walk.nodes[element].kind is Kind.START
            walk.later(
                "begin" if begins and walk.nodes[element].kind is not Kind.EVENT_BASED else "enter", first.id
            )
    if at is not None:
        walk.extend(number, start=None)
    scopes.settle(walk, number)


def _token(walk: Walk, number: int) -> Token:
    token = walk.tokens.get(number)
    if token is None:
        raise CoreError("no-such-token", token=number)
    return token


def _waiting(walk: Walk, number: int) -> Token:
    token = _token(walk, number)
    node = walk.nodes.get(token.element)
    fits = node is not None and node.kind in _ANSWERABLE and not walk.is_body(token)
    if not fits or token.phase is not Phase.WAITING:
        raise CoreError("not-waiting", token=number, element=token.element)
    return token


def _answered(walk: Walk, token: Token) -> None:
    """The work is done with this answer, whatever may still stop the token on its way out."""
    if walk.nodes[token.element].kind is Kind.RECEIVE:
        walk.emit(Caught(token.element, token.id, token.parent))
    walk.bare(token.id)
    walk.set(token.id, phase=Phase.CLOSING)
    walk.later("leave", token.id)


def _fail(walk: Walk, given: on.Fail) -> None:
    token = _waiting(walk, given.token)
    if walk.nodes[token.element].kind is not Kind.SERVICE:
        raise CoreError("not-waiting", token=token.id, element=token.element)
    variables.write(walk, token.id, given.results)
    if not throwing.propagate(walk, token, Cause.ERROR, given.code, own=True):
        raise_incident(walk, token.id, "work", Fault("uncaught-error", error=given.code))
