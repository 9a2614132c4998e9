"""A running case goes on with another version of its model: which cases can, and what changes for one that does.

A token keeps its element, or goes over to the one that an analyst named for it (`engine.core.mapping`); the new model
must have it, of the same kind, in the same place. Timers that run go on to the moment they were set for; events that
the new model adds are watched for from now on, those it dropped no longer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.core import catching
from engine.core.definition import Cause, Kind
from engine.core.faults import CoreError, Fault
from engine.core.mapping import renamed, with_flows
from engine.core.plan import Place
from engine.core.run import rest
from engine.core.step import Step, TimerCleared, TimerSet
from engine.core.timers import instant
from engine.core.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.core.definition import Definition, Node
    from engine.core.plan import Watch
    from engine.core.state import State, Token
    from engine.feel.world import World

_SAME: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a case must stay on its version: what stands in the way at which element.

    Codes: `gone`, `other-kind`, `other-place`, `other-loop`, `other-call`, `other-operation`, `join-flow-gone`,
    `two-in-one` (two steps of the case that run side by side would become one), `already-waiting` (an event that waits
    would have been set otherwise: null-timer, bad-timer, null-correlation ...).
    """

    code: str
    element: str
    values: Mapping[str, Any] = field(default_factory=dict)


def obstacles(
    old: Definition, new: Definition, state: State, names: Mapping[str, str] = _SAME
) -> tuple[Obstacle, ...]:
    """Everything that keeps this case from going on with the new model; empty if it can."""
    full = with_flows(old, new, names)
    found = {
        (one.code, one.element): one
        for token in (*state.tokens.values(), *state.done.values())
        for one in _in_the_way(old, new, token, full)
    }
    for one in _met(state, names):
        found[one.code, one.element] = one
    return tuple(found.values())


def migrate(
    old: Definition,
    new: Definition,
    state: State,
    now: datetime,
    world: World | None = None,
    names: Mapping[str, str] = _SAME,
) -> Step:
    """The case on the new model; CoreError "cannot-migrate" with the first obstacle if there is one.

    Nothing moves, except where a condition that the new model asks about holds already. `names` says which element of
    the old model is called otherwise in the new one.
    """
    for one in obstacles(old, new, state, names):
        raise CoreError("cannot-migrate", reason=one.code, element=one.element, **one.values)
    full = with_flows(old, new, names)
    walk = Walk(new, renamed(old, state, full), now, world)
    before = Walk(old, state, now, world)
    for token in tuple(walk.tokens.values()):
        try:
            _watch_anew(before, walk, token, full)
        except Fault as fault:
            raise CoreError(
                "cannot-migrate", reason=fault.code, element=token.element, **fault.values
            ) from fault
    walk.touched = walk.plan.conditional
    rest(walk)
    return Step(walk.state(), tuple(walk.events))


def _met(state: State, names: Mapping[str, str]) -> Iterator[Obstacle]:
    """Tokens of one scope that stood at different steps and would stand at the same one."""
    stand: dict[tuple[int, str], set[str]] = {}
    for token in state.tokens.values():
        place = token.parent, names.get(token.element, token.element)
        stand.setdefault(place, set()).add(token.element)
    for (_, target), elements in stand.items():
        if len(elements) > 1:
            yield Obstacle("two-in-one", min(elements - {target}), {"becomes": target})


