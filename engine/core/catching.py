"""Catching events: who watches for what, who takes a message, a signal, a timer or a condition, and what that does.

Watches are derived from the marking and the definition; only due times, correlation values and the last truth of
conditions are stored. Among several that could take a message, the innermost takes it, then the oldest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core import timers, undo, variables
from engine.core.definition import Cause, Kind
from engine.core.faults import Fault
from engine.core.packing import pack, unpack
from engine.core.plan import Place
from engine.core.state import Extras, Phase
from engine.core.step import Caught, Left, TimerCleared, TimerSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.core.definition import Trigger
    from engine.core.plan import Watch
    from engine.core.state import Token
    from engine.core.timers import Schedule
    from engine.core.walk import Walk


def watched(walk: Walk, token: Token) -> Iterator[Watch]:
    """The events that can reach a token now."""
    found = walk.plan.watches.get(token.element)
    if found is None:
        return
    phase = token.phase
    if phase is Phase.MOVING and (token.extras is None or token.extras.incident is None):
        return
    if phase is Phase.UNDOING or phase is Phase.CLOSING or walk.is_struck(token):
        return
    for watch in found:
        if watch.place is Place.BOUNDARY:
            reachable = not walk.is_instance(token)
        elif watch.place is Place.START:
            reachable = phase is Phase.OPEN and not walk.is_body(token)
        else:
            reachable = phase is Phase.WAITING and not walk.is_body(token)
        if reachable:
            yield watch


def arm(walk: Walk, token: Token) -> None:
    """A token begins to watch: timers start, correlation values are taken, conditions are looked at."""
    due: dict[str, int] = {}
    cycle: dict[str, tuple[int, str]] = {}
    keys: dict[str, bytes] = {}
    body = walk.nodes[token.element].loop is not None if token.element in walk.nodes else False
    instance = walk.is_instance(token)
    for watch in walk.plan.watches.get(token.element, ()):
        if (instance and watch.place is Place.BOUNDARY) or (
            body and not instance and watch.place is not Place.BOUNDARY
        ):
            continue
        set_for, key = watch_for(walk, token, watch.trigger)
        if set_for is not None:
            due[watch.element] = set_for.due
            if set_for.left:
                cycle[watch.element] = (set_for.left, set_for.interval)
        if key is not None:
            keys[watch.element] = key
    if due or keys:
        walk.extend(token.id, due=due or None, cycle=cycle or None, keys=keys or None)
        for element, at in due.items():
            walk.emit(TimerSet(token.id, element, timers.instant(at)))


def watch_for(walk: Walk, token: Token, trigger: Trigger) -> tuple[Schedule | None, bytes | None]:
    """Begin to watch for one event: when its timer falls due, or the correlation value that a message must bring."""
    if trigger.cause is Cause.TIMER:
        return timers.schedule(walk, token.id, trigger), None
    if trigger.correlation is not None:
        value = variables.evaluate(walk, token.id, trigger.correlation)
        if value is None:
            why = variables.missing(walk, token.id, trigger.correlation)
            raise Fault("null-correlation", text=trigger.correlation.text, **why)
        return None, pack(value)
    walk.touched |= trigger.cause is Cause.CONDITIONAL
    return None, None


def disarm_starts(walk: Walk, scope: int) -> None:
    """An interrupting event sub-process runs: the scope's other event sub-processes can no longer start."""
    token = walk.tokens[scope]
    if token.extras is None or not token.extras.due:
        return
    starts = {
        watch.element for watch in walk.plan.watches.get(token.element, ()) if watch.place is Place.START
    }
    left = {element: at for element, at in token.extras.due.items() if element not in starts}
    turns = {element: turn for element, turn in (token.extras.cycle or {}).items() if element not in starts}
    for element in token.extras.due:
        if element in starts:
            walk.emit(TimerCleared(scope, element))
    walk.extend(scope, due=left or None, cycle=turns or None)


