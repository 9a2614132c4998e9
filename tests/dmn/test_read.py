"""Reading: versions, hostile XML, refusals with element ids, types, imports, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DmnError, analyse, read
from engine.dmn.messages import SENTENCES, sentence
from engine.dmn.xml import MAX_BYTES, NAMESPACES
from tests.dmn.tables import decision, definitions, input_data, literal, table


def refused(source: bytes, **more: Any) -> DmnError:
    with pytest.raises(DmnError) as caught:
        read(source, **more)
    error = caught.value
    assert error.code in SENTENCES
    assert "…" not in sentence(error.code, error.values, "zh", element=error.element)
    assert "…" not in sentence(error.code, error.values, "en", element=error.element)
    return error


@pytest.mark.parametrize("namespace", sorted(NAMESPACES))
def test_all_versions_of_the_standard(namespace: str) -> None:
    model = read(definitions(decision("d", literal("1 + 1"), type_ref="feel:number"), namespace=namespace))
    assert model.decide("d", {}).value == 2


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"<definitions", "xml-syntax"),
        (b"", "xml-syntax"),
        (b"<definitions/>", "not-dmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not-dmn"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>', "xml-doctype"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>', "xml-doctype"),
        (b" " * (MAX_BYTES + 1), "xml-too-large"),
        (definitions("<decision>" * 130 + "</decision>" * 130), "xml-too-deep"),
        (definitions("<decision>" * 5000 + "</decision>" * 5000), "xml-syntax"),
        (definitions(decision("d", "<list>" * 60 + "</list>" * 60)), "boxes-too-deep"),
    ],
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused(source: bytes, code: str) -> None:
    assert refused(source).code == code


def test_an_entity_bomb_does_not_expand() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    source = f'<!DOCTYPE d [<!ENTITY e0 "ha">{bomb}]>'.encode() + definitions(literal("&e11;"))
    assert refused(source).code in ("xml-doctype", "xml-syntax")


@pytest.mark.parametrize(
    ("parts", "code", "element"),
    [
        ([decision("d", '<literalExpression id="x"><text>1 +</text></literalExpression>')], "feel-syntax", "x"),
        ([decision("d", literal("1")), decision("d", literal("1"))], "duplicate-id", "d"),
        ([decision("d", literal("1"), requires=["gone"])], "unknown-reference", "d"),
        ([decision("a", literal("1"), requires=["b"]), decision("b", literal("1"), requires=["a"])], "requirement-cycle", None),
        ([decision("a", literal("1"), requires=["a"])], "requirement-cycle", "a"),
        ([decision("d", literal("1", id="x", expressionLanguage="urn:groovy"))], "language-unsupported", "x"),
        ([decision("d", table([("", "")], ["o"], []))], "input-without-expression", None),
        ([decision("d", table([("a", "")], [], []))], "table-without-output", "t"),
        ([decision("d", table([("a", "")], ["o"], [(["1", "2"], ["1"])]))], "rule-shape", "r1"),
        ([decision("d", table([("a", "")], ["o"], [], policy="COLLECT", aggregation="MEDIAN"))], "unknown-aggregation", "t"),
        (['<decisionService id="s" name="s"/>'], "service-without-output", "s"),
        (['<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition><itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>'], "type-cycle", None),
        (['<import name="other" namespace="urn:o" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'], "import-missing", None),
    ],
)  # fmt: skip
def test_refusals_name_the_element(parts: list[str], code: str, element: str | None) -> None:
    error = refused(definitions(*parts))
    assert error.code == code
    assert element is None or error.element == element


def test_a_broken_cell_is_named_by_rule_and_column() -> None:
    error = refused(
        definitions(decision("d", table([("a", "")], ["o"], [(["1"], ["1"]), (["[1.."], ["1"])])))
    )
    assert (error.code, error.values["rule"], error.values["column"]) == ("feel-syntax", 2, 1)


def test_long_chains_of_requirements_are_refused() -> None:
    chain = [decision(f"d{n}", literal("1"), requires=[f"d{n - 1}"] if n else []) for n in range(3000)]
    assert refused(definitions(*chain)).code == "requirements-too-deep"
    short = [
        decision(f"d{n}", literal(f"d{n - 1} + 1" if n else "1"), requires=[f"d{n - 1}"] if n else [])
        for n in range(40)
    ]
    assert read(definitions(*short)).decide("d39", {}).value == 40


TYPES = """
<itemDefinition name="tYears"><typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues></itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>
<itemComponent name="age"><typeRef>tYears</typeRef></itemComponent>
<itemComponent name="children" isCollection="true"><typeRef>tPerson</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
<itemDefinition name="tMoment"><typeRef>date and time</typeRef></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_ref", "given", "expected"),
    [
        ("number", 1, Decimal(1)),
        ("number", 0.1, Decimal("0.1")),
        ("number", [Decimal(1)], Decimal(1)),
        ("number", "1", None),
        ("number", True, None),
        ("boolean", 1, None),
        ("tNumbers", 3, [Decimal(3)]),
        ("tNumbers", [1, "x"], None),
        ("tYears", 151, None),
        ("tYears", 150, Decimal(150)),
        ("tPerson", {"full name": "张三", "age": 30}, {"full name": "张三", "age": Decimal(30)}),
        ("tPerson", {"age": 200}, None),
        (
            "tPerson",
            {"age": 40, "children": [{"age": 2}]},
            {"age": Decimal(40), "children": [{"age": Decimal(2)}]},
        ),
        ("tPerson", {"age": 40, "children": [{"age": "two"}]}, None),
        ("date", datetime(2026, 8, 3, 9), None),
        ("Any", [1], [Decimal(1)]),
        ("date", date(2026, 8, 3), date(2026, 8, 3)),
    ],
)
def test_values_are_brought_to_their_type_or_to_null(type_ref: str, given: Any, expected: Any) -> None:
    model = read(definitions(TYPES, input_data("x", type_ref), decision("d", literal("x"), inputs=["x"])))
    decided = model.decide("d", {"x": given})
    assert decided.value == expected
    assert type(decided.value) is type(expected)
    assert bool(decided.warnings) == (expected is None)


