"""Models without a picture get one: every node and flow is drawn, boxes keep apart, the model itself stays as it was."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from engine.core.load import load
from engine.diagram.layout import read_layout
from engine.fitting import drawn
from tests.conftest import ROOT

NAMES = (
    "so-establish",
    "temporary-assistance",
    "service-rating",
    "_shared/consultation",
    "_shared/phased-payment",
)


def bare(name: str) -> bytes:
    """A model of the tree without its picture."""
    text = (ROOT / "workflows" / "bpmn" / f"{name}.bpmn").read_bytes()
    return re.sub(rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", b"", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_drawn_and_nothing_lies_on_anything(name: str) -> None:
    before = bare(name)
    after = drawn(before)
    layout = read_layout(after)
    nodes = {one.id: one for one in layout.shapes}
    root = etree.fromstring(before)
    local = [etree.QName(one).localname for one in root.iter() if isinstance(one.tag, str)]
    flows = local.count("sequenceFlow")
    assert len([one for one in layout.edges if one.tag == "sequenceFlow"]) == flows
    kinds = ("Task", "Event", "Gateway", "callActivity", "subProcess")
    assert len([one for one in nodes.values() if one.tag.endswith(kinds)]) == sum(
        one.endswith(kinds) for one in local
    )
    boxes = [one for one in nodes.values() if one.tag.endswith(("Task", "Gateway", "callActivity"))]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            a, b = one.box, other.box
            apart = (
                a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            )
            assert apart, f"{one.id} lies on {other.id}"


def test_the_model_is_the_same() -> None:
    text = bare("service-rating")
    name = "service-rating"
    one, other = load({name: text}, name, strict=False), load({name: drawn(text)}, name, strict=False)
    assert one.nodes == other.nodes
    assert drawn(drawn(text)) == drawn(text)
