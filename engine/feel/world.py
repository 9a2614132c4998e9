"""What an evaluation may know of the outside: the moment, the zone, and the host's hooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from engine.feel.budget import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class WorkingDays(Protocol):
    """A calendar of working days; raises for a year it has no table of."""

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """The outside of an evaluation. Without `now`, `now()` and `today()` are null: time is an argument.

    law: (parameter, day, area) -> value; area: (area, other) -> contained?; functions: further named functions
    of the host, called by position; types: named types for `instance of`; lists: (list, day, area, words) -> entries.
    """

    now: datetime | None = None
    zone: ZoneInfo = field(default=SHANGHAI)
    calendar: WorkingDays | None = None
    law: Callable[[str, date, str | None], Any] | None = None
    area: Callable[[str, str], bool] | None = None
    limits: Limits = field(default=Limits())
    functions: Mapping[str, Callable[..., Any]] | None = None
    types: Mapping[str, Callable[[Any], bool]] | None = None
    lists: Callable[[str, date, str | None, str | None], list[dict[str, Any]]] | None = None


NOWHERE: Final = World()
