"""Rows: one schema for SQLite and PostgreSQL (`tables`), and the one way to write them (`tx.Tx`)."""

from engine.store.open import open_store
from engine.store.schema import migrate
from engine.store.session import Reader, Store

__all__ = ["Reader", "Store", "migrate", "open_store"]
