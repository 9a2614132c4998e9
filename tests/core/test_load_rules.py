"""The publish rule: for every rule a model that breaks it and it alone, accepted as a draft; and one that keeps all."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.core import rules
from engine.core.load import ModelError, load
from engine.core.rules_model import Model
from tests.core.models import EVERYTHING, HEAD, between, flow, frame, settings, timer

START = '<startEvent id="s"/>'
END = '<endEvent id="e"/>'
MESSAGE = '<message id="m" name="n"/>'
TYPED = '<itemDefinition id="i"/><itemDefinition id="other"/><message id="m" name="n" itemRef="i"/>'


def catch(inner: str, me: str = "x") -> str:
    return f'<intermediateCatchEvent id="{me}">{inner}</intermediateCatchEvent>'


def throw(inner: str, me: str = "x") -> str:
    return f'<intermediateThrowEvent id="{me}">{inner}</intermediateThrowEvent>'


def handler(start: str, more: str = "") -> bytes:
    """A process with an event sub-process `h`, whose start event is given."""
    inner = f'{start}{more}<endEvent id="j"/>{flow("g", "i", "j")}'
    return between('<task id="x"/>', f'<subProcess id="h" triggeredByEvent="true">{inner}</subProcess>')


def pools(flows: str, process: str) -> bytes:
    """Two pools, `ours` with the process and the closed `theirs`, and message flows between them."""
    collaboration = (
        '<collaboration id="c"><participant id="ours" processRef="p"/><participant id="theirs"/>'
        f"{flows}</collaboration>"
    )
    return frame(process, MESSAGE + collaboration)


def io(inner: str, tag: str = "task", attributes: str = "", roots: str = "") -> bytes:
    return between(
        f'<{tag} id="x"{attributes}><ioSpecification>{inner}</ioSpecification></{tag}>', roots=roots
    )


GATEWAY = (
    '<exclusiveGateway id="x" {}/><task id="a"/><task id="b"/>'
    + flow("f1", "s", "x")
    + flow("fa", "a", "e")
    + flow("fb", "b", "e")
)
RACE = (
    '<eventBasedGateway id="x"{}/><endEvent id="e"/>{}'
    + flow("g1", "x", "a")
    + flow("g2", "x", "b")
    + flow("h1", "a", "e")
    + flow("h2", "b", "e")
)
WAITS = catch(timer("PT1M"), "a") + catch(timer("PT2M"), "b")
MESSAGES = catch('<messageEventDefinition messageRef="m"/>', "a") + catch(
    '<messageEventDefinition messageRef="m"/>', "b"
)

#: rule -> [(code, element, source)]
BROKEN = {
    "start_expected": [("start-missing", "p", frame(f'<task id="x"/>{END}{flow("f", "x", "e")}'))],
    "end_expected": [("end-missing", "p", frame(f'{START}<task id="x"/>{flow("f", "s", "x")}'))],
    "every_node_reached": [
        ("node-without-incoming", "y", between('<task id="x"/>', f'<task id="y"/>{flow("g", "y", "e")}')),
        ("node-without-incoming", "x", frame(f'{throw("")}<task id="y"/>{flow("g", "x", "y")}')),
    ],
    "every_node_left": [
        ("node-without-outgoing", "y", between('<task id="x"/>', f'<task id="y"/>{flow("g", "x", "y")}')),
        ("node-without-outgoing", "b", between('<task id="x"/>', f'<boundaryEvent id="b" attachedToRef="x">{timer("PT1M")}</boundaryEvent>')),
    ],
    "outside_flow": [
        ("incoming-not-allowed", "s", between('<task id="x"/>', flow("g", "x", "s"))),
        ("outgoing-not-allowed", "e", between('<task id="x"/>', flow("g", "e", "x"))),
        ("incoming-not-allowed", "x", between('<task id="x" isForCompensation="true"/>')),
    ],
    "links_outside_flow": [
        ("outgoing-not-allowed", "x", between(throw('<linkEventDefinition name="l"/>'), catch('<linkEventDefinition name="l"/>', "y") + flow("g", "y", "e"))),
    ],
    "flow_names_agree": [("flow-list-wrong", "x", between('<task id="x"><incoming>f2</incoming></task>'))],
    "flows_immediate": [("flow-not-immediate", "g", between('<task id="x"/>', '<sequenceFlow id="g" sourceRef="x" targetRef="e" isImmediate="false"/>'))],
    "conditions_where_allowed": [
        ("condition-not-allowed", "c", frame(f'{START}{END}{flow("c", "s", "e", "a")}')),
        ("condition-empty", "c", between('<task id="x"/>', flow("c", "x", "e", ""))),
    ],
    "conditions_complete": [("condition-missing", "g1", frame(START + END + GATEWAY.format("") + flow("g1", "x", "a") + flow("g2", "x", "b", "c")))],
    "default_without_condition": [
        ("default-conditional", "g1", frame(START + END + GATEWAY.format('default="g1"') + flow("g1", "x", "a", "c") + flow("g2", "x", "b", "c"))),
    ],
    "conditional_not_alone": [("condition-alone", "g", frame(f'{START}<task id="x"/>{END}{flow("f", "s", "x")}{flow("g", "x", "e", "c")}'))],
    "some_way_on": [
        ("default-missing", "x", frame(f'{START}<task id="x"/>{END}{flow("f", "s", "x")}{flow("g", "x", "e", "c")}{flow("h", "x", "e", "d")}')),
    ],
    "gateway_needed": [("gateway-pointless", "x", between('<parallelGateway id="x"/>'))],
    "gateway_direction": [("gateway-direction", "x", between('<parallelGateway id="x" gatewayDirection="Converging"/>', flow("g", "x", "e")))],
    "event_gateway": [
        ("event-gateway-ways", "x", frame(f'{START}<eventBasedGateway id="x"/>{catch(timer("PT1M"), "a")}{END}{flow("f", "s", "x")}{flow("g", "x", "a")}{flow("h", "a", "e")}')),
        ("event-gateway-shared", "a", frame(START + RACE.format("", WAITS) + flow("f", "s", "x") + flow("k", "s", "a"))),
        ("event-gateway-mixed", "x", frame(START + RACE.format("", catch('<messageEventDefinition messageRef="m"/>', "a") + '<receiveTask id="b"/>') + flow("f", "s", "x"), MESSAGE)),
        ("instantiate-without-message", "x", frame(RACE.format(' instantiate="true"', WAITS))),
        ("instantiate-entered", "x", frame(START + RACE.format(' instantiate="true"', MESSAGES) + flow("f", "s", "x"), MESSAGE)),
    ],
    "event_gateway_targets_bare": [
        ("event-gateway-attached", "late", frame(START + RACE.format("", catch(timer("PT1M"), "a") + '<receiveTask id="b"/>') + flow("f", "s", "x") + f'<boundaryEvent id="late" attachedToRef="b">{timer("PT1M")}</boundaryEvent>' + flow("k", "late", "e"))),
    ],
    "sub_processes_without_data": [
        ("data-not-allowed", "x", between(f'<subProcess id="x"><ioSpecification><dataInput id="d"/><inputSet id="n"><dataInputRefs>d</dataInputRefs></inputSet><outputSet id="o"/></ioSpecification><startEvent id="i"/><endEvent id="j"/>{flow("g", "i", "j")}</subProcess>')),
    ],
    "thrown_things_have_codes": [
        ("code-missing", "e", between('<task id="x"/>', roots='<error id="er"/>').replace(b'<endEvent id="e"/>', b'<endEvent id="e"><errorEventDefinition errorRef="er"/></endEvent>')),
        ("code-missing", "x", between(throw('<escalationEventDefinition escalationRef="es"/>'), roots='<escalation id="es" name="a"/>')),
    ],
    "participants_counted": [
        ("multiplicity", "ours", pools("", START + '<task id="x"/>' + END + flow("f", "s", "x") + flow("g", "x", "e")).replace(b'processRef="p"/>', b'processRef="p"><participantMultiplicity minimum="3" maximum="2"/></participant>')),
    ],
    "other_references_fit": [
        ("reference-wrong", "mf", pools('<messageFlow id="mf" sourceRef="x" targetRef="theirs" messageRef="nothing"/>', START + '<task id="x"/>' + END + flow("f", "s", "x") + flow("g", "x", "e"))),
        ("reference-wrong", "l", between('<task id="x"/>').replace(b"<startEvent", b'<laneSet id="ls"><lane id="l" partitionElementRef="nothing"><flowNodeRef>x</flowNodeRef></lane></laneSet><startEvent', 1)),
        ("reference-wrong", "p", between('<task id="x"/>').replace(b"<startEvent", b"<supports>s</supports><startEvent", 1)),
    ],
    "receive_instantiates": [("instantiate-entered", "x", between('<receiveTask id="x" messageRef="m" instantiate="true"/>', roots=MESSAGE))],
    "lanes_hold_own_nodes": [("lane-ref-wrong", "l", between('<task id="x"/>').replace(b"<startEvent", b'<laneSet id="ls"><lane id="l"><flowNodeRef>e0</flowNodeRef></lane></laneSet><startEvent', 1))],
    "triggers_where_allowed": [
        ("trigger-not-allowed", "s", frame(f'<startEvent id="s"><errorEventDefinition/></startEvent>{END}{flow("f", "s", "e")}')),
        ("trigger-not-allowed", "e", frame(f'{START}<endEvent id="e">{timer("PT1M")}</endEvent>{flow("f", "s", "e")}')),
        ("trigger-not-allowed", "x", between(throw(timer("PT1M")))),
        ("trigger-not-allowed", "x", between(catch("<terminateEventDefinition/>"))),
        ("trigger-not-allowed", "i", between(f'<subProcess id="x"><startEvent id="i">{timer("PT1M")}</startEvent><endEvent id="j"/>{flow("g", "i", "j")}</subProcess>')),
    ],
    "trigger_needed": [("trigger-missing", "x", between(catch(""))), ("trigger-missing", "i", handler('<startEvent id="i"/>'))],
    "interrupting_where_needed": [
        ("must-interrupt", "i", handler('<startEvent id="i" isInterrupting="false"><errorEventDefinition/></startEvent>')),
        ("must-interrupt", "b", between('<task id="x"/>', f'<boundaryEvent id="b" attachedToRef="x" cancelActivity="false"><errorEventDefinition/></boundaryEvent>{flow("g", "b", "e")}')),
    ],
    "one_start_of_event_sub_process": [
        ("start-count", "h", handler(f'<startEvent id="i">{timer("PT1M")}</startEvent>', f'<startEvent id="k">{timer("PT2M")}</startEvent>{flow("l", "k", "j")}')),
    ],
    "cancel_in_transactions": [
        ("cancel-outside-transaction", "e", frame(f'{START}<endEvent id="e"><cancelEventDefinition/></endEvent>{flow("f", "s", "e")}')),
        ("cancel-outside-transaction", "b", between('<task id="x"/>', f'<boundaryEvent id="b" attachedToRef="x"><cancelEventDefinition/></boundaryEvent>{flow("g", "b", "e")}')),
    ],
    "compensation_handlers": [("compensation-handler", "b", between('<task id="x"/>', '<boundaryEvent id="b" attachedToRef="x"><compensateEventDefinition/></boundaryEvent>'))],
    "links_paired": [("link-partner", "y", between('<task id="x"/>', throw('<linkEventDefinition name="l"/>', "y") + flow("g", "x", "y")))],
    "link_references_paired": [
        ("link-partner", "y", between('<task id="x"/>', throw('<linkEventDefinition name="l"><target>nowhere</target></linkEventDefinition>', "y") + catch('<linkEventDefinition name="l"/>', "z") + flow("g", "x", "y") + flow("h", "z", "e"))),
    ],
    "messages_named": [
        ("reference-missing", "x", between(throw("<messageEventDefinition/>"))),
        ("reference-missing", "x", between(throw("<escalationEventDefinition/>"))),
    ],
    "typed_messages_have_operation": [("operation-missing", "x", between(catch('<messageEventDefinition messageRef="m"/>'), roots=TYPED))],
    "timers_and_conditions_given": [
        ("timer-empty", "x", between(catch("<timerEventDefinition/>"))),
        ("conditional-empty", "x", between(catch("<conditionalEventDefinition><condition/></conditionalEventDefinition>"))),
        ("expression-not-formal", "x", between(catch("<timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>"))),
    ],
    "references_fit": [("reference-wrong", "x", between('<serviceTask id="x" operationRef="m"/>', roots=MESSAGE))],
    "associations_fit": [("reference-wrong", "as", between('<task id="x"/>', '<association id="as" sourceRef="x" targetRef="nowhere"/>'))],
    "documentation_format": [("text-format", "x", between('<task id="x"><documentation textFormat="prose">a</documentation></task>'))],
    "message_flows": [
        ("message-flow-end", "mf", pools('<messageFlow id="mf" sourceRef="theirs" targetRef="e"/>', f'{START}{END}{flow("f", "s", "e")}')),
        ("message-flow-same-pool", "mf", pools('<messageFlow id="mf" sourceRef="x" targetRef="y"/>', f'{START}<task id="x"/><task id="y"/>{END}{flow("f", "s", "x")}{flow("g", "x", "y")}{flow("h", "y", "e")}')),
    ],
    "sets_of_data": [
        ("data-not-in-set", "x", io('<dataInput id="d"/><inputSet/><outputSet/>')),
        ("data-sets-disagree", "x", io('<inputSet id="is"><outputSetRefs>os</outputSetRefs></inputSet><outputSet id="os"/>')),
    ],
    "message_data": [
        ("message-data-type", "x", io('<dataInput id="d" itemSubjectRef="other"/><inputSet><dataInputRefs>d</dataInputRefs></inputSet><outputSet/>', "sendTask", ' messageRef="m"', TYPED)),
        ("message-data-count", "x", io('<dataInput id="d"/><dataInput id="d2"/><inputSet><dataInputRefs>d</dataInputRefs><dataInputRefs>d2</dataInputRefs></inputSet><outputSet/>', "sendTask", ' messageRef="m"', MESSAGE)),
    ],
    "instance_items": [
        ("instance-item-type", "x", between('<task id="x"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality><inputDataItem id="it" isCollection="true"/></multiInstanceLoopCharacteristics></task>')),
    ],
    "data_states_named": [
        ("data-state-name", "dr", between('<task id="x"/>', '<dataObject id="d" name="report"/><dataObjectReference id="dr" name="R [new]" dataObjectRef="d"><dataState name="new"/></dataObjectReference>')),
    ],
    "ids_everywhere": [],  # two ids alike are found by the schema first
    "settings_on_nodes": [("settings-misplaced", "p", between('<task id="x"/>').replace(b"<startEvent", settings(law="a.1").encode() + b"<startEvent", 1))],
    "settings_of_tasks": [("setting-misplaced", "s", frame(f'<startEvent id="s">{settings(deadline="=1")}</startEvent>{END}{flow("f", "s", "e")}'))],
    "overdue_known": [
        ("setting-unknown", "x", between(f'<userTask id="x">{settings(deadline="=1", on_overdue="shrug")}</userTask>')),
        ("setting-incomplete", "x", between(f'<userTask id="x">{settings(on_overdue="remind")}</userTask>')),
    ],
    "verbs_known": [
        ("setting-unknown", "x", between(f'<userTask id="x">{settings(verbs="urge shove")}</userTask>')),
        ("setting-unknown", "x", between(f'<userTask id="x">{settings(send_back_to="nobody")}</userTask>')),
        ("setting-unknown", "x", between(f'<userTask id="x">{settings(irrevocable="yes")}</userTask>')),
    ],
    "separation_known": [("setting-unknown", "x", between(f'<userTask id="x">{settings(separate_from="nobody")}</userTask>'))],
    "scripts_given": [
        ("script-missing", "x", between('<scriptTask id="x"/>')),
        ("script-language-missing", "x", between('<scriptTask id="x"><script>count it all up</script></scriptTask>')),
    ],
    "lanes_once": [
        ("lanes-two", "x", between('<task id="x"/>').replace(b"<startEvent", b'<laneSet id="ls"><lane id="l"><flowNodeRef>x</flowNodeRef></lane><lane id="k"><flowNodeRef>x</flowNodeRef></lane></laneSet><startEvent', 1)),
    ],
}  # fmt: skip
CASES = [(name, *case) for name, cases in BROKEN.items() for case in cases]


@pytest.mark.parametrize(
    ("rule", "code", "element", "source"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES]
)
def test_broken_rule(rule: str, code: str, element: str, source: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        load({"a.bpmn": source})
    found = {(finding.code, finding.element) for finding in caught.value.findings}
    assert (code, element) in found
    load({"a.bpmn": source}, strict=False)
    root = etree.fromstring(source)
    processes = {xml.get("id"): xml for xml in root.iter("{*}process")}
    made = next(one for one in rules.RULES if one.__name__ == rule)(Model({"a.bpmn": root}, processes))
    assert (code, element) in {(finding.code, finding.element) for finding in made}, (
        "found by the rule it is meant for"
    )


def test_every_rule_has_a_case_and_says_why() -> None:
    assert {rule.__name__ for rule in rules.RULES} == set(BROKEN)
    assert all((rule.__doc__ or "").strip() for rule in rules.RULES)


def test_schema_errors_name_line_and_element() -> None:
    source = between('<task id="x" colour="red"/>').replace(b"<task", b"\n<task")
    with pytest.raises(ModelError) as caught:
        load({"a.bpmn": source})
    finding = caught.value.findings[0]
    assert (finding.code, finding.element) == ("schema", "x")
    assert finding.values["line"] == source[: source.index(b"<task")].count(b"\n") + 1
    assert "colour" in finding.values["reason"]


def test_ids_twice_beside_the_flow() -> None:
    root = etree.fromstring(f"{HEAD}<message id='a'/><signal id='a'/></definitions>".encode())
    rule = next(one for one in rules.RULES if one.__name__ == "ids_everywhere")
    assert [(finding.code, finding.element) for finding in rule(Model({"a": root}, {}))] == [
        ("id-twice", "a")
    ]


def test_a_whole_model_keeps_all_rules() -> None:
    load({"a.bpmn": EVERYTHING}, decisions={"route": None})  # type: ignore[dict-item]


def test_links_may_pair_by_reference() -> None:
    """Names may differ where `target` and `source` say what belongs together."""
    go = throw('<linkEventDefinition id="l1" name="go"><target>l2</target></linkEventDefinition>')
    come = catch('<linkEventDefinition id="l2" name="come"><source>l1</source></linkEventDefinition>', "y")
    source = frame(f"{START}{go}{come}{END}{flow('f', 's', 'x')}{flow('g', 'y', 'e')}")
    nodes = load({"a.bpmn": source}).nodes
    assert nodes["x"].triggers[0].ref == nodes["y"].triggers[0].ref == "come"


def test_processes_that_are_not_executable_may_be_vaguer() -> None:
    source = between(throw("<messageEventDefinition/>"))
    with pytest.raises(ModelError):
        load({"a.bpmn": source})
    load({"a.bpmn": source.replace(b'isExecutable="true"', b'isExecutable="false"')})
