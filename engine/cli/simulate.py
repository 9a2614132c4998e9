"""`simulate`: what the decided cases of a period would have come to under the files of the tree."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.office import open_office
from engine.package import read_package
from engine.replay.measure import PAID
from engine.replay.share import answered, question_of
from engine.replay.suppose import Supposed
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from engine.replay.measure import Compared, Summary

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
    parser.add_argument(
        "--suppose",
        action="append",
        default=[],
        metavar="PARAMETER=VALUE[@DAY]",
        help="a parameter of the law that would have another value (from a day on); may be repeated",
    )
    parser.add_argument("--archive", action="store_true", help="cases of the demonstration archive")
    parser.add_argument("--processes", type=int, default=2, help="how many processes work at it")
    parser.add_argument("--json", action="store_true", help="every case, and the sums")
    parser.set_defaults(run=run)


def _supposed(text: str) -> Supposed:
    """`fast_small_cap=0.8@2026-08-01` as a supposed parameter."""
    name, _, rest = text.partition("=")
    value, _, day = rest.partition("@")
    number: Any = value
    with suppress(InvalidOperation):
        number = Decimal(value)
    return Supposed(
        name, {"true": True, "false": False}.get(value, number), date.fromisoformat(day) if day else None
    )


def run(options: argparse.Namespace) -> int:
    """Play and print sums, workload by lane, and the cases that come out otherwise."""
    settings = read_settings()
    open_office(settings).close()  # the schema is brought up to date
    question = question_of(
        settings,
        read_package(settings.root, options.process),
        options.since,
        options.until or datetime.now(settings.zone).date(),
        archived=options.archive,
        measure=options.measure,
        supposed=list(map(_supposed, options.suppose)),
    )
    answer = answered(question, options.processes)
    if options.json:
        show.json({"summary": answer.summary, "cases": answer.rows})
    else:
        _tell(answer.summary, answer.rows)
    return 0


def _tell(summary: Summary, found: Sequence[Compared]) -> None:
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
