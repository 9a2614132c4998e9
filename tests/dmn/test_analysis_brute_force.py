"""Gap, overlap and dead-rule analysis against counting through all values of 500 random small tables.

The reference knows nothing of FEEL or segments: it keeps the cells as Python data, tries every combination of one value
per distinguishable stretch, and is told apart from the analysis by construction. Where-texts of gaps are read back as
FEEL cells and must hold for exactly the combinations that no rule covers.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DmnError, analyse, read
from engine.feel import World, compile_unary
from tests.dmn.tables import decision, definitions, input_data, table

SEED = 20260803
TABLES = 500
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(6)]
COLOURS = ["red", "green", "blue"]


@dataclass(frozen=True)
class Cell:
    """A cell as text, and as the list of the alternatives (low, high, low included, high included) it allows."""

    text: str
    spans: tuple[tuple[Any, Any, bool, bool], ...] | None
    negated: bool = False

    def holds(self, value: Any) -> bool:
        if self.spans is None:
            return True
        inside = any(
            (low is None or low < value or (low == value and low_in))
            and (high is None or value < high or (high == value and high_in))
            for low, high, low_in, high_in in self.spans
        )
        return inside != self.negated


class Column:
    def __init__(self, chance: random.Random, number: int) -> None:
        self.chance = chance
        self.name = f"x{number}"
        self.kind = chance.choice(["number", "number", "date", "string", "enum", "boolean"])
        self.allowed = '"red", "green", "blue"' if self.kind == "enum" else ""
        match self.kind:
            case "number":
                self.constants: list[Any] = [Decimal(n) for n in range(4)]
                # one value below, between and above all constants
                self.values: list[Any] = [Decimal(n) / 2 for n in range(-1, 8)]
            case "date":
                self.constants = DAYS[1:5]
                self.values = DAYS
            case "string" | "enum":
                self.constants = COLOURS
                self.values = COLOURS if self.kind == "enum" else [*COLOURS, "aaa", "violet", "hue", "c"]
            case _:
                self.constants = [True, False]
                self.values = [True, False]

    def write(self, value: Any) -> str:
        match value:
            case bool():
                return str(value).lower()
            case date():
                return f'date("{value}")'
            case str():
                return f'"{value}"'
        return str(value)

    def cell(self) -> Cell:
        if self.chance.random() < 0.3:
            return Cell("-", None)
        if self.kind in ("number", "date") and self.chance.random() < 0.75:
            return self._ordered()
        chosen = self.chance.sample(self.constants, self.chance.choice([1, 1, 2]))
        spans = tuple((value, value, True, True) for value in chosen)
        listed = ", ".join(map(self.write, chosen))
        if self.chance.random() < 0.2:
            return Cell(f"not({listed})", spans, negated=True)
        return Cell(listed, spans)

    def _ordered(self) -> Cell:
        low, high = sorted(self.chance.sample(self.constants, 2))
        one, other = self.write(low), self.write(high)
        return self.chance.choice(
            [
                Cell(f"< {one}", ((None, low, False, False),)),
                Cell(f"<= {one}", ((None, low, False, True),)),
                Cell(f"> {one}", ((low, None, False, False),)),
                Cell(f">= {one}", ((low, None, True, False),)),
                Cell(f"[{one}..{other}]", ((low, high, True, True),)),
                Cell(f"[{one}..{other})", ((low, high, True, False),)),
                Cell(f"({one}..{other}]", ((low, high, False, True),)),
                Cell(f"< {one}, > {other}", ((None, low, False, False), (high, None, False, False))),
                Cell(f"? > {one} and ? <= {other}", ((low, high, False, True),)),
            ]
        )


@dataclass(frozen=True)
class Case:
    columns: list[Column]
    rules: list[list[Cell]]
    outputs: list[str]
    policy: str

    def xml(self) -> bytes:
        inputs = [
            (one.name, "string" if one.kind == "enum" else one.kind, one.allowed) for one in self.columns
        ]
        output = '<output name="out"><outputValues><text>"A", "B", "C"</text></outputValues></output>'
        rules = [
            ([cell.text for cell in rule], [f'"{out}"'])
            for rule, out in zip(self.rules, self.outputs, strict=True)
        ]
        logic = table([one if one[2] else one[:2] for one in inputs], [output], rules, policy=self.policy)
        data = [input_data(name, kind) for name, kind, _ in inputs]
        return definitions(*data, decision("d1", logic, inputs=[one.name for one in self.columns]))

    def points(self) -> list[tuple[Any, ...]]:
        return list(itertools.product(*(one.values for one in self.columns)))

    def hits(self, point: tuple[Any, ...]) -> list[int]:
        return [
            number
            for number, rule in enumerate(self.rules, 1)
            if all(cell.holds(value) for cell, value in zip(rule, point, strict=True))
        ]


def random_case(seed: int) -> Case:
    chance = random.Random(seed)
    columns = [Column(chance, number) for number in range(chance.choice([1, 2, 2, 3]))]
    rules = [[one.cell() for one in columns] for _ in range(chance.randint(1, 6))]
    outputs = [chance.choice("ABC") for _ in rules]
    return Case(columns, rules, outputs, chance.choice(["UNIQUE", "ANY", "FIRST", "PRIORITY"]))


def rank(case: Case, rule: int) -> tuple[int, int]:
    order = 0 if case.policy == "FIRST" else "ABC".index(case.outputs[rule - 1])
    return order, rule


@pytest.mark.parametrize("block", range(10))
def test_analysis_agrees_with_counting(block: int) -> None:
    for number in range(block * TABLES // 10, (block + 1) * TABLES // 10):
        case = random_case(SEED + number)
        print(f"seed {SEED + number}")
        compare(case)


def compare(case: Case) -> None:
    findings = analyse(read(case.xml()))
    codes = {one.code for one in findings}
    assert "unknown-coverage" not in codes
    assert "analysis-bounded" not in codes
    points = case.points()
    hits = {point: case.hits(point) for point in points}

    gaps = [one.values["where"] for one in findings if one.code == "gap"]
    for point, rules in hits.items():
        listed = any(
            all(
                compile_unary(where[one.name]).matches(value, {}, World())
                for one, value in zip(case.columns, point, strict=True)
                if one.name in where
            )
            for where in gaps
        )
        if "more-gaps" not in codes or listed:
            assert listed == (not rules), (point, rules, gaps)
    assert bool(gaps) == any(not rules for rules in hits.values())

    pairs = {pair for rules in hits.values() for pair in itertools.combinations(rules, 2)}
    overlaps = {one.rules for one in findings if one.code == "overlap"}
    differing = {(a, b) for a, b in pairs if case.outputs[a - 1] != case.outputs[b - 1]}
    if case.policy == "UNIQUE":
        assert overlaps == pairs
    elif case.policy == "ANY":
        assert overlaps == differing
    else:
        assert not overlaps
        assert ("overlap-ordered" in codes) == bool(differing)

    never = {
        rule for rule in range(1, len(case.rules) + 1) if not any(rule in rules for rules in hits.values())
    }
    assert {one.rules[0] for one in findings if one.code == "rule-never"} == never
    if case.policy in ("FIRST", "PRIORITY"):
        decisive = {min(rules, key=lambda rule: rank(case, rule)) for rules in hits.values() if rules}
        dead = set(range(1, len(case.rules) + 1)) - decisive - never
        assert {one.rules[0] for one in findings if one.code == "unreachable"} == dead


@pytest.mark.parametrize("number", range(0, TABLES, 10))
def test_the_engine_hits_the_rules_that_counting_names(number: int) -> None:
    case = random_case(SEED + number)
    model = read(case.xml())
    chance = random.Random(number)
    for point in chance.sample(case.points(), min(25, len(case.points()))):
        inputs = dict(zip((one.name for one in case.columns), point, strict=True))
        expected = case.hits(point)
        outputs = {case.outputs[rule - 1] for rule in expected}
        broken = len(expected) > 1 if case.policy == "UNIQUE" else case.policy == "ANY" and len(outputs) > 1
        if broken:
            with pytest.raises(DmnError) as caught:
                model.decide("d1", inputs)
            assert caught.value.values["rules"] == tuple(expected)
            continue
        decided = model.decide("d1", inputs, trace=True)
        wanted = case.outputs[min(expected, key=lambda rule: rank(case, rule)) - 1] if expected else None
        assert decided.value == wanted
        assert decided.trace is not None
        hit = [rule["index"] for rule in decided.trace["rules"] if rule["hit"]]
        assert hit == (expected[:1] if case.policy == "FIRST" else expected)
