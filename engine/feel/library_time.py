"""Built-in functions on dates, times and durations."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.far import AnyDate, AnyDateTime, clock_of, day_of, join, make_date, ordinal
from engine.feel.library import builtin
from engine.feel.numbers import whole
from engine.feel.temporal import (
    near_date,
    offset_zone,
    read_date,
    read_date_time,
    read_duration,
    read_time,
    weekday,
    zone_named,
)
from engine.feel.values import YearsMonths

if TYPE_CHECKING:
    from datetime import datetime, timezone

    from engine.feel.budget import Run

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _whole(number: Decimal) -> int:
    found = whole(number)
    if found is None:
        raise ValueError("not a whole number")
    return found


@builtin("date", "from: string")
def date_of_text(run: Run, text: str) -> AnyDate:
    """The day a text spells."""
    del run
    return read_date(text)


@builtin("date", "from: day or moment")
def date_of_moment(run: Run, value: Any) -> AnyDate:
    """The day of a moment."""
    del run
    return day_of(value) if hasattr(value, "tzinfo") else value


@builtin("date", "year: number, month: number, day: number")
def date_of_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> AnyDate:
    """The day of a year, month and day of the month."""
    del run
    return make_date(_whole(year), _whole(month), _whole(day))


@builtin("date and time", "from: string")
def moment_of_text(run: Run, text: str) -> AnyDateTime:
    """The moment a text spells."""
    del run
    return read_date_time(text)


@builtin("date and time", "from: moment")
def moment_of_moment(run: Run, value: AnyDateTime) -> AnyDateTime:
    """The moment itself."""
    del run
    return value


@builtin("date and time", "date: day or moment, time: time")
def moment_of_day(run: Run, day: Any, clock: time) -> AnyDateTime:
    """The moment of a day and a clock time."""
    return join(date_of_moment(run, day), clock)


@builtin("date and time", "date: moment, timezone: string")
def moment_in_zone(run: Run, moment: AnyDateTime, zone: str) -> AnyDateTime:
    """The same wall clock in a named zone."""
    del run
    return join(day_of(moment), clock_of(moment).replace(tzinfo=zone_named(zone)))


_PARTS: Final = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@builtin("date and time", _PARTS, _PARTS + ", offset: span?")
def moment_of_parts(run: Run, *parts: Any) -> AnyDateTime:
    """The moment of its parts."""
    day = date_of_parts(run, *parts[:3])
    return join(day, time_of_parts(run, *parts[3:]))


@builtin("date and time", _PARTS + ", timezone: string")
def moment_of_parts_in_zone(run: Run, *parts: Any) -> AnyDateTime:
    """The moment of its parts in a named zone."""
    clock = time_of_parts(run, *parts[3:6]).replace(tzinfo=zone_named(parts[6]))
    return join(date_of_parts(run, *parts[:3]), clock)


@builtin("time", "from: string")
def time_of_text(run: Run, text: str) -> time:
    """The clock time a text spells."""
    del run
    return read_time(text)


@builtin("time", "from: moment")
def time_of_moment(run: Run, moment: AnyDateTime) -> time:
    """The clock time of a moment, with its zone."""
    del run
    return clock_of(moment)


@builtin("time", "from: time")
def time_of_time(run: Run, clock: time) -> time:
    """The clock time itself."""
    del run
    return clock


@builtin("time", "from: date")
def time_of_date(run: Run, day: AnyDate) -> time:
    """Midnight at UTC."""
    del run, day
    return time(0, tzinfo=offset_zone(timedelta(0)))


@builtin("time", "hour: number, minute: number, second: number, [offset]: span?")
def time_of_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None
) -> time:
    """The clock time of its parts; the second may have decimals."""
    del run
    if not 0 <= second < 60:
        raise ValueError("second")
    zone: timezone | None = None if offset is None else offset_zone(offset)
    micro = int((second - int(second)) * 1_000_000)
    return time(_whole(hour), _whole(minute), int(second), micro, tzinfo=zone)


@builtin("duration", "from: string")
def duration_of_text(run: Run, text: str) -> timedelta | YearsMonths:
    """The duration a text spells."""
    del run
    return read_duration(text)


@builtin("duration", "from: duration")
def duration_of_duration(run: Run, duration: timedelta | YearsMonths) -> timedelta | YearsMonths:
    """The duration itself."""
    del run
    return duration


@builtin("years and months duration", "from: day or moment, to: day or moment")
def months_between(run: Run, begin: Any, end: Any) -> YearsMonths:
    """The whole months between two days."""
    one, other = date_of_moment(run, begin), date_of_moment(run, end)
    months = (other.year - one.year) * 12 + other.month - one.month
    if months > 0 and other.day < one.day:
        months -= 1
    elif months < 0 and other.day > one.day:
        months += 1
    return YearsMonths(months)


@builtin("now", "")
def now(run: Run) -> datetime | None:
    """The moment of the evaluation; null when the host gave none."""
    return run.world.now


@builtin("today", "")
def today(run: Run) -> date | None:
    """The day of the evaluation in the host's zone; null when the host gave no moment."""
    moment = run.world.now
    if moment is None:
        return None
    return (moment.astimezone(run.world.zone) if moment.tzinfo else moment).date()


@builtin("day of year", "date: day or moment")
def day_of_year(run: Run, value: Any) -> Decimal:
    """1 to 366."""
    day = date_of_moment(run, value)
    return Decimal(ordinal(day) - ordinal(make_date(day.year, 1, 1)) + 1)


@builtin("day of week", "date: day or moment")
def day_of_week(run: Run, value: Any) -> str:
    """The English name of the weekday."""
    return _DAYS[weekday(date_of_moment(run, value)) - 1]


@builtin("month of year", "date: day or moment")
def month_of_year(run: Run, value: Any) -> str:
    """The English name of the month."""
    return _MONTHS[date_of_moment(run, value).month - 1]


@builtin("week of year", "date: day or moment")
def week_of_year(run: Run, value: Any) -> Decimal:
    """The ISO 8601 week, 1 to 53."""
    return Decimal(near_date(date_of_moment(run, value)).isocalendar().week)
