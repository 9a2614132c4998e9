"""Days of years that nobody has announced yet, presumed to be Monday to Friday, and known to be presumed.

A clock must show something before the year's table is out; a paper must not (docs/decisions/0005).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.clock.errors import ClockError

if TYPE_CHECKING:
    from datetime import date

    from engine.feel.world import WorkingDays


class Presumed:
    """The calendar as it is; `provisional` once a day of a year without table was asked for."""

    __slots__ = ("_known", "provisional")

    def __init__(self, known: WorkingDays | None) -> None:
        self._known = known
        self.provisional = False

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day, as far as anybody knows."""
        try:
            if self._known is not None:
                return self._known.is_working_day(day)
        except ClockError as fault:
            if fault.code != "calendar-missing":
                raise
        self.provisional = True
        return day.weekday() < 5
