"""The serving process and the relay are killed at random moments under load; afterwards everything is there once.

Ten kills per database in the ordinary run, 200 with BANJIAN_THOROUGH=1. Clients repeat what they got no answer for
with the same command id, as browsers and other systems do.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import socket
import threading
import time
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import OpenFund
from engine.documents.vault import FolderVault
from engine.verify import verify
from tests.conftest import THOROUGH
from tests.crash import process
from tests.engine.small import AREA, open_small, person
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = 200 if THOROUGH else 10
CLIENTS = 4
SEED = 20260803


class Pair:
    """The two processes; each is started again when it was killed."""

    def __init__(self, database: str, folder: Path) -> None:
        # The fork server has everything imported: a killed process is back in milliseconds.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.crash.process"])
        self.port = free_port()
        self._arguments = {"serve": (database, self.port), "carry": (database, str(folder))}
        self._running: dict[str, Any] = {}
        for role in self._arguments:
            self.start(role)

    def start(self, role: str) -> None:
        ready = self._context.Event()
        child = self._context.Process(
            target=getattr(process, role), args=(*self._arguments[role], ready), daemon=True
        )
        child.start()
        assert ready.wait(60)
        self._running[role] = child

    def kill(self, role: str) -> None:
        self._running[role].kill()
        self._running[role].join()

    def close(self) -> None:
        for role in self._running:
            self.kill(role)


class Client(threading.Thread):
    """Gives commands until told to stop; keeps what was accepted."""

    def __init__(self, number: int, port: int, stop: threading.Event) -> None:
        super().__init__()
        self.accepted: list[tuple[str, dict[str, Any]]] = []
        self.repeats = 0
        self.refused: list[str] = []
        self._number = number
        self._port = port
        self._stop_now = stop
        self._line: Any = None

    def run(self) -> None:
        for turn in range(1_000_000):
            if self._stop_now.is_set():
                self._hang_up()
                return
            name = f"{self._number}-{turn}"
            opened = self.ask("submit", f"submit-{name}")["opened"][0]
            revision = self.ask("claim", f"claim-{name}", task=opened)["revision"]
            self.ask("complete", f"done-{name}", task=opened, revision=revision, data={"amount": "5.10"})

    def ask(self, kind: str, key: str, **fields: Any) -> dict[str, Any]:
        """Send until answered."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if self._line is None:
                    with socket.create_connection(("127.0.0.1", self._port), 20) as connection:
                        self._line = connection.makefile("rwb")  # keeps the connection open by itself
                self._line.write(json.dumps({"kind": kind, "id": key, **fields}).encode() + b"\n")
                self._line.flush()
                answer = json.loads(self._line.readline())
            except (OSError, ValueError):
                self.repeats += 1
                self._hang_up()
                time.sleep(0.01)
                continue
            if "error" in answer:
                self.refused.append(answer["error"])
                assert answer["error"] == "store-unavailable", answer
                continue
            self.accepted.append((key, answer))
            return answer  # type: ignore[no-any-return]
        raise AssertionError(f"{key} was never answered")

    def _hang_up(self) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.close()
        self._line = None


@pytest.fixture
def pair(store_url: str, tmp_path: Path) -> Iterator[Pair]:
    office = open_small(store_url, process.aid())
    fund = OpenFund("open", "F1", "town fund", AREA, Decimal(1_000_000), Decimal(1_000_000))
    office.do(fund, person("fin", "county_finance"))
    office.close()
    running = Pair(store_url, tmp_path)
    yield running
    running.close()


@pytest.mark.timeout(3600 if THOROUGH else 280)
def test_killed_at_random_moments(pair: Pair, store_url: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    stop = threading.Event()
    clients = [Client(number, pair.port, stop) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 0.4))
        role = chance.choice(["serve", "carry"])
        pair.kill(role)
        pair.start(role)
    stop.set()
    for client in clients:
        client.join(120)
        assert not client.is_alive()
    office = open_small(store_url, process.aid())
    end = time.monotonic() + 120
    while office.rows("SELECT count(*) FROM cases WHERE state = 'open'") != [(0,)]:
        assert time.monotonic() < end, office.rows(
            "SELECT kind, state, tries, error FROM outbox WHERE state = 'open'"
        )
        time.sleep(0.1)
    assert list(verify(office.bus.store, FolderVault(tmp_path / "vault"))) == []
    check_commands(office, clients)
    check_money(office, tmp_path, len([k for c in clients for k, _ in c.accepted if k.startswith("done")]))
    repeats = sum(client.repeats for client in clients)
    done = sum(len(client.accepted) for client in clients)
    print(f"{KILLS} kills, {done} commands accepted, {repeats} repeated, seed {SEED}")
    office.close()


def check_commands(office: Any, clients: list[Client]) -> None:
    """Every accepted command is there once, with the answer that its sender got."""
    kept = dict(office.rows("SELECT id, answer FROM command WHERE kind <> 'FireTimer'"))
    for client in clients:
        for key, answer in client.accepted:
            assert json.loads(kept[key]) == answer
    accepted = [key for client in clients for key, _ in client.accepted]
    assert len(accepted) == len(set(accepted))
    people = [key for key in kept if key.split("-")[0] in ("submit", "claim", "done")]
    assert sorted(people) == sorted(accepted)
    assert office.rows("SELECT count(*) FROM cases") == [
        (len([k for k in accepted if k.startswith("submit")]),)
    ]


def check_money(office: Any, folder: Path, cases: int) -> None:
    """The ledger says what the bank says; every case has one payment and one letter, with numbers without a gap."""
    paid = dict(line.split() for line in (folder / "bank").read_text().splitlines())
    assert len(paid) == cases
    [(balance, reserved)] = office.rows("SELECT balance, reserved FROM fund")
    assert reserved == 0
    assert 100_000_000 - balance == sum(Decimal(amount) * 100 for amount in paid.values())
    settled = office.rows("SELECT count(*), sum(amount) FROM fund_entry WHERE kind = 'settle'")[0]
    assert (settled[0], int(settled[1])) == (cases, cases * 510)
    messages = office.rows("SELECT id FROM outbox WHERE kind = 'pay'")
    assert {row[0] for row in messages} == set(paid)
    letters = office.rows("SELECT case_id, number FROM document")
    assert len(letters) == len({case for case, _ in letters}) == cases
    numbers = sorted(int(number.split("〕")[1].removesuffix("号")) for _, number in letters)
    assert numbers == list(range(1, cases + 1))
