"""The mover: one pure function from a state and an input to the next state and what happened on the way.

Micro-steps are queued first in, first out, so that parallel branches advance side by side. One call does everything that
needs nobody outside; a call that does not come to rest is stopped and its tokens become incidents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, assert_never

from engine.core import activities, catching, flows, gateways, loops, scopes, throwing, undo, variables
from engine.core import step as inputs
from engine.core.bag import Bag
from engine.core.definition import Cause, Kind
from engine.core.faults import CoreError, Fault
from engine.core.packing import pack
from engine.core.state import Extras, Incident, Phase, State
from engine.core.step import (
    CaseEnded,
    Caught,
    IncidentCleared,
    IncidentRaised,
    MessageThrown,
    ScopeOpened,
    Step,
)
from engine.core.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.core.definition import Definition
    from engine.core.state import Token
    from engine.feel.world import World

__all__ = ["LONGEST", "CoreError", "step"]

#: Micro-steps of one call; beyond it the model runs in a circle (a thousand instances of ten steps need 40,000).
LONGEST: Final = 50_000
_ANSWERABLE: Final = frozenset({Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.RECEIVE})
_FRESH: Final = State(next=1)


def step(
    definition: Definition,
    state: State | None,
    input: inputs.Input,  # noqa: A002 - the word of the contract
    now: datetime,
    world: World | None = None,
    *,
    flows: bool = False,
) -> Step:
    """Move a case by one input. Pure: `state` is not changed; CoreError if the input does not fit.

    `world` gives the hooks of FEEL (its moment is replaced by `now`, which must have a zone); `flows` also reports
    sequence flows, and thrown messages by their names (token 0), as Entered and Left.
    """
    if now.tzinfo is None:
        raise CoreError("naive-time")
    if isinstance(input, inputs.Start):
        if state is not None:
            raise CoreError("already-started")
    elif state is None:
        raise CoreError("not-started")
    elif state.ended:
        raise CoreError("case-ended")
    walk = Walk(definition, state or _FRESH, now, world, flows=flows)
    cancelled = isinstance(input, inputs.Cancel)
    _take(walk, input)
    _rest(walk)
    if not walk.tokens:
        walk.emit(CaseEnded(tuple(walk.ends), cancelled))
    return Step(walk.state(), tuple(walk.events))


def _take(walk: Walk, given: inputs.Input) -> None:
    match given:
        case inputs.Start():
            _start(walk, given)
        case inputs.Complete():
            token = _waiting(walk, given.token)
            variables.write(walk, token.id, given.results)
            _answered(walk, token)
        case inputs.Fail():
            _fail(walk, given)
        case inputs.Break():
            _waiting(walk, given.token)
            raised = Fault(given.code, **given.values)
            _incident(walk, given.token, "work", raised)
        case inputs.Deliver():
            if not catching.deliver(walk, given.message, given.payload, given.key, given.token):
                raise CoreError("nobody-waits", message=given.message)
        case inputs.Broadcast():
            catching.broadcast(walk, given.signal, given.payload)
        case inputs.Fire():
            if not catching.fire(walk, _token(walk, given.token), given.element):
                raise CoreError("not-waiting", token=given.token, element=given.element)
        case inputs.Change():
            variables.write(walk, 0, given.variables)
            walk.touched = True
        case inputs.Retry():
            _retry(walk, given.token)
        case inputs.Cancel():
            for root in walk.inside(0):
                walk.drop(root)
        case _:
            assert_never(given)


def _start(walk: Walk, given: inputs.Start) -> None:
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


def _found(walk: Walk, number: int, _: Any = None) -> None:
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


def _fail(walk: Walk, given: inputs.Fail) -> None:
    token = _waiting(walk, given.token)
    if walk.nodes[token.element].kind is not Kind.SERVICE:
        raise CoreError("not-waiting", token=token.id, element=token.element)
    variables.write(walk, token.id, given.results)
    if not throwing.propagate(walk, token, Cause.ERROR, given.code, own=True):
        _incident(walk, token.id, "work", Fault("uncaught-error", error=given.code))


def _retry(walk: Walk, number: int) -> None:
    token = _token(walk, number)
    incident = token.extras.incident if token.extras is not None else None
    if incident is None:
        raise CoreError("no-incident", token=number)
    walk.extend(number, incident=None)
    walk.emit(IncidentCleared(number, token.element))
    walk.later(incident.job, number)


def _incident(walk: Walk, number: int, job: str, fault: Fault) -> None:
    """Keep the token where it is and say why it cannot go on."""
    number = number if number in walk.tokens else min(walk.tokens)
    token = walk.tokens[number]
    if token.extras is not None and token.extras.incident is not None:
        walk.emit(IncidentCleared(number, token.element))
    walk.extend(number, incident=Incident(fault.code, job, pack(fault.values)))
    walk.emit(IncidentRaised(number, token.element, fault.code, fault.values))


def _look(walk: Walk, _: int, __: Any = None) -> None:
    walk.touched = True


def _settle(walk: Walk, number: int, _: Any = None) -> None:
    scopes.settle(walk, number)


_JOBS: Final[dict[str, Callable[[Walk, int, Any], None]]] = {
    "found": _found,
    "enter": activities.enter,
    "act": activities.act,
    "work": activities.work,
    "begin": activities.begin,
    "leave": flows.leave,
    "onto": flows.onto,
    "off": flows.off,
    "reset": flows.reset,
    "close": flows.close,
    "open": scopes.open_event,
    "quit": scopes.quit_scope,
    "settle": _settle,
    "caught": catching.caught,
    "boundary": catching.boundary,
    "transit": throwing.transit,
    "deliver": throwing.deliver,
    "tell": loops.tell,
    "tell_last": loops.tell_last,
    "cancelled": undo.cancelled,
    "shut": undo.shut,
    "look": _look,
}
#: What Retry takes up where the failed micro-step must not be repeated whole.
_AGAIN: Final = {"enter": "act"}
_ON_FLOWS: Final = frozenset({"onto", "off"})


def _rest(walk: Walk) -> None:
    """Work off the queue until the case waits for somebody outside, or has ended."""
    queue, tokens = walk.queue, walk.tokens
    _follow(walk, 0)
    while queue:
        job, number, detail = queue.popleft()
        if number and number not in tokens:
            continue
        walk.effort += 1
        if walk.effort > LONGEST:
            queue.appendleft((job, number, detail))
            _stop(walk)
            return
        try:
            _JOBS[job](walk, number, detail)
        except Fault as fault:
            _incident(walk, fault.token or number, fault.job or _AGAIN.get(job, job), fault)
        except CoreError as error:  # a value that cannot be stored, e.g. a function
            _incident(walk, number, _AGAIN.get(job, job), Fault(error.code, **error.values))
        if walk.touched or walk.vacated or walk.released:
            _follow(walk, number)


def _follow(walk: Walk, number: int) -> None:
    """What a micro-step means to others: compensation goes on, joins may open, conditions may have become true."""
    while walk.released or walk.vacated or walk.touched:
        try:
            while walk.released:
                undo.proceed(walk, walk.released.pop(0))
            if walk.vacated:
                gateways.reconsider(walk)
            if walk.touched:
                walk.touched = False
                if walk.plan.conditional:
                    catching.look(walk)
        except Fault as fault:
            _incident(walk, fault.token or number, fault.job or "look", fault)


def _stop(walk: Walk) -> None:
    """The model runs in a circle: whatever was still to be done waits for a Retry, as an incident at a node."""
    while walk.queue:
        job, number, detail = walk.queue.popleft()
        if number in walk.tokens and job in _ON_FLOWS:
            _JOBS[job](walk, number, detail)
        elif number in walk.tokens:
            _incident(walk, number, _AGAIN.get(job, job), Fault("livelock", limit=LONGEST))
        elif isinstance(detail, MessageThrown):
            walk.emit(detail)
