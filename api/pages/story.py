"""A case told in words: what was done, what is waited for, what was decided and on which legal basis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from api.shapes import chip
from engine.core.definition import Kind

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.package import Package
    from engine.queries import CaseView

#: Journal kinds that people want to read; everything else stays in the journal.
TOLD = {"submitted", "completed", "message", "issued", "fired", "answered", "refused", "broken", "cancel"}
_HUMAN = {Kind.USER, Kind.MANUAL}


def timeline(asked: Asked, package: Package, view: CaseView, *, names: bool) -> list[dict[str, Any]]:
    """The steps so far and those open now; `names` shows who did them (for the office, not for applicants)."""
    nodes = package.definition.nodes
    told: list[dict[str, Any]] = []
    for entry in view.timeline:
        if entry.kind not in TOLD:
            continue
        element = entry.body.get("element")
        node = nodes.get(element) if element else None
        title = (node.name if node and node.name else None) or asked.say(f"journal.{entry.kind}")
        by = entry.actor_name if names and node is not None and node.kind in _HUMAN else ""
        told.append(
            {
                "past": True,
                "title": title,
                "at": entry.at,
                "by": by,
                "note": _note(asked, entry),
                "chip": None,
            }
        )
    for task in view.tasks:
        if task.state == "open":
            due = chip(asked, task.due)
            by = (task.claimed_name or "") if names else ""
            told.append(
                {
                    "past": False,
                    "title": asked.say("case.waiting", what=task.title),
                    "at": None,
                    "by": by,
                    "note": "",
                    "chip": due,
                }
            )
    return told


def _note(asked: Asked, entry: Any) -> str:
    if entry.kind == "message":
        return asked.say(f"message.{entry.body.get('message')}")
    return ""


def stages(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """The application and every completed step with its answers, in order."""
    parts = []
    start = package.form("start")
    variables = view.variables
    if start is not None:
        parts.append(
            {
                "title": asked.say("case.application"),
                "form": start,
                "answers": variables,
                "by": "",
                "at": view.row.submitted_at,
            }
        )
    for task in view.tasks:
        form = package.form(task.element)
        filed: Any = variables.get(task.element)
        if task.state == "done" and form is not None and isinstance(filed, dict):
            parts.append(
                {
                    "title": task.title,
                    "form": form,
                    "answers": filed,
                    "by": filed.get("by_name", ""),
                    "at": filed.get("at"),
                }
            )
    return parts


def decisions(asked: Asked, view: CaseView) -> list[dict[str, Any]]:
    """What the decision tables said, which rule applied, and the articles it stands on."""
    found = []
    law = asked.office.law
    for entry in view.timeline:
        if entry.kind != "decided":
            continue
        trace = entry.body["trace"]
        hit = [rule for rule in trace.get("rules", []) if rule.get("hit")]
        cited = " ".join(
            text
            for rule in hit
            for name, text in rule.get("annotations", {}).items()
            if name in {"law", "依据"} and text
        )
        articles = [law.article(one) for one in cited.replace(",", " ").split()]
        found.append(
            {
                "name": trace.get("name") or trace.get("decision"),
                "text": "；".join(
                    [
                        plain(trace.get("value")),
                        *(asked.say("case.decision-rule", rule=rule["index"]) for rule in hit),
                    ]
                ),
                "law": "；".join(one.title for one in articles if one is not None),
            }
        )
    return found


def plain(value: Any) -> str:
    """A decision's value in a line."""
    if isinstance(value, dict):
        return "，".join(f"{name} {plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "、".join(map(plain, value))
    return "—" if value is None else str(value)


def states(asked: Asked, view: CaseView) -> dict[str, str]:
    """How far the case is with each element: done, now, late."""
    found = dict.fromkeys(view.path, "done")
    for task in view.tasks:
        if task.state == "open":
            found[task.element] = "late" if task.due <= asked.now else "now"
    return found


def documents(asked: Asked, view: CaseView, suffix: str = "") -> list[dict[str, Any]]:
    """The documents of a case for a table."""
    return [
        {
            "title": asked.pick(msgspec.json.decode(one.title)),
            "number": one.number,
            "issued_on": one.issued_on,
            "href": f"/documents/{one.id}{suffix}",
        }
        for one in view.documents
    ]


def notices(asked: Asked, number: str) -> list[dict[str, Any]]:
    """The notices that were sent in a case."""
    with asked.office.store.reading() as reader:
        rows = reader.rows("SELECT text, sent_at FROM notice WHERE case_id = ? ORDER BY sent_at", (number,))
    return [{"text": text, "at": at} for text, at in rows]
