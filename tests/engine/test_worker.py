"""Celery over a real Redis: everything in the outbox is carried out, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.commands import ProposeMigration, Publish, StartMigration
from engine.effects import Effects
from engine.package import pack
from engine.relay import Carrier
from engine.verify import verify
from engine.worker import Publisher
from tests.conftest import ROOT
from tests.engine.migrated import faults
from tests.engine.small import open_small, person, relief
from tests.engine.test_migrating import version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.engine.small import Small

BOB, LEA = person("bob"), person("lea", "leader")


@pytest.fixture
def office(postgres_url: str) -> Iterator[Small]:
    small = open_small(postgres_url, relief())
    small.now = datetime.now(UTC)
    yield small
    small.close()


def start_worker(url: str, broker: str, file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.engine.worker_process", url, broker, str(file)]
    with (file.parent / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=log, stderr=log)


def waiting_payment(office: Small) -> None:
    first = office.work(office.submit()["opened"][0], BOB, {"amount": "605.00"})
    office.work(first["opened"][0], LEA)


def until_all_ended(office: Small, count: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while office.rows("SELECT count(*) FROM cases WHERE state = 'ended'") != [(count,)]:
        assert time.monotonic() < end, office.rows("SELECT state, count(*) FROM outbox GROUP BY state")
        time.sleep(0.05)


def test_a_killed_worker_loses_nothing(
    office: Small, postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    bank = tmp_path / "bank"
    for _ in range(40):
        waiting_payment(office)
    worker = start_worker(postgres_url, redis_url, bank)
    try:
        until_some = time.monotonic() + 30
        while not bank.exists() or bank.read_text().count("\n") < 8:
            assert time.monotonic() < until_some, (tmp_path / "log").read_text()
            time.sleep(0.01)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        assert office.rows("SELECT count(*) FROM cases WHERE state = 'open'") != [(0,)]
        worker = start_worker(postgres_url, redis_url, bank)
        until_all_ended(office, 40, 40)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(20)
    calls = Counter(line.split()[0] for line in bank.read_text().splitlines())
    assert len(calls) == 40
    assert list(verify(office.bus.store)) == []


def test_the_worker_migrates_cases(office: Small, postgres_url: str, redis_url: str, tmp_path: Path) -> None:
    """The publisher beside the worker brings cases over."""
    cases = [office.submit()["case"] for _ in range(60)]
    new = version()
    office.do(Publish("second", "relief", archive=pack(new)))
    asked = office.do(ProposeMigration("p", "relief", new.digest), person("ana", "analyst", ""))
    office.do(StartMigration("s", asked["migration"], 1), person("pam", "process_admin", ""))
    worker = start_worker(postgres_url, redis_url, tmp_path / "bank")
    try:
        until(lambda: office.rows("SELECT state FROM migration") == [("ended",)], tmp_path)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(20)
    assert office.rows("SELECT state, count(*) FROM migration_case GROUP BY state") == [("moved", len(cases))]
    assert office.rows("SELECT count(*) FROM journal WHERE kind = 'migrated'") == [(len(cases),)]
    assert faults(office.bus.store, office.bus.office.packages) == []
    assert list(verify(office.bus.store)) == []


def until(done: Callable[[], bool], folder: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.02)


def test_a_lost_broker_costs_only_time(office: Small) -> None:
    """What was handed to a broker that then forgot it is handed over again when the lease is over."""
    waiting_payment(office)
    clock = Effects(office.bus.office.packages, lambda: office.now)
    sent: list[str] = []
    publisher = Publisher(Carrier(office.bus, {}, clock), sent.append)
    assert publisher.round() == 1
    assert publisher.round() == 0
    office.later(seconds=61)
    assert publisher.round() == 1
    assert sent == [sent[0]] * 2
    assert office.rows("SELECT tries FROM outbox") == [(0,)]


def test_a_broker_that_is_down_stops_nothing(office: Small) -> None:
    waiting_payment(office)
    clock = Effects(office.bus.office.packages, lambda: office.now)

    def refuse(message: str) -> None:
        raise ConnectionError(message)

    publisher = Publisher(Carrier(office.bus, {}, clock), refuse, poll_seconds=0.01)
    publisher.start()
    time.sleep(0.1)
    waiting_payment(office)
    assert publisher.is_alive()
    publisher.stop()
    publisher.join(5)
    assert office.rows("SELECT count(*) FROM outbox WHERE state = 'open'") == [(2,)]
