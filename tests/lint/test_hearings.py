"""What lint says of effects: ways around a hearing, papers that hide what they do, names that are the engine's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.lint import lint
from tests.engine.small import ends, model, package, task

if TYPE_CHECKING:
    from engine.package import Package

HEAR = task("userTask", "hear", effect="hearing", about="=person")
STOP = task("serviceTask", "stop", document="D14", effect="stop", about="=person")
ASK = '<bpmn:exclusiveGateway id="ask" default="f2"/>'


def made(elements: str, flows: str, sidecar: str = '{"title": {"zh": "x"}, "effect": "stop"}') -> Package:
    bpmn = model("p", {"clerk": "hear"}, ends() + elements, flows)
    files = {"templates/p/D14.json": sidecar.encode(), "templates/p/D14.html": b""}
    return package("p", bpmn, "p, clerk, p, start\n", None, **files)


def codes(given: Package) -> set[tuple[str, str | None]]:
    wanted = ("hearing", "effect", "name-reserved")
    return {(one.code, one.element) for one in lint(given) if one.code.startswith(wanted)}


def test_a_hearing_on_every_way_is_enough() -> None:
    assert codes(made(HEAR + STOP, "begin>hear hear>stop stop>done")) == set()


def test_no_hearing_or_a_way_around_it_is_an_error() -> None:
    assert codes(made(HEAR + STOP, "begin>stop stop>hear hear>done")) == {("hearing-avoidable", "stop")}
    around = made(HEAR + STOP + ASK, "begin>ask ask>hear[=hasty] ask>stop hear>stop stop>done")
    assert codes(around) == {("hearing-avoidable", "stop")}


def test_an_interrupted_hearing_is_none() -> None:
    timer = (
        '<bpmn:boundaryEvent id="late" attachedToRef="hear"><bpmn:timerEventDefinition>'
        '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P1D</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    given = made(HEAR + STOP + timer, "begin>hear hear>stop late>stop stop>done")
    assert codes(given) == {("hearing-avoidable", "stop")}


def test_a_hearing_inside_a_sub_process_counts_behind_it() -> None:
    inner = (
        '<bpmn:subProcess id="sub"><bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
        f'{HEAR}<bpmn:sequenceFlow id="i1" sourceRef="s" targetRef="hear"/>'
        '<bpmn:sequenceFlow id="i2" sourceRef="hear" targetRef="e"/></bpmn:subProcess>'
    )
    assert codes(made(inner + STOP, "begin>sub sub>stop stop>done")) == set()
    without = inner.replace('effect" value="hearing"', 'note" value="hearing"')
    assert codes(made(without + STOP, "begin>sub sub>stop stop>done")) == {("hearing-avoidable", "stop")}


def test_a_paper_says_its_effect_and_the_model_must_too() -> None:
    silent = task("serviceTask", "stop", document="D14")
    assert codes(made(HEAR + silent, "begin>hear hear>stop stop>done")) == {("effect-missing", "stop")}


@pytest.mark.parametrize(
    ("element", "code"),
    [
        (task("serviceTask", "x", operation="pay", effect="stopp"), "effect-unknown"),
        (task("userTask", "x", effect="stop"), "effect-misplaced"),
        ('<bpmn:scriptTask id="x"><bpmn:script>{heard: []}</bpmn:script></bpmn:scriptTask>', "name-reserved"),
    ],
)
def test_misspelt_misplaced_and_forged(element: str, code: str) -> None:
    assert (code, "x") in codes(made(HEAR + element, "begin>hear hear>x x>done"))
