"""Boxed expressions, required decisions, knowledge models and services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DmnError, read
from engine.feel import FeelLimitError, Limits, World
from tests.dmn.tables import decision, definitions, input_data, literal, table


def decide(*parts: str, target: str = "d", **inputs: Any) -> Any:
    return read(definitions(*parts)).decide(target, inputs).value


def entry(name: str, logic: str, type_ref: str = "") -> str:
    reference = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<contextEntry><variable name="{name}"{reference}/>{logic}</contextEntry>'


def bkm(
    name: str, parameters: str, logic: str, *, knows: str = "", kind: str = "", type_ref: str = ""
) -> str:
    formal = "".join(
        f'<formalParameter name="{one.partition(":")[0]}" typeRef="{one.partition(":")[2]}"/>'
        for one in parameters.split()
    )
    needs = (
        f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>' if knows else ""
    )
    kind = f' kind="{kind}"' if kind else ""
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/>'
        f"<encapsulatedLogic{kind}>{formal}{logic}</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


def test_context_entries_see_earlier_ones() -> None:
    logic = f"<context>{entry('a', literal('1'))}{entry('b', literal('a + x'))}</context>"
    assert decide(input_data("x"), decision("d", logic, inputs=["x"]), x=4) == {"a": 1, "b": 5}


def test_a_last_entry_without_variable_is_the_result() -> None:
    last = f"<contextEntry>{literal('a * 2')}</contextEntry>"
    assert decide(decision("d", f"<context>{entry('a', literal('21'))}{last}</context>")) == 42


def test_context_entries_are_typed() -> None:
    model = read(definitions(decision("d", f"<context>{entry('a', literal('1'), 'string')}</context>")))
    decided = model.decide("d", {})
    assert decided.value == {"a": None}
    assert decided.warnings[0].code == "wrong-type"


def test_list_and_relation() -> None:
    assert decide(decision("d", f"<list>{literal('1')}{literal('1 + 1')}</list>")) == [1, 2]
    columns = '<column name="n" typeRef="number"/><column name="word"/>'
    row = f"<row>{literal('1')}{literal(chr(34) + 'a' + chr(34))}</row>"
    assert decide(decision("d", f"<relation>{columns}{row}</relation>")) == [{"n": 1, "word": "a"}]


@pytest.mark.parametrize(("given", "expected"), [(True, "yes"), (False, "no"), (None, "no"), ("x", None)])
def test_conditional(given: Any, expected: Any) -> None:
    logic = f"<conditional><if>{literal('x')}</if><then>{literal(chr(34) + 'yes' + chr(34))}</then><else>{literal(chr(34) + 'no' + chr(34))}</else></conditional>"
    assert decide(input_data("x"), decision("d", logic, inputs=["x"]), x=given) == expected


def test_for_knows_its_results_so_far() -> None:
    logic = f'<for iteratorVariable="i"><in>{literal("1..4")}</in><return>{literal("i * 10 + count(partial)")}</return></for>'
    assert decide(decision("d", logic.replace("1..4", "[1, 2, 3]"))) == [10, 21, 32]


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [("some", "i > 2", True), ("some", "i > 3", False), ("every", "i > 0", True), ("every", "i > 1", False), ("every", '"x"', None)],
)  # fmt: skip
def test_some_and_every(tag: str, text: str, expected: Any) -> None:
    logic = f'<{tag} iteratorVariable="i"><in>{literal("[1, 2, 3]")}</in><satisfies>{literal(text)}</satisfies></{tag}>'
    assert decide(decision("d", logic)) is expected


def test_filter_by_item_component_and_index() -> None:
    def kept(source: str, match: str) -> Any:
        return decide(
            decision("d", f"<filter><in>{literal(source)}</in><match>{literal(match)}</match></filter>")
        )

    assert kept("[1, 2, 3]", "item >= 2") == [2, 3]
    assert kept("[{a: 1}, {a: 2}]", "a = 2") == [{"a": 2}]
    assert kept("[4, 5, 6]", "-1") == 6
    assert kept("5", "item = 5") == [5]
    assert kept("[1]", '"x"') is None


def test_knowledge_models_are_functions_also_of_themselves() -> None:
    factorial = bkm("fact", "n:number", literal("if n <= 1 then 1 else n * fact(n - 1)"))
    assert decide(factorial, decision("d", literal("fact(20)"), knows=["fact"])) == 2432902008176640000
    assert decide(factorial, decision("d", literal('fact("x")'), knows=["fact"])) is None
    assert decide(factorial, decision("d", literal("fact(1, 2)"), knows=["fact"])) is None


def test_endless_recursion_meets_a_limit() -> None:
    with pytest.raises((FeelLimitError, DmnError)) as caught:
        decide(bkm("f", "n:number", literal("f(n + 1)")), decision("d", literal("f(1)"), knows=["f"]))
    assert caught.value.code == "too-deep"


def test_one_budget_for_all_calls_of_a_decision() -> None:
    square = bkm("square", "n:number", literal("n * n"))
    logic = literal("sum(for i in 1..1000 return square(i))")
    model = read(definitions(square, decision("d", logic, knows=["square"])))
    assert model.decide("d", {}).value == 333833500
    with pytest.raises(FeelLimitError):
        model.decide("d", {}, World(limits=Limits(steps=500)))


def test_knowledge_models_use_other_knowledge_models() -> None:
    parts = (
        bkm("inner", "a:number", literal("a + 1")),
        bkm("outer", "a:number", literal("inner(a) * 2"), knows="inner"),
    )
    assert decide(*parts, decision("d", literal("outer(2)"), knows=["outer"])) == 6


def test_invocation_binds_parameters_by_name() -> None:
    binding = f'<binding><parameter name="b"/>{literal("2")}</binding><binding><parameter name="a"/>{literal("1")}</binding>'
    logic = f"<invocation>{literal('f')}{binding}</invocation>"
    assert (
        decide(bkm("f", "a:number b:number", literal("10 * a + b")), decision("d", logic, knows=["f"])) == 12
    )
    nothing = read(definitions(decision("d", f"<invocation>{literal('1')}</invocation>"))).decide("d", {})
    assert nothing.value is None
    assert nothing.warnings[0].code == "not-a-function"


def test_a_boxed_function_closes_over_its_scope() -> None:
    function = (
        '<functionDefinition><formalParameter name="b" typeRef="number"/>'
        + literal("a * b")
        + "</functionDefinition>"
    )
    logic = f"<context>{entry('a', literal('3'))}{entry('f', function)}<contextEntry>{literal('f(5)')}</contextEntry></context>"
    assert decide(decision("d", logic)) == 15


def test_foreign_functions_are_never_run() -> None:
    java = bkm("f", "a:number", literal('{class: "java.lang.Math"}'), kind="Java")
    model = read(definitions(java, decision("d", literal("f(1)"), knows=["f"])))
    decided = model.decide("d", {})
    assert decided.value is None
    assert "foreign-function" in [one.code for one in decided.warnings]


def test_a_table_in_a_knowledge_model_is_explained() -> None:
    logic = table(
        [("n", "number")],
        ["out"],
        [(["> 1"], ["true"], ["SAX-3"]), (["<= 1"], ["false"])],
        annotations=["law"],
    )
    model = read(
        definitions(bkm("rich", "n:number", logic), decision("d", literal("rich(2)"), knows=["rich"]))
    )
    trace = model.decide("d", {}, trace=True).trace
    assert trace is not None
    assert trace["value"] is True
    (inner,) = trace["required"]
    assert inner["decision"] == "rich"
    assert inner["inputs"] == [{"name": "n", "value": Decimal(2)}]
    assert [rule["annotations"] for rule in inner["rules"] if rule["hit"]] == [{"law": "SAX-3"}]


SERVICE = (
    input_data("x", "number"),
    decision("y", literal("100")),
    decision("z", literal("x + y"), inputs=["x"], requires=["y"]),
    ('<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#z"/><inputDecision href="#y"/>'
    '<inputData href="#i_x"/></decisionService>'),
)  # fmt: skip


def test_a_service_takes_inputs_first_and_hides_what_is_outside() -> None:
    model = read(definitions(*SERVICE))
    assert model.serve("s", [1, 2]).value == 3
    assert model.serve("s", {"y": 5, "x": 1}).value == 6
    assert model.decide("z", {"x": 1}).value == 101
    with pytest.raises(DmnError, match="service-arguments"):
        model.serve("s", [1])
    with pytest.raises(DmnError, match="unknown-service"):
        model.serve("z", [])


def test_a_service_is_a_function_in_feel() -> None:
    parts = (*SERVICE, decision("d", literal("[s(1, 2), z]"), requires=["z"], knows=["s"]))
    assert decide(*parts, x=1) == [3, 101]
    wrong = (*SERVICE, decision("d", literal('s("one", 2)'), knows=["s"]))
    assert decide(*wrong) is None


def test_a_service_with_several_outputs_gives_a_context() -> None:
    parts = (
        decision("a", literal("1")),
        decision("b", literal("2")),
        '<decisionService id="s" name="s"><outputDecision href="#a"/><outputDecision href="#b"/></decisionService>',
    )
    assert read(definitions(*parts)).serve("s", []).value == {"a": 1, "b": 2}


def test_only_required_elements_are_seen_and_undeclared_inputs_pass() -> None:
    parts = (
        input_data("seen"),
        input_data("hidden"),
        decision("d", literal("[seen, hidden, other]"), inputs=["seen"]),
    )
    model = read(definitions(*parts))
    decided = model.decide("d", {"seen": 1, "hidden": 2, "other": 3})
    assert decided.value == [1, None, 3]
    assert decided.warnings[0].values["name"] == "hidden"
    assert model.find("d").inputs == ("other", "seen")


def test_values_of_a_decision_are_computed_once() -> None:
    parts = (
        decision("base", literal("1 + 1")),
        decision("left", literal("base + 1"), requires=["base"]),
        decision("right", literal("base + 2"), requires=["base"]),
        decision("d", literal("left * right"), requires=["left", "right"]),
    )
    trace = read(definitions(*parts)).decide("d", {}, trace=True).trace
    assert trace is not None
    left, right = trace["required"]
    assert trace["value"] == 12
    assert left["required"][0] is right["required"][0]


def test_explanations_stay_bounded_and_plain() -> None:
    square = bkm("square", "n:number", literal("n * n"))
    parts = (
        square,
        decision("library", literal('{f: function(a) a + 1, span: duration("P1D"), range: [1..2]}')),
        decision(
            "d", literal("sum(for i in 1..2000 return square(i))"), requires=["library"], knows=["square"]
        ),
    )
    trace = read(definitions(*parts)).decide("d", {}, trace=True).trace
    assert trace is not None
    assert trace["required"][0]["value"] == {"f": "function(a)", "span": "P1D", "range": "[1..2]"}
    assert len(trace["required"]) + trace["omitted"] == 2001
    assert len(trace["required"]) < 600


def test_a_served_service_is_explained() -> None:
    trace = read(definitions(*SERVICE)).serve("s", [1, 2], trace=True).trace
    assert trace is not None
    assert (trace["decision"], trace["value"]) == ("s", 3)
    assert trace["inputs"] == [{"name": "x", "value": Decimal(1)}, {"name": "y", "value": Decimal(2)}]
    assert [part["decision"] for part in trace["required"]] == ["z"]
