"""Our FEEL against feelin (JavaScript) on the subset both speak; every disagreement belongs to a known class."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.feel import FeelError, FeelFunction, Range, compile_expression, text_of
from engine.feel.budget import Run
from engine.feel.world import NOWHERE
from tests.feel.differential.texts import text
from tests.feel.fuzzing import SEED, THOROUGH

HERE = Path(__file__).parent
COUNT = 20_000 if THOROUGH else 3_000
CONTEXT: dict[str, Any] = {
    "a": 3, "b": Decimal("-2.5"), "s": "Beijing", "t": "", "n": None, "yes": True, "no": False,
    "xs": [1, 2, 3, 4], "ys": ["x", "y", None], "c": {"k": 1, "m": {"z": "deep"}},
    "rows": [{"k": 1, "v": "one"}, {"k": 2, "v": "two"}, {"k": 3, "v": None}],
}  # fmt: skip


def plain(value: Any) -> Any:
    """A value in the form the JavaScript side answers in."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return {"number": str(value)}
        case list():
            return [plain(item) for item in value]
        case dict():
            return {"context": {key: plain(item) for key, item in value.items()}}
        case FeelFunction():
            return {"kind": "function"}
        case Range():
            return {"kind": "range"}
        case _:
            return {"temporal": text_of(value, Run(NOWHERE))}


def ours(source: str) -> Any:
    """Our answer, or the code of our error."""
    try:
        return plain(compile_expression(source, CONTEXT).evaluate(CONTEXT))
    except FeelError as error:
        return {"error": error.code}


def theirs(sources: list[str]) -> list[Any]:
    """The answers of feelin."""
    node = shutil.which("node")
    assert node is not None
    answer = subprocess.run(
        [node, "evaluate.mjs"],
        cwd=HERE,
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


def agree(one: Any, other: Any) -> bool:
    """Equality where binary floats may differ from exact numbers in the last digits."""
    if isinstance(one, dict) and isinstance(other, dict) and "number" in one and "number" in other:
        left, right = Decimal(one["number"]), Decimal(other["number"])
        return left == right or abs(left - right) <= Decimal("1e-12") * max(abs(left), abs(right))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agree, one, other))
    return bool(one == other)


def test_lock_file_has_no_addresses() -> None:
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


# A disagreement belongs to the first class that fits: a pattern in the text, or the code of a warning of ours.
# (class, who is right, pattern, codes of warnings)
CLASSES: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("for over a descending range counts down (DMN 10.3.2.14)", "ours", r"\.\.(0|-2) return", frozenset()),
    ("a date moved by half days stays a date (TCK 0100)", "ours", r"PT36H", frozenset()),
    ("a range that ends with [ is part of the grammar", "ours", r"\.\.\d\[", frozenset()),
    ("a sign before instance of", "undefined", r"-[^ ]+ instance of", frozenset()),
    (
        "other types, nulls and booleans have no order",
        "ours",
        r"",
        frozenset({"not-comparable", "null-operand"}),
    ),
    (
        "a condition inside between, or several comparisons in a row",
        "undefined",
        r" between if ",
        frozenset(),
    ),
    ("a null argument of a range function", "ours", r"", frozenset({"wrong-arguments"})),
    (
        "a position beyond the list or the text",
        "undefined",
        r"substring\(|remove\(|sublist\(|insert before\(",
        frozenset(),
    ),
    ("in with something that is no test", "undefined", r" in [([\]]", frozenset()),
    ("between with its bounds turned round", "ours", r" between ", frozenset()),
    ("a number is written with 34 digits, not 17", "ours", r"string\(|string join\(", frozenset()),
    ("a condition that is neither true nor false", "ours", r"", frozenset({"not-a-condition"})),
    ("median sorts numbers as numbers, not as texts", "ours", r"median\(", frozenset()),
    (
        "binary floats round wrongly",
        "ours",
        r"(round (half )?(up|down)|decimal|floor|ceiling)\(",
        frozenset(),
    ),
    ("lists of different length are unequal, not null (TCK 0068)", "ours", r" = ", frozenset()),
    ("division by zero", "ours", r"", frozenset({"division-by-zero"})),
)


def classify(source: str) -> tuple[str, str] | None:
    """(class, who is right) of a disagreement."""
    codes: set[str] = set()
    try:
        codes = {w.code for w in compile_expression(source, CONTEXT).outcome(CONTEXT).warnings}
    except FeelError as error:
        codes = {error.code}
    for name, right, pattern, wanted in CLASSES:
        if (wanted & codes) if wanted else re.search(pattern, source):
            return name, right
    return None


@pytest.mark.skipif(
    not (HERE / "node_modules").is_dir(), reason="feelin is not installed (make conformance does it)"
)
@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_disagreements_are_known() -> None:
    dice = random.Random(SEED)
    sources = [text(dice) for _ in range(COUNT)]
    table: Counter[tuple[str, str]] = Counter()
    unknown = []
    for source, other in zip(sources, theirs(sources), strict=True):
        one = ours(source)
        if agree(one, other):
            continue
        found = classify(source)
        if found is None:
            unknown.append((source, one, other))
        else:
            table[found] += 1
    print(f"seed {SEED}: {COUNT} texts, {sum(table.values())} disagreements, {len(unknown)} unknown")
    for (name, right), count in table.most_common():
        print(f"{count:6d}  {right:9s}  {name}")
    assert not unknown, unknown[:5]
    assert sum(table.values()) < COUNT / 8
