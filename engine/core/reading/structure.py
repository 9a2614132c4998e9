"""Checks that hold for every model, finished or not: what cannot be read, or would be lost, is a finding.

They look at the XML alone. After them SpiffWorkflow's parser meets no unknown element and no reference that leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.definition import Cause, Kind
from engine.core.reading.contents import (
    NODES,
    REFUSED,
    check_contents,
    check_extensions,
    check_flow,
    check_languages,
    check_process,
)
from engine.core.reading.findings import Finding, ModelError
from engine.core.reading.graph import ACTIVITIES
from engine.core.xml import BPMN, SPIFF, children, flag, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from engine.core.reading.findings import Findings

ACTIVITY_TAGS = frozenset(kind.value for kind in ACTIVITIES) - {Kind.EVENT_SUB_PROCESS.value}
DEFINITIONS = frozenset(f"{cause.value}EventDefinition" for cause in Cause)
_ROOT_REFS = {
    "messageRef": "message",
    "signalRef": "signal",
    "errorRef": "error",
    "escalationRef": "escalation",
}


def known_processes(roots: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """Return the processes of all files by id; one without id, or with that of another, is a finding."""
    known: dict[str, Any] = {}
    for file, root in roots.items():
        for process in children(root, "process"):
            me = process.get("id")
            if not me:
                findings.add("id-missing", None, tag="process", file=file, line=process.sourceline)
            elif me in known:
                findings.add("id-twice", me, tag="process", file=file, line=process.sourceline)
            else:
                known[me] = process
    if not known:
        findings.stop()
    return known


def choose_main(processes: Mapping[str, Any], main: str | None, files: Iterable[str] = ()) -> str:
    """Return the process to run: the one asked for, the one executable that no other calls, or the only one.

    Of several left, the one whose id is the name of its file without ending: the convention of a package.
    """
    if main is not None:
        if main not in processes:
            raise ModelError([Finding("unknown-process", main, {"known": sorted(map(str, processes))})])
        return main
    called = {
        local(call.get("calledElement"))
        for xml in processes.values()
        for call in xml.iter(f"{BPMN}callActivity")
    }
    executable = [name for name, xml in processes.items() if flag(xml, "isExecutable", default=False)]
    stems = {file.rpartition("/")[2].removesuffix(".bpmn") for file in files}
    named = [name for name in executable if name in stems]
    for choice in (executable, [name for name in executable if name not in called], list(processes), named):
        if len(choice) == 1:
            return choice[0]
    code = "which-process" if processes else "no-process"
    raise ModelError([Finding(code, None, {"known": sorted(map(str, processes))})])


def reachable(processes: Mapping[str, Any], main: str) -> dict[str, Any]:
    """Return the process and all that it calls, directly or not, in order of first call."""
    found: dict[str, Any] = {}
    waiting = [main]
    while waiting:
        name = waiting.pop(0)
        if name in processes and name not in found:
            found[name] = processes[name]
            waiting += [
                local(call.get("calledElement")) or "" for call in found[name].iter(f"{BPMN}callActivity")
            ]
    return found


def check_structure(
    roots: Mapping[str, Any], used: Mapping[str, Any], decisions: Mapping[str, Any], findings: Findings
) -> None:
    """Note everything about the used processes that cannot be read or would be lost."""
    for file, root in roots.items():
        _check_file(file, root, findings)
        for name, xml in (
            (element.get("id"), element) for element in root.iter(*[f"{BPMN}{t}" for t in REFUSED])
        ):
            if any(process in used.values() for process in xml.iterancestors(f"{BPMN}process")):
                findings.add(REFUSED[tag(xml)], name, tag=tag(xml), line=xml.sourceline)
    _check_ids(used, findings)
    for process in used.values():
        check_process(process, findings)
        shared = {element.get("id"): tag(element) for element in children(process.getroottree().getroot())}
        everywhere = {
            node.get("id") for node in process.getroottree().iter(*[f"{BPMN}{name}" for name in NODES])
        }
        for scope in scopes(process):
            _check_scope(scope, everywhere, findings)
            check_languages(scope, findings)
            for node in children(scope, *NODES):
                _check_references(node, shared, used, findings)
                check_contents(node, decisions, findings)


def _check_file(file: str, root: Any, findings: Findings) -> None:
    """What stands beside the processes: extensions that must be understood, shared definitions, correlation."""
    for extension in children(root, "extension"):
        if flag(extension, "mustUnderstand", default=False):
            findings.add("extension-required", None, file=file, definition=extension.get("definition"))
    seen: set[str] = set()
    for element in children(root):
        me = element.get("id")
        if me is not None and me in seen:
            findings.add("id-twice", me, tag=tag(element), file=file, line=element.sourceline)
        seen.add(me)
        if tag(element) not in {"process", "collaboration"}:
            check_extensions(element, me, findings)
            if element.find(f"{BPMN}extensionElements/{SPIFF}properties") is not None:
                findings.add("settings-misplaced", me, tag=tag(element), line=element.sourceline)
    for prop in children(root, "correlationProperty"):
        paths = list(children(prop, "correlationPropertyRetrievalExpression"))
        if (
            not prop.get("id")
            or not paths
            or not all(path.get("messageRef") and words(path) for path in paths)
        ):
            findings.add("correlation-broken", prop.get("id"), file=file, line=prop.sourceline)


def scopes(process: Any) -> Iterator[Any]:
    """Return the process and all sub-processes in it, outermost first."""
    waiting = [process]
    while waiting:
        scope = waiting.pop(0)
        yield scope
        waiting += children(scope, "subProcess", "transaction")


def _check_ids(used: Mapping[str, Any], findings: Findings) -> None:
    """Every process, node and flow needs an id, and one that no other of the definition has."""
    seen: dict[str, Any] = {}
    for process in used.values():
        for element in process.iter(*[f"{BPMN}{name}" for name in (*NODES, "sequenceFlow", "process")]):
            me = element.get("id")
            if not me:
                findings.add(
                    "id-missing", None, tag=tag(element), name=element.get("name"), line=element.sourceline
                )
            elif not me.replace("-", "_").replace(".", "_").replace("·", "_").isidentifier():
                findings.add("id-broken", me, tag=tag(element), line=element.sourceline)
            elif me in seen:
                findings.add(
                    "id-twice", me, tag=tag(element), line=element.sourceline, other=seen[me].sourceline
                )
            seen[me] = element


def _check_scope(scope: Any, everywhere: Container[str | None], findings: Findings) -> None:
    """Flows join two nodes of this scope; boundary events sit on an activity of it."""
    nodes = {node.get("id"): node for node in children(scope, *NODES, *REFUSED)}
    leaving: dict[str | None, list[Any]] = {}
    for flow in children(scope, "sequenceFlow"):
        check_flow(flow, findings)
        leaving.setdefault(local(flow.get("sourceRef")), []).append(flow)
        ends = [local(flow.get("sourceRef")), local(flow.get("targetRef"))]
        for end in ends:
            if end not in nodes:
                findings.add(
                    "flow-crosses-scope" if end in everywhere else "flow-dangling", flow.get("id"), ref=end
                )
        target = nodes.get(ends[1])
        if target is not None and tag(target) == "boundaryEvent":
            findings.add("boundary-entered", flow.get("id"), ref=ends[1])
    for node in nodes.values():
        me, default = node.get("id"), local(node.get("default"))
        outgoing = leaving.get(me, [])
        if default is not None and default not in [flow.get("id") for flow in outgoing]:
            findings.add("default-not-outgoing", me, ref=default)
        if tag(node) == "boundaryEvent":
            _check_boundary(node, nodes, findings)
        if tag(node) == "eventBasedGateway":
            _check_event_gateway(node, outgoing, nodes, findings)


def _check_boundary(node: Any, nodes: Mapping[str | None, Any], findings: Findings) -> None:
    host = local(node.get("attachedToRef"))
    if host not in nodes:
        findings.add("boundary-dangling", node.get("id"), ref=host)
    elif tag(nodes[host]) not in ACTIVITY_TAGS | REFUSED.keys() or flag(
        nodes[host], "triggeredByEvent", default=False
    ):
        findings.add("boundary-not-on-activity", node.get("id"), ref=host, tag=tag(nodes[host]))


def _check_event_gateway(
    gateway: Any, outgoing: list[Any], nodes: Mapping[str | None, Any], findings: Findings
) -> None:
    """After an event gateway come catch events or receive tasks, and nothing else (BPMN 10.6.6)."""
    for flow in outgoing:
        target = nodes.get(local(flow.get("targetRef")))
        if target is None:
            continue
        catches = tag(target) == "intermediateCatchEvent" and any(
            tag(part) in DEFINITIONS - {"linkEventDefinition"} or tag(part) == "eventDefinitionRef"
            for part in target
        )
        if not catches and tag(target) != "receiveTask":
            findings.add("event-gateway-target", gateway.get("id"), ref=target.get("id"), tag=tag(target))


def _check_references(
    node: Any, shared: Mapping[str | None, str], used: Mapping[str, Any], findings: Findings
) -> None:
    """References to messages, signals, errors, event definitions and called processes must lead somewhere."""
    me = node.get("id")
    for element in (node, *children(node), *node.iterfind(f"{BPMN}multiInstanceLoopCharacteristics")):
        for attribute, wanted in _ROOT_REFS.items():
            ref = local(element.get(attribute))
            if ref is not None and shared.get(ref) != wanted:
                findings.add("reference-dangling", me, ref=ref, wanted=wanted)
        for attribute in ("oneBehaviorEventRef", "noneBehaviorEventRef"):
            ref = local(element.get(attribute))
            if ref is not None and shared.get(ref) not in DEFINITIONS:
                findings.add("reference-dangling", me, ref=ref, wanted="eventDefinition")
        if tag(element) == "eventDefinitionRef" and shared.get(local(words(element))) not in DEFINITIONS:
            findings.add("reference-dangling", me, ref=local(words(element)), wanted="eventDefinition")
        if tag(element) == "compensateEventDefinition":
            _check_activity_ref(element, me, findings)
    if tag(node) == "callActivity":
        called = local(node.get("calledElement"))
        if called is None:
            findings.add("call-nothing", me)
        elif called not in used:
            findings.add("call-unknown", me, called=called)


def _check_activity_ref(definition: Any, me: str | None, findings: Findings) -> None:
    ref = local(definition.get("activityRef"))
    process = next(definition.iterancestors(f"{BPMN}process"), None)
    if ref is None or process is None:
        return
    if not any(
        element.get("id") == ref for element in process.iter(*[f"{BPMN}{name}" for name in ACTIVITY_TAGS])
    ):
        findings.add("reference-dangling", me, ref=ref, wanted="activity")
