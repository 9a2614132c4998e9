"""What analysis finds, by example; agreement with counting is in test_analysis_brute_force."""

from __future__ import annotations

from typing import Any

from engine.dmn import Finding, analyse, read
from engine.dmn.messages import SENTENCES, sentence
from tests.dmn.tables import decision, definitions, input_data, literal, table

Inputs = list[tuple[str, ...]]


def findings(
    inputs: Inputs,
    rules: list[Any],
    outputs: tuple[str, ...] = ("out",),
    *,
    names: tuple[str, ...] = (),
    **more: Any,
) -> list[Finding]:
    data = dict.fromkeys(input_data(one[0], one[1]) for one in inputs)
    logic = table(inputs, outputs, rules, **more)
    source = definitions(*data, decision("d", logic, inputs=[one[0] for one in inputs]))
    found = analyse(read(source, names))
    for one in found:
        assert one.code in SENTENCES
        for language in ("zh", "en"):
            text = sentence(
                one.code, one.values, language, rules=one.rules, cells=one.cells, element=one.decision
            )
            assert "…" not in text, text
    return found


def codes(found: list[Finding]) -> list[str]:
    return [one.code for one in found]


def where(found: list[Finding], code: str = "gap") -> list[dict[str, str]]:
    return [one.values["where"] for one in found if one.code == code]


N: Inputs = [("n", "number")]


def test_a_complete_table_has_no_findings() -> None:
    assert (
        findings(
            [*N, ("b", "boolean")],
            [(["< 5", "true"], ["1"]), (["< 5", "false"], ["2"]), ([">= 5", "-"], ["3"])],
        )
        == []
    )


def test_gaps_are_told_as_cells() -> None:
    assert where(findings(N, [(["< 5"], ["1"]), (["> 5"], ["2"])])) == [{"n": "5"}]
    assert where(findings(N, [(["[0..10)"], ["1"])])) == [{"n": "< 0, >= 10"}]
    found = findings([*N, ("b", "boolean")], [(["< 5", "true"], ["1"]), ([">= 5", "-"], ["2"])])
    assert where(found) == [{"n": "< 5", "b": "false"}]
    assert found[0].severity == "warning"


def test_neighbouring_days_leave_no_gap() -> None:
    rules = [(['<= date("2026-06-30")'], ["1"]), (['>= date("2026-07-01")'], ["2"])]
    assert findings([("day", "date")], rules) == []
    assert where(findings([("day", "date")], [rules[0], (['> date("2026-07-01")'], ["2"])])) == [
        {"day": 'date("2026-07-01")'}
    ]


def test_listed_values_bound_a_text() -> None:
    rules = [(['"a"'], ["1"]), (['"b"'], ["2"])]
    assert findings([("s", "string", '"a", "b"')], rules) == []
    assert where(findings([("s", "string", '"a", "b", "c"')], rules)) == [{"s": '"c"'}]
    assert codes(findings([("s", "string")], rules)) == ["gap"]


def test_allowed_values_of_a_type_bound_a_column() -> None:
    kind = '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"low", "high"</text></allowedValues></itemDefinition>'
    logic = table([("level", "tLevel")], ["out"], [(['"low"'], ["1"]), (['not("low")'], ["2"])])
    model = read(definitions(kind, input_data("level", "tLevel"), decision("d", logic, inputs=["level"])))
    assert analyse(model) == []
    typo = table([("level", "tLevel")], ["out"], [(['"low"'], ["1"]), (['"hihg"'], ["2"])])
    model = read(definitions(kind, input_data("level", "tLevel"), decision("d", typo, inputs=["level"])))
    found = analyse(model)
    assert [(one.code, one.cells) for one in found if one.severity == "error"] == [
        ("value-not-allowed", ((2, 1),)), ("cell-never", ((2, 1),)), ("rule-never", ((2, 1),)),
    ]  # fmt: skip
    assert where(found) == [{"level": '"high"'}]


