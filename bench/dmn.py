"""How fast decisions are, as ratios to the same rules written in Python: `python -m bench.dmn`.

Best of several rounds each; ratios, because the machine is shared.
"""

from __future__ import annotations

import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import engine.feel.evaluate as feel
from engine.dmn import analyse, read
from tests.dmn.tables import decision, definitions, input_data, table

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = ["low", "standard", "high"]


def best(call: Callable[[], Any], turns: int, rounds: int = 7) -> float:
    """Seconds of one call, the best round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(turns):
            call()
        times.append((time.perf_counter() - start) / turns)
    return min(times)


def ten_rules(policy: str, plain: bool = True) -> bytes:
    """Ten rules over income, household size and a level; not plain: the same with cells that need FEEL."""
    rules = [
        ([f"[{100 * n}..{100 * (n + 1)})", f">= {1 + n % 3}", f'"{LEVELS[n % 3]}"'], [str(10 * n)])
        for n in range(9)
    ]
    rules.append(([">= 900", "-", "-"], ["90"]))
    if not plain:
        rules = [
            (
                [f"? >= {100 * n} and ? < {100 * (n + 1)}", f"? >= {n % 3} + 1", f'? = "{LEVELS[n % 3]}"'],
                [str(10 * n)],
            )
            for n in range(9)
        ] + rules[9:]
    inputs = [("income", "number"), ("persons", "number"), ("level", "string")]
    logic = table(inputs, ["amount"], rules, policy=policy)
    data = [input_data(name, kind) for name, kind in inputs]
    return definitions(*data, decision("amount", logic, inputs=["income", "persons", "level"]))


def lambdas() -> list[tuple[Callable[..., bool], Decimal]]:
    """The ten rules as lambdas over the same context."""
    made: list[tuple[Callable[..., bool], Decimal]] = []
    for n in range(9):
        low, high, persons, level = (
            Decimal(100 * n),
            Decimal(100 * (n + 1)),
            Decimal(1 + n % 3),
            LEVELS[n % 3],
        )
        made.append(
            (
                lambda c, low=low, high=high, persons=persons, level=level: (
                    low <= c["income"] < high and c["persons"] >= persons and c["level"] == level
                ),
                Decimal(10 * n),
            )
        )
    made.append((lambda c, low=Decimal(900): c["income"] >= low, Decimal(90)))
    return made


def hundred_rules(inputs: int) -> bytes:
    """A hundred rules over several inputs."""
    columns = [(f"x{n}", "number" if n % 2 == 0 else "string") for n in range(inputs)]
    rules = []
    for rule in range(100):
        cells = [
            f"[{rule * 10}..{rule * 10 + 10})"
            if n == 0
            else f"> {rule % 7}"
            if n % 2 == 0
            else f'"a{(rule + n) % 5}", "b{n}"'
            for n in range(inputs)
        ]
        rules.append((cells, [f"x0 * {rule}", f'"out {rule}"']))
    logic = table(columns, ["sum", "word"], rules)
    data = [input_data(name, kind) for name, kind in columns]
    return definitions(*data, decision("big", logic, inputs=[name for name, _ in columns]))


def main() -> None:
    """Print the figures."""
    context = {"income": Decimal(350), "persons": Decimal(2), "level": "low"}
    rules = lambdas()

    def plain_all() -> Decimal | None:
        hits = [value for rule, value in rules if rule(context)]
        return hits[0] if hits else None

    def plain_first() -> Decimal | None:
        return next((value for rule, value in rules if rule(context)), None)

    for policy, plain, quick in (
        ("UNIQUE", plain_all, True),
        ("FIRST", plain_first, True),
        ("UNIQUE", plain_all, False),
    ):
        model = read(ten_rules(policy, quick))
        assert model.decide("amount", context).value == plain(), policy
        ours, theirs = best(lambda model=model: model.decide("amount", context), 2000), best(plain, 20000)
        traced = best(lambda model=model: model.decide("amount", context, trace=True), 2000)
        print(
            f"10 rules x 3 inputs, {policy:<7}{' ' if quick else ' FEEL cells'} {ours * 1e6:7.1f} us   python {theirs * 1e6:6.2f} us   "
            f"ratio {ours / theirs:5.1f} (target < 60)   with trace {traced * 1e6:6.1f} us"
        )

    def cold(xml: bytes) -> None:
        feel._expression.cache_clear()  # noqa: SLF001 - a cold start is what is measured
        feel._unary.cache_clear()  # noqa: SLF001
        read(xml)

    for inputs in (3, 6):
        xml = hundred_rules(inputs)
        seconds = best(lambda xml=xml: cold(xml), 1, 5)
        print(f"read + compile 100 rules x {inputs} inputs, cold: {seconds * 1e3:6.1f} ms (target < 100)")
        model = read(xml)
        seconds = best(lambda model=model: analyse(model), 1, 3)
        print(f"analyse        100 rules x {inputs} inputs:       {seconds * 1e3:6.1f} ms")


if __name__ == "__main__":
    main()
