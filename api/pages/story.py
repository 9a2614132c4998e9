"""A case told in words: what was done, what is waited for, what was decided and on which legal basis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from api.shapes import chip
from api.titles import lane_title, step_title
from engine.core.definition import Kind
from engine.package import START
from engine.queries.contents import application_of, filed_in, notices_of
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.package import Package
    from engine.queries import CaseView
    from engine.store.rows import TaskRow

#: Journal kinds that people want to read; everything else stays in the journal.
TOLD = {
    "submitted", "completed", "consented", "message", "issued", "fired", "answered", "refused", "broken", "cancel",
    "retried",
}  # fmt: skip
_HUMAN = {Kind.USER, Kind.MANUAL}
#: Layouts of papers that stay in the office; an applicant's page does not list them.
INTERNAL = frozenset({"ledger"})


def timeline(asked: Asked, package: Package, view: CaseView, *, names: bool) -> list[dict[str, Any]]:
    """The steps so far and those open now; `names` shows who did them (for the office, not for applicants)."""
    nodes = package.definition.nodes
    issued = {one.id: asked.pick(msgspec.json.decode(one.title)) for one in view.documents}
    elements = {task.id: task.element for task in view.tasks}
    told: list[dict[str, Any]] = []
    for entry in view.timeline:
        if entry.kind not in TOLD:
            continue
        element = entry.body.get("element") or elements.get(entry.body.get("task", ""))
        node = nodes.get(element) if element else None
        title = asked.say(f"journal.{entry.kind}")
        if entry.kind == "issued":
            if not names and entry.body.get("document") in _internal_ids(package, view):
                continue
            title = asked.say("case.issued", document=issued.get(str(entry.body.get("document")), ""))
        elif entry.kind == "message":
            title = asked.say(f"message.{entry.body.get('message')}")
        elif node is not None and node.name:
            title = step_title(asked, package, node.id)
        by = entry.actor_name if names and node is not None and node.kind in _HUMAN else ""
        told.append({"past": True, "title": title, "at": entry.at, "by": by, "note": "", "chip": None})
    return told + [_waiting(asked, package, task, names=names) for task in view.tasks if task.state == "open"]


def _waiting(asked: Asked, package: Package, task: TaskRow, *, names: bool) -> dict[str, Any]:
    holder = task.claimed_name if names else ""
    return {
        "past": False,
        "title": asked.say("case.waiting", what=step_title(asked, package, task.element, task.title)),
        "at": None,
        "by": holder or "",
        "note": asked.say("case.waiting-at", who=lane_title(asked, package, task.element)),
        "chip": None if task.due == NEVER else chip(asked, task.due),
    }


def stages(
    asked: Asked, package: Package, view: CaseView, *, applied_only: bool = False
) -> list[dict[str, Any]]:
    """The application and every completed step with its answers, in order."""
    parts: list[dict[str, Any]] = []
    start = package.form(START)
    with asked.office.store.reading() as reader:
        applied = application_of(reader, view.row.id)
        filed = {} if applied_only else filed_in(reader, view.row.id)
    if start is not None and applied:
        parts.append(
            {
                "title": asked.say("case.application"),
                "form": start,
                "answers": applied,
                "by": "",
                "at": view.row.submitted_at,
            }
        )
    for task in sorted(view.tasks, key=lambda one: one.changed_at):
        form = package.form(task.element)
        if task.id in filed and form is not None:
            parts.append(
                {
                    "title": step_title(asked, package, task.element, task.title),
                    "form": form,
                    "answers": filed[task.id],
                    "by": task.changed_name,
                    "at": task.changed_at,
                }
            )
    return parts


def states(asked: Asked, view: CaseView) -> dict[str, str]:
    """How far the case is with each element: done, now, late."""
    found = dict.fromkeys(view.path, "done")
    for task in view.tasks:
        if task.state == "open":
            found[task.element] = "late" if task.due <= asked.now else "now"
    return found


def documents(
    asked: Asked, package: Package, view: CaseView, *, office: bool, suffix: str = ""
) -> list[dict[str, Any]]:
    """The documents of a case for a table; papers that stay in the office are for the office only."""
    hidden = frozenset() if office else _internal_ids(package, view)
    return [
        {
            "id": one.id,
            "title": asked.pick(msgspec.json.decode(one.title)),
            "number": one.number,
            "issued_on": one.issued_on,
            "revoked": one.state != "valid",
            "href": f"/documents/{one.id}{suffix}",
        }
        for one in view.documents
        if one.id not in hidden
    ]


def _internal_ids(package: Package, view: CaseView) -> frozenset[str]:
    return frozenset(one.id for one in view.documents if _layout(package, one.code) in INTERNAL)


def _layout(package: Package, code: str) -> str:
    sidecar = package.files.get(f"templates/{package.name}/{code}.json")
    return str(orjson.loads(sidecar).get("layout", "")) if sidecar else ""


def notices(asked: Asked, number: str) -> list[dict[str, Any]]:
    """The notices that were sent in a case."""
    with asked.office.store.reading() as reader:
        return [{"text": text, "at": at} for text, at in notices_of(reader, number)]
