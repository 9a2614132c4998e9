"""`publish`: make the files of the tree the current version, after every check."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.office import Office, open_office
from engine.package import Package, process_names, read_package
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "publish", help="check the files of a process and make them its current version"
    )
    parser.add_argument("process", nargs="*", help="process names (default: all)")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Publish into the database of this installation; PackageBroken says why not."""
    settings = read_settings()
    office = open_office(settings)
    try:
        published = []
        for name in options.process or process_names(settings.root):
            package = read_package(settings.root, name)
            published.append(take_tree(office, package, datetime.now(settings.zone)))
    finally:
        office.close()
    if options.json:
        show.json(published)
    else:
        rows = [(one["process"], one["number"], one["digest"][:12]) for one in published]
        show.table("published", ["process", "version", "digest"], rows)
    return 0


def take_tree(office: Office, package: Package, now: datetime) -> Mapping[str, Any]:
    """Make the tree's files the current version, whatever was published before; also if they were once before."""
    stands = office.standing(package)
    after = stands["number"] if stands else 0
    return office.publish(package, f"publish:{package.digest}:{after}", now)
