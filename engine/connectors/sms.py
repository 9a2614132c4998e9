"""Short messages: one HTTP gateway, and a stand-in for it in the demonstration.

Protocol: POST <address> {"to": "13812345678", "text": "..."} with an Idempotency-Key -> 200/201/202 {"receipt": "..."}; the
same key again is not sent again. 409/422 {"code": ...}: this number or text is refused for good. Everything else is
repeated under the same key.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from engine.connectors.http import Line, SaidNo
from engine.effects import LaterError, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from engine.settings import Settings

SMS = "sms"
#: The demonstration's gateway, below the data folder.
FILE = "demonstration-messages.sqlite3"
_SCHEMA = "CREATE TABLE IF NOT EXISTS message (key TEXT PRIMARY KEY, phone TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL)"


class Gateway(Protocol):
    """What sending needs of a line."""

    def ask(self, key: str, body: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        """Hand a message over under its key; SaidNo or LaterError if it is not taken."""
        ...


class DemonstrationGateway:
    """Keeps messages instead of sending them; a key is taken once, in whichever process it arrives."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, key: str, body: Mapping[str, Any], path: str = "") -> dict[str, Any]:  # noqa: ARG002 -- one counter only
        """Keep the message; again under the same key: nothing."""
        row = (key, str(body["to"]), str(body["text"]), datetime.now(UTC).isoformat(timespec="seconds"))
        try:
            with closing(self._open()) as kept, kept:
                kept.execute("INSERT INTO message VALUES (?,?,?,?) ON CONFLICT DO NOTHING", row)
        except sqlite3.OperationalError as error:
            raise LaterError("line-down", reason=str(error)) from error
        return {"receipt": f"demo-{key[-8:]}"}

    def messages(
        self, limit: int = 50, shown: Callable[[str], bool] = lambda _key: True
    ) -> list[tuple[str, str, datetime]]:
        """(phone, text, when), latest first; only those whose key is `shown`."""
        if not self._path.exists():
            return []
        with closing(self._open()) as kept:
            rows = kept.execute("SELECT key, phone, text, at FROM message ORDER BY rowid DESC").fetchall()
        wanted = (row[1:] for row in rows if shown(row[0]))
        return [(phone, text, datetime.fromisoformat(at)) for phone, text, at in islice(wanted, limit)]

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = sqlite3.connect(self._path, timeout=5)
        kept.execute(_SCHEMA)
        return kept


def gateway(settings: Settings) -> Gateway | None:
    """The gateway of `BANJIAN_CONNECTORS` (operation `sms`), the demonstration's own, or none."""
    if SMS in settings.connectors:
        return Line(settings.connectors[SMS])
    return DemonstrationGateway(settings.data / FILE) if settings.demonstration else None


def send_text(line: Gateway, key: str, phone: str, text: str) -> Sent:
    """Hand one message over; refused for good is final."""
    try:
        answer = line.ask(key, {"to": phone, "text": text})
    except SaidNo as no:
        raise LaterError("sms-refused", final=True, reason=no.code) from no
    return Sent(SMS, phone, text, receipt=str(answer.get("receipt") or key))
