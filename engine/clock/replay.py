"""The clocks of a case again, out of its journal alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.clock.clocks import applied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.clock.clocks import Clock
    from engine.feel.world import WorkingDays

_DAYS: Final = frozenset({"from", "until", "on"})
_NUMBERS: Final = frozenset({"count", "extend_most"})


def replayed(entries: Iterable[Mapping[str, Any]], calendar: WorkingDays | None) -> dict[str, Clock]:
    """The clocks by name after the bodies of journal entries of kind `clock`, in their order.

    Days and numbers may be ISO texts, as JSON has them. ClockError if the acts do not fit each other.
    """
    found: dict[str, Clock] = {}
    for entry in entries:
        act = {name: _value(name, value) for name, value in entry["facts"].items()}
        found[entry["clock"]] = applied(found.get(entry["clock"]), {**act, "act": entry["act"]}, calendar)
    return found


def _value(name: str, value: Any) -> Any:
    if name in _DAYS and isinstance(value, str):
        return date.fromisoformat(value)
    if name in _NUMBERS and value is not None:
        return Decimal(str(value))
    return value
