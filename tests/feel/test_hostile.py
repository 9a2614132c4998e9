"""Input that wants to hurt: every text ends with a value or with our own error, soon and in little memory."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.feel import (
    FeelError,
    FeelLimitError,
    FeelSyntaxError,
    Limits,
    World,
    compile_expression,
    compile_unary,
)
from tests.feel.fuzzing import FUZZ_COUNT, SEED, mutated, random_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = {
    "endless loop": "for i in 1..10**9 return i",
    "endless loop without result": "every i in 1..10**9 satisfies true",
    "square loop": "count(for i in 1..2000, j in 1..2000 return i * j)",
    "recursion": "{f: function(n) f(n + 1)}.f(1)",
    "mutual recursion": "{f: function(g, n) g(g, n + 1), r: f(f, 1)}.r",
    "doubling texts": '{f: function(s, n) if n = 0 then s else f(s + s, n - 1)}.f("xxxxxxxxxx", 50)',
    "join of many": 'string join(for i in 1..10**7 return "x", "")',
    "many million items": "for i in 1..100000 return for j in 1..100000 return j",
    "sort backwards": "sort(for i in 1..50000 return -i, function(a, b) a < b)",
    "distinct lists": "count(distinct values(for i in 1..50000 return [i]))",
    "concatenation": "for i in 1..100000 return concatenate(partial, partial)",
    "growing text": "for i in 1..100000 return string(partial)",
    "nested partial": "string(for i in 1..60 return [partial, partial])",
    "deep data": "for i in 1..5000 return [partial[-1]]",
    "shared tree": "{t: for i in 1..60 return [partial[-1], partial[-1]], r: string(t)}.r",
    "equal trees": "{a: for i in 1..60 return [partial[-1], partial[-1]], b: for i in 1..60 return [partial[-1], "
    "partial[-1]], r: a = b}.r",
    "flatten tree": "flatten(for i in 1..60 return [partial[-1], partial[-1]])",
    "long numbers": "for i in 1..50000 return string(10 ** 6000)",
    "power": "9 ** 9 ** 9 ** 9",
    "huge exponent": "10 ** 6000 * 10 ** 6000",
    "huge number": "1e999999999999",
    "long scale": "round up(1/3, 6176)",
    "blowing pattern": f'matches("{"a" * 40}!", "(a+)+$")',
    "huge repetition": 'matches("a", "((a{1000}){1000}){1000}")',
    "class of classes": 'matches("a", "' + "[a-z-" * 30 + "[b]" + "]" * 30 + '")',
    "replace grows": 'replace(string join(for i in 1..1000 return "aaaaaaaaaa"), "a", "' + "x" * 5000 + '")',
    "long working days": 'add working days(date("2026-01-01"), 1000000000)',
    "far years": 'date("999999999-12-31") + duration("P999999999D") - date("-999999999-01-01")',
    "long months": 'date("2020-01-01") + duration("P999999999999Y")',
    "date loop": 'count(for d in date("-999999999-01-01")..date("999999999-12-31") return d)',
    "dunder": "x.__class__.__bases__",
    "import": '__import__("os").getpid()',
    "format": '"{0.__class__}" + x',
    "many iterators": "for " + ", ".join(f"a{i} in [1,2]" for i in range(500)) + " return 1",
    "many parentheses": "(" * 6_000 + "1" + ")" * 6_000,
    "20,000 parentheses": "(" * 20_000 + "1" + ")" * 20_000,
    "open parentheses": "(" * 6_000,
    "many lists": "[" * 6_000 + "]" * 6_000,
    "many contexts": "{a:" * 6_000 + "1" + "}" * 6_000,
    "many negations": "-" * 6_000 + "1",
    "many ifs": "if true then " * 2_000 + "1",
    "many functions": "function(a) " * 2_000 + "1",
    "many calls": "f" + "(1)" * 6_000,
    "many filters": "[1]" + "[1]" * 6_000,
    "many paths": "a" + ".a" * 6_000,
    "many powers": "2" + "**1" * 6_000,
    "many comparisons": "1" + "=1" * 6_000,
    "many betweens": "1 " + "between 1 and 2 " * 1_900,
    "many ins": "1 in (" * 4_000 + "1" + ")" * 4_000,
    "many types": "1 instance of " + "list<" * 5_000 + "number" + ">" * 5_000,
    "many unary ranges": "(< " * 6_000 + "1" + ")" * 6_000,
    "long sum": "1" + "+1" * 15_000,
    "long or": "false" + " or false" * 3_000,
    "long text": '"' + "x" * 30_000 + '"',
    "long name": "x" * 30_000,
    "long source": "1 + " * 200_000 + "1",
    "long comment": "/*" + "*" * 30_000,
    "lone surrogate": '"\\uD800"',
    "zero bytes": '"\x00" + "\x00"',
    "odd escape": '"\\UFFFFFF"',
}


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The collector's pauses belong to the whole process, not to the text being timed."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_end_soon_in_little_memory(text: str) -> None:
    tracemalloc.start()
    started = time.thread_time()
    try:
        compile_expression(text).evaluate({"x": Decimal(1)})
    except FeelError:
        pass
    finally:
        seconds = time.thread_time() - started
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 100_000_000, f"{most} bytes"
    # Seconds of this thread; tracemalloc makes everything several times slower than it is.
    assert seconds < 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("every i in 1..10**9 satisfies true", "too-many-steps"),
        ("for i in 1..10**9 return i", "too-many-items"),
        ("{f: function(n) f(n + 1)}.f(1)", "too-deep"),
        ("(" * 6_000 + "1" + ")" * 6_000, "too-deep"),
        ("1 + " * 200_000 + "1", "source-too-long"),
        ('{f: function(s, n) if n = 0 then s else f(s + s, n - 1)}.f("xxxxxxxxxx", 50)', "text-too-long"),
    ],
)
def test_limits_have_codes(text: str, code: str) -> None:
    with pytest.raises(FeelLimitError) as caught:
        compile_expression(text).evaluate({})
    assert caught.value.code == code


@pytest.mark.timeout(60)  # without the limit this would run for minutes
def test_wall_clock_stops_slow_work() -> None:
    slow = World(limits=Limits(steps=10**9, items=10**9, cells=10**9, seconds=0.05))
    with pytest.raises(FeelLimitError, match="too long"):
        compile_expression("count(for i in 1..10**8 return i)").evaluate({}, slow)


def test_no_way_to_python() -> None:
    for text in (
        "x.__class__",
        "x.real",
        '"a".upper()',
        "[1].append(2)",
        "d.year.__add__",
        "abs.apply",
        "f.name",
    ):
        outcome = compile_expression(text).outcome({"x": Decimal(1), "d": [1]})
        assert outcome.value in (None, [None]), text
        assert outcome.warnings


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j, lambda: 1])
def test_foreign_values_are_refused_by_name(value: Any) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression("[x]").evaluate({"x": value})
    assert caught.value.code == "unsupported-value"
    assert caught.value.values["name"] == "x"


def test_cyclic_and_deep_data_are_refused() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    deep: Any = 1
    for _ in range(10_000):
        deep = [deep]
    for value in (cycle, deep):
        with pytest.raises(FeelLimitError):
            compile_expression("string(x)").evaluate({"x": value})


@pytest.mark.usefixtures("no_collector")
def test_grammar_fuzz() -> None:
    """Random and damaged texts: a value or our own error, each within a second."""
    dice = random.Random(SEED)
    context = {"a": Decimal(3), "b c": "x", "items": [1, 2, {"k": "v"}], "d": None, "金额": Decimal("1.5")}
    counts = {"value": 0, "syntax": 0, "limit": 0, "other": 0}
    slowest = 0.0
    for _ in range(FUZZ_COUNT):
        text = random_expression(dice)
        if dice.random() < 0.5:
            text = mutated(text, dice)
        started = time.thread_time()
        try:
            if dice.random() < 0.2:
                compile_unary(text, context).matches(Decimal(1), context)
            else:
                compile_expression(text, context).evaluate(context)
            counts["value"] += 1
        except FeelSyntaxError:
            counts["syntax"] += 1
        except FeelLimitError:
            counts["limit"] += 1
        except FeelError as error:
            counts["other"] += 1
            pytest.fail(f"seed {SEED}: {text!r}: {error}")
        slowest = max(slowest, time.thread_time() - started)
    print(f"seed {SEED}: {counts}, slowest {slowest * 1000:.0f} ms")
    assert slowest < 1
    assert counts["value"] > FUZZ_COUNT / 4
