"""Checks of one flow node by itself: what it may contain here, and in which language its texts may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.definition import Kind
from engine.core.reading.mend import properties
from engine.core.reading.texts import XPATH, is_feel, is_python
from engine.core.xml import BPMN, SPIFF, child, children, flag, tag, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.core.reading.findings import Findings


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Tags of all flow nodes that load.
NODES = frozenset(kind.value for kind in Kind if kind is not Kind.EVENT_SUB_PROCESS)
#: Flow nodes of BPMN that are refused, with the code that says why.
REFUSED = {
    "adHocSubProcess": "ad-hoc",
    "choreographyTask": "choreography",
    "callChoreography": "choreography",
    "subChoreography": "choreography",
}
_FLOW_NODES = NODES | REFUSED.keys()
#: What a node may contain: known meanings, and decoration that no engine acts on (docs/bpmn.md).
_ANY = _names("documentation extensionElements incoming outgoing auditing monitoring categoryValueRef")
_EVENT = _names(
    """eventDefinitionRef property dataInput dataOutput inputSet outputSet
    messageEventDefinition timerEventDefinition signalEventDefinition errorEventDefinition escalationEventDefinition
    conditionalEventDefinition cancelEventDefinition compensateEventDefinition linkEventDefinition
    terminateEventDefinition"""
)
_ACTIVITY = _names("ioSpecification property standardLoopCharacteristics multiInstanceLoopCharacteristics")
_OWN = {"scriptTask": "script", "complexGateway": "activationCondition"}
#: What a sub-process contains beside its flow elements; those are checked one by one.
_SCOPE_PARTS = _names(
    """laneSet sequenceFlow dataObject dataObjectReference dataStoreReference association group textAnnotation
    supportedInterfaceRef correlationSubscription"""
)
_LOOP_PARTS = _names(
    """documentation extensionElements loopCardinality loopDataInputRef loopDataOutputRef inputDataItem outputDataItem
    completionCondition loopCondition complexBehaviorDefinition"""
)
_FLOW_PARTS = _names(
    "documentation extensionElements auditing monitoring categoryValueRef conditionExpression"
)
#: Booleans whose misspelling would change the course of a case.
_BOOLEANS = (
    "cancelActivity",
    "isInterrupting",
    "triggeredByEvent",
    "isForCompensation",
    "parallelMultiple",
    "instantiate",
    "isSequential",
    "testBefore",
    "waitForCompletion",
)
_DATA = frozenset({"dataInputAssociation", "dataOutputAssociation"})
#: Extensions of SpiffWorkflow that we read, or that only describe; it would run the scripts among them as Python.
_EXTENSIONS = _names("properties instructionsForEndUser taskMetadataValues")
_EXTENSIONS_OF = {
    "calledDecisionId": "businessRuleTask",
    "serviceTaskOperator": "serviceTask",
    "messagePayload": "messageEventDefinition",
}
_PYTHON = _names("preScript postScript unitTests")
_EXPRESSIONS = tuple(
    f"{BPMN}{name}"
    for name in _names(
        """conditionExpression condition completionCondition loopCondition loopCardinality timeDate timeDuration timeCycle
        activationCondition messagePath dataPath formalExpression"""
    )
)


def check_process(process: Any, findings: Findings) -> None:
    """Note what a process contains beside its flow elements that would be lost: bindings of data, people by name."""
    known = _SCOPE_PARTS | _FLOW_NODES | {"documentation", "extensionElements", "auditing", "monitoring"}
    for part in children(process):
        if tag(part) not in known | {"ioSpecification", "property", "supports"}:
            findings.add("element-unsupported", process.get("id"), tag=tag(part), line=part.sourceline)


def check_contents(node: Any, decisions: Mapping[str, Any], findings: Findings) -> None:
    """Note what a node contains that would be lost, misread or run in another language."""
    me, parts = node.get("id"), _parts(tag(node))
    for part in children(node):
        name = tag(part)
        if name in _DATA:
            findings.add("data-association", me, tag=name, line=part.sourceline)
        elif name not in parts:
            findings.add("element-unsupported", me, tag=name, line=part.sourceline)
    for part in (node, *(part for part in children(node) if tag(part) not in _FLOW_NODES)):
        check_extensions(part, me, findings)
    for part in (node, *children(node)):
        for attribute in _BOOLEANS:
            if part.get(attribute, "true").strip() not in {"true", "false", "1", "0"}:
                findings.add("attribute-broken", me, attribute=attribute, value=part.get(attribute))
    for attribute in ("startQuantity", "completionQuantity"):
        if node.get(attribute, "1").strip() != "1":
            findings.add("token-quantity", me, attribute=attribute, value=node.get(attribute))
    if flag(node, "parallelMultiple", default=False) and len(_definitions(node)) > 1:
        findings.add("parallel-multiple", me)
    if node.get("eventGatewayType", "Exclusive").strip() == "Parallel":
        findings.add("event-gateway-parallel", me)
    if tag(node) == "boundaryEvent" and not _definitions(node):
        findings.add("trigger-missing", me, tag=tag(node))
    if tag(node) == "transaction" and node.get("method", "##Compensate") not in {
        "##Compensate",
        "Compensate",
    }:
        findings.add("transaction-method", me, method=node.get("method"))
    if tag(node) == "scriptTask":
        _check_script(node, findings)
    if tag(node) == "businessRuleTask":
        named = words(node.find(f"{BPMN}extensionElements/{SPIFF}calledDecisionId")) or properties(node).get(
            "decision"
        )
        if not named:
            findings.add("decision-missing", me)
        elif named not in decisions:
            findings.add("decision-unknown", me, decision=named)
    _check_loop(node, findings)
    for timer in children(node, "timerEventDefinition"):
        if len(list(children(timer, "timeDate", "timeDuration", "timeCycle"))) > 1:
            findings.add("timer-ambiguous", me)


def _parts(name: str) -> frozenset[str]:
    """Return what a node with this tag may contain."""
    if name.endswith("Event"):
        return _ANY | _EVENT
    parts = _ANY if name.endswith("Gateway") else _ANY | _ACTIVITY
    if name in {"subProcess", "transaction"}:
        parts |= _SCOPE_PARTS | _FLOW_NODES
    return parts | {_OWN[name]} if name in _OWN else parts


def _definitions(node: Any) -> list[Any]:
    return [
        part
        for part in children(node)
        if tag(part).endswith("EventDefinition") or tag(part) == "eventDefinitionRef"
    ]


def check_extensions(holder: Any, me: str | None, findings: Findings) -> None:
    """Note extensions of SpiffWorkflow's name space that we do not act on; those of other vendors are decoration."""
    for extension in holder.iterfind(f"{BPMN}extensionElements/{SPIFF}*"):
        name = extension.tag.removeprefix(SPIFF)
        if name in _PYTHON:
            findings.add("python-script", me, tag=name, line=extension.sourceline)
        elif name not in _EXTENSIONS and _EXTENSIONS_OF.get(name) != tag(holder):
            findings.add("extension-unsupported", me, tag=name, line=extension.sourceline)
        else:
            _check_extension(extension, name, me, findings)


