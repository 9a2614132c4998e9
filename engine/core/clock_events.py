"""The input and the event of statutory clocks (`clocks`): parts of the mover's two vocabularies (`step`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ClockDue:
    """The moment that `ClockMoved` named has come: the clock has run out, unless its day has moved."""

    clock: str


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """A statutory clock was started, stopped, resumed, extended, ended, looked at again, or is overdue.

    `facts` are the act as it was given, enough to fold it again; `due` is the last permitted day after it. `alarm` is
    the moment at which it runs out, None while it does not run.
    """

    clock: str
    element: str | None
    facts: Mapping[str, Any]
    due: date
    provisional: bool
    state: str
    alarm: datetime | None = None