def take(walk: Walk, token: Token, watch: Watch, payload: Mapping[str, Any] | None = None) -> None:
    """A watched event happens: the token goes on, or the boundary event or event sub-process begins."""
    match watch.place:
        case Place.SELF:
            walk.set(token.id, phase=Phase.CLOSING)
            taker = token.id
            walk.later("caught", taker)
        case Place.CHOICE:
            taker = walk.spawn(watch.element, token.parent).id
            walk.later("begin", taker)
            walk.quiet(token, dropped=False)
            walk.emit(Left(token.element, token.id, token.parent))
            walk.remove(token.id)
        case Place.BOUNDARY:
            if watch.interrupting:
                walk.extend(token.id, struck=True)
            taker = walk.spawn(watch.element, token.parent, extras=Extras(host=token.id)).id
            walk.later("boundary", taker)
        case Place.START:
            if watch.interrupting:
                walk.set(token.id, phase=Phase.TAKEN)
            inner = walk.nodes[watch.element].scope
            taker = walk.spawn(inner, token.id, extras=Extras(start=watch.element)).id
            if inner in walk.plan.own_scope:
                variables.own(walk, taker, {})
            walk.later("open", taker)
    if payload:
        result = walk.nodes[watch.element].settings.result
        variables.write(walk, taker, payload if result is None else {result: dict(payload)})


def caught(walk: Walk, number: int, _: Any = None) -> None:
    """A waiting token has what it waited for, and goes on."""
    token = walk.tokens[number]
    walk.emit(Caught(token.element, number, token.parent))
    walk.later("leave", number)


def fire(walk: Walk, token: Token, element: str) -> bool:
    """A timer falls due: False if this token watches for no such timer."""
    extras = token.extras
    if extras is None or not extras.due or element not in extras.due:
        return False
    watch = next((each for each in watched(walk, token) if each.element == element), None)
    if watch is None:
        return False
    due, cycle = dict(extras.due), dict(extras.cycle or {})
    turn = cycle.pop(element, None)
    fallen = due.pop(element)
    if turn is not None and not watch.interrupting and watch.place in {Place.BOUNDARY, Place.START}:
        following = timers.again(fallen, *turn)
        due[element] = following.due
        if following.left:
            cycle[element] = (following.left, following.interval)
        walk.emit(TimerSet(token.id, element, timers.instant(following.due)))
    take(walk, walk.extend(token.id, due=due or None, cycle=cycle or None), watch)
    return True


def deliver(walk: Walk, message: str | None, payload: Mapping[str, Any], key: Any, only: int | None) -> bool:
    """Offer a message to everybody who watches for it; one takes it. False if there is nobody."""
    best: tuple[tuple[int, int, bool], Token, Watch] | None = None
    walk.tire(len(walk.tokens))
    candidates = walk.tokens.values() if only is None else filter(None, [walk.tokens.get(only)])
    for token in candidates:
        for watch in watched(walk, token):
            if watch.trigger.cause is not Cause.MESSAGE or watch.trigger.ref != message:
                continue
            if not _fits(token, watch, key):
                continue
            inner = watch.place is Place.START
            rank = (-_depth(walk, token) - inner, token.id, watch.place is Place.BOUNDARY)
            if best is None or rank < best[0]:
                best = (rank, token, watch)
    if best is None:
        return False
    take(walk, best[1], best[2], payload)
    return True


def broadcast(walk: Walk, signal: str | None, payload: Mapping[str, Any]) -> None:
    """Every catcher takes a signal."""
    walk.tire(len(walk.tokens))
    for number in list(walk.tokens):
        token = walk.tokens.get(number)
        if token is None:
            continue
        found = [
            watch
            for watch in watched(walk, token)
            if watch.trigger.cause is Cause.SIGNAL and watch.trigger.ref == signal
        ]
        take_together(walk, number, found, payload)