def test_defaults_close_gaps_and_collect_only_mentions_them() -> None:
    default = '<output name="out"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>'
    assert findings(N, [(["< 5"], ["1"])], (default,)) == []
    assert [(one.code, one.severity) for one in findings(N, [(["< 5"], ["1"])], policy="COLLECT")] == [
        ("gap", "info")
    ]


def test_overlaps_by_policy() -> None:
    rules = [(["<= 5"], ["1"]), ([">= 5"], ["2"])]
    (unique,) = findings(N, rules)
    assert (unique.code, unique.severity, unique.rules, unique.cells) == (
        "overlap",
        "error",
        (1, 2),
        ((1, 1), (2, 1)),
    )
    assert unique.values["where"] == {"n": "5"}
    assert codes(findings(N, rules, policy="ANY")) == ["overlap"]
    assert findings(N, [(["<= 5"], ["1"]), ([">= 5"], ["1.0"])], policy="ANY") == []
    (unsure,) = findings(N, [(["<= 5"], ["n"]), ([">= 5"], ["5"])], policy="ANY")
    assert (unsure.code, unsure.severity) == ("overlap", "warning")
    assert [(one.code, one.severity) for one in findings(N, rules, policy="FIRST")] == [
        ("overlap-ordered", "info")
    ]


def test_rules_that_earlier_ones_cover_together_are_dead() -> None:
    rules = [(["< 5"], ["1"]), ([">= 5"], ["2"]), (["[3..8]"], ["3"]), (["-"], ["4"])]
    dead = [one for one in findings(N, rules, policy="FIRST") if one.code == "unreachable"]
    assert [(one.rules, one.values["before"]) for one in dead] == [((3,), (1, 2)), ((4,), (1, 2, 3))]


def test_priority_buries_lower_outputs() -> None:
    ranked = '<output name="out"><outputValues><text>"high", "low"</text></outputValues></output>'
    rules = [(["> 5"], ['"low"']), (["> 3"], ['"high"']), (["<= 3"], ['"low"'])]
    dead = [one for one in findings(N, rules, (ranked,), policy="PRIORITY") if one.code == "unreachable"]
    assert [(one.rules, one.values["before"]) for one in dead] == [((1,), (2,))]
    assert "priority-missing" in codes(findings(N, rules, policy="PRIORITY"))


def test_impossible_cells() -> None:
    found = findings(N, [(["[5..3]"], ["1"]), (["? > 5 and ? < 5"], ["2"]), (["-"], ["3"])], policy="FIRST")
    assert [one.cells for one in found if one.code == "cell-never"] == [((1, 1),), ((2, 1),)]


def test_arbitrary_cells_are_beyond_analysis_and_say_so() -> None:
    found = findings([*N, ("m", "number")], [(["< m", "-"], ["1"]), ([">= 5", "> 1"], ["2"])])
    assert [(one.severity, one.cells) for one in found if one.code == "unknown-coverage"] == [
        ("info", ((1, 1),))
    ]
    assert "gap" not in codes(found)
    assert "overlap" not in codes(found)


def test_types_of_cells_and_outputs() -> None:
    found = findings(N, [(['"five"'], ["1"])])
    assert [(one.code, one.cells) for one in found][:1] == [("type-mismatch", ((1, 1),))]
    number = '<output name="out" typeRef="number"/>'
    found = findings(N, [(["-"], ['"x"'])], (number,))
    assert [(one.code, one.cells, one.values["found"]) for one in found] == [
        ("type-mismatch", ((1, 2),), "string")
    ]
    listed = '<output name="out"><outputValues><text>"a", "b"</text></outputValues></output>'
    assert codes(findings(N, [(["-"], ['"c"'])], (listed,))) == ["value-not-allowed"]


