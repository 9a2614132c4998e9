"""Money: random expressions against an independent computation with fractions, and many threads at once."""

from __future__ import annotations

import random
import threading
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.feel import compile_expression
from tests.feel.fuzzing import SEED, THOROUGH

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 200_000 if THOROUGH else 4_000


def rounded(value: Fraction, places: int, mode: str) -> Fraction:
    """A fraction rounded by the definition of each mode, with integers only."""
    scaled = value * Fraction(10) ** places
    low = scaled.numerator // scaled.denominator
    rest = scaled - low
    half = Fraction(1, 2)
    away = low + 1 if value > 0 else low
    toward = low if value > 0 else low + 1
    match mode:
        case "floor":
            result = low
        case "ceiling":
            result = low if rest == 0 else low + 1
        case "round up":
            result = low if rest == 0 else away
        case "round down":
            result = low if rest == 0 else toward
        case "decimal" if rest == half:
            result = low if low % 2 == 0 else low + 1
        case "round half up" if rest == half:
            result = away
        case "round half down" if rest == half:
            result = toward
        case _:
            result = low if rest < half else low + 1
    return result / Fraction(10) ** places


MODES = ("floor", "ceiling", "round up", "round down", "decimal", "round half up", "round half down")
SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Case:
    """One random expression; amounts stand in the text or come as variables."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.context: dict[str, Any] = {}

    def number(self, value: Fraction) -> str:
        """The text of a decimal fraction, or a variable that holds it."""
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        assert Fraction(exact) == value
        if self.dice.random() < 0.4:
            name = f"v{len(self.context)}"
            self.context[name] = int(exact) if value.denominator == 1 and self.dice.random() < 0.5 else exact
            return name
        text = format(exact, "f")
        return f"({text})" if value < 0 else text

    def money(self) -> Fraction:
        """An amount in yuan with two decimals."""
        most = self.dice.choice((1_000, 100_000, 10_000_000, 10**12))
        return Fraction(self.dice.randrange(-most // 10, most), 100)

    def rate(self) -> Fraction:
        """A rate with up to four decimals."""
        return Fraction(self.dice.randrange(1, 20_000), 10 ** self.dice.choice((2, 3, 4)))

    def near(self, value: Fraction) -> Fraction:
        """The value itself or one unit of its last place beside it."""
        return value + self.dice.choice((-1, 0, 0, 1)) * Fraction(1, 10**6)

    def make(self) -> tuple[str, Any]:
        """(text, expected) of a random kind."""
        kinds = (
            self.comparison,
            self.product,
            self.rounding,
            self.total,
            self.quotient,
            self.branch,
            self.text,
        )
        return self.dice.choice(kinds)()

    def comparison(self) -> tuple[str, bool]:
        a, b, c = self.money(), self.money(), self.money()
        limit, sign = self.near(a + b - c), self.dice.choice(list(SIGNS))
        text = f"{self.number(a)} + {self.number(b)} - {self.number(c)} {sign} {self.number(limit)}"
        return text, SIGNS[sign](a + b - c, limit)

    def product(self) -> tuple[str, bool]:
        a, r, b = self.money(), self.rate(), self.money()
        limit, sign = self.near(a * r + b), self.dice.choice(list(SIGNS))
        return f"{self.number(a)} * {self.number(r)} + {self.number(b)} {sign} {self.number(limit)}", SIGNS[
            sign
        ](a * r + b, limit)

    def rounding(self) -> tuple[str, Fraction]:
        mode, places = self.dice.choice(MODES), self.dice.choice((0, 1, 2, -2))
        value = self.money() * self.rate()
        if self.dice.random() < 0.5:
            value = rounded(value, places, "floor") + Fraction(1, 2) / Fraction(10) ** places
        return f"{mode}({self.number(value)}, {places})", rounded(value, places, mode)

    def total(self) -> tuple[str, bool]:
        items = [self.money() for _ in range(self.dice.randrange(2, 12))]
        limit, sign = self.near(sum(items, Fraction(0))), self.dice.choice(list(SIGNS))
        text = f"sum([{', '.join(map(self.number, items))}]) {sign} {self.number(limit)}"
        return text, SIGNS[sign](sum(items, Fraction(0)), limit)

    def quotient(self) -> tuple[str, Fraction]:
        a, n, mode = self.money(), Fraction(self.dice.randrange(1, 400)), self.dice.choice(MODES)
        return f"{mode}({self.number(a)} / {self.number(n)}, 2)", rounded(a / n, 2, mode)

    def branch(self) -> tuple[str, Fraction]:
        a, r = self.money(), self.rate()
        b = self.near(a * r)
        text = (
            f"if {self.number(a)} * {self.number(r)} > {self.number(b)} then max({self.number(a)}, 0) "
            f"else min([{self.number(a)}, {self.number(r)}])"
        )
        return text, max(a, Fraction(0)) if a * r > b else min(a, r)

    def text(self) -> tuple[str, str]:
        a, r = self.money(), self.rate()
        exact = a * r
        plain = format(Decimal(exact.numerator) / Decimal(exact.denominator), "f")
        if "." in plain:
            plain = plain.rstrip("0").rstrip(".")
        return f"string({self.number(a)} * {self.number(r)})", plain


def test_money_is_exact() -> None:
    dice = random.Random(SEED)
    wrong = []
    for _ in range(COUNT):
        case = Case(dice)
        text, expected = case.make()
        found = compile_expression(text).evaluate(case.context)
        if (Fraction(found) if isinstance(expected, Fraction) and found is not None else found) != expected:
            wrong.append((text, case.context, expected, found))
    print(f"seed {SEED}: {COUNT} expressions, {len(wrong)} wrong")
    assert not wrong, wrong[:3]


def test_contexts_with_more_digits_compare_exactly() -> None:
    big = Decimal("12345678901234567890123456789012345678.01")
    less = Decimal("12345678901234567890123456789012345678.00")
    assert compile_expression("a > b and b < a and a != b").evaluate({"a": big, "b": less}) is True
    assert compile_expression("a = b").evaluate({"a": big, "b": Decimal(str(big))}) is True
    assert compile_expression("9007199254740993 = 9007199254740992").evaluate({}) is False
    assert compile_expression("12345678901234567890 + 1").evaluate({}) == Decimal(12345678901234567891)


def test_four_threads_agree() -> None:
    expression = compile_expression(
        "if amount > 500 then sum(for p in parts return round half up(p * rate, 2)) else {f: function(n) if n <= 1 then 1 "
        "else n * f(n - 1)}.f(count)"
    )
    each = 25_000 if THOROUGH else 2_500
    wrong: list[Any] = []

    def work(number: int) -> None:
        dice = random.Random(SEED + number)
        for _ in range(each):
            amount, parts = dice.randrange(1000), [Decimal(dice.randrange(10_000)) / 100 for _ in range(4)]
            rate = Fraction(dice.randrange(1, 200), 100)
            count = dice.randrange(1, 12)
            found = expression.evaluate(
                {
                    "amount": amount,
                    "parts": parts,
                    "rate": Decimal(rate.numerator) / rate.denominator,
                    "count": count,
                }
            )
            wanted: Any = Fraction(1)
            if amount > 500:
                wanted = sum((rounded(Fraction(p) * rate, 2, "round half up") for p in parts), Fraction(0))
            else:
                for n in range(2, count + 1):
                    wanted *= n
            if Fraction(found) != wanted:
                wrong.append((amount, parts, rate, count, found))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
