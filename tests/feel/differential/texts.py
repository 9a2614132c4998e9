"""Texts of the subset that both engines claim to speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "10",
    "100",
    "0.5",
    "0.25",
    "1.5",
    "12.75",
    "-1",
    "-4.5",
    "a",
    "b",
    "count(xs)",
    "c.k",
)
_TEXTS = ('"a"', '"abc"', '"Beijing"', '""', '"x y z"', "s", "t", '"2026-02-28"', "c.m.z", '"foobar"')
_DATES = ('date("2026-02-28")', 'date("2024-02-29")', 'date("2026-12-31")', "date(2026, 9, 24)")
_SPANS = ('duration("P1D")', 'duration("PT36H")', 'duration("-P2D")')
_MONTHS = ('duration("P1M")', 'duration("P1Y2M")', 'duration("-P13M")')
_SIGNS = ("=", "!=", "<", "<=", ">", ">=")


def text(dice: random.Random) -> str:
    """A random text of a random type."""
    return dice.choice((number, boolean, string, listed, day, anything))(dice, 0)


def anything(dice: random.Random, depth: int) -> str:
    """A text that mixes types: nulls, wrong types, missing names."""
    sub = [dice.choice((number, boolean, string, listed, day, null))(dice, depth + 1) for _ in range(2)]
    return dice.choice(
        (f"{sub[0]} + {sub[1]}", f"{sub[0]} = {sub[1]}", f"{sub[0]} < {sub[1]}", f"[{sub[0]}, {sub[1]}]")
    )


def null(dice: random.Random, depth: int) -> str:
    """A null."""
    del depth
    return dice.choice(("null", "n", "c.missing"))


def number(dice: random.Random, depth: int) -> str:
    """A number."""
    if depth > 2 or dice.random() < 0.3:
        return dice.choice(_NUMBERS)

    def sub() -> str:
        return number(dice, depth + 1)

    return dice.choice(
        (
            lambda: f"({sub()} {dice.choice('+-*')} {sub()})",
            lambda: f"-{dice.choice(_NUMBERS)}",
            lambda: f"{dice.choice(_NUMBERS)} / {dice.choice(('2', '4', '8', '0'))}",
            lambda: f"{dice.choice(('2', '3', '-2', '0.5'))} ** {dice.choice(('2', '3', '0'))}",
            lambda: f"{dice.choice(('abs', 'floor', 'ceiling'))}({sub()})",
            lambda: (
                f"{dice.choice(('decimal', 'round up', 'round down', 'round half up', 'round half down'))}({sub()}, {dice.choice('012')})"
            ),
            lambda: f"modulo({sub()}, {dice.choice(('3', '-3', '2.5', '0'))})",
            lambda: (
                f"{dice.choice(('sum', 'min', 'max', 'count', 'mean', 'median', 'product'))}([{sub()}, {sub()}, {sub()}])"
            ),
            lambda: f"{dice.choice(('sum', 'min', 'max', 'count', 'mean'))}({listed(dice, depth + 1)})",
            lambda: f"if {boolean(dice, depth + 1)} then {sub()} else {sub()}",
            lambda: f"string length({string(dice, depth + 1)})",
            lambda: f"({day(dice, 3)}).{dice.choice(('year', 'month', 'day', 'weekday'))}",
            lambda: f"xs[{dice.choice(('1', '-1', '4', '5', 'a', '0'))}]",
        )
    )()


def boolean(dice: random.Random, depth: int) -> str:
    """A boolean or null."""
    if depth > 2 or dice.random() < 0.2:
        return dice.choice(("true", "false", "yes", "no", "null"))

    def sub() -> str:
        return boolean(dice, depth + 1)

    n = depth + 1
    return dice.choice(
        (
            lambda: f"({sub()} {dice.choice(('and', 'or'))} {sub()})",
            lambda: f"not({sub()})",
            lambda: f"{number(dice, n)} {dice.choice(_SIGNS)} {number(dice, n)}",
            lambda: f"{string(dice, n)} {dice.choice(_SIGNS)} {string(dice, n)}",
            lambda: f"{day(dice, n)} {dice.choice(_SIGNS)} {day(dice, n)}",
            lambda: f"{number(dice, n)} between {number(dice, n)} and {number(dice, n)}",
            lambda: (
                f"{number(dice, n)} in {dice.choice('[(]')}{dice.choice(('1', '2'))}..{dice.choice(('3', '9'))}{dice.choice('])[')}"
            ),
            lambda: f"{number(dice, n)} in ({number(dice, n)}, > {number(dice, n)})",
            lambda: (
                f"{dice.choice(('contains', 'starts with', 'ends with'))}({string(dice, n)}, {string(dice, n)})"
            ),
            lambda: f"list contains({listed(dice, n)}, {number(dice, n)})",
            lambda: (
                f"{dice.choice(('some', 'every'))} i in {listed(dice, n)} satisfies i > {number(dice, n)}"
            ),
            lambda: f"{number(dice, n)} instance of {dice.choice(('number', 'string', 'boolean'))}",
            lambda: f"{dice.choice(('all', 'any'))}([{sub()}, {sub()}])",
            lambda: f"{dice.choice(('before', 'after'))}({number(dice, n)}, [1..5])",
        )
    )()


def string(dice: random.Random, depth: int) -> str:
    """A text."""
    if depth > 2 or dice.random() < 0.35:
        return dice.choice(_TEXTS)

    def sub() -> str:
        return string(dice, depth + 1)

    return dice.choice(
        (
            lambda: f"{sub()} + {sub()}",
            lambda: f"{dice.choice(('upper case', 'lower case'))}({sub()})",
            lambda: f"substring({sub()}, {dice.choice(('1', '2', '-1', '-2'))})",
            lambda: f"substring({sub()}, {dice.choice(('1', '2', '-3'))}, {dice.choice(('1', '2', '9'))})",
            lambda: f"{dice.choice(('substring before', 'substring after'))}({sub()}, {dice.choice(_TEXTS)})",
            lambda: f"string({number(dice, depth + 1)})",
            lambda: f"string({dice.choice(_DATES)})",
            lambda: f'replace({sub()}, "[aeiou]", "-")',
            lambda: f'string join(["a", {sub()}], ", ")',
        )
    )()


def listed(dice: random.Random, depth: int) -> str:
    """A list of numbers."""
    if depth > 2 or dice.random() < 0.3:
        return dice.choice(("xs", "[]", "[1]", "[3, 1, 2]", "rows.k", "[2, 2, 1]"))
    n = depth + 1
    return dice.choice(
        (
            lambda: f"[{number(dice, n)}, {number(dice, n)}]",
            lambda: f"{listed(dice, n)}[item > {number(dice, n)}]",
            lambda: f"rows[k >= {number(dice, n)}].k",
            lambda: f"for i in {listed(dice, n)} return i * {dice.choice(_NUMBERS)}",
            lambda: f"for i in 1..{dice.choice(('3', '1', '0', '-2'))} return i",
            lambda: f"append({listed(dice, n)}, {number(dice, n)})",
            lambda: f"concatenate({listed(dice, n)}, {listed(dice, n)})",
            lambda: f"{dice.choice(('reverse', 'distinct values', 'flatten'))}({listed(dice, n)})",
            lambda: f"union({listed(dice, n)}, {listed(dice, n)})",
            lambda: f"sublist({listed(dice, n)}, {dice.choice(('1', '2', '-1'))})",
            lambda: f"index of({listed(dice, n)}, {dice.choice(_NUMBERS)})",
            lambda: f"sort({listed(dice, n)}, function(x, y) x < y)",
            lambda: f"remove({listed(dice, n)}, 1)",
            lambda: f"insert before({listed(dice, n)}, 1, {number(dice, n)})",
        )
    )()


def day(dice: random.Random, depth: int) -> str:
    """A date."""
    if depth > 2 or dice.random() < 0.4:
        return dice.choice(_DATES)
    return dice.choice(
        (
            lambda: f"({day(dice, depth + 1)} + {dice.choice(_SPANS + _MONTHS)})",
            lambda: f"({day(dice, depth + 1)} - {dice.choice(_SPANS + _MONTHS)})",
            lambda: f"date(string({dice.choice(_DATES)}))",
        )
    )()
