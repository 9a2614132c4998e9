"""Migrations carried out in the background: a little at each round of the relay, so that other work goes on beside it.

A line is ours as long as the lease; what becomes of its case is decided in one commit (`commands.migrating`). Whoever is
killed between leaves the line to the next: nothing is lost, and nothing is done twice, for the command's id is the line's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import engine_actor
from engine.clock import ClockError
from engine.commands import CarryMigration, EndMigration, ListMigration
from engine.core.faults import CoreError
from engine.errors import CommandReused, Conflict, EngineError, StoreUnavailable
from engine.store import outbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from engine.bus import Bus
    from engine.store.outbox import MigrationLine

MIGRATION = engine_actor("migration")


def carry_migrations(bus: Bus, clock: Callable[[], datetime], lease: timedelta, limit: int) -> int:
    """Decide about the next cases of the migrations that run, `limit` of each at most; how much was done."""
    with bus.store.reading() as reader:
        running = reader.rows(
            "SELECT id, revision, listed FROM migration WHERE state = 'running' ORDER BY id"
        )
    return sum(
        _round(bus, clock, lease, limit, name, int(revision), bool(listed))
        for name, revision, listed in running
    )


def _round(
    bus: Bus,
    clock: Callable[[], datetime],
    lease: timedelta,
    limit: int,
    name: str,
    revision: int,
    listed: bool,
) -> int:
    now = clock()
    lines = outbox.claim_migration(bus.store, name, now, now + lease, limit)
    for line in lines:
        _carry(bus, clock, line)
    if lines:
        return len(lines)
    if not listed:
        command = ListMigration(f"migration:{name}:list:{revision}", name)
        try:
            bus.execute(command, MIGRATION, clock())
        except (Conflict, CommandReused):
            return 0  # another carrier lists, or somebody stopped it
        return 1
    if not outbox.migration_left(bus.store, name):
        bus.execute(EndMigration(f"migration:{name}:end:{revision}", name), MIGRATION, clock())
    return 0


def _carry(bus: Bus, clock: Callable[[], datetime], line: MigrationLine) -> None:
    name = f"migration:{line.migration}:{line.case}:{line.tries}"
    try:
        bus.execute(CarryMigration(name, line.migration, line.case), MIGRATION, clock())
    except StoreUnavailable:
        raise
    except Conflict:
        return  # people were faster again and again; its turn comes when the lease is over
    except (EngineError, CoreError, ClockError) as error:
        # The case stays as it was, and its line says why; it is tried again when it has moved on.
        broken = CarryMigration(f"{name}:fault", line.migration, line.case, fault=error.code)
        bus.execute(broken, MIGRATION, clock())
