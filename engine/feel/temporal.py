"""Texts of dates, times and durations (ISO 8601 as the standard restricts it), and their parts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.feel.far import (
    AnyDate,
    AnyDateTime,
    FarDate,
    FarDateTime,
    clock_of,
    day_of,
    duration_from,
    from_ordinal,
    join,
    make_date,
    micros,
    month_length,
    offset_of,
    ordinal,
    zone_name,
)
from engine.feel.values import YearsMonths

_DATE: Final = re.compile(r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][\w+-]*(?:/[\w+-]+)*))?",
    re.ASCII,
)
_MONTHS: Final = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_SPAN: Final = re.compile(
    r"(-)?P(?:(\d{1,15})D)?(?:T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d*))?S)?)?", re.ASCII
)
_WIDEST_OFFSET: Final = 18 * 3600


@lru_cache(maxsize=700)
def zone_named(name: str) -> ZoneInfo:
    """The named zone; ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(name) from error


def read_date(text: str) -> AnyDate:
    """The day written as `text`; ValueError otherwise."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def read_time(text: str) -> time:
    """The clock time written as `text`; digits beyond microseconds are cut; ValueError otherwise."""
    return _read_clock(text)[0]


def _read_clock(text: str) -> tuple[time, int]:
    """A clock time, and 1 when it was written as 24:00:00, the midnight that ends its day."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    micro = int((match[4] or "0").ljust(6, "0")[:6])
    ends = hour == 24 and minute == second == micro == 0
    return time(0 if ends else hour, minute, second, micro, tzinfo=_read_zone(match)), int(ends)


def _read_zone(match: re.Match[str]) -> tzinfo | None:
    if match[5]:
        return UTC
    if match[10]:
        return zone_named(match[10])
    if not match[6]:
        return None
    if int(match[8]) > 59 or int(match[9] or 0) > 59:
        raise ValueError(match.string)
    seconds = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
    return offset_zone(timedelta(seconds=-seconds if match[6] == "-" else seconds))


def offset_zone(offset: timedelta) -> timezone:
    """The zone at a fixed distance from UTC; ValueError beyond 18 hours."""
    if abs(offset.total_seconds()) > _WIDEST_OFFSET:
        raise ValueError("offset out of range")
    return timezone(offset) if offset else UTC


def read_date_time(text: str) -> AnyDateTime:
    """The moment written as `text` (a day alone means its first moment); ValueError otherwise."""
    day_text, mark, clock_text = text.partition("T")
    day = read_date(day_text)
    if not mark:
        return join(day, time(0))
    clock, days = _read_clock(clock_text)
    return join(from_ordinal(ordinal(day) + 1) if days else day, clock)


def read_duration(text: str) -> timedelta | YearsMonths:
    """The duration written as `text`; digits beyond microseconds are cut; ValueError or OverflowError otherwise."""
    match = _MONTHS.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _SPAN.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ValueError(text)
    seconds = (
        int(match[2] or 0) * 86_400 + int(match[3] or 0) * 3600 + int(match[4] or 0) * 60 + int(match[5] or 0)
    )
    count = seconds * 1_000_000 + int((match[6] or "0").ljust(6, "0")[:6])
    return duration_from(-count if match[1] else count)


def read_temporal(text: str) -> Any:
    """The value of `@"text"`: a date, time, date and time or duration; ValueError otherwise."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text[:20]:
        return read_date_time(text)
    return read_time(text) if ":" in text[:3] else read_date(text)


def date_text(day: AnyDate) -> str:
    """ISO text of a day; at least four digits for the year."""
    sign = "-" if day.year < 0 else ""
    return f"{sign}{abs(day.year):04d}-{day.month:02d}-{day.day:02d}"


def time_text(clock: time) -> str:
    """ISO text of a clock time, with `@Zone` for a named zone."""
    text = f"{clock.hour:02d}:{clock.minute:02d}:{clock.second:02d}"
    if clock.microsecond:
        text += f".{clock.microsecond:06d}".rstrip("0")
    zone = clock.tzinfo
    if zone is None:
        return text
    name = zone_name(zone)
    return f"{text}@{name}" if name else text + _offset_text(offset_of(clock) or timedelta(0))


def _offset_text(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    if seconds == 0:
        return "Z"
    minutes, second = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{second:02d}" if second else text


def date_time_text(moment: AnyDateTime) -> str:
    """ISO text of a moment, with `@Zone` for a named zone."""
    zone = moment.tzinfo
    text = f"{date_text(day_of(moment))}T{time_text(clock_of(moment).replace(tzinfo=None))}"
    if zone is None:
        return text
    name = zone_name(zone)
    return f"{text}@{name}" if name else text + _offset_text(offset_of(moment) or timedelta(0))


def span_text(duration: timedelta) -> str:
    """ISO text of a days and time duration."""
    count = micros(duration)
    seconds, micro = divmod(abs(count), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    hours, minutes, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if second or micro:
        clock += f"{second}" + (f".{micro:06d}".rstrip("0") if micro else "") + "S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-P" if count < 0 else "P") + (text or "T0S")


def months_text(duration: YearsMonths) -> str:
    """ISO text of a years and months duration."""
    years, months = divmod(abs(duration.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-P" if duration.months < 0 else "P") + (text or "0M")


def add_months(day: AnyDate, months: int) -> AnyDate:
    """The same day of a later (earlier) month, or that month's last day; ValueError beyond nine-digit years."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if abs(year) > 999_999_999:
        raise ValueError("year out of range")
    return make_date(year, month + 1, min(day.day, month_length(year, month + 1)))


def weekday(day: AnyDate) -> int:
    """1 for Monday to 7 for Sunday."""
    return (ordinal(day) - 1) % 7 + 1


def near_date(day: AnyDate) -> date:
    """A day of Python's years with the same month, day, weekday and week."""
    return day if isinstance(day, date) else date(day.year % 400 + 400, day.month, day.day)


def part(value: Any, name: str) -> Any:
    """The property `name` of a temporal value; KeyError when its type has no such property."""
    if isinstance(value, datetime | FarDateTime):
        if name in ("year", "month", "day", "weekday"):
            return _date_part(day_of(value), name)
        return _clock_part(clock_of(value), name, offset_of(value))
    if isinstance(value, date | FarDate):
        return _date_part(value, name)
    if isinstance(value, time):
        return _clock_part(value, name, offset_of(value))
    if isinstance(value, timedelta):
        return _span_part(value, name)
    return {"years": Decimal(value.years_part), "months": Decimal(value.months_part)}[name]


def _date_part(day: AnyDate, name: str) -> Decimal:
    if name == "weekday":
        return Decimal(weekday(day))
    if name not in ("year", "month", "day"):
        raise KeyError(name)
    return Decimal(getattr(day, name))


def _clock_part(clock: time, name: str, offset: timedelta | None) -> Any:
    match name:
        case "hour":
            return Decimal(clock.hour)
        case "minute":
            return Decimal(clock.minute)
        case "second":
            return Decimal(clock.second)
        case "time offset":
            return offset
        case "timezone" | "time zone":
            return zone_name(clock.tzinfo)
        case _:
            raise KeyError(name)


def _span_part(duration: timedelta, name: str) -> Decimal:
    count = micros(duration)
    seconds, micro = divmod(abs(count), 1_000_000)
    sizes = {"days": seconds // 86_400, "hours": seconds // 3600 % 24, "minutes": seconds // 60 % 60}
    size = Decimal(sizes[name]) if name != "seconds" else Decimal(seconds % 60) + Decimal(micro) / 1_000_000
    return -size if count < 0 else size
