"""Verifications per second from the public page over HTTP, beside a bare page of the same size in the same run.

    python -m bench.verification [--seconds 10] [--processes 2] [--threads 6] [--papers 2000] [--sqlite]

Real serving processes over one database, as in production; the callers share their two cores. Every caller stays below
what the brakes allow one address (so the callers have hundreds of addresses, 127.a.b.c). `fresh` looks up every paper for
the first time, `again` papers that somebody looked up before, each with a select in the register. Then one paper is
revoked, and every process must say so at once. Answers and logs are searched for names, identity numbers, telephones and
the callers' addresses.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import socket
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from litestar import Litestar, Response, get

from api.brakes import ALLOWANCES
from bench.race import run_threads, timed
from engine.settings import Settings
from engine.store import migrate, open_store
from engine.store.tx import Tx
from tests.servers import free_port, remove_postgres, start_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME, ID_NUMBER, TELEPHONE = "欧阳锦绣", "142401199003079984", "13812345678"
ADDRESS = "127.77."
#: Requests on one connection; one address may ask for so many at once.
BURST = ALLOWANCES["verify"].burst - 2
DAY = datetime(2026, 3, 4, tzinfo=UTC)


def token(number: int) -> str:
    """The word of a paper."""
    return f"BENCH{number:015d}".translate(str.maketrans("01", "XY"))


def fill(url: str, papers: int) -> None:
    """Certificates as the process issues them; the case behind them holds what must not be told."""
    migrate(url)
    store = open_store(url)
    public = json.dumps(
        {
            "item_name": "在职党员干部到居住地报到情况反馈",
            "purpose_name": "党组织关系、发展党员",
            "recipient": "某局机关党委",
            "person.name": "欧***",
            "person.id_no": "142401********9984",
        },
        ensure_ascii=False,
    )
    for first in range(0, papers, 500):
        with store.writing() as session:
            tx = Tx(session, DAY)
            for number in range(first, min(papers, first + 500)):
                tx.insert("document", _paper(number, public))
            session.flush(tx.writes)
    store.close()


def _paper(number: int, public: str) -> dict[str, Any]:
    return {
        "id": f"d{number}", "case_id": f"case-of-{NAME}-{number}", "code": "CE06", "element": "issue_certificate",
        "number": f"140702001001-2026-{number:05d}-1", "title": json.dumps({"zh": "证明", "en": "Certificate"}),
        "token": token(number), "sha256": f"{number:064x}", "size": 1, "media_type": "application/pdf",
        "public": public, "signed_by": "公章", "state": "valid", "issued_on": "2026-03-04", "issued_at": DAY,
        "valid_until": f"{datetime.now(UTC).date() + timedelta(days=30)}", "purpose": "party",
        "relied": 0, "internal": 0,
    }  # fmt: skip


def serve(url: str, port: int, log: str, bare: int) -> None:
    """One serving process; with `bare`, one that answers nothing but a page of so many bytes."""
    sys.stdout = sys.stderr = Path(log).open("a", buffering=1)  # noqa: SIM115 - as long as the process lives
    if bare:
        page = Response(b"x" * bare, media_type="text/html")

        @get("/verify/{word:str}", sync_to_thread=False)
        def plain(word: str) -> Response[bytes]:  # noqa: ARG001 - the path has it
            return page

        app = Litestar([plain], openapi_config=None, logging_config=None)
    else:
        from api.app import create_app  # noqa: PLC0415 - only the serving process needs the edge
        from engine.office import open_office  # noqa: PLC0415

        folder = Path(tempfile.mkdtemp(prefix="banjian-bench-"))
        app = create_app(open_office(Settings(database=url, data=folder, port=port, demonstration=False)))
    uvicorn.run(app, port=port, log_level="warning", access_log=False)


@contextmanager
def serving(url: str, processes: int, folder: str, *, bare: int = 0) -> Iterator[list[int]]:
    """So many processes; their ports."""
    context = multiprocessing.get_context("spawn")
    ports = [free_port() for _ in range(processes)]
    started = [
        context.Process(target=serve, args=(url, port, f"{folder}/serve-{port}.log", bare), daemon=True)
        for port in ports
    ]
    for process in started:
        process.start()
    try:
        for port, process in zip(ports, started, strict=True):
            _until_open(port, process)
        yield ports
    finally:
        for process in started:
            process.terminate()
            process.join(20)


def _until_open(port: int, process: Any) -> None:
    while True:
        if not process.is_alive():
            raise RuntimeError(f"the process on port {port} did not start; see its log")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


@dataclass
class Asked:
    """What one caller process is to do."""

    port: int
    caller: int
    words: Sequence[str]
    threads: int


def call(asked: Asked, gate: Any, results: Any) -> None:
    """Ask for every word once, from as many addresses as the brakes ask for; seconds and the answers' look."""
    sizes: list[int] = []
    faults: list[str] = []

    def some(first: int) -> None:
        words = asked.words[first :: asked.threads]
        for batch in range(0, len(words), BURST):
            address = f"{ADDRESS}{asked.caller * asked.threads + first + 1}.{batch // BURST % 250 + 1}"
            with socket.create_connection(("127.0.0.1", asked.port), source_address=(address, 0)) as line:
                for word in words[batch : batch + BURST]:
                    body = ask(line, word)
                    sizes.append(len(body))
                    if any(secret.encode() in body for secret in (NAME, ID_NUMBER, TELEPHONE, ADDRESS)):
                        faults.append(word)

    gate.wait()
    span = timed(lambda: run_threads(asked.threads, some))
    results.put((span, max(sizes), faults))


