"""`migrate`: let the open cases of a process go on with another version; those that cannot stay where they are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.access import engine_actor
from engine.cli import show
from engine.commands import MigrateCase
from engine.errors import CannotMigrate, CaseEnded, NotFound
from engine.office import Office, open_office
from engine.queries.migration import Planned, plan_migration
from engine.settings import read_settings

if TYPE_CHECKING:
    import argparse

_ENGINE = engine_actor("migration")


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("migrate", help="let open cases go on with another version of their process")
    parser.add_argument("process")
    parser.add_argument("--to", type=int, help="number of the version (default: the newest)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Plan, then migrate case by case, each in a commit of its own; stopping and starting again loses nothing."""
    office = open_office(read_settings())
    try:
        to = version(office, options.process, options.to)
        plan = list(
            plan_migration(office.store, office.bus.access, _ENGINE, office.versions, options.process, to)
        )
        moved = 0
        if not options.dry_run:
            for one in plan:
                moved += not one.obstacles and migrate(office, one, to)
    finally:
        office.close()
    if options.json:
        show.json({"to": to, "moved": moved, "cases": plan})
    else:
        _tell(plan, to, moved, dry=options.dry_run)
    return 0


def version(office: Office, process: str, number: int | None) -> str:
    """The digest of a published version by its number, the newest without; NotFound if there is none."""
    which = "AND number = ?" if number is not None else "ORDER BY number DESC LIMIT 1"
    with office.store.reading() as reader:
        sql = f"SELECT digest FROM version WHERE process = ? {which}"  # noqa: S608 - words of ours
        found = reader.rows(sql, (process, number) if number is not None else (process,))
    if not found:
        raise NotFound(kind="version", id=f"{process} {number or ''}".strip())
    return str(found[0][0])


def migrate(office: Office, planned: Planned, to: str) -> bool:
    """Migrate one case; False if it has ended or moved on to where it cannot any more."""
    now = datetime.now(office.settings.zone)
    command = MigrateCase(f"migrate:{to[:12]}:{planned.case}:{planned.revision}", planned.case, to)
    try:
        return bool(office.bus.execute(command, _ENGINE, now)["migrated"])
    except (CannotMigrate, CaseEnded):
        return False


def _tell(plan: list[Planned], to: str, moved: int, *, dry: bool) -> None:
    ready = Counter(one.package[:12] for one in plan if not one.obstacles)
    show.table("can go on", ["version", "cases"], list(ready.items()))
    blocked = [one for one in plan if one.obstacles]
    rows = [
        (one.case, one.package[:12], obstacle.element, obstacle.code, dict(obstacle.values))
        for one in blocked
        for obstacle in one.obstacles
    ]
    show.table("stay where they are", ["case", "version", "element", "why", ""], rows)
    done = f"{sum(ready.values())} would go on" if dry else f"{moved} went on"
    show.line(f"{done} with version {to[:12]}, {len(blocked)} stay")
