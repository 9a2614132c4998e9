"""Closures for arithmetic, comparison, logic, lists, contexts and ranges; numbers take a fast path."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.compile import Code, Compiler, compiles
from engine.feel.numbers import CONTEXT
from engine.feel.operators import arithmetic, between, holds, make_range, negative
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Comparison,
    Context,
    Function,
    Interval,
    ListOf,
    Literal,
    Logic,
    Name,
    Negation,
)
from engine.feel.values import kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.feel.budget import Run

_FAST: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@compiles(Negation)
def negation(compiler: Compiler, node: Negation) -> Code:
    """`-operand`."""
    operand, position = compiler.compile(node.operand), node.position

    def run_it(scope: Any, run: Run) -> Any:
        value = operand(scope, run)
        run.place = position
        return negative(value, run)

    return run_it


@compiles(Arithmetic)
def chain(compiler: Compiler, node: Arithmetic) -> Code:
    """A chain of operators, from the left."""
    first, position = compiler.compile(node.first), node.position
    steps = tuple(zip(node.operators, (compiler.compile(r) for r in node.rest), strict=True))
    if len(steps) == 1 and steps[0][0] in ("+", "-", "*"):
        return _pair(steps[0][0], first, steps[0][1], position)

    def run_it(scope: Any, run: Run) -> Any:
        value = first(scope, run)
        for sign, code in steps:
            other = code(scope, run)
            run.place = position
            value = arithmetic(sign, value, other, run)
        return value

    return run_it


def _pair(sign: str, left: Code, right: Code, position: int) -> Code:
    fast = _FAST[sign]

    def run_it(scope: Any, run: Run) -> Any:
        one, other = left(scope, run), right(scope, run)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return fast(one, other)
            except ArithmeticError:
                pass
        run.place = position
        return arithmetic(sign, one, other, run)

    return run_it


@compiles(Comparison)
def comparison(compiler: Compiler, node: Comparison) -> Code:
    """One of the six comparisons; two numbers or two texts are compared by Python itself, exactly."""
    sign, position, fast = node.operator, node.position, _FAST[node.operator]
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    if isinstance(node.right, Literal) and type(node.right.value) in (Decimal, str):
        slow = _against(sign, fast, left, node.right.value, position)
        if isinstance(node.left, Name) and not compiler.scopes:
            return _variable_against(node.left.name, fast, node.right.value, slow)
        return slow

    def run_it(scope: Any, run: Run) -> Any:
        one, other = left(scope, run), right(scope, run)
        cls = type(one)
        if cls is type(other) and (cls is Decimal or cls is str):
            return fast(one, other)
        run.place = position
        return holds(sign, one, other, run)

    return run_it


def _against(sign: str, fast: Callable[[Any, Any], Any], left: Code, constant: Any, position: int) -> Code:
    cls = type(constant)

    def run_it(scope: Any, run: Run) -> Any:
        value = left(scope, run)
        if type(value) is cls:
            return fast(value, constant)
        run.place = position
        return holds(sign, value, constant, run)

    return run_it


def _variable_against(name: str, fast: Callable[[Any, Any], Any], constant: Any, slow: Code) -> Code:
    """A variable of the outermost scope against a constant; a Python int compares exactly with a Decimal as it is."""
    cls = type(constant)
    other = int if cls is Decimal else cls

    def run_it(scope: Any, run: Run) -> Any:
        try:
            value = scope[0][name]
        except KeyError:
            return slow(scope, run)
        found = type(value)
        return fast(value, constant) if found is cls or found is other else slow(scope, run)

    return run_it


@compiles(Between)
def within(compiler: Compiler, node: Between) -> Code:
    """`value between low and high`."""
    value, low, high = compiler.compile(node.value), compiler.compile(node.low), compiler.compile(node.high)
    position = node.position

    def run_it(scope: Any, run: Run) -> Any:
        found, least, most = value(scope, run), low(scope, run), high(scope, run)
        run.place = position
        return between(found, least, most, run)

    return run_it


@compiles(Logic)
def logic(compiler: Compiler, node: Logic) -> Code:
    """Three-valued `and` and `or` of any number of conditions, left to right."""
    items = tuple(compiler.compile(item) for item in node.items)
    decisive = node.operator == "or"
    position = node.position
    if len(items) == 2:
        return _two(items[0], items[1], decisive, position)

    def run_it(scope: Any, run: Run) -> Any:
        result: bool | None = not decisive
        for item in items:
            value = item(scope, run)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                _unsure(value, position, run)
                result = None
        return result

    return run_it


def _two(left: Code, right: Code, decisive: bool, position: int) -> Code:
    other = not decisive

    def run_it(scope: Any, run: Run) -> Any:
        one = left(scope, run)
        if one is decisive:
            return decisive
        two = right(scope, run)
        if two is decisive:
            return decisive
        if one is other and two is other:
            return other
        _unsure(two if one is other else one, position, run)
        return None

    return run_it


def _unsure(value: Any, position: int, run: Run) -> None:
    if value is not None:
        run.place = position
        run.warn("not-a-condition", type=kind(value))


@compiles(ListOf)
def list_of(compiler: Compiler, node: ListOf) -> Code:
    """`[a, b, c]`."""
    items = tuple(compiler.compile(item) for item in node.items)
    count = len(items)

    def run_it(scope: Any, run: Run) -> Any:
        run.grow(count)
        return [item(scope, run) for item in items]

    return run_it


@compiles(Context)
def context(compiler: Compiler, node: Context) -> Code:
    """`{key: value}`: each entry sees the ones before it, and a function also itself."""
    known: set[str] = set()
    compiler.scopes.append(known)
    entries: list[tuple[str, Code]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(value, Function):
            known.add(key)
        entries.append((key, compiler.compile(value)))
        known.add(key)
    compiler.scopes.pop()

    def run_it(scope: Any, run: Run) -> Any:
        run.grow(len(entries))
        made: dict[str, Any] = {}
        inner = (made, scope)
        for key, code in entries:
            made[key] = code(inner, run)
        return made

    return run_it


@compiles(Interval)
def interval(compiler: Compiler, node: Interval) -> Code:
    """A range with evaluated bounds."""
    low, high = compiler.compile(node.low), compiler.compile(node.high)
    included, sign, position = (node.low_included, node.high_included), node.operator, node.position

    def run_it(scope: Any, run: Run) -> Any:
        one, other = low(scope, run), high(scope, run)
        run.place = position
        return make_range(one, other, included, sign, run)

    return run_it
