"""Completed tasks per second on PostgreSQL, beside what the bare driver reaches with the same rows in the same run.

    python -m bench.throughput [--tasks 6000] [--processes 2] [--threads 4] [--seconds-between 0]

One database is filled with cases that wait at a claimed task with a 2 KB form, and cloned. On the first clone the
engine completes every task (bus, access, form, core, journal, one commit each). On the second the statements that the
engine sent are sent again by psycopg alone, with the same values, from as many processes and threads. fsync is on.
"""

from __future__ import annotations

import argparse
import multiprocessing
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg

from engine.commands import ClaimTask, CompleteTask, SubmitApplication
from engine.store import migrate
from engine.store.postgres import _configure
from tests.engine.small import RULES, Small, ends, form, model, open_small, package, person, task
from tests.servers import remove_postgres, start_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.package import Package

AREA = "140702001"
CLERK = person("bob")
#: About 2 KB of answers in twelve fields.
FIELDS = 12
ANSWERS = {f"field_{number}": f"{number}: " + "临时救助申请材料核对无误" * 4 for number in range(FIELDS)}
Statement = tuple[str, Sequence[object]] if TYPE_CHECKING else tuple


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
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def timed(work: Callable[[], None]) -> tuple[float, float]:
    begin = time.time()
    work()
    return begin, time.time()


def race(target: Callable[..., None], address: str, shares: Sequence[Any], threads: int) -> float:
    """Seconds from the common start to the last end of all processes."""
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(len(shares)), context.Queue()
    processes = [
        context.Process(target=target, args=(address, share, threads, gate, results)) for share in shares
    ]
    for process in processes:
        process.start()
    spans = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


@dataclass
class Figures:
    engine: float
    bare: float
    one_thread_ms: float

    def show(self) -> None:
        print(f"engine, in process     {self.engine:8.0f} completed tasks/s")
        print(f"bare psycopg, same rows{self.bare:8.0f} commands/s")
        print(f"ratio                  {self.engine / self.bare:8.2f}")
        print(f"one thread, one command{self.one_thread_ms:8.2f} ms")


def measure(tasks: int, processes: int, threads: int) -> Figures:
    server = start_postgres(durable=True)
    try:
        server.execute("create database source")
        migrate(server.database_url("source"))
        waiting = fill(server.database_url("source"), tasks)
        for name in ("engine", "bare", "captured", "single"):
            server.execute(f"create database {name} template source")
        server.execute("checkpoint")
        shares = [waiting[number::processes] for number in range(processes)]
        through = race(complete, server.database_url("engine"), shares, threads)
        single = race(complete, server.database_url("single"), [waiting[:1000]], 1)
        sets = capture(server.database_url("captured"), waiting)
        server.execute("checkpoint")
        alone = race(replay, server.dsn("bare"), [sets[n::processes] for n in range(processes)], threads)
    finally:
        remove_postgres(server)
    return Figures(tasks / through, tasks / alone, single / min(tasks, 1000) * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=6000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    given = parser.parse_args()
    measure(given.tasks, given.processes, given.threads).show()


if __name__ == "__main__":
    main()
