"""SpiffWorkflow's parser, extended until it drops nothing.

Stock SpiffWorkflow 3.2.0 follows sequence flows recursively, skips what it cannot reach, and forgets links, compensation,
conditional flows of tasks, the kinds of event sub-processes, signal end events and elements called `Start` or `End`.
These subclasses keep its reading of elements, extensions, loops and event definitions and replace the walk: every element
of a process is read, in document order, and flows are connected afterwards. Specs are only read here, never run.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import EventBasedGatewayParser, EventDefinitionParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs import defaults as bpmn_specs
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.spiff.parser import event_parsers, task_spec
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser, SpiffProcessParser
from SpiffWorkflow.spiff.specs import defaults as spiff_specs

from engine.core.xml import child, children, flag, link_name, tag, words

#: Every spec that the parser makes from an element carries that element under this name.
XML = "banjian_xml"


class LinkEventDefinition(EventDefinition):  # type: ignore[misc]
    """A link event; `name` pairs throw and catch inside one scope. Stock has none."""


class CompensationEventDefinition(EventDefinition):  # type: ignore[misc]
    """A compensation event; `name` is the activity, if one is named. Stock has none."""


class OpenTimer(EventDefinition):  # type: ignore[misc]
    """A timer without any time, as drafts have it; refused by the publish rule."""


class ComplexGateway(bpmn_specs.InclusiveGateway):  # type: ignore[misc]
    """A complex gateway; its condition is read from the element. Stock has none."""


class Whole(TaskParser):  # type: ignore[misc]
    """Before each stock task parser: reads the element itself and leaves flows and boundary events to the process."""

    def parse_node(self) -> Any:
        """Return the spec of this element, with loop wrapper where it has one."""
        self.task = inner = self.create_task()
        for loop in self.xpath("./bpmn:standardLoopCharacteristics"):
            self._add_loop_task(loop)
        for loop in self.xpath("./bpmn:multiInstanceLoopCharacteristics"):
            self._add_multiinstance_task(loop)
        for spec in (inner, self.task):
            spec.extensions = self.parse_extensions()
            setattr(spec, XML, self.node)
        return self.task

    def _add_multiinstance_task(self, loop_characteristics: Any) -> None:
        """Keep the event that instances throw as they complete (behaviour One or None); stock forgets it."""
        super()._add_multiinstance_task(loop_characteristics)
        behaviour = loop_characteristics.get("behavior", "All")
        names = {"One": "oneBehaviorEventRef", "None": "noneBehaviorEventRef"}
        ref = loop_characteristics.get(names[behaviour]) if behaviour in names else None
        self.task.behaviour = behaviour
        self.task.behaviour_event = self.process_parser.shared_event(ref) if ref else None

    def parse_extensions(self, node: Any = None) -> dict[str, Any]:
        """Return the library's extensions; stock does not read those of gateways."""
        read: dict[str, Any] = task_spec.SpiffTaskParser.parse_extensions(self, node)
        return read

    def raise_validation_exception(self, message: str, node: Any = None) -> None:
        """Raise the library's own error; stock calls this with an argument that it does not take."""
        raise ValidationException(message, self.node if node is None else node, self.filename)

    def parse_documentation(self, sequence_flow: Any = None) -> str | None:
        """Return the element's own documentation; stock takes that of any element inside it."""
        node = self.node if sequence_flow is None else sequence_flow
        return "\n".join(words(text) for text in children(node, "documentation") if words(text)) or None

    def parse_incoming_data_references(self) -> list[Any]:
        """Return none: data associations are refused before."""
        return []

    def parse_outgoing_data_references(self) -> list[Any]:
        """Return none: data associations are refused before."""
        return []


