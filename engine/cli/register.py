"""`register load`: enter what was there before the installation into a register, from a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.access import engine_actor
from engine.cli import show
from engine.entries import enter
from engine.office import open_office
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

_LOADER = engine_actor("console")


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("register", help="registers that cases write")
    inner = parser.add_subparsers(dest="what", required=True)
    load = inner.add_parser("load", help="enter items from a CSV file; those already there stay as they are")
    load.add_argument("register")
    load.add_argument("file", type=Path)
    load.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Enter every line; the first that cannot be read stops, what was entered before stays."""
    office = open_office(read_settings())
    try:
        entered, known = enter(office, options.register, options.file, _LOADER, datetime.now(UTC))
    finally:
        office.close()
    show.line(f"{entered} entered, {known} were there")
    return 0
