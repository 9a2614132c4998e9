"""Dates beyond the years 1 to 9999 of Python's own: the standard allows nine digits and a sign.

Days are counted in the proleptic Gregorian calendar, day 1 being 0001-01-01 as in `date.toordinal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

MAX_YEAR: Final = 999_999_999
DAY: Final = 86_400_000_000  # microseconds
_ERA: Final = 146_097  # days of 400 years


@dataclass(frozen=True, slots=True, order=True)
class FarDate:
    """A calendar day outside the years 1 to 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """A moment outside the years 1 to 9999; the clock time carries the zone."""

    day_part: FarDate
    clock: time

    @property
    def tzinfo(self) -> tzinfo | None:
        """The zone of the clock time."""
        return self.clock.tzinfo


AnyDate = date | FarDate
AnyDateTime = datetime | FarDateTime


def month_length(year: int, month: int) -> int:
    """Days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def make_date(year: int, month: int, day: int) -> AnyDate:
    """The day; ValueError when there is none."""
    if MINYEAR <= year <= MAXYEAR:
        return date(year, month, day)
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        raise ValueError("no such day")
    return FarDate(year, month, day)


def ordinal(day: AnyDate) -> int:
    """The number of a day; 1 is 0001-01-01."""
    if isinstance(day, date):
        return day.toordinal()
    era, year = divmod(day.year, 400)
    # The year inside the era 400..799 is a proper Python year with the same calendar.
    return date(year + 400, day.month, day.day).toordinal() + (era - 1) * _ERA


def from_ordinal(number: int) -> AnyDate:
    """The day of a number; OverflowError beyond nine-digit years."""
    if 1 <= number <= 3_652_059:
        return date.fromordinal(number)
    era, rest = divmod(number - 1, _ERA)
    near = date.fromordinal(rest + 1)
    year = near.year + 400 * era
    if abs(year) > MAX_YEAR:
        raise OverflowError("year out of range")
    return FarDate(year, near.month, near.day)


def day_of(moment: AnyDateTime) -> AnyDate:
    """The calendar day of a moment, in its own zone."""
    return moment.date() if isinstance(moment, datetime) else moment.day_part


def clock_of(moment: AnyDateTime) -> time:
    """The clock time of a moment with its zone."""
    return moment.timetz() if isinstance(moment, datetime) else moment.clock


def join(day: AnyDate, clock: time) -> AnyDateTime:
    """The moment of a day and a clock time."""
    return datetime.combine(day, clock) if isinstance(day, date) else FarDateTime(day, clock)


def clock_micros(clock: time) -> int:
    """Microseconds since midnight."""
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def clock_from(micros: int, zone: tzinfo | None) -> time:
    """The clock time `micros` after midnight (0 <= micros < one day)."""
    seconds, micro = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    return time(minutes // 60, minutes % 60, second, micro, tzinfo=zone)


def offset_of(value: AnyDateTime | time) -> timedelta | None:
    """Distance from UTC; None without zone. A clock time in a named zone takes that zone's standard offset."""
    if isinstance(value, datetime):
        return value.utcoffset()
    zone = value.tzinfo
    if zone is None:
        return None
    if isinstance(zone, timezone):
        return zone.utcoffset(None)
    near = datetime(1970, 1, 1) if isinstance(value, time) else datetime(2000, value.day_part.month, 1)  # noqa: DTZ001
    return zone.utcoffset(near)


def zone_name(zone: tzinfo | None) -> str | None:
    """The name of a named zone; None for a plain offset or none."""
    return zone.key if isinstance(zone, ZoneInfo) else None


def local_micros(moment: AnyDateTime) -> int:
    """Microseconds from day 0 on the wall clock."""
    return ordinal(day_of(moment)) * DAY + clock_micros(clock_of(moment))


def instant(moment: AnyDateTime) -> int:
    """Microseconds from day 0 at UTC; a moment without zone counts as UTC."""
    return local_micros(moment) - micros(offset_of(moment) or timedelta(0))


def from_local(count: int, zone: tzinfo | None) -> AnyDateTime:
    """The moment whose wall clock shows `count` microseconds after day 0."""
    days, rest = divmod(count, DAY)
    return join(from_ordinal(days), clock_from(rest, zone))


def from_instant(count: int, zone: tzinfo | None) -> AnyDateTime:
    """The moment at `count` microseconds after day 0 UTC, shown in `zone`."""
    if zone is None:
        return from_local(count, None)
    shown = from_local(count, UTC)
    if isinstance(shown, datetime):
        try:
            return shown.astimezone(zone)
        except OverflowError:
            pass
    guess = from_local(count, zone)
    return from_local(count + micros(offset_of(guess) or timedelta(0)), zone)


def micros(duration: timedelta) -> int:
    """A duration in microseconds, exact."""
    return (duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds


def duration_from(count: int) -> timedelta:
    """A duration of `count` microseconds; OverflowError beyond a billion days."""
    return timedelta(count // DAY, 0, count % DAY)
