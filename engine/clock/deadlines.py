"""Statutory time: working-day and calendar-day limits, months, and the stops that lengthen them.

Rules: the first day is never counted (民法典 201); a limit in calendar days whose last day is off ends on the next
working day (203) where it rolls; months end on the same day number, else on the last of the month (202).
All results are the last permitted day.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.feel.world import WorkingDays

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """Days on which a limit does not run (a hearing, an expert review ...); both ends belong to the stop."""

    first: date
    last: date


def add_working_days(day: date, count: int, calendar: WorkingDays, stops: Iterable[Stop] = ()) -> date:
    """The `count`-th working day after `day`, or before it if negative; days inside a stop are not counted."""
    still = tuple(stops)
    pace = _DAY if count >= 0 else -_DAY
    left = abs(count)
    while left:
        day += pace
        if calendar.is_working_day(day) and not _stopped(day, still):
            left -= 1
    return day


def working_days_between(start: date, end: date, calendar: WorkingDays) -> int:
    """How many working days lie after `start` up to and with `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start, calendar)
    count = 0
    while start < end:
        start += _DAY
        count += calendar.is_working_day(start)
    return count


def add_calendar_days(
    day: date, count: int, roll: WorkingDays | None = None, stops: Iterable[Stop] = ()
) -> date:
    """The day `count` calendar days later, longer by the stops; with `roll`, moved on to a working day of it."""
    due = with_stops(day, day + timedelta(days=count), stops)
    return due if roll is None else roll_forward(due, roll)


def months_after(day: date, count: int) -> date:
    """The same day number `count` months later (earlier if negative), or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def roll_forward(day: date, calendar: WorkingDays) -> date:
    """That day if it is worked, otherwise the next working day."""
    while not calendar.is_working_day(day):
        day += _DAY
    return day


def with_stops(start: date, due: date, stops: Iterable[Stop]) -> date:
    """A limit in calendar days that began on `start`, lengthened by each stopped day in it (once, if stops overlap).

    A stop that begins after the limit has run out changes nothing.
    """
    day, last = start, due
    for stop in sorted(stops, key=lambda one: (one.first, one.last)):
        first = max(stop.first, day + _DAY)
        if first > last or stop.last < first:
            continue
        last += stop.last - first + _DAY
        day = stop.last
    return last


def _stopped(day: date, stops: tuple[Stop, ...]) -> bool:
    return any(stop.first <= day <= stop.last for stop in stops)
