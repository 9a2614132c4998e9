"""`simulate`: what the decided cases of a period would have come to under the files of the tree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.office import open_office
from engine.package import read_package
from engine.replay import read_stories
from engine.replay.measure import PAID, Compared, Summary, simulate
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

#: Cases shown one by one: those that come out otherwise, the first of them.
_SHOWN = 50


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "simulate", help="play decided cases through the tree's version; nothing is written"
    )
    parser.add_argument("process")
    parser.add_argument(
        "--since", type=date.fromisoformat, required=True, help="cases that ended on this day or later"
    )
    parser.add_argument(
        "--until", type=date.fromisoformat, default=None, help="and not after this day (default: today)"
    )
    parser.add_argument(
        "--measure", default=PAID, help="FEEL that gives a number (default: all that was paid, in yuan)"
    )
    parser.add_argument("--json", action="store_true", help="every case, and the sums")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Play and print sums, workload by lane, and the cases that come out otherwise."""
    settings = read_settings()
    zone = settings.zone
    until = options.until or datetime.now(zone).date()
    span = (datetime.combine(day, time(), zone) for day in (options.since, until + timedelta(1)))
    draft = read_package(settings.root, options.process)
    office = open_office(settings)
    summary = Summary()
    try:
        with office.store.reading() as reader:
            stories = read_stories(reader, options.process, *span)
            world = office.world(datetime.now(zone))
            found = list(simulate(stories, office.versions.at, draft, world, summary, options.measure))
    finally:
        office.close()
    if options.json:
        show.json({"summary": summary, "cases": found})
    else:
        _tell(summary, found)
    return 0


def _tell(summary: Summary, found: list[Compared]) -> None:
    show.line(f"{summary.cases} cases", "bold")
    show.table("outcome", ["", "cases"], summary.verdicts.most_common())
    show.table(
        "measure (cases known on both sides)",
        ["before", "after", "difference"],
        [(summary.before, summary.after, summary.after - summary.before)],
    )
    lanes = sorted({*summary.work_before, *summary.work_after})
    show.table(
        "tasks by lane",
        ["lane", "before", "after"],
        [(lane or "—", summary.work_before[lane], summary.work_after[lane]) for lane in lanes],
    )
    show.table("asked anew, and unknown", ["element", "cases"], summary.unmet.most_common())
    show.table("decisions that come out otherwise", ["decision", "cases"], summary.decisions.most_common())
    other = [one for one in found if one.verdict != "same"]
    show.table(
        f"cases that come out otherwise ({len(other)}; the first {_SHOWN})",
        ["case", "", "before", "after", "days before", "days after"],
        [(c.case, c.verdict, c.before, c.after, c.days_before, c.days_after) for c in other[:_SHOWN]],
    )