def _check_extension(extension: Any, name: str, me: str | None, findings: Findings) -> None:
    named = [part.get("name") for part in extension.iter(f"{SPIFF}property")]
    named += [part.get("id") for part in extension.iter(f"{SPIFF}parameter")]
    nested = any(len(part) for part in extension.iter(f"{SPIFF}property", f"{SPIFF}parameter"))
    nameless = [prop for prop in extension.iter(f"{SPIFF}property") if not prop.get("name")]
    nameless += [
        part
        for part in extension.iter(f"{SPIFF}parameter", f"{SPIFF}serviceTaskOperator")
        if not part.get("id")
    ]
    retries = [
        retry.get(key, "0")
        for retry in extension.iter(f"{SPIFF}retry")
        for key in ("retries", "backoff_base")
    ]
    if (
        nameless
        or nested
        or len(set(named)) < len(named)
        or not all(number.strip().isdecimal() for number in retries)
    ):
        findings.add("extension-broken", me, tag=name, line=extension.sourceline)


def _check_script(node: Any, findings: Findings) -> None:
    me, language, text = node.get("id"), node.get("scriptFormat", "").strip(), words(child(node, "script"))
    if len(list(children(node, "script"))) > 1:
        findings.add("element-unsupported", me, tag="script", reason="several")
    if "python" in language.lower():
        findings.add("python-script", me, language=language)
    elif language and not is_feel(language):
        findings.add("script-language", me, language=language)
    elif is_python(text) and not properties(node).get("result"):
        findings.add("python-script", me, text=text[:200])


