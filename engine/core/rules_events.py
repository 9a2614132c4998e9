"""Publish rules about events: which trigger may stand where, and what a trigger needs. Clauses are those of BPMN 2.0.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.reading.findings import Finding
from engine.core.xml import BPMN, XSI_TYPE, child, children, flag, link_name, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.rules_model import Model, Spot

#: Triggers by place (10.5.2 to 10.5.4).
TOP_START = frozenset({"message", "timer", "conditional", "signal"})
EVENT_SUB_START = TOP_START | {"escalation", "error", "compensate"}
CATCH = TOP_START | {"link"}
THROW = frozenset({"message", "escalation", "compensate", "link", "signal"})
END = frozenset({"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"})
BOUNDARY = TOP_START | {"escalation", "error", "cancel", "compensate"}
ALWAYS_INTERRUPTING = frozenset({"error", "cancel", "compensate"})


def triggers_where_allowed(model: Model) -> Iterator[Finding]:
    """Each event has triggers that its place allows (10.5.2 to 10.5.4)."""
    for spot in model.spots:
        allowed = _allowed(spot)
        for cause in spot.causes if allowed is not None else ():
            if cause not in (allowed or ()):
                yield Finding("trigger-not-allowed", spot.id, {"trigger": cause, "tag": spot.tag})


def _allowed(spot: Spot) -> frozenset[str] | None:
    places = {
        "intermediateCatchEvent": CATCH,
        "intermediateThrowEvent": THROW,
        "endEvent": END,
        "boundaryEvent": BOUNDARY,
    }
    if spot.tag != "startEvent":
        return places.get(spot.tag)
    if tag(spot.scope) == "process":
        return TOP_START
    return EVENT_SUB_START if flag(spot.scope, "triggeredByEvent", default=False) else frozenset()


def trigger_needed(model: Model) -> Iterator[Finding]:
    """Catch events, boundary events and starts of event sub-processes wait for something (10.5.4, 10.3.5)."""
    for spot in model.spots:
        inner = spot.tag == "startEvent" and flag(spot.scope, "triggeredByEvent", default=False)
        if not spot.causes and (inner or spot.tag in {"intermediateCatchEvent", "boundaryEvent"}):
            yield Finding("trigger-missing", spot.id, {"tag": spot.tag})


def interrupting_where_needed(model: Model) -> Iterator[Finding]:
    """Error, cancel and compensation always interrupt (10.5.2, 10.5.4)."""
    for spot in model.of("startEvent", "boundaryEvent"):
        attribute = "cancelActivity" if spot.tag == "boundaryEvent" else "isInterrupting"
        causes = ALWAYS_INTERRUPTING & set(spot.causes)
        if spot.tag == "boundaryEvent":
            causes -= {"compensate"}  # the attribute has no meaning there
        if causes and not flag(spot.xml, attribute, default=True):
            yield Finding("must-interrupt", spot.id, {"trigger": min(causes)})


def one_start_of_event_sub_process(model: Model) -> Iterator[Finding]:
    """An event sub-process has exactly one start event (10.3.5); an embedded one has one none start event at most."""
    for scope, spots in model.by_scope.items():
        starts = sum(spot.tag == "startEvent" for spot in spots)
        by_event = flag(scope, "triggeredByEvent", default=False)
        if tag(scope) != "process" and (starts > 1 or (by_event and starts != 1)):
            yield Finding("start-count", scope.get("id"), {"count": starts})


def cancel_in_transactions(model: Model) -> Iterator[Finding]:
    """Cancel end events stand inside transactions, cancel boundary events on them (10.5.3, 10.5.4)."""
    for spot in model.spots:
        if "cancel" not in spot.causes:
            continue
        if spot.tag == "boundaryEvent":
            host = model.by_id.get(local(spot.xml.get("attachedToRef")) or "")
            right = host is not None and host.tag == "transaction"
        else:
            right = any(tag(outer) == "transaction" for outer in (spot.scope, *spot.scope.iterancestors()))
        if not right:
            yield Finding("cancel-outside-transaction", spot.id, {"tag": spot.tag})


def compensation_handlers(model: Model) -> Iterator[Finding]:
    """A compensation boundary event has no flow but an association to one handler (10.7)."""
    for spot in model.of("boundaryEvent"):
        if "compensate" not in spot.causes:
            continue
        if spot.outgoing:
            yield Finding("outgoing-not-allowed", spot.id, {"tag": "compensation"})
        root = spot.xml.getroottree().getroot()
        ties = [tie for tie in root.iter(f"{BPMN}association") if local(tie.get("sourceRef")) == spot.id]
        handlers = [model.by_id.get(local(tie.get("targetRef")) or "") for tie in ties]
        right = [handler for handler in handlers if handler is not None and handler.compensates]
        if len(right) != 1 or right[0].scope is not spot.scope:
            yield Finding("compensation-handler", spot.id, {"count": len(right)})


def links_paired(model: Model) -> Iterator[Finding]:
    """A thrown link has exactly one catching link of its name, in the same scope (10.5.5)."""
    for spots in model.by_scope.values():
        names: dict[str, list[Any]] = {"intermediateThrowEvent": [], "intermediateCatchEvent": []}
        for spot in spots:
            for definition in spot.definitions if spot.tag in names else ():
                if tag(definition) == "linkEventDefinition":
                    names[spot.tag].append((link_name(definition), spot.id))
        caught = [name for name, _ in names["intermediateCatchEvent"]]
        for name, me in names["intermediateThrowEvent"]:
            if caught.count(name) != 1:
                yield Finding("link-partner", me, {"name": name, "count": caught.count(name)})
        thrown = {name for name, _ in names["intermediateThrowEvent"]}
        for name, me in names["intermediateCatchEvent"]:
            if name not in thrown:
                yield Finding("link-partner", me, {"name": name, "count": 0})


def link_references_paired(model: Model) -> Iterator[Finding]:
    """`source` and `target` of a link name link definitions of the same scope (10.5.5)."""
    for spot in model.spots:
        here = {one.get("id") for other in model.by_scope[spot.scope] for one in other.definitions}
        for definition in spot.definitions:
            for part in children(definition, "source", "target"):
                if local(words(part)) not in here:
                    yield Finding("link-partner", spot.id, {"name": words(part), "count": 0})


def messages_named(model: Model) -> Iterator[Finding]:
    """In an executable process message, signal and thrown error and escalation definitions say which one (10.5.5)."""
    refs = {
        "message": "messageRef",
        "signal": "signalRef",
        "error": "errorRef",
        "escalation": "escalationRef",
    }
    for spot in (one for one in model.spots if one.id in model.executable):
        throws = spot.tag in {"endEvent", "intermediateThrowEvent"}
        for cause, definition in zip(spot.causes, spot.definitions, strict=True):
            needed = cause in {"message", "signal"} or (throws and cause in refs)
            if needed and not local(definition.get(refs[cause])):
                yield Finding("reference-missing", spot.id, {"attribute": refs[cause]})
        if spot.tag == "receiveTask" and spot.instantiates and not spot.xml.get("messageRef"):
            yield Finding("reference-missing", spot.id, {"attribute": "messageRef"})


def typed_messages_have_operation(model: Model) -> Iterator[Finding]:
    """In an executable process an event with a typed message names the operation (10.5.5).

    The standard asks it of every message; here an untyped one carries plain data and needs no operation.
    """
    for spot in (one for one in model.spots if one.id in model.executable):
        root = spot.xml.getroottree().getroot()
        typed = {message.get("id") for message in children(root, "message") if message.get("itemRef")}
        for definition in spot.definitions:
            if local(definition.get("messageRef")) in typed and child(definition, "operationRef") is None:
                yield Finding("operation-missing", spot.id, {"message": definition.get("messageRef")})


def timers_and_conditions_given(model: Model) -> Iterator[Finding]:
    """Timers have a time, conditional events a condition, and they are formal expressions (10.5.5, 8.4.6)."""
    for spot in model.spots:
        for cause, definition in zip(spot.causes, spot.definitions, strict=True):
            if cause not in {"timer", "conditional"}:
                continue
            parts = list(children(definition, "timeDate", "timeDuration", "timeCycle", "condition"))
            if not any(words(part) for part in parts):
                yield Finding(f"{cause}-empty", spot.id, {})
            for part in parts:
                formal = spot.id in model.executable and cause == "timer" and words(part)
                if formal and local(part.get(XSI_TYPE)) != "tFormalExpression":
                    yield Finding("expression-not-formal", spot.id, {"part": tag(part)})


RULES = (
    triggers_where_allowed,
    trigger_needed,
    interrupting_where_needed,
    one_start_of_event_sub_process,
    cancel_in_transactions,
    compensation_handlers,
    links_paired,
    link_references_paired,
    messages_named,
    typed_messages_have_operation,
    timers_and_conditions_given,
)
