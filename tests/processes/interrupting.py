"""A serious circumstance in every situation that an adoption can come to.

Two walks. `reachable` goes over the model without its data, as `engine.core.sound` does: the real mover, every condition
free. `interrupt` lets the report come in one of those situations and says what is left that should not be. The other
half, on rows of a real database, is in `test_adoption.py`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.core.definition import Cause, Kind
from engine.core.faults import CoreError
from engine.core.run import step
from engine.core.sound.abstract import Abstract, TooOften, abstract
from engine.core.sound.marking import Shape, shape_of
from engine.core.sound.moves import Outside
from engine.core.state import Phase, State
from engine.core.step import CallDropped, Complete, Deliver, IncidentRaised, TaskClosed, TimerCleared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition

NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)
#: Who interrupts: the report, which the model judges, and the event sub-process that then replaces everything.
REPORT, EMERGENCY = "serious_report", "emergency"
#: What may happen beside the main line; several at once only multiply what is independent.
BESIDE = {"serious_report": "report_in", "document_revoked": "paper_revoked", "parent_claim": "claimed"}
#: From here on the adoption exists: a report does not interrupt it, it protects the child.
AFTERWARDS = frozenset(
    {"tell_all", "tell_police", "stop_allowance", "open_follow_up", "record_adoption", "all_told"}
)
_WAYS = 64


@dataclass
class Space:
    """The situations found; `bounded` says whether the walk stopped at its bound."""

    model: Abstract
    states: list[State] = field(default_factory=list)
    bounded: bool = False


def reachable(definition: Definition, most: int, beside: int) -> Space:
    """Every situation with at most `beside` of the events beside the main line under way, up to `most`.

    A visit can report danger again and again: without that limit there is no last situation. Nothing is looked for
    behind an event that replaced everything: it is looked at itself by `comes_to_an_end`.
    """
    model = abstract(definition)
    outside, space = Outside(model.definition), Space(model)
    fails = {
        definition.nodes[event].attached_to
        for events in definition.boundaries.values()
        for event in events
        if any(one.cause is Cause.ERROR for one in definition.nodes[event].triggers)
    }
    known: set[Shape] = set()
    queue: deque[State] = deque()

    def arrive(state: State) -> None:
        shape = shape_of(state)
        if shape not in known and under_way(state) <= beside:
            known.add(shape)
            space.states.append(state)
            if not taken(state):
                queue.append(state)

    for _, given in outside.first():
        for reached in _ways(model, None, given):
            arrive(reached)
    while queue:
        if len(space.states) > most:
            space.bounded = True
            break
        state = queue.popleft()
        for move, given in outside.next(state):
            if move.what == "fail" and move.where not in fails:
                continue
            if move.what == "message" and not _may_come(state, move.where, beside):
                continue
            for reached in _ways(model, state, given):
                arrive(reached)
    return space


def _may_come(state: State, message: str, beside: int) -> bool:
    if message in {"conflict", "serious_found"}:
        return False  # the one only notes a name, the other is what the judged report throws
    return message not in BESIDE or under_way(state) < beside


def under_way(state: State) -> int:
    """How many of the events beside the main line are being dealt with."""
    return sum(token.element in BESIDE.values() for token in state.tokens.values())


def _ways(model: Abstract, state: State | None, given: object) -> Iterator[State]:
    script: list[bool] | None = []
    for _ in range(_WAYS):
        choices = model.choose(script or [])
        try:
            reached = step(model.definition, state, given, NOON)  # type: ignore[arg-type]
        except TooOften:
            pass
        except CoreError:
            return
        else:
            if not any(isinstance(event, IncidentRaised) for event in reached.events):
                yield reached.state
        script = choices.following()
        if script is None:
            return


def registered(state: State) -> bool:
    """Whether the adoption exists already."""
    return any(token.element in AFTERWARDS for token in state.tokens.values())


def taken(state: State) -> bool:
    """Whether an interrupting event has replaced everything already (a withdrawal, an earlier report)."""
    return any(token.phase is Phase.TAKEN and token.parent == 0 for token in state.tokens.values())


def interrupt(space: Space, state: State) -> list[str]:
    """What a report found serious leaves behind that should not be: nothing, in words."""
    before = set(state.tokens)
    space.model.choose([])
    done = step(space.model.definition, state, Deliver(REPORT), NOON)
    faults = [
        f"{token.element} survives" for token in _outside_of_emergency(done.state) if token.id in before
    ]
    faults += [
        f"{token.element} is new" for token in _outside_of_emergency(done.state) if token.id not in before
    ]
    nodes = space.model.definition.nodes
    closed = {event.token for event in done.events if isinstance(event, TaskClosed) and event.dropped}
    dropped = {event.token for event in done.events if isinstance(event, CallDropped)}
    cleared = {(event.token, event.element) for event in done.events if isinstance(event, TimerCleared)}
    for token in state.tokens.values():
        kind = nodes[token.element].kind if token.element in nodes else None
        waits = token.phase is Phase.WAITING
        if kind in {Kind.USER, Kind.MANUAL} and waits and token.id not in closed:
            faults.append(f"task {token.element} is not closed")
        if kind is Kind.SERVICE and waits and token.id not in dropped:
            faults.append(f"call {token.element} is not dropped")
        for element in (token.extras.due if token.extras is not None else None) or ():
            if (token.id, element) not in cleared:
                faults.append(f"timer {element} runs on")
    return faults


def _outside_of_emergency(state: State) -> list[object]:
    parents = {token.id: token.parent for token in state.tokens.values()}
    names = {token.id: token.element for token in state.tokens.values()}

    def inside(token: int) -> bool:
        while token:
            if names.get(token) == EMERGENCY:
                return True
            token = parents.get(token, 0)
        return False

    return [token for token in state.tokens.values() if token.parent and not inside(token.id)]


def goes_on(space: Space, state: State) -> bool:
    """Whether a report after the registration leaves all that was under way as it was."""
    space.model.choose([True])
    done = step(space.model.definition, state, Deliver(REPORT), NOON)
    return set(state.tokens) <= set(done.state.tokens) and not taken(done.state)


def comes_to_an_end(space: Space, state: State) -> bool:
    """Whether the emergency, once begun, ends the case by nothing but answers."""
    space.model.choose([])
    here = step(space.model.definition, state, Deliver(REPORT), NOON).state
    for _ in range(40):
        if here.ended:
            return True
        waiting = next(
            token
            for token in here.tokens.values()
            if token.phase is Phase.WAITING
            and space.model.definition.nodes[token.element].kind in {Kind.USER, Kind.SERVICE}
        )
        space.model.choose([])
        here = step(space.model.definition, here, Complete(waiting.id), NOON).state
    return False
