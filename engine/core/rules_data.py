"""Publish rules about references, messages between pools, and data. Clauses are those of BPMN 2.0.2."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.core.reading.contents import NODES
from engine.core.reading.findings import Finding
from engine.core.reading.structure import ACTIVITY_TAGS
from engine.core.xml import BPMN, child, children, flag, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.rules_model import Model, Spot

#: What a reference may mean, by the name of the attribute or element that holds it.
TARGETS = {
    "itemSubjectRef": ("itemDefinition",),
    "itemRef": ("itemDefinition",),
    "dataObjectRef": ("dataObject",),
    "dataStoreRef": ("dataStore",),
    "processRef": ("process",),
    "operationRef": ("operation",),
    "inMessageRef": ("message",),
    "outMessageRef": ("message",),
    "supportedInterfaceRef": ("interface",),
    "interfaceRef": ("interface",),
    "definitionalCollaborationRef": ("collaboration", "choreography", "globalConversation", "conversation"),
    "participantRef": ("participant",),
    "dataInputRefs": ("dataInput",),
    "dataOutputRefs": ("dataOutput",),
    "inputSetRefs": ("inputSet",),
    "outputSetRefs": ("outputSet",),
    "inputDataRef": ("inputSet", "dataInput"),
    "outputDataRef": ("outputSet", "dataOutput"),
    "categoryValueRef": ("categoryValue",),
    "correlationPropertyRef": ("correlationProperty",),
    "correlationKeyRef": ("correlationKey",),
    "resourceRef": ("resource",),
    "parameterRef": ("resourceParameter",),
}
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+")
_MESSAGE_SOURCES = ACTIVITY_TAGS | {"participant", "intermediateThrowEvent", "endEvent"}
_MESSAGE_TARGETS = ACTIVITY_TAGS | {"participant", "intermediateCatchEvent", "boundaryEvent", "startEvent"}


def references_fit(model: Model) -> Iterator[Finding]:
    """Every reference names an element of the kind it is for, in the same file (8.3.1)."""
    for root in model.roots.values():
        known = {element.get("id"): tag(element) for element in root.iter(f"{BPMN}*") if element.get("id")}
        own = root.get("targetNamespace")
        for element in root.iter(f"{BPMN}*"):
            for name, text in _references(element):
                prefix, _, ref = text.rpartition(":")
                foreign = prefix and element.nsmap.get(prefix, own) != own
                if ref and not foreign and known.get(ref) not in TARGETS[name]:
                    wanted = TARGETS[name][0]
                    yield Finding(
                        "reference-wrong", _owner(element), {"attribute": name, "ref": ref, "wanted": wanted}
                    )


def _references(element: Any) -> Iterator[tuple[str, str]]:
    if tag(element) in TARGETS:
        yield tag(element), words(element)
    yield from ((name, text.strip()) for name, text in element.attrib.items() if name in TARGETS)


def _owner(element: Any) -> str | None:
    """Return the id of the element or of the nearest one around it that has one."""
    while element is not None and not element.get("id"):
        element = element.getparent()
    return element.get("id") if element is not None else None


def associations_fit(model: Model) -> Iterator[Finding]:
    """An association joins two elements that exist (8.4.1)."""
    for root in model.roots.values():
        known = {element.get("id") for element in root.iter(f"{BPMN}*")}
        for tie in root.iter(f"{BPMN}association"):
            for attribute in ("sourceRef", "targetRef"):
                if local(tie.get(attribute)) not in known:
                    yield Finding(
                        "reference-wrong", tie.get("id"), {"attribute": attribute, "ref": tie.get(attribute)}
                    )


def documentation_format(model: Model) -> Iterator[Finding]:
    """The format of a documentation or annotation text is a MIME type (8.3.1)."""
    for root in model.roots.values():
        for text in root.iter(f"{BPMN}documentation", f"{BPMN}textAnnotation"):
            said = text.get("textFormat", "text/plain")
            if not _MIME.fullmatch(said):
                yield Finding("text-format", _owner(text), {"format": said})


def message_flows(model: Model) -> Iterator[Finding]:
    """A message flow leads from a sender to a receiver in another pool (9.4)."""
    for root in model.roots.values():
        known = {element.get("id"): element for element in root.iter(f"{BPMN}*") if element.get("id")}
        for flow in root.iter(f"{BPMN}messageFlow"):
            ends = [known.get(local(flow.get(side))) for side in ("sourceRef", "targetRef")]
            for end, side, allowed in zip(
                ends, ("sourceRef", "targetRef"), (_MESSAGE_SOURCES, _MESSAGE_TARGETS), strict=True
            ):
                if end is None or tag(end) not in allowed or _without_message(end):
                    facts = {
                        "side": side,
                        "ref": flow.get(side),
                        "tag": tag(end) if end is not None else None,
                    }
                    yield Finding("message-flow-end", flow.get("id"), facts)
            pools = [_pool(end, root) for end in ends]
            if pools[0] is not None and pools[0] == pools[1]:
                yield Finding("message-flow-same-pool", flow.get("id"), {"pool": pools[0]})


def _without_message(end: Any) -> bool:
    """Tell an event that a message flow cannot touch: it neither throws nor catches a message."""
    if not tag(end).endswith("Event"):
        return False
    kinds = {tag(part) for part in children(end)}
    return not kinds & {"messageEventDefinition", "eventDefinitionRef"}


def _pool(end: Any | None, root: Any) -> str | None:
    """Return the process that an end of a message flow is or lies in."""
    if end is None:
        return None
    if tag(end) == "participant":
        return local(end.get("processRef")) or str(end.get("id"))
    process = next(end.iterancestors(f"{BPMN}process"), root)
    return process.get("id") if process is not root else None


def sets_of_data(model: Model) -> Iterator[Finding]:
    """Each data input is in an input set, each data output in an output set, and the sets agree on each other (10.4.2)."""
    for process in model.used.values():
        for io in process.iter(f"{BPMN}ioSpecification"):
            for one, many, refs in (
                ("dataInput", "inputSet", "dataInputRefs"),
                ("dataOutput", "outputSet", "dataOutputRefs"),
            ):
                named = {words(ref) for group in children(io, many) for ref in children(group, refs)}
                for data in children(io, one):
                    if data.get("id") not in named:
                        yield Finding("data-not-in-set", _owner(io), {"data": data.get("id")})
            pairs = [
                {(a.get("id"), words(ref)) for a in children(io, kind) for ref in children(a, other)}
                for kind, other in (("inputSet", "outputSetRefs"), ("outputSet", "inputSetRefs"))
            ]
            if pairs[0] != {(b, a) for a, b in pairs[1]}:
                yield Finding("data-sets-disagree", _owner(io), {})


def message_data(model: Model) -> Iterator[Finding]:
    """A task that sends, receives or calls has one data item at most each way, of the message's type (10.3.3)."""
    for spot in model.of("sendTask", "receiveTask", "serviceTask"):
        root = spot.xml.getroottree().getroot()
        io = child(spot.xml, "ioSpecification")
        operation = _by_id(root, spot.xml.get("operationRef"))
        if io is None:
            continue
        for data, group, message in (
            ("dataInput", "inputSet", _message(spot, root, operation, "inMessageRef", "sendTask")),
            ("dataOutput", "outputSet", _message(spot, root, operation, "outMessageRef", "receiveTask")),
        ):
            items = list(children(io, data))
            involved = operation is not None or message is not None
            if involved and (len(items) > 1 or len(list(children(io, group))) > 1):
                yield Finding("message-data-count", spot.id, {"data": data, "count": len(items)})
            wanted = message.get("itemRef") if message is not None else None
            for item in items if wanted else ():
                if _structure(root, item.get("itemSubjectRef")) != _structure(root, wanted):
                    yield Finding("message-data-type", spot.id, {"data": item.get("id"), "wanted": wanted})


