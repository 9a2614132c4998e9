"""`serve`: migrate, publish what changed in the tree, furnish the demonstration office, and answer on localhost."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.cli import show
from engine.demonstration import PASSWORD, furnish, people
from engine.office import SYSTEM, open_office
from engine.sealing import seal_days
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

    from engine.errors import PackageBroken
    from engine.office import Office


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("serve", help="run the server (PORT, BANJIAN_DATA and further BANJIAN_* apply)")
    parser.add_argument("--prepare", action="store_true", help="do everything but serve")
    parser.add_argument("--quiet", action="store_true", help="do not print the accounts")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    import uvicorn  # noqa: PLC0415 - only this verb needs the server

    from api.app import create_app  # noqa: PLC0415 - the one place where the engine's console starts the edge

    begun = time.monotonic()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = read_settings()
    show.line(f"· database {settings.database_url.split('@')[-1]}")
    office = open_office(settings, relay=not options.prepare and not settings.broker)
    prepare(office, quiet=options.quiet)
    if options.prepare:
        office.close()
        return 0
    show.line(f"· ready after {time.monotonic() - begun:.1f} s")
    show.line(
        f"  {settings.base_url}/ for everybody · {settings.base_url}/tasks for clerks · {settings.base_url}/schema for programs",
        "bold",
    )
    try:
        uvicorn.run(
            create_app(office), host=settings.host, port=settings.port, log_level="warning", access_log=False
        )
    finally:
        office.close()
    return 0


def _tell_broken(fault: PackageBroken) -> None:
    values = fault.values
    show.line(f"! process {values['process']} is not published, {values['count']} errors:", "red")
    for finding in values["findings"]:
        show.line(f"  {finding}", "red")


def prepare(office: Office, *, quiet: bool = False) -> None:
    """Publish the tree's processes and furnish the demonstration office; safe at every start."""
    settings = office.settings
    now = datetime.now(settings.zone)
    for day in seal_days(office, now):
        show.line(f"· journals of {day} sealed")
    for one in office.publish_tree(now, broken=_tell_broken):
        show.line(f"· process {one['process']} version {one['number']} ({one['digest'][:12]})")
    if not settings.demonstration:
        return
    from api.auth import hash_password  # noqa: PLC0415 - hashing is the edge's affair

    added = furnish(office, SYSTEM, hash_password(PASSWORD), now)
    if quiet:
        return
    if added:
        lines = people(settings.root, settings.jurisdiction)
        areas = {area.code: area.name for area in office.law.areas}
        rows = [
            (
                one.account,
                one.name,
                one.role or "resident",
                areas.get(one.area, one.area or "everywhere"),
                one.department,
            )
            for one in lines
        ]
        show.table(
            f"demonstration accounts (password of all: {PASSWORD})",
            ["account", "name", "role", "area", "department"],
            rows,
        )
    else:
        show.line(
            f"· demonstration accounts are listed at {settings.base_url}/sign-in (password of all: {PASSWORD})"
        )
