"""What no model may contain, finished or not: each refusal names its element; nothing is dropped in silence."""

from __future__ import annotations

import pytest

from engine.core.load import ModelError, load
from tests.core.models import between, flow, frame, settings, timer

MI = "multiInstanceLoopCharacteristics"
ASSOCIATION = "<dataInputAssociation><targetRef>d</targetRef></dataInputAssociation>"
PROPERTY = '<spiffworkflow:property name="law" value="b"/></spiffworkflow:properties>'
#: code, element, file
REFUSALS = {
    "ad-hoc": ("ad-hoc", "x", between('<adHocSubProcess id="x"><task id="t"/></adHocSubProcess>')),
    "choreography": ("choreography", "x", between('<choreographyTask id="x"/>')),
    "parallel-multiple": (
        "parallel-multiple",
        "x",
        between(f'<intermediateCatchEvent id="x" parallelMultiple="true">{timer("PT1M")}{timer("PT2M")}</intermediateCatchEvent>'),
    ),
    "parallel event gateway": (
        "event-gateway-parallel",
        "x",
        frame(
            '<eventBasedGateway id="x" instantiate="true" eventGatewayType="Parallel"/>'
            f'<intermediateCatchEvent id="a">{timer("PT1M")}</intermediateCatchEvent>{flow("f1", "x", "a")}'
        ),
    ),
    "data association": ("data-association", "x", between(f'<task id="x">{ASSOCIATION}</task>')),
    "data association of an event": ("data-association", "e", frame(f'<endEvent id="e">{ASSOCIATION}</endEvent>')),
    "people by name": ("element-unsupported", "x", between('<userTask id="x"><potentialOwner/></userTask>')),
    "an event definition in a task": ("element-unsupported", "x", between(f'<task id="x">{timer("PT1M")}</task>')),
    "binding of data": ("element-unsupported", "p", frame('<ioBinding/><task id="t"/>')),
    "complex behaviour": (
        "complex-behaviour",
        "x",
        between(f'<task id="x"><{MI} behavior="Complex"><loopCardinality>3</loopCardinality></{MI}></task>'),
    ),
    "behaviour without event": (
        "behaviour-event-missing",
        "x",
        between(f'<task id="x"><{MI} behavior="One"><loopCardinality>3</loopCardinality></{MI}></task>'),
    ),
    "instances of what": ("instances-unknown", "x", between(f'<task id="x"><{MI}/></task>')),
    "two ways to count": (
        "instances-ambiguous",
        "x",
        between(f'<task id="x"><{MI}><loopCardinality>3</loopCardinality><loopDataInputRef>l</loopDataInputRef></{MI}></task>'),
    ),
    "two loops": (
        "loops-two",
        "x",
        between(
            f'<task id="x"><standardLoopCharacteristics loopMaximum="2"/><{MI}><loopCardinality>3</loopCardinality></{MI}></task>'
        ),
    ),
    "endless loop": ("loop-without-end", "x", between('<task id="x"><standardLoopCharacteristics/></task>')),
    "loop maximum in words": (
        "loop-maximum",
        "x",
        between('<task id="x"><standardLoopCharacteristics loopMaximum="three"/></task>'),
    ),
    "Python by name": (
        "python-script",
        "x",
        between('<scriptTask id="x" scriptFormat="text/x-python"><script>{a: 1}</script></scriptTask>'),
    ),
    "Python by import": (
        "python-script",
        "x",
        between('<scriptTask id="x"><script>import os\nos.system("true")</script></scriptTask>'),
    ),
    "Python by assignment": ("python-script", "x", between('<scriptTask id="x"><script>total = a + b</script></scriptTask>')),
    "Python before the task": (
        "python-script",
        "x",
        between(
            '<task id="x"><extensionElements><spiffworkflow:preScript>a = 1</spiffworkflow:preScript></extensionElements></task>'
        ),
    ),
    "Python that FEEL cannot read": (
        "expression-broken",
        "x",
        between('<scriptTask id="x"><script>[print(a) for a in b]</script></scriptTask>'),
    ),
    "another script language": (
        "script-language",
        "x",
        between('<scriptTask id="x" scriptFormat="text/javascript"><script>a</script></scriptTask>'),
    ),
    "another expression language": (
        "expression-language",
        "c",
        frame(
            '<task id="a"/><task id="b"/><sequenceFlow id="c" sourceRef="a" targetRef="b">'
            '<conditionExpression language="http://www.w3.org/1999/XPath">1</conditionExpression></sequenceFlow>'
        ),
    ),
    "condition that is no FEEL": (
        "expression-broken",
        "c",
        frame(f'<task id="a"/><task id="b"/>{flow("c", "a", "b", "amount >")}'),
    ),
    "setting that is no FEEL": ("expression-broken", "x", between(f'<task id="x">{settings(deadline="=1 +")}</task>')),
    "timer in words": (
        "timer-not-iso",
        "x",
        between(f'<intermediateCatchEvent id="x">{timer("5 minutes")}</intermediateCatchEvent>'),
    ),
    "timer twice": (
        "timer-ambiguous",
        "x",
        between(
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>2026-01-01</timeDate>'
            "<timeDuration>PT1M</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        ),
    ),
    "tokens by the dozen": ("token-quantity", "x", between('<task id="x" completionQuantity="12"/>')),
    "transaction by another method": (
        "transaction-method",
        "x",
        between('<transaction id="x" method="##Store"><task id="t"/></transaction>'),
    ),
    "no decision named": ("decision-missing", "x", between('<businessRuleTask id="x"/>')),
    "decision unknown": ("decision-unknown", "x", between(f'<businessRuleTask id="x">{settings(decision="nowhere")}</businessRuleTask>')),
    "calls nothing": ("call-nothing", "x", between('<callActivity id="x"/>')),
    "calls the unknown": ("call-unknown", "x", between('<callActivity id="x" calledElement="nowhere"/>')),
    "message unknown": ("reference-dangling", "x", between('<receiveTask id="x" messageRef="nowhere"/>')),
    "signal is an error": (
        "reference-dangling",
        "x",
        between(
            '<intermediateThrowEvent id="x"><signalEventDefinition signalRef="r"/></intermediateThrowEvent>',
            roots='<error id="r" errorCode="1"/>',
        ),
    ),
    "event definition unknown": (
        "reference-dangling",
        "x",
        between('<intermediateThrowEvent id="x"><eventDefinitionRef>nowhere</eventDefinitionRef></intermediateThrowEvent>'),
    ),
    "compensates the unknown": (
        "reference-dangling",
        "x",
        between(
            '<intermediateThrowEvent id="x"><compensateEventDefinition activityRef="nowhere"/></intermediateThrowEvent>'
        ),
    ),
    "flow to nowhere": ("flow-dangling", "f", frame(f'<task id="a"/>{flow("f", "a", "nowhere")}')),
    "flow from an annotation": ("flow-dangling", "f", frame(f'<task id="a"/>{flow("f", "n", "a")}<textAnnotation id="n"/>')),
    "flow into a sub-process": (
        "flow-crosses-scope",
        "f",
        frame(f'<task id="a"/><subProcess id="b"><task id="c"/></subProcess>{flow("f", "a", "c")}'),
    ),
    "flow into a boundary event": (
        "boundary-entered",
        "f",
        frame(
            f'<task id="a"/><boundaryEvent id="b" attachedToRef="a">{timer("PT1M")}</boundaryEvent>{flow("f", "a", "b")}'
        ),
    ),
    "boundary event on a gateway": (
        "boundary-not-on-activity",
        "b",
        between('<parallelGateway id="x"/>', f'<boundaryEvent id="b" attachedToRef="x">{timer("PT1M")}</boundaryEvent>'),
    ),
    "boundary event on an event sub-process": (
        "boundary-not-on-activity",
        "b",
        frame(
            f'<subProcess id="x" triggeredByEvent="true"><startEvent id="i">{timer("PT1M")}</startEvent></subProcess>'
            f'<boundaryEvent id="b" attachedToRef="x">{timer("PT1M")}</boundaryEvent>'
        ),
    ),
    "boundary event on nothing": (
        "boundary-dangling",
        "b",
        frame(f'<task id="a"/><boundaryEvent id="b" attachedToRef="nowhere">{timer("PT1M")}</boundaryEvent>'),
    ),
    "boundary event without cause": ("trigger-missing", "b", between('<task id="x"/>', '<boundaryEvent id="b" attachedToRef="x"/>')),
    "event gateway before a task": (
        "event-gateway-target",
        "x",
        frame(f'<eventBasedGateway id="x"/><userTask id="u"/>{flow("f", "x", "u")}'),
    ),
    "default of another": (
        "default-not-outgoing",
        "a",
        frame(f'<task id="a" default="g"/><task id="b"/>{flow("f", "a", "b")}{flow("g", "b", "a")}'),
    ),
    "no id": ("id-missing", None, frame('<task name="nameless"/>')),
    "id that is none": ("id-broken", "a b", frame('<task id="a b"/>')),
    "id twice": ("id-twice", "a", frame('<task id="a"/><subProcess id="b"><task id="a"/></subProcess>')),
    "property without name": (
        "extension-broken",
        "x",
        between(
            '<task id="x"><extensionElements><spiffworkflow:properties><spiffworkflow:property value="1"/>'
            "</spiffworkflow:properties></extensionElements></task>"
        ),
    ),
    "extension that must be understood": (
        "extension-required",
        None,
        frame('<task id="t"/>', '<extension mustUnderstand="true" definition="d"/>'),
    ),
    "text with elements inside": (
        "text-broken",
        "x",
        between('<scriptTask id="x"><script>{a: <b>1</b>}</script></scriptTask>'),
    ),
    "condition twice": (
        "element-unsupported",
        "c",
        frame(
            '<task id="a"/><task id="b"/><sequenceFlow id="c" sourceRef="a" targetRef="b">'
            "<conditionExpression>a</conditionExpression><conditionExpression>b</conditionExpression></sequenceFlow>"
        ),
    ),
    "boolean misspelt": ("attribute-broken", "x", between('<task id="x" isForCompensation="yes"/>')),
    "property twice": (
        "extension-broken",
        "x",
        between(f'<task id="x">{settings(law="a").replace("</spiffworkflow:properties>", PROPERTY)}</task>'),
    ),
    "extension of SpiffWorkflow that we do not follow": (
        "extension-unsupported",
        "x",
        between(
            '<intermediateCatchEvent id="x"><messageEventDefinition messageRef="m"><extensionElements>'
            "<spiffworkflow:messageVariable>v</spiffworkflow:messageVariable></extensionElements></messageEventDefinition>"
            "</intermediateCatchEvent>",
            roots='<message id="m" name="n"/>',
        ),
    ),
    "payload on the message itself": (
        "extension-unsupported",
        "m",
        between(
            '<receiveTask id="x" messageRef="m"/>',
            roots='<message id="m" name="n"><extensionElements><spiffworkflow:messagePayload>1</spiffworkflow:messagePayload>'
            "</extensionElements></message>",
        ),
    ),
    "correlation without path": (
        "correlation-broken",
        "k",
        between(
            '<receiveTask id="x" messageRef="m"/>',
            roots='<message id="m" name="n"/><correlationProperty id="k"><correlationPropertyRetrievalExpression messageRef="m"/>'
            "</correlationProperty>",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("strict", [True, False], ids=["publish", "draft"])
@pytest.mark.parametrize(("code", "element", "source"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refused(code: str, element: str | None, source: bytes, strict: bool) -> None:
    with pytest.raises(ModelError) as caught:
        load({"a.bpmn": source}, strict=strict)
    found = {(finding.code, finding.element) for finding in caught.value.findings}
    assert (code, element) in found
    if not strict:
        assert found == {(code, element)}, "a draft is refused for this and nothing else"


def test_all_findings_together() -> None:
    """An analyst sees every fault at once, the broken expressions among them."""
    source = between(
        f'<scriptTask id="x"><script>1 +</script></scriptTask>{flow("c", "x", "e", "amount >")}',
        '<task id="lonely"/>',
    )
    with pytest.raises(ModelError) as caught:
        load({"a.bpmn": source})
    codes = {(finding.code, finding.element) for finding in caught.value.findings}
    assert {
        ("expression-broken", "x"),
        ("expression-broken", "c"),
        ("node-without-incoming", "lonely"),
    } <= codes
    error = caught.value
    assert (error.code, error.element) == (error.findings[0].code, error.findings[0].element)
    assert all(finding.code in str(error) for finding in error.findings)


def test_which_process() -> None:
    two = b"</process><process id='q' isExecutable='true'><task id='u'/></process></definitions>"
    source = frame('<task id="t"/>').replace(b"</process></definitions>", two)
    with pytest.raises(ModelError, match="which-process"):
        load({"a.bpmn": source}, strict=False)
    assert load({"a.bpmn": source}, "q", strict=False).main == "q"
    assert load({"workflows/q.bpmn": source}, strict=False).main == "q"
    with pytest.raises(ModelError, match="unknown-process"):
        load({"a.bpmn": source}, "nowhere", strict=False)
    with pytest.raises(ModelError, match="no-process"):
        load({})


def test_one_process_in_two_files() -> None:
    with pytest.raises(ModelError, match="id-twice"):
        load({"a.bpmn": between('<task id="x"/>'), "b.bpmn": between('<task id="x"/>')})
