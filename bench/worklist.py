"""A clerk's requests with 100,000 open tasks: list, filter, search, open, claim next; milliseconds and bytes on the wire.

    python -m bench.worklist [--tasks 100000] [--rounds 40] [--postgres]

An office with the emergency-aid process gets some real cases, which are then copied row by row (cases, tasks, journal)
over towns and due moments. A server process of its own answers over HTTP, compressed, as browsers ask it. Figures are
whole round trips; `claim next` is the POST and the page of the task that it leads to. Ends with 1 if a median misses
150 ms or a page 30 kB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import sqlalchemy as sa
import uvicorn

from api.app import create_app
from api.auth import hash_password
from engine.access import Actor, Grant
from engine.commands import SubmitApplication
from engine.demonstration import PASSWORD, furnish
from engine.office import SYSTEM, open_office
from engine.package import read_package
from engine.settings import Settings
from engine.store.columns import area_columns
from engine.store.tables import metadata
from tests.servers import remove_postgres, start_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROCESS = "temporary-assistance"
TOWNS = ("140702001", "140702002", "140702003", "140703001", "140721100")
CLERK, LEADER = "beiguan.window", "beiguan.leader"
MOST_MS, MOST_BYTES = 150.0, 30_000
#: Real cases; every further one is a copy of one of them.
SEEDS = 40
_BATCH = 2000


def seed(settings: Settings) -> None:
    """The office with its process, its people and some real cases."""
    office = open_office(settings)
    now = datetime.now(UTC)
    office.publish(read_package(settings.root, PROCESS), "bench:publish", now)
    furnish(office, SYSTEM, hash_password(PASSWORD), now)
    window = Actor("beiguan.window", "王丽", (Grant("town_window", "140702001"),))
    data = {
        "for_whom": "self",
        "reporter": {"name": "张三丰", "phone": "13812345678"},
        "emergency_type": "robbery",
        "emergency_at": "2026-08-03T09:00",
        "place_detail": "汽车站",
        "persons": 1,
        "description": "钱包被偷" * 20,
    }
    for number in range(SEEDS):
        start = SubmitApplication(f"bench:{number}", PROCESS, "140702001001", data, "window")
        office.bus.execute(start, window, now)
    office.close()


def copy(url: str, count: int) -> None:
    """Fill up to `count` open tasks with copies."""
    address = url.replace("postgresql:", "postgresql+psycopg:", 1)
    engine = sa.create_engine(address)
    tables = metadata.tables
    with engine.begin() as connection:
        seeds = [row._asdict() for row in connection.execute(sa.select(tables["cases"]))]
        tasks = {row.case_id: row._asdict() for row in connection.execute(sa.select(tables["task"]))}
        entries: dict[str, list[dict[str, Any]]] = {}
        for row in connection.execute(sa.select(tables["journal"])):
            entries.setdefault(row.chain, []).append(row._asdict())
        begun = datetime.now(UTC)
        for first in range(0, count - len(seeds), _BATCH):
            numbers = range(first, min(first + _BATCH, count - len(seeds)))
            rows: dict[str, list[dict[str, Any]]] = {"cases": [], "task": [], "journal": []}
            for number in numbers:
                for name, found in _copied(number, seeds, tasks, entries, begun):
                    rows[name].append(found)
            for name, found_rows in rows.items():
                connection.execute(tables[name].insert(), found_rows)
        connection.execute(sa.text("ANALYZE"))
    engine.dispose()


def _copied(
    number: int,
    seeds: list[dict[str, Any]],
    tasks: dict[str, dict[str, Any]],
    entries: dict[str, list[dict[str, Any]]],
    begun: datetime,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of one more case: another number, town and due moment."""
    model = seeds[number % len(seeds)]
    area = f"{TOWNS[number % len(TOWNS)]}{number % 20 + 1:03d}"
    case = f"{area[:6]}MZ20261101{number:06d}"
    places = {"area": area, **area_columns(area)}
    task = tasks[model["id"]]
    due = begun + timedelta(minutes=number * 7 % 43_200 - 2_880)
    title = f"急难型临时救助 · 赵{number % 977:03d}"
    yield "cases", {**model, **places, "id": case, "title": title}
    yield (
        "task",
        {
            **task,
            **places,
            "id": f"{case}.{task['token']}",
            "case_id": case,
            "case_title": title,
            "due": due,
        },
    )
    for entry in entries[model["id"]]:
        yield "journal", {**entry, "chain": case}


def serve(data: str, url: str, port: int) -> None:
    """The server process."""
    office = open_office(Settings(data=Path(data), database=url))
    uvicorn.run(create_app(office), port=port, log_level="critical", access_log=False)