def test_a_date_becomes_a_moment_at_utc_midnight() -> None:
    model = read(definitions(TYPES, decision("d", literal('date("2026-08-03")'), type_ref="tMoment")))
    assert model.decide("d", {}).value.isoformat() == "2026-08-03T00:00:00+00:00"


def test_component_names_with_spaces_are_names_in_feel() -> None:
    parts = (
        TYPES,
        input_data("x", "tPerson"),
        decision("d", literal("x.full name + string(x.age - 1)"), inputs=["x"]),
    )
    assert read(definitions(*parts)).decide("d", {"x": {"full name": "Li", "age": 3}}).value == "Li2"


def test_names_of_case_variables_may_be_handed_in() -> None:
    source = definitions(decision("d", literal("family income * 2")))
    assert read(source, ["family income"]).decide("d", {"family income": 4}).value == 8


OTHER = definitions(
    '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues></itemDefinition>',
    input_data("age", "tAge"),
    decision("adult", literal("age >= 18"), inputs=["age"]),
    '<businessKnowledgeModel id="double" name="double"><encapsulatedLogic><formalParameter name="n"/>'
    + literal("n * 2")
    + "</encapsulatedLogic></businessKnowledgeModel>",
    '<itemDefinition name="tFamily"><itemComponent name="oldest"><typeRef>tAge</typeRef></itemComponent></itemDefinition>',
    own="urn:other",
)
IMPORT = '<import name="{}" namespace="urn:other" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'


def importing(prefix: str) -> bytes:
    dot = f"{prefix}." if prefix else ""
    needs = (
        '<informationRequirement><requiredDecision href="urn:other#adult"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="urn:other#double"/></knowledgeRequirement>'
    )
    return definitions(
        IMPORT.format(prefix),
        f'<decision id="d" name="d"><variable name="d"/>{needs}{literal(f"if {dot}adult then {dot}double(4) else 0")}</decision>',
    )


