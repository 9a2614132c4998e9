"""SQLite: the embedded database. One writer at a time, readers beside it, everything synced before it counts.

A command holds the write lock from its first read (BEGIN IMMEDIATE), so it never loses a race; processes that share
the file wait for each other.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import StoreUnavailable
from engine.store.sql import pieces, statement
from engine.store.tx import LostRaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from engine.store.tx import WriteSet

#: How long a process waits for another one's write lock.
_PATIENCE_SECONDS = 30


def _write_instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read_instant(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode())


# Python's registry is per process; INSTANT_TEXT is a name of our own, and naive datetimes are never stored.
sqlite3.register_adapter(datetime, _write_instant)
sqlite3.register_converter("INSTANT_TEXT", _read_instant)


class _Session:
    """A connection with `?` statements; writing ones are inside BEGIN IMMEDIATE."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(
        self,
        sql: str,
        values: Sequence[object] = (),
        *,
        lock: bool = False,  # noqa: ARG002 - it holds the whole database already
    ) -> Sequence[tuple[Any, ...]]:
        """The rows; a writing session holds the whole database already."""
        return self._connection.execute(sql, values).fetchall()

    def next_number(self, counter: str) -> int:
        """Raise the counter; undone with the session."""
        sql = "INSERT INTO counter (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        return int(self._connection.execute(sql, (counter,)).fetchall()[0][0])

    def flush(self, writes: WriteSet) -> None:
        """Write all and make it lasting."""
        shapes, values = pieces(writes)
        for piece, row in zip(shapes, values, strict=True):
            done = self._connection.execute(statement(piece), row)
            if piece[0] == "update" and done.rowcount != 1:
                raise LostRaceError
        self._connection.execute("COMMIT")


class SqliteStore:
    """A database file."""

    dialect = "sqlite"

    def __init__(self, path: Path | str) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self._readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        with _translated():
            self._writer = self._connect()

    @contextmanager
    def reading(self) -> Iterator[_Session]:
        """A session on a connection of its own; readers never wait for the writer."""
        with _translated():
            try:
                connection = self._readers.get_nowait()
            except queue.Empty:
                connection = self._connect()
            try:
                yield _Session(connection)
            finally:
                self._readers.put(connection)

    @contextmanager
    def writing(self, *, locking: bool = False) -> Iterator[_Session]:  # noqa: ARG002 - it always locks
        """The one writer's session."""
        with self._lock, _translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield _Session(self._writer)
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def run(self, sql: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        """One statement in its own transaction."""
        with self._lock, _translated():
            return self._writer.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._writer.close()
        while True:
            try:
                self._readers.get_nowait().close()
            except queue.Empty:
                return

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=_PATIENCE_SECONDS,
            isolation_level=None,
            detect_types=sqlite3.PARSE_DECLTYPES,
            check_same_thread=False,
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise LostRaceError(str(error)) from error
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(reason=str(error)) from error
