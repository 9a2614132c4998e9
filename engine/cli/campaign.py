"""`campaign open`, `campaign show`: one case for every fitting item of a register, and how they stand."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.access import engine_actor
from engine.cli import show
from engine.cli.case import CONSOLE
from engine.commands import OpenCampaign
from engine.office import open_office
from engine.queries import campaign, campaigns
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

_INSTALLER = engine_actor("console")


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("campaign", help="open one case for every fitting item of a register")
    inner = parser.add_subparsers(dest="what", required=True)
    opened = inner.add_parser("open", help="open the campaign of a process for a period")
    opened.add_argument("process")
    opened.add_argument("period", help="as the process names its periods: 2025")
    opened.add_argument("--area", required=True, help="code of the area: 1407, 140702")
    opened.add_argument("--json", action="store_true")
    opened.set_defaults(run=_open)
    shown = inner.add_parser("show", help="progress and results; without a name all campaigns")
    shown.add_argument("name", nargs="?")
    shown.add_argument("--json", action="store_true")
    shown.set_defaults(run=_show)


def _open(options: argparse.Namespace) -> int:
    office = open_office(read_settings())
    try:
        command = OpenCampaign(uuid.uuid4().hex, options.process, options.area, options.period)
        answer = dict(office.bus.execute(command, _INSTALLER, datetime.now(UTC)).values)
    finally:
        office.close()
    if options.json:
        show.json(answer)
    else:
        name = answer["campaign"] or "nothing new"
        told = (
            f"{answer['fitting']} fitting, {answer['opened']} to be opened, {answer['already']} already there"
        )
        show.line(f"{name}: {told}")
    return 0


def _show(options: argparse.Namespace) -> int:
    office = open_office(read_settings())
    try:
        if options.name:
            view = campaign(office.store, office.bus.access, CONSOLE, options.name)
            told = {**view.row._asdict(), "states": view.states, "steps": view.steps, "results": view.results}
            show.json(told) if options.json else show.table("campaign", ["what", "number"], _figures(told))
        else:
            rows = [row._asdict() for row in campaigns(office.store, office.bus.access, CONSOLE)]
            if options.json:
                show.json(rows)
            else:
                columns = ["id", "process", "area", "period", "total", "opened_at"]
                show.table("campaigns", columns, [[str(row[name]) for name in columns] for row in rows])
    finally:
        office.close()
    return 0


def _figures(told: dict[str, Any]) -> list[list[str]]:
    groups = ("states", "steps", "results")
    lines = [
        [f"{group[:-1]} {name}", str(number)] for group in groups for name, number in told[group].items()
    ]
    return [["total", str(told["total"])], *lines]
