"""Cells as sets: the values of one column cut at every constant that its cells speak of.

Between two neighbouring constants no cell can tell values apart, so a column with n constants has 2n+1 segments
(below, at, between ..., above) and every cell is a set of segments, held as the bits of one integer. That makes
questions about all values (gaps, overlaps) questions about a few integers, exactly. Dates and whole-month durations
are discrete: nothing lies between neighbouring days.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine.dmn.constants import constant, is_input, show
from engine.feel import syntax as feel
from engine.feel.values import YearsMonths, kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Kinds of values that have an order and can be cut into segments.
ORDERED = frozenset(
    {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Axis:
    """One column cut into segments; segment 2i+1 is point i, segment 2i lies below it, the last one is null."""

    kind: str
    points: tuple[Any, ...]
    #: Bits of all segments that values can lie in.
    universe: int

    @staticmethod
    def through(kind_: str, values: Iterable[Any], *, with_null: bool) -> Axis:
        """Cut a column of a kind at these constants."""
        if kind_ == "boolean":
            points: tuple[Any, ...] = (False, True)
            bits = 0b01010
        else:
            points = tuple(sorted(set(values)))
            bits = (1 << (2 * len(points) + 1)) - 1
            for place, (low, high) in enumerate(pairwise(points), 1):
                if _adjacent(low, high):
                    bits &= ~(1 << (2 * place))
        return Axis(kind_, points, bits | (1 << (2 * len(points) + 1) if with_null else 0))

    @property
    def null(self) -> int:
        """The bit of null."""
        return 1 << (2 * len(self.points) + 1)

    def at(self, value: Any) -> int:
        """Return the bit of one value; 0 for a value of another kind."""
        if value is None:
            return self.null
        place = bisect_left(self.points, value) if kind(value) == self.kind else len(self.points)
        return 1 << (2 * place + 1) if place < len(self.points) and self.points[place] == value else 0

    def between(self, low: Any, high: Any, low_in: bool, high_in: bool) -> int:
        """Return the bits of an interval; a bound of None is open to that side."""
        if any(value is not None and kind(value) != self.kind for value in (low, high)):
            return 0
        first = 0 if low is None else 2 * bisect_left(self.points, low) + (1 if low_in else 2)
        last = (
            2 * len(self.points)
            if high is None
            else 2 * bisect_left(self.points, high) + (1 if high_in else 0)
        )
        return ((1 << (last + 1)) - 1) & ~((1 << first) - 1) if first <= last else 0

    def compared(self, operator: str, value: Any) -> int:
        """Return the bits of the values that stand in this relation to a constant."""
        match operator:
            case "=":
                return self.at(value)
            case "!=":
                return (self.between(None, None, False, False) | self.null) & ~self.at(value)
            case "<" | "<=":
                return self.between(None, value, False, operator == "<=") if value is not None else 0
        return self.between(value, None, operator == ">=", False) if value is not None else 0

    def bits(self, node: feel.Node) -> int:
        """Return the set of a cell; raises Unknown where `constants` does."""
        match node:
            case feel.Tests(tests=()):
                return self.universe
            case feel.Tests(tests=tests, negated=negated):
                return self._any(tests, negated)
            case feel.Test(operator=None, operand=operand):
                return self.bits(operand)
            case feel.Test(operator=operator, operand=operand):
                return self.compared(operator or "=", constant(operand))
            case feel.Interval(operator=str(operator), low=low, high=high):
                return self.compared(operator, constant(low if operator in (">", ">=", "=", "!=") else high))
            case feel.Interval(low=low, high=high, low_included=low_in, high_included=high_in):
                return self.between(constant(low), constant(high), low_in, high_in)
            case feel.ListOf(items=items):
                return self._any(items, False)
            case feel.Comparison(operator=operator, left=left, right=right) if is_input(left):
                return self.compared(operator, constant(right))
            case feel.Comparison(operator=operator, left=left, right=right) if is_input(right):
                return self.compared(FLIPPED[operator], constant(left))
            case feel.Between(low=low, high=high):
                return self.between(constant(low), constant(high), True, True)
            case feel.In(tests=tests):
                return self.bits(tests)
            case feel.Logic(operator="or", items=items):
                return self._any(items, False)
            case feel.Logic(items=items):
                return self._all(items)
            case feel.Call(function=feel.Name(name="not"), arguments=(argument,)):
                return self._not(self.bits(argument), argument)
        return self.at(constant(node))

    def _any(self, nodes: Iterable[feel.Node], negated: bool) -> int:
        found = 0
        several = tuple(nodes)
        for node in several:
            found |= self.bits(node)
        return self._not(found, *several) if negated else found

    def _all(self, nodes: Iterable[feel.Node]) -> int:
        found = self.universe | self.null
        for node in nodes:
            found &= self.bits(node)
        return found

    def _not(self, found: int, *negated: feel.Node) -> int:
        """Return the rest; null belongs to it only where null is compared for equality (null < 5 is null, so is its not)."""
        rest = (self.between(None, None, False, False) | self.null) & ~found
        return rest if all(_only_equality(node) for node in negated) else rest & ~self.null

    def describe(self, bits: int) -> str:
        """Return a set as text: `[10..20)`, `"A", "B"`, `> 100`; `-` for all values."""
        if bits & self.universe == self.universe:
            return "-"
        return ", ".join(self._pieces(bits & self.universe))

    def _pieces(self, bits: int) -> Iterator[str]:
        last = 2 * len(self.points)
        place = 0
        while place <= last:
            if not bits >> place & 1:
                place += 1
                continue
            end = place
            while end < last and (
                bits >> (end + 1) & 1 or (self._hollow(end + 1, last) and bits >> (end + 2) & 1)
            ):
                end += 1
            yield self._piece(place, end, last)
            place = end + 1
        if bits & self.null:
            yield "null"

    def _hollow(self, segment: int, last: int) -> bool:
        """Tell whether no value lies in a segment between two points."""
        return (
            segment % 2 == 0
            and 0 < segment < last
            and not self.universe >> segment & 1
            and self.kind != "boolean"
        )

    def _piece(self, first: int, end: int, last: int) -> str:
        low = None if first == 0 else self.points[(first - 1) // 2]
        high = None if end == last else self.points[end // 2]
        if first % 2 and first == end:
            return show(low)
        if low is None and high is None:
            return "-"
        if high is None:
            return f"{'>=' if first % 2 else '>'} {show(low)}"
        if low is None:
            return f"{'<=' if end % 2 else '<'} {show(high)}"
        return f"{'[' if first % 2 else '('}{show(low)}..{show(high)}{']' if end % 2 else ')'}"


def _adjacent(low: Any, high: Any) -> bool:
    if isinstance(low, YearsMonths):
        return bool(high.months - low.months == 1)
    return type(low) is date and (high - low).days == 1


def _only_equality(node: feel.Node) -> bool:
    match node:
        case feel.Test(operator=None | "=" | "!=", operand=operand):
            return _only_equality(operand)
        case feel.ListOf(items=items):
            return all(map(_only_equality, items))
        case feel.Comparison(operator=operator):
            return operator in ("=", "!=")
    return isinstance(node, feel.Literal | feel.Negation | feel.Call)
