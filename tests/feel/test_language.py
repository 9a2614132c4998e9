"""The language itself: names, operators, null, lists, contexts, loops, functions, types, tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.feel import Range, World, compile_expression, compile_unary

CONTEXT: dict[str, Any] = {
    "x": 3, "y": Decimal("2.5"), "s": "text", "n": None, "first name": "Anna", "a-b": 7, "a": 10, "b": 4, "true-ish": 1,
    "金额": Decimal(600), "受理 日期": "2026", "years of service": 12, "date of birth": "d", "time and place": "here",
    "items": [1, 2, 3], "tuple": (1, (2, 3)), "person": {"name": "Li", "tags": ["p", "q"], "birth place": "Taiyuan"},
    "rows": [{"k": 1, "item": 5}, {"k": 2, "item": 6}], "Mr. X's score": 9, "count": 5, "list": [4, 5],
}  # fmt: skip

# expression -> expected, both FEEL
CASES = [
    # names
    ("first name", '"Anna"'), ("a-b", "7"), ("a - b", "7"), ("a -b + 0", "7"), ("b-a", "-6"), ("金额 > 500", "true"),
    ("受理 日期", '"2026"'), ("years of service + 1", "13"), ("date of birth", '"d"'), ("time and place", '"here"'),
    ("Mr. X's score", "9"), ("person.birth place", '"Taiyuan"'), ("count + count(list)", "7"), ("count([count])", "1"),
    ("{first part: 1, 第二 部分: first part + 1}.第二 部分", "2"), ("{a+b: 1}.a+b", "1"), ('{"+": 1}', '{"+": 1}'),
    ("for first part in items return first part + 1", "[2, 3, 4]"), ("(function(my arg) my arg * 2)(4)", "8"),
    ("(function(my arg, b) my arg - b)(b: 1, my arg: 5)", "4"), ("x/* comment */+1 // more", "4"), ("\u3000x\u00a0+\u20281", "4"),
    # literals
    ('"\\u4e2d\\U01F40E\\n\\t\\"\\\\"', '"中🐎\n\t\\"\\\\"'), ('"\\uD83D\\uDC0E"', '"🐎"'), ('"\\d"', '"\\\\d"'), (".5", "0.5"),
    ("1e3", "1000"), ("1.5E-2", "0.015"), ('@"P1D"', 'duration("P1D")'), ("[]", "[]"), ("{}", "{}"), ("-0", "0"),
    # arithmetic
    ("1 + 2 * 3 - 4 / 2", "5"), ("2 ** 3 ** 2", "64"), ("-3 ** 2", "9"), ("--3", "3"), ("2 - -2", "4"), ("10 / 4", "2.5"),
    ("1 / 3 * 3", "0.9999999999999999999999999999999999"), ('"a" + "b"', '"ab"'), ("2 ** 0.5 > 1.414", "true"), ("1 / 0", "null"),
    ("0 / 0", "null"), ("10 ** 6145", "null"), ("x + n", "null"), ('1 + "1"', "null"), ("true + 1", "null"), ("-s", "null"),
    ("2 ** -1", "0.5"), ("-8 ** (1/3)", "null"),
    # logic
    ("true and null", "null"), ("false and null", "false"), ("null and false", "false"), ("true or null", "true"),
    ("null or true", "true"), ("false or null", "null"), ('true and "x"', "null"), ("false or 1", "null"), ("1 and false", "false"),
    ("true and true and null and false", "false"), ("false or false or null", "null"), ("not(true)", "false"), ("not(null)", "null"),
    ("not(1)", "null"), ("true or false and false", "true"),
    # comparison
    ("1 = 1.0", "true"), ("1 != 2", "true"), ("null = null", "true"), ("null != null", "false"), ("1 = null", "false"),
    ('1 = "1"', "null"), ('1 < "2"', "null"), ("null < 1", "null"), ("true < false", "null"), ('"a" < "b"', "true"), ("[1] = [1]", "true"),
    ("[1] < [2]", "null"), ("{a: 1, b: 2} = {b: 2, a: 1}", "true"), ("[1, null] = [1, null]", "true"), ('[1] = ["1"]', "null"),
    ("[1..3] = [1..3]", "true"), ("[1..3] = [1..3)", "false"), ("5 between 1 and 5", "true"), ("5 between 6 and null", "null"),
    ("5 between 1 and 3 or true", "true"), ("1 = 1 = true", "true"),
    # in
    ("x in (1, 2, 3)", "true"), ("x in [1..3]", "true"), ("x in [1..3)", "false"), ("x in ]1..3]", "true"), ("x in [1..3[", "false"),
    ("x in (1..4)", "true"), ("x in > 2", "true"), ("x in (< 2, > 2)", "true"), ("x in items", "true"), ("9 in items", "false"),
    ("x in [[1..5]]", "true"), ("x in ([1..2], [3..4])", "true"), ('s in ("a", "text")', "true"), ("x in (1 + 2)", "true"),
    ("x in (1) + 2", "true"), ("x in [1..3] and false", "false"), ("null in (null)", "true"), ("n in (1, 2)", "false"),
    ("n in [1..2]", "null"), ("[1, 2] in [[1, 2], [3]]", "true"), ("[1,2] in [1,2]", "true"), ('"b" in ["a".."c"]', "true"),
    ("x in (!= 3)", "false"), ("x in (= 3)", "true"), ("1 in [< 2, > 9]", "true"), ("x in (? > 2)", "true"),
    # if
    ("if x > 2 then 1 else 2", "1"), ("if null then 1 else 2", "2"), ('if "x" then 1 else 2', "2"), ("1 + if true then 1 else 2", "2"),
    ("if false then 1 else if true then 2 else 3", "2"),
    # lists, filters, paths
    ("items[1]", "1"), ("items[-1]", "3"), ("items[4]", "null"), ("items[0]", "null"), ("items[item >= 2]", "[2, 3]"), ("items[x]", "3"),
    ("items[true]", "[1, 2, 3]"), ("items[null]", "[]"), ("items[-x]", "1"), ("rows[k = 1].item", "[5]"), ("rows[item > 5].k", "[2]"),
    ("rows[k > 5]", "[]"), ("rows.k", "[1, 2]"), ("rows.missing", "[null, null]"), ("5[1]", "5"), ("5[2]", "null"), ("5[item > 1]", "[5]"),
    ("null[1]", "null"), ("[][1]", "null"), ("tuple[2][1]", "2"), ("person.name", '"Li"'), ("person.tags[2]", '"q"'), ("person.zip", "null"),
    ("n.a", "null"), ("s.a", "null"), ("[[1], [2]][item[1] = 2]", "[[2]]"), ("items[1.5]", "null"), ("[1, 2][item = 2][1]", "2"),
    ("{a: [1, 2]}.a[2]", "2"), ("[{a: {b: 1}}, {a: {b: 2}}].a.b", "[1, 2]"),
    # for, some, every
    ("for i in 3..1 return i", "[3, 2, 1]"), ("for i in -1..1 return i", "[-1, 0, 1]"), ("for i in items, j in [i] return i * j", "[1, 4, 9]"),
    ("for i in [1..3] return i", "[1, 2, 3]"), ("for i in (1..3) return i", "[2]"), ("for i in 5 return i", "[5]"), ("for i in n return i", "null"),
    ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", "[1, 2, 6, 24]"), ("for i in 1..3 return sum(partial)", "[null, null, null]"),
    ("for i in 1..3 return count(partial)", "[0, 1, 2]"), ("for i in 1..2 return partial", "[[], [[]]]"), ("for i in [] return i", "[]"),
    ('for d in @"2026-02-28"..@"2026-03-01" return d.day', "[28, 1]"), ("for i in 1..1.5 return i", "null"), ('for i in "a".."c" return i', "null"),
    ("(for i in 1..2 return function() i)[2]()", "2"), ("some i in items satisfies i > 2", "true"), ("every i in items satisfies i > 2", "false"),
    ("some i in [] satisfies true", "false"), ("every i in [] satisfies false", "true"), ("some i in [null, 3] satisfies i > 2", "true"),
    ("some i in [null, 1] satisfies i > 2", "null"), ("every i in [null, 3] satisfies i > 2", "null"), ("every i in n satisfies true", "null"),
    ("some i in items, j in items satisfies i + j = 6", "true"), ("every i in 1..3 satisfies i < 4", "true"),
    # functions
    ("(function(a, b) a + b)(1, 2)", "3"), ("(function(a) a)()", "null"), ("(function(a) a)(1, 2)", "null"), ("{f: function(a) a + x}.f(1)", "4"),
    ("{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2)}.f(12)", "144"), ('(function(a: number) a)("x")', "null"),
    ("(function(a: number) a)([5])", "5"), ("(function(a: list<number>) count(a))(5)", "1"), ("(function(f) f(-2))(abs)", "2"), ("abs(n: -2)", "2"),
    ("abs(m: -2)", "null"), ("nothing(1)", "null"), ("s(1)", "null"), ("(function(a) function(b) a + b)(1)(2)", "3"), ("{abs: function(a) 7, r: abs(1)}.r", "7"),
    ('substring(length: 2, string: "abc", start position: 2)', '"bc"'), ("x(1)", "null"), ("sort(items, function(a, b) a > b)", "[3, 2, 1]"),
    # contexts
    ("{a: 1, b: a + 1, c: {d: b}}.c.d", "2"), ("{a: x, x: 1}.a", "3"), ('{"a b": 1}.a b', "1"), ("{a: 1, a: 2}", "null"), ("{a: a}.a", "10"),
    # instance of
    ("1 instance of number", "true"), ("-1 instance of number", "true"), ("null instance of Any", "false"), ("items instance of list<number>", "true"),
    ('[1, "a"] instance of list<number>', "false"), ("person instance of context<name: string>", "true"), ("[1..2] instance of range<number>", "true"),
    ("abs instance of function<number> -> number", "true"), ('@"P1M" instance of years and months duration', "true"),
    ('@"P1M" instance of days and time duration and true', "false"), ('@"2026-01-01" instance of date', "true"), ("1 instance of tPositive", "true"),
    ("0 instance of tPositive", "false"), ("[1] instance of list<tPositive>", "true"), ("1 instance of tUnknown", "null"),
    # ranges
    ("[1..3].start", "1"), ("(1..3).start included", "false"), ("(< 5).end", "5"), ("(>= 5).start included", "true"), ('[1.."a"]', "null"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_value(text: str, expected: str) -> None:
    world = World(types={"tPositive": lambda value: isinstance(value, Decimal) and value > 0})
    found = compile_expression(text, CONTEXT).evaluate(CONTEXT, world)
    wanted = compile_expression(expected).evaluate({})
    assert found == wanted
    assert type(found) is type(wanted)


TESTS = [
    ("-", None, True), ("", 5, True), ("< 10", 5, True), ("<= 5", 5, True), ("> 5", 5, False), (">= 5, < 2", 5, True), ("5", 5, True), ("= 5", 5, True),
    ("!= 5", 5, False), ("1, 5", 5, True), ("not(1, 5)", 5, False), ("not(1)", 5, True), ("not(< 5)", 5, True), ("[1..5]", 5, True), ("[1..5)", 5, False),
    ("]1..5[", 5, False), ("(1..6)", 5, True), ('"a", "b"', "b", True), ('not("a", "b")', "c", True), ("null", None, True), ("null", 5, False), ("not(null)", 5, True),
    ("< 10", None, None), ("? > 3 and ? < 9", 5, True), ("? * 2 = 10", 5, True), ('starts with(?, "ab")', "abc", True), ('not(contains(?, "b"))', "abc", False),
    ("x", 3, True), ("x + 2", 5, True), ("< x", 2, True), ("list", 4, True), ("[1, 2]", 2, True), ("true", True, True), ("false", True, False), ("-5", -5, True),
    ('date("2026-01-01")', "2026", None), ("(< 5)", 4, True), ("count(?) > 1", [1, 2], True), ("if ? > 3 then true else false", 5, True), ("not(true)", True, False),
    ("every i in ? satisfies i > 0", [1, 2], True), ("first name", "Anna", True), ("? in [1..9]", 5, True), ("[[1, 2], [3]]", [3], True), ("- ", 1, True),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "value", "expected"), TESTS)
def test_unary(cell: str, value: Any, expected: bool | None) -> None:
    assert compile_unary(cell, CONTEXT).matches(value, CONTEXT) is expected


def test_names_without_being_told() -> None:
    """Names with spaces work without a list of names, as long as no keyword or sign is inside."""
    expression = compile_expression("amount due > 5 and if late then penalty rate > 0 else true")
    assert expression.names == {"amount due", "late", "penalty rate"}
    assert expression.evaluate({"amount due": 6, "late": True, "penalty rate": 1}) is True


def test_free_names() -> None:
    expression = compile_expression(
        "{a: b, c: a}.c + count(d[e > f and item > 1]) + (for i in g return i + h)[1] + abs(k) + my fn(l)",
        {"my fn"},
    )
    assert expression.names == {"b", "d", "e", "f", "g", "h", "k", "l", "my fn"}
    assert compile_unary("? > x and x < y").names == {"x", "y"}


def test_ranges_are_values() -> None:
    assert compile_expression("(1..5]").evaluate({}) == Range(Decimal(1), Decimal(5), start_included=False)
    assert (
        compile_expression("r.start + count(for i in r return i)").evaluate(
            {"r": Range(Decimal(2), Decimal(4))}
        )
        == 5
    )
