"""The view of a model that the publish rules look at: every node with its flows and event definitions at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.core.reading.contents import NODES
from engine.core.reading.structure import ACTIVITY_TAGS, scopes
from engine.core.xml import BPMN, child, children, flag, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"}
)


@dataclass(frozen=True, slots=True)
class Spot:
    """One flow node where it stands. `causes` are its event definitions without the ending, references followed."""

    xml: Any
    id: str
    tag: str
    scope: Any
    incoming: tuple[Any, ...]
    outgoing: tuple[Any, ...]
    definitions: tuple[Any, ...]
    causes: tuple[str, ...]

    @property
    def is_activity(self) -> bool:
        """Tell tasks, calls and embedded sub-processes from events and gateways."""
        return self.tag in ACTIVITY_TAGS and not self.is_event_sub_process

    @property
    def is_event_sub_process(self) -> bool:
        """Tell sub-processes that an event starts."""
        return self.tag == "subProcess" and flag(self.xml, "triggeredByEvent", default=False)

    @property
    def compensates(self) -> bool:
        """Tell compensation handlers, which stand outside the normal flow."""
        return flag(self.xml, "isForCompensation", default=False)

    @property
    def instantiates(self) -> bool:
        """Tell receive tasks and event gateways that start the process."""
        return flag(self.xml, "instantiate", default=False)

    @property
    def starts_flow(self) -> bool:
        """Tell nodes that may stand without incoming flow although their scope has a start event."""
        link = self.tag == "intermediateCatchEvent" and "link" in self.causes
        free = self.is_event_sub_process or self.compensates or self.instantiates or link
        return free or self.tag in {"startEvent", "boundaryEvent"}

    @property
    def ends_flow(self) -> bool:
        """Tell nodes that may stand without outgoing flow although their scope has an end event."""
        link = self.tag == "intermediateThrowEvent" and "link" in self.causes
        undo = self.tag == "boundaryEvent" and "compensate" in self.causes
        return self.is_event_sub_process or self.compensates or link or undo or self.tag == "endEvent"


class Model:
    """The files of a definition and, indexed, the processes of them that are used."""

    def __init__(self, roots: Mapping[str, Any], used: Mapping[str, Any]) -> None:
        self.roots = roots
        self.used = used
        self.scopes = [scope for process in used.values() for scope in scopes(process)]
        self.spots = [spot for scope in self.scopes for spot in _spots(scope)]
        self.by_scope: dict[Any, list[Spot]] = {scope: [] for scope in self.scopes}
        for spot in self.spots:
            self.by_scope[spot.scope].append(spot)
        #: What the standard asks of executable processes only is not asked of those that say they are not.
        self.executable = {
            spot.id for scope in self.scopes if _executable(scope) for spot in self.by_scope[scope]
        }
        self.by_id = {spot.id: spot for spot in self.spots}

    def of(self, *tags: str) -> Iterator[Spot]:
        """Return the nodes with one of these tags."""
        return (spot for spot in self.spots if spot.tag in tags)


def _executable(scope: Any) -> bool:
    process = scope if tag(scope) == "process" else next(scope.iterancestors(f"{BPMN}process"))
    return flag(process, "isExecutable", default=True)


def _spots(scope: Any) -> Iterator[Spot]:
    incoming: dict[str | None, list[Any]] = {}
    outgoing: dict[str | None, list[Any]] = {}
    for flow in children(scope, "sequenceFlow"):
        outgoing.setdefault(local(flow.get("sourceRef")), []).append(flow)
        incoming.setdefault(local(flow.get("targetRef")), []).append(flow)
    for xml in children(scope, *NODES):
        me = xml.get("id") or ""
        found = tuple(_definitions(xml))
        causes = tuple(tag(one).removesuffix("EventDefinition") for one in found)
        yield Spot(
            xml, me, tag(xml), scope, tuple(incoming.get(me, ())), tuple(outgoing.get(me, ())), found, causes
        )


def _definitions(event: Any) -> Iterator[Any]:
    for part in children(event):
        if tag(part).endswith("EventDefinition"):
            yield part
        elif tag(part) == "eventDefinitionRef":
            root = event.getroottree().getroot()
            yield from (one for one in children(root) if one.get("id") == local(words(part)))


def is_conditional(flow: Any) -> bool:
    """Tell whether a flow has a condition with a text."""
    return bool(words(child(flow, "conditionExpression")))