class WholeEvent(Whole, EventDefinitionParser):  # type: ignore[misc]
    """Reads all definitions of an event in document order; stock knows a few kinds per event and drops the rest."""

    node: Any

    def get_event_definition(self, xpaths: object) -> Any:  # noqa: ARG002  the stock signature
        """Return the definition, a MultipleEventDefinition of several, or a NoneEventDefinition."""
        found = []
        for node in children(self.node):
            if tag(node).endswith("EventDefinition"):
                self.event_nodes.append(node)
                found.append(self.definition(node))
        if len(found) > 1:
            return MultipleEventDefinition(found, parallel=False, description="Multiple")
        return found[0] if found else NoneEventDefinition(description="Default")

    def definition(self, node: Any) -> Any:
        """Return the stock definition, or one of ours where stock has none."""
        match tag(node):
            case "linkEventDefinition":
                made = LinkEventDefinition(link_name(node))
            case "compensateEventDefinition":
                made = CompensationEventDefinition(node.get("activityRef"))
            case "timerEventDefinition" if not any(tag(part).startswith("time") for part in children(node)):
                made = OpenTimer()
            case "conditionalEventDefinition" if child(node, "condition") is None:
                made = ConditionalEventDefinition(None)
            case other:
                made = self._stock(other.removesuffix("EventDefinition"), node)
        setattr(made, XML, node)
        return made

    def _stock(self, kind: str, node: Any) -> Any:
        # Stock looks for times and conditions anywhere in the event, and so mixes up two timers of one event.
        event: Any = self.node
        self.node = node if kind in {"timer", "conditional"} else event
        try:
            return getattr(self, f"parse_{kind}_event")(node)
        finally:
            self.node = event


class WholeScope(Whole):
    """Sub-process, transaction, event sub-process: without stock's demand for exactly one start event."""

    def create_task(self) -> Any:
        """Return the spec; the inside becomes a process spec of its own, read later."""
        outer = self.process_parser
        outer.parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        outer.parser.process_parsers[self.bpmn_id].parent = outer
        # Stock asks for the attribute in the BPMN namespace, where it never is.
        event = tag(self.node) == "subProcess" and flag(self.node, "triggeredByEvent", default=False)
        made = spiff_specs.EventSubprocess if event else self.spec_class
        return made(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)


class WholeService(Whole):
    """Service task, with or without an operator; stock insists on one."""

    def create_task(self) -> Any:
        """Return the spec."""
        operator = self.parse_extensions().get("serviceTaskOperator", {"name": None, "parameters": {}})
        return self.spec_class(
            self.spec,
            self.bpmn_id,
            operation_name=operator["name"],
            operation_params=operator["parameters"],
            result_variable=operator.get("resultVariable"),
            **self.bpmn_attributes,
        )


class WholeRule(Whole):
    """Business rule task: names a decision; SpiffWorkflow's DMN engine stays out."""

    def create_task(self) -> Any:
        """Return the spec."""
        return self.spec_class(self.spec, self.bpmn_id, dmnEngine=None, **self.bpmn_attributes)

    @staticmethod
    def get_decision_ref(node: Any) -> str | None:
        """Return the decision that the element names in the library's own extension."""
        decision: str | None = task_spec.BusinessRuleTaskParser.get_decision_ref(node)
        return decision


class WholeProcess(SpiffProcessParser):  # type: ignore[misc]
    """Reads every element of one process or sub-process, then its flows; nothing is followed, so nothing recurses."""

    def create_spec(self) -> Any:
        """Return an empty spec, with the library's own `Start` and `End` moved where no element id can be."""
        spec = BpmnProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)
        for name in list(spec.task_specs):
            internal = spec.task_specs.pop(name)
            internal.name = f"\0{name}"
            spec.task_specs[internal.name] = internal
        setattr(spec, XML, self.node)
        spec.flows = []
        return spec

    def add_tasks(self) -> None:
        """Read all elements in document order, then connect the flows; each flow keeps its element."""
        for node in children(self.node):
            if self.parser.knows(node.tag):
                self.parse_node(node)
        for flow in children(self.node, "sequenceFlow"):
            source = self.spec.task_specs[flow.get("sourceRef")]
            TaskSpec.connect(source, self.spec.task_specs[flow.get("targetRef")])
            self.spec.flows.append((flow, self.parse_condition(flow)))

    def parse_node(self, node: Any) -> Any:
        """Return the spec of one element; its lane is its own, else that of the scope around it."""
        node_parser, spec_class = self.parser.OVERRIDE_PARSER_CLASSES[node.tag]
        lane = self.get_lane_name(node.get("id")) or self.lane
        return node_parser(self, spec_class, node, self.nsmap, lane=lane).parse_node()

    def shared_event(self, ref: str) -> Any:
        """Return an event definition that stands outside all events, at the top of the file."""
        node = next(node for node in children(self.document_root) if node.get("id") == ref)
        throwing, spec_class = self.parser.OVERRIDE_PARSER_CLASSES[full_tag("intermediateThrowEvent")]
        return throwing(self, spec_class, node, self.nsmap).definition(node)


