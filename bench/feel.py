"""How much slower a compiled FEEL condition is than the same condition as a Python lambda, in one run.

Run: python -m bench.feel
"""

from __future__ import annotations

import timeit
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel import compile_expression
from engine.feel.evaluate import _expression

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT: dict[str, Any] = {
    "amount": Decimal("605.00"),
    "limit": Decimal(500),
    "department": "civil affairs",
    "count": 3,
    "applicant": {"age": Decimal(66), "area": "140702001001"},
    "rows": [{"paid": Decimal(n)} for n in range(100)],
}
CASES: dict[str, Callable[[dict[str, Any]], Any]] = {
    'amount > 500 and department = "civil affairs"': lambda c: (
        c["amount"] > 500 and c["department"] == "civil affairs"
    ),
    'amount > limit and department = "civil affairs"': lambda c: (
        c["amount"] > c["limit"] and c["department"] == "civil affairs"
    ),
    "amount * 2 + 1 > limit": lambda c: c["amount"] * 2 + 1 > c["limit"],
    'applicant.age >= 60 and starts with(applicant.area, "1407")': lambda c: (
        c["applicant"]["age"] >= 60 and c["applicant"]["area"].startswith("1407")
    ),
    "count > 2": lambda c: c["count"] > 2,
    "sum(rows.paid) > 100": lambda c: sum(r["paid"] for r in c["rows"]) > 100,
}


def best(call: Callable[[], Any], number: int) -> float:
    """Seconds for one call, the best of several rounds."""
    return min(timeit.repeat(call, number=number, repeat=7)) / number


def ratios() -> list[tuple[str, float, float]]:
    """(text, microseconds of FEEL, times the lambda) for each case."""
    found = []
    for text, plain in CASES.items():
        expression = compile_expression(text, CONTEXT.keys())
        assert expression.evaluate(CONTEXT) == plain(CONTEXT)
        number = 2_000 if "rows" in text else 50_000
        ours = best(lambda e=expression: e.evaluate(CONTEXT), number)  # type: ignore[misc]
        theirs = best(lambda p=plain: p(CONTEXT), number)  # type: ignore[misc]
        found.append((text, ours * 1e6, ours / theirs))
    return found


def main() -> None:
    """Print the ratios."""
    for text, micros, ratio in ratios():
        print(f"{ratio:6.1f}x  {micros:8.2f} us  {text}")
    cold = best(_cold, 200)
    print(f"parse and compile: {cold * 1e6:.0f} us")


def _cold() -> None:
    _expression.__wrapped__('amount > 500 and department = "civil affairs"', frozenset(["amount"]))


if __name__ == "__main__":
    main()
