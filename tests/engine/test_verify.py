"""Every kind of damage that `verify` promises to find is found, and a sound installation is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.documents.vault import FolderVault
from engine.verify import verify
from tests.crash.process import aid
from tests.engine.models import watch
from tests.engine.small import open_small, person, relief

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.small import Small

BOB, LEA = person("bob"), person("lea", "leader")


@pytest.fixture
def office(store_url: str) -> Iterator[Small]:
    """One case at a task, one waiting for the bank, one with timers, one that ended."""
    small = open_small(store_url, relief(), watch(), aid())
    small.submit()
    first = small.work(small.submit()["opened"][0], BOB, {"amount": "1"})
    small.work(first["opened"][0], LEA)
    small.carrier.drain()
    first = small.work(small.submit()["opened"][0], BOB, {"amount": "1"})
    small.work(first["opened"][0], LEA)
    small.submit("watch")
    assert list(verify(small.bus.store)) == []
    yield small
    small.close()


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (
            "UPDATE task SET state = 'done' WHERE state = 'open' AND element = 'register'",
            "token-without-task",
        ),
        ("UPDATE task SET state = 'open' WHERE element = 'approve'", "task-without-token"),
        ("DELETE FROM task WHERE state = 'open'", "token-without-task"),
        ("DELETE FROM outbox WHERE state = 'open'", "token-without-message"),
        ("UPDATE outbox SET state = 'done' WHERE state = 'open'", "answered-call-open"),
        ("UPDATE outbox SET state = 'open' WHERE state = 'done'", "message-without-token"),
        ("UPDATE timer SET token = 4711 WHERE element = 'every'", "timer-without-token"),
        ("UPDATE cases SET state = 'ended' WHERE state = 'open'", "state-differs"),
        ("UPDATE cases SET state = 'open' WHERE state = 'ended'", "state-differs"),
        ("UPDATE cases SET incidents = 1", "incidents-differ"),
        ("UPDATE cases SET marking = variables", "state-damaged"),
        ("UPDATE cases SET package = 'gone'", "state-damaged"),
        ("DELETE FROM cases WHERE state = 'ended'", "no-such-case"),
        ("DELETE FROM command WHERE kind = 'ClaimTask'", "command-missing"),
        ("UPDATE journal SET command = 'c1' WHERE seq = 2", "command-twice"),
    ],
)
def test_damage(office: Small, sql: str, code: str) -> None:
    office.bus.store.run(sql)
    assert code in {flaw.code for flaw in verify(office.bus.store)}


def test_vault(office: Small, tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "vault", durable=False)
    name, gone = vault.put(b"paper"), vault.put(b"other")
    columns = "id, case_id, name, sha256, size, media_type, added_at"
    case = office.rows("SELECT id FROM cases")[0][0]
    for key, file in (("m1", name), ("m2", gone)):
        office.bus.store.run(
            f"INSERT INTO material ({columns}) VALUES (?, ?, 'x', ?, 5, 'text/plain', ?)",
            (key, case, file, office.now),
        )
    assert list(verify(office.bus.store, vault)) == []
    vault.path(gone).unlink()
    vault.path(name).chmod(0o640)
    vault.path(name).write_bytes(b"paper!")
    assert {(flaw.code, flaw.subject) for flaw in verify(office.bus.store, vault)} == {
        ("file-damaged", "m1"),
        ("file-missing", "m2"),
    }
