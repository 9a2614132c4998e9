"""The short pass from SpiffWorkflow's specs to the immutable `Definition`.

Specs say what an element is, its name, lane, extensions, script, loop and event definitions. What they have no place for
(identity of flows, defaults, attachment, interruption of start events, handlers) is taken from the element they keep.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults as bpmn_specs
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask, StandardLoopTask
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import SequentialMultiInstanceTask as Sequential
from SpiffWorkflow.spiff.specs import defaults as spiff_specs

from engine.core.definition import Cause, Flow, Kind, Loop, Node, Scope, Trigger
from engine.core.reading.events import trigger, triggers
from engine.core.reading.spiff import XML, ComplexGateway
from engine.core.xml import BPMN, child, children, flag, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.core.reading.compiling import Compiling

KINDS = {
    spiff_specs.NoneTask: Kind.TASK,
    spiff_specs.UserTask: Kind.USER,
    spiff_specs.ManualTask: Kind.MANUAL,
    spiff_specs.ScriptTask: Kind.SCRIPT,
    spiff_specs.ServiceTask: Kind.SERVICE,
    spiff_specs.BusinessRuleTask: Kind.RULE,
    spiff_specs.SendTask: Kind.SEND,
    spiff_specs.ReceiveTask: Kind.RECEIVE,
    spiff_specs.SubWorkflowTask: Kind.SUB_PROCESS,
    spiff_specs.EventSubprocess: Kind.EVENT_SUB_PROCESS,
    spiff_specs.TransactionSubprocess: Kind.TRANSACTION,
    spiff_specs.CallActivity: Kind.CALL,
    bpmn_specs.ExclusiveGateway: Kind.EXCLUSIVE,
    bpmn_specs.InclusiveGateway: Kind.INCLUSIVE,
    bpmn_specs.ParallelGateway: Kind.PARALLEL,
    bpmn_specs.EventBasedGateway: Kind.EVENT_BASED,
    ComplexGateway: Kind.COMPLEX,
    bpmn_specs.StartEvent: Kind.START,
    bpmn_specs.EndEvent: Kind.END,
    bpmn_specs.IntermediateCatchEvent: Kind.CATCH,
    bpmn_specs.IntermediateThrowEvent: Kind.THROW,
    bpmn_specs.BoundaryEvent: Kind.BOUNDARY,
}
SCOPES = frozenset({Kind.SUB_PROCESS, Kind.EVENT_SUB_PROCESS, Kind.TRANSACTION})
ACTIVITIES = (
    frozenset(
        {
            Kind.TASK,
            Kind.USER,
            Kind.MANUAL,
            Kind.SERVICE,
            Kind.SCRIPT,
            Kind.RULE,
            Kind.SEND,
            Kind.RECEIVE,
            Kind.CALL,
        }
    )
    | SCOPES
)
_TAGS = tuple(kind.value for kind in Kind if kind is not Kind.EVENT_SUB_PROCESS)
#: Flow ids by the node that they lead to, or from.
_Side = dict[str, tuple[str, ...]]


class Graph:
    """Gathers the specs of scope after scope."""

    def __init__(self, compiling: Compiling) -> None:
        self._compiling = compiling
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.scopes: dict[str, Scope] = {}
        self.boundaries: dict[str, tuple[str, ...]] = {}

    def take(self, spec: Any, parent: str | None) -> tuple[Node, ...]:
        """Add one process or sub-process; returns its nodes, of which the caller goes on into scopes and calls."""
        flows = tuple(self._flow(xml, condition) for xml, condition in spec.flows)
        sides: tuple[_Side, _Side] = ({}, {})
        for flow in flows:
            for side, end in zip(sides, (flow.target, flow.source), strict=True):
                side[end] = (*side.get(end, ()), flow.id)
        inside = [one for one in spec.task_specs.values() if _own(one)]
        nodes = {node.id: node for node in (self._node(one, spec, sides) for one in inside)}
        order = [xml.get("id") for xml in children(getattr(spec, XML), *_TAGS)]
        for name in order:
            node = nodes[name]
            if node.attached_to is not None:
                self.boundaries[node.attached_to] = (*self.boundaries.get(node.attached_to, ()), name)
                nodes[name] = replace(node, lane=node.lane or nodes[node.attached_to].lane)
        ordered = tuple(nodes[name] for name in order)
        self.flows |= {flow.id: flow for flow in flows}
        self.nodes |= {node.id: node for node in ordered}
        self.scopes[spec.name] = Scope(
            id=spec.name,
            kind="process" if parent is None else self.nodes[spec.name].kind.value,
            parent=parent,
            nodes=tuple(order),
            starts=tuple(node.id for node in ordered if _starts(node)),
            event_sub_processes=tuple(node.id for node in ordered if node.kind is Kind.EVENT_SUB_PROCESS),
            name=getattr(spec, XML).get("name") or None,
        )
        return ordered

    def _flow(self, xml: Any, condition: str | None) -> Flow:
        me = xml.get("id")
        feel = self._compiling.feel(condition, me, "condition")
        return Flow(me, xml.get("sourceRef"), xml.get("targetRef"), feel, xml.get("name") or None)

    def _node(self, outer: Any, scope: Any, sides: tuple[_Side, _Side]) -> Node:
        spec = scope.task_specs[outer.task_spec] if isinstance(outer, LoopTask) else outer
        xml = getattr(spec, XML)
        me, kind = outer.name, KINDS[type(spec)]
        raw = spec.extensions.get("properties", {})
        caused = triggers(spec, xml, raw, self._compiling)
        boundary = kind is Kind.BOUNDARY
        return Node(
            id=me,
            kind=kind,
            scope=scope.name,
            name=spec.bpmn_name or None,
            lane=spec.lane,
            incoming=sides[0].get(me, ()),
            outgoing=sides[1].get(me, ()),
            default=local(xml.get("default")),
            triggers=caused,
            attached_to=xml.get("attachedToRef") if boundary else None,
            interrupting=spec.cancel_activity if boundary else flag(xml, "isInterrupting", default=True),
            loop=self._loop(outer, xml),
            settings=self._compiling.settings(spec.extensions, me),
            script=self._compiling.script(spec.script, me, raw.get("result"))
            if kind is Kind.SCRIPT
            else None,
            decision=spec.extensions.get("calledDecisionId") or raw.get("decision")
            if kind is Kind.RULE
            else None,
            called=spec.spec if kind is Kind.CALL else None,
            handler=_handler(xml) if boundary and _compensates(caused) else None,
            for_compensation=flag(xml, "isForCompensation", default=False),
            instantiate=flag(xml, "instantiate", default=False),
            activation=self._compiling.feel(words(child(xml, "activationCondition")), me, "activation")
            if kind is Kind.COMPLEX
            else None,
            documentation=spec.documentation,
        )

    def _loop(self, spec: Any, xml: Any) -> Loop | None:
        me, feel = spec.name, self._compiling.feel
        match spec:
            case StandardLoopTask():
                condition = feel(spec.condition, me, "loopCondition")
                return Loop(
                    "standard", condition=condition, test_before=spec.test_before, maximum=spec.maximum
                )
            case LoopTask():
                return Loop(
                    "sequential" if isinstance(spec, Sequential) else "parallel",
                    cardinality=feel(spec.cardinality, me, "loopCardinality"),
                    collection=feel(_variable(spec.data_input), me, "collection"),
                    item=_variable(spec.input_item),
                    output=_variable(spec.data_output),
                    output_item=feel(_variable(spec.output_item), me, "output_item"),
                    condition=feel(spec.condition, me, "completionCondition"),
                    behaviour=spec.behaviour,
                    event=self._behaviour_event(spec, xml),
                )
        return None

    def _behaviour_event(self, spec: Any, xml: Any) -> Trigger | None:
        return trigger(spec.behaviour_event, xml, self._compiling, {}, throws=True)


def _own(spec: Any) -> bool:
    """Tell elements of the model from the library's own specs and from the inner halves of loops."""
    return hasattr(spec, XML) and spec.name == getattr(spec, XML).get("id")


def _starts(node: Node) -> bool:
    """Tell whether a plain start of the scope puts a token here: none start events, and elements nothing leads to."""
    if node.kind is Kind.START:
        return not node.triggers
    waits = node.kind in {Kind.BOUNDARY, Kind.EVENT_SUB_PROCESS} or node.for_compensation or node.instantiate
    link = node.kind is Kind.CATCH and any(caused.cause is Cause.LINK for caused in node.triggers)
    return not (node.incoming or waits or link)


def _variable(data: Any) -> str | None:
    return data.bpmn_id or None if data is not None else None


def _compensates(caused: Sequence[Trigger]) -> bool:
    return [one.cause for one in caused] == [Cause.COMPENSATE]


def _handler(event: Any) -> str | None:
    """Return the activity that an association leads to from a compensation boundary event, in the event's own scope."""
    siblings = {xml.get("id"): tag(xml) for xml in event.getparent()}
    for association in event.getroottree().getroot().iter(f"{BPMN}association"):
        target = association.get("targetRef")
        if association.get("sourceRef") == event.get("id") and target in siblings:
            name = siblings[target]
            if name in {kind.value for kind in ACTIVITIES}:
                return str(target)
    return None
