"""Random FEEL texts, whole and damaged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

THOROUGH = os.environ.get("BANJIAN_THOROUGH") == "1"
SEED = int(os.environ.get("BANJIAN_SEED", "20261124"))
FUZZ_COUNT = 10_000 if THOROUGH else 1_500

_ATOMS = (
    "1", "0", "-2.50", "1e3", "1e-400", "9999999999999999999999999999999999", '"x"', '"a\\nb"', "true", "false", "null", "a",
    "b c", "金额", "items", "d", "missing", "item", "?", "partial", '@"2026-02-28"', '@"P1D"', '@"P1Y"', '@"bad"',
    '@"2026-01-01T10:00:00@Asia/Shanghai"', '@"10:00:00"', "[]", "{}", "abs", "now()", "today()", '"(a+)+$"',
)  # fmt: skip
_BINARY = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in", ".", "..")
_CALLS = (
    "abs", "sum", "count", "string", "number", "date", "time", "date and time", "duration", "substring", "replace", "split",
    "sort", "flatten", "min", "max", "mean", "floor", "decimal", "round up", "list contains", "sublist", "append", "union",
    "context put", "get entries", "before", "includes", "modulo", "matches", "not", "is", "median", "mode", "log",
    "week of year", "years and months duration", "string join", "insert before", "list replace", "range", "context merge",
    "add working days", "chinese amount", "age on", "id number valid", "months after", "stddev", "odd", "exp",
)  # fmt: skip
_PIECES = (
    *"()[]{},:.<>=+-*/\"'@?|\\ \n\t",
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "..",
    "**",
    "，",
    "（",
    "\x00",
    "💰",
)


def random_expression(dice: random.Random, depth: int = 0) -> str:
    """A text that is mostly valid FEEL."""
    if depth > 4 or dice.random() < 0.25:
        return dice.choice(_ATOMS)

    def sub() -> str:
        return random_expression(dice, depth + 1)

    shapes = (
        lambda: f"{sub()} {dice.choice(_BINARY)} {sub()}",
        lambda: f"({sub()})",
        lambda: f"-{sub()}",
        lambda: f"if {sub()} then {sub()} else {sub()}",
        lambda: f"for i in {sub()} return {sub()}",
        lambda: f"for i in 1..{dice.choice(['3', '10', 'a', sub()])}, j in {sub()} return {sub()}",
        lambda: f"{dice.choice(['some', 'every'])} x in {sub()} satisfies {sub()}",
        lambda: f"[{', '.join(sub() for _ in range(dice.randrange(4)))}]",
        lambda: f'{{a: {sub()}, b c: {sub()}, "k": {sub()}}}',
        lambda: f"{sub()}[{sub()}]",
        lambda: f"{sub()}.{dice.choice(['a', 'b c', 'year', 'start', 'time offset', 'days'])}",
        lambda: f"{dice.choice('[(]')}{sub()}..{sub()}{dice.choice('])[')}",
        lambda: f"({dice.choice(['<', '<=', '>', '>=', '=', '!='])} {sub()})",
        lambda: f"{dice.choice(_CALLS)}({', '.join(sub() for _ in range(dice.randrange(4)))})",
        lambda: f"{dice.choice(_CALLS)}(n: {sub()}, list: {sub()})",
        lambda: f"(function(a, b c) {sub()})({sub()}, {sub()})",
        lambda: (
            f"{sub()} instance of {dice.choice(['number', 'list<string>', 'context<a: Any>', 'function<number> -> Any'])}"
        ),
        lambda: f"{sub()} between {sub()} and {sub()}",
        lambda: f"{sub()} in ({sub()}, < {sub()}, [{sub()}..{sub()}])",
    )
    return dice.choice(shapes)()


def mutated(text: str, dice: random.Random) -> str:
    """The text with a few pieces dropped, doubled, moved or put in."""
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(text) + 1)
        to = min(len(text), at + dice.randrange(6))
        match dice.randrange(4):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:at] + dice.choice(_PIECES) + text[at:]
            case 2:
                text = text[:at] + text[at:to] * 2 + text[to:]
            case _:
                text = text[at:] + text[:at]
    return text
