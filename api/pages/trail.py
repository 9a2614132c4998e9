"""The whole trail of a case in words: every entry of its journal that tells people something, with who, why and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from api.titles import step_title
from api.words import knows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.frame import Asked
    from engine.package import Package
    from engine.queries import CaseView
    from engine.queries.cases import Entry

#: Entries that only machines care about.
_SILENT = frozenset({"asked", "asked-again", "booked", "decided", "noticed", "sent", "returned"})
#: What people wrote, in the order in which it is told.
_WRITTEN = ("reason", "question", "answer", "note")


def trail(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """The journal's entries in order: moment, who, what, at which step, and what was written with it."""
    elements = {task.id: task.element for task in view.tasks}
    titles = {one.id: asked.pick(msgspec.json.decode(one.title)) for one in view.documents}
    return [
        _told(asked, package, entry, elements, titles)
        for entry in view.timeline
        if entry.kind not in _SILENT and knows(f"journal.{entry.kind}")
    ]


def _told(
    asked: Asked,
    package: Package,
    entry: Entry,
    elements: Mapping[str, str],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    body = entry.body
    element = body.get("element") or elements.get(str(body.get("task", "")))
    what = asked.say(f"journal.{entry.kind}")
    if entry.kind == "message" and knows(f"message.{body.get('message')}"):
        what = asked.say(f"message.{body['message']}")
    if entry.kind == "issued":
        what = asked.say("case.issued", document=titles.get(str(body.get("document")), ""))
    machine = entry.actor is not None and entry.actor.startswith("system:")
    # Whoever holds a query code or a draft has no name here.
    person = not machine and bool(entry.actor_name)
    return {
        "seq": entry.seq,
        "at": entry.at,
        "by": entry.actor_name if person else asked.say("system" if machine else "trail.stranger"),
        "automatic": machine,
        "kind": entry.kind,
        "what": what,
        "step": step_title(asked, package, element)
        if element and element in package.definition.nodes
        else "",
        "lines": list(_lines(asked, package, entry.kind, body)),
    }


def _lines(asked: Asked, package: Package, kind: str, body: Mapping[str, Any]) -> Iterator[str]:
    """What was written, to whom, and for whom it was done."""
    if body.get("on_behalf"):
        yield asked.say("trail.on-behalf", name=body.get("behalf_name") or body["on_behalf"])
    if body.get("name") and kind != "material-judged":
        yield asked.say("trail.to", name=body["name"])
    if kind == "copied":
        yield asked.say("trail.to", name=asked.say("list-mark").join(body.get("names") or ()))
    if kind == "sent-back":
        where = step_title(asked, package, str(body.get("target")))
        yield asked.say("trail.sent-straight" if body.get("straight") else "trail.sent", step=where)
    if kind == "material-judged":
        yield f"{body.get('name') or ''} {asked.say('paper.' + str(body.get('verdict')))}".strip()
    if kind == "clock" and knows(f"clock.{body.get('act')}"):
        yield asked.say(
            f"clock.{body['act']}", due=str(body.get("due") or ""), reason=body.get("reason") or ""
        )
    for name in _WRITTEN:
        text = body.get(name)
        if isinstance(text, str) and text.strip() and kind != "clock":
            yield text
    for item in body.get("items") or ():
        yield f"· {item.get('label') or item.get('field') or item.get('material') or ''} {item.get('reason', '')}".strip()