def take_together(
    walk: Walk, number: int, found: list[Watch], payload: Mapping[str, Any] | None = None
) -> None:
    """Several watches of one token happen at once; it is interrupted only once, by its event sub-process first."""
    ending = [watch for watch in found if watch.interrupting or watch.place in {Place.SELF, Place.CHOICE}]
    for watch in found:
        # An event sub-process that the interrupting one would drop at once does not begin at all.
        if watch not in ending and (watch.place is Place.BOUNDARY or not ending):
            take(walk, walk.tokens[number], watch, payload)
    if ending:
        first = min(ending, key=lambda watch: watch.place is Place.BOUNDARY)
        take(walk, walk.tokens[number], first, payload)


def look(walk: Walk) -> None:
    """Variables have changed: conditional events whose condition has become true happen (null counts as false)."""
    walk.tire(len(walk.tokens))
    for number in list(walk.tokens):
        token = walk.tokens.get(number)
        if token is None or token.element not in walk.plan.watches:
            continue
        if token.extras is not None and token.extras.incident is not None:
            continue
        risen, held = _risen(walk, token)
        if held != (token.extras.held if token.extras is not None else ()):
            walk.extend(number, held=held)
        _happen(walk, number, risen)


def _happen(walk: Walk, number: int, risen: list[Watch]) -> None:
    """Conditions are facts, each of which holds: an event sub-process begins, and the boundary may end it all the same."""
    begun = False
    for watch in risen:
        if watch.place is Place.START and begun:
            continue
        take(walk, walk.tokens[number], watch)
        begun = begun or (watch.place is Place.START and watch.interrupting)
        if watch.place in {Place.SELF, Place.CHOICE} or (
            watch.place is Place.BOUNDARY and watch.interrupting
        ):
            break


def _risen(walk: Walk, token: Token) -> tuple[list[Watch], tuple[str, ...]]:
    """The token's conditional events that have become true, and all that are true now."""
    before = token.extras.held if token.extras is not None else ()
    risen, held = [], []
    for watch in watched(walk, token):
        condition = watch.trigger.expression
        if watch.trigger.cause is not Cause.CONDITIONAL or condition is None:
            continue
        try:
            true = variables.evaluate(walk, token.id, condition) is True
        except Fault as fault:
            fault.token, fault.job = token.id, "look"
            raise
        if true:
            held.append(watch.element)
            if watch.element not in before:
                risen.append(watch)
    return risen, tuple(held)


def _fits(token: Token, watch: Watch, key: Any) -> bool:
    if watch.trigger.correlation is None:
        return True
    keys = token.extras.keys if token.extras is not None else None
    packed = (keys or {}).get(watch.element)
    return packed is not None and key is not None and bool(unpack(packed) == key)


def _depth(walk: Walk, token: Token) -> int:
    depth = 0
    while token.parent:
        token = walk.tokens[token.parent]
        depth += 1
    return depth


def boundary(walk: Walk, number: int, _: Any = None) -> None:
    """A boundary event happens; an interrupting one ends its activity (a cancelled transaction is undone first)."""
    token = walk.tokens[number]
    node = walk.nodes[token.element]
    assert token.extras is not None
    host = walk.tokens.get(token.extras.host)
    walk.arrive(token)
    walk.emit(Caught(token.element, number, token.parent))
    walk.set(number, phase=Phase.CLOSING)
    if host is not None and walk.is_struck(host):
        for child in walk.inside(host.id):
            walk.drop(child)
        walk.quiet(host, dropped=True)
        walk.extend(host.id, due=None, cycle=None, keys=None, held=(), incident=None)
        if host.phase is not Phase.MOVING:
            walk.set(host.id, phase=Phase.CLOSING)
        cancelled = any(trigger.cause is Cause.CANCEL for trigger in node.triggers)
        if cancelled and node.kind is Kind.BOUNDARY:
            undo.cancelled(walk, host.id, number)
            return
        walk.later("quit", host.id)
    walk.later("leave", number)
