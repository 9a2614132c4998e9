"""A copy of a BPMN tree with the spellings that SpiffWorkflow's parser expects.

Meaning never changes here; each mend names the gap of SpiffWorkflow 3.2.0 that it fills.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.core.xml import BPMN, SPIFF, child, children, flag, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Container

#: Attributes that hold a qualified name; the parser compares them with plain ids.
_QNAMES = (
    "messageRef",
    "signalRef",
    "errorRef",
    "escalationRef",
    "activityRef",
    "calledElement",
    "attachedToRef",
    "sourceRef",
    "targetRef",
    "oneBehaviorEventRef",
    "noneBehaviorEventRef",
)
#: Booleans that the parser compares with "true" only; XML Schema also spells them 1 and 0.
_BOOLEANS = (
    "cancelActivity",
    "isInterrupting",
    "isSequential",
    "testBefore",
    "triggeredByEvent",
    "waitForCompletion",
    "isForCompensation",
    "instantiate",
)


def mended(root: Any, used: Container[str]) -> Any:
    """Return the mended copy of a `definitions` element, without the processes that are not used."""
    root = deepcopy(root)
    for process in [xml for xml in children(root, "process") if xml.get("id") not in used]:
        root.remove(process)
    shared = {
        element.get("id"): element for element in children(root) if tag(element).endswith("EventDefinition")
    }
    for element in list(root.iter(f"{BPMN}*")):
        for attribute in _QNAMES:
            if element.get(attribute) is not None:
                element.set(attribute, local(element.get(attribute)) or "")
        for attribute in _BOOLEANS:
            if element.get(attribute) is not None:
                element.set(attribute, str(flag(element, attribute, default=False)).lower())
        name = tag(element)
        if name == "eventDefinitionRef":
            # The parser reads only definitions written inside the event.
            meant = shared.get(local(words(element)))
            if meant is not None:
                element.getparent().replace(element, deepcopy(meant))
        elif name == "multiInstanceLoopCharacteristics":
            _instances(element)
        elif name == "correlationPropertyRetrievalExpression":
            element.set("messageRef", element.get("messageRef") or "")
    for element in root.iter(f"{SPIFF}property", f"{SPIFF}parameter"):
        for attribute in ("value", "type"):
            element.set(attribute, element.get(attribute) or "")
    return root


def _instances(loop: Any) -> None:
    """Give a multi-instance loop its list by variable name.

    Designers built on bpmn-js lose a `loopDataInputRef` that names no data input, so our studio writes properties
    (`collection`, `item`, `output`, `output_item`); and the parser fails on any reference into an ioSpecification.
    """
    activity = loop.getparent()
    inputs = {
        part.get("id"): part.get("name") or part.get("id") for part in activity.iter(f"{BPMN}dataInput")
    }
    inputs |= {
        part.get("id"): part.get("name") or part.get("id") for part in activity.iter(f"{BPMN}dataOutput")
    }
    for ref in children(loop, "loopDataInputRef", "loopDataOutputRef"):
        ref.text = inputs.get(words(ref), words(ref))
    io = child(activity, "ioSpecification")
    if io is not None:
        activity.remove(io)
    given = properties(activity)
    if (
        given.get("collection")
        and child(loop, "loopCardinality") is None
        and child(loop, "loopDataInputRef") is None
    ):
        etree.SubElement(loop, f"{BPMN}loopDataInputRef").text = given["collection"]
    if given.get("output") and child(loop, "loopDataOutputRef") is None:
        etree.SubElement(loop, f"{BPMN}loopDataOutputRef").text = given["output"]
    for name, item in (("inputDataItem", "item"), ("outputDataItem", "output_item")):
        found = child(loop, name)
        if found is not None:
            found.set("id", found.get("name") or found.get("id") or "")
        elif given.get(item):
            etree.SubElement(loop, f"{BPMN}{name}").set("id", given[item])


def properties(element: Any) -> dict[str, str]:
    """Return the `spiffworkflow:properties` of an element."""
    extensions = child(element, "extensionElements")
    if extensions is None:
        return {}
    path = f"{SPIFF}properties/{SPIFF}property"
    return {
        prop.get("name"): prop.get("value") or "" for prop in extensions.iterfind(path) if prop.get("name")
    }
