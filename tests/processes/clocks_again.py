"""The clocks of cases reckoned again from their journals alone, by other means: day by day, with nothing of the engine.

    python -m tests.processes.clocks_again DATABASE.sqlite3

Reads the journal and the calendar files; prints every clock that is a day off. Written from 民法典 201-203, 行政许可法 45 and
the sheet's section on clocks, not from the code that it checks.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ONE = timedelta(days=1)
CHINA = timedelta(hours=8)
CALENDARS = Path(__file__).parents[2] / "policies" / "law" / "jinzhong" / "calendar"


def read_days(folder: Path = CALENDARS) -> tuple[set[int], set[date], set[date]]:
    """(years known, days off, weekend days worked)."""
    years: set[int] = set()
    off: set[date] = set()
    worked: set[date] = set()
    for path in folder.glob("*.json"):
        table = json.loads(path.read_text())
        years.add(table["year"])
        worked |= {date.fromisoformat(day) for day in table["working"]}
        for span in table["off"]:
            day = date.fromisoformat(span["from"])
            while day <= date.fromisoformat(span["to"]):
                off.add(day)
                day += ONE
    return years, off, worked


YEARS, OFF, WORKED = read_days()


def works(day: date) -> bool:
    """Whether offices work; of years without table, Monday to Friday."""
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


@dataclass
class Run:
    """One clock: how it began, and which days did not count."""

    start: date
    count: int
    unit: str
    roll: bool
    still: set[date] = field(default_factory=set)
    open: dict[str, tuple[date, date | None]] = field(default_factory=dict)
    ended: bool = False

    def due(self) -> date:
        """Walk from the first day on; a day that stands still moves the end."""
        still = set(self.still)
        for first, planned in self.open.values():
            if planned is not None:
                still |= span(first, planned)
        if self.unit == "months":
            month = self.start.month - 1 + self.count
            year, month = self.start.year + month // 12, month % 12 + 1
            day = self.start.day
            while True:
                try:
                    last = date(year, month, day)
                    break
                except ValueError:
                    day -= 1
        else:
            last, left = self.start, self.count
            while left:
                last += ONE
                if last not in still and (self.unit == "calendar" or works(last)):
                    left -= 1
        while self.roll and self.unit != "working" and not works(last):
            last += ONE
        return last


def span(first: date, last: date) -> set[date]:
    """All days from the first to the last."""
    return {first + ONE * n for n in range((last - first).days + 1)}


def local_day(at: datetime) -> date:
    """The day in China of an instant."""
    return (at.astimezone(UTC) + CHINA).date()


def recompute(entries: Iterable[tuple[datetime, str, Mapping[str, Any]]]) -> Iterator[str]:
    """What is wrong in one case's journal [(at, kind, body)], in words; nothing when every clock is right."""
    clocks: dict[str, Run] = {}
    for at, kind, body in entries:
        if kind != "clock":
            continue
        name, act, facts = body["clock"], body["act"], body["facts"]
        if act == "start":
            start = date.fromisoformat(facts["from"])
            clocks[name] = Run(
                start, int(facts["count"]), facts["unit"], facts.get("roll", True) is not False
            )
        clock = clocks[name]
        if act == "stop":
            planned = facts.get("until")
            first = date.fromisoformat(facts["from"])
            clock.open[facts["reason"]] = (first, date.fromisoformat(planned) if planned else None)
        if act == "resume":
            first, _ = clock.open.pop(facts["reason"])
            clock.still |= span(first, date.fromisoformat(facts["on"]))
        if act == "extend":
            clock.count += int(facts["count"])
        due = clock.due()
        if body["due"] != due.isoformat():
            yield f"{name}: {act} says {body['due']}, reckoned {due}"
        if body["provisional"] != (due.year not in YEARS):
            yield f"{name}: provisional {body['provisional']} for {due}"
        if act == "overdue" and local_day(at) != due + ONE:
            yield f"{name}: overdue on {local_day(at)}, reckoned {due + ONE}"
        if act == "end":
            clock.ended = True
    last = max(at for at, _, _ in entries)
    for name, clock in clocks.items():
        told = any(
            kind == "clock" and body["clock"] == name and body["act"] == "overdue"
            for _, kind, body in entries
        )
        ended_case = any(kind in ("ended", "cancelled") for _, kind, _ in entries)
        if not (clock.ended or clock.open or told or ended_case) and local_day(last) > clock.due():
            yield f"{name}: ran out on {clock.due()} and nobody was told"


def journals(rows: Iterable[tuple[str, Any, str, str]]) -> dict[str, list[tuple[datetime, str, Any]]]:
    """chain -> entries, of rows (chain, at, kind, body) in their order."""
    found: dict[str, list[tuple[datetime, str, Any]]] = {}
    for chain, at, kind, body in rows:
        moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        found.setdefault(chain, []).append((moment, kind, json.loads(body)))
    return found


def main(path: str) -> int:
    """Print what is wrong; the exit code."""
    rows = sqlite3.connect(path).execute("SELECT chain, at, kind, body FROM journal ORDER BY chain, seq")
    wrong = [f"{chain}: {line}" for chain, entries in journals(rows).items() for line in recompute(entries)]
    print("\n".join(wrong) or "every clock is right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
