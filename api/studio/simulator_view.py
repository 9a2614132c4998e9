"""What a simulation came to, as the page and the files show it: sums, work, counties, and the cases by right."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from api.shapes import area_name
from api.studio.charts import Pair, pairs_chart
from engine.queries.jobs import job_result
from engine.replay.measure import PAID, VERDICTS
from engine.store.exact import unpack

if TYPE_CHECKING:
    from api.frame import Asked
    from api.studio.frame import Opened
    from api.studio.sheets import Table
    from engine.store.rows_jobs import JobRow

#: Lines of the page's list; the files hold all.
SHOWN: Final = 50


@dataclass(frozen=True)
class Told:
    """One simulation, ready to be shown."""

    row: JobRow
    wish: dict[str, Any]
    summary: dict[str, Any]
    rows: list[dict[str, Any]]
    of: int
    money: bool
    tables: dict[str, Table]
    charts: list[tuple[str, str]]
    #: Whether cases stand in the list that the asker may not see by number.
    hidden: bool

    @property
    def verdicts(self) -> list[tuple[str, int]]:
        """How many cases came to what, the ones that somebody wants to know of first."""
        return [(name, int(self.summary["verdicts"].get(name, 0))) for name in VERDICTS]

    @property
    def known(self) -> int:
        """Cases over which the sums are."""
        return int(self.summary["cases"]) - int(self.summary["verdicts"].get("unknown", 0))


def tell(asked: Asked, found: Opened, row: JobRow) -> Told | None:
    """The simulation of a finished job; None where it came to nothing."""
    result = job_result(asked.office.store, row)
    if result is None:
        return None
    wish = unpack(row.input)
    summary = result["summary"]
    money = (wish.get("measure") or PAID) == PAID
    rows, hidden = _rows(asked, found, result["rows"], wish["source"] == "archive")
    tables = _tables(asked, found, summary, money)
    pairs = {
        name: [Pair(str(line[0]), Decimal(line[-3]), Decimal(line[-2])) for line in tables[name][1:]]
        for name in ("work", "counties")
    }
    charts = [
        (asked.say(f"simulator.{name}"), _chart(asked, f"simulator.{name}", one))
        for name, one in pairs.items()
        if one
    ]
    return Told(row, wish, summary, rows, int(result["of"]), money, tables, charts, hidden)


def _chart(asked: Asked, title: str, pairs: list[Pair]) -> str:
    lines = asked.say("list-mark").join(
        asked.say("simulator.chart-line", name=one.name, before=one.before, after=one.after) for one in pairs
    )
    return pairs_chart(pairs, asked.say("simulator.chart", title=asked.say(title), lines=lines))


def _tables(asked: Asked, found: Opened, summary: dict[str, Any], money: bool) -> dict[str, Table]:
    before, after, difference = (asked.say(f"simulator.{name}") for name in ("before", "after", "difference"))
    ended = int(summary["ended"]) or 1
    days = [round(Decimal(summary[f"days_{side}"]) / ended, 2) for side in ("before", "after")]
    sums = [Decimal(_tidy(summary[side]) or 0) for side in ("before", "after")]
    names = found.package.labels
    work_before, work_after = summary["work_before"], summary["work_after"]
    lanes = sorted(
        {*work_before, *work_after}, key=lambda lane: -max(work_before.get(lane, 0), work_after.get(lane, 0))
    )
    today = asked.today
    return {
        "sums": [
            [asked.say("scenarios.what"), before, after, difference],
            [asked.say("simulator.money" if money else "simulator.value"), *_difference(*sums)],
            [asked.say("simulator.days"), *_difference(*days)],
        ],
        "work": [
            [asked.say("simulator.lane"), before, after, difference],
            *(
                [_lane(asked, lane), *_difference(work_before.get(lane, 0), work_after.get(lane, 0))]
                for lane in lanes
            ),
        ],
        "counties": [
            [asked.say("simulator.county"), asked.say("simulator.cases"), before, after, difference],
            *(
                [
                    area_name(asked.office.law, code, today) or code,
                    count,
                    *_difference(Decimal(was), Decimal(now)),
                ]
                for code, (count, was, now) in sorted(summary["counties"].items())
            ),
        ],
        "unmet": [
            [asked.say("simulator.step"), asked.say("simulator.cases")],
            *([names.get(one, one), count] for one, count in _most(summary["unmet"])),
        ],
        "decisions": [
            [asked.say("simulator.decision"), asked.say("simulator.cases")],
            *([names.get(one, one), count] for one, count in _most(summary["decisions"])),
        ],
    }


def _difference(before: Any, after: Any) -> list[Any]:
    return [before, after, after - before]


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _lane(asked: Asked, lane: str) -> str:
    if not lane:
        return asked.say("simulator.no-lane")
    key = f"role.{lane}"
    told = asked.say(key)
    return lane if told == key else told


def _rows(
    asked: Asked, found: Opened, given: list[dict[str, Any]], invented: bool
) -> tuple[list[dict[str, Any]], bool]:
    """The cases; by number only where the asker may see them (or they are nobody's), else counted."""
    access = asked.office.bus.access
    seen: dict[str, bool] = {}
    hidden = False
    rows = []
    for number, one in enumerate(given, 1):
        area = one["area"]
        if area not in seen:
            seen[area] = invented or access.may(asked.actor, "see", found.process, area)
        shown = seen[area]
        hidden = hidden or not shown
        rows.append(
            {
                **one,
                **{name: _tidy(one[name]) for name in ("before", "after", "days_before", "days_after")},
                "case": one["case"] if shown else None,
                "name": one["case"] if shown else asked.say("simulator.case-hidden", number=number),
            }
        )
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    rows.sort(key=lambda row: order[row["verdict"]])
    return rows, hidden


def files(asked: Asked, told: Told) -> list[tuple[str, Table]]:
    """Everything as tables for a file."""
    titles = [(name, asked.say(f"simulator.{name}")) for name in told.tables]
    head = [asked.say(f"simulator.{name}") for name in ("case", "outcome", "before", "after")]
    days = [f"{asked.say('simulator.days')} {asked.say(f'simulator.{side}')}" for side in ("before", "after")]
    rows: Table = [[*head, *days, asked.say("simulator.unmet"), asked.say("simulator.decisions")]]
    for one in told.rows:
        values = [_number(one[name]) for name in ("before", "after", "days_before", "days_after")]
        verdict = asked.say(f"simulator.verdict-{one['verdict']}")
        rows.append([one["name"], verdict, *values, " ".join(one["unmet"]), " ".join(one["decisions"])])
    verdicts: Table = [[asked.say("simulator.outcome"), asked.say("simulator.cases")]]
    verdicts += [[asked.say(f"simulator.verdict-{name}"), count] for name, count in told.verdicts]
    return [
        (asked.say("simulator.verdicts"), verdicts),
        *((title, told.tables[name]) for name, title in titles),
        (asked.say("simulator.case"), rows),
    ]


def _tidy(text: Any) -> str | None:
    """A number without zeros behind it."""
    if text is None:
        return None
    return str(text).rstrip("0").rstrip(".") if "." in str(text) else str(text)


def _number(text: Any) -> Decimal | None:
    return Decimal(text) if text is not None else None
