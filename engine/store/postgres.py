"""PostgreSQL: one round trip to read, one statement to write.

Commands run in autocommit: the write set is one statement, hence one transaction, and its revision check is the lock.
Only a second attempt after a lost race, and whoever draws a number, opens a transaction first and holds rows.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors as pg
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg_pool import ConnectionPool, PoolTimeout

from engine.errors import StoreUnavailable
from engine.store.sql import numbered, one_statement, pieces
from engine.store.tx import LostRaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.store.tx import WriteSet

_NUMBER = """INSERT INTO counter (name, value) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"""


class _Session:
    """A connection, in a transaction of its own only when rows must be held."""

    def __init__(self, connection: psycopg.Connection[Any], *, locking: bool) -> None:
        self._connection = connection
        self._locking = locking
        self._begun = False
        if locking:
            self._begin()

    def rows(
        self, sql: str, values: Sequence[object] = (), *, lock: bool = False
    ) -> Sequence[tuple[Any, ...]]:
        """The rows; held until the end when this is a locking session."""
        text = numbered(sql)
        if lock and self._locking:
            text += " FOR UPDATE"
        return self._connection.execute(text, values, binary=True).fetchall()

    def next_number(self, counter: str) -> int:
        """Raise the counter; its row is held until the session ends."""
        self._begin()
        return int(self._connection.execute(_NUMBER, (counter,)).fetchall()[0][0])

    def flush(self, writes: WriteSet) -> None:
        """Write all and make it lasting."""
        shapes, values = pieces(writes)
        if shapes:
            flat = [value for row in values for value in row]
            self._connection.execute(one_statement(shapes), flat, binary=True)
        if self._begun:
            self._connection.execute("COMMIT")

    def _begin(self) -> None:
        if not self._begun:
            self._connection.execute("BEGIN")
            self._begun = True


class PostgresStore:
    """A database reached through a pool; connections that a restart broke are replaced."""

    dialect = "postgresql"

    def __init__(self, address: str, *, size: int = 10, wait_seconds: float = 10) -> None:
        self._pool = ConnectionPool(
            address,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 0,
                "cursor_factory": psycopg.RawCursor,
                "options": "-c timezone=UTC",
            },
            configure=_configure,
            min_size=1,
            max_size=size,
            timeout=wait_seconds,
            reconnect_timeout=0,
            open=True,
        )

    @contextmanager
    def reading(self) -> Iterator[_Session]:
        """A session that only reads."""
        with self._connection() as connection:
            yield _Session(connection, locking=False)

    @contextmanager
    def writing(self, *, locking: bool = False) -> Iterator[_Session]:
        """A session for one attempt at one command."""
        with self._connection() as connection:
            yield _Session(connection, locking=locking)

    def run(self, sql: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        """One statement in its own transaction."""
        with self._connection() as connection:
            cursor = connection.execute(numbered(sql), values, binary=True)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        with _translated():
            connection = self._pool.getconn()
            try:
                yield connection
            except psycopg.OperationalError:
                # A restart breaks every pooled connection at once: drop them all now, not one per failed command.
                self._pool.check()
                raise
            finally:
                if connection.info.transaction_status in (
                    TransactionStatus.INTRANS,
                    TransactionStatus.INERROR,
                ):
                    connection.execute("ROLLBACK")
                self._pool.putconn(connection)


def _configure(connection: psycopg.Connection[Any]) -> None:
    """Send every int as int8: psycopg's choice by magnitude would prepare the same text many times."""
    connection.prepared_max = 500
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(int, Int8BinaryDumper)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (pg.DivisionByZero, pg.UniqueViolation, pg.CheckViolation, pg.DeadlockDetected) as error:
        raise LostRaceError(str(error)) from error
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise StoreUnavailable(reason=str(error).partition("\n")[0]) from error
