"""When two values are equal, and which of two comes first; None where the standard says null."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.far import (
    AnyDateTime,
    FarDate,
    FarDateTime,
    clock_micros,
    instant,
    micros,
    offset_of,
    ordinal,
    zone_name,
)
from engine.feel.values import FeelFunction, Range, YearsMonths, kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.budget import Run

SECOND: Final = 1_000_000


def equal(left: Any, right: Any, run: Run) -> bool | None:
    """`left = right`; null with a warning when the types differ. Times are equal to the whole second."""
    if left is None or right is None:
        return left is right
    run.tick()
    kinds = kind(left), kind(right)
    if kinds[0] != kinds[1]:
        run.warn("not-comparable", left=kinds[0], right=kinds[1])
        return None
    match left:
        case list():
            return _equal_lists(left, right, run)
        case dict():
            return _equal_contexts(left, right, run)
        case datetime() | FarDateTime():
            return _same_zoning(left, right) and instant(left) // SECOND == instant(right) // SECOND
        case time():
            return (
                _same_zoning(left, right)
                and _clock_instant(left) // SECOND == _clock_instant(right) // SECOND
            )
        case Range():
            return _equal_ranges(left, right, run)
        case FeelFunction():
            return left is right
        case _:
            return bool(left == right)


def _same_zoning(left: Any, right: Any) -> bool:
    return (left.tzinfo is None) == (right.tzinfo is None)


def _clock_instant(clock: time) -> int:
    return clock_micros(clock) - micros(offset_of(clock) or timedelta(0))


def _equal_lists(left: list[Any], right: list[Any], run: Run) -> bool | None:
    if len(left) != len(right):
        return False
    for one, other in zip(left, right, strict=True):
        same = equal(one, other, run)
        if same is not True:
            return same
    return True


def _equal_contexts(left: dict[str, Any], right: dict[str, Any], run: Run) -> bool | None:
    if left.keys() != right.keys():
        return False
    for key, value in left.items():
        same = equal(value, right[key], run)
        if same is not True:
            return same
    return True


def _equal_ranges(left: Range, right: Range, run: Run) -> bool | None:
    if (left.operator, left.start_included, left.end_included) != (
        right.operator,
        right.start_included,
        right.end_included,
    ):
        return False
    same = equal(left.start, right.start, run)
    return equal(left.end, right.end, run) if same is True else same


def same(left: Any, right: Any, run: Run) -> bool:
    """Equality of list members (`list contains`, `distinct values`): other types are simply different."""
    if type(left) is not type(right) and kind(left) != kind(right):
        return False
    return equal(left, right, run) is True


def identical(left: Any, right: Any, run: Run) -> bool:
    """`is(left, right)`: the same value in the same type, zones included."""
    if kind(left) != kind(right):
        return False
    match left:
        case datetime() | FarDateTime():
            return _same_zone(left, right) and instant(left) == instant(right)
        case time():
            return _same_zone(left, right) and clock_micros(left) == clock_micros(right)
        case _:
            return equal(left, right, run) is True


def _same_zone(left: AnyDateTime | time, right: AnyDateTime | time) -> bool:
    return zone_name(left.tzinfo) == zone_name(right.tzinfo) and offset_of(left) == offset_of(right)


def order_key(value: Any) -> tuple[str, Any] | None:
    """(type, sortable key) of an ordered value, else None."""
    match value:
        case bool() | None:
            return None
        case Decimal():
            return "number", value
        case str():
            return "string", value
        case datetime() | FarDateTime():
            return ("date and time" if value.tzinfo is None else "zoned date and time"), instant(value)
        case date() | FarDate():
            return "date", ordinal(value)
        case time():
            return ("time" if value.tzinfo is None else "zoned time"), _clock_instant(value)
        case timedelta():
            return "days and time duration", value
        case YearsMonths():
            return "years and months duration", value.months
        case _:
            return None


def compare(left: Any, right: Any, run: Run, holds: Callable[[Any, Any], bool]) -> bool | None:
    """`left < right` and its kin by `holds`; null with a warning for null and for values without common order."""
    one, other = order_key(left), order_key(right)
    if one is not None and other is not None and one[0] == other[0]:
        return holds(one[1], other[1])
    if left is None or right is None:
        run.warn("null-operand", operation="comparison")
    elif one is not None and other is not None and kind(left) == kind(right):
        run.warn("zone-mixture")
    else:
        run.warn("not-comparable", left=kind(left), right=kind(right))
    return None
