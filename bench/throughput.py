"""Completed tasks per second on PostgreSQL, beside what the bare driver reaches with the same rows in the same run.

    python -m bench.throughput [--tasks 6000] [--processes 2] [--threads 12] [--no-http]

One database is filled with cases that wait at a claimed task with a 2 KB form, and cloned. On the first clone the
engine completes every task (bus, access, form, core, journal, one commit each). On the second the statements that the
engine sent are sent again by psycopg alone, with the same values, from as many processes and threads. fsync is on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench.race import race, run_threads, timed
from bench.sheet import ANSWERS, WIDE, open_office
from bench.through_http import admit, through_http
from engine.commands import ClaimTask, CompleteTask, SubmitApplication
from engine.store import migrate
from engine.store.postgres import _configure
from tests.engine.small import Small, person
from tests.servers import remove_postgres, start_postgres

Statement = tuple[str, Sequence[object]]


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
    parser.add_argument("--threads", type=int, default=12)
    parser.add_argument("--no-http", action="store_true", help="leave out the serving processes")
    given = parser.parse_args()
    measure(given.tasks, given.processes, given.threads, http=not given.no_http).show()


if __name__ == "__main__":
    main()
