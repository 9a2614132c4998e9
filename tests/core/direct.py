"""A second reading of BPMN XML into `Definition`, straight from lxml and without SpiffWorkflow.

It exists to be compared with `engine.core.load`, field by field, so it shares nothing with it but the target types. It
checks little: it takes what is written, and raises `UnreadableError` only where no `Definition` could say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.core.definition import (
    Cause,
    Definition,
    Flow,
    Kind,
    Loop,
    Node,
    Scope,
    Settings,
    TimerKind,
    Trigger,
)
from engine.feel.syntax import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
SCOPES = {Kind.SUB_PROCESS, Kind.EVENT_SUB_PROCESS, Kind.TRANSACTION}
KINDS = {kind.value: kind for kind in Kind if kind is not Kind.EVENT_SUB_PROCESS}
ACTIVITIES = {k for k in Kind if k.value.lower().endswith("task")} | SCOPES | {Kind.CALL}
CAUSES = {f"{BPMN}{cause.value}EventDefinition": cause for cause in Cause}

BOOLEANS = {
    "isExecutable",
    "cancelActivity",
    "isInterrupting",
    "isSequential",
    "testBefore",
    "triggeredByEvent",
    "waitForCompletion",
    "isForCompensation",
    "instantiate",
    "parallelMultiple",
}


class UnreadableError(Exception):
    """The XML says something that a `Definition` has no place for."""


@dataclass(frozen=True)
class Text:
    """Stands in for a compiled expression where only the text matters."""

    text: str
    names: frozenset[str] = frozenset()


def compiler() -> Callable[[str, Iterable[str]], Any]:
    """The real FEEL compiler where the package is importable, else a keeper of texts."""
    try:
        from engine.feel import compile_expression
    except ImportError:
        return lambda text, names=(): Text(text)
    return compile_expression


def read_direct(
    sources: Mapping[str, bytes],
    main: str | None = None,
    decisions: Mapping[str, Any] | None = None,
    names: Iterable[str] = (),
    compile_text: Callable[[str, Iterable[str]], Any] | None = None,
) -> Definition:
    roots = [
        etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
        for text in sources.values()
    ]
    for element in (one for root in roots for one in root.iter(f"{BPMN}*")):
        for name, value in element.attrib.items():
            if name in BOOLEANS:
                element.set(name, {"1": "true", "0": "false"}.get(value.strip(), value.strip()))
    processes = {p.get("id"): p for root in roots for p in root.iter(f"{BPMN}process")}
    if main is None:
        main = choose(processes)
    reading = Reading(compile_text or compiler(), tuple(names))
    todo, done = [main], set()
    while todo:
        process = todo.pop()
        if process in done:
            continue
        if process not in processes:
            raise UnreadableError(f"no process {process}")
        done.add(process)
        reading.container(processes[process], None, None, processes[process].getroottree().getroot())
        todo += [n.called for n in reading.nodes.values() if n.called]
    return Definition(
        main=main,
        nodes=reading.nodes,
        flows=reading.flows,
        scopes=reading.scopes,
        boundaries={a: tuple(b) for a, b in reading.boundaries.items()},
        decisions=dict(decisions or {}),
    )


def choose(processes: Mapping[str, Any]) -> str:
    called = {
        local(c.get("calledElement")) for p in processes.values() for c in p.iter(f"{BPMN}callActivity")
    }
    executable = [i for i, p in processes.items() if p.get("isExecutable") == "true"]
    for choice in (executable, [i for i in executable if i not in called], list(processes)):
        if len(choice) == 1:
            return choice[0]
    raise UnreadableError("which process?")


@dataclass
class Reading:
    compile_text: Callable[[str, Iterable[str]], Any]
    names: tuple[str, ...]
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    boundaries: dict[str, list[str]] = field(default_factory=dict)

    def feel(self, text: str | None) -> Any:
        text = plain(text)
        return self.compile_text(text, self.names) if text else None

    def script(self, text: str | None, result: str | None) -> Any:
        found = self.feel(text)
        bare = isinstance(getattr(found, "tree", None), Name) and found.tree.name not in self.names
        return None if bare and not result else found

    def container(self, xml: Any, parent: str | None, lane: str | None, root: Any) -> None:
        me = xml.get("id")
        flows = list(xml.iterfind(f"{BPMN}sequenceFlow"))
        lanes = {
            words(ref): at.get("id")
            for at in (
                xml if xml.tag == f"{BPMN}process" else next(xml.iterancestors(f"{BPMN}process"))
            ).iter(f"{BPMN}lane")
            for ref in at.iterfind(f"{BPMN}flowNodeRef")
        }
        inner = []
        for child in xml:
            tag = str(child.tag).removeprefix(BPMN)
            if tag == "adHocSubProcess":
                raise UnreadableError(f"ad-hoc {child.get('id')}")
            if tag in KINDS:
                inner.append(self.node(child, KINDS[tag], me, lanes, lane, flows, root))
        for f in flows:
            if f.get("sourceRef") not in self.nodes or f.get("targetRef") not in self.nodes:
                raise UnreadableError(f"flow {f.get('id')} leads nowhere")
            condition = f.find(f"{BPMN}conditionExpression")
            self.flows[f.get("id")] = Flow(
                f.get("id"),
                f.get("sourceRef"),
                f.get("targetRef"),
                self.feel(words(condition)),
                f.get("name") or None,
            )
        for n in inner:
            if n.attached_to and n.lane is None:
                self.nodes[n.id] = replace(n, lane=self.nodes[n.attached_to].lane)
            if n.attached_to:
                self.boundaries.setdefault(n.attached_to, []).append(n.id)
        self.scopes[me] = Scope(
            id=me,
            kind="process" if parent is None else self.nodes[me].kind.value,
            parent=parent,
            nodes=tuple(n.id for n in inner),
            starts=tuple(n.id for n in inner if starts(n)),
            event_sub_processes=tuple(n.id for n in inner if n.kind is Kind.EVENT_SUB_PROCESS),
            name=xml.get("name") or None,
        )
        for n in inner:
            if n.kind in SCOPES:
                self.container(next(c for c in xml if c.get("id") == n.id), me, self.nodes[n.id].lane, root)

    def node(
        self, xml: Any, kind: Kind, scope: str, lanes: Any, lane: str | None, flows: Any, root: Any
    ) -> Node:
        me = xml.get("id")
        if kind is Kind.SUB_PROCESS and xml.get("triggeredByEvent") == "true":
            kind = Kind.EVENT_SUB_PROCESS
        settings, raw = self.settings(xml)
        triggers = tuple(self.trigger(d, xml, root, raw) for d in definitions(xml, root))
        if kind in {Kind.SEND, Kind.RECEIVE}:
            triggers = (
                (self.message(xml, xml, root, raw, throws=kind is Kind.SEND),)
                if xml.get("messageRef")
                else ()
            )
        if xml.get("parallelMultiple") == "true" and len(triggers) > 1:
            raise UnreadableError(f"parallel multiple {me}")
        called = local(xml.get("calledElement"))
        node = Node(
            id=me,
            kind=kind,
            scope=scope,
            name=xml.get("name") or None,
            lane=lanes.get(me, lane),
            incoming=tuple(f.get("id") for f in flows if f.get("targetRef") == me),
            outgoing=tuple(f.get("id") for f in flows if f.get("sourceRef") == me),
            default=local(xml.get("default")),
            triggers=triggers,
            attached_to=xml.get("attachedToRef") if kind is Kind.BOUNDARY else None,
            interrupting=xml.get("cancelActivity" if kind is Kind.BOUNDARY else "isInterrupting", "true")
            != "false",
            loop=self.loop(xml, root, raw),
            settings=settings,
            script=self.script(words(xml.find(f"{BPMN}script")), raw.get("result"))
            if kind is Kind.SCRIPT
            else None,
            decision=(
                words(xml.find(f"{BPMN}extensionElements/{SPIFF}calledDecisionId")) or raw.get("decision")
            )
            if kind is Kind.RULE
            else None,
            called=called if kind is Kind.CALL else None,
            handler=handler(xml, root) if [t.cause for t in triggers] == [Cause.COMPENSATE] else None,
            for_compensation=xml.get("isForCompensation") == "true",
            instantiate=xml.get("instantiate") == "true",
            activation=self.feel(words(xml.find(f"{BPMN}activationCondition")))
            if kind is Kind.COMPLEX
            else None,
            documentation="\n".join(filter(None, map(words, xml.iterfind(f"{BPMN}documentation")))) or None,
        )
        if me in self.nodes:
            raise UnreadableError(f"id {me} twice")
        self.nodes[me] = node
        return node

    def settings(self, xml: Any) -> tuple[Settings, dict[str, str]]:
        raw = {
            p.get("name"): p.get("value", "")
            for p in xml.iterfind(f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property")
        }
        operator = xml.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
        entries = []
        if operator is not None:
            entries = [
                f'"{p.get("id")}": {plain(p.get("value")) or "null"}'
                for p in operator.iter(f"{SPIFF}parameter")
            ]
        mine = Settings(
            deadline=self.feel(raw.get("deadline")),
            on_overdue=raw.get("on_overdue") or None,
            law=split(raw.get("law")),
            document=raw.get("document") or None,
            notice=raw.get("notice") or None,
            assign=self.feel(raw.get("assign")),
            separate_from=split(raw.get("separate_from")),
            publish_mask=raw.get("publish_mask") or None,
            operation=raw.get("operation") or (operator.get("id") if operator is not None else None) or None,
            operation_of=self.feel(raw["operation"]) if raw.get("operation", "").startswith("=") else None,
            effect=raw.get("effect") or None,
            about=self.feel(raw.get("about")),
            input=self.feel(raw.get("input") or ("{" + ", ".join(entries) + "}" if entries else None)),
            result=raw.get("result")
            or (operator.get("resultVariable") if operator is not None else None)
            or None,
            raw=raw,
        )
        return mine, raw

    def trigger(self, xml: Any, event: Any, root: Any, raw: Mapping[str, str]) -> Trigger:
        cause = CAUSES[xml.tag]
        throws = event.tag in {f"{BPMN}intermediateThrowEvent", f"{BPMN}endEvent"}
        match cause:
            case Cause.MESSAGE:
                return self.message(xml, event, root, raw, throws=throws)
            case Cause.TIMER:
                for kind in TimerKind:
                    text = words(xml.find(f"{BPMN}{kind.value}"))
                    if text:
                        expression = self.feel(text if re.match(r"=|[$#]\{[^{}]*\}$", text) else f'"{text}"')
                        return Trigger(cause, timer=kind, expression=expression)
                return Trigger(cause)
            case Cause.SIGNAL:
                payload = self.feel(raw.get("payload")) if throws else None
                return Trigger(
                    cause, ref=named(xml.get("signalRef"), root, "signal", "name"), expression=payload
                )
            case Cause.ERROR:
                return Trigger(cause, ref=named(xml.get("errorRef"), root, "error", "errorCode", "name"))
            case Cause.ESCALATION:
                return Trigger(
                    cause, ref=named(xml.get("escalationRef"), root, "escalation", "escalationCode", "name")
                )
            case Cause.CONDITIONAL:
                return Trigger(cause, expression=self.feel(words(xml.find(f"{BPMN}condition"))))
            case Cause.COMPENSATE:
                wait = xml.get("waitForCompletion", "true") != "false"
                return Trigger(cause, ref=local(xml.get("activityRef")), wait=wait)
            case Cause.LINK:
                aim = words(xml.find(f"{BPMN}target"))
                for other in root.iter(f"{BPMN}linkEventDefinition"):
                    if aim and other.get("id") == local(aim):
                        return Trigger(cause, ref=other.get("name") or other.getparent().get("name") or None)
                return Trigger(cause, ref=xml.get("name") or event.get("name") or None)
        return Trigger(cause)

    def message(self, xml: Any, event: Any, root: Any, raw: Mapping[str, str], *, throws: bool) -> Trigger:
        ref = local(xml.get("messageRef"))
        payload = raw.get("payload") or words(xml.find(f".//{SPIFF}messagePayload")) if throws else None
        keys = []
        for prop in root.iter(f"{BPMN}correlationProperty"):
            for path in prop.iterfind(f"{BPMN}correlationPropertyRetrievalExpression"):
                if local(path.get("messageRef")) != ref:
                    continue
                if throws:
                    keys += [words(part) or "" for part in path][:1]
                else:
                    keys += bindings(event, prop.get("id"))
        keys = [k for k in map(plain, keys) if k]
        if raw.get("correlation"):
            key = raw["correlation"]
        elif len(keys) > 1:
            key = "[" + ", ".join(keys) + "]"
        else:
            key = keys[0] if keys else None
        return Trigger(
            Cause.MESSAGE,
            ref=named(ref, root, "message", "name"),
            expression=self.feel(payload),
            correlation=self.feel(key),
        )

    def loop(self, xml: Any, root: Any, raw: Mapping[str, str]) -> Loop | None:
        once = xml.find(f"{BPMN}standardLoopCharacteristics")
        many = xml.find(f"{BPMN}multiInstanceLoopCharacteristics")
        if once is not None:
            return Loop(
                "standard",
                condition=self.feel(words(once.find(f"{BPMN}loopCondition"))),
                test_before=once.get("testBefore") == "true",
                maximum=int(once.get("loopMaximum")) if once.get("loopMaximum") else None,
            )
        if many is None:
            return None
        behaviour = many.get("behavior", "All")
        event = local(
            many.get({"One": "oneBehaviorEventRef", "None": "noneBehaviorEventRef"}.get(behaviour, "-"))
        )
        thrown = next((d for d in root if d.get("id") == event and d.tag in CAUSES), None) if event else None
        item, out = many.find(f"{BPMN}inputDataItem"), many.find(f"{BPMN}outputDataItem")
        return Loop(
            "sequential" if many.get("isSequential") == "true" else "parallel",
            cardinality=self.feel(words(many.find(f"{BPMN}loopCardinality"))),
            collection=self.feel(
                variable(many.find(f"{BPMN}loopDataInputRef"), xml) or raw.get("collection")
            ),
            item=(item.get("name") or item.get("id")) if item is not None else raw.get("item") or None,
            output=variable(many.find(f"{BPMN}loopDataOutputRef"), xml) or raw.get("output") or None,
            output_item=self.feel(
                (out.get("name") or out.get("id")) if out is not None else raw.get("output_item")
            ),
            condition=self.feel(words(many.find(f"{BPMN}completionCondition"))),
            behaviour=behaviour,
            event=self.trigger(thrown, etree.Element(f"{BPMN}endEvent"), root, {})
            if thrown is not None
            else None,
        )


def starts(node: Node) -> bool:
    if node.kind is Kind.START:
        return not node.triggers
    link = any(t.cause is Cause.LINK for t in node.triggers) and node.kind is Kind.CATCH
    other = node.kind in {Kind.BOUNDARY, Kind.EVENT_SUB_PROCESS} or node.for_compensation or node.instantiate
    return not node.incoming and not link and not other


def definitions(event: Any, root: Any) -> list[Any]:
    found = []
    for child in event:
        if child.tag in CAUSES:
            found.append(child)
        elif child.tag == f"{BPMN}eventDefinitionRef":
            wanted = local(words(child))
            found += [d for d in root if d.tag in CAUSES and d.get("id") == wanted]
    return found


def handler(event: Any, root: Any) -> str | None:
    if event.tag != f"{BPMN}boundaryEvent":
        return None
    for a in root.iter(f"{BPMN}association"):
        if local(a.get("sourceRef")) == event.get("id"):
            for other in event.getparent():
                if (
                    other.get("id") == local(a.get("targetRef"))
                    and KINDS.get(other.tag.removeprefix(BPMN)) in ACTIVITIES
                ):
                    return other.get("id")
    return None


def named(ref: str | None, root: Any, tag: str, *attributes: str) -> str | None:
    ref = local(ref)
    if not ref:
        return None
    for element in root.iterfind(f"{BPMN}{tag}"):
        if element.get("id") == ref:
            return next((element.get(a) for a in attributes if element.get(a)), ref)
    raise UnreadableError(f"no {tag} {ref}")


def bindings(event: Any, prop: str) -> list[str]:
    process = next(a for a in event.iterancestors(f"{BPMN}process"))
    return [
        "".join(path.itertext())
        for binding in process.iter(f"{BPMN}correlationPropertyBinding")
        if local(binding.get("correlationPropertyRef")) == prop
        for path in binding.iterfind(f"{BPMN}dataPath")
    ]


def variable(ref: Any, activity: Any) -> str | None:
    """Name of the variable that a loop data reference means: a data input or output by its name, else the text."""
    text = words(ref)
    if not text:
        return None
    for data in activity.iterfind(f"{BPMN}ioSpecification/*"):
        if data.get("id") == text:
            return data.get("name") or text
    return text


def local(name: str | None) -> str | None:
    return name.rpartition(":")[2] or None if name else None


def words(xml: Any) -> str | None:
    return "".join(xml.itertext()).strip() or None if xml is not None else None


def split(text: str | None) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\s,，、;；]+", text or ""))


def plain(text: str | None) -> str | None:
    """FEEL of an expression text: the leading `=` is dropped, `${x}` is x, `x.contains("a")` is a FEEL call."""
    if text is None:
        return None
    text = text.strip().removeprefix("=").strip()
    while (whole := re.fullmatch(r"[$#]\{([^{}]*)\}", text)) is not None:
        text = whole[1].strip()
    text = re.sub(r'\b([A-Za-z_]\w*)\.contains\(\s*("[^"\\]*")\s*\)', r"contains(\1, \2)", text)
    return text or None
