"""The clocks of a case side by side, for the office: what the law allows, what was promised, what each step has left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.frame import Asked
from engine.queries import CaseView, ClockView, clocks_of

_KINDS = {"green": "fine", "yellow": "today", "red": "late", "grey": "stopped"}


def clocks(asked: Asked, view: CaseView) -> list[dict[str, Any]]:
    """One row per clock, statutory ones first; none where only steps have a deadline."""
    now = asked.now.astimezone(asked.office.settings.zone)
    found = clocks_of(view, now, asked.office.calendar)
    if all(one.task is not None for one in found):
        return []
    return [_row(asked, one) for one in found]


def _row(asked: Asked, one: ClockView) -> dict[str, Any]:
    due = one.due.isoformat()
    return {
        "kind": asked.say(f"clocks.{one.kind}"),
        "title": one.title,
        "start": one.start.isoformat(),
        "due": asked.say("clocks.provisional", due=due) if one.provisional else due,
        "state": {
            "kind": _KINDS[one.colour],
            "text": asked.say("clocks.late" if one.late else f"clocks.{one.state}"),
        },
        "share": f"{min(one.share, 9):.0%}" if one.state != "ended" else "",
        "law": [_cited(asked, name) for name in one.law.split()],
        "notes": [*_stops(asked, one.stops), *_extensions(asked, one.extensions)],
    }


def _cited(asked: Asked, name: str) -> str:
    article = asked.office.law.article(name)
    return article.title if article is not None else name


def _stops(asked: Asked, stops: Any) -> list[str]:
    told = []
    for one in stops:
        reason = asked.say(f"stop.{one['reason']}")
        if one["until"] is not None:
            told.append(asked.say("clocks.stood", first=one["from"], last=one["until"], reason=reason))
        else:
            told.append(asked.say("clocks.stands", first=one["from"], reason=reason))
    return told


def _extensions(asked: Asked, extensions: Any) -> list[str]:
    def line(one: Mapping[str, Any]) -> str:
        return asked.say("clocks.extended", count=int(one["count"]), reason=one["reason"])

    return [line(one) for one in extensions]