def _check_loop(node: Any, findings: Findings) -> None:
    """A loop must say how often; of the behaviours of instance events, Complex is refused."""
    me = node.get("id")
    loops = list(children(node, "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"))
    if len(loops) > 1:
        findings.add("loops-two", me)
    for loop in loops:
        for part in children(loop):
            if tag(part) not in _LOOP_PARTS:
                findings.add("element-unsupported", me, tag=tag(part), line=part.sourceline)
        if tag(loop) == "standardLoopCharacteristics":
            maximum = loop.get("loopMaximum")
            if maximum is not None and not maximum.strip().isdecimal():
                findings.add("loop-maximum", me, value=maximum)
            if maximum is None and not words(child(loop, "loopCondition")):
                findings.add("loop-without-end", me)
        else:
            _check_instances(node, loop, findings)


def _check_instances(node: Any, loop: Any, findings: Findings) -> None:
    me, behaviour = node.get("id"), loop.get("behavior", "All")
    times = child(loop, "loopCardinality") is not None
    listed = child(loop, "loopDataInputRef") is not None
    if times and listed:
        findings.add("instances-ambiguous", me)
    elif not (times or listed or properties(node).get("collection")):
        findings.add("instances-unknown", me)
    if behaviour == "Complex" or child(loop, "complexBehaviorDefinition") is not None:
        findings.add("complex-behaviour", me)
    elif behaviour not in {"All", "One", "None"}:
        findings.add("behaviour-unknown", me, behaviour=behaviour)
    needed = {"One": "oneBehaviorEventRef", "None": "noneBehaviorEventRef"}.get(behaviour)
    if needed is not None and not loop.get(needed):
        findings.add("behaviour-event-missing", me, attribute=needed)


def check_flow(flow: Any, findings: Findings) -> None:
    """Note what a sequence flow contains beside its one condition."""
    parts = [tag(part) for part in children(flow)]
    for name in parts:
        if name not in _FLOW_PARTS or parts.count("conditionExpression") > 1:
            findings.add("element-unsupported", flow.get("id"), tag=name, line=flow.sourceline)


def check_languages(scope: Any, findings: Findings) -> None:
    """Expressions in the nodes and flows of a scope must be FEEL."""
    default = scope.getroottree().getroot().get("expressionLanguage", "").strip()
    foreign = "" if default in {"", XPATH} or is_feel(default) else default
    for element in children(scope, "sequenceFlow", *NODES):
        inner = (
            part for part in children(element) if tag(part) not in _FLOW_NODES and tag(part) != "sequenceFlow"
        )
        for part in inner:
            for expression in part.iter(*_EXPRESSIONS, f"{BPMN}script"):
                if len(expression):  # the library would read no further than the first element inside
                    findings.add(
                        "text-broken", element.get("id"), tag=tag(expression), line=expression.sourceline
                    )
                language = expression.get("language", "").strip() or foreign
                if language and not is_feel(language) and words(expression):
                    findings.add("expression-language", element.get("id"), language=language)
