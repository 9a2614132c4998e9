"""Completed tasks per second on PostgreSQL, beside what the bare driver reaches with the same rows in the same run.

    python -m bench.throughput [--tasks 6000] [--processes 2] [--threads 4] [--no-http]

One database is filled with cases that wait at a claimed task with a 2 KB form, and cloned. On the first clone the
engine completes every task (bus, access, form, core, journal, one commit each). On the second the statements that the
engine sent are sent again by psycopg alone, with the same values, from as many processes and threads. fsync is on.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import socket
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import uvicorn

from engine.commands import ClaimTask, CompleteTask, SubmitApplication
from engine.settings import Settings
from engine.store import migrate, open_store
from engine.store.postgres import _configure
from engine.store.tx import Tx
from tests.engine.small import RULES, Small, ends, form, model, open_small, package, person, task
from tests.servers import free_port, remove_postgres, start_postgres

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.package import Package

AREA = "140702001"
CLERK = person("bob")
#: About 2 KB of answers in twelve fields.
FIELDS = 12
ANSWERS = {f"field_{number}": f"{number}: " + "临时救助申请材料核对无误" * 4 for number in range(FIELDS)}
Statement = tuple[str, Sequence[object]]


def sheet() -> Package:
    """Two tasks in a row; the first has a 2 KB form."""
    elements = ends() + task("userTask", "check", deadline="=now() + duration(&quot;P5D&quot;)")
    elements += task("userTask", "confirm", separate_from="check")
    bpmn = model(
        "sheet",
        {"clerk": "check", "leader": "confirm"},
        elements,
        "begin>check check>confirm confirm>done",
    )
    fields = [{"key": key, "type": "longtext", "required": True} for key in ANSWERS]
    return package("sheet", bpmn, RULES.format("sheet"), {"check": form("check", *fields)})


def open_office(url: str, size: int) -> Small:
    """An office of the shell's parts only."""
    return open_small(url, sheet(), size=size)


def fill(url: str, count: int) -> list[tuple[str, int]]:
    """Cases that wait at a task claimed by the clerk; (task, revision) of each."""
    office = open_office(url, 10)
    found: list[tuple[str, int]] = []

    def some(first: int) -> None:
        for number in range(first, count, 8):
            # Many days and counties, as numbers of one day and county are drawn one after the other.
            area = f"1407{number % 89 + 10:02d}001"
            start = SubmitApplication(f"s{number}", "sheet", area, channel="window")
            opened = office.bus.execute(start, person("bob", area="1407"), office.now)["opened"][0]
            claimed = office.bus.execute(ClaimTask(f"k{number}", opened), WIDE, office.now)
            found.append((opened, claimed["revision"]))

    run_threads(8, some)
    office.close()
    return found


WIDE = person("bob", area="1407")


def complete(url: str, tasks: Sequence[tuple[str, int]], threads: int, gate: Any, results: Any) -> None:
    """One process's share through the engine."""
    office = open_office(url, threads)
    now = datetime.now(UTC)

    def some(first: int) -> None:
        for key, revision in tasks[first::threads]:
            office.bus.execute(CompleteTask(f"d:{key}", key, revision, ANSWERS), WIDE, now)

    # The first commands load the package and the pool; they are part of nobody's figure.
    office.bus.office.packages.current(_reader(office), "sheet").definition  # noqa: B018
    gate.wait()
    results.put(timed(lambda: run_threads(threads, some)))
    office.close()


def _reader(office: Small) -> Any:
    context = office.bus.store.reading()
    return context.__enter__()


def replay(dsn: str, sets: Sequence[Sequence[Statement]], threads: int, gate: Any, results: Any) -> None:
    """One process's share through psycopg alone."""
    connections = [
        psycopg.connect(dsn, autocommit=True, prepare_threshold=0, cursor_factory=psycopg.RawCursor)
        for _ in range(threads)
    ]
    for connection in connections:
        _configure(connection)

    def some(first: int) -> None:
        connection = connections[first]
        for statements in sets[first::threads]:
            for sql, values in statements:
                connection.execute(sql, values, binary=True).fetchall()

    gate.wait()
    results.put(timed(lambda: run_threads(threads, some)))