def test_unknown_names_with_their_cells() -> None:
    found = findings(N, [(["< limit"], ["1"]), ([">= limit"], ["amont"])])
    unknown = [(one.values["name"], one.cells) for one in found if one.code == "unknown-name"]
    assert unknown == [("limit", ((1, 1),)), ("limit", ((2, 1),)), ("amont", ((2, 2),))]
    known = findings(N, [(["< limit"], ["1"]), ([">= limit"], ["amont"])], names=("limit", "amont"))
    assert codes(known) == ["unknown-coverage"]


def test_names_of_the_model_need_a_requirement() -> None:
    parts = input_data("a"), input_data("b"), decision("d", literal("a + b"), inputs=["a"])
    (found,) = analyse(read(definitions(*parts)))
    assert (found.code, found.values["name"]) == ("missing-requirement", "b")
    inside = decision("d", literal("a[amount > 1]"), inputs=["a"])
    assert analyse(read(definitions(input_data("a"), inside))) == []


def test_undefined_types_are_findings() -> None:
    found = analyse(read(definitions(input_data("a", "tGone"), decision("d", literal("a"), inputs=["a"]))))
    assert [(one.code, one.values["type"]) for one in found] == [("unknown-type", "tGone")]


def test_one_question_asked_in_two_columns_is_one_column() -> None:
    rules = [([">= 0", "< 5"], ["1"]), ([">= 5", "-"], ["2"]), (["< 0", "-"], ["3"])]
    assert findings([*N, *N], rules) == []


def test_related_inputs_are_mentioned() -> None:
    data = input_data("n", "number")
    logic = table(
        [("n", "number"), ("n * 2", "number")],
        ["out"],
        [(["< 5", "< 10"], ["1"]), ([">= 5", ">= 10"], ["2"])],
    )
    found = analyse(read(definitions(data, decision("d", logic, inputs=["n"]))))
    assert "related-inputs" in codes(found)


def test_null_is_a_value_where_a_cell_speaks_of_it() -> None:
    assert where(findings(N, [(["null"], ["1"]), (["< 5"], ["2"])])) == [{"n": ">= 5"}]
    assert findings(N, [(["null"], ["1"]), (["not(null)"], ["2"])]) == []


def test_large_tables_are_analysed_or_say_that_they_were_not() -> None:
    inputs = [(f"x{n}", "number") for n in range(6)]
    rules = [
        ([f"[{(rule * (n + 3)) % 97}..{(rule * (n + 3)) % 97 + 40}]" for n in range(6)], [str(rule)])
        for rule in range(100)
    ]
    found = findings(inputs, rules)
    assert "gap" in codes(found)
    assert "overlap" in codes(found)
    many = [([f"{n}"], [str(n)]) for n in range(1100)]
    assert "analysis-bounded" in codes(findings(N, many))


def test_null_and_not_follow_the_engine() -> None:
    rules = [(["null"], ["1"]), (["not(5)"], ["2"]), (["5"], ["3"])]
    assert where(findings(N, rules), "overlap") == [{"n": "null"}]
    ordered = [(["null"], ["1"]), (["not(< 5)"], ["2"]), (["< 5"], ["3"])]
    assert findings(N, ordered) == []
    for cells, hits in ((rules, [1, 2]), (ordered, [1])):
        logic = table(N, ["out"], cells, policy="RULE ORDER")
        model = read(definitions(input_data("n", "number"), decision("d", logic, inputs=["n"])))
        assert model.decide("d", {"n": None}).value == hits


def test_item_definitions_of_what_is_read_bound_a_column() -> None:
    kind = (
        '<itemDefinition name="tApplicant"><itemComponent name="status"><typeRef>string</typeRef>'
        '<allowedValues><text>"single", "married"</text></allowedValues></itemComponent></itemDefinition>'
    )
    rules = [(['"single"'], ["1"]), (['"married"'], ["2"])]
    for type_ref in ("", "string"):
        logic = table([("applicant.status", type_ref)], ["out"], rules)
        parts = kind, input_data("applicant", "tApplicant"), decision("d", logic, inputs=["applicant"])
        assert analyse(read(definitions(*parts))) == []
