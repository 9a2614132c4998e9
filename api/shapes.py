"""How values look: dates, money, masks, areas, deadline chips. Shared by pages and the JSON routes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.documents.masks import mask
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from api.asker import Asker
    from engine.clock import Law
    from engine.forms import Field


def value_of(answers: Any, key: str) -> Any:
    """The answer under a dotted key, or None."""
    value = answers
    for name in key.split("."):
        value = value.get(name) if hasattr(value, "get") else None
        if value is None:
            return None
    return value


def rows_of(field: Field, value: Any) -> list[dict[str, Any]]:
    """The rows of a list to show for filling in: at least one, or the fewest allowed."""
    rows = [row for row in value or [] if isinstance(row, dict)]
    return rows + [{} for _ in range(max(1, field.min_rows) - len(rows))]


def date_parts(value: Any) -> tuple[str, str, str, str]:
    """Year, month, day and time of a date for the boxes; what somebody mistyped stays as typed."""
    if isinstance(value, datetime):
        return (str(value.year), str(value.month), str(value.day), value.strftime("%H:%M"))
    if isinstance(value, date):
        return (str(value.year), str(value.month), str(value.day), "")
    if isinstance(value, str) and value:
        day, _, clock = value.partition("T")
        parts = [*day.split("-", 2), "", ""]
        return (parts[0], parts[1], parts[2], clock[:5])
    return ("", "", "", "")


def shown(value: Any) -> str:
    """A value in a text box."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def money(value: Any) -> str:
    """An amount with thousands marks and two decimals."""
    return f"{Decimal(str(value)):,.2f}"


def display(asked: Asker, field: Field, value: Any, *, clear: bool = False) -> str:
    """An answer as read-only words; masked where the form says so, except `clear` for those who work on the case."""
    if value is None or value == "":
        return ""
    match field.type:
        case "boolean":
            return asked.say("yes" if value else "no")
        case "choice":
            return _label(asked, field, value)
        case "choices":
            return asked.say("list-mark").join(_label(asked, field, one) for one in value)
        case "money":
            return asked.say("yuan", amount=money(value))
        case "datetime" if isinstance(value, datetime):
            return asked.moment(value)
        case "area":
            return area_name(asked.office.law, str(value), asked.today)
        case _ if field.mask is not None and not clear:
            return mask(field.mask, str(value))
        case _:
            return shown(value)


def files_of(value: Any) -> list[dict[str, str]]:
    """The uploads in an answer of type file or files: hash and name, and whether a browser can show it as a picture."""
    files = value if isinstance(value, list | tuple) else [value] if value else []
    return [
        {
            "hash": str(one.get("hash", "")),
            "name": str(one.get("name") or str(one.get("hash", ""))[:12]),
            "picture": "yes" if str(one.get("type", "")).startswith("image/") else "",
        }
        for one in files
        if hasattr(one, "get")
    ]


def _label(asked: Asker, field: Field, value: Any) -> str:
    return next((asked.pick(option.label) for option in field.options if option.value == value), str(value))


@lru_cache(maxsize=4096)
def area_name(law: Law, code: str, on: date) -> str:
    """The full name of a place, from the county down; the code where the table has none."""
    names = []
    for length in (6, 9, 12) if len(code) > 4 else (4,):
        area = law.area(code[:length], on) if len(code) >= length else None
        if area is not None:
            names.append(area.name)
    return " ".join(names) or code


#: Length of the code of the place around one of that level.
_AROUND = {"village": 9, "town": 6, "county": 4, "city": 4}


@lru_cache(maxsize=16)
def area_groups(law: Law, on: date, levels: tuple[str, ...] = ("village",)) -> tuple[dict[str, Any], ...]:
    """Places of these levels, grouped by the place around them, for choosing one."""
    groups: dict[str, list[Any]] = {}
    for area in law.areas:
        if area.level in levels and area.in_force(on):
            groups.setdefault(area.code[: _AROUND[area.level]], []).append(area)
    return tuple({"name": area_name(law, around, on), "areas": areas} for around, areas in groups.items())


def last_moment(due: datetime, zone: ZoneInfo) -> str:
    """An exclusive end as people say it: the last day "24:00" when it is midnight."""
    local = due.astimezone(zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{(local - timedelta(days=1)):%Y-%m-%d} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")


def chip(asked: Asker, due: datetime | None) -> dict[str, str]:
    """A deadline in words, a kind for shape and colour, and the exact moment."""
    if due is None or due == NEVER:
        return {"kind": "stopped", "text": asked.say("chip.none"), "title": ""}
    zone = asked.office.settings.zone
    title = asked.say("chip.title", due=last_moment(due, zone))
    left = due - asked.now
    if left <= timedelta(0):
        hours = int(-left.total_seconds() // 3600)
        key = "chip.late-days" if hours >= 24 else "chip.late-hours"
        return {"kind": "late", "text": asked.say(key, days=hours // 24, hours=hours % 24), "title": title}
    last = (due - timedelta(microseconds=1)).astimezone(zone).date()
    today = asked.today
    if last == today:
        minutes = int(left.total_seconds() // 60)
        key = "chip.today" if minutes >= 60 else "chip.today-minutes"
        return {"kind": "today", "text": asked.say(key, hours=minutes // 60, minutes=minutes), "title": title}
    return {"kind": "fine", "text": asked.say("chip.days", days=(last - today).days), "title": title}


def urgency(asked: Asker, due: datetime | None) -> str:
    """The group of a worklist that a task belongs to, worst first: late, today, soon, later, none."""
    if due is None or due == NEVER:
        return "none"
    zone = asked.office.settings.zone
    if due <= asked.now:
        return "late"
    days = ((due - timedelta(microseconds=1)).astimezone(zone).date() - asked.today).days
    return "today" if days == 0 else "soon" if days <= 3 else "later"