class Browser:
    """A signed-in clerk; sizes are those on the wire."""

    def __init__(self, base: str, account: str) -> None:
        self.client = httpx.Client(
            base_url=base, headers={"accept": "text/html"}, timeout=60, trust_env=False
        )
        told = self.client.post("/sign-in", data={"account": account, "password": PASSWORD})
        assert told.status_code == 303, told.text

    def get(self, path: str) -> tuple[str, int]:
        """A page and its bytes as they came."""
        with self.client.stream("GET", path) as answer:
            raw = b"".join(answer.iter_raw())
            assert answer.status_code == 200, (path, answer.status_code)
            response = httpx.Response(200, headers=answer.headers, content=raw)
            return response.text, len(raw)

    def next(self, path: str, command: str) -> tuple[str, int]:
        """Claim the next one, and the page that it leads to."""
        told = self.client.post(path, data={"command": command})
        assert told.status_code == 303, told.text
        assert "none-left" not in told.headers["location"]
        return self.get(told.headers["location"])


def measure(name: str, rounds: int, ask: Callable[[int], tuple[str, int]]) -> bool:
    """Print median, 95th percentile and the largest page; whether both bounds hold."""
    ask(0)
    spent, sizes = [], []
    for number in range(1, rounds + 1):
        begun = time.perf_counter()
        _, size = ask(number)
        spent.append((time.perf_counter() - begun) * 1000)
        sizes.append(size)
    median = statistics.median(spent)
    worst = statistics.quantiles(spent, n=20)[-1]
    good = median < MOST_MS and max(sizes) < MOST_BYTES
    print(
        f"  {name:<34}{median:>8.1f} ms{worst:>9.1f} ms{max(sizes) / 1000:>8.1f} kB  {'' if good else '!'}",
        flush=True,
    )
    return good


def run(base: str, rounds: int) -> bool:
    """All requests of the desk, each so many times."""
    clerk, leader = Browser(base, CLERK), Browser(base, LEADER)
    first, _ = clerk.get("/tasks")
    found = [part.split("?")[0].split('"')[0] for part in first.split('href="/tasks/')[1:]]
    tasks = [one for one in found if one[:6].isdigit()]
    more = first[first.index('rel="next" href="') + 17 :].split('"')[0].replace("&amp;", "&")
    print(f"  {'':<34}{'median':>11}{'p95':>12}{'largest':>11}")
    return all(
        [
            measure("list", rounds, lambda _: clerk.get("/tasks")),
            measure("list, next page", rounds, lambda _: clerk.get(more)),
            measure("filter: free, due soon", rounds, lambda _: clerk.get("/tasks?whose=free&urgency=soon")),
            measure(
                "filter: process and step",
                rounds,
                lambda _: clerk.get(f"/tasks?process={PROCESS}&step=register"),
            ),
            measure(
                "search: case number",
                rounds,
                lambda n: clerk.get(f"/tasks?search={tasks[n % len(tasks)][:22]}"),
            ),
            measure("search: name", rounds, lambda n: clerk.get(f"/tasks?search=赵{n % 977:03d}")),
            measure("open a task", rounds, lambda n: clerk.get(f"/tasks/{tasks[n % len(tasks)]}")),
            measure(
                "claim next and open it", rounds, lambda n: clerk.next("/tasks/next?whose=free", f"n{n}")
            ),
            measure("board of the town's leader", rounds, lambda _: leader.get("/board")),
        ]
    )


def main() -> int:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cluster = start_postgres(durable=True) if given.postgres else None
        url = None
        if cluster is not None:
            cluster.execute("CREATE DATABASE desk")
            url = f"postgresql://banjian@127.0.0.1:{cluster.port}/desk"
        try:
            return _bench(Path(folder), url, given.tasks, given.rounds)
        finally:
            if cluster is not None:
                remove_postgres(cluster)


def _bench(folder: Path, url: str | None, tasks: int, rounds: int) -> int:
    settings = Settings(data=folder) if url is None else Settings(data=folder, database=url)
    begun = time.monotonic()
    seed(settings)
    copy(settings.database_url, tasks)
    kind = "PostgreSQL" if url else "SQLite"
    print(
        f"{kind}, {tasks:,} open tasks, a fifth of them in the clerk's town (filled in {time.monotonic() - begun:.0f} s)"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(str(folder), settings.database_url, port)
    )
    server.start()
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base)
        return 0 if run(base, rounds) else 1
    finally:
        server.terminate()
        server.join(15)


def _wait(base: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{base}/health", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
