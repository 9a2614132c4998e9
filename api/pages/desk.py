"""The list on a clerk's desk: which tasks, in which order, under which filters; the filters stand in the address."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from api.applications import current
from api.shapes import area_name, chip, urgency
from api.titles import case_title, process_title, step_title
from api.words import knows
from engine.clock import ClockError
from engine.core.definition import Kind
from engine.queries import Filters, Page, TaskItem, worklist
from engine.queries.desks import saved_views
from engine.queries.stops import Stopped, stopped
from engine.queries.verbs import batchable
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.clock import Calendar
    from engine.package import Package

#: Worst first: late, due today, within three days, later, without deadline.
URGENCIES = ("late", "today", "soon", "later", "none")
_SOON = timedelta(days=3)
#: Rows of a page: in the list alone, and beside a task.
ROWS, ROWS_BESIDE = 50, 30
_LONGEST = 60


class Wish(NamedTuple):
    """What a list is narrowed to, as the address says it."""

    process: str = ""
    step: str = ""
    whose: str = ""
    urgency: str = ""
    search: str = ""
    cursor: str = ""

    def query(self, **changes: str) -> str:
        """The end of an address that keeps the filters (with `?`), or nothing."""
        wanted: dict[str, str] = {**self._asdict(), **changes}
        kept = {name: value for name, value in wanted.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the page is asked for."""
        return any(self[:-1])


def wish_of(asked: Asked) -> Wish:
    """The filters in the address; what no filter knows is left out."""
    given = asked.request.query_params
    found = {name: str(given.get(name) or "").strip()[:_LONGEST] for name in Wish._fields[:-1]}
    if found["urgency"] not in URGENCIES:
        found["urgency"] = ""
    if found["whose"] not in {"mine", "free", "all"}:
        found["whose"] = ""
    return Wish(**found, cursor=str(given.get("cursor") or "")[:200])


def filters_of(asked: Asked, wish: Wish) -> Filters:
    """The wish as the query takes it."""
    after, before = _span(asked, wish.urgency)
    return Filters(
        process=wish.process or None,
        element=wish.step or None,
        mine={"mine": True, "free": False}.get(wish.whose),
        others=wish.whose == "all",
        due_after=after,
        due_before=before,
        search=wish.search or None,
    )


def _span(asked: Asked, group: str) -> tuple[datetime | None, datetime | None]:
    """From and until which moment tasks of a group are due, by the same edges as `shapes.urgency`."""
    tick = timedelta(microseconds=1)
    midnight = day_end(asked)
    spans = {
        "late": (None, asked.now + tick),
        "today": (asked.now + tick, midnight + tick),
        "soon": (midnight + tick, midnight + _SOON + tick),
        "later": (midnight + _SOON + tick, NEVER),
        "none": (NEVER, None),
    }
    return spans.get(group, (None, None))


def day_end(asked: Asked) -> datetime:
    """The end of today in the office's zone."""
    local = asked.now.astimezone(asked.office.settings.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def list_values(asked: Asked, wish: Wish, *, limit: int = ROWS) -> dict[str, Any]:
    """What a page with the list needs."""
    office = asked.office
    found = worklist(
        office.store,
        office.bus.access,
        asked.actor,
        filters_of(asked, wish),
        cursor=wish.cursor or None,
        limit=limit,
    )
    reachable = sorted({reach.object.partition("/")[0] for reach in office.bus.access.reaches(asked.actor)})
    packages = {name: current(asked, name) for name in {*reachable, *(item.process for item in found.items)}}
    groups = _groups(asked, packages, found)
    return {
        "groups": groups,
        "count": len(found.items),
        "more": f"/tasks{wish.query(cursor=found.cursor)}" if found.cursor else None,
        "begun": bool(wish.cursor),
        "first": f"/tasks{wish.query(cursor='')}",
        "filters": wish,
        "query": wish.query(),
        "processes": [{"id": name, "name": process_title(asked, packages[name])} for name in reachable],
        "steps": steps_of(asked, packages.get(wish.process)) if wish.process else [],
        "urgencies": URGENCIES,
        "views": _views(asked, wish),
        "batchable": any(task["batch"] for group in groups for task in group["tasks"]),
    }


def _groups(asked: Asked, packages: dict[str, Package], found: Page) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in URGENCIES}
    still = stopped(asked.office.store, list({item.case_id for item in found.items}))
    for item in found.items:
        line = line_of(asked, packages[item.process], item, still.get(item.case_id))
        groups[urgency(asked, item.deadline)].append(line)
    return [
        {"title": asked.say(f"tasks.group-{name}"), "name": name, "tasks": tasks}
        for name, tasks in groups.items()
        if tasks
    ]