def _in_the_way(
    old: Definition, new: Definition, token: Token, names: Mapping[str, str]
) -> Iterator[Obstacle]:
    def of(name: str) -> str:
        return names.get(name, name)

    element = token.element
    was, will = old.nodes.get(element), new.nodes.get(of(element))
    if was is None or will is None:
        # A process, or the body of an event sub-process: known by its scope.
        if of(element) not in new.scopes:
            yield Obstacle("gone", element)
        return
    if was.kind is not will.kind:
        yield Obstacle("other-kind", element, {"was": was.kind.value, "becomes": will.kind.value})
        return
    if of(was.scope) != will.scope:
        yield Obstacle("other-place", element, {"was": was.scope, "becomes": will.scope})
    if _loop(was) != _loop(will):
        yield Obstacle("other-loop", element)
    if was.called != will.called:
        yield Obstacle("other-call", element, {"was": was.called, "becomes": will.called})
    if was.kind is Kind.SERVICE and _asks(was) != _asks(will):
        yield Obstacle("other-operation", element)
    awaited = {of(token.flow)} if token.flow is not None and len(was.incoming) > 1 else set()
    if awaited - set(will.incoming):
        yield Obstacle("join-flow-gone", element, {"flow": token.flow})
    yield from _kept(new, token, names)


def _kept(new: Definition, token: Token, names: Mapping[str, str]) -> Iterator[Obstacle]:
    """What a token remembers besides where it stands."""
    extras = token.extras
    if extras is None:
        return
    for gateway, flows in (extras.fired or {}).items():
        here = new.nodes.get(names.get(gateway, gateway))
        if here is None or {names.get(flow, flow) for flow in flows} - set(here.incoming):
            yield Obstacle("join-flow-gone", gateway)
    for place in (extras.start, extras.back):
        if place and names.get(place, place) not in new.nodes:
            yield Obstacle("gone", place)


def _loop(node: Node) -> str:
    return node.loop.kind if node.loop is not None else ""


def _asks(node: Node) -> tuple[str | None, str | None, str | None]:
    """What a service task asks for; the answer to one thing is not the answer to another."""
    settings = node.settings
    family = settings.operation_of.text if settings.operation_of is not None else None
    return settings.operation, family, settings.document


def _watch_anew(before: Walk, walk: Walk, token: Token, names: Mapping[str, str]) -> None:
    """End the watches that the new model has not, and begin those that it adds."""
    stood = before.tokens[token.id]
    watched = {names.get(watch.element, watch.element): watch for watch in _watches(before, stood)}
    wanted = {watch.element: watch for watch in _watches(walk, token)}
    extras = token.extras
    due = dict((extras.due if extras is not None else None) or {})
    cycle = dict((extras.cycle if extras is not None else None) or {})
    keys = dict((extras.keys if extras is not None else None) or {})
    held = tuple(name for name in (extras.held if extras is not None else ()) if name in wanted)
    for name in (stood.extras.due if stood.extras is not None else None) or {}:
        element = names.get(name, name)
        stays = element in wanted and _is_timer(wanted[element])
        if not stays or element != name:
            walk.emit(TimerCleared(token.id, name))
        if not stays:
            del due[element]
            cycle.pop(element, None)
        elif element != name:
            walk.emit(TimerSet(token.id, element, instant(due[element])))
    keys = {name: key for name, key in keys.items() if name in wanted}
    for element, watch in wanted.items():
        if element in watched and _same(watched[element], watch):
            continue
        set_for, key = catching.watch_for(walk, token, watch.trigger)
        if set_for is not None:
            due[element] = set_for.due
            if set_for.left:
                cycle[element] = (set_for.left, set_for.interval)
            walk.emit(TimerSet(token.id, element, instant(set_for.due)))
        if key is not None:
            keys[element] = key
    changes: dict[str, Any] = {"due": due or None, "cycle": cycle or None, "keys": keys or None, "held": held}
    walk.extend(token.id, **changes)


def _watches(walk: Walk, token: Token) -> list[Watch]:
    return list(catching.watched(walk, token))


def _is_timer(watch: Watch) -> bool:
    return watch.trigger.cause is Cause.TIMER


def _same(was: Watch, will: Watch) -> bool:
    """Whether what is waited for is the same thing; a timer that runs keeps its moment even if the text changed."""
    if was.trigger.cause is not will.trigger.cause or (was.place is Place.SELF) != (will.place is Place.SELF):
        return False
    return was.trigger.cause is Cause.TIMER or was.trigger.ref == will.trigger.ref
