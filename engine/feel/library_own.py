"""Our own functions: statutory time, dated law, and the conventions of Chinese offices."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.chinese import amount_text, birth_of, id_number_valid
from engine.feel.errors import hosted
from engine.feel.library import builtin
from engine.feel.library_time import date_of_moment
from engine.feel.numbers import ROUND_CEILING, rounded, whole
from engine.feel.temporal import add_months

if TYPE_CHECKING:
    from engine.feel.budget import Run

_MOST_DAYS: Final = 10_000
_ONE: Final = timedelta(1)


def _day(run: Run, value: Any) -> date:
    """The calendar day of a date, or of a moment in the host's zone."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(run.world.zone)
    found = date_of_moment(run, value)
    if not isinstance(found, date):
        raise ValueError("year out of range")  # noqa: TRY004 - becomes a warning
    return found


def _count(number: Decimal) -> int:
    found = whole(number)
    if found is None or abs(found) > _MOST_DAYS:
        raise ValueError("not a number of days")
    return found


def _works(run: Run, day: date) -> bool:
    calendar = run.world.calendar
    if calendar is None:
        run.warn("calendar-not-given")
        raise ValueError("no calendar")
    run.tick()
    with hosted("is working day", run.place, year=day.year):
        return bool(calendar.is_working_day(day))


@builtin("is working day", "date: day or moment")
def is_working_day(run: Run, value: Any) -> bool:
    """Whether offices work on that day."""
    return _works(run, _day(run, value))


def _stopped(run: Run, stops: list[Any] | None) -> list[tuple[date, date]]:
    """The stops [{from, to}] of a limit, both ends included, in order; one that still stands (`to` null) is left out."""
    found: list[tuple[date, date]] = []
    for stop in stops or ():
        if not isinstance(stop, dict) or stop.get("from") is None:
            raise ValueError("not a stop")
        if stop.get("to") is not None:
            found.append((_day(run, stop["from"]), _day(run, stop["to"])))
    return sorted(found)


@builtin("add working days", "date: day or moment, n: number, [stops]: list?")
def add_working_days(run: Run, value: Any, number: Decimal, stops: list[Any] | None = None) -> date:
    """The n-th working day after (before, when negative) a day; the day itself and days of a stop are not counted."""
    day, count, still = _day(run, value), _count(number), _stopped(run, stops)
    step = _ONE if count > 0 else -_ONE
    for _ in range(abs(count)):
        day += step
        while not _works(run, day) or any(first <= day <= last for first, last in still):
            day += step
    return day


@builtin("working days between", "from: day or moment, to: day or moment")
def working_days_between(run: Run, begin: Any, end: Any) -> Decimal:
    """How many working days lie after `from` up to and including `to`; negative when `to` is earlier."""
    first, last = _day(run, begin), _day(run, end)
    if first > last:
        return Decimal(-_working_days(run, last, first))
    return Decimal(_working_days(run, first, last))


def _working_days(run: Run, first: date, last: date) -> int:
    if (last - first).days > _MOST_DAYS:
        raise ValueError("too far apart")
    return sum(_works(run, first + timedelta(n)) for n in range(1, (last - first).days + 1))


@builtin("calendar deadline", "date: day or moment, n: number, [stops]: list?")
def calendar_deadline(run: Run, value: Any, number: Decimal, stops: list[Any] | None = None) -> date:
    """The day n calendar days later, longer by each stopped day, moved on to a working day when offices are closed."""
    begin = _day(run, value)
    day = begin + timedelta(_count(number))
    for opened, last in _stopped(run, stops):
        first = max(opened, begin + _ONE)
        if first <= day and first <= last:
            day += last - first + _ONE
            begin = last
    while not _works(run, day):
        day += _ONE
    return day


@builtin("add calendar days", "date: day or moment, n: number")
def add_calendar_days(run: Run, value: Any, number: Decimal) -> date:
    """The day n calendar days later."""
    return _day(run, value) + timedelta(_count(number))


@builtin("months after", "date: day or moment, n: number")
def months_after(run: Run, value: Any, number: Decimal) -> Any:
    """The same day of the month n months later, or that month's last day."""
    return add_months(_day(run, value), _count(number))


@builtin("end of day", "date: day or moment")
def end_of_day(run: Run, value: Any) -> datetime:
    """The midnight that ends a day, in the host's zone."""
    return datetime.combine(_day(run, value) + _ONE, time(0), run.world.zone)


@builtin("age on", "birth: day or moment, date: day or moment", "id number: string, date: day or moment")
def age_on(run: Run, birth: Any, on: Any) -> Decimal | None:
    """Full years of age on a day, from a birth date or an 18-digit identity number; null before the birth."""
    born = birth_of(birth) if isinstance(birth, str) else _day(run, birth)
    day = _day(run, on)
    if born is None or day < born:
        run.warn("invalid-argument", name="age on", reason="birth")
        return None
    return Decimal(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


@builtin("round up to yuan", "n: number")
def round_up_to_yuan(run: Run, number: Decimal) -> Decimal | None:
    """An amount raised to whole yuan."""
    del run
    return rounded(number, Decimal(0), ROUND_CEILING)


@builtin("chinese amount", "n: number")
def chinese_amount(run: Run, number: Decimal) -> str:
    """An amount in yuan in Chinese capital numerals; 0 <= n < 10^12, at most two decimals."""
    del run
    return amount_text(number)


@builtin("id number valid", "text: string")
def id_number_is_valid(run: Run, text: str) -> bool:
    """Whether an identity number keeps GB 11643: length, digits, province, real birth date, check character."""
    if not id_number_valid(text):
        return False
    born = birth_of(text)
    now = run.world.now
    return born is not None and (now is None or born <= _day(run, now) <= _latest(born))


def _latest(born: date) -> date:
    """The last day on which a person born then may be alive: the age of 130 years."""
    return date(born.year + 131, born.month, 1)


@builtin("area contains", "area: string, other: string")
def area_contains(run: Run, area: str, other: str) -> bool:
    """Whether an area code covers another: a shorter code covers all that begin with it."""
    hook = run.world.area
    if hook is None:
        return other.startswith(area)
    with hosted("area contains", run.place, area=area):
        return bool(hook(area, other))


@builtin("law", "id: string, date: day or moment, [area]: string?")
def law(run: Run, parameter: str, on: Any, area: str | None = None) -> Any:
    """The value of a legal parameter on a day, in an area."""
    hook = run.world.law
    if hook is None:
        run.warn("law-not-given")
        return None
    with hosted("law", run.place, parameter=parameter):
        value = hook(parameter, _day(run, on), area)
    return run.clean(value, parameter)


def _entries(run: Run, name: str, on: Any, area: str | None, words: str | None) -> Any:
    hook = run.world.lists
    if hook is None:
        run.warn("law-not-given")
        return None
    with hosted("list", run.place, list=name):
        value = hook(name, _day(run, on), area, words)
    return run.clean(value, name)


@builtin("list entries", "list: string, date: day or moment, [area]: string?")
def list_entries(run: Run, name: str, on: Any, area: str | None = None) -> Any:
    """The entries of a published list that are in force on a day, in an area."""
    return _entries(run, name, on, area, None)


@builtin("search list", "list: string, text: string?, date: day or moment, [area]: string?")
def search_list(run: Run, name: str, text: str | None, on: Any, area: str | None = None) -> Any:
    """Those entries that somebody's own words mean, best first, each with `alias` and `score`."""
    return _entries(run, name, on, area, text or "")