def ask(line: socket.socket, word: str) -> bytes:
    """The page for a word; RuntimeError for anything but a page."""
    line.sendall(f"GET /verify/{word} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer[:300].decode())
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65536)
    return body


def race(
    ports: Sequence[int], words: Sequence[str], threads: int, first: int
) -> tuple[float, int, list[str]]:
    """(requests a second, bytes of the longest answer, words whose answer held a secret)."""
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(len(ports)), context.Queue()
    callers = [
        context.Process(
            target=call, args=(Asked(port, first + place, words[place :: len(ports)], threads), gate, results)
        )
        for place, port in enumerate(ports)
    ]
    for caller in callers:
        caller.start()
    told = [results.get(timeout=300) for _ in callers]
    for caller in callers:
        caller.join()
    seconds = max(end for (_, end), *_ in told) - min(begin for (begin, _), *_ in told)
    return (
        len(words) / seconds,
        max(size for _, size, _ in told),
        [word for *_, some in told for word in some],
    )


def revoked_at_once(url: str, ports: Sequence[int], word: str) -> bool:
    """Whether every process tells a paper's end with the first answer after it."""
    store = open_store(url)
    with store.writing() as session:
        tx = Tx(session, datetime.now(UTC))
        tx.update("document", ("d0",), {"state": "revoked", "state_reason": "内容不实"}, {"state": "valid"})
        session.flush(tx.writes)
    store.close()
    told = []
    for port in ports:
        with socket.create_connection(("127.0.0.1", port), source_address=(f"{ADDRESS}250.250", 0)) as line:
            told.append("已撤销" in ask(line, word).decode())
    return all(told)


def counted(url: str) -> int:
    """How many verifications the register has counted."""
    store = open_store(url)
    with store.reading() as reader:
        total = reader.rows("SELECT coalesce(sum(times), 0) FROM verification")[0][0]
    store.close()
    return int(total)


def measure(url: str, given: argparse.Namespace) -> int:
    """Run and print; 1 when something was told that must not be, or a revocation came late."""
    fill(url, given.papers)
    words = [token(number) for number in range(given.papers)]
    rounds = max(1, given.requests // given.papers)
    with tempfile.TemporaryDirectory() as folder:
        with serving(url, given.processes, folder) as ports:
            fresh, size, leaks = race(ports, words, given.threads, 0)
            again, _, more = race(ports, words * rounds, given.threads, 10)
            at_once = revoked_at_once(url, ports, token(0))
        logs = "".join(path.read_text() for path in Path(folder).glob("*.log"))
        with serving(url, given.processes, folder, bare=size) as ports:
            bare, _, _ = race(ports, words * rounds, given.threads, 20)
    noted = [secret for secret in (NAME, ID_NUMBER, TELEPHONE, ADDRESS, *words[:50]) if secret in logs]
    asked = given.papers * (rounds + 1) + given.processes
    print(f"bare page of {size} bytes   {bare:7.0f} answers/s")
    print(f"papers looked up first  {fresh:7.0f} verifications/s  {fresh / bare:5.2f} of bare")
    print(f"papers looked up again  {again:7.0f} verifications/s  {again / bare:5.2f} of bare")
    print(f"revocation shows in every process with the next answer: {'yes' if at_once else 'NO'}")
    print(
        f"personal data in {asked} answers: {len(leaks) + len(more)}; in {len(logs)} bytes of logs: {len(noted)}"
    )
    print(f"verifications counted: {counted(url)} of {asked}")
    return int(bool(leaks or more or noted or not at_once or counted(url) != asked))


def main() -> int:
    """Measure on PostgreSQL (or SQLite) and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=16000, help="look-ups of papers already looked up")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    if given.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            return measure(f"sqlite:///{folder}/bench.db", given)
    server = start_postgres(durable=True)
    try:
        server.execute("create database verification")
        return measure(server.database_url("verification"), given)
    finally:
        remove_postgres(server)


if __name__ == "__main__":
    sys.exit(main())
