"""Publish rules about our own settings (`spiffworkflow:properties`, architecture section 5) and about scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.core.reading.findings import Finding
from engine.core.reading.mend import properties
from engine.core.reading.texts import split
from engine.core.verbs_offer import VERBS
from engine.core.xml import BPMN, SPIFF, child, local, tag, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.rules_model import Model

ON_OVERDUE = frozenset({"remind", "escalate", "silence-is-consent"})
_OF_PEOPLE = frozenset({"userTask", "manualTask"})
_PROSE = re.compile(r"\w+(?:\s+\w+)+")
#: Settings that mean something only where work is done.
_OF_TASKS = (
    "deadline",
    "on_overdue",
    "assign",
    "separate_from",
    "verbs",
    "send_back_to",
    "irrevocable",
    "batch",
)


def settings_on_nodes(model: Model) -> Iterator[Finding]:
    """Settings stand on flow nodes; on a process, lane or flow nobody would read them."""
    for process in model.used.values():
        nodes = {spot.xml for spot in model.spots}
        for holder in process.iter(f"{SPIFF}properties"):
            element = holder.getparent().getparent()
            if element not in nodes and len(holder):
                yield Finding(
                    "settings-misplaced", element.get("id"), {"tag": tag(element), "line": holder.sourceline}
                )


def settings_of_tasks(model: Model) -> Iterator[Finding]:
    """Deadline, assignment and separation are settings of activities."""
    for spot in model.spots:
        for name in _OF_TASKS if not spot.is_activity else ():
            if name in properties(spot.xml):
                yield Finding("setting-misplaced", spot.id, {"setting": name, "tag": spot.tag})


def overdue_known(model: Model) -> Iterator[Finding]:
    """`on_overdue` is one of the three ways we know, and needs a deadline."""
    for spot in model.spots:
        given = properties(spot.xml)
        said = given.get("on_overdue")
        if said and said not in ON_OVERDUE:
            yield Finding("setting-unknown", spot.id, {"setting": "on_overdue", "value": said})
        elif said and not given.get("deadline"):
            yield Finding("setting-incomplete", spot.id, {"setting": "on_overdue", "needs": "deadline"})


def separation_known(model: Model) -> Iterator[Finding]:
    """`separate_from` names other tasks of this definition."""
    for spot in model.spots:
        for name in split(properties(spot.xml).get("separate_from")):
            if name == spot.id or name not in model.by_id or not model.by_id[name].is_activity:
                yield Finding("setting-unknown", spot.id, {"setting": "separate_from", "value": name})


def verbs_known(model: Model) -> Iterator[Finding]:
    """`verbs` names verbs, `send_back_to` tasks of people, `irrevocable` and `batch` are true or false."""
    for spot in model.spots:
        given = properties(spot.xml)
        for name in split(given.get("verbs")):
            if name not in VERBS:
                yield Finding("setting-unknown", spot.id, {"setting": "verbs", "value": name})
        for name in split(given.get("send_back_to")):
            if name not in model.by_id or model.by_id[name].tag not in _OF_PEOPLE:
                yield Finding("setting-unknown", spot.id, {"setting": "send_back_to", "value": name})
        for name in ("irrevocable", "batch"):
            said = given.get(name)
            if said not in (None, "true", "false"):
                yield Finding("setting-unknown", spot.id, {"setting": name, "value": said})


def scripts_given(model: Model) -> Iterator[Finding]:
    """A script task has a script, and says its language unless it can be seen (10.3.3).

    The standard asks for `scriptFormat` always. FEEL is the one language here, so it may be left out; but several bare
    words, which FEEL would take for one long name, are somebody's note and not a script.
    """
    for spot in model.of("scriptTask"):
        text = words(child(spot.xml, "script"))
        if not text:
            yield Finding("script-missing", spot.id, {})
        elif not spot.xml.get("scriptFormat") and _PROSE.fullmatch(text):
            yield Finding("script-language-missing", spot.id, {"text": text[:200]})


def lanes_once(model: Model) -> Iterator[Finding]:
    """A node lies in one lane of a lane set, and in that lane's inner ones (10.8)."""
    for process in model.used.values():
        for lanes in process.iter(f"{BPMN}laneSet", f"{BPMN}childLaneSet"):
            seen: dict[str | None, str | None] = {}
            for lane in lanes.iterfind(f"{BPMN}lane"):
                for ref in lane.iterfind(f"{BPMN}flowNodeRef"):
                    name = local(words(ref))
                    if seen.setdefault(name, lane.get("id")) != lane.get("id"):
                        yield Finding("lanes-two", name, {"lane": lane.get("id"), "other": seen[name]})


RULES = (
    settings_on_nodes,
    settings_of_tasks,
    overdue_known,
    separation_known,
    verbs_known,
    scripts_given,
    lanes_once,
)
