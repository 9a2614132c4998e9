"""What the rest of the engine relies on: values in and out, warnings, hooks, caches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import (
    FeelError,
    FeelFunction,
    Limits,
    World,
    compile_expression,
    compile_unary,
    kind,
)
from engine.feel.chinese import amount_text, id_number_valid


class Lazy(Mapping[str, Any]):
    """A mapping that is no dict, like the scopes of a case."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values_ = values
        self.read: list[str] = []

    def __getitem__(self, key: str) -> Any:
        self.read.append(key)
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def test_python_numbers_become_exact() -> None:
    context = {
        "i": 3,
        "f": 0.1,
        "nested": {"list": (1, [2.5, {"deep": True}]), "map": MappingProxyType({"x": 1})},
    }
    found = compile_expression("[i, f, nested]").evaluate(context)
    assert found == [
        Decimal(3),
        Decimal("0.1"),
        {"list": [Decimal(1), [Decimal("2.5"), {"deep": True}]], "map": {"x": Decimal(1)}},
    ]
    pending = [found]
    while pending:
        value = pending.pop()
        assert kind(value) != "?"
        assert type(value) not in (int, float, tuple)
        pending.extend(
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        )


def test_variables_against_constants() -> None:
    """The short way for a variable and a constant agrees with the long one, whatever the variable holds."""
    values = [
        3,
        Decimal(3),
        3.0,
        Decimal("3.5"),
        True,
        None,
        "3",
        [3],
        date(2026, 1, 1),
        -(10**40),
        Decimal(10) ** 30,
    ]
    for sign in ("=", "!=", "<", "<=", ">", ">="):
        for constant in ("3", '"3"'):
            short = compile_expression(f"x {sign} {constant}")
            long = compile_expression(f"{{c: {constant}, r: [x][1] {sign} c}}.r")
            for value in values:
                assert short.evaluate({"x": value}) is long.evaluate({"x": value}), (value, sign, constant)
            assert short.evaluate({}) is long.evaluate({})


def test_not_a_number_is_null() -> None:
    assert compile_expression("[a, b]").evaluate({"a": float("nan"), "b": float("inf")}) == [None, None]
    assert compile_expression("[a]").evaluate({"a": [Decimal("NaN")]}) == [[None]]


def test_the_context_is_never_changed() -> None:
    context = {"xs": [3, 1, 2], "c": {"a": 1}}
    text = '[sort(xs), append(xs, 4), context put(c, "b", 2), {c: 5}, remove(xs, 1)]'
    compile_expression(text).evaluate(context)
    assert context == {"xs": [3, 1, 2], "c": {"a": 1}}


def test_any_mapping_is_a_context_and_only_used_names_are_read() -> None:
    lazy = Lazy({"a": 1, "b": {"c": 2}, "d": 4})
    assert compile_expression("a + b.c").evaluate(lazy) == 3
    assert set(lazy.read) == {"a", "b"}


def test_warnings_name_what_is_missing() -> None:
    outcome = compile_expression('amount > 500 and departement > "x"').outcome({"amount": None})
    assert outcome.value is None
    assert [(w.code, w.values.get("name"), w.position) for w in outcome.warnings] == [
        ("null-operand", None, 7),
        ("unknown-name", "departement", 17),
        ("null-operand", None, 29),
    ]


def test_an_unknown_name_warns_even_where_the_answer_is_false() -> None:
    """`null = "x"` is false by the standard; the warning lets the caller refuse the silent false."""
    outcome = compile_expression('departement = "x"').outcome({})
    assert outcome.value is False
    assert [w.code for w in outcome.warnings] == ["unknown-name"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("missing", "unknown-name"), ("{a: 1}.b", "unknown-entry"), ('1 + "a"', "wrong-type"), ('1 < "a"', "not-comparable"), ("1 / 0", "division-by-zero"),
        ("10 ** 9999", "out-of-range"), ("1(2)", "not-a-function"), ("nothing(2)", "not-a-function"), ("abs(1, 2)", "wrong-arguments"), ("[1][5]", "bad-index"), ("if 1 then 2 else 3", "not-a-condition"),
        ("1 instance of tNone", "unknown-type"), ('date("x")', "invalid-argument"), ('@"10:00:00Z" < @"10:00:00"', "zone-mixture"), ('law("x", @"2026-01-01")', "law-not-given"), ('is working day(@"2026-01-01")', "calendar-not-given"),
    ],
)  # fmt: skip
def test_every_null_has_its_reason(text: str, code: str) -> None:
    outcome = compile_expression(text).outcome({})
    assert outcome.value is None or text.startswith("if")
    assert code in [w.code for w in outcome.warnings]


def test_compiled_texts_are_shared() -> None:
    assert compile_expression("1 + a b", ["a b"]) is compile_expression("1 + a b", {"a b"})
    assert compile_expression("1 + a") is not compile_expression("1 + a", ["x y"])
    assert compile_unary("< 5") is compile_unary("< 5")


def test_functions_of_the_host() -> None:
    world = World(functions={"double": lambda n: n * 2, "broken": lambda: 1 / 0, "loose": lambda: 1.5})
    assert compile_expression("double(21) + loose()").evaluate({}, world) == Decimal("43.5")
    with pytest.raises(FeelError) as caught:
        compile_expression("broken()").evaluate({}, world)
    assert caught.value.code == "host-function-failed"
    given = FeelFunction.of("times", ("a", "b"), lambda a, b: a * (b or 10))
    context = {"times": given, "abs": FeelFunction.of("abs", ("n",), lambda n: n)}
    assert compile_expression("[times(2, 3), times(b: 4, a: 2), times(2), abs(-1)]").evaluate(context) == [
        6,
        8,
        20,
        -1,
    ]
    assert compile_expression("times(2, 3, 4)").evaluate(context) is None


