"""The constants a cell compares with; a cell made of anything else is beyond analysis."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel import FeelError, World, compile_expression
from engine.feel import syntax as feel
from engine.feel.values import YearsMonths, kind

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKERS = frozenset({"date", "time", "date and time", "duration"})
NOWHERE = World()


class Unknown(Exception):
    """A cell that is not a set of constants: only an evaluation can tell what it holds for."""


def constant(node: feel.Node) -> Any:
    """Return the value of a constant; raises Unknown for anything else."""
    match node:
        case feel.Literal(value=value):
            return value
        case feel.Negation(operand=operand):
            value = constant(operand)
            if kind(value) not in ("number", "days and time duration", "years and months duration"):
                raise Unknown
            return YearsMonths(-value.months) if isinstance(value, YearsMonths) else -value
        case feel.Call(function=feel.Name(name=name), arguments=arguments, names=None) if name in MAKERS:
            texts = [constant(argument) for argument in arguments]
            written = ", ".join(f'"{text}"' if isinstance(text, str) else str(text) for text in texts)
            try:
                value = compile_expression(f"{name}({written})").evaluate({}, NOWHERE)
            except FeelError:
                raise Unknown from None
            if value is not None:
                return value
    raise Unknown


def constants(node: feel.Node) -> Iterator[Any]:
    """Return the constants a cell compares with; raises Unknown where it does anything but compare."""
    match node:
        case feel.Tests(tests=tests):
            for test in tests:
                yield from constants(test)
        case feel.Test(operand=operand):
            yield from constants(operand)
        case feel.Interval(low=low, high=high):
            yield from (value for value in (constant(low), constant(high)) if value is not None)
        case feel.ListOf(items=items):
            for item in items:
                yield from constants(item)
        case feel.Comparison(left=left, right=right) if is_input(left) or is_input(right):
            yield constant(right if is_input(left) else left)
        case feel.Between(value=value, low=low, high=high) if is_input(value):
            yield from (constant(low), constant(high))
        case feel.In(value=value, tests=tests) if is_input(value):
            yield from constants(tests)
        case feel.Logic(items=items):
            for item in items:
                if isinstance(item, feel.Literal):
                    raise Unknown
                yield from constants(item)
        case feel.Call(function=feel.Name(name="not"), arguments=(argument,)):
            yield from constants(argument)
        case _:
            yield constant(node)


def equals(node: feel.Node) -> Iterator[Any]:
    """Return the constants that a cell lists as values of their own (not as bounds)."""
    match node:
        case feel.Tests(tests=tests):
            for test in tests:
                yield from equals(test)
        case feel.Test(operator=None | "=", operand=operand):
            yield from equals(operand)
        case feel.ListOf(items=items):
            for item in items:
                yield from equals(item)
        case feel.Literal() | feel.Negation() | feel.Call():
            yield constant(node)


def show(value: Any) -> str:
    """Return a constant as FEEL writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case datetime():
            return f'date and time("{value.isoformat()}")'
        case date():
            return f'date("{value.isoformat()}")'
        case time():
            return f'time("{value.isoformat()}")'
        case YearsMonths():
            return f'duration("{"-" if value.months < 0 else ""}P{abs(value.months)}M")'
        case timedelta():
            seconds = Decimal(value // timedelta(microseconds=1)) / 1_000_000
            return f'duration("{"-" if seconds < 0 else ""}PT{abs(seconds).normalize():f}S")'
    return str(value)


def written(value: Any) -> str:
    """Return any plain value as FEEL writes it, lists and contexts too."""
    match value:
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return "{" + ", ".join(f"{show(str(key))}: {written(item)}" for key, item in value.items()) + "}"
    return show(value)


def is_input(node: feel.Node) -> bool:
    """Tell whether a part of a cell is `?`, the value of the column."""
    return isinstance(node, feel.Name) and node.name == "?"
