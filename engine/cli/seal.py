"""`seal`: sign the roots of finished days (once a day from cron; the embedded server does it by itself)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.office import open_office
from engine.sealing import seal_days
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("seal", help="sign one root over all journals for every finished day")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Seal what is due and say which days."""
    settings = read_settings()
    office = open_office(settings)
    try:
        days = seal_days(office, datetime.now(settings.zone))
    finally:
        office.close()
    if options.json:
        show.json({"sealed": days})
    else:
        show.line(f"sealed: {', '.join(day.isoformat() for day in days) or 'nothing was due'}")
    return 0
