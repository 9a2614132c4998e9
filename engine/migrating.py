"""Migrations carried out in the background: a little at each round of the relay, so that other work goes on beside it.

A line is ours as long as the lease; what becomes of its case is decided in one commit (`commands.migration_lines`). Whoever is
killed between leaves the line to the next: nothing is lost, and nothing is done twice, for the command's id is the line's.
A case that cannot be brought over for a reason nobody thought of keeps its line with the fault; `relay.Carrier` sees to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import engine_actor
from engine.commands import CarryMigration, EndMigration, ListMigration
from engine.errors import CommandReused, Conflict
from engine.store import outbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from engine.bus import Bus
    from engine.commands import Command
    from engine.store.outbox import MigrationLine

MIGRATION = engine_actor("migration")


def carry_migrations(
    bus: Bus,
    clock: Callable[[], datetime],
    lease: timedelta,
    limit: int,
    carry: Callable[[MigrationLine], None],
) -> int:
    """Let `carry` decide about the next cases of the migrations that run, `limit` of each at most; how much was done."""
    with bus.store.reading() as reader:
        running = reader.rows(
            "SELECT id, revision, listed FROM migration WHERE state = 'running' ORDER BY id"
        )
    done = 0
    for name, revision, listed in running:
        now = clock()
        lines = outbox.claim_migration(bus.store, name, now, now + lease, limit)
        for line in lines:
            carry(line)
        done += len(lines) or _further(bus, clock, name, int(revision), bool(listed))
    return done


def _further(bus: Bus, clock: Callable[[], datetime], name: str, revision: int, listed: bool) -> int:
    """List further cases, or end the migration that has none left; how much was done."""
    if not listed:
        return int(_told(bus, ListMigration(f"migration:{name}:list:{revision}", name), clock()))
    if not outbox.migration_left(bus.store, name):
        _told(bus, EndMigration(f"migration:{name}:end:{revision}", name), clock())
    return 0


def bring_over(bus: Bus, line: MigrationLine, now: datetime) -> None:
    """Decide about one case; raises what stands in its way."""
    try:
        bus.execute(CarryMigration(_name(line), line.migration, line.case), MIGRATION, now)
    except Conflict:
        return  # people were faster again and again; its turn comes when the lease is over


def blame(bus: Bus, line: MigrationLine, error: Exception, now: datetime) -> None:
    """Let the case stay as it was, with a line that says what went wrong; it is tried again when it has moved on."""
    fault = getattr(error, "code", None) or type(error).__name__
    _told(bus, CarryMigration(f"{_name(line)}:fault", line.migration, line.case, fault=str(fault)), now)


def _told(bus: Bus, command: Command, now: datetime) -> bool:
    """Whether the command was carried out; not if another carrier or a person was faster, which is as well."""
    try:
        bus.execute(command, MIGRATION, now)
    except (Conflict, CommandReused):
        return False
    return True


def _name(line: MigrationLine) -> str:
    return f"migration:{line.migration}:{line.case}:{line.tries}"
