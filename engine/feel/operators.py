"""Arithmetic between all types, ranges and unary tests. Fast paths for numbers are in `compile_values`."""

from __future__ import annotations

import operator
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException, DivisionByZero, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from engine.feel.equality import compare, equal, order_key, same
from engine.feel.far import (
    DAY,
    FarDate,
    FarDateTime,
    clock_from,
    clock_micros,
    clock_of,
    day_of,
    duration_from,
    from_instant,
    from_ordinal,
    instant,
    join,
    micros,
    offset_of,
    ordinal,
)
from engine.feel.numbers import CONTEXT, ROUND_DOWN
from engine.feel.temporal import add_months
from engine.feel.values import Range, YearsMonths, kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.budget import Run


def arithmetic(sign: str, left: Any, right: Any, run: Run) -> Any:
    """`left sign right` for + - * / **; null with a warning where the standard knows no such operation."""
    try:
        if type(left) is Decimal and type(right) is Decimal:
            return _NUMBERS[sign](left, right)
        if left is None or right is None:
            run.warn("null-operand", operation=sign)
            return None
        result = _MIXED[sign](left, right, run)
    except (DivisionByZero, ZeroDivisionError):
        run.warn("division-by-zero")
        return None
    except InvalidOperation:
        run.warn("division-by-zero" if sign == "/" else "out-of-range")
        return None
    except (DecimalException, OverflowError, ValueError):
        run.warn("out-of-range")
        return None
    if result is NotImplemented:
        run.warn("wrong-type", operation=sign, types=f"{kind(left)}, {kind(right)}")
        return None
    return result


_NUMBERS: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
    "**": CONTEXT.power,
}


def _add(left: Any, right: Any, run: Run) -> Any:
    match left, right:
        case str(), str():
            run.text(len(left) + len(right))
            return left + right
        case timedelta(), timedelta():
            return left + right
        case YearsMonths(), YearsMonths():
            return YearsMonths(left.months + right.months)
        case ((timedelta() | YearsMonths()), _):
            return shift(right, left, 1)
        case _, (timedelta() | YearsMonths()):
            return shift(left, right, 1)
    return NotImplemented


def _subtract(left: Any, right: Any, run: Run) -> Any:
    del run
    match left, right:
        case timedelta(), timedelta():
            return left - right
        case YearsMonths(), YearsMonths():
            return YearsMonths(left.months - right.months)
        case _, (timedelta() | YearsMonths()):
            return shift(left, right, -1)
        case time(), time():
            if (left.tzinfo is None) != (right.tzinfo is None):
                return NotImplemented
            between = clock_micros(left) - clock_micros(right)
            return duration_from(
                between - micros(offset_of(left) or _ZERO) + micros(offset_of(right) or _ZERO)
            )
    return _moments_apart(left, right)


_ZERO: Final = timedelta(0)


def _moments_apart(left: Any, right: Any) -> Any:
    """The time between two days or moments; a day against a moment with zone counts as its midnight at UTC."""
    one, other = _point(left), _point(right)
    if one is None or other is None:
        return NotImplemented
    zoned = {True if zone is None and one[1] != other[1] else zone for _, zone in (one, other)}
    return duration_from(one[0] - other[0]) if len(zoned) == 1 else NotImplemented


def _point(value: Any) -> tuple[int, bool | None] | None:
    """(microseconds from day 0, has a zone; None for a day) of a day or a moment."""
    if isinstance(value, datetime | FarDateTime):
        return instant(value), value.tzinfo is not None
    return (ordinal(value) * DAY, None) if isinstance(value, date | FarDate) else None


