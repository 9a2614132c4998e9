"""A small expression reader of the oracle's own: just the FEEL that the generator writes.

It shares nothing with engine.feel. Three-valued logic, exact numbers, null from comparing null by order.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WORD = re.compile(r'\s*(?:(\d+(?:\.\d+)?)|"([^"]*)"|([A-Za-z_]\w*)|(<=|>=|!=|[-+*=<>(){}\[\],:]))')
Look = "Callable[[str], Any]"


def same(a: Any, b: Any) -> bool | None:
    """Equality as DMN has it: null equals null only; different types give null."""
    if a is None or b is None:
        return a is None and b is None
    if type(a) is not type(b):
        return None
    return a == b


def order(a: Any, b: Any, sign: str) -> bool | None:
    """Comparison of two numbers or two texts; anything else gives null."""
    for kind in (Decimal, str):
        if isinstance(a, kind) and isinstance(b, kind):
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]
    return None


class Reader:
    """Recursive descent to closures over a look-up function for names."""

    def __init__(self, text: str) -> None:
        self.words = [m.groups() for m in WORD.finditer(text)]
        self.at = 0
        self.text = text

    def peek(self, *signs: str) -> str | None:
        if self.at < len(self.words):
            word = self.words[self.at][3] or self.words[self.at][2]
            if word in signs:
                return word
        return None

    def take(self, *signs: str) -> str | None:
        found = self.peek(*signs)
        if found:
            self.at += 1
        return found

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise SyntaxError(f"{sign} expected in {self.text!r}")

    def either(self) -> Callable:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        if len(parts) == 1:
            return parts[0]

        def value(look: Any) -> bool | None:
            values = [p(look) for p in parts]
            return True if True in values else (None if any(v is not False for v in values) else False)

        return value

    def both(self) -> Callable:
        parts = [self.compared()]
        while self.take("and"):
            parts.append(self.compared())
        if len(parts) == 1:
            return parts[0]

        def value(look: Any) -> bool | None:
            values = [p(look) for p in parts]
            return False if False in values else (None if any(v is not True for v in values) else True)

        return value

    def compared(self) -> Callable:
        left = self.summed()
        sign = self.take("=", "!=", "<", "<=", ">", ">=")
        if not sign:
            return left
        right = self.summed()
        if sign == "=":
            return lambda look: same(left(look), right(look))
        if sign == "!=":
            return lambda look: None if (r := same(left(look), right(look))) is None else not r
        return lambda look: order(left(look), right(look), sign)

    def summed(self) -> Callable:
        left = self.atom()
        while sign := self.take("+", "-", "*"):
            left = self.arithmetic(left, self.atom(), sign)
        return left

    @staticmethod
    def arithmetic(left: Callable, right: Callable, sign: str) -> Callable:
        def value(look: Any) -> Decimal | str | None:
            a, b = left(look), right(look)
            if isinstance(a, str) and isinstance(b, str) and sign == "+":
                return a + b
            if not isinstance(a, Decimal) or not isinstance(b, Decimal):
                return None
            return {"+": a + b, "-": a - b, "*": a * b}[sign]

        return value

    def atom(self) -> Callable:
        if self.at >= len(self.words):
            raise SyntaxError(f"text ends in {self.text!r}")
        number, text, name, _ = self.words[self.at]
        if number is not None:
            self.at += 1
            exact = Decimal(number)
            return lambda look: exact
        if text is not None:
            self.at += 1
            return lambda look: text
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        if self.take("["):
            return self.listed()
        if self.take("{"):
            return self.context()
        self.at += 1
        if name in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[name]
            return lambda look: constant
        if name is None:
            raise SyntaxError(f"value expected in {self.text!r}")
        return lambda look: look(name)

    def listed(self) -> Callable:
        parts: list[Callable] = []
        while not self.take("]"):
            parts.append(self.either())
            self.take(",")
        return lambda look: [p(look) for p in parts]

    def context(self) -> Callable:
        parts: list[tuple[str, Callable]] = []
        while not self.take("}"):
            name = self.words[self.at][2]
            self.at += 1
            self.need(":")
            parts.append((name, self.either()))
            self.take(",")

        def value(look: Any) -> dict[str, Any]:
            made: dict[str, Any] = {}
            for key, part in parts:
                made[key] = part(lambda n: made[n] if n in made else look(n))
            return made

        return value


@lru_cache(4096)
def read(text: str) -> Callable[[Any], Any]:
    """A function of a name look-up; a leading '=' (the FEEL mark of attributes) is dropped."""
    reader = Reader(text.strip().removeprefix("="))
    made = reader.either()
    if reader.at != len(reader.words):
        raise SyntaxError(f"rest not read in {text!r}")
    return made


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of `text` over a mapping; unknown names are null."""
    return read(text)(names.get)