def line_of(asked: Asked, package: Package, item: TaskItem, still: Stopped | None = None) -> dict[str, Any]:
    """One task of the list."""
    node = package.definition.nodes.get(item.element)
    return {
        "id": item.id,
        "title": step_title(asked, package, item.element, item.title),
        "name": case_title(asked, package, item.case_title),
        "case": item.case_id,
        "place": area_name(asked.office.law, item.area, asked.today),
        "chip": deadline_chip(asked, item.deadline),
        "stopped": stop_chip(asked, still) if still else None,
        "holder": item.claimed_name,
        "mine": item.claimed_by is not None and item.claimed_by == asked.actor.id,
        "batch": node is not None and batchable(node),
    }


def deadline_chip(asked: Asked, due: datetime | None) -> dict[str, str]:
    """The deadline in words; days left are working days where the calendar of the year is known."""
    told = chip(asked, due)
    if told["kind"] == "fine" and due is not None:
        last = (due - timedelta(microseconds=1)).astimezone(asked.office.settings.zone).date()
        days = _working_days(asked.office.calendar, asked.today, last)
        if days is not None:
            told["text"] = asked.say("chip.working-day" if days == 1 else "chip.working-days", days=days)
            if days <= 1:
                told["kind"] = "today"
    return told


@lru_cache(maxsize=512)
def _working_days(calendar: Calendar, today: date, last: date) -> int | None:
    """Working days after today up to the last day; None where a year's calendar is missing."""
    try:
        return sum(
            calendar.is_working_day(today + timedelta(days=n)) for n in range(1, (last - today).days + 1)
        )
    except ClockError:
        return None


def stop_chip(asked: Asked, still: Stopped) -> dict[str, str]:
    """A stopped clock in words: that it stands still, why, and since when."""
    key = f"stop.{still.reason}"
    reason = asked.say(key) if knows(key) else still.reason
    until = asked.say("chip.stopped-until", day=still.planned.isoformat()) if still.planned else ""
    return {
        "kind": "stopped",
        "text": asked.say("chip.stopped", reason=reason),
        "title": asked.say("chip.stopped-title", clock=still.title, day=still.since.isoformat()) + until,
    }


def steps_of(asked: Asked, package: Package | None) -> list[dict[str, str]]:
    """The steps of people in a process, for choosing one."""
    if package is None:
        return []
    people = (node for node in package.definition.nodes.values() if node.kind in {Kind.USER, Kind.MANUAL})
    return [{"id": node.id, "name": step_title(asked, package, node.id, node.name or "")} for node in people]


def _views(asked: Asked, wish: Wish) -> list[dict[str, Any]]:
    """The actor's saved views, each with its address and whether it is the one shown."""
    shown = wish.query(cursor="")
    return [
        {"id": one.id, "name": one.name, "href": f"/tasks{one.query}", "current": one.query == shown}
        for one in saved_views(asked.office.store, asked.actor)
    ]


def wish_from(query: str) -> Wish:
    """The filters of a kept address; anything else in it is dropped."""
    given = dict(parse_qsl(query.removeprefix("?")))
    return Wish(**{name: str(given.get(name, ""))[:_LONGEST] for name in Wish._fields[:-1]})