def shift(value: Any, duration: timedelta | YearsMonths, sign: int) -> Any:
    """A date, time or moment moved by a duration; NotImplemented for other values."""
    if isinstance(duration, YearsMonths):
        months = sign * duration.months
        if isinstance(value, datetime | FarDateTime):
            return join(add_months(day_of(value), months), clock_of(value))
        return add_months(value, months) if isinstance(value, date | FarDate) else NotImplemented
    count = sign * micros(duration)
    if isinstance(value, datetime | FarDateTime):
        return from_instant(instant(value) + count, value.tzinfo)
    if isinstance(value, date | FarDate):
        return from_ordinal((ordinal(value) * DAY + count) // DAY)
    if isinstance(value, time):
        return clock_from((clock_micros(value) + count) % DAY, value.tzinfo)
    return NotImplemented


def _multiply(left: Any, right: Any, run: Run) -> Any:
    del run
    match left, right:
        case Decimal(), timedelta():
            return _scaled(right, left, CONTEXT.multiply)
        case timedelta(), Decimal():
            return _scaled(left, right, CONTEXT.multiply)
        case Decimal(), YearsMonths():
            return YearsMonths(int(CONTEXT.multiply(left, right.months)))
        case YearsMonths(), Decimal():
            return YearsMonths(int(CONTEXT.multiply(right, left.months)))
    return NotImplemented


def _divide(left: Any, right: Any, run: Run) -> Any:
    del run
    match left, right:
        case timedelta(), Decimal():
            return _scaled(left, right, CONTEXT.divide)
        case YearsMonths(), Decimal():
            return YearsMonths(int(CONTEXT.divide(Decimal(left.months), right)))
        case timedelta(), timedelta():
            return CONTEXT.divide(Decimal(micros(left)), Decimal(micros(right)))
        case YearsMonths(), YearsMonths():
            return CONTEXT.divide(Decimal(left.months), Decimal(right.months))
    return NotImplemented


def _scaled(duration: timedelta, by: Decimal, how: Callable[[Decimal, Decimal], Decimal]) -> timedelta:
    return duration_from(int(how(Decimal(micros(duration)), by).to_integral_value(ROUND_DOWN)))


def _power(left: Any, right: Any, run: Run) -> Any:
    del left, right, run
    return NotImplemented


_MIXED: Final[dict[str, Callable[[Any, Any, Run], Any]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "**": _power,
}


def negative(value: Any, run: Run) -> Any:
    """`-value` for numbers and durations."""
    match value:
        case Decimal():
            return value.copy_negate() if value else value
        case timedelta():
            return -value
        case YearsMonths():
            return YearsMonths(-value.months)
    run.warn("wrong-type", operation="-", types=kind(value))
    return None


COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(sign: str, left: Any, right: Any, run: Run) -> bool | None:
    """`left sign right` for the six comparisons."""
    if sign == "=":
        return equal(left, right, run)
    if sign == "!=":
        found = equal(left, right, run)
        return None if found is None else not found
    return compare(left, right, run, COMPARE[sign])


def all_true(*found: bool | None) -> bool | None:
    """Three-valued `and`."""
    if any(f is False for f in found):
        return False
    return None if any(f is None for f in found) else True


def between(value: Any, low: Any, high: Any, run: Run) -> bool | None:
    """`value between low and high`, bounds included."""
    if value is None or low is None or high is None:
        run.warn("null-operand", operation="between")
        return None
    return all_true(compare(value, low, run, operator.ge), compare(value, high, run, operator.le))


def contains(interval: Range, value: Any, run: Run) -> bool | None:
    """Whether a range holds a value; a missing bound is open."""
    if interval.operator in ("=", "!="):
        return holds(interval.operator, value, interval.start, run)
    if value is None:
        return None
    found: list[bool | None] = []
    if interval.start is not None:
        found.append(
            compare(value, interval.start, run, operator.ge if interval.start_included else operator.gt)
        )
    if interval.end is not None:
        found.append(compare(value, interval.end, run, operator.le if interval.end_included else operator.lt))
    return all_true(*found)


def make_range(low: Any, high: Any, included: tuple[bool, bool], sign: str | None, run: Run) -> Range | None:
    """The range of evaluated bounds; null when they have no common order."""
    if sign is not None:
        return _one_sided(sign, low)
    if low is None and high is None:
        run.warn("null-operand", operation="..")
        return None
    one, other = order_key(low), order_key(high)
    fits = (low is None or one is not None) and (high is None or other is not None)
    if not fits or (one is not None and other is not None and one[0] != other[0]):
        run.warn("not-comparable", left=kind(low), right=kind(high))
        return None
    return Range(low, high, *included)


def _one_sided(sign: str, bound: Any) -> Range:
    if sign in ("<", "<="):
        return Range(None, bound, False, sign == "<=", sign)
    if sign in (">", ">="):
        return Range(bound, None, sign == ">=", False, sign)
    return Range(bound, bound, sign == "=", sign == "=", sign)


def matches_test(value: Any, test: Any, run: Run) -> bool | None:
    """Whether `value` passes a test that was evaluated to `test`: a range, a list of tests, or an equal value."""
    if isinstance(test, Range):
        if isinstance(value, Range):
            return equal(value, test, run)
        return contains(test, value, run)
    if isinstance(test, list):
        if isinstance(value, list) and equal(value, test, run) is True:
            return True
        result: bool | None = False
        for item in test:
            run.tick()
            found = (
                contains(item, value, run)
                if isinstance(item, Range) and not isinstance(value, Range)
                else same(value, item, run)
            )
            if found is True:
                return True
            if found is None:
                result = None
        return result
    return equal(value, test, run)
