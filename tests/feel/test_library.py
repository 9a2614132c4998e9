"""Built-in functions, each with its ordinary uses and its edges."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.feel import World, builtin_functions, compile_expression

NOW = World(now=datetime(2026, 11, 23, 23, 30, tzinfo=ZoneInfo("UTC")))

CASES = [
    # conversion
    ("string(1.50)", '"1.5"'), ("string(1e3)", '"1000"'), ("string(-0.0)", '"0"'), ("string(true)", '"true"'), ("string(null)", "null"),
    ('string([1, "a", null])', '"[1, \\"a\\", null]"'), ('string({a b: "x", "{": 1})', '"{a b: \\"x\\", \\"{\\": 1}"'), ("string([1..3))", '"[1..3)"'),
    ("string((< 3))", '"(< 3)"'), ("string(function(a, b) 1)", '"function(a, b)"'), ('number("1.5")', "1.5"), ('number("-1e2")', "-100"),
    ('number("1,5")', "null"), ('number("1 000,50", " ", ",")', "1000.5"), ('number("1,000", ",", null)', "1000"), ('number("1.000", ".", ".")', "null"),
    ('number("")', "null"), ('number("１")', "null"), ('number("Infinity")', "null"), ('number("NaN")', "null"),
    # texts
    ('substring("foobar", 3)', '"obar"'), ('substring("foobar", 3, 3)', '"oba"'), ('substring("foobar", -2, 1)', '"a"'), ('substring("foobar", 0)', "null"),
    ('substring("foobar", 7)', '""'), ('substring("🐎ab", 2)', '"ab"'), ('substring("foobar", 2, 99)', '"oobar"'), ('string length("🐎中")', "2"),
    ('upper case("aß中")', '"ASS中"'), ('lower case("AbC")', '"abc"'), ('substring before("foobar", "bar")', '"foo"'), ('substring before("foobar", "x")', '""'),
    ('substring after("foobar", "ob")', '"ar"'), ('substring after("foobar", "")', '"foobar"'), ('substring after("", "a")', '""'), ('contains("foobar", "of")', "false"),
    ('starts with("foobar", "fo")', "true"), ('ends with("foobar", "r")', "true"), ('split("a;b;;c", ";")', '["a", "b", "", "c"]'), ('split("a1b22c", "[0-9]+")', '["a", "b", "c"]'),
    ('split("abc", "")', "null"), ('string join(["a", null, "b"], "-")', '"a-b"'), ('string join(["a", "b"])', '"ab"'), ('string join("a", "-")', '"a"'),
    ('string join([1], "-")', "null"), ('string join([], "-")', '""'), ('string join(["a", "b"], null)', '"ab"'),
    # patterns
    ('matches("foobar", "^fo*b")', "true"), ('matches("a\\nb", "a.b")', "false"), ('matches("a\\nb", "a.b", "s")', "true"), ('matches("A", "a", "i")', "true"),
    ('matches("x", "[a-z-[aeiou]]")', "true"), ('matches("e", "[a-z-[aeiou]]")', "false"), ('matches("中", "\\p{IsCJKUnifiedIdeographs}")', "true"), ('matches("中", "^\\w$")', "true"),
    ('matches("a", "\\p{Lu}")', "false"), ('matches("١", "^\\d$")', "true"), ('matches("aa", "(a)\\1")', "true"), ('matches("ab", "(a|b)\\1")', "null"), ('matches("a", "(?i)A")', "null"),
    ('matches("a", "(")', "null"), ('matches("a", "a", "y")', "null"), ('matches("a.c", "a.c", "q")', "true"), ('matches("abc", "a.c", "q")', "false"), ('matches("ab", "a b", "x")', "true"),
    ('replace("abracadabra", "bra", "*")', '"a*cada*"'), ('replace("abracadabra", "a.*?a", "*")', '"*c*bra"'), ('replace("abc", "(.)(b)", "$2$1")', '"bac"'), ('replace("abc", "b", "\\\\$")', '"a$c"'),
    ('replace("abc", "x*", "-")', "null"), ('replace("abc", "b", "$")', "null"), ('replace("abc", "(b)", "$12")', '"ab2c"'), ('replace("a.b", ".", "-", "q")', '"a-b"'), ('replace("中文", "文", "国")', '"中国"'),
    # numbers
    ("decimal(1/3, 2)", "0.33"), ("decimal(2.5, 0)", "2"), ("decimal(-2.5, 0)", "-2"), ("decimal(1250, -2)", "1200"), ("floor(-1.5)", "-2"), ("floor(1.56, 1)", "1.5"),
    ("ceiling(1.2)", "2"), ("ceiling(-1.56, 1)", "-1.5"), ("round up(-5.5, 0)", "-6"), ("round down(-5.5, 0)", "-5"), ("round half up(-5.5, 0)", "-6"), ("round half down(5.5, 0)", "5"),
    ("round half up(1.005, 2)", "1.01"), ("round up(1, 9999)", "null"), ("abs(-1)", "1"), ('abs(@"-P1D")', '@"P1D"'), ('abs(@"-P1M")', '@"P1M"'), ("modulo(12, 5)", "2"),
    ("modulo(-12, 5)", "3"), ("modulo(12, -5)", "-3"), ("modulo(10.1, 4.5)", "1.1"), ("modulo(1, 0)", "null"), ("sqrt(16)", "4"), ("sqrt(-1)", "null"),
    ("decimal(log(10), 4)", "2.3026"), ("log(0)", "null"), ("decimal(exp(1), 4)", "2.7183"), ("odd(5)", "true"), ("odd(1.5)", "null"), ("even(0)", "true"), ("even(-2)", "true"),
    ("floor([1.5])", "1"), ('floor("1.5")', "null"),
    # lists of numbers
    ("sum([1, 2, 3])", "6"), ("sum(1, 2)", "3"), ("sum([])", "null"), ('sum([1, "a"])', "null"), ('sum([@"P1D", @"PT12H"])', '@"P1DT12H"'), ("sum([null])", "null"),
    ("product([2, 3])", "6"), ("product([])", "null"), ("mean([1, 2])", "1.5"), ("mean([])", "null"), ("median([1, 3, 2])", "2"), ("median([4, 1, 3, 2])", "2.5"), ("mode([1, 2, 2, 1])", "[1, 2]"),
    ("mode([])", "[]"), ("stddev([2, 4, 7, 5]) > 2.08", "true"), ("stddev([1])", "null"), ("min([3, 1])", "1"), ('max("a", "b")', '"b"'), ('min([1, "a"])', "null"), ("max([])", "null"),
    ('max([@"2026-01-01", @"2025-01-01"])', '@"2026-01-01"'), ("count([1, null])", "2"), ("count(null)", "null"), ("count([])", "0"), ("min([null])", "null"),
    # lists
    ("list contains([1, null], null)", "true"), ("list contains([1, 2], 3)", "false"), ("list contains([[1]], [1])", "true"), ("all([true, null])", "null"), ("all([false, null])", "false"), ("all([])", "true"),
    ("any([true, null])", "true"), ("any([])", "false"), ("any(false, false)", "false"), ("sublist([1, 2, 3], 2)", "[2, 3]"), ("sublist([1, 2, 3], -2, 1)", "[2]"), ("sublist([1], 1, 2)", "null"), ("sublist([1], 2)", "[]"),
    ("append([1], 2, 3)", "[1, 2, 3]"), ("append([1], null)", "[1, null]"), ("append(1, 2)", "[1, 2]"), ("append([], [1])", "[[1]]"), ("concatenate([1], [2], [])", "[1, 2]"), ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
    ("insert before([1, 2], -1, 9)", "[1, 9, 2]"), ("insert before([1], 9, 2)", "null"), ("insert before([], 1, 2)", "[2]"), ("remove([1, 2], 1)", "[2]"), ("remove([1], 2)", "null"), ("reverse([1, 2])", "[2, 1]"),
    ("index of([1, 2, 1, null], 1)", "[1, 3]"), ("index of([1, null], null)", "[2]"), ("union([1, 2], [2, 3])", "[1, 2, 3]"), ("distinct values([1, 1.0, null, null, [1], [1]])", "[1, null, [1]]"),
    ("flatten([1, [2, [3]], []])", "[1, 2, 3]"), ("sort([3, 1, 2], function(a, b) a < b)", "[1, 2, 3]"), ("sort([3, 1, 2])", "[1, 2, 3]"), ('sort(["b", "a"])', '["a", "b"]'), ("sort([1, 2], function(a, b) 1)", "null"),
    ("sort([[2, 1], [1, 2], [2, 0]], function(a, b) a[1] < b[1])", "[[1, 2], [2, 1], [2, 0]]"), ("list replace([2, 4, 7], 2, 9)", "[2, 9, 7]"), ("list replace([2, 4, 7], -1, 9)", "[2, 4, 9]"),
    ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]"), ("list replace([1], 0, 9)", "null"), ("list replace([1], function(a, b) 1, 9)", "null"),
    # contexts
    ('get value({a: 1}, "a")', "1"), ('get value({a: 1}, "b")', "null"), ('get value({a: {b: 2}}, ["a", "b"])', "2"), ("get entries({a: 1})", '[{key: "a", value: 1}]'), ('context([{key: "a", value: 1}])', "{a: 1}"),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"), ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"), ('context put({a: {b: 1}}, ["a", "c"], 2)', "{a: {b: 1, c: 2}}"), ('context put({a: 1}, ["a", "c"], 2)', "null"),
    ("context put({}, [], 1)", "null"), ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"), ("context merge([1])", "null"), ("count(get entries({}))", "0"),
    # identity
    ("is(1, 1.0)", "true"), ('is(1, "1")', "false"), ('is(@"10:00:00Z", @"10:00:00+00:00")', "true"), ('is(@"10:00:00Z", @"10:00:00@Etc/UTC")', "false"), ("is(null, null)", "true"), ('is(@"P1Y", @"P12M")', "true"),
    # intervals
    ("before(1, 2)", "true"), ("before([1..5), [5..6])", "true"), ("before([1..5], [5..6])", "false"), ("after([5..6], 4)", "true"), ("meets([1..5], [5..6])", "true"), ("met by([5..6], [1..5])", "true"),
    ("overlaps([1..5], [5..6])", "true"), ("overlaps([1..5), [5..6])", "false"), ("overlaps before([1..5], [3..8])", "true"), ("overlaps after([3..8], [1..5])", "true"), ("finishes(5, [1..5])", "true"), ("finished by([1..5], 5)", "true"),
    ("includes([1..5], 5)", "true"), ("includes([1..5), [1..5])", "false"), ("during([2..3], [1..5])", "true"), ("starts(1, [1..5])", "true"), ("started by([1..5], [1..2])", "true"), ("coincides([1..2], [1..2])", "true"),
    ('before("a", 1)', "null"), ("before(null, 1)", "null"), ("includes((> 5), 6)", "true"), ('includes([@"2026-01-01"..@"2026-12-31"], @"2026-06-01")', "true"),
    ('range("[1..3)")', "[1..3)"), ('range("(1..)").start', "1"), ('range("[..3]")', "null"), ('range("[3..1]")', "null"), ('range("[a..b]")', "null"), ('range("[\\"a\\"..\\"b\\"]")', '["a".."b"]'),
    ('range("[date(\\"2026-01-01\\")..@\\"2026-12-31\\"]").end', '@"2026-12-31"'), ('range("")', "null"), ('range("[1..2")', "null"), ('range("[-1..2]").start', "-1"),
    # the moment
    ("today()", '@"2026-11-24"'), ("now().hour", "23"), ("now() instance of date and time", "true"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_value(text: str, expected: str) -> None:
    found = compile_expression(text).evaluate({}, NOW)
    wanted = compile_expression(expected).evaluate({})
    assert found == wanted
    assert type(found) is type(wanted)


def test_nothing_is_guessed_without_a_moment() -> None:
    assert compile_expression("[today(), now()]").evaluate({}) == [None, None]


def test_every_function_is_tried_somewhere() -> None:
    """Each built-in stands in a test: here, in the guide, or in the tests of time."""
    from tests.feel.test_guide import EXAMPLES
    from tests.feel.test_temporal import CASES as TEMPORAL

    tried = " ".join(text for text, _ in [*CASES, *EXAMPLES, *TEMPORAL])
    assert [name for name in builtin_functions() if f"{name}(" not in tried] == []


@pytest.mark.parametrize("name", sorted(builtin_functions()))
def test_wrong_arguments_give_null_and_say_so(name: str) -> None:
    for text in (
        f"{name}(null, null, null, null, null, null, null, null, null)",
        f"{name}(no such parameter: 1)",
    ):
        outcome = compile_expression(text).outcome({}, NOW)
        assert outcome.value is None or (
            name in ("append", "concatenate", "all", "any", "count") and "null," in text
        )
        assert outcome.value is not None or outcome.warnings or name in ("all", "any", "min", "max")
