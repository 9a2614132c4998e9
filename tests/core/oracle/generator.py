"""Random BPMN models: block-structured, unstructured, and both mixed, for every construct the mover has.

A model is XML text, nothing else: the mover's loader and the oracle both read it by themselves. The same (family, seed)
always gives the same text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLES = ("v0", "v1", "v2", "v3")
MESSAGES = ("m1", "m2", "m3")
SIGNALS = ("s1", "s2")
ERRORS = ("e1", "e2")
ESCALATIONS = ("c1", "c2")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="urn:banjian:oracle">\n'
)


@dataclass
class Node:
    """One element in the making."""

    id: str
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inner: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    scope: Scope | None = None
    tail: str = ""


@dataclass
class Flow:
    """One sequence flow in the making."""

    id: str
    source: Node
    target: Node
    condition: str | None = None


@dataclass
class Scope:
    """A process or sub-process in the making."""

    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    #: activities with a compensation handler
    undoable: list[str] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)

    def xml(self) -> str:
        """Children of the container; outgoing flows in the order of the flows."""
        into: dict[str, list[str]] = {}
        out: dict[str, list[str]] = {}
        for flow in self.flows:
            into.setdefault(flow.target.id, []).append(flow.id)
            out.setdefault(flow.source.id, []).append(flow.id)
        lines = []
        for n in self.nodes:
            attributes = "".join(f" {k}={quoteattr(v)}" for k, v in n.attributes.items())
            body = ""
            if n.properties:
                props = "".join(
                    f"<spiffworkflow:property name={quoteattr(k)} value={quoteattr(v)}/>"
                    for k, v in n.properties.items()
                )
                body += f"<extensionElements><spiffworkflow:properties>{props}</spiffworkflow:properties></extensionElements>"
            body += "".join(f"<incoming>{i}</incoming>" for i in into.get(n.id, ()))
            body += "".join(f"<outgoing>{o}</outgoing>" for o in out.get(n.id, ()))
            body += n.inner + n.tail + (n.scope.xml() if n.scope else "")
            lines.append(f'<{n.tag} id="{n.id}"{attributes}>{body}</{n.tag}>\n')
        for f in self.flows:
            head = f'<sequenceFlow id="{f.id}" sourceRef="{f.source.id}" targetRef="{f.target.id}"'
            if f.condition is None:
                lines.append(f"{head}/>\n")
            else:
                text = escape(f.condition)
                lines.append(
                    f'{head}><conditionExpression xsi:type="tFormalExpression">{text}</conditionExpression></sequenceFlow>\n'
                )
        return "".join(lines) + "".join(self.extras)


@dataclass(frozen=True)
class Model:
    """A finished model."""

    xml: bytes
    family: str
    seed: int
    main: str = "main"
    #: start events with a trigger, by which the case can begin instead
    starts: tuple[str, ...] = ()


Ends = "tuple[Node, Node]"

#: what each family draws its blocks from (weight by repetition); "plain" blocks are always added
PLAIN = ("user", "user", "user", "user", "xor", "and", "script")
FAMILIES: dict[str, tuple[str, ...]] = {
    "sequence": ("user", "manual", "script", "abstract", "service", "pass_service"),
    "exclusive": ("xor", "xor"),
    "parallel": ("and", "and", "unbalanced"),
    "inclusive": ("or", "or", "or_loose", "or_link"),
    "complex": ("complex", "complex"),
    "loops": ("loop", "loop", "or"),
    "conditional flows": ("spread", "spread", "loop"),
    "event gateway": ("event_gate", "event_gate", "catch"),
    "catch and throw": (
        "catch",
        "throw_message",
        "throw_signal",
        "receive",
        "send",
        "handshake",
        "handshake",
    ),
    "sub-process": ("sub", "sub"),
    "call activity": ("call", "call", "call_raising"),
    "boundary": ("bounded", "bounded", "bounded_sub"),
    "event sub-process": ("event_sub", "event_sub"),
    "error": ("error", "error", "failing"),
    "escalation": ("escalation", "escalation"),
    "multi-instance": ("many", "many", "many_sub"),
    "standard loop": ("repeat", "repeat_sub"),
    "link": ("link", "link", "or_link"),
    "compensation": ("undoable", "undo", "undoable_sub"),
    "transaction": ("transaction", "transaction"),
    "terminate": ("terminate", "terminate"),
    "conditional events": ("conditional", "conditional"),
    "graph": (),
    "graph mixed": (),
    "mixed": (),
}
EVERYTHING = tuple(sorted({b for blocks in FAMILIES.values() for b in blocks}))


class Maker:
    """Builds one model."""

    def __init__(self, family: str, seed: int) -> None:
        self.r = Random(f"{family}/{seed}")
        self.family = family
        self.seed = seed
        self.count = 0
        self.budget = self.r.randint(5, 16)
        self.called: list[tuple[str, Scope]] = []
        self.depth = 0
        #: inside a multi-instance sub-process with items
        self.each = False
        mixed = family in ("mixed", "graph mixed")
        if family == "plain":
            self.blocks = ("user", "user", "user", "xor", "and", "or", "bare_sub")
        else:
            self.blocks = EVERYTHING + PLAIN if mixed else (*FAMILIES[family], *FAMILIES[family], *PLAIN)

    # ---- small things ---------------------------------------------------------------------------------------------

    def id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"

    def node(self, scope: Scope, tag: str, prefix: str, inner: str = "", **attributes: str) -> Node:
        node = Node(self.id(prefix), tag, attributes, inner)
        scope.nodes.append(node)
        return node

    def flow(self, scope: Scope, source: Node, target: Node, condition: str | None = None) -> Flow:
        flow = Flow(self.id("f"), source, target, condition)
        scope.flows.append(flow)
        return flow

    def chance(self, p: float) -> bool:
        return self.r.random() < p

    def condition(self) -> str:
        r = self.r
        name = "each" if self.each and self.chance(0.4) else r.choice(VARIABLES)
        if self.family != "plain" and self.chance(0.02):
            return f"{r.choice(('w8', 'w9'))} > 1"
        simple = f"{name} {r.choice(('=', '=', '!=', '>', '<', '<=', '>='))} {r.randint(0, 2)}"
        if self.chance(0.2):
            return f"{simple} {r.choice(('and', 'or'))} {r.choice(VARIABLES)} = {r.randint(0, 2)}"
        return simple

    def rare(self) -> str:
        """A condition that is seldom true, for ways back."""
        return f"{self.r.choice(VARIABLES)} = {self.r.randint(0, 2)}"

    def duration(self) -> str:
        return f"PT{self.r.choice((5, 10, 20, 45, 90, 240))}M"

    def timer(self, *, cycles: bool = False) -> str:
        if cycles and self.chance(0.5):
            times = self.r.choice(("R2", "R3", "R"))
            return f'<timerEventDefinition><timeCycle xsi:type="tFormalExpression">{times}/{self.duration()}</timeCycle></timerEventDefinition>'
        if self.chance(0.2):
            minute = self.r.randint(0, 59)
            return f'<timerEventDefinition><timeDate xsi:type="tFormalExpression">2026-03-02T0{self.r.randint(1, 5)}:{minute:02}:00Z</timeDate></timerEventDefinition>'
        return f'<timerEventDefinition><timeDuration xsi:type="tFormalExpression">{self.duration()}</timeDuration></timerEventDefinition>'

    def trigger(
        self, kinds: tuple[str, ...] = ("timer", "message", "signal"), *, cycles: bool = False
    ) -> str:
        match self.r.choice(kinds):
            case "timer":
                return self.timer(cycles=cycles)
            case "message":
                return f'<messageEventDefinition messageRef="M_{self.r.choice(MESSAGES)}"/>'
            case "signal":
                return f'<signalEventDefinition signalRef="S_{self.r.choice(SIGNALS)}"/>'
            case "conditional":
                return f'<conditionalEventDefinition><condition xsi:type="tFormalExpression">{escape(self.rising())}</condition></conditionalEventDefinition>'
        raise AssertionError

    def rising(self) -> str:
        return f"{self.r.choice(VARIABLES)} = {self.r.randint(1, 2)}"

    def coded(self, cause: str, code: str | None) -> str:
        if code is None:
            return f"<{cause}EventDefinition/>"
        ref = {"error": "E", "escalation": "C"}[cause]
        return f'<{cause}EventDefinition {cause}Ref="{ref}_{code}"/>'

    def nested(self, make: Callable[[Scope], None]) -> Scope:
        self.depth += 1
        inner = Scope()
        make(inner)
        self.depth -= 1
        return inner

    # ---- structure ------------------------------------------------------------------------------------------------

    def plain_scope(self, scope: Scope, length: int | None = None) -> None:
        """start, some blocks, end; sometimes without start event or end event."""
        first, last = self.chain(scope, length or self.r.randint(1, 3))
        if self.family == "plain" or self.chance(0.93) or any(f.target is first for f in scope.flows):
            self.flow(scope, self.node(scope, "startEvent", "start"), first)
            if self.family != "plain" and self.chance(0.05):
                self.flow(scope, self.node(scope, "startEvent", "start"), first)
        if self.family == "plain" or self.chance(0.9):
            self.flow(scope, last, self.node(scope, "endEvent", "end"))

    def chain(self, scope: Scope, length: int) -> Ends:
        first, last = self.block(scope)
        for _ in range(length - 1):
            if self.budget <= 0:
                break
            a, b = self.block(scope)
            self.flow(scope, last, a)
            last = b
        return first, last

    def block(self, scope: Scope) -> Ends:
        self.budget -= 1
        if self.budget <= 0 or self.depth > 3:
            name = (
                "user"
                if self.family == "plain"
                else self.r.choice(("user", "user", "user", "user", "user", "script", "abstract"))
            )
        else:
            name = self.r.choice(self.blocks)
        return getattr(self, name)(scope)

    def branch(self, scope: Scope) -> Ends:
        return self.chain(scope, self.r.choice((1, 1, 1, 2)))

    def split(self, scope: Scope, gate: str, end: str, branches: int, *, join: Node | None = None) -> Ends:
        a = self.node(scope, gate, gate[:3])
        b = join or self.node(scope, end, end[:3] + "_join")
        flows = []
        for _ in range(branches):
            if self.chance(0.12) and not (self.family == "plain" and gate == "inclusiveGateway"):
                # (not in the plain family: stock SpiffWorkflow lets an inclusive join go too early behind a bare flow)
                flows.append(self.flow(scope, a, b))
                continue
            first, last = self.branch(scope)
            flows.append(self.flow(scope, a, first))
            self.flow(scope, last, b)
        self.decide(a, flows)
        return a, b

    def decide(self, node: Node, flows: list[Flow], *, default: float = 0.9) -> None:
        """Conditions and default flow for a node that chooses."""
        if node.tag in ("parallelGateway", "eventBasedGateway") or len(flows) < 2:
            return
        standard = self.r.choice(flows) if self.family == "plain" or self.chance(default) else None
        free = (
            self.r.choice(flows)
            if self.family != "plain" and node.tag != "exclusiveGateway" and self.chance(0.25)
            else None
        )
        for flow in flows:
            if flow is not standard and flow is not free:
                flow.condition = self.condition()
        if standard:
            node.attributes["default"] = standard.id

    # ---- tasks ----------------------------------------------------------------------------------------------------

    def user(self, scope: Scope) -> Ends:
        n = self.node(scope, "userTask", "user")
        return n, n

    def manual(self, scope: Scope) -> Ends:
        n = self.node(scope, "manualTask", "manual")
        return n, n

    def abstract(self, scope: Scope) -> Ends:
        n = self.node(scope, "task", "task")
        return n, n

    def service(self, scope: Scope) -> Ends:
        n = self.node(scope, "serviceTask", "service")
        n.properties["operation"] = "check.oracle"
        return n, n

    def pass_service(self, scope: Scope) -> Ends:
        n = self.node(scope, "serviceTask", "service")
        return n, n

    def script(self, scope: Scope) -> Ends:
        n = self.node(scope, "scriptTask", "script")
        target = self.r.choice(
            (f"x_{n.id}", f"x_{n.id}", self.r.choice(VARIABLES) if self.chance(0.3) else f"y_{n.id}")
        )
        value = self.r.choice(
            (str(self.r.randint(0, 2)), f"{self.r.choice(VARIABLES)} + 1", '"done"', "[1, 2]")
        )
        n.inner = f"<script>{{{target}: {value}}}</script>"
        return n, n

    def receive(self, scope: Scope) -> Ends:
        n = self.node(scope, "receiveTask", "receive", messageRef=f"M_{self.r.choice(MESSAGES)}")
        return n, n

    def send(self, scope: Scope) -> Ends:
        n = self.node(scope, "sendTask", "send", messageRef=f"M_{self.r.choice(MESSAGES)}")
        return n, n

    # ---- gateways -------------------------------------------------------------------------------------------------

    def xor(self, scope: Scope) -> Ends:
        return self.split(scope, "exclusiveGateway", "exclusiveGateway", self.r.randint(2, 3))

    def unbalanced(self, scope: Scope) -> Ends:
        """Nested forks, one join."""
        a, b = self.split(scope, "parallelGateway", "parallelGateway", self.r.randint(1, 2))
        inner, _ = self.split(scope, "parallelGateway", "parallelGateway", 2, join=b)
        self.flow(scope, a, inner)
        return a, b

    def or_loose(self, scope: Scope) -> Ends:
        """An inclusive join behind some other split, or an inclusive split that nobody joins."""
        gate = self.r.choice(("parallelGateway", "exclusiveGateway", "inclusiveGateway"))
        end = (
            "inclusiveGateway" if gate != "inclusiveGateway" else self.r.choice(("exclusiveGateway", "task"))
        )
        return self.split(scope, gate, end, self.r.randint(2, 3))

    def complex(self, scope: Scope) -> Ends:
        n = self.r.randint(2, 3)
        gate = self.r.choice(("parallelGateway", "parallelGateway", "inclusiveGateway"))
        a, b = self.split(scope, gate, "complexGateway", n)
        if self.chance(0.85):
            needed = self.r.randint(1, n if gate == "parallelGateway" else 1)
            b.tail = f'<activationCondition xsi:type="tFormalExpression">activationCount &gt;= {needed}</activationCondition>'
        return a, b

    def event_gate(self, scope: Scope) -> Ends:
        a, b = self.node(scope, "eventBasedGateway", "evt"), self.node(scope, "exclusiveGateway", "exc_join")
        for _ in range(self.r.randint(2, 3)):
            if self.chance(0.15):
                target, _ = self.receive(scope)
            else:
                target, _ = self.catch(scope, ("timer", "message", "signal", "conditional"))
            self.flow(scope, a, target)
            if self.chance(0.5):
                first, last = self.branch(scope)
                self.flow(scope, target, first)
                target = last
            self.flow(scope, target, b)
        return a, b

    def loop(self, scope: Scope) -> Ends:
        """A correction loop: the way back comes through a gateway (or, uncontrolled, straight into the first node)."""
        first, last = self.chain(scope, self.r.randint(1, 2))
        pause, _ = self.user(scope)
        self.flow(scope, last, pause)
        b = self.node(scope, "exclusiveGateway", "exc")
        self.flow(scope, pause, b)
        a = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, a, first)
        back = self.flow(scope, b, a, self.rare())
        out, _ = self.r.choice((self.abstract, self.user))(scope)
        b.attributes["default"] = self.flow(scope, b, out).id
        assert back
        return a, out

    def spread(self, scope: Scope) -> Ends:
        """Several and conditional flows out of a task."""
        a, _ = self.r.choice((self.user, self.user, self.abstract, self.service))(scope)
        b = self.node(scope, self.r.choice(("inclusiveGateway", "exclusiveGateway", "task")), "merge")
        flows = []
        for _ in range(self.r.randint(2, 3)):
            first, last = self.branch(scope)
            flows.append(self.flow(scope, a, first))
            self.flow(scope, last, b)
        if self.chance(0.8):
            self.decide(a, flows, default=0.85)
        return a, b

    # ---- events ---------------------------------------------------------------------------------------------------

    def catch(self, scope: Scope, kinds: tuple[str, ...] = ("timer", "message", "signal")) -> Ends:
        n = self.node(scope, "intermediateCatchEvent", "catch", self.trigger(kinds))
        return n, n

    def throw_message(self, scope: Scope) -> Ends:
        n = self.node(scope, "intermediateThrowEvent", "throw", self.trigger(("message",)))
        return n, n

    def throw_signal(self, scope: Scope) -> Ends:
        n = self.node(scope, "intermediateThrowEvent", "throw", self.trigger(("signal",)))
        return n, n

    def link(self, scope: Scope) -> Ends:
        name = self.id("link")
        first, last = self.branch(scope)
        throw = self.node(scope, "intermediateThrowEvent", "throw", f'<linkEventDefinition name="{name}"/>')
        catch = self.node(scope, "intermediateCatchEvent", "catch", f'<linkEventDefinition name="{name}"/>')
        self.flow(scope, last, throw)
        if self.chance(0.4):
            back = self.node(scope, "exclusiveGateway", "exc_join")
            self.flow(scope, back, first)
            return back, catch
        return first, catch

    def or_link(self, scope: Scope) -> Ends:
        """An inclusive join that one branch reaches by a link only."""
        name = self.id("link")
        a = self.node(scope, self.r.choice(("inclusiveGateway", "parallelGateway")), "fork")
        b = self.node(scope, "inclusiveGateway", "inc_join")
        throw = self.node(scope, "intermediateThrowEvent", "throw", f'<linkEventDefinition name="{name}"/>')
        catch = self.node(scope, "intermediateCatchEvent", "catch", f'<linkEventDefinition name="{name}"/>')
        flows = []
        for target in (throw, b):
            first, last = self.branch(scope)
            flows.append(self.flow(scope, a, first))
            self.flow(scope, last, target)
        self.flow(scope, catch, b)
        self.decide(a, flows)
        return a, b

    def handshake(self, scope: Scope) -> Ends:
        """One branch throws the message or signal that another waits for."""
        cause = self.r.choice(("message", "message", "signal"))
        event = self.trigger((cause,))
        a, b = self.node(scope, "parallelGateway", "par"), self.node(scope, "parallelGateway", "par_join")
        for kind in self.r.sample(("catch", "throw", "catch"), 3):
            first, last = self.branch(scope)
            tag = "intermediateCatchEvent" if kind == "catch" else "intermediateThrowEvent"
            node = self.node(scope, tag, kind, event)
            self.flow(scope, a, first)
            self.flow(scope, last, node)
            self.flow(scope, node, b)
        return a, b

    def terminate(self, scope: Scope) -> Ends:
        a, b = self.r.choice((self.xor, self.both))(scope)
        end = self.node(scope, "endEvent", "end", "<terminateEventDefinition/>")
        first, last = self.branch(scope)
        self.flow(scope, last, end)
        fork = self.node(scope, "parallelGateway", "par")
        self.flow(scope, fork, first)
        self.flow(scope, fork, a)
        return fork, b

    def both(self, scope: Scope) -> Ends:
        return self.split(scope, "parallelGateway", "parallelGateway", self.r.randint(2, 3))

    # ---- boundaries -----------------------------------------------------------------------------------------------

    def attach(self, scope: Scope, host: Node, inner: str, after: Node, *, stop: bool = True) -> Node:
        """A boundary event and where its way leads: back into the main way, to its own end, or nowhere."""
        b = self.node(
            scope,
            "boundaryEvent",
            "bound",
            inner,
            attachedToRef=host.id,
            cancelActivity="true" if stop else "false",
        )
        last = b
        if self.chance(0.7):
            first, last = self.branch(scope)
            self.flow(scope, b, first)
        if (stop and self.chance(0.75)) or (not stop and self.chance(0.15)):
            self.flow(scope, last, after)
        elif self.chance(0.7):
            self.flow(scope, last, self.node(scope, "endEvent", "end"))
        return b

    def fringe(self, scope: Scope, host: Node) -> Ends:
        after = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, host, after)
        for _ in range(self.r.randint(1, 2)):
            stop = self.chance(0.5)
            self.attach(scope, host, self.trigger(cycles=not stop), after, stop=stop)
        return host, after

    def bounded(self, scope: Scope) -> Ends:
        host, _ = self.r.choice((self.user, self.user, self.service, self.receive))(scope)
        return self.fringe(scope, host)

    def container(self, scope: Scope, tag: str = "subProcess", length: int | None = None) -> Node:
        n = Node(self.id("sub"), tag)
        n.scope = self.nested(lambda s: self.plain_scope(s, length))
        scope.nodes.append(n)
        if "mixed" in self.family and self.chance(0.1):
            kinds = self.r.choice((("timer", "message", "signal"), ("conditional",)))
            self.add_event_sub(n.scope, kinds)
        return n

    def sub(self, scope: Scope) -> Ends:
        n = self.container(scope)
        if self.chance(0.3):
            return self.fringe(scope, n)
        return n, n

    def bare_sub(self, scope: Scope) -> Ends:
        n = self.container(scope)
        return n, n

    def bounded_sub(self, scope: Scope) -> Ends:
        return self.fringe(scope, self.container(scope))

    def call(self, scope: Scope) -> Ends:
        if self.called and self.chance(0.3):
            name = self.r.choice(self.called)[0]
        elif len(self.called) < 2:
            name = self.id("part")
            inner = self.nested(self.plain_scope)
            self.called.append((name, inner))
        else:
            return self.user(scope)
        n = self.node(scope, "callActivity", "call", calledElement=name)
        if self.chance(0.3):
            return self.fringe(scope, n)
        return n, n

    def call_raising(self, scope: Scope) -> Ends:
        """An error or escalation that leaves a called process."""
        cause, codes = self.r.choice((("error", ERRORS), ("escalation", ESCALATIONS)))
        name = self.id("part")
        inner = self.nested(self.plain_scope)
        self.ending(inner, self.coded(cause, self.r.choice((*codes, None))), throw=cause == "escalation")
        if self.chance(0.2):
            self.add_event_sub(inner, inner=self.coded(cause, self.r.choice((*codes, None))))
        self.called.append((name, inner))
        n = self.node(scope, "callActivity", "call", calledElement=name)
        after = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, n, after)
        for code in self.r.sample((*codes, None), self.r.choice((0, 1, 2))):
            self.attach(scope, n, self.coded(cause, code), after, stop=cause == "error" or self.chance(0.5))
        return n, after

    def conditional(self, scope: Scope) -> Ends:
        match self.r.randint(0, 3):
            case 0:
                return self.catch(scope, ("conditional",))
            case 1:
                host, _ = self.user(scope)
            case 2:
                host = self.container(scope)
            case _:
                n = self.container(scope)
                assert n.scope
                self.add_event_sub(n.scope, ("conditional",))
                return n, n
        after = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, host, after)
        self.attach(scope, host, self.trigger(("conditional",)), after, stop=self.chance(0.5))
        return host, after

    def add_event_sub(
        self, scope: Scope, kinds: tuple[str, ...] = ("timer", "message", "signal"), inner: str | None = None
    ) -> None:
        stop = self.chance(0.5)
        definition = inner or self.trigger(kinds, cycles=not stop)
        if "<errorEvent" in definition or "<compensate" in definition:
            stop = True
        n = Node(self.id("esub"), "subProcess", {"triggeredByEvent": "true"})

        def make(s: Scope) -> None:
            first, last = self.chain(s, self.r.randint(1, 2))
            if inner and "<compensate" not in inner and self.chance(0.25):
                # what it catches is thrown inside it again: that must go further out
                first = self.again_inside(s, first, inner)
            if scope.undoable and self.chance(0.3):
                throw = self.node(s, "intermediateThrowEvent", "throw", "<compensateEventDefinition/>")
                self.flow(s, last, throw)
                last = throw
            start = self.node(
                s, "startEvent", "start", definition, isInterrupting="true" if stop else "false"
            )
            self.flow(s, start, first)
            if self.chance(0.8):
                self.flow(s, last, self.node(s, "endEvent", "end"))

        n.scope = self.nested(make)
        scope.nodes.append(n)

    def again_inside(self, scope: Scope, first: Node, inner: str) -> Node:
        fork = self.node(scope, "parallelGateway", "par")
        end = self.node(scope, "endEvent", "end", inner)
        if self.chance(0.5):
            nested = Node(self.id("sub"), "subProcess")
            nested.scope = self.nested(lambda s: self.plain_scope(s, 1))
            scope.nodes.append(nested)
            self.ending(nested.scope, inner)
            self.flow(scope, fork, nested)
            scope.nodes.remove(end)
        else:
            before, _ = self.user(scope)
            self.flow(scope, fork, before)
            self.flow(scope, before, end)
        self.flow(scope, fork, first)
        return fork

    def event_sub(self, scope: Scope) -> Ends:
        n = self.container(scope, length=2)
        assert n.scope
        for _ in range(self.r.choice((1, 1, 2))):
            self.add_event_sub(n.scope)
        if self.chance(0.3):
            return self.fringe(scope, n)
        return n, n

    # ---- errors and escalations -----------------------------------------------------------------------------------

    def failing(self, scope: Scope) -> Ends:
        """A service task that may answer with an error, caught at the task, outside, or nowhere."""
        host, _ = self.service(scope)
        if self.chance(0.5):
            return host, host
        after = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, host, after)
        for code in self.r.sample((*ERRORS, None), self.r.randint(1, 2)):
            self.attach(scope, host, self.coded("error", code), after)
        return host, after

    def ending(self, scope: Scope, inner: str, *, throw: bool = False) -> None:
        """Inside `scope`: one more way that ends in (or passes) the event."""
        first, last = self.branch(scope)
        if throw and self.chance(0.5):
            event = self.node(scope, "intermediateThrowEvent", "throw", inner)
            rest, _ = self.r.choice((self.user, self.abstract))(scope)
            self.flow(scope, event, rest)
        else:
            event = self.node(scope, "endEvent", "end", inner)
        self.flow(scope, last, event)
        start = next((n for n in scope.nodes if n.tag == "startEvent"), None) or self.node(
            scope, "startEvent", "start"
        )
        target = first
        old = next((f for f in scope.flows if f.source is start), None)
        if old and self.chance(0.5):
            gate = self.node(scope, "exclusiveGateway", "exc")
            self.flow(scope, gate, target, self.condition())
            gate.attributes["default"] = self.flow(scope, gate, old.target).id
            old.target = gate
        else:
            self.flow(scope, start, target)

    def raising(self, scope: Scope, cause: str, codes: tuple[str, ...]) -> Ends:
        n = self.container(scope)
        assert n.scope
        inside = n.scope
        if self.chance(0.3):
            deeper = Node(self.id("sub"), "subProcess")
            deeper.scope = self.nested(lambda s: self.plain_scope(s, 1))
            self.ending(
                deeper.scope, self.coded(cause, self.r.choice((*codes, None))), throw=cause == "escalation"
            )
            inside.nodes.append(deeper)
            first = next((nn for nn in inside.nodes if nn.tag == "startEvent"), None) or self.node(
                inside, "startEvent", "start"
            )
            self.flow(inside, first, deeper)
        else:
            self.ending(
                inside, self.coded(cause, self.r.choice((*codes, *codes, None))), throw=cause == "escalation"
            )
        for _ in range(self.r.choice((0, 0, 1))):
            self.add_event_sub(inside, inner=self.coded(cause, self.r.choice((*codes, None))))
        after = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, n, after)
        for code in self.r.sample((*codes, None), self.r.choice((0, 1, 1, 2))):
            stop = cause == "error" or self.chance(0.5)
            self.attach(scope, n, self.coded(cause, code), after, stop=stop)
        return n, after

    def error(self, scope: Scope) -> Ends:
        return self.raising(scope, "error", ERRORS)

    def escalation(self, scope: Scope) -> Ends:
        return self.raising(scope, "escalation", ESCALATIONS)

    # ---- loops of activities --------------------------------------------------------------------------------------

    def multiply(self, n: Node, *, items: bool) -> None:
        sequential = "true" if self.chance(0.5) else "false"
        inner = f"<loopCardinality>{self.r.choice((0, 1, 2, 2, 3, 3))}</loopCardinality>"
        if items:
            values = self.r.choice(("[]", "[1]", "[0, 2]", "[2, 0, 1]", f"[{self.r.choice(VARIABLES)}, 1]"))
            n.properties |= {"collection": values, "item": "each"}
            if self.chance(0.5):
                text = self.r.choice(("each", "each + 1", f"each + {self.r.choice(VARIABLES)}"))
                n.properties |= {"output": f"o_{n.id}", "output_item": text}
            inner = ""
        if self.chance(0.4):
            done = self.r.choice(
                ("numberOfCompletedInstances >= 1", "numberOfCompletedInstances >= 2", self.condition())
            )
            inner += f"<completionCondition>{escape(done)}</completionCondition>"
        n.tail = f'<multiInstanceLoopCharacteristics isSequential="{sequential}">{inner}</multiInstanceLoopCharacteristics>'

    def again(self, n: Node) -> None:
        before = "true" if self.chance(0.4) else "false"
        most = f' loopMaximum="{self.r.randint(1, 3)}"' if self.chance(0.5) else ""
        n.tail = (
            f'<standardLoopCharacteristics testBefore="{before}"{most}><loopCondition>{escape(self.condition())}'
            "</loopCondition></standardLoopCharacteristics>"
        )

    def many(self, scope: Scope) -> Ends:
        n, _ = self.r.choice((self.user, self.user, self.user, self.service, self.receive, self.abstract))(
            scope
        )
        self.multiply(n, items=self.chance(0.35))
        return self.fringe(scope, n) if self.chance(0.3) else (n, n)

    def many_sub(self, scope: Scope) -> Ends:
        before, self.each = self.each, self.chance(0.4)
        n = self.container(scope)
        self.multiply(n, items=self.each)
        self.each = before
        assert n.scope
        if self.chance(0.2):
            self.add_event_sub(n.scope)
        if self.chance(0.2):
            self.ending(n.scope, self.r.choice(("<terminateEventDefinition/>", self.coded("error", "e1"))))
            after = self.node(scope, "exclusiveGateway", "exc_join")
            self.flow(scope, n, after)
            self.attach(scope, n, self.coded("error", self.r.choice(("e1", "e2", None))), after)
            return n, after
        return self.fringe(scope, n) if self.chance(0.3) else (n, n)

    def repeat(self, scope: Scope) -> Ends:
        n, _ = self.user(scope)
        self.again(n)
        return self.fringe(scope, n) if self.chance(0.3) else (n, n)

    def repeat_sub(self, scope: Scope) -> Ends:
        n = self.container(scope)
        assert n.scope
        if not any(x.tag == "userTask" for x in n.scope.nodes):
            return n, n
        self.again(n)
        return self.fringe(scope, n) if self.chance(0.3) else (n, n)

    # ---- compensation ---------------------------------------------------------------------------------------------

    def handled(self, scope: Scope, host: Node) -> None:
        b = self.node(scope, "boundaryEvent", "bound", "<compensateEventDefinition/>", attachedToRef=host.id)
        tag = self.r.choice(("userTask", "userTask", "task", "scriptTask"))
        handler = self.node(scope, tag, "undo", isForCompensation="true")
        if tag == "scriptTask":
            handler.inner = f"<script>{{x_{handler.id}: {self.r.choice(VARIABLES)} + 1}}</script>"
        scope.extras.append(
            f'<association id="{self.id("a")}" associationDirection="One" sourceRef="{b.id}" targetRef="{handler.id}"/>\n'
        )
        scope.undoable.append(host.id)

    def undoable(self, scope: Scope) -> Ends:
        n, _ = self.r.choice((self.user, self.user, self.abstract, self.service))(scope)
        if self.chance(0.15):
            self.multiply(n, items=self.chance(0.5))
        self.handled(scope, n)
        return n, n

    def undoable_sub(self, scope: Scope) -> Ends:
        n = self.container(scope, length=self.r.randint(1, 2))
        assert n.scope
        inside = n.scope
        if self.chance(0.7):
            a, b = self.undoable(inside)
            start = next((x for x in inside.nodes if x.tag == "startEvent"), None)
            if start:
                old = next(f for f in inside.flows if f.source is start)
                self.flow(inside, b, old.target)
                old.target = a
        if self.chance(0.3):
            self.add_event_sub(inside, inner="<compensateEventDefinition/>")
        elif self.chance(0.2):
            self.add_event_sub(inside)
        if self.chance(0.15):
            self.multiply(n, items=self.chance(0.5))
        if self.chance(0.3):
            self.handled(scope, n)
        else:
            scope.undoable.append(n.id)
        return n, n

    def undo(self, scope: Scope) -> Ends:
        ref = f' activityRef="{self.r.choice(scope.undoable)}"' if scope.undoable and self.chance(0.3) else ""
        a, b = (
            self.r.choice((self.undoable, self.undoable_sub))(scope) if self.chance(0.6) else self.user(scope)
        )
        n = self.node(scope, "intermediateThrowEvent", "throw", f"<compensateEventDefinition{ref}/>")
        self.flow(scope, b, n)
        return a, n

    def transaction(self, scope: Scope) -> Ends:
        n = self.container(scope, "transaction", length=2)
        assert n.scope
        inside = n.scope
        if self.chance(0.7):
            a, b = self.undoable(inside)
            start = next((x for x in inside.nodes if x.tag == "startEvent"), None)
            if start:
                old = next(f for f in inside.flows if f.source is start)
                self.flow(inside, b, old.target)
                old.target = a
        self.ending(inside, "<cancelEventDefinition/>")
        if self.chance(0.2):
            self.ending(inside, self.r.choice(("<terminateEventDefinition/>", self.coded("error", "e1"))))
        after = self.node(scope, "exclusiveGateway", "exc_join")
        self.flow(scope, n, after)
        self.attach(scope, n, "<cancelEventDefinition/>", after)
        if self.chance(0.3):
            self.attach(scope, n, self.coded("error", None), after)
        return n, after

    # ---- unstructured ---------------------------------------------------------------------------------------------

    def graph(self, scope: Scope, *, mixed: bool) -> None:
        """Any nodes, any flows: joins without split, several tokens on a flow, ways back into anything."""
        r = self.r
        nodes: list[Ends] = []
        for _ in range(r.randint(4, 10)):
            kind = r.choice(("user", "user", "user", "x", "a", "o", "abstract", "block" if mixed else "user"))
            if kind in ("x", "a", "o"):
                tag = {"x": "exclusiveGateway", "a": "parallelGateway", "o": "inclusiveGateway"}[kind]
                n = self.node(scope, tag, tag[:3])
                nodes.append((n, n))
            elif kind == "block":
                nodes.append(self.block(scope))
            else:
                nodes.append(getattr(self, kind)(scope))
        start = self.node(scope, "startEvent", "start")
        ends = [self.node(scope, "endEvent", "end") for _ in range(r.randint(1, 2))]
        pairs: set[tuple[str, str]] = set()
        out: dict[str, list[Flow]] = {}

        def link(a: Node, b: Node) -> None:
            if (a.id, b.id) not in pairs:
                pairs.add((a.id, b.id))
                out.setdefault(a.id, []).append(self.flow(scope, a, b))

        self.flow(scope, start, nodes[0][0])
        for i in range(1, len(nodes)):
            link(nodes[r.randrange(i)][1], nodes[i][0])
        for _ in range(r.randint(1, len(nodes))):
            i, j = r.randrange(len(nodes)), r.randrange(len(nodes))
            forward = i < j
            if i != j and (forward or self.chance(0.45)):
                link(nodes[i][1], nodes[j][0])
        for _, last in nodes:
            if last.id not in out and not any(f.source is last for f in scope.flows) and self.chance(0.85):
                link(last, r.choice(ends))
        for host in [x for x, _ in nodes if x.tag == "userTask" and "LoopChar" not in x.tail]:
            if self.chance(0.2 if mixed else 0.08):
                stop = self.chance(0.6)
                b = self.node(
                    scope, "boundaryEvent", "bound", self.trigger(cycles=not stop), attachedToRef=host.id
                )
                b.attributes["cancelActivity"] = "true" if stop else "false"
                if self.chance(0.9):
                    link(b, r.choice(nodes)[0] if stop or self.chance(0.5) else r.choice(ends))
        for end in ends:
            if not any(f.target is end for f in scope.flows):
                scope.nodes.remove(end)
        for _, last in nodes:
            flows = out.get(last.id, [])
            if last.tag == "exclusiveGateway" or (len(flows) > 1 and self.chance(0.5)):
                self.decide(last, flows)

    def add_defaults(self, scope: Scope) -> None:
        """Stock SpiffWorkflow refuses a choosing gateway whose only flow has no condition, unless it is the default."""
        for n in scope.nodes:
            out = [f for f in scope.flows if f.source is n]
            if len(out) == 1 and n.tag in ("exclusiveGateway", "inclusiveGateway"):
                n.attributes["default"] = out[0].id
            if n.scope:
                self.add_defaults(n.scope)

    def correlate(self, scope: Scope) -> None:
        """Keys on some of the messages, thrown and caught."""
        for n in scope.nodes:
            if ("<messageEvent" in n.inner or "messageRef" in n.attributes) and self.chance(0.6):
                n.properties["correlation"] = self.r.choice(VARIABLES[:2])
            if n.scope:
                self.correlate(n.scope)

    # ---- the whole ------------------------------------------------------------------------------------------------

    def make(self) -> Model:
        main = Scope()
        if self.family.startswith("graph"):
            self.graph(main, mixed=self.family == "graph mixed")
        else:
            self.plain_scope(main, self.r.randint(3, 6))
        if self.family in ("mixed", "event sub-process") and self.chance(0.35):
            self.add_event_sub(main)
        starts: tuple[str, ...] = ()
        plain = any(n.tag == "startEvent" for n in main.nodes)
        if plain and self.family in ("catch and throw", "mixed") and self.chance(0.2):
            begin = self.node(main, "startEvent", "start", self.trigger())
            self.flow(
                main,
                begin,
                self.r.choice(
                    [n for n in main.nodes if n.tag in ("userTask", "exclusiveGateway", "task")]
                    or [self.user(main)[0]]
                ),
            )
            starts = (begin.id,)
        if self.family == "plain":
            self.add_defaults(main)
        elif self.chance(0.25):
            for scope in (main, *(s for _, s in self.called)):
                self.correlate(scope)
        text = [HEAD]
        text += [f'<message id="M_{m}" name="{m}"/>' for m in MESSAGES]
        text += [f'<signal id="S_{s}" name="{s}"/>' for s in SIGNALS]
        text += [f'<error id="E_{e}" errorCode="{e}"/>' for e in ERRORS]
        text += [f'<escalation id="C_{c}" escalationCode="{c}"/>' for c in ESCALATIONS]
        text.append('\n<process id="main" isExecutable="true">\n' + main.xml() + "</process>\n")
        for name, scope in self.called:
            text.append(f'<process id="{name}" isExecutable="false">\n{scope.xml()}</process>\n')
        text.append("</definitions>\n")
        return Model("".join(text).encode(), self.family, self.seed, starts=starts)


# "and" and "or" are Python words: the block names meet them here
setattr(Maker, "and", Maker.both)
setattr(
    Maker,
    "or",
    lambda self, scope: self.split(scope, "inclusiveGateway", "inclusiveGateway", self.r.randint(2, 3)),
)


def generate(family: str, seed: int) -> Model:
    """The model of this family and seed."""
    return Maker(family, seed).make()


def chosen(models: int, seed: int, families: list[str]) -> list[tuple[str, int]]:
    """(family, seed) of each model: the families in turn, mixed ones four times."""
    turns = [f for family in families for f in [family] * (4 if "mixed" in family else 1)]
    return [(turns[i % len(turns)], seed * 1_000_000 + i) for i in range(models)]
