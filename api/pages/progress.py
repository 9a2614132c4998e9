"""Where a case stands, in everyday words: who has it now, by when, what stops the clock, and what the applicant can do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from api.pages import posts
from api.shapes import chip, last_moment
from api.titles import lane_title, step_title
from engine.access import APPLICANT
from engine.clock import ClockError
from engine.commands.passing import may_urge_at
from engine.commands.ratings import GRADES, REASONS
from engine.core.definition import Kind
from engine.queries import clocks_of, rating, verbs_of
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.access import Actor
    from engine.package import Package
    from engine.queries import CaseView
    from engine.store.rows import TaskRow

_WAITS = frozenset({Kind.CATCH, Kind.RECEIVE})
_MOST = 6


def is_own(task: TaskRow) -> bool:
    """Whether the step waits for the applicant."""
    return task.object.partition("/")[2] == APPLICANT


def now(asked: Asked, package: Package, view: CaseView, actor: Actor) -> list[dict[str, Any]]:
    """What the office is doing with the case; nothing once it has ended."""
    if view.row.state != "open":
        return []
    found = [
        _desk(asked, package, task, actor) for task in view.tasks if task.state == "open" and not is_own(task)
    ]
    return (found or _waits(asked, package, view))[:_MOST]


def _desk(asked: Asked, package: Package, task: TaskRow, actor: Actor) -> dict[str, Any]:
    due = None if task.due == NEVER else last_moment(task.due, asked.office.settings.zone)
    late = task.due != NEVER and task.due <= asked.now
    who = lane_title(asked, package, task.element)
    what = step_title(asked, package, task.element, task.title)
    return {
        "kind": "late" if late else "fine",
        "text": asked.say("now.desk", who=who, what=what),
        "due": asked.say("now.due", due=due) if due else "",
        "chip": None if task.due == NEVER else chip(asked, task.due),
        "urge": {"task": task.id, "command": posts.fresh()} if _may_urge(asked, task, actor) else None,
        "urged": asked.moment(task.urged_at) if task.urged_at else "",
    }


def _may_urge(asked: Asked, task: TaskRow, actor: Actor) -> bool:
    office = asked.office
    if may_urge_at(task, own=True) > asked.now:
        return False
    offers = verbs_of(office.store, office.bus.access, office.versions, actor, task.id)
    return any(offer.verb == "urge" and offer.offered for offer in offers)


def _waits(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """With no desk at work: the days that must pass (public notice), or an answer from elsewhere."""
    nodes = package.definition.nodes
    zone = asked.office.settings.zone
    told = []
    for timer in view.timers:
        node = nodes.get(timer.element)
        if timer.kind == "event" and node is not None and node.kind in _WAITS and node.name:
            text = asked.say("now.until", what=node.name, due=last_moment(timer.due, zone))
            told.append({"kind": "stopped", "text": text, "due": "", "chip": None, "urge": None, "urged": ""})
    mine = any(task.state == "open" and is_own(task) for task in view.tasks)
    if not told and not mine:
        text = asked.say("now.elsewhere")
        told.append({"kind": "stopped", "text": text, "due": "", "chip": None, "urge": None, "urged": ""})
    return told


def clocks(asked: Asked, view: CaseView) -> list[dict[str, str]]:
    """The statutory and promised clocks of the case in words, and what has stopped them."""
    zone = asked.office.settings.zone
    try:
        found = clocks_of(view, asked.now.astimezone(zone), asked.office.calendar)
    except ClockError:
        return []
    told = []
    for clock in found:
        if clock.kind == "step" or clock.state == "ended":
            continue
        line = asked.say(f"clock.{clock.kind}", title=clock.title, due=clock.due.isoformat())
        standing = [one for one in clock.stops if one.get("until") is None]
        why = asked.say("list-mark").join(str(one.get("reason") or "") for one in standing).strip()
        stopped = asked.say("clock.stopped", why=why or asked.say("clock.by-law")) if standing else ""
        told.append({"text": line, "stopped": stopped})
    return told


def rated(asked: Asked, view: CaseView) -> dict[str, Any]:
    """The rating given, or the question for one while it may be asked."""
    found = rating(asked.office.store, view.row.id) if view.row.state != "open" else None
    if found is not None:
        return {
            "given": {
                "grade": asked.say(f"grade.{found.grade}"),
                "comment": found.comment,
                "reasons": [asked.say(f"rating.{one}") for one in orjson.loads(found.reasons)],
                "open": found.state == "open",
                "answer": found.answer or "",
            },
            "ask": None,
        }
    if view.row.state == "open" or view.ended_at is None:
        return {"given": None, "ask": None}
    day = asked.today
    days = int(asked.office.law.value("rating_window_days", day, view.row.area))
    if asked.now > view.ended_at + timedelta(days=days):
        return {"given": None, "ask": None}
    ask = {"command": posts.fresh(), "grades": sorted(GRADES, reverse=True), "reasons": REASONS}
    return {"given": None, "ask": ask}
