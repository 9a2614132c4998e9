"""Every example of docs/feel.md is true."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import World, compile_expression, compile_unary

GUIDE = (Path(__file__).parents[2] / "docs" / "feel.md").read_text(encoding="utf-8")
OFF = [("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3), ("2026-10-01", 7)]
MADE_UP = {date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)}


class Days2026:
    """The part of the calendar of 2026 that the guide touches."""

    def is_working_day(self, day: date) -> bool:
        assert day.year == 2026
        off = any(0 <= (day - date.fromisoformat(first)).days < length for first, length in OFF)
        return day in MADE_UP or (day.weekday() < 5 and not off)


def law(parameter: str, on: date, area: str | None) -> Decimal:
    assert parameter == "temporary_assistance.small_limit"
    assert on == date(2026, 6, 1)
    return Decimal(1500) if area == "140702" else Decimal(1000)


def lists(name: str, on: date, area: str | None, text: str | None) -> list[dict[str, Any]]:
    assert (name, on, area) == ("certificates", date(2026, 6, 1), None)
    entries = [{"code": "P1"}, {"code": "N17"}]
    return entries if text is None else [one for one in entries if one["code"] == "N17" and "没房" in text]


WORLD = World(
    now=datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
    calendar=Days2026(),
    law=law,
    lists=lists,
)
DATA = compile_expression(re.search(r"```data\n(.*?)```", GUIDE, re.DOTALL)[1]).evaluate({})  # type: ignore[index]
EXAMPLES = [
    tuple(part.strip() for part in example.split("\n→ "))
    for block in re.findall(r"```feel\n(.*?)```", GUIDE, re.DOTALL)
    for example in re.findall(r".+\n→ .+\n", block)
]
CELLS = re.findall(r"^\| `(.+?)` \| `(.+?)` \| `(true|false)` \|$", GUIDE, re.MULTILINE)


def test_the_guide_has_its_examples() -> None:
    assert len(EXAMPLES) == GUIDE.count("\n→ ")
    assert len(EXAMPLES) > 60
    assert len(CELLS) == 7


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_example(text: str, expected: str) -> None:
    outcome = compile_expression(text, DATA.keys()).outcome(DATA, WORLD)
    assert outcome.value == compile_expression(expected).evaluate({})
    assert expected == "null" or not outcome.warnings


@pytest.mark.parametrize(("cell", "value", "expected"), CELLS)
def test_cell(cell: str, value: str, expected: str) -> None:
    tested = compile_expression(value).evaluate({})
    assert compile_unary(cell).matches(tested, DATA) is (expected == "true")
