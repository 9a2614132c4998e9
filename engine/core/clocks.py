"""Statutory clocks of a case: what an element's `clock` setting does to them when the element is done.

The case variable `clocks` holds each by its name (`engine.clock.clocks`); models read it anywhere, also inside called
parts, and only this module writes it. Each act is an event, so that the journal can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from engine.clock.clocks import ACTS, applied
from engine.clock.errors import ClockError
from engine.core import variables
from engine.core.clock_events import ClockMoved
from engine.core.faults import CoreError, Fault
from engine.core.timers import ZONE

if TYPE_CHECKING:
    from engine.core.clock_events import ClockDue
    from engine.core.definition import Node
    from engine.core.state import Token
    from engine.core.walk import Walk

#: The case variable of all clocks: name -> clock.
CLOCKS: Final = variables.EVERYWHERE
#: What a model may ask for; `overdue` and `look` are the engine's.
_ASKED: Final = frozenset(ACTS) - {"overdue", "look"}


def note(walk: Walk, token: Token, node: Node) -> None:
    """The element is complete: its acts take place, all or none."""
    if node.settings.clock is None:
        return
    value = variables.evaluate(walk, token.id, node.settings.clock)
    acts = value if isinstance(value, list) else [value]
    known = _known(walk)
    moved: list[ClockMoved] = []
    for act in acts:
        if act is None:  # `if ... then {...} else null`: nothing to do this time
            continue
        if not isinstance(act, Mapping) or act.get("act") not in _ASKED or not act.get("clock"):
            why = variables.missing(walk, token.id, node.settings.clock)
            raise Fault("bad-clock", text=node.settings.clock.text, found=str(act), **why)
        names = act["clock"] if isinstance(act["clock"], list) else [act["clock"]]
        for name in names:
            _apply(walk, known, str(name), act, node.id, moved)
    if moved:
        variables.write(walk, 0, {CLOCKS: known})
    for event in moved:
        walk.emit(event)


def fall_due(walk: Walk, given: ClockDue) -> None:
    """The moment has come at which a clock was to run out: it has, unless its day has moved meanwhile."""
    known = _known(walk)
    clock = known.get(given.clock)
    if clock is None or clock["state"] != "running":
        raise CoreError("not-waiting", clock=given.clock)
    looked = applied(clock, {"act": "look"}, variables.world_of(walk).calendar)
    over = _end_of(looked["due"]) <= walk.now
    act = {"act": "overdue" if over else "look", "on": looked["due"]}
    moved: list[ClockMoved] = []
    _apply(walk, known, given.clock, act, None, moved)
    variables.write(walk, 0, {CLOCKS: known})
    for event in moved:
        walk.emit(event)


def _apply(
    walk: Walk,
    known: dict[str, Any],
    name: str,
    act: Mapping[str, Any],
    element: str | None,
    moved: list[ClockMoved],
) -> None:
    before = known.get(name)
    if act["act"] == "end" and (before is None or before["state"] == "ended"):
        return  # whoever ends a clock need not know whether it ran
    facts = {key: value for key, value in act.items() if key != "clock"}
    if act["act"] == "end" and act.get("on") is None:
        facts["on"] = walk.now.astimezone(ZONE).date()
    try:
        after = applied(before, facts, variables.world_of(walk).calendar)
    except ClockError as error:
        raise Fault(error.code, clock=name, **error.values) from error
    known[name] = after
    alarm = _end_of(after["due"]) if after["state"] == "running" else None
    moved.append(ClockMoved(name, element, facts, after["due"], after["provisional"], after["state"], alarm))


def _known(walk: Walk) -> dict[str, Any]:
    held = walk.variables.get(CLOCKS)
    return dict(held) if isinstance(held, Mapping) else {}


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(1), time(), ZONE)
