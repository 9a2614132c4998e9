"""`compare`: what differs between two versions of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.cli.migrate import version
from engine.compare import Difference, compare
from engine.office import Office, open_office
from engine.package import Package, read_package
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("compare", help="say what differs between two versions of a process")
    parser.add_argument("process")
    parser.add_argument("--was", type=int, help="number of the earlier version (default: the newest)")
    parser.add_argument(
        "--now", type=int, help="number of the later version (default: the files of the tree)"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the differences by file; exit code 1 if there are any, as `diff` does."""
    settings = read_settings()
    office = open_office(settings)
    try:
        before = _package(office, options.process, options.was)
        if options.now is None:
            after = read_package(settings.root, options.process)
        else:
            after = _package(office, options.process, options.now)
    finally:
        office.close()
    found = compare(before, after)
    if options.json:
        show.json(found)
    else:
        show.table("", ["file", "", "element", "part", "before", "after"], map(_row, found))
        show.line(f"{len(found)} differences between {before.digest[:12]} and {after.digest[:12]}")
    return 1 if found else 0


def _package(office: Office, process: str, number: int | None) -> Package:
    return office.versions.at(version(office, process, number))


def _row(one: Difference) -> tuple[str, ...]:
    label = f"{one.element} {one.name}".strip()
    before, after = ("" if value is None else show.text(value) for value in (one.before, one.after))
    return one.file, one.what.value, label, one.part, before, after
