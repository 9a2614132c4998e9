"""Damaged models: reading, analysing and deciding end with an answer or with an error of ours, never with a foreign one."""

from __future__ import annotations

import copy
import random

import pytest
from lxml import etree

from engine.dmn import DmnError, Model, analyse, read
from engine.feel import FeelError
from tests.dmn.tables import decision, definitions, input_data, literal, table
from tests.dmn.test_boxed import SERVICE, bkm, entry
from tests.dmn.test_read import TYPES

SEED = 7
FILTER = f"<filter><in>{literal('n')}</in><match>{literal('item > 1')}</match></filter>"
EVERY = (
    f"<every iteratorVariable='i'><in>{literal('n')}</in><satisfies>{literal('i > 0')}</satisfies></every>"
)
CHOICE = f"<conditional><if>{literal('all')}</if><then>{literal('big')}</then><else>{literal('band')}</else></conditional>"
NUMBERS = f"<list>{literal('1')}{literal('income')}</list>"
BOXES = (
    f"<context>{entry('n', NUMBERS, 'tNumbers')}{entry('big', FILTER)}{entry('all', EVERY)}"
    f"<contextEntry>{CHOICE}</contextEntry></context>"
)
SAMPLE = definitions(
    TYPES,
    input_data("person", "tPerson"),
    input_data("income", "number"),
    bkm("tax", "n:number r:tNumbers", literal("n * sum(r)")),
    decision(
        "band",
        table(
            [("income", "number", "[0..100000]"), ("person.age", "tYears")],
            [
                '<output name="a" typeRef="string"><outputValues><text>"x", "y"</text></outputValues></output>',
                "b",
            ],
            [
                (["< 100", "[0..18)"], ['"x"', "1"]),
                ([">= 100", "-"], ['"y"', "tax(income, [0.1])"], ["SAX-1"]),
            ],
            policy="PRIORITY",
            annotations=["law"],
        ),
        inputs=["income", "person"],
        knows=["tax"],
    ),
    decision("lists", BOXES, inputs=["income"], requires=["band"], type_ref="tNumbers"),
    *SERVICE,
)
TEXTS = [
    "",
    "-",
    "null",
    "1",
    '"x"',
    "person",
    "[1..",
    "not(1)",
    "tax",
    "tPerson",
    "#band",
    "true",
    "< 5",
    "-1",
    "date",
    "PRIORITY",
]


def damaged(chance: random.Random) -> bytes:
    root = etree.fromstring(SAMPLE)
    for _ in range(chance.randint(1, 4)):
        elements = list(root.iter())
        one = chance.choice(elements)
        match chance.randrange(5):
            case 0 if one.getparent() is not None:
                one.getparent().remove(one)
            case 1 if one.attrib:
                one.attrib[chance.choice(sorted(one.attrib))] = chance.choice(TEXTS)
            case 2 if one.text and one.text.strip():
                one.text = chance.choice(TEXTS)
            case 3:
                chance.choice(elements).append(copy.deepcopy(one))
            case _ if one.attrib:
                del one.attrib[chance.choice(sorted(one.attrib))]
    return etree.tostring(root)


def use(model: Model) -> None:
    analyse(model)
    inputs = {"person": {"age": 3, "full name": "Li"}, "income": 120, "x": 1}
    codes: list[str] = []
    for name in model.decisions:
        try:
            model.decide(name, inputs, trace=True)
        except (DmnError, FeelError) as error:
            codes.append(error.code)
    for name in model.services:
        try:
            model.serve(name, inputs)
        except (DmnError, FeelError) as error:
            codes.append(error.code)
    assert "internal" not in codes


def test_the_sample_itself_is_sound() -> None:
    model = read(SAMPLE)
    assert model.decide("band", {"person": {"age": 3}, "income": 120}).value == {"a": "y", "b": 12}
    assert [one.code for one in analyse(model) if one.severity == "error"] == []


@pytest.mark.parametrize("block", range(8))
def test_damaged_models_meet_only_our_errors(block: int) -> None:
    accepted = 0
    for number in range(100):
        chance = random.Random(SEED * 1000 + block * 100 + number)
        source = damaged(chance)
        try:
            model = read(source)
        except DmnError:
            continue
        accepted += 1
        use(model)
    assert 5 < accepted < 95
