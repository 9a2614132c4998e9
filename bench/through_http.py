"""The same completions as requests: serving processes, and clients that keep their connections."""

from __future__ import annotations

import hashlib
import multiprocessing
import socket
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import uvicorn

from bench.race import race, run_threads, timed
from bench.sheet import ANSWERS
from engine.settings import Settings
from engine.store import open_store
from engine.store.tx import Tx
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

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
