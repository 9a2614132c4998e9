"""How well the time of an answer tells a secret case from a missing one: it should not.

    python -m bench.secrecy [--rounds 400]

Asks over HTTP, in turn, for a secret case, for one that does not exist and for another that does not; prints per question
the medians and how often the secret one was slower than the missing one (0.5: nothing to be seen), beside the same of the
two missing ones, which is the noise.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from api.app import create_app
from api.auth import hash_password
from engine.access import Actor, Grant
from engine.commands import SubmitApplication
from engine.demonstration import PASSWORD, furnish
from engine.office import SYSTEM, Office, open_office
from engine.package import read_package
from engine.scenarios import read_scenarios
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESS = "adoption-registration"
ASKED = (
    ("GET", "/api/cases/{case}"),
    ("GET", "/api/tasks/{case}.9"),
    ("GET", "/cases/{case}/diagram.svg"),
    ("POST", "/api/cases/{case}/messages/withdrawal"),
    ("POST", "/api/tasks/{case}.9/claim"),
)
ACCOUNTS = ("zhang.san", "city.auditor", "admin", "pingyao.registrar")


def slower(one: list[float], other: list[float]) -> float:
    """How often a time of the first is longer than one of the second (ties count half)."""
    return sum((a > b) + (a == b) / 2 for a, b in product(one, other)) / (len(one) * len(other))


def served(office: Office) -> Iterator[str]:
    """The address of a server over the office."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(office), port=0, log_level="critical", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def begin(office: Office) -> str:
    """A secret case; its number."""
    package = read_package(office.settings.root, PROCESS)
    case = read_scenarios(package.scenarios or b"").cases[0]
    family = Actor("li.xiuying", "李秀英", (Grant("resident", ""),))
    command = SubmitApplication("bench:case", PROCESS, case.start.area, case.start.data)
    return str(office.bus.execute(command, family, datetime.now(UTC))["case"])


def measure(
    address: str, account: str, cases: tuple[str, str, str], rounds: int
) -> Iterator[tuple[float, float]]:
    """Print one line per question for one account; how far from a coin's throw the secret is, and how far chance is."""
    with httpx.Client(base_url=address, timeout=30) as client:
        told = client.post("/api/sessions", json={"account": account, "password": PASSWORD}).json()
        headers = {"authorization": f"Bearer {told['token']}"}
        for method, path in ASKED:
            times: tuple[list[float], ...] = ([], [], [])
            for turn in range(rounds + 10):
                order = [(turn + place) % 3 for place in range(3)]
                for which in order:
                    body: dict[str, Any] | None = {"data": {}} if "messages" in path else None
                    begun = time.perf_counter()
                    answer = client.request(
                        method, path.format(case=cases[which]), headers=headers, json=body
                    )
                    if turn >= 10:
                        times[which].append((time.perf_counter() - begun) * 1000)
                    assert answer.status_code == 404, (path, answer.text)
            secret, missing, other = times
            told_by, chance = slower(secret, missing), slower(other, missing)
            print(
                f"{account:18} {method:4} {path:42} secret {statistics.median(secret):7.2f} ms"
                f"  missing {statistics.median(missing):7.2f} ms  slower {told_by:.3f}"
                f"  noise {chance:.3f}"
            )
            yield abs(told_by - 0.5), abs(chance - 0.5)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(Settings(data=Path(folder)))
        now = datetime.now(UTC)
        office.publish(read_package(office.settings.root, PROCESS), "bench", now)
        furnish(office, SYSTEM, hash_password(PASSWORD), now)
        case = begin(office)
        gone = tuple(case[:-8] + f"{(int(case[-8:]) + n) % 10**8:08d}" for n in (11_111_111, 22_222_222))
        for address in served(office):
            found = [
                one
                for account in ACCOUNTS
                for one in measure(address, account, (case, gone[0], gone[1]), rounds)
            ]
            told, chance = (statistics.fmean(one) for one in zip(*found, strict=True))
            print(f"from a coin's throw, on average: secret {told:.3f}, noise {chance:.3f}")
        office.close()


if __name__ == "__main__":
    main()