def _structure(root: Any, ref: str | None) -> str | None:
    """Return what makes two item definitions equivalent: the structure, or the definition where it names none."""
    typed = _by_id(root, ref)
    return (typed.get("structureRef") if typed is not None else None) or local(ref)


def _message(spot: Spot, root: Any, operation: Any | None, side: str, task: str) -> Any | None:
    if spot.tag == task and spot.xml.get("messageRef"):
        return _by_id(root, spot.xml.get("messageRef"))
    if spot.tag == "serviceTask" and operation is not None:
        return _by_id(root, words(child(operation, side)))
    return None


def _by_id(root: Any, ref: str | None) -> Any | None:
    name = local(ref)
    return next((one for one in root.iter(f"{BPMN}*") if one.get("id") == name), None) if name else None


def instance_items(model: Model) -> Iterator[Finding]:
    """The item of a multi-instance list is not itself typed as a list (10.3.8)."""
    for spot in model.spots:
        for loop in children(spot.xml, "multiInstanceLoopCharacteristics"):
            for item in children(loop, "inputDataItem", "outputDataItem"):
                typed = _by_id(spot.xml.getroottree().getroot(), item.get("itemSubjectRef"))
                collection = typed is not None and flag(typed, "isCollection", default=False)
                if collection or flag(item, "isCollection", default=False):
                    yield Finding("instance-item-type", spot.id, {"item": item.get("id")})


def data_states_named(model: Model) -> Iterator[Finding]:
    """A data object in a state is labelled with its name and the state in square brackets (10.4.1)."""
    for root in model.roots.values():
        names = {data.get("id"): data.get("name") for data in root.iter(f"{BPMN}dataObject")}
        for ref in root.iter(f"{BPMN}dataObjectReference"):
            state, name = child(ref, "dataState"), names.get(local(ref.get("dataObjectRef")))
            if state is not None and state.get("name") and name and ref.get("name"):
                label = f"{name} [{state.get('name')}]"
                if ref.get("name").split() != label.split():
                    yield Finding(
                        "data-state-name", ref.get("id"), {"name": ref.get("name"), "expected": label}
                    )


def ids_everywhere(model: Model) -> Iterator[Finding]:
    """No two elements of a file have the same id, flow nodes and others alike (8.3.1)."""
    for file, root in model.roots.items():
        seen: set[str] = set()
        for element in root.iter(f"{BPMN}*"):
            me = element.get("id")
            if me is not None and me in seen and tag(element) not in NODES:
                yield Finding("id-twice", me, {"file": file, "tag": tag(element), "line": element.sourceline})
            seen.add(me)


RULES = (
    references_fit,
    associations_fit,
    documentation_format,
    message_flows,
    sets_of_data,
    message_data,
    instance_items,
    data_states_named,
    ids_everywhere,
)
