"""The database server itself is restarted, and crashed, while commands run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import SubmitApplication
from engine.errors import StoreUnavailable
from engine.store import migrate
from engine.verify import verify
from tests.engine.small import AREA, open_small, person, relief
from tests.servers import remove_postgres, start_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Postgres

ANN = person("ann")
THREADS = 4


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of this test's own, with fsync: it will be crashed."""
    started = start_postgres(durable=True)
    started.execute("create database restarted")
    migrate(started.database_url("restarted"))
    yield started
    remove_postgres(started)


@pytest.mark.parametrize("kill", [False, True], ids=["restart", "crash"])
def test_restart_under_load(server: Postgres, kill: bool) -> None:
    office = open_small(server.database_url("restarted"), relief(), size=THREADS)
    stop = threading.Event()
    accepted: dict[str, str] = {}
    refusals: Counter[str] = Counter()

    def submit(thread: int) -> None:
        turn = 0
        while not stop.is_set():
            key = f"s-{thread}-{turn}"
            try:
                command = SubmitApplication(key, "relief", AREA, {"reason": "fire"})
                accepted[key] = office.bus.execute(command, ANN, office.now)["case"]
            except StoreUnavailable as error:
                refusals[error.code] += 1
                time.sleep(0.05)
                continue
            turn += 1

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    progress: list[int] = []
    for _ in range(2):
        time.sleep(0.5)
        server.stop(kill=kill)
        time.sleep(0.3)
        server.start()
        before = len(accepted)
        until(lambda before=before: len(accepted) > before + THREADS)
        progress.append(len(accepted))
    stop.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert set(refusals) <= {"store-unavailable"}
    assert sum(refusals.values()) > 0
    kept = dict(office.rows("SELECT id, case_id FROM command WHERE kind = 'SubmitApplication'"))
    assert {key: kept[key] for key in accepted} == accepted
    # What was under way when the server went may be in or not, but never half: the next answer tells.
    assert len(kept) - len(accepted) <= THREADS
    numbers = sorted(int(row[0][-4:]) for row in office.rows("SELECT id FROM cases"))
    assert numbers == list(range(1, len(kept) + 1))
    assert list(verify(office.bus.store)) == []
    office.close()


def until(done: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "the pool did not recover"
        time.sleep(0.02)


def test_full_disk(sqlite_url: str) -> None:
    """A database that cannot be written refuses plainly, and works again when it can."""
    office = open_small(sqlite_url, relief())
    store: Any = office.bus.store
    store._writer.execute("PRAGMA max_page_count = 1")

    def fill() -> None:
        for number in range(2000):
            command = SubmitApplication(f"s{number}", "relief", AREA, {"reason": "x" * 150})
            office.bus.execute(command, ANN, office.now)

    with pytest.raises(StoreUnavailable) as refused:
        fill()
    assert "full" in refused.value.values["reason"]
    assert list(verify(store)) == []
    store._writer.execute("PRAGMA max_page_count = 1073741823")
    office.submit()
    assert list(verify(store)) == []
    office.close()
