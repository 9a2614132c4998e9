"""The immutable form of a checked BPMN model: what the token mover walks on.

`load` makes it once per published version; workers keep it by digest. Nothing here knows about cases, rows or people.
Names are those of BPMN 2.0.2; whatever may be left out in XML has its standard default here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.dmn import Model
    from engine.feel import Expression


class Kind(StrEnum):
    """What a node is; the value is the BPMN tag, except where one tag stands for several things."""

    START = "startEvent"
    END = "endEvent"
    THROW = "intermediateThrowEvent"
    CATCH = "intermediateCatchEvent"
    BOUNDARY = "boundaryEvent"
    TASK = "task"
    USER = "userTask"
    MANUAL = "manualTask"
    SERVICE = "serviceTask"
    SCRIPT = "scriptTask"
    RULE = "businessRuleTask"
    SEND = "sendTask"
    RECEIVE = "receiveTask"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    INCLUSIVE = "inclusiveGateway"
    EVENT_BASED = "eventBasedGateway"
    COMPLEX = "complexGateway"
    SUB_PROCESS = "subProcess"
    EVENT_SUB_PROCESS = "eventSubProcess"
    TRANSACTION = "transaction"
    CALL = "callActivity"


#: Steps that wait for a person; the answers stand in the case under their names.
PEOPLE: Final = frozenset({Kind.USER, Kind.MANUAL})


class Cause(StrEnum):
    """What an event throws or waits for (BPMN event definitions)."""

    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    CANCEL = "cancel"
    COMPENSATE = "compensate"
    LINK = "link"
    TERMINATE = "terminate"


class TimerKind(StrEnum):
    """The three timer forms of BPMN."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event definition of an event node."""

    cause: Cause
    #: Name of the message, signal or link; code of the error or escalation; id of the activity to compensate.
    #: None catches or throws "any" (error, escalation) or "all of this scope" (compensation).
    ref: str | None = None
    timer: TimerKind | None = None
    #: The timer's FEEL, the condition of a conditional event, or the payload (a FEEL context) of a thrown message/signal.
    expression: Expression | None = None
    #: FEEL of the correlation key of a message; evaluated when the wait begins or the message is thrown.
    correlation: Expression | None = None
    #: Compensation only: the thrower waits for the handlers (standard default).
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is None for an unconditional one."""

    id: str
    source: str
    target: str
    condition: Expression | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Multi-instance (parallel or sequential) or standard loop of an activity."""

    kind: str  # "parallel" | "sequential" | "standard"
    cardinality: Expression | None = None
    #: FEEL giving the input list; each element is bound to `item` in the instance's local scope.
    collection: Expression | None = None
    item: str | None = None
    #: Case variable that receives the list of outputs in instance order, and the FEEL evaluated per instance for it.
    output: str | None = None
    output_item: Expression | None = None
    #: Multi-instance: completionCondition. Standard loop: loopCondition (repeat while true).
    condition: Expression | None = None
    test_before: bool = False
    maximum: int | None = None
    #: Events thrown while instances complete (BPMN MultiInstanceFlowCondition): All, One, None (Complex is refused at load).
    behaviour: str = "All"
    #: noneBehaviorEventRef / oneBehaviorEventRef: the trigger thrown, if any.
    event: Trigger | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What our studio writes as `spiffworkflow:properties` on an element (architecture, section 5), compiled."""

    deadline: Expression | None = None  # a date (its last moment, 24:00 Asia/Shanghai) or a date and time
    on_overdue: str | None = None  # remind | escalate | silence-is-consent
    #: Acts on the case's clocks when the element is done: FEEL context or list of contexts (`engine.core.clocks`).
    clock: Expression | None = None
    law: tuple[str, ...] = ()
    document: str | None = None
    notice: str | None = None
    assign: Expression | None = None  # FEEL context: department, area, account (each optional)
    separate_from: tuple[str, ...] = ()
    publish_mask: str | None = None
    operation: str | None = None  # connector operation of a service task; text that begins with = is FEEL
    operation_of: Expression | None = None  # that FEEL, giving the operation's name
    input: Expression | None = None  # FEEL context handed to the connector, document or notice
    #: What the element does to a person's aid: "hearing", or "reduce", "stop", "recover" (which need one before).
    effect: str | None = None
    about: Expression | None = None  # whom the effect concerns; without it the case as a whole
    result: str | None = None  # variable that receives the connector's or the decision's answer
    #: Every property as written, also those above; what the core does not know stays readable for the shell.
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. Tuples keep the document order; ids are unique over all processes of a definition."""

    id: str
    kind: Kind
    scope: str
    name: str | None = None
    lane: str | None = None
    incoming: tuple[str, ...] = ()  # flow ids
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    triggers: tuple[Trigger, ...] = ()
    #: Boundary events: the activity; `interrupting` also holds for start events of event sub-processes.
    attached_to: str | None = None
    interrupting: bool = True
    loop: Loop | None = None
    settings: Settings = field(default_factory=Settings)
    #: Script task: FEEL whose context entries become variables (or whose value goes to settings.result).
    script: Expression | None = None
    #: Business rule task: id of the DMN decision.
    decision: str | None = None
    #: Call activity: id of the called process (a scope of this definition).
    called: str | None = None
    #: Boundary compensation event: the handler activity. Activities that are handlers have for_compensation.
    handler: str | None = None
    for_compensation: bool = False
    #: Receive task that starts a process, or event gateway that does (instantiate="true").
    instantiate: bool = False
    #: Complex gateway: FEEL over `activationCount`; None means all incoming.
    activation: Expression | None = None
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A process, sub-process, transaction or event sub-process: the container in which tokens live.

    Its id is the id of its node (or process).
    """

    id: str
    kind: str  # "process" or the Kind value of its node
    parent: str | None = None
    nodes: tuple[str, ...] = ()
    #: Where a plain start puts tokens: none start events, or nodes without incoming flow when there is no start event.
    starts: tuple[str, ...] = ()
    event_sub_processes: tuple[str, ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything of one package that the mover needs. `main` is the scope id of the process that a case runs."""

    main: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    scopes: Mapping[str, Scope]
    #: boundary events by activity id, in document order
    boundaries: Mapping[str, tuple[str, ...]]
    #: DMN models by decision id
    decisions: Mapping[str, Model] = field(default_factory=dict)
    digest: str = ""

    def waits_for(self, signal: str) -> bool:
        """Whether the model has a place that can wait for the signal."""
        return any(
            node.kind not in (Kind.THROW, Kind.END)
            and any(trigger.cause is Cause.SIGNAL and trigger.ref == signal for trigger in node.triggers)
            for node in self.nodes.values()
        )