def _whole(stock: Any, *mixins: Any) -> Any:
    return type(f"Whole{stock.__name__}", (*mixins, stock), {})


_STOCK_TASK = task_spec.SpiffTaskParser


class WholeParser(SpiffBpmnParser):  # type: ignore[misc]
    """The parser of a set of files; fed with trees that we parsed ourselves, never with text or file names."""

    PROCESS_PARSER_CLASS = WholeProcess
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  the library's own way of configuration
        full_tag(name): entry
        for name, entry in {
            "task": (_whole(_STOCK_TASK, Whole), spiff_specs.NoneTask),
            "userTask": (_whole(task_spec.UserTaskParser, Whole), spiff_specs.UserTask),
            "manualTask": (_whole(_STOCK_TASK, Whole), spiff_specs.ManualTask),
            "scriptTask": (_whole(task_spec.ScriptTaskParser, Whole), spiff_specs.ScriptTask),
            "serviceTask": (_whole(_STOCK_TASK, WholeService), spiff_specs.ServiceTask),
            "businessRuleTask": (_whole(_STOCK_TASK, WholeRule), spiff_specs.BusinessRuleTask),
            "sendTask": (_whole(event_parsers.SpiffSendTaskParser, WholeEvent), spiff_specs.SendTask),
            "receiveTask": (
                _whole(event_parsers.SpiffReceiveTaskParser, WholeEvent),
                spiff_specs.ReceiveTask,
            ),
            "subProcess": (_whole(_STOCK_TASK, WholeScope), spiff_specs.SubWorkflowTask),
            "transaction": (_whole(_STOCK_TASK, WholeScope), spiff_specs.TransactionSubprocess),
            "callActivity": (_whole(task_spec.CallActivityParser, Whole), spiff_specs.CallActivity),
            "exclusiveGateway": (_whole(ConditionalGatewayParser, Whole), bpmn_specs.ExclusiveGateway),
            "inclusiveGateway": (_whole(ConditionalGatewayParser, Whole), bpmn_specs.InclusiveGateway),
            "parallelGateway": (_whole(GatewayParser, Whole), bpmn_specs.ParallelGateway),
            "complexGateway": (_whole(ConditionalGatewayParser, Whole), ComplexGateway),
            "eventBasedGateway": (_whole(EventBasedGatewayParser, WholeEvent), bpmn_specs.EventBasedGateway),
            "startEvent": (_whole(event_parsers.SpiffStartEventParser, WholeEvent), bpmn_specs.StartEvent),
            "endEvent": (_whole(event_parsers.SpiffEndEventParser, WholeEvent), bpmn_specs.EndEvent),
            "intermediateCatchEvent": (
                _whole(event_parsers.SpiffIntermediateCatchEventParser, WholeEvent),
                bpmn_specs.IntermediateCatchEvent,
            ),
            "intermediateThrowEvent": (
                _whole(event_parsers.SpiffIntermediateThrowEventParser, WholeEvent),
                bpmn_specs.IntermediateThrowEvent,
            ),
            "boundaryEvent": (
                _whole(event_parsers.SpiffBoundaryEventParser, WholeEvent),
                bpmn_specs.BoundaryEvent,
            ),
        }.items()
    }

    def knows(self, element_tag: str) -> bool:
        """Tell whether elements of this tag become specs."""
        return element_tag in self.OVERRIDE_PARSER_CLASSES

    def _add_data_stores(self, bpmn: Any) -> None:
        """Leave data stores out: they are decoration here, and stock refuses those it has no class for."""

    def _add_diagram_indexes(self, bpmn: Any) -> None:
        """Index lanes by id, the innermost one winning; stock takes names, and positions that nobody here wants."""
        lanes: dict[str, Any] = {}
        for process in bpmn.iter(full_tag("process")):
            for lane in process.iter(full_tag("lane")):
                lanes |= {words(ref): lane.get("id") for ref in children(lane, "flowNodeRef")}
        self.document_lanes[self._document_key(bpmn)] = lanes
