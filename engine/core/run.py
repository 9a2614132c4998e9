"""The mover: one pure function from a state and an input to the next state and what happened on the way.

Micro-steps are queued first in, first out, so that parallel branches advance side by side. One call does everything that
needs nobody outside; a call that does not come to rest is stopped and its tokens become incidents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.core import activities, catching, flows, gateways, loops, scopes, throwing, undo
from engine.core.faults import CoreError, Fault
from engine.core.incidents import raise_incident
from engine.core.inputs import found, take
from engine.core.state import State
from engine.core.step import Cancel, CaseEnded, MessageThrown, Start, Step
from engine.core.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.core.definition import Definition
    from engine.core.step import Input
    from engine.core.verbs import Verb
    from engine.feel.world import World

__all__ = ["LONGEST", "CoreError", "step"]

#: Micro-steps of one call; beyond it the model runs in a circle (a thousand instances of ten steps need 40,000).
LONGEST: Final = 50_000
_FRESH: Final = State(next=1)


def step(
    definition: Definition,
    state: State | None,
    input: Input | Verb,  # noqa: A002 - the word of the contract
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
    if isinstance(input, Start):
        if state is not None:
            raise CoreError("already-started")
    elif state is None:
        raise CoreError("not-started")
    elif state.ended:
        raise CoreError("case-ended")
    walk = Walk(definition, state or _FRESH, now, world, flows=flows)
    cancelled = isinstance(input, Cancel)
    take(walk, input)
    rest(walk)
    if not walk.tokens:
        walk.emit(CaseEnded(tuple(walk.ends), cancelled))
    return Step(walk.state(), tuple(walk.events))


def _look(walk: Walk, _: int, __: Any = None) -> None:
    walk.touched = True


def _settle(walk: Walk, number: int, _: Any = None) -> None:
    scopes.settle(walk, number)


_JOBS: Final[dict[str, Callable[[Walk, int, Any], None]]] = {
    "found": found,
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


def rest(walk: Walk) -> None:
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
            raise_incident(walk, fault.token or number, fault.job or _AGAIN.get(job, job), fault)
        except CoreError as error:  # a value that cannot be stored, e.g. a function
            raise_incident(walk, number, _AGAIN.get(job, job), Fault(error.code, **error.values))
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
            raise_incident(walk, fault.token or number, fault.job or "look", fault)


def _stop(walk: Walk) -> None:
    """The model runs in a circle: whatever was still to be done waits for a Retry, as an incident at a node."""
    while walk.queue:
        job, number, detail = walk.queue.popleft()
        if number in walk.tokens and job in _ON_FLOWS:
            _JOBS[job](walk, number, detail)
        elif number in walk.tokens:
            raise_incident(walk, number, job, Fault("livelock", limit=LONGEST))
        elif isinstance(detail, MessageThrown):
            walk.emit(detail)
