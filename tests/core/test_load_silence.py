"""Nothing is dropped in silence: whatever is taken out of a model with every construct shows, or is named here as decoration."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lxml import etree

from engine.core.load import ModelError, load
from tests.core.models import EVERYTHING
from tests.core.test_load_compare import differences

#: How many of each kind are tried; the tenth flow is like the first.
OFTEN = 5
#: Elements (`-tag`) and attributes (`tag@name`) without meaning for a run.
DECORATION = {
    # pools, and the names by which tools tell keys and properties apart
    "-collaboration", "-participant", "-correlationKey", "-correlationPropertyRef", "collaboration@id", "participant@id",
    "participant@processRef", "correlationKey@id", "correlationKey@name", "correlationProperty@name",
    "correlationSubscription@id", "correlationSubscription@correlationKeyRef",
    # a lane is known by its id; an inner lane says the same as the outer one again
    "lane@name", "laneSet@id", "childLaneSet@id", "-flowNodeRef",
    # what has a code is not known by its name
    "error@name", "escalation@name", "inputDataItem@id", "association@id", "association@associationDirection",
    # expressions are FEEL whatever they are called; the publish rule asks for the type and for executable processes
    "conditionExpression@type", "timeDuration@type", "timeCycle@type", "timeDate@type", "condition@type",
    "completionCondition@type", "activationCondition@type", "loopCondition@type", "scriptTask@scriptFormat",
    "parameter@type", "process@isExecutable",
}  # fmt: skip


def reads_the_same(base: Any, root: Any) -> bool:
    try:
        read = load({"a": etree.tostring(root)}, "all", decisions={"route": None}, strict=False)  # type: ignore[dict-item]
    except ModelError:
        return False
    return not differences(base, read)


def test_everything_taken_out_shows() -> None:
    base = load({"a": EVERYTHING}, decisions={"route": None}, strict=False)  # type: ignore[dict-item]
    silent, tried = set(), Counter()
    count = len(list(etree.fromstring(EVERYTHING).iter()))
    for at in range(1, count):
        root = etree.fromstring(EVERYTHING)
        element = list(root.iter())[at]
        name = etree.QName(element).localname
        for attribute, value in list(element.attrib.items()):
            what = f"{name}@{etree.QName(attribute).localname}"
            tried[what] += 1
            del element.attrib[attribute]
            if tried[what] <= OFTEN and reads_the_same(base, root):
                silent.add(what)
            element.set(attribute, value)
        tried[f"-{name}"] += 1
        element.getparent().remove(element)
        if tried[f"-{name}"] <= OFTEN and reads_the_same(base, root):
            silent.add(f"-{name}")
    assert count > 200
    assert silent == DECORATION
