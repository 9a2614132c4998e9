"""Built-in functions on numbers and on lists of numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel.equality import compare
from engine.feel.library import builtin
from engine.feel.numbers import (
    CONTEXT,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    rounded,
)
from engine.feel.operators import arithmetic
from engine.feel.values import YearsMonths

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.budget import Run

ZERO = Decimal(0)


def _rounding(name: str, mode: str, *, optional: bool) -> None:
    def body(run: Run, number: Decimal, scale: Decimal = ZERO) -> Decimal | None:
        result = rounded(number, scale, mode)
        if result is None:
            run.warn("invalid-argument", name=name, reason="scale")
        return result

    builtin(name, "n: number, [scale]: number" if optional else "n: number, scale: number")(body)


_rounding("decimal", ROUND_HALF_EVEN, optional=False)
_rounding("floor", ROUND_FLOOR, optional=True)
_rounding("ceiling", ROUND_CEILING, optional=True)
_rounding("round up", ROUND_UP, optional=False)
_rounding("round down", ROUND_DOWN, optional=False)
_rounding("round half up", ROUND_HALF_UP, optional=False)
_rounding("round half down", ROUND_HALF_DOWN, optional=False)


@builtin("abs", "n: number")
def absolute(run: Run, number: Decimal) -> Decimal:
    """The size of a number."""
    del run
    return number.copy_abs()


@builtin("abs", "n: duration")
def absolute_duration(run: Run, duration: timedelta | YearsMonths) -> timedelta | YearsMonths:
    """The size of a duration."""
    del run
    return YearsMonths(abs(duration.months)) if isinstance(duration, YearsMonths) else abs(duration)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The remainder with the sign of the divisor."""
    if divisor == 0:
        run.warn("division-by-zero")
        return None
    rest = CONTEXT.remainder(dividend, divisor)
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number: number")
def square_root(run: Run, number: Decimal) -> Decimal:
    """The square root."""
    del run
    return CONTEXT.sqrt(number)


@builtin("log", "number: number")
def logarithm(run: Run, number: Decimal) -> Decimal:
    """The natural logarithm of a positive number."""
    del run
    if number <= 0:
        raise ValueError("not positive")
    return CONTEXT.ln(number)


@builtin("exp", "number: number")
def exponential(run: Run, number: Decimal) -> Decimal:
    """The power of e."""
    del run
    return CONTEXT.exp(number)


@builtin("odd", "number: number")
def odd(run: Run, number: Decimal) -> bool | None:
    """Whether a whole number is odd."""
    del run
    return None if number != number.to_integral_value() else CONTEXT.remainder(number, Decimal(2)) != 0


@builtin("even", "number: number")
def even(run: Run, number: Decimal) -> bool | None:
    """Whether a whole number is even."""
    del run
    return None if number != number.to_integral_value() else CONTEXT.remainder(number, Decimal(2)) == 0


def _numbers(items: list[Any], name: str, run: Run) -> list[Decimal] | None:
    run.tick(1 + (len(items) >> 2))
    if all(type(item) is Decimal for item in items):
        return items
    run.warn("wrong-type", operation=name, types="list")
    return None


@builtin("sum", "list: list", "items...: any")
def total(run: Run, items: list[Any]) -> Any:
    """The sum of numbers, or of durations; null for an empty list."""
    if not items:
        return None
    run.tick(len(items))
    result = items[0]
    for item in items[1:]:
        result = arithmetic("+", result, item, run)
        if result is None:
            return None
    if isinstance(result, Decimal | timedelta | YearsMonths):
        return result
    run.warn("wrong-type", operation="sum", types="list")
    return None


@builtin("product", "list: list", "items...: any")
def product(run: Run, items: list[Any]) -> Decimal | None:
    """The product of numbers."""
    found = _numbers(items, "product", run)
    if not found:
        return None
    result = Decimal(1)
    for item in found:
        result = CONTEXT.multiply(result, item)
    return result


@builtin("mean", "list: list", "items...: any")
def mean(run: Run, items: list[Any]) -> Any:
    """The average of numbers, or of durations."""
    sum_ = total(run, items)
    return None if sum_ is None else arithmetic("/", sum_, Decimal(len(items)), run)


@builtin("median", "list: list", "items...: any")
def median(run: Run, items: list[Any]) -> Decimal | None:
    """The middle number, or the mean of the two middle ones."""
    found = _numbers(items, "median", run)
    if not found:
        return None
    run.tick(len(found))
    ordered = sorted(found)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return CONTEXT.divide(CONTEXT.add(ordered[half - 1], ordered[half]), Decimal(2))


@builtin("stddev", "list: list", "items...: any")
def deviation(run: Run, items: list[Any]) -> Decimal | None:
    """The sample standard deviation of at least two numbers."""
    found = _numbers(items, "stddev", run)
    if found is None or len(found) < 2:
        return None
    average = CONTEXT.divide(_sum(found), Decimal(len(found)))
    squares = [CONTEXT.power(CONTEXT.subtract(item, average), Decimal(2)) for item in found]
    run.tick(len(found))
    return CONTEXT.sqrt(CONTEXT.divide(_sum(squares), Decimal(len(found) - 1)))


def _sum(items: list[Decimal]) -> Decimal:
    result = ZERO
    for item in items:
        result = CONTEXT.add(result, item)
    return result


@builtin("mode", "list: list", "items...: any")
def mode(run: Run, items: list[Any]) -> list[Decimal] | None:
    """The most frequent numbers, ascending."""
    found = _numbers(items, "mode", run)
    if found is None:
        return None
    counts: dict[Decimal, int] = {}
    for item in found:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, count in counts.items() if count == most)


def _extreme(name: str, holds: Callable[[Any, Any], bool]) -> None:
    def body(run: Run, items: list[Any]) -> Any:
        if not items:
            return None
        best = items[0]
        if compare(best, best, run, lambda _a, _b: True) is None:
            return None
        for item in items[1:]:
            run.tick()
            better = compare(item, best, run, holds)
            if better is None:
                return None
            if better:
                best = item
        return best

    builtin(name, "list: list", "items...: any")(body)


_extreme("min", lambda a, b: a < b)
_extreme("max", lambda a, b: a > b)


@builtin("count", "list: list", "items...: any")
def count(run: Run, items: list[Any]) -> Decimal:
    """How many items a list has."""
    del run
    return Decimal(len(items))
