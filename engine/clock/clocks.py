"""A limit that runs, stops, goes on, is extended and ends: the fold of its acts, over dates alone.

A clock is plain data, so that it can stand in a case's variables and in the journal; `applied` is the only thing that
changes one, and the same acts in the same order always give the same clock. What may stop or lengthen a limit, and how
much, comes in with the act that starts it, out of the law's dated data: nothing here knows a statute.

Acts: start {from, count, unit, roll, kind, title, law, stops_for, extend_most, tell}; stop {from, until, reason, law};
resume {on, reason}; extend {count, reason, law}; end {on}; overdue {on}; look {} (the calendar may have changed).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.clock.deadlines import (
    Stop,
    add_calendar_days,
    add_working_days,
    months_after,
    roll_forward,
    with_stops,
    working_days_between,
)
from engine.clock.errors import ClockError
from engine.clock.presumed import Presumed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.feel.world import WorkingDays

ACTS: Final = ("start", "stop", "resume", "extend", "end", "overdue", "look")
KINDS: Final = ("statutory", "promised", "step")
UNITS: Final = ("calendar", "working", "months")
_MOST: Final = 10_000
Clock = dict[str, Any]


def applied(clock: Mapping[str, Any] | None, act: Mapping[str, Any], calendar: WorkingDays | None) -> Clock:
    """The clock after an act.

    ClockError clock-act {act, reason} if the act says too little, clock-not-running {act, state},
    clock-stop-not-listed {reason}, clock-extension-over {most, asked}.
    """
    name = act.get("act")
    if name == "start":
        return _dated(_started(act), calendar)
    if clock is None or clock["state"] == "ended":
        raise ClockError("clock-not-running", act=str(name), state=clock["state"] if clock else None)
    now = dict(clock)
    match name:
        case "stop":
            _stop(now, act)
        case "resume":
            _resume(now, act)
        case "extend":
            _extend(now, act)
        case "end":
            now["ended_on"] = _day(act, "on")
            now["state"] = "ended"
        case "overdue":
            now["state"] = "overdue"
        case "look":
            pass
        case _:
            raise ClockError("clock-act", act=str(name), reason="unknown")
    return _dated(now, calendar)


def share_used(clock: Mapping[str, Any], day: date, calendar: WorkingDays | None) -> Decimal:
    """The part of the limit that is over on that day, from 0 to 1 (more when it is overdue); stopped days do not count."""
    days = Presumed(calendar)
    start: date = clock["from"]
    due: date = clock["due"]
    day = clock["ended_on"] or day
    stops = _stops(clock, open_until=day)

    def run(end: date) -> int:
        if end <= start:
            return 0
        if clock["unit"] == "working":
            return working_days_between(start, end, days) - sum(
                days.is_working_day(each) for each in _covered(start, end, stops)
            )
        return (end - start).days - len(_covered(start, end, stops))

    whole = run(due)
    return Decimal(run(day)) / Decimal(whole) if whole else Decimal(1)


def _started(act: Mapping[str, Any]) -> Clock:
    kind, unit, count = act.get("kind", "step"), act.get("unit"), act.get("count")
    if kind not in KINDS:
        raise ClockError("clock-act", act="start", reason="kind")
    if unit not in UNITS:
        raise ClockError("clock-act", act="start", reason="unit")
    return {
        "kind": kind,
        "title": str(act.get("title") or ""),
        "from": _day(act, "from"),
        "count": _count(count, "start"),
        "unit": unit,
        "roll": act.get("roll", True) is not False,
        "law": str(act.get("law") or ""),
        "stops_for": list(act.get("stops_for") or ()),
        "extend_most": _count(act.get("extend_most") or 0, "start"),
        "tell": act.get("tell"),
        "stops": [],
        "extensions": [],
        "state": "running",
        "ended_on": None,
        "late": None,
    }


def _stop(clock: Clock, act: Mapping[str, Any]) -> None:
    reason = act.get("reason")
    if reason not in clock["stops_for"]:
        raise ClockError("clock-stop-not-listed", reason=reason)
    planned = _day(act, "until") if act.get("until") is not None else None
    begun = {"from": _day(act, "from"), "until": None, "planned": planned, "reason": reason}
    clock["stops"] = [*clock["stops"], {**begun, "law": str(act.get("law") or "")}]
    clock["state"] = "stopped"


def _resume(clock: Clock, act: Mapping[str, Any]) -> None:
    on, reason = _day(act, "on"), act.get("reason")
    clock["stops"] = [
        {**one, "until": on} if one["until"] is None and reason in (None, one["reason"]) else one
        for one in clock["stops"]
    ]
    if all(one["until"] is not None for one in clock["stops"]):
        clock["state"] = "running"


def _extend(clock: Clock, act: Mapping[str, Any]) -> None:
    more = _count(act.get("count"), "extend")
    asked = more + sum(one["count"] for one in clock["extensions"])
    if asked > clock["extend_most"]:
        raise ClockError("clock-extension-over", most=int(clock["extend_most"]), asked=int(asked))
    given = {"count": more, "reason": str(act.get("reason") or ""), "law": str(act.get("law") or "")}
    clock["extensions"] = [*clock["extensions"], given]
    if clock["state"] == "overdue":
        clock["state"] = "running"


def _dated(clock: Clock, calendar: WorkingDays | None) -> Clock:
    """The clock with its last permitted day. An open stop counts to its planned end; without one, not yet."""
    days = Presumed(calendar)
    start, count = clock["from"], int(clock["count"] + sum(one["count"] for one in clock["extensions"]))
    stops = _stops(clock)
    roll = days if clock["roll"] else None
    match clock["unit"]:
        case "working":
            due = add_working_days(start, count, days, stops)
        case "calendar":
            due = add_calendar_days(start, count, roll, stops)
        case _:
            due = with_stops(start, months_after(start, count), stops)
            due = roll_forward(due, days) if roll else due
    clock["due"], clock["provisional"] = due, days.provisional
    if clock["ended_on"] is not None:
        clock["late"] = clock["ended_on"] > due
    return clock


def _stops(clock: Mapping[str, Any], open_until: date | None = None) -> list[Stop]:
    found = []
    for one in clock["stops"]:
        last = one["until"] or open_until or one["planned"]
        if last is not None and last >= one["from"]:
            found.append(Stop(one["from"], last))
    return found


def _covered(start: date, end: date, stops: list[Stop]) -> set[date]:
    """The days after `start` up to `end` that lie in a stop."""
    found: set[date] = set()
    for stop in stops:
        day = max(stop.first, start + timedelta(1))
        while day <= min(stop.last, end):
            found.add(day)
            day += timedelta(1)
    return found


def _day(act: Mapping[str, Any], name: str) -> date:
    value = act.get(name)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ClockError("clock-act", act=str(act.get("act")), reason=name)
    return value


def _count(value: Any, act: str) -> Decimal:
    whole = isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)
    if not whole or not 0 <= value <= _MOST:
        raise ClockError("clock-act", act=act, reason="count")
    return Decimal(int(value))
