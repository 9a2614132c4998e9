"""Decisions tried with supposed columns, everything wrong at once, rules in plain words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.dmn import DmnError, asked, examine, read
from engine.dmn.told import Words, told
from tests.dmn.tables import decision, definitions, input_data, literal, table

AMOUNTS = table(
    [("amount * rate", "number"), ("kind", "string", '"a", "b"')],
    ['<output id="o" name="lane" label="Way" typeRef="string"/>'],
    [
        (["< 100", "-"], ['"small"'], ["LAW-1", "cheap"]),
        (["[100..limit]", '"a"'], ['"middle"']),
        (["not(<100, [100..limit])", "-"], ['"large"']),
    ],
    annotations=["law", "note"],
).replace('<input label="k', '<input id="kind_column" label="k')
MODEL = definitions(
    input_data("amount", "number"),
    input_data("limit", "number"),
    input_data("kind", "string"),
    decision("rate", literal("1 / 0 + amount"), inputs=["amount"]),
    decision("way", AMOUNTS, inputs=["amount", "limit", "kind"], requires=["rate"]),
)


def test_columns_and_names_that_a_decision_asks_for() -> None:
    model = read(MODEL)
    found = asked(model.graph, model.find("way"))
    assert [(one.label, one.column) for one in found] == [
        ("amount * rate", True),
        ("kind", True),
        ("limit", False),
    ]
    assert [one.key for one in asked(model.graph, model.find("rate"))] == ["amount"]


def test_supposed_columns_need_nothing_else() -> None:
    model = read(MODEL)
    amount, kind = (one.id for one in model.find("way").table.inputs)  # type: ignore[union-attr]
    decided = model.suppose("way", {amount: Decimal(150), kind: "a"}, {"limit": Decimal(200)})
    assert decided.value == "middle"
    assert decided.trace is not None
    assert [rule["index"] for rule in decided.trace["rules"] if rule["hit"]] == [2]
    # What the columns stood for was not worked out: no part of the explanation tells of it.
    assert not decided.trace["required"]
    assert not decided.warnings
    # A required decision that is named is taken as given.
    assert model.suppose("way", {kind: "a"}, {"amount": 10, "rate": 2, "limit": 1}).value == "small"


def test_a_column_that_is_not_there_is_refused() -> None:
    model = read(MODEL)
    with pytest.raises(DmnError) as raised:
        model.suppose("way", {"nowhere": 1}, {})
    assert raised.value.code == "unknown-column"
    with pytest.raises(DmnError):
        model.suppose("rate", {"nowhere": 1}, {})


def test_every_broken_text_is_found_at_its_cell_and_the_rest_is_analysed() -> None:
    broken = definitions(
        decision(
            "d",
            table([("x", "number"), ("", "")], ["r"], [([">", "-"], ["1 +"]), (["5", "]"], ["2"])]),
        ),
        decision(
            "e",
            table([("y", "number")], ["r"], [(["< 5"], ["1"]), (["<= 5"], ["2"])]).replace('id="r', 'id="e'),
        ),
    )
    examined = examine(broken, ["x", "y"])
    found = [(one.decision, one.code, one.cells) for one in examined.findings]
    assert [one for one in found if one[0] == "d" and one[1] != "unknown-name"] == [
        ("d", "input-without-expression", ((0, 2),)),
        ("d", "feel-syntax", ((1, 1),)),
        ("d", "feel-syntax", ((1, 3),)),
        ("d", "feel-syntax", ((2, 2),)),
    ]
    assert {code for owner, code, _ in found if owner == "e"} >= {"overlap", "gap"}
    with pytest.raises(DmnError, match=r"feel-syntax|input-without-expression"):
        read(broken)


def test_a_rule_in_plain_words() -> None:
    model = read(MODEL)
    rules = model.find("way").table
    assert rules is not None
    words = Words(value=lambda text, value: {"a": "甲类"}.get(str(value)) if text == "kind" else None)

    def said(number: int, language: str) -> str:
        return told(rules, rules.rules[number - 1], model.graph.names, language, words).sentence

    assert said(1, "zh") == "如果amount * rate小于 100，那么Way为“small”。"
    assert (
        said(2, "zh") == "如果amount * rate不小于 100且不超过“limit”，并且kind为“甲类”，那么Way为“middle”。"
    )
    assert said(2, "en") == (
        "If amount * rate is at least 100 and is at most “limit”, and kind is “甲类”, then Way is “middle”."
    )
    assert "not (is below 100, or is at least 100" in said(3, "en")


@pytest.mark.parametrize(
    ("cell", "chinese", "english"),
    [
        ('"a", "b"', "为“a”或“b”", "is “a” or “b”"),
        ('not("a")', "不是“a”", "is not “a”"),
        ("> 1000", "大于 1,000", "is above 1,000"),
        ("(1..5)", "大于 1且小于 5", "is above 1 and is below 5"),
        ("true", "为“是”", "is “yes”"),
        ("null", "为空（没有填）", "is empty"),
        ('>= date("2026-02-01")', "不小于2026-02-01", "is at least 2026-02-01"),
        ('< law("cap", day)', "小于法定的“每年上限”", "is below the lawful “每年上限”"),
        ("? > 3 and ? <= 9", "大于 3且不超过 9", "is above 3 and is at most 9"),
        ('list contains(?, "x")', "包含“x”", "contains “x”"),
        ("? between 1 and 2", "不小于 1且不超过 2", "is at least 1 and is at most 2"),
        ("count(?) > 2", "满足条件 count(?) > 2", "satisfies count(?) > 2"),
    ],
)
def test_cells_in_words(cell: str, chinese: str, english: str) -> None:
    model = read(definitions(decision("d", table([("x", "")], ["r"], [([cell], ["1"])]))), ["x", "day"])
    found = model.find("d").table
    assert found is not None
    words = Words(parameter={"cap": "每年上限"}.get)
    assert told(found, found.rules[0], (), "zh", words).conditions == (f"x{chinese}",)
    assert told(found, found.rules[0], (), "en", words).conditions == (f"x {english}",)
