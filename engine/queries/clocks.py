"""The clocks of a case side by side: what the law allows, what was promised, and what each open step has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.clock.clocks import share_used
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.feel.world import WorkingDays
    from engine.queries.cases import CaseView
    from engine.store.rows import TaskRow

#: From this share of its days on a clock is yellow.
WARNS: Final = Decimal("0.8")
_ORDER: Final = {"statutory": 0, "promised": 1, "step": 2}


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as it stands at a moment. `task` is set for a step's own deadline; `due` is the last permitted day."""

    name: str
    title: str
    kind: str  # statutory | promised | step
    state: str  # running | stopped | overdue | ended
    start: date
    due: date
    #: The exact end, where a step has less than whole days.
    moment: datetime
    #: True while the calendar of the due day's year is not known.
    provisional: bool
    #: Article ids, separated by spaces.
    law: str
    #: Part of the counted days that is over, 0 to 1 and more.
    share: Decimal
    colour: str  # green | yellow | red | grey
    stops: Sequence[Mapping[str, Any]] = ()
    extensions: Sequence[Mapping[str, Any]] = ()
    ended_on: date | None = None
    late: bool = False
    task: str | None = None


def clocks_of(view: CaseView, now: datetime, calendar: WorkingDays | None) -> list[ClockView]:
    """All clocks of a case, statutory ones first, then promises, then steps by their end; `now` is aware, in the office's zone."""
    held = view.variables.get("clocks") or {}
    found = [_of_case(name, clock, now, calendar) for name, clock in held.items()]
    found += [_of_task(row, now) for row in view.tasks if row.state == "open" and row.due != NEVER]
    return sorted(found, key=lambda one: (_ORDER[one.kind], one.ended_on is not None, one.moment, one.name))


def _of_case(name: str, clock: Mapping[str, Any], now: datetime, calendar: WorkingDays | None) -> ClockView:
    share = share_used(clock, now.date(), calendar)
    due: date = clock["due"]
    midnight = datetime(due.year, due.month, due.day, tzinfo=now.tzinfo) + timedelta(1)
    return ClockView(
        name=name,
        title=clock["title"],
        kind=clock["kind"],
        state=clock["state"],
        start=clock["from"],
        due=due,
        moment=midnight,
        provisional=clock["provisional"],
        law=clock["law"],
        share=share,
        colour=_colour(clock["state"], share, late=bool(clock["late"])),
        stops=clock["stops"],
        extensions=clock["extensions"],
        ended_on=clock["ended_on"],
        late=bool(clock["late"]),
    )


def _of_task(row: TaskRow, now: datetime) -> ClockView:
    begun, due = row.opened_at.astimezone(now.tzinfo), row.due.astimezone(now.tzinfo)
    whole = (due - begun) / timedelta(seconds=1)
    share = Decimal(1) if whole <= 0 else Decimal(str(round((now - begun) / timedelta(seconds=1) / whole, 4)))
    state = "overdue" if now >= due else "running"
    return ClockView(
        name=row.element,
        title=row.title,
        kind="step",
        state=state,
        start=begun.date(),
        due=(due - timedelta(microseconds=1)).date(),
        moment=due,
        provisional=False,
        law="",
        share=share,
        colour=_colour(state, share, late=False),
        task=row.id,
    )


def _colour(state: str, share: Decimal, *, late: bool) -> str:
    """Grey is not running; yellow warns, red is over."""
    if state == "overdue" or late:
        return "red"
    if state in ("ended", "stopped"):
        return "grey"
    return "yellow" if share >= WARNS else "green"
