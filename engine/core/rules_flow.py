"""Publish rules about sequence flows, starts and ends, and gateways. Clauses are those of BPMN 2.0.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.reading.contents import NODES
from engine.core.reading.findings import Finding
from engine.core.rules_model import GATEWAYS, Model, Spot, is_conditional
from engine.core.xml import BPMN, child, children, flag, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator


def start_expected(model: Model) -> Iterator[Finding]:
    """A process or sub-process with an end event has a start event, or something that instantiates it (10.5.3)."""
    for scope, spots in model.by_scope.items():
        ends = any(spot.tag == "endEvent" for spot in spots)
        if ends and not any(spot.tag == "startEvent" or spot.instantiates for spot in spots):
            yield Finding("start-missing", scope.get("id"), {})


def end_expected(model: Model) -> Iterator[Finding]:
    """A process or sub-process with a start event has an end event (10.5.2)."""
    for scope, spots in model.by_scope.items():
        starts = any(spot.tag == "startEvent" for spot in spots)
        if starts and not any(spot.tag == "endEvent" for spot in spots):
            yield Finding("end-missing", scope.get("id"), {})


def every_node_reached(model: Model) -> Iterator[Finding]:
    """Beside start events, nodes have an incoming flow; intermediate events always have one (10.5.2, 10.5.4)."""
    for spots in model.by_scope.values():
        started = any(spot.tag == "startEvent" or spot.instantiates for spot in spots)
        for spot in spots:
            event = spot.tag in {"intermediateCatchEvent", "intermediateThrowEvent", "endEvent"}
            if not spot.incoming and not spot.starts_flow and (started or event):
                yield Finding("node-without-incoming", spot.id, {"tag": spot.tag})


def every_node_left(model: Model) -> Iterator[Finding]:
    """Beside end events, nodes have an outgoing flow; start, boundary and intermediate events always do (10.5.3, 10.5.4)."""
    for spots in model.by_scope.values():
        ended = any(spot.tag == "endEvent" for spot in spots)
        for spot in spots:
            event = spot.tag.endswith("Event")
            if not spot.outgoing and not spot.ends_flow and (ended or event):
                yield Finding("node-without-outgoing", spot.id, {"tag": spot.tag})


def outside_flow(model: Model) -> Iterator[Finding]:
    """Start events have no incoming, end events no outgoing flow; event sub-processes and handlers neither (10.5, 10.3.5, 10.7)."""
    for spot in model.spots:
        outside = spot.is_event_sub_process or spot.compensates
        if spot.incoming and (spot.tag == "startEvent" or outside):
            yield Finding("incoming-not-allowed", spot.id, {"tag": spot.tag})
        if spot.outgoing and (spot.tag == "endEvent" or outside):
            yield Finding("outgoing-not-allowed", spot.id, {"tag": spot.tag})


def links_outside_flow(model: Model) -> Iterator[Finding]:
    """A throwing link has no outgoing, a catching link no incoming flow (10.5.5)."""
    for spot in model.spots:
        if "link" in spot.causes and spot.tag == "intermediateThrowEvent" and spot.outgoing:
            yield Finding("outgoing-not-allowed", spot.id, {"tag": "link"})
        if "link" in spot.causes and spot.tag == "intermediateCatchEvent" and spot.incoming:
            yield Finding("incoming-not-allowed", spot.id, {"tag": "link"})


def flow_names_agree(model: Model) -> Iterator[Finding]:
    """What a node lists as incoming and outgoing are flows that lead to it and from it (8.4.13)."""
    for spot in model.spots:
        for side, flows in (("incoming", spot.incoming), ("outgoing", spot.outgoing)):
            known = {flow.get("id") for flow in flows}
            for listed in children(spot.xml, side):
                if local(words(listed)) not in known:
                    yield Finding("flow-list-wrong", spot.id, {"side": side, "ref": words(listed)})


def flows_immediate(model: Model) -> Iterator[Finding]:
    """In an executable process a flow is immediate (8.4.13, isImmediate)."""
    for spot in model.spots:
        for flow in spot.outgoing if spot.id in model.executable else ():
            if not flag(flow, "isImmediate", default=True):
                yield Finding("flow-not-immediate", flow.get("id"), {})


def conditions_where_allowed(model: Model) -> Iterator[Finding]:
    """Conditions stand on flows out of activities and of exclusive, inclusive and complex gateways only (8.4.13)."""
    allowed = {"exclusiveGateway", "inclusiveGateway", "complexGateway"}
    for spot in model.spots:
        for flow in spot.outgoing:
            condition = child(flow, "conditionExpression")
            if condition is not None and spot.tag not in allowed and not spot.is_activity:
                yield Finding("condition-not-allowed", flow.get("id"), {"tag": spot.tag, "source": spot.id})
            elif condition is not None and not words(condition):
                yield Finding("condition-empty", flow.get("id"), {"source": spot.id})


def conditions_complete(model: Model) -> Iterator[Finding]:
    """Each of several flows out of an exclusive or inclusive gateway has a condition or is the default (13.4.2, 13.4.3)."""
    for spot in model.of("exclusiveGateway", "inclusiveGateway", "complexGateway"):
        default = local(spot.xml.get("default"))
        for flow in spot.outgoing if len(spot.outgoing) > 1 else ():
            if not is_conditional(flow) and flow.get("id") != default:
                yield Finding("condition-missing", flow.get("id"), {"source": spot.id})


def default_without_condition(model: Model) -> Iterator[Finding]:
    """The default flow has no condition (8.4.13)."""
    for spot in model.spots:
        for flow in spot.outgoing:
            if flow.get("id") == local(spot.xml.get("default")) and is_conditional(flow):
                yield Finding("default-conditional", flow.get("id"), {"source": spot.id})


def conditional_not_alone(model: Model) -> Iterator[Finding]:
    """A conditional flow out of an activity has another flow beside it (8.4.13)."""
    for spot in model.spots:
        if spot.is_activity and len(spot.outgoing) == 1 and is_conditional(spot.outgoing[0]):
            yield Finding("condition-alone", spot.outgoing[0].get("id"), {"source": spot.id})


def some_way_on(model: Model) -> Iterator[Finding]:
    """Where all flows out of an activity have conditions, one is the default: else the token would vanish (13.3.1)."""
    for spot in model.spots:
        conditional = [is_conditional(flow) for flow in spot.outgoing]
        if spot.is_activity and len(conditional) > 1 and all(conditional):
            yield Finding("default-missing", spot.id, {"tag": spot.tag})


def gateway_needed(model: Model) -> Iterator[Finding]:
    """A gateway has several incoming or several outgoing flows (10.6.1)."""
    for spot in model.of(*GATEWAYS - {"eventBasedGateway"}):
        if len(spot.incoming) < 2 and len(spot.outgoing) < 2:
            yield Finding("gateway-pointless", spot.id, {"tag": spot.tag})


def gateway_direction(model: Model) -> Iterator[Finding]:
    """A gateway that says Converging, Diverging or Mixed has the flows for it (10.6.1)."""
    for spot in model.of(*GATEWAYS):
        many = (len(spot.incoming) > 1, len(spot.outgoing) > 1)
        said = spot.xml.get("gatewayDirection", "Unspecified")
        right = {"Converging": (True, False), "Diverging": (False, True), "Mixed": (True, True)}.get(
            said, many
        )
        if many != right:
            yield Finding("gateway-direction", spot.id, {"said": said})


def event_gateway(model: Model) -> Iterator[Finding]:
    """An event gateway has two ways or more, led to by it alone, with message events or receive tasks, not both (10.6.6)."""
    for spot in model.of("eventBasedGateway"):
        if len(spot.outgoing) < 2:
            yield Finding("event-gateway-ways", spot.id, {"count": len(spot.outgoing)})
        targets = [
            model.by_id[name]
            for flow in spot.outgoing
            if (name := local(flow.get("targetRef")) or "") in model.by_id
        ]
        for target in targets:
            if len(target.incoming) > 1:
                yield Finding("event-gateway-shared", target.id, {"gateway": spot.id})
        messages = any("message" in target.causes for target in targets)
        if messages and any(target.tag == "receiveTask" for target in targets):
            yield Finding("event-gateway-mixed", spot.id, {})
        yield from _instantiating(spot, targets)


def _instantiating(spot: Spot, targets: list[Spot]) -> Iterator[Finding]:
    """An event gateway that starts the process has no incoming flow and waits for messages only (10.6.6)."""
    if not spot.instantiates:
        return
    if spot.incoming:
        yield Finding("instantiate-entered", spot.id, {"tag": spot.tag})
    for target in targets:
        if target.tag != "receiveTask" and target.causes != ("message",):
            yield Finding("instantiate-without-message", spot.id, {"ref": target.id})


def receive_instantiates(model: Model) -> Iterator[Finding]:
    """A receive task that starts the process has no incoming flow (10.3.3)."""
    for spot in model.of("receiveTask"):
        if spot.instantiates and spot.incoming:
            yield Finding("instantiate-entered", spot.id, {"tag": spot.tag})


def lanes_hold_own_nodes(model: Model) -> Iterator[Finding]:
    """Nodes of a process and its lanes agree: a lane names flow nodes of its own process (10.8)."""
    for process in model.used.values():
        inside = {element.get("id") for element in process.iter() if tag(element) in NODES}
        for lane in process.iter(f"{BPMN}lane"):
            for ref in children(lane, "flowNodeRef"):
                if local(words(ref)) not in inside:
                    yield Finding("lane-ref-wrong", lane.get("id"), {"ref": words(ref)})


RULES = (
    start_expected,
    end_expected,
    every_node_reached,
    every_node_left,
    outside_flow,
    links_outside_flow,
    flow_names_agree,
    flows_immediate,
    conditions_where_allowed,
    conditions_complete,
    default_without_condition,
    conditional_not_alone,
    some_way_on,
    gateway_needed,
    gateway_direction,
    event_gateway,
    receive_instantiates,
    lanes_hold_own_nodes,
)
