"""One running installation: settings turned into a store, a bus, a relay, a vault, and the law in force.

The only place that knows how the parts are put together; the server, the worker, the command line and the tests all
open an office and use its bus.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.access import Access, engine_actor
from engine.bus import Bus
from engine.checking import Checker
from engine.chores import Chore
from engine.clock import Calendar, Law, read_calendar, read_law
from engine.commands import NoteLook, Publish
from engine.commands import Office as Frame
from engine.commands.notices import EMAIL, SMS
from engine.commands.versions import Versions
from engine.connectors import register as connector_register
from engine.documents.handler import document_handler
from engine.documents.retention import archive_due
from engine.documents.vault import FolderVault, Vault
from engine.effects import Effects
from engine.errors import PackageBroken
from engine.jobs.launch import Launcher
from engine.notices import line_handlers, notice_handler
from engine.package import Package, pack, process_names, read_package
from engine.relay import Relay
from engine.store import migrate, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from engine.access import Actor
    from engine.effects import Register
    from engine.feel import World
    from engine.settings import Settings
    from engine.store.session import Store

SYSTEM = engine_actor("installation")
#: What an interrupted writing left in the vault is taken away after this long.
_SWEPT = timedelta(days=1)


@dataclass
class Office:
    """The parts of one installation. `close` gives everything back."""

    settings: Settings
    store: Store
    versions: Versions
    law: Law
    calendar: Calendar
    bus: Bus
    vault: Vault
    relay: Relay
    handlers: Register
    checker: Checker
    jobs: Launcher
    _policies: tuple[str, ...] = field(default=())

    def close(self) -> None:
        """Stop the relay and give the connections back."""
        self.relay.stop()
        self.jobs.stop()
        self.store.close()

    def world(self, now: datetime) -> World:
        """FEEL's surroundings at a moment: calendar and law of the jurisdiction."""
        return replace(self.bus.office.world, now=now.astimezone(self.settings.zone))

    def refresh(self) -> bool:
        """Take over policies that another process published; whether there were any."""
        with self.store.reading() as reader:
            sql = "SELECT process, digest FROM version UNION ALL SELECT process, '' FROM draft ORDER BY 1, 2"
            current = tuple(f"{process} {digest}" for process, digest in reader.rows(sql))
            if current == self._policies:
                return False
            access = read_access(
                self.settings.root, self.versions.policies(reader), self.versions.begun(reader)
            )
        access.witness = self._witness
        self.bus.access = access
        self._policies = current
        return True

    def _witness(self, actor: Actor, key: str, shown: bool) -> None:
        note = NoteLook(f"look:{secrets.token_hex(16)}", key[:100], actor.id, actor.name, shown)
        self.bus.execute(note, SYSTEM, datetime.now(UTC))

    def publish(self, package: Package, command: str, now: datetime) -> Mapping[str, Any]:
        """Publish a package from the tree (installation, tests); PackageBroken lists the errors of lint."""
        answer = self.bus.execute(Publish(command, package.name, archive=pack(package)), SYSTEM, now)
        self.refresh()
        return answer.values

    def standing(self, package: Package) -> Mapping[str, Any] | None:
        """The newest version, if the tree's files must not take its place by themselves; None if they may.

        What somebody published in the studio, or went back to, stays until somebody decides otherwise; so does what
        came after these very files.
        """
        sql = "SELECT number, digest, origin FROM version WHERE process = ? ORDER BY number DESC"
        with self.store.reading() as reader:
            known = reader.rows(sql, (package.name,))
        if not known or (known[0][2] == "tree" and package.digest not in {digest for _, digest, _ in known}):
            return None
        return {"process": package.name, "number": known[0][0], "digest": known[0][1]}

    def publish_tree(
        self, now: datetime, broken: Callable[[PackageBroken], None] | None = None
    ) -> list[Mapping[str, Any]]:
        """Publish every process of the tree whose files changed since the last time, unless the studio rules it.

        A broken one is told to `broken` and stays as it was, so that one fault does not close the office; without
        `broken` it is raised.
        """
        published = []
        for name in process_names(self.settings.root):
            package = read_package(self.settings.root, name)
            try:
                stands = self.standing(package)
                published.append(stands or self.publish(package, f"install:{package.digest}", now))
            except PackageBroken as fault:
                if broken is None:
                    raise
                broken(fault)
        return published


def open_office(settings: Settings, *, handlers: Register | None = None, relay: bool = False) -> Office:
    """Open the database (migrating it), read law and policies; with `relay` start carrying out the outbox."""
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    law, calendar = read_jurisdiction(settings.root, settings.jurisdiction)
    versions = Versions(store)
    vault = FolderVault(settings.data / "vault")
    carried = handlers if handlers is not None else standard_handlers(settings, vault)
    checker = Checker(law, calendar, carried, lambda: datetime.now(settings.zone))
    frame = Frame(
        versions,
        law.as_world(calendar, datetime.now(UTC)),
        check=checker,
        lines=frozenset(carried) & {SMS, EMAIL},
    )
    bus = Bus(store, frame, read_access(settings.root, {}))
    office = Office(
        settings=settings,
        store=store,
        versions=versions,
        law=law,
        calendar=calendar,
        bus=bus,
        vault=vault,
        relay=Relay(bus, carried, Effects(versions, now=lambda: datetime.now(UTC))),
        handlers=carried,
        checker=checker,
        jobs=Launcher(settings, store),
    )
    office.refresh()
    filing = Chore("archive", timedelta(hours=1), lambda now: len(archive_due(office, now, limit=3)))
    sweeping = Chore("sweep", _SWEPT, lambda now: vault.sweep((now - _SWEPT).timestamp()))
    launching = Chore("jobs", timedelta(seconds=1), office.jobs.look)
    office.relay.carrier.chores += [filing, sweeping, launching]
    bus.committed = office.relay.wake
    if relay:
        office.relay.start()
    return office


def read_access(root: Path, policies: Mapping[str, str], begun: tuple[str, ...] = ()) -> Access:
    """The policies of the current versions over the common ones of the tree; `begun` have no version yet."""
    folder = root / "policies"
    return Access((folder / "model.conf").read_text(), (folder / "base.csv").read_text(), policies, begun)


def read_jurisdiction(root: Path, jurisdiction: str) -> tuple[Law, Calendar]:
    """Law and working days from policies/law/<jurisdiction>/; a broken file is a ClockError that names it."""
    folder = root / "policies" / "law" / jurisdiction
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return read_law(texts), read_calendar(texts)


def standard_handlers(settings: Settings, vault: Vault) -> Register:
    """What carries out the outbox of a real office: documents, notices, connectors."""
    return {
        "document": document_handler(settings, vault),
        "notice": notice_handler(settings),
        **connector_register(settings),
        **line_handlers(settings),
    }
