"""From SpiffWorkflow's event definitions to our triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import (
    CancelEventDefinition,
    NoneEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import ThrowingEvent

from engine.core.definition import Cause, TimerKind, Trigger
from engine.core.reading.spiff import XML, CompensationEventDefinition, LinkEventDefinition, OpenTimer
from engine.core.reading.texts import plain, timer
from engine.core.xml import BPMN, child, children, flag, local, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.core.reading.compiling import Compiling


def triggers(spec: Any, element: Any, raw: Mapping[str, str], compiling: Compiling) -> tuple[Trigger, ...]:
    """Return the triggers of an event, or of a send or receive task, in document order."""
    definition = getattr(spec, "event_definition", None)
    found = definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
    throws = isinstance(spec, ThrowingEvent)
    made = (trigger(one, element, compiling, raw, throws=throws) for one in found)
    return tuple(one for one in made if one is not None)


def trigger(
    definition: Any, element: Any, compiling: Compiling, raw: Mapping[str, str], *, throws: bool
) -> Trigger | None:
    """Return one definition as a trigger; None for a none event."""
    me = element.get("id")
    xml = getattr(definition, XML, None)
    match definition:
        case None | NoneEventDefinition():
            return None
        case MessageEventDefinition():
            # A send or receive task has no definition element: it names its message itself.
            return _message(
                definition, element if xml is None else xml, element, raw, compiling, throws=throws
            )
        case SignalEventDefinition():
            payload = raw.get("payload") if throws else None
            ref = _named(xml, "signalRef", definition.name)
            return Trigger(Cause.SIGNAL, ref=ref, expression=compiling.feel(payload, me, "payload"))
        case ErrorEventDefinition():
            return Trigger(Cause.ERROR, ref=_named(xml, "errorRef", definition.code, definition.name))
        case EscalationEventDefinition():
            return Trigger(
                Cause.ESCALATION, ref=_named(xml, "escalationRef", definition.code, definition.name)
            )
        case TimerEventDefinition():
            return _timer(definition, xml, me, compiling)
        case OpenTimer():
            return Trigger(Cause.TIMER)
        case ConditionalEventDefinition():
            return Trigger(
                Cause.CONDITIONAL, expression=compiling.feel(definition.expression, me, "condition")
            )
        case CancelEventDefinition():
            return Trigger(Cause.CANCEL)
        case TerminateEventDefinition():
            return Trigger(Cause.TERMINATE)
        case LinkEventDefinition():
            return Trigger(Cause.LINK, ref=definition.name or None)
        case CompensationEventDefinition():
            wait = flag(xml, "waitForCompletion", default=True)
            return Trigger(Cause.COMPENSATE, ref=definition.name or None, wait=wait)
    compiling.findings.add("event-unknown", me, kind=type(definition).__name__)
    return None


def _named(xml: Any, attribute: str, *names: str | None) -> str | None:
    """Return code or name of what an event refers to, its id where it has neither, None where nothing is referred to."""
    ref = local(xml.get(attribute))
    return next((name for name in names if name), ref) if ref else None


def _timer(definition: Any, xml: Any, me: str, compiling: Compiling) -> Trigger:
    text = (definition.expression or "").strip()
    if not text:
        return Trigger(Cause.TIMER)
    kind = next(kind for kind in TimerKind if child(xml, kind.value) is not None)
    feel = timer(kind.value, text)
    if feel is None:
        compiling.findings.add("timer-not-iso", me, kind=kind.value, text=text)
        return Trigger(Cause.TIMER)
    return Trigger(Cause.TIMER, timer=kind, expression=compiling.feel(feel, me, kind.value))


def _message(
    definition: Any, xml: Any, event: Any, raw: Mapping[str, str], compiling: Compiling, *, throws: bool
) -> Trigger:
    me = event.get("id")
    properties = definition.correlation_properties
    if raw.get("correlation"):
        key = raw["correlation"]
    elif throws:
        key = _key([prop.retrieval_expression for prop in properties])
    else:
        # The library reads no subscriptions: the waiting side's half of a key is taken from the process element.
        key = _key([path for prop in properties for path in _bindings(event, prop.name)])
    payload = raw.get("payload") or definition.expression if throws else None
    return Trigger(
        Cause.MESSAGE,
        ref=_named(xml, "messageRef", definition.name),
        expression=compiling.feel(payload, me, "payload"),
        correlation=compiling.feel(key, me, "correlation"),
    )


def _key(parts: list[str]) -> str:
    """Return the FEEL of a correlation key: the one property, or the list of several in document order."""
    texts = [plain(part) for part in parts if plain(part)]
    return f"[{', '.join(texts)}]" if len(texts) > 1 else "".join(texts)


def _bindings(event: Any, prop: str) -> Iterator[str]:
    process = next(event.iterancestors(f"{BPMN}process"))
    for binding in process.iter(f"{BPMN}correlationPropertyBinding"):
        if local(binding.get("correlationPropertyRef")) == prop:
            yield from (words(path) for path in children(binding, "dataPath"))
