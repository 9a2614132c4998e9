"""The demonstration bank: no money, a ledger in a file of its own, and the same manners as a real one.

Used only where no address for `pay` is set and the installation is a demonstration. Accounts that end in 0000 are
"closed": paying to one is refused, so that this road can be tried too.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from engine.connectors.http import SaidNo
from engine.effects import LaterError
from engine.store.exact import plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLOSED = "0000"
MESSAGE = "收款账户已销户（演示）"
_SCHEMA = """CREATE TABLE IF NOT EXISTS payment (
    key TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL, code TEXT,
    receipt TEXT NOT NULL, amount TEXT NOT NULL, paid_at TEXT NOT NULL)"""


class DemonstrationBank:
    """Answers like the bank behind an HTTP line; a key is carried out once, in whichever process it arrives."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, key: str, body: Mapping[str, Any], path: str = "") -> dict[str, Any]:  # noqa: ARG002 -- one counter only
        """Pay, or say what became of the same key before; SaidNo for a closed account or a key used otherwise."""
        text = plain(body)
        account = str(body["payee"].get("account", ""))
        state, code = ("refused", "account-closed") if account.endswith(CLOSED) else ("paid", None)
        row = (
            key,
            text,
            state,
            code,
            f"DEMO{hashlib.sha256(key.encode()).hexdigest()[:12].upper()}",
            format(body["amount"], "f"),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        try:
            with closing(self._open()) as ledger, ledger:
                ledger.execute("INSERT INTO payment VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", row)
                known = ledger.execute("SELECT body FROM payment WHERE key = ?", (key,)).fetchone()[0]
        except sqlite3.OperationalError as error:
            raise LaterError("line-down", reason=str(error)) from error
        if known != text:
            raise SaidNo("key-reused", {"message": "幂等键已用于另一笔付款"})
        found = self.look(f"/payments/{key}")
        if found is None or found["state"] == "refused":
            raise SaidNo("account-closed", {"message": MESSAGE})
        return found

    def look(self, path: str) -> dict[str, Any] | None:
        """What became of /payments/<key>; None if it is unknown."""
        key = unquote(path.removeprefix("/payments/"))
        with closing(self._open()) as ledger:
            row = ledger.execute(
                "SELECT state, code, receipt, amount, paid_at FROM payment WHERE key = ?", (key,)
            ).fetchone()
        if row is None:
            return None
        found = dict(zip(("state", "code", "receipt", "amount", "paid_at"), row, strict=True))
        return {**found, "message": MESSAGE} if found["state"] == "refused" else found

    def payments(self) -> list[dict[str, Any]]:
        """The whole ledger in order of receipt, for comparison with the funds."""
        with closing(self._open()) as ledger:
            rows = ledger.execute(
                "SELECT key, state, amount, receipt, paid_at FROM payment ORDER BY rowid"
            ).fetchall()
        return [dict(zip(("key", "state", "amount", "receipt", "paid_at"), row, strict=True)) for row in rows]

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        ledger = sqlite3.connect(self._path, timeout=5)
        ledger.execute("PRAGMA synchronous = FULL")
        ledger.execute(_SCHEMA)
        return ledger
