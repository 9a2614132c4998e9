"""A bank for tests: a process of its own, a durable ledger, and every bad habit that a bank can have.

    python tests/bank/server.py --ledger FILE [--port N]      prints "port N" when it listens

Money moves once for each idempotency key, whatever happens to the answer; the same key with another body is refused.
POST /control {...} sets habits for the answers to come, each a count that is used up (or a number of seconds):
    fail     answer 500 and do nothing           drop     do it, then hang up without an answer
    garble   do it, then answer with rubbish     twice    do it, and send the whole answer two times
    pending  take the order, answer 202, do it at the next question
    slow     seconds to wait before doing        late     seconds to wait after doing, before the answer
    refuse   refuse the next messages
    closed   accounts that cannot be paid to (a list)
    forget   messages that came (at once)
POST /messages {to, text} stands in for a line of short messages; GET /messages lists what came.
GET /payments lists the ledger, GET /payments/<key> tells one, GET /health answers when it is up.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

CLOSED = "收款账户已销户"
SCHEMA = """CREATE TABLE IF NOT EXISTS payment (
    key TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL, code TEXT, receipt TEXT NOT NULL,
    amount TEXT NOT NULL, payee TEXT NOT NULL, reference TEXT, fund TEXT, paid_at TEXT NOT NULL, asked INTEGER NOT NULL)"""


class Ledger:
    """Payments in a file; one writer at a time, synced before anybody hears of it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(SCHEMA)
        self._lock = threading.Lock()

    def take(self, key: str, body: dict[str, Any], state: str, code: str | None) -> sqlite3.Row:
        """Write the payment unless the key is known, count the asking, and return what stands."""
        text = json.dumps(body, sort_keys=True, ensure_ascii=False)
        with self._lock:
            count = self._db.execute("SELECT COUNT(*) FROM payment").fetchone()[0]
            self._db.execute(
                "INSERT INTO payment VALUES (?,?,?,?,?,?,?,?,?,?,1) ON CONFLICT (key) DO UPDATE SET asked = asked + 1",
                (
                    key,
                    text,
                    state,
                    code,
                    f"B{count + 1:010}",
                    str(body["amount"]),
                    json.dumps(body["payee"], sort_keys=True, ensure_ascii=False),
                    body.get("reference"),
                    body.get("fund"),
                    datetime.now(UTC).isoformat(timespec="milliseconds"),
                ),
            )
            return self.one(key)

    def settle(self, key: str) -> None:
        """A pending payment goes out."""
        with self._lock:
            self._db.execute("UPDATE payment SET state = 'paid' WHERE key = ? AND state = 'pending'", (key,))

    def one(self, key: str) -> Any:
        return self._db.execute("SELECT * FROM payment WHERE key = ?", (key,)).fetchone()

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute("SELECT * FROM payment ORDER BY rowid")]


class Habits:
    """What the next answers will be like."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._lock = threading.Lock()

    def set(self, values: dict[str, Any]) -> None:
        with self._lock:
            self.values = dict(values)

    def use(self, name: str) -> bool:
        with self._lock:
            left = self.values.get(name, 0)
            if left:
                self.values[name] = left - 1
            return bool(left)

    def seconds(self, name: str) -> float:
        return float(self.values.get(name, 0))


class Counter(BaseHTTPRequestHandler):
    """One connection at the counter."""

    protocol_version = "HTTP/1.1"
    ledger: ClassVar[Ledger]
    habits: ClassVar[Habits]
    messages: ClassVar[dict[str, dict[str, Any]]] = {}

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, {"ok": True})
        elif self.path == "/payments":
            self.answer(200, {"payments": self.ledger.all()})
        elif self.path == "/messages":
            self.answer(200, {"messages": [{"key": key, **body} for key, body in self.messages.items()]})
        elif self.path.startswith("/payments/"):
            key = unquote(self.path.removeprefix("/payments/"))
            row = self.ledger.one(key)
            if row is None:
                self.answer(404, {"code": "unknown"})
                return
            self.ledger.settle(key)
            self.answer(200, self.told(self.ledger.one(key)))
        else:
            self.answer(404, {"code": "no-such-place"})

    def do_POST(self) -> None:
        body = self.read()
        if self.path == "/control":
            self.habits.set(body or {})
            if body and body.get("forget"):
                self.messages.clear()
            self.answer(200, {"ok": True})
        elif self.path == "/payments" and body is not None:
            self.pay(body)
        elif self.path == "/messages" and body is not None:
            if self.habits.use("refuse"):
                self.answer(422, {"code": "no-consent", "person": body.get("case")})
                return
            self.messages.setdefault(self.headers.get("Idempotency-Key", ""), body)
            self.answer(200, {"receipt": f"S{len(self.messages)}"})
        else:
            self.answer(400, {"code": "bad-request"})

    def pay(self, body: dict[str, Any]) -> None:
        key = self.headers.get("Idempotency-Key")
        if not key or "amount" not in body or "payee" not in body:
            self.answer(400, {"code": "bad-request"})
            return
        time.sleep(self.habits.seconds("slow"))
        if self.habits.use("fail"):
            self.answer(500, {"code": "fault"})
            return
        pending = self.habits.use("pending")
        closed = body["payee"].get("account") in self.habits.values.get("closed", ())
        state, code = ("refused", "account-closed") if closed else ("pending" if pending else "paid", None)
        row = self.ledger.take(key, body, state, code)
        time.sleep(self.habits.seconds("late"))
        if row["body"] != json.dumps(body, sort_keys=True, ensure_ascii=False):
            self.answer(409, {"code": "key-reused", "message": "幂等键已用于另一笔付款"})
        elif self.habits.use("drop"):
            self.close_connection = True
        elif self.habits.use("garble"):
            self.send(200, b"<html>busy</html>")
        elif row["state"] == "pending":
            self.answer(202, {"state": "pending"})
        elif row["state"] == "refused":
            self.answer(422, {"code": row["code"], "message": CLOSED})
        else:
            for _ in range(2 if self.habits.use("twice") else 1):
                self.answer(200, self.told(row))

    def told(self, row: sqlite3.Row) -> dict[str, Any]:
        told = {name: row[name] for name in ("state", "code", "receipt", "amount", "paid_at")}
        return {**told, "message": CLOSED} if row["state"] == "refused" else told

    def read(self) -> dict[str, Any] | None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def answer(self, status: int, body: dict[str, Any]) -> None:
        self.send(status, json.dumps(body, ensure_ascii=False).encode())

    def send(self, status: int, content: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main() -> None:
    parser = argparse.ArgumentParser(description="A bank for tests.")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    Counter.ledger = Ledger(chosen.ledger)
    Counter.habits = Habits()
    server = ThreadingHTTPServer(("127.0.0.1", chosen.port), Counter)
    server.daemon_threads = True
    print(f"port {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
