"""What stock SpiffWorkflow does to the same models. These tests fail when a release repairs a loss: then look again.

`docs/decisions/0002` gives them as the reason for our extensions. Nothing is executed here but the library's own parser.
"""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser

from engine.core.definition import Cause
from engine.core.load import load
from tests.core.models import between, flow, frame, timer


def stock(source: bytes, process: str = "p") -> Any:
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source))
    return parser.get_spec(process)


def both(source: bytes) -> tuple[dict[str, Any], Any]:
    return stock(source).task_specs, load({"a.bpmn": source}, strict=False)


def test_signal_end_event_becomes_a_none_event() -> None:
    source = frame(
        f'<startEvent id="s"/><endEvent id="x"><signalEventDefinition signalRef="g"/></endEvent>{flow("f", "s", "x")}',
        '<signal id="g" name="go"/>',
    )
    specs, ours = both(source)
    assert isinstance(specs["x"].event_definition, NoneEventDefinition)
    assert [(t.cause, t.ref) for t in ours.nodes["x"].triggers] == [(Cause.SIGNAL, "go")]


def test_error_start_of_an_event_sub_process_becomes_a_none_event() -> None:
    inner = f'<startEvent id="i"><errorEventDefinition/></startEvent><endEvent id="j"/>{flow("g", "i", "j")}'
    source = between(
        '<task id="x"/>', f'<subProcess id="handler" triggeredByEvent="true">{inner}</subProcess>'
    )
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source))
    parser.get_spec("p")
    assert isinstance(parser.get_spec("handler").task_specs["i"].event_definition, NoneEventDefinition)
    ours = load({"a.bpmn": source})
    assert ours.nodes["i"].triggers[0].cause is Cause.ERROR
    assert ours.scopes["p"].event_sub_processes == ("handler",)


def test_link_events_disappear() -> None:
    source = between(
        '<intermediateThrowEvent id="x"><linkEventDefinition name="on"/></intermediateThrowEvent>',
        f'<intermediateCatchEvent id="y"><linkEventDefinition name="on"/></intermediateCatchEvent>{flow("g", "y", "e")}',
    )
    specs, ours = both(source)
    assert isinstance(specs["x"].event_definition, NoneEventDefinition)
    assert "y" not in specs
    assert [ours.nodes[name].triggers[0].ref for name in ("x", "y")] == ["on", "on"]


def test_compensation_disappears() -> None:
    source = between('<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>')
    specs, ours = both(source)
    assert isinstance(specs["x"].event_definition, NoneEventDefinition)
    assert ours.nodes["x"].triggers[0].cause is Cause.COMPENSATE


def test_condition_of_a_flow_out_of_a_task_is_ignored() -> None:
    source = frame(
        f'<startEvent id="s"/><task id="x"/><endEvent id="e"/>{flow("f", "s", "x")}{flow("g", "x", "e", "amount > 5")}'
    )
    specs, ours = both(source)
    assert not hasattr(specs["x"], "cond_task_specs")
    assert ours.flows["g"].condition is not None


def test_several_flows_out_of_a_task_are_refused() -> None:
    source = between('<task id="x"/>', flow("g", "x", "e"))
    with pytest.raises(ValidationException):
        stock(source)
    assert load({"a.bpmn": source}).nodes["x"].outgoing == ("f2", "g")


def test_isinterrupting_is_not_read() -> None:
    inner = f'<startEvent id="i" isInterrupting="false">{timer("PT1H")}</startEvent><endEvent id="j"/>{flow("g", "i", "j")}'
    source = between(
        '<task id="x"/>', f'<subProcess id="handler" triggeredByEvent="true">{inner}</subProcess>'
    )
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source))
    parser.get_spec("p")
    start = parser.get_spec("handler").task_specs["i"]
    assert not any("interrupting" in name.lower() for name in vars(start))
    assert load({"a.bpmn": source}).nodes["i"].interrupting is False


def test_an_element_called_end_loses_its_meaning() -> None:
    source = frame(
        '<startEvent id="s"/><endEvent id="End"><errorEventDefinition/></endEvent>' + flow("f", "s", "End"),
    )
    specs, ours = both(source)
    assert not hasattr(specs["End"], "event_definition")
    assert ours.nodes["End"].triggers[0].cause is Cause.ERROR


def test_a_long_chain_is_too_much() -> None:
    tasks = "".join(f'<task id="t{i}"/>' for i in range(2000))
    flows = "".join(flow(f"f{i}", f"t{i}", f"t{i + 1}") for i in range(1999))
    source = frame(f'<startEvent id="s"/>{flow("f", "s", "t0")}{tasks}{flows}')
    with pytest.raises((RecursionError, ValidationException)):
        stock(source)
    assert len(load({"a.bpmn": source}, strict=False).nodes) == 2001


def test_settings_of_gateways_are_not_read() -> None:
    properties = '<spiffworkflow:properties><spiffworkflow:property name="law" value="a.1"/></spiffworkflow:properties>'
    source = between(
        f'<parallelGateway id="x"><extensionElements>{properties}</extensionElements></parallelGateway>'
    )
    specs, ours = both(source)
    assert specs["x"].extensions == {}
    assert ours.nodes["x"].settings.law == ("a.1",)
