"""Random walks with verbs: no divergence. The default run walks a few; BANJIAN_THOROUGH=1 walks more than 10,000."""

from __future__ import annotations

import pytest

from tests.core.oracle import verbs as law
from tests.core.oracle.generator import FAMILIES, chosen, generate
from tests.core.oracle.paper import Paper
from tests.core.oracle.test_oracle import SEED, THOROUGH
from tests.core.oracle.verb_walk import VERBS, Figures, walk, with_marks


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
def test_verbs_agree_with_the_oracle(family):
    count = 500 if THOROUGH else 12
    print(f"family {family}, seed {SEED}, {count} models")
    figures = Figures()
    for name, seed in chosen(count, SEED, [family]):
        walk(generate(name, seed), figures)
    assert not figures.wrong, figures.wrong[0]
    assert sum(figures.deeds.values()) > count
    assert sum(figures.refused.values()) > count


def test_every_verb_is_done_and_refused():
    figures = Figures()
    for name, seed in chosen(60, SEED + 7, list(FAMILIES)):
        walk(generate(name, seed), figures)
    assert set(figures.deeds) == set(VERBS)
    assert {reason.partition(":")[0] for reason in figures.refused} == set(VERBS)
    assert not figures.wrong, figures.wrong[0]


def test_marks_are_read_by_both_sides():
    marked = [with_marks(generate("parallel", seed)) for seed in range(30)]
    assert any(law.marked(model.xml) for model in marked)


def test_the_oracles_map_cuts_a_loop_once():
    xml = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"><startEvent id="s"/>
    <exclusiveGateway id="m"/><userTask id="a"/><exclusiveGateway id="x"/><endEvent id="e"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="m"/><sequenceFlow id="f2" sourceRef="m" targetRef="a"/>
    <sequenceFlow id="f3" sourceRef="a" targetRef="x"/><sequenceFlow id="f4" sourceRef="x" targetRef="m"/>
    <sequenceFlow id="f5" sourceRef="x" targetRef="e"/></process></definitions>"""
    chart = law.Map(Paper(xml))
    assert {(path.id, part.id) for path, part in chart.back} == {("f4", "m")}
