"""The working-day calendar: Monday to Friday, less the days off, plus the make-up days (调休), year by year.

A year without a table is an error and never guessed: every holiday table is decided by the State Council in the
autumn before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.clock.errors import ClockError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DAY = timedelta(days=1)
_FOLDER = "calendar/"
_KEYS = {"year", "off", "working", "source"}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked, in the years it has a table for."""

    years: frozenset[int]
    off: frozenset[date]
    #: Make-up days: Saturdays and Sundays that are worked.
    working: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day; ClockError calendar-missing {year} for a year without table."""
        if day.year not in self.years:
            raise ClockError("calendar-missing", year=day.year)
        return day in self.working or (day.weekday() < 5 and day not in self.off)


def read_calendar(texts: Mapping[str, str]) -> Calendar:
    """The calendar in a jurisdiction's files (path -> text; those below `calendar/` count).

    ClockError calendar-invalid {file, reason} if a table contradicts itself or the week.
    """
    off: set[date] = set()
    working: set[date] = set()
    years: set[int] = set()
    for file in sorted(texts):
        if not file.startswith(_FOLDER):
            continue
        year, days_off, days_worked = _read_year(file, texts[file])
        if year in years:
            raise ClockError("calendar-invalid", file=file, reason=f"a second table for {year}")
        years.add(year)
        off |= days_off
        working |= days_worked
    return Calendar(frozenset(years), frozenset(off), frozenset(working))


def _read_year(file: str, text: str) -> tuple[int, set[date], set[date]]:
    try:
        table: dict[str, Any] = json.loads(text)
        year = int(table["year"])
        off = {day for one in table["off"] for day in _days(one["from"], one["to"])}
        working = {date.fromisoformat(day) for day in table["working"]}
        _check(table, year, off, working)
    except KeyError as fault:
        raise ClockError("calendar-invalid", file=file, reason=f"{fault} is missing") from fault
    except (ValueError, TypeError) as fault:
        raise ClockError("calendar-invalid", file=file, reason=str(fault)) from fault
    return year, off, working


def _days(first: str, last: str) -> Iterator[date]:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    if end < day:
        raise ValueError(f"{first} to {last} runs backwards")
    while day <= end:
        yield day
        day += _DAY


def _check(table: dict[str, Any], year: int, off: set[date], working: set[date]) -> None:
    if strange := set(table) - _KEYS:
        raise ValueError(f"unknown key {min(strange)!r}")
    for day in sorted(off | working):
        if day.year != year:
            raise ValueError(f"{day} does not lie in {year}")
    for day in sorted(working):
        if day in off:
            raise ValueError(f"{day} is both off and worked")
        if day.weekday() < 5:
            raise ValueError(f"{day} is a weekday, so it cannot be a make-up day")
