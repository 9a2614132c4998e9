"""Timers and deadlines: when a moment that a model names in FEEL or ISO 8601 falls due."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from engine.core.definition import TimerKind
from engine.core.faults import Fault
from engine.core.variables import evaluate, missing
from engine.feel.values import YearsMonths

if TYPE_CHECKING:
    from engine.core.definition import Trigger
    from engine.core.walk import Walk
    from engine.feel import Expression

ZONE: Final = ZoneInfo("Asia/Shanghai")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_PERIOD: Final = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d{1,6})?)S)?)?",
    re.ASCII,
)
_REPEAT: Final = re.compile(r"R(\d*)", re.ASCII)


class Schedule(NamedTuple):
    """When a timer fires next, and for cycles how often after that (-1: without end) at which interval."""

    due: int  # microseconds since 1970 UTC
    left: int = 0
    interval: str = ""


class Period(NamedTuple):
    """A duration as ISO 8601 has it: whole months by the calendar, then exact time."""

    months: int
    exact: timedelta


def schedule(walk: Walk, token: int, trigger: Trigger) -> Schedule:
    """When the timer of a token that begins to wait now falls due. Fault "null-timer" or "bad-timer"."""
    if trigger.expression is None:
        raise Fault("null-timer")
    value = evaluate(walk, token, trigger.expression)
    if value is None:
        raise Fault("null-timer", text=trigger.expression.text, **missing(walk, token, trigger.expression))
    try:
        if trigger.timer is TimerKind.CYCLE:
            return _cycle(value, walk.now)
        if trigger.timer is TimerKind.DURATION:
            return Schedule(stamp(_after(walk.now, period(value))))
        return Schedule(stamp(moment(value)))
    except (ValueError, OverflowError) as error:
        raise Fault("bad-timer", text=trigger.expression.text, found=str(value)) from error


def again(due: int, left: int, interval: str) -> Schedule:
    """The next turn of a cycle that fell due at `due` and has `left` more turns."""
    return Schedule(stamp(_after(instant(due), period(interval))), left - 1 if left > 0 else left, interval)


def deadline(walk: Walk, token: int, expression: Expression) -> datetime:
    """The exclusive end of the last permitted moment: of a date D that is D+1 00:00 in China."""
    value = evaluate(walk, token, expression)
    if value is None:
        raise Fault("null-deadline", text=expression.text, **missing(walk, token, expression))
    try:
        if isinstance(value, str):
            value = _from_text(value)
        if type(value) is date:
            return datetime.combine(value + _DAY, time(), ZONE)
        return moment(value)
    except (ValueError, OverflowError) as error:
        raise Fault("bad-deadline", text=expression.text, found=str(value)) from error


def stamp(at: datetime) -> int:
    """A moment as microseconds since 1970 UTC."""
    return (at - _EPOCH) // _MICROSECOND


def instant(due: int) -> datetime:
    """The moment of a stamp, in China's zone."""
    return (_EPOCH + due * _MICROSECOND).astimezone(ZONE)


def moment(value: Any) -> datetime:
    """A date (its beginning in China) or date and time, also as text, as a moment; ValueError for anything else."""
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=ZONE)
    if isinstance(value, date):
        return datetime.combine(value, time(), ZONE)
    raise ValueError(value)


def period(value: Any) -> Period:
    """A duration (FEEL value or ISO 8601 text); ValueError for anything else and for negative ones."""
    if isinstance(value, timedelta):
        found = Period(0, value)
    elif isinstance(value, YearsMonths):
        found = Period(value.months, timedelta())
    elif (
        isinstance(value, str)
        and (match := _PERIOD.fullmatch(value.strip()))
        and value.strip()[-1] not in "PT"
    ):
        parts = match.groupdict()
        number = {
            name: int(parts[name] or 0) for name in ("years", "months", "weeks", "days", "hours", "minutes")
        }
        seconds = timedelta(
            microseconds=int((parts["seconds"] or "0").replace(",", ".").partition(".")[0]) * 10**6
        )
        fraction = (parts["seconds"] or "").replace(",", ".").partition(".")[2]
        seconds += timedelta(microseconds=int(fraction.ljust(6, "0")) if fraction else 0)
        found = Period(
            number["years"] * 12 + number["months"],
            timedelta(
                weeks=number["weeks"], days=number["days"], hours=number["hours"], minutes=number["minutes"]
            )
            + seconds,
        )
    else:
        raise ValueError(value)
    if found.months < 0 or found.exact < timedelta():
        raise ValueError(value)
    return found


def _cycle(value: Any, now: datetime) -> Schedule:
    """`R3/PT10M`, `R/start/P1D`, `R2/PT1H/end`, or a plain duration (for ever)."""
    if not isinstance(value, str):
        every = period(value)
        return Schedule(stamp(_after(now, every)), -1, _text(every))
    head, *rest = value.strip().split("/")
    turns = _REPEAT.fullmatch(head)
    if turns is None:
        rest.insert(0, head)
    left = int(turns[1]) if turns is not None and turns[1] else -1
    if len(rest) == 1 and rest[0].startswith("P"):
        first, interval = _after(now, period(rest[0])), rest[0]
    elif len(rest) == 2 and rest[1].startswith("P"):
        first, interval = moment(rest[0]), rest[1]
    else:
        raise ValueError(value)
    every = period(interval)
    if left == 0 or not (every.months or every.exact):
        raise ValueError(value)
    return Schedule(stamp(first), left - 1 if left > 0 else left, interval)


def _after(start: datetime, length: Period) -> datetime:
    """Months by China's calendar (the same day, else the month's last), then exact time."""
    if length.months:
        here = start.astimezone(ZONE)
        total = here.year * 12 + here.month - 1 + length.months
        year, month = divmod(total, 12)
        first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
        last = (first_of_next - _DAY).day
        start = here.replace(year=year, month=month + 1, day=min(here.day, last))
    return (start.astimezone(UTC) + length.exact).astimezone(ZONE)


def _text(length: Period) -> str:
    seconds, rest = divmod(length.exact // _MICROSECOND, 10**6)
    if not (length.months or seconds or rest):
        raise ValueError(length)
    months = f"{length.months}M" if length.months else ""
    return f"P{months}T{seconds}.{rest:06d}S" if seconds or rest else f"P{months}"


def _from_text(text: str) -> date | datetime:
    text = text.strip()
    if "T" not in text:
        return date.fromisoformat(text)
    if text.endswith("Z"):
        text = f"{text[:-1]}+00:00"
    stem, zone, name = text.partition("@")
    found = datetime.fromisoformat(stem)
    if zone:
        try:
            return found.replace(tzinfo=ZoneInfo(name))
        except (KeyError, OSError) as error:
            raise ValueError(text) from error
    return found
