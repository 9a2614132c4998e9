"""A BPMN file as the oracle sees it: the XML tree with references resolved, nothing more.

Read with lxml straight from the text of the standard's schema (BPMN 2.0.2, chapters 8 and 10), so that a fault of the
loader under test cannot hide in the oracle too. Model errors are not looked for here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway")
CONTAINERS = ("process", "subProcess", "transaction", "adHocSubProcess")
ACTIVITIES = (
    *(
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
    ),
    *("subProcess", "transaction", "callActivity"),
)
EVENTS = ("startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent")
NODES = (*ACTIVITIES, *EVENTS, *GATEWAYS)


def local(xml: etree._Element) -> str:
    return etree.QName(xml).localname if isinstance(xml.tag, str) else ""


def below(xml: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in xml if local(child) == name)


def text_of(xml: etree._Element, name: str) -> str | None:
    for child in below(xml, name):
        return (child.text or "").strip() or None
    return None


@dataclass(eq=False, slots=True)
class Path:
    """A sequence flow."""

    id: str
    source: Part
    target: Part
    condition: str | None


@dataclass(eq=False, slots=True)
class Event:
    """One event definition: what is thrown or waited for."""

    cause: str
    ref: str | None = None
    kind: str | None = None
    text: str | None = None
    wait: bool = True


@dataclass(eq=False, slots=True)
class Loop:
    """Loop characteristics of an activity."""

    sequential: bool = False
    standard: bool = False
    count: str | None = None
    collection: str | None = None
    item: str | None = None
    output: str | None = None
    output_item: str | None = None
    condition: str | None = None
    before: bool = False
    maximum: int | None = None


@dataclass(eq=False, slots=True)
class Part:
    """A process or flow node."""

    id: str
    tag: str
    parent: Part | None
    into: list[Path] = field(default_factory=list)
    out: list[Path] = field(default_factory=list)
    default: Path | None = None
    events: list[Event] = field(default_factory=list)
    children: list[Part] = field(default_factory=list)
    boundaries: list[Part] = field(default_factory=list)
    host: Part | None = None
    interrupting: bool = True
    by_event: bool = False
    handler: Part | None = None
    for_compensation: bool = False
    loop: Loop | None = None
    called: Part | None = None
    script: str | None = None
    operation: str | None = None
    correlation: str | None = None
    activation: str | None = None
    message: str | None = None

    def __repr__(self) -> str:
        return f"<{self.tag} {self.id}>"

    def __deepcopy__(self, memo: object) -> Part:
        return self

    @property
    def event(self) -> Event | None:
        return self.events[0] if self.events else None

    def on(self, cause: str) -> bool:
        return any(e.cause == cause for e in self.events)

    @property
    def body(self) -> Part:
        """Where the inner nodes are: itself, or the called process."""
        return self.called or self

    @property
    def is_container(self) -> bool:
        return self.tag in CONTAINERS or self.called is not None

    @property
    def is_activity(self) -> bool:
        return self.tag in ACTIVITIES

    @property
    def event_subs(self) -> list[Part]:
        return [c for c in self.body.children if c.by_event]

    @property
    def starts(self) -> list[Part]:
        """The nodes that get a token when this container begins plainly: none starts, and what no flow leads to."""
        inner = [c for c in self.body.children if not c.by_event]
        none = [c for c in inner if c.tag == "startEvent" and not c.events]
        return none + [
            c
            for c in inner
            if not c.into
            and c.tag not in ("startEvent", "boundaryEvent")
            and not c.for_compensation
            and not (c.on("link") and c.tag == "intermediateCatchEvent")
        ]


class Paper:
    """All processes of one or more files."""

    def __init__(self, *sources: bytes) -> None:
        self.parts: dict[str, Part] = {}
        self.names: dict[str, str | None] = {}
        self.processes: list[Part] = []
        roots = [etree.fromstring(s) for s in sources]
        for root in roots:
            self._names(root)
        todo: list[tuple[etree._Element, Part]] = []
        for root in roots:
            for xml in below(root, "process"):
                part = Part(xml.get("id"), "process", None)
                self.parts[part.id] = part
                self.processes.append(part)
                todo += self._nodes(xml, part)
        for xml, part in todo:
            self._fill(xml, part)
        for root in roots:
            for xml in below(root, "process"):
                self._flows(xml)
        for xml, part in todo:
            if xml.get("default"):
                part.default = next((p for p in part.out if p.id == xml.get("default")), None)
        for root in roots:
            for xml in root.iter("{*}association"):
                source, target = (self.parts.get(xml.get(k)) for k in ("sourceRef", "targetRef"))
                if source and target and source.tag == "boundaryEvent" and source.host:
                    source.handler = target
                    target.for_compensation = True

    def __deepcopy__(self, memo: object) -> Paper:
        return self

    def __getitem__(self, key: str) -> Part:
        return self.parts[key]

    def _names(self, root: etree._Element) -> None:
        for xml in root:
            match local(xml):
                case "message" | "signal":
                    self.names[xml.get("id")] = xml.get("name") or xml.get("id")
                case "error":
                    self.names[xml.get("id")] = xml.get("errorCode")
                case "escalation":
                    self.names[xml.get("id")] = xml.get("escalationCode")

    def _nodes(self, xml: etree._Element, parent: Part) -> list[tuple[etree._Element, Part]]:
        found = []
        for child in xml:
            tag = local(child)
            if tag in NODES:
                part = Part(child.get("id"), tag, parent)
                self.parts[part.id] = part
                parent.children.append(part)
                found.append((child, part))
                if tag in CONTAINERS:
                    found += self._nodes(child, part)
        return found

    def _fill(self, xml: etree._Element, part: Part) -> None:
        part.by_event = xml.get("triggeredByEvent") == "true"
        part.for_compensation = xml.get("isForCompensation") == "true"
        part.script = text_of(xml, "script")
        part.activation = text_of(xml, "activationCondition")
        if part.tag == "callActivity":
            part.called = self.parts.get((xml.get("calledElement") or "").rpartition(":")[2])
        if part.tag == "boundaryEvent":
            part.interrupting = xml.get("cancelActivity", "true") == "true"
            part.host = self.parts[xml.get("attachedToRef")]
            part.host.boundaries.append(part)
        if part.tag == "startEvent":
            part.interrupting = xml.get("isInterrupting", "true") == "true"
        if xml.get("messageRef"):
            part.message = self.names.get(xml.get("messageRef"))
        written: dict[str, str] = {}
        for child in xml:
            name = local(child)
            if name.endswith("EventDefinition"):
                part.events.append(self._event(child, name.removesuffix("EventDefinition")))
            elif name == "multiInstanceLoopCharacteristics":
                part.loop = self._many(child)
            elif name == "standardLoopCharacteristics":
                limit = child.get("loopMaximum")
                part.loop = Loop(
                    standard=True,
                    condition=text_of(child, "loopCondition"),
                    before=child.get("testBefore") == "true",
                    maximum=int(limit) if limit else None,
                )
            elif name == "extensionElements":
                written = {p.get("name"): p.get("value") for p in child.iter("{*}property")}
                part.operation = written.get("operation")
                part.correlation = written.get("correlation")

        if part.loop and written.get("collection"):
            part.loop.collection, part.loop.item = written["collection"], written.get("item")
            part.loop.output, part.loop.output_item = written.get("output"), written.get("output_item")

    def _event(self, xml: etree._Element, cause: str) -> Event:
        ref = next(
            (xml.get(k) for k in ("messageRef", "signalRef", "errorRef", "escalationRef") if xml.get(k)), None
        )
        event = Event(cause, self.names.get(ref) if ref else None)
        match cause:
            case "message" | "signal":
                event.ref = event.ref or ""
            case "link":
                event.ref = xml.get("name")
            case "compensate":
                event.ref = xml.get("activityRef")
                event.wait = xml.get("waitForCompletion", "true") == "true"
            case "timer":
                for child in xml:
                    event.kind, event.text = local(child), (child.text or "").strip()
            case "conditional":
                event.text = text_of(xml, "condition")
        return event

    @staticmethod
    def _many(xml: etree._Element) -> Loop:
        item = next(below(xml, "inputDataItem"), None)
        return Loop(
            sequential=xml.get("isSequential") == "true",
            count=text_of(xml, "loopCardinality"),
            collection=text_of(xml, "loopDataInputRef"),
            item=None if item is None else item.get("name") or item.get("id"),
            condition=text_of(xml, "completionCondition"),
        )

    def _flows(self, xml: etree._Element) -> None:
        for child in xml:
            if local(child) == "sequenceFlow":
                source, target = self.parts[child.get("sourceRef")], self.parts[child.get("targetRef")]
                path = Path(child.get("id"), source, target, text_of(child, "conditionExpression"))
                source.out.append(path)
                target.into.append(path)
            elif local(child) in CONTAINERS:
                self._flows(child)
