"""Decision tables: hit policies, aggregations, defaults, allowed values, types, explanation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DmnError, Model, read
from tests.dmn.tables import decision, definitions, input_data, table

AGE = [("age", "number")]
RULES: list[Any] = [([">= 18"], ['"adult"']), (["< 60"], ['"young"']), ([">= 60"], ['"old"'])]


def model(
    rules: list[Any],
    *,
    inputs: list[Any] = AGE,
    outputs: tuple[str, ...] = ("out",),
    type_ref: str = "",
    **more: Any,
) -> Model:
    data = [input_data(one[0], one[1]) for one in inputs]
    logic = table(inputs, outputs, rules, **more)
    return read(
        definitions(*data, decision("d1", logic, inputs=[one[0] for one in inputs], type_ref=type_ref))
    )


def value(made: Model, **inputs: Any) -> Any:
    return made.decide("d1", inputs).value


def test_unique_gives_the_only_hit_and_null_without_one() -> None:
    made = model([(["< 5"], ["1"]), (["> 5"], ["2"])])
    assert value(made, age=4) == 1
    assert value(made, age=6) == 2
    assert value(made, age=5) is None


def test_unique_names_the_rules_that_break_it() -> None:
    with pytest.raises(DmnError) as caught:
        value(model(RULES), age=20)
    assert (caught.value.code, caught.value.element) == ("unique-violated", "t")
    assert caught.value.values["rules"] == (1, 2)


def test_any_wants_equal_outputs() -> None:
    agreeing = model([(["> 1"], ["1"]), (["> 2"], ["1.0"])], policy="ANY")
    assert value(agreeing, age=3) == 1
    differing = model([(["> 1"], ["1"]), (["> 2"], ["true"]), (["> 9"], ["1"])], policy="ANY")
    with pytest.raises(DmnError) as caught:
        value(differing, age=3)
    assert (caught.value.code, caught.value.values["rules"]) == ("any-violated", (1, 2))


def test_first_and_rule_order() -> None:
    assert value(model(RULES, policy="FIRST"), age=20) == "adult"
    assert value(model(RULES, policy="RULE ORDER"), age=20) == ["adult", "young"]


def test_priority_and_output_order_follow_the_output_values() -> None:
    ranked = '<output name="out"><outputValues><text>"young", "old", "adult"</text></outputValues></output>'
    assert value(model(RULES, outputs=(ranked,), policy="PRIORITY"), age=20) == "young"
    assert value(model(RULES, outputs=(ranked,), policy="OUTPUT ORDER"), age=70) == ["old", "adult"]


@pytest.mark.parametrize(
    ("aggregation", "expected", "of_nothing"),
    [("SUM", "1.30", None), ("MIN", "0.10", None), ("MAX", "1.00", None), ("COUNT", "3", Decimal(0))],
)
def test_collect_aggregates_exactly(aggregation: str, expected: str, of_nothing: Any) -> None:
    rules = [(["> 1"], ["0.10"]), (["> 2"], ["0.2"]), (["> 3"], ["1.00"])]
    made = model(rules, policy="COLLECT", aggregation=aggregation)
    assert value(made, age=9) == Decimal(expected)
    assert value(made, age=0) == of_nothing


def test_collect_without_aggregation_is_a_list_also_of_nothing() -> None:
    made = model(RULES, policy="COLLECT")
    assert value(made, age=70) == ["adult", "old"]
    assert value(model([(["> 5"], ["1"])], policy="COLLECT"), age=1) == []


def test_several_outputs_make_a_context() -> None:
    made = model([(["-"], ["1", '"a"'])], outputs=("n", "letter"))
    assert value(made, age=1) == {"n": 1, "letter": "a"}


def test_default_outputs() -> None:
    default = '<output name="out"><defaultOutputEntry><text>age * 2</text></defaultOutputEntry></output>'
    assert value(model([(["> 5"], ["1"])], outputs=(default,)), age=4) == 8


def test_an_input_that_is_not_allowed_gives_null_and_says_so() -> None:
    made = model([(["-"], ["1"])], inputs=[("age", "number", "[0..150]")])
    decided = made.decide("d1", {"age": 151})
    assert decided.value is None
    assert [(one.code, one.values["name"]) for one in decided.warnings] == [("input-not-allowed", "age")]


def test_an_output_that_is_not_allowed_gives_null_and_says_so() -> None:
    made = model(
        [(["-"], ["age"])],
        outputs=('<output name="out"><outputValues><text>1, 2</text></outputValues></output>',),
    )
    assert value(made, age=2) == 2
    decided = made.decide("d1", {"age": 3})
    assert decided.value is None
    assert [one.code for one in decided.warnings] == ["output-not-allowed"]


def test_an_input_of_the_wrong_type_counts_as_null() -> None:
    made = model([(["null"], ['"null"']), (["-"], ['"any"'])], policy="FIRST")
    decided = made.decide("d1", {"age": "twenty"})
    assert decided.value == "null"
    assert decided.warnings[0].code == "wrong-type"


def test_cells_may_speak_of_other_inputs_and_of_the_value_itself() -> None:
    made = model(
        [(["< limit", "-"], ["1"]), (["? * 2 > limit", "-"], ["2"])],
        inputs=[*AGE, ("limit", "number")],
        policy="FIRST",
    )
    assert value(made, age=4, limit=5) == 1
    assert value(made, age=5, limit=5) == 2


def test_numbers_never_become_floats() -> None:
    made = model([(["[0.1..0.3]"], ["age + 0.2"])])
    result = value(made, age=Decimal("0.1"))
    assert result == Decimal("0.3")
    assert isinstance(result, Decimal)
    assert isinstance(value(model([(["-"], ["age"])]), age=3), Decimal)


def test_the_explanation_names_inputs_rules_and_articles() -> None:
    made = model(
        [
            (["< 18"], ['"minor"'], ["民政〔2016〕178号 第三条", ""]),
            ([">= 18"], ['"adult"'], ["SAX-12", "note"]),
        ],
        annotations=["依据", "remark"],
    )
    trace = made.decide("d1", {"age": 30}, trace=True).trace
    assert trace is not None
    assert trace["decision"] == "d1"
    assert trace["inputs"] == [{"name": "age", "value": Decimal(30)}]
    assert trace["rules"] == [
        {"index": 1, "id": "r1", "hit": False, "annotations": {"依据": "民政〔2016〕178号 第三条"}},
        {"index": 2, "id": "r2", "hit": True, "annotations": {"依据": "SAX-12", "remark": "note"}},
    ]
    assert trace["value"] == "adult"
    assert trace["required"] == []
    assert made.decide("d1", {"age": 30}).trace is None


def test_a_rule_s_description_is_an_annotation_too() -> None:
    logic = table(AGE, ["out"], [(["-"], ["1"])]).replace(
        '<rule id="r1">', '<rule id="r1"><description>SAX-7</description>'
    )
    trace = (
        read(definitions(input_data("age"), decision("d1", logic, inputs=["age"])))
        .decide("d1", {}, trace=True)
        .trace
    )
    assert trace is not None
    assert trace["rules"][0]["annotations"] == {"description": "SAX-7"}


def test_first_explains_only_the_rules_it_tried() -> None:
    trace = model(RULES, policy="FIRST").decide("d1", {"age": 20}, trace=True).trace
    assert trace is not None
    assert [rule["index"] for rule in trace["rules"]] == [1]


def test_required_decisions_explain_themselves_inside() -> None:
    made = read(
        definitions(
            input_data("age", "number"),
            decision(
                "band", table(AGE, ["out"], [(["< 18"], ['"m"']), ([">= 18"], ['"a"'])]), inputs=["age"]
            ),
            decision(
                "fee",
                table([("band", "string")], ["out"], [(['"m"'], ["0"]), (['"a"'], ["5"])]),
                requires=["band"],
            ),
        )
    )
    decided = made.decide("fee", {"age": 3}, trace=True)
    assert decided.value == 0
    assert decided.trace is not None
    (inner,) = decided.trace["required"]
    assert (inner["decision"], inner["value"]) == ("band", "m")
    assert made.find("fee").inputs == ("age",)


def test_hit_policy_letters_and_unknown_ones() -> None:
    assert value(model(RULES, policy="F"), age=20) == "adult"
    with pytest.raises(DmnError, match="unknown-hit-policy"):
        model(RULES, policy="SOMETIMES")