def test_functions_come_out_and_go_in() -> None:
    adder = compile_expression("function(a, b) a + b + c").evaluate({"c": 1})
    assert isinstance(adder, FeelFunction)
    assert adder.parameters == ("a", "b")
    assert compile_expression("f(1, 2)").evaluate({"f": adder}) == 4


class OneYear:
    """A calendar that knows 2026 only, and says so in its own words."""

    class Missing(Exception):
        def __init__(self, year: int) -> None:
            super().__init__(year)
            self.code = "calendar-missing"
            self.values = {"year": year}

    def is_working_day(self, day: date) -> bool:
        if day.year != 2026:
            raise OneYear.Missing(day.year)
        return day.weekday() < 5


def test_a_missing_year_stays_that() -> None:
    world = World(calendar=OneYear())
    assert compile_expression('add working days(@"2026-12-24", 3)').evaluate({}, world) == date(2026, 12, 29)
    assert compile_expression('working days between(@"2026-12-29", @"2026-12-24")').evaluate({}, world) == -3
    with pytest.raises(FeelError) as caught:
        compile_expression('add working days(@"2026-12-24", 10)').evaluate({}, world)
    assert (caught.value.code, caught.value.values["year"]) == ("calendar-missing", 2027)
    assert "2027" in str(caught.value)


def test_law_and_area_hooks() -> None:
    asked: list[Any] = []

    def law(parameter: str, on: date, area: str | None) -> Any:
        asked.append((parameter, on, area))
        return {"limit": 1000, "steps": (1, 2)}

    world = World(law=law, area=lambda area, other: other.startswith(area.rstrip("0")))
    found = compile_expression('law(id: "p", date: @"2026-06-01T23:30:00Z").limit').evaluate({}, world)
    assert found == 1000
    assert asked == [("p", date(2026, 6, 2), None)]  # the day in Shanghai
    assert compile_expression('area contains("140700", "140702001")').evaluate({}, world) is True
    assert compile_expression('area contains("140700", "140702001")').evaluate({}) is False


def test_moments_count_in_the_hosts_zone() -> None:
    world = World(now=datetime(2026, 1, 1, 20, tzinfo=ZoneInfo("UTC")))
    assert compile_expression("today()").evaluate({}, world) == date(2026, 1, 2)
    end = compile_expression("end of day(today())").evaluate({}, world)
    assert end == datetime(2026, 1, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert str(end.tzinfo) == "Asia/Shanghai"


def test_limits_are_the_worlds() -> None:
    small = World(limits=Limits(items=3))
    with pytest.raises(FeelError, match="at most 3 items"):
        compile_expression("[1, 2, 3, 4]").evaluate({}, small)


# Vectors of the conventions sheet, section 14.
AMOUNTS = {
    "1409.50": "人民币壹仟肆佰零玖元伍角", "6007.14": "人民币陆仟零柒元壹角肆分", "325.04": "人民币叁佰贰拾伍元零肆分", "1680.32": "人民币壹仟陆佰捌拾元叁角贰分",
    "107000.53": "人民币壹拾万柒仟元伍角叁分", "0": "人民币零元整", "0.05": "人民币伍分", "10": "人民币壹拾元整", "20005": "人民币贰万零伍元整", "10000001": "人民币壹仟万零壹元整",
    "100010000": "人民币壹亿零壹万元整", "8000000.08": "人民币捌佰万元零捌分", "0.50": "人民币伍角", "100000000": "人民币壹亿元整", "100000001": "人民币壹亿零壹元整",
    "101000000": "人民币壹亿零壹佰万元整", "110000000": "人民币壹亿壹仟万元整", "1001": "人民币壹仟零壹元整", "1010": "人民币壹仟零壹拾元整", "999999999999.99":
    "人民币玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
}  # fmt: skip


@pytest.mark.parametrize(("amount", "text"), AMOUNTS.items())
def test_chinese_amount(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


@pytest.mark.parametrize("amount", ["-1", "1000000000000", "0.001"])
def test_chinese_amount_refuses(amount: str) -> None:
    assert compile_expression(f"chinese amount({amount})").evaluate({}) is None


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("142401199003079984", True), ("142431195202299998", True), ("14242119870612990X", True), ("14242119870612990x", True), ("140781201306019977", True),
        ("142401199003079985", False), ("14242419820229998X", False), ("11010519491231002X", True), ("142401900307998", False), ("042401199003079984", False),
        ("１42401199003079984", False), ("", False), ("991231194912310025", False),
    ],
)  # fmt: skip
def test_identity_numbers(number: str, valid: bool) -> None:
    assert id_number_valid(number) is valid


def test_identity_numbers_of_the_future() -> None:
    text = 'id number valid("140781201306019977")'
    zone = ZoneInfo("Asia/Shanghai")
    assert compile_expression(text).evaluate({}, World(now=datetime(2013, 5, 31, tzinfo=zone))) is False
    assert compile_expression(text).evaluate({}, World(now=datetime(2013, 6, 1, tzinfo=zone))) is True
    assert compile_expression(text).evaluate({}, World(now=datetime(2145, 6, 1, tzinfo=zone))) is False
