"""Publish rules about what may stand only in some places, and what needs a code there. Clauses are those of BPMN 2.0.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.reading.findings import Finding
from engine.core.xml import BPMN, child, children, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.rules_model import Model

#: Codes by which thrown things are caught.
_CODES = {"error": "errorCode", "escalation": "escalationCode"}
#: References whose kind of target no other rule asks about: holder, attribute, what may be meant (empty: anything).
_REFERENCES = (
    ("messageFlow", "messageRef", "message"),
    ("operation", "errorRef", "error"),
    ("process", "supports", "process"),
    ("lane", "partitionElementRef", ""),
    ("participantAssociation", "innerParticipantRef", "participant"),
    ("participantAssociation", "outerParticipantRef", "participant"),
    ("messageFlowAssociation", "innerMessageFlowRef", "messageFlow"),
    ("messageFlowAssociation", "outerMessageFlowRef", "messageFlow"),
    ("conversation", "messageFlowRef", "messageFlow"),
    ("conversationLink", "sourceRef", ""),
    ("conversationLink", "targetRef", ""),
)


def event_gateway_targets_bare(model: Model) -> Iterator[Finding]:
    """A receive task that follows an event gateway has no events attached to it (10.6.6)."""
    for spot in model.of("eventBasedGateway"):
        targets = {local(flow.get("targetRef")) for flow in spot.outgoing}
        for event in model.of("boundaryEvent"):
            if local(event.xml.get("attachedToRef")) in targets:
                yield Finding("event-gateway-attached", event.id, {"gateway": spot.id})


def sub_processes_without_data(model: Model) -> Iterator[Finding]:
    """An embedded sub-process has data inputs and outputs only through its multi-instance (10.4.1)."""
    for spot in model.of("subProcess", "transaction"):
        own = child(spot.xml, "ioSpecification")
        many = child(spot.xml, "multiInstanceLoopCharacteristics")
        if own is not None and many is None and any(True for _ in children(own, "dataInput", "dataOutput")):
            yield Finding("data-not-allowed", spot.id, {"tag": spot.tag})


def thrown_things_have_codes(model: Model) -> Iterator[Finding]:
    """In an executable process a thrown error or escalation has a code (table 8.41, table 8.42)."""
    for spot in (one for one in model.spots if one.id in model.executable):
        if spot.tag not in {"endEvent", "intermediateThrowEvent"}:
            continue
        root = spot.xml.getroottree().getroot()
        for cause, definition in zip(spot.causes, spot.definitions, strict=True):
            ref = local(definition.get(f"{cause}Ref")) if cause in _CODES else None
            meant = next((one for one in children(root, cause) if one.get("id") == ref), None)
            if ref and meant is not None and not (meant.get(_CODES[cause]) or "").strip():
                yield Finding("code-missing", spot.id, {"trigger": cause, "ref": ref})


def participants_counted(model: Model) -> Iterator[Finding]:
    """The maximum of a participant multiplicity is one or more, and not below the minimum (table 9.4)."""
    for root in model.roots.values():
        for one in root.iter(f"{BPMN}participantMultiplicity"):
            least, most = _number(one.get("minimum"), 0), _number(one.get("maximum"), 1)
            if least is None or most is None or most < 1 or most < least or least < 0:
                pool = one.getparent().get("id")
                yield Finding(
                    "multiplicity", pool, {"minimum": one.get("minimum"), "maximum": one.get("maximum")}
                )


def _number(text: str | None, absent: int) -> int | None:
    if text is None:
        return absent
    return int(text) if text.strip().lstrip("-").isdecimal() else None


def other_references_fit(model: Model) -> Iterator[Finding]:
    """References that have a rule of no other kind name something that is there and fits (8.3.1)."""
    for root in model.roots.values():
        known = {element.get("id"): tag(element) for element in root.iter(f"{BPMN}*") if element.get("id")}
        for holder, name, wanted in _REFERENCES:
            for element in root.iter(f"{BPMN}{holder}"):
                told = [element.get(name) or "", *(words(part) for part in children(element, name))]
                for text in filter(None, told):
                    found = known.get(local(text))
                    if found is None or (wanted and found != wanted):
                        facts = {"attribute": name, "ref": text, "wanted": wanted}
                        yield Finding(
                            "reference-wrong", element.get("id") or element.getparent().get("id"), facts
                        )


RULES = (
    event_gateway_targets_bare,
    sub_processes_without_data,
    thrown_things_have_codes,
    participants_counted,
    other_references_fit,
)