@pytest.mark.parametrize("prefix", ["lib", "other rules", ""])
def test_imported_elements_stand_under_the_name_of_the_import(prefix: str) -> None:
    model = read(importing(prefix), imports={"other.dmn": OTHER})
    given = {prefix: {"age": 20}} if prefix else {"age": 20}
    assert model.decide("d", given).value == 8
    assert model.find("d").inputs == ((prefix,) if prefix else ("age",))


def test_several_nameless_imports_and_one_model_imported_twice() -> None:
    def needs(*targets: str) -> str:
        return "".join(
            f'<informationRequirement><requiredDecision href="{one}"/></informationRequirement>'
            for one in targets
        )

    nameless = IMPORT.format("")
    base = definitions(decision("base", literal("20")), own="urn:base")
    first = definitions(
        nameless.replace("urn:other", "urn:base"),
        f'<decision id="one" name="one">{needs("urn:base#base")}{literal("base + 1")}</decision>',
        own="urn:first",
    )
    second = first.replace(b"urn:first", b"urn:second").replace(b'"one"', b'"two"')
    main = definitions(
        nameless.replace("urn:other", "urn:first"),
        nameless.replace("urn:other", "urn:second"),
        f'<decision id="d" name="d">{needs("urn:first#one", "urn:second#two")}{literal("one + two")}</decision>',
    )
    model = read(main, imports={"a": base, "b": first, "c": second})
    assert model.decide("d", {}).value == 42
    assert analyse(model) == []


def test_types_of_an_import_stand_under_its_name() -> None:
    source = definitions(
        IMPORT.format("lib"),
        input_data("x", "lib.tAge"),
        decision("d", literal("x instance of lib.tAge"), inputs=["x"]),
    )
    model = read(source, imports={"other": OTHER})
    assert model.decide("d", {"x": 20}).value is True
    assert model.decide("d", {"x": 200}).warnings[0].code == "not-allowed"


def test_types_of_an_import_mean_what_they_mean_there() -> None:
    test = literal("x instance of lib.tFamily")
    source = definitions(
        IMPORT.format("lib"), input_data("x", "lib.tFamily"), decision("d", test, inputs=["x"])
    )
    model = read(source, imports={"other": OTHER})
    assert model.decide("d", {"x": {"oldest": 20}}).value is True
    assert [one.code for one in model.decide("d", {"x": {"oldest": 200}}).warnings] == ["not-allowed"]
    assert [one.code for one in model.decide("d", {"x": {"oldest": "old"}}).warnings] == ["wrong-type"]


def test_import_cycles_are_refused() -> None:
    one = definitions(IMPORT.format("a"), own="urn:one")
    other = definitions(IMPORT.format("b").replace("urn:other", "urn:one"), own="urn:other")
    assert refused(one, imports={"other": other, "one": one}).code == "import-cycle"


def test_unknown_decisions() -> None:
    with pytest.raises(DmnError, match="unknown-decision"):
        read(definitions(decision("d", literal("1")))).decide("e", {})


def test_four_threads_share_one_model() -> None:
    rules = [([f"[{n}..{n + 1})"], [f"x + {n}"]) for n in range(10)]
    model = read(
        definitions(
            input_data("x", "number"), decision("d", table([("x", "number")], ["o"], rules), inputs=["x"])
        )
    )

    def work(offset: int) -> int:
        wrong = 0
        for turn in range(25_000):
            x = Decimal((turn * 7 + offset) % 1000) / 100
            wrong += model.decide("d", {"x": x}).value != x + int(x)
        return wrong

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 0


def test_every_sentence_is_in_both_languages() -> None:
    for code, (chinese, english) in SENTENCES.items():
        assert code == code.lower()
        assert any("一" <= letter <= "鿿" for letter in chinese), code
        assert english.isascii() or "…" in english, code