def capture(url: str, tasks: Sequence[tuple[str, int]]) -> list[list[Statement]]:
    """Complete every task once more elsewhere, and keep the statements of each command."""
    office = open_office(url, 2)
    sent: list[Statement] = []
    original = psycopg.Connection.execute

    def listening(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        sent.append((query, tuple(params or ())))
        return original(self, query, params, **options)

    psycopg.Connection.execute = listening  # type: ignore[method-assign, assignment]
    found = []
    for key, revision in tasks:
        sent.clear()
        office.bus.execute(CompleteTask(f"d:{key}", key, revision, ANSWERS), WIDE, datetime.now(UTC))
        found.append(list(sent))
    psycopg.Connection.execute = original  # type: ignore[method-assign]
    office.close()
    return found


def run_threads(count: int, work: Callable[[int], None]) -> None:
    """Work in so many threads, to the end."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """When the work began and ended."""
    begin = time.time()
    work()
    return begin, time.time()


def race(target: Callable[..., None], addresses: Sequence[str], shares: Sequence[Any], threads: int) -> float:
    """Seconds from the common start to the last end of all processes."""
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(len(shares)), context.Queue()
    processes = [
        context.Process(target=target, args=(address, share, threads, gate, results))
        for address, share in zip(addresses, shares, strict=True)
    ]
    for process in processes:
        process.start()
    spans = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


TOKEN = "bench"


def admit(url: str) -> None:
    """An account with a session, so that HTTP requests are the clerk's."""
    now = datetime.now(UTC)
    store = open_store(url)
    with store.writing() as session:
        tx = Tx(session, now)
        account = {
            "id": "bob",
            "name": "BOB",
            "language": "zh",
            "state": "active",
            "failures": 0,
            "created_at": now,
        }
        tx.insert("account", account)
        tx.insert("grant_", {"account": "bob", "role": "clerk", "area": "1407", "department": ""})
        held = {"account": "bob", "created_at": now, "expires_at": now + timedelta(days=1)}
        tx.insert("session", {"token": hashlib.sha256(TOKEN.encode()).hexdigest(), **held})
        session.flush(tx.writes)
    store.close()


def serve(url: str, port: int, ready: Any) -> None:
    """One serving process."""
    from api.app import create_app  # noqa: PLC0415 - only the serving process needs the edge
    from engine.office import open_office as open_whole  # noqa: PLC0415

    folder = tempfile.mkdtemp(prefix="banjian-bench-")
    office = open_whole(Settings(database=url, data=Path(folder), port=port, demonstration=False))
    config = uvicorn.Config(create_app(office), port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    threading.Thread(target=lambda: (_until_open(port), ready.set()), daemon=True).start()
    server.run()


def _until_open(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def click(address: str, tasks: Sequence[tuple[str, int]], threads: int, gate: Any, results: Any) -> None:
    """One client process: each thread keeps a connection and sends one completion after the other."""
    port = int(address)
    requests = [
        [_request(key, revision) for key, revision in tasks[number::threads]] for number in range(threads)
    ]
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(threads)]

    def some(number: int) -> None:
        line = lines[number]
        for request in requests[number]:
            line.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += line.recv(65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer.decode())
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            while len(body) < length:
                body += line.recv(65536)

    gate.wait()
    results.put(timed(lambda: run_threads(threads, some)))


def _request(key: str, revision: int) -> bytes:
    body = orjson.dumps({"revision": revision, "data": ANSWERS})
    head = (
        f"POST /api/tasks/{key}/complete HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Idempotency-Key: d:{key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def through_http(url: str, shares: Sequence[Sequence[tuple[str, int]]], threads: int) -> float:
    """Seconds that as many serving processes as shares need, each with its own client process."""
    context = multiprocessing.get_context("spawn")
    servers, addresses = [], []
    for _ in shares:
        port, ready = free_port(), context.Event()
        server = context.Process(target=serve, args=(url, port, ready), daemon=True)
        server.start()
        assert ready.wait(120)
        servers.append(server)
        addresses.append(str(port))
    try:
        return race(click, addresses, shares, threads)
    finally:
        for server in servers:
            server.kill()


@dataclass
class Figures:
    """What was measured, per second."""

    engine: float
    http: float
    bare: float
    one_thread_ms: float

    def show(self) -> None:
        """Print it with the ratios."""
        print(f"bare psycopg, same rows   {self.bare:8.0f} commands/s")
        print(
            f"engine, in process        {self.engine:8.0f} completed tasks/s  {self.engine / self.bare:6.2f} of bare"
        )
        if self.http:
            print(
                f"engine, through HTTP      {self.http:8.0f} completed tasks/s  {self.http / self.bare:6.2f} of bare"
            )
        print(f"one thread, one command   {self.one_thread_ms:8.2f} ms")


def measure(tasks: int, processes: int, threads: int, *, http: bool) -> Figures:
    """Fill once, clone, and run each way on a clone of its own."""
    server = start_postgres(durable=True)
    try:
        server.execute("create database source")
        migrate(server.database_url("source"))
        waiting = fill(server.database_url("source"), tasks)
        admit(server.database_url("source"))
        for name in ("engine", "bare", "captured", "single", "http"):
            server.execute(f"create database {name} template source")
        sets = capture(server.database_url("captured"), waiting)
        shares = [waiting[number::processes] for number in range(processes)]
        server.execute("checkpoint")
        alone = race(
            replay, [server.dsn("bare")] * processes, [sets[n::processes] for n in range(processes)], threads
        )
        server.execute("checkpoint")
        through = race(complete, [server.database_url("engine")] * processes, shares, threads)
        server.execute("checkpoint")
        web = through_http(server.database_url("http"), shares, threads) if http else 0.0
        server.execute("checkpoint")
        single = race(complete, [server.database_url("single")], [waiting[:1000]], 1)
    finally:
        remove_postgres(server)
    each = single / min(tasks, 1000) * 1000
    return Figures(tasks / through, tasks / web if web else 0.0, tasks / alone, each)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=6000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--no-http", action="store_true", help="leave out the serving processes")
    given = parser.parse_args()
    measure(given.tasks, given.processes, given.threads, http=not given.no_http).show()


if __name__ == "__main__":
    main()
