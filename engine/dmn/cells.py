"""Cells that only compare with constants, without FEEL's machinery: the bulk of every real table.

A quick test answers for values of exactly the constant's class, where FEEL's meaning is Python's (numbers are exact
decimals, texts and dates compare by value); every other value goes the long way, so that nulls and warnings stay FEEL's.
"""

from __future__ import annotations

import operator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.dmn.constants import Unknown, constant
from engine.feel import syntax as feel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.dmn.run import Run
    from engine.dmn.table import Test

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
EQUATED = frozenset({Decimal, str, date, bool})
ORDERED = frozenset({Decimal, date})


def quick(tree: feel.Tests, slow: Test) -> Test:
    """Return a quick test for a cell where there is one, else `slow`."""
    try:
        match tree.tests:
            case ():
                return slow
            case (feel.Test(operator=str(sign), operand=operand),) if not tree.negated:
                return _compared(sign, constant(operand), slow)
            case (feel.Test(operator=None, operand=feel.Interval(operator=None) as interval),) if (
                not tree.negated
            ):
                return _between(interval, slow)
            case tests if all(one.operator is None for one in tests):
                return _listed([constant(one.operand) for one in tests], tree.negated, slow)
    except Unknown:
        pass
    return slow


def _compared(sign: str, bound: Any, slow: Test) -> Test:
    cls = bound.__class__
    order = ORDERS[sign]
    if cls not in (EQUATED if sign in ("=", "!=") else ORDERED):
        return slow

    def test(value: Any, scope: Mapping[str, Any], run: Run | None) -> bool | None:
        return order(value, bound) if value.__class__ is cls else slow(value, scope, run)

    return test


def _between(interval: feel.Interval, slow: Test) -> Test:
    low, high = constant(interval.low), constant(interval.high)
    cls = low.__class__
    above = operator.ge if interval.low_included else operator.gt
    below = operator.le if interval.high_included else operator.lt
    if cls not in ORDERED or high.__class__ is not cls or low > high:
        return slow

    def test(value: Any, scope: Mapping[str, Any], run: Run | None) -> bool | None:
        return above(value, low) and below(value, high) if value.__class__ is cls else slow(value, scope, run)

    return test


def _listed(values: list[Any], negated: bool, slow: Test) -> Test:
    cls = values[0].__class__
    if cls not in EQUATED or any(value.__class__ is not cls for value in values):
        return slow
    listed = frozenset(values)

    def test(value: Any, scope: Mapping[str, Any], run: Run | None) -> bool | None:
        return (value in listed) is not negated if value.__class__ is cls else slow(value, scope, run)

    return test
