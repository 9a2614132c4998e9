"""Open the database named by an address, with its schema brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.store.postgres import PostgresStore
from engine.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from engine.store.session import Store


def open_store(address: str, *, size: int = 10, wait_seconds: float = 5) -> Store:
    """The store at `sqlite:///path` or `postgresql://...`; its tables must exist (`schema.migrate`).

    `size` limits the connections of a pool, `wait_seconds` how long one is waited for.
    """
    kind, _, rest = address.partition(":")
    if kind == "sqlite":
        path = Path(rest.removeprefix("///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteStore(path)
    plain = address.replace("postgresql+psycopg:", "postgresql:", 1)
    return PostgresStore(plain, size=size, wait_seconds=wait_seconds)
