"""Statutory time and dated law, as pure functions over tables that the shell has read.

`read_calendar` and `read_law` take one jurisdiction's files (path inside its folder of `policies/law/` -> text).
Nothing here knows what day it is.
"""

from engine.clock.calendar import Calendar, read_calendar
from engine.clock.clocks import applied, share_used
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
from engine.clock.law import Area, Article, Law, Parameter, read_law
from engine.clock.lists import Lists

__all__ = [
    "Area",
    "Article",
    "Calendar",
    "ClockError",
    "Law",
    "Lists",
    "Parameter",
    "Stop",
    "add_calendar_days",
    "add_working_days",
    "applied",
    "months_after",
    "read_calendar",
    "read_law",
    "roll_forward",
    "share_used",
    "with_stops",
    "working_days_between",
]
