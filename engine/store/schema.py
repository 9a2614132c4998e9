"""Bring a database's schema up to date; an installation runs it before it serves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

from contextlib import contextmanager


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """A connection for schema work to `sqlite:///path` or `postgresql://...`."""
    if address.startswith("sqlite:///"):
        Path(address.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    else:
        address = address.replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(address, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def migrate(address: str) -> None:
    """Apply every migration that the database lacks."""
    with connected(address) as connection:
        command.upgrade(configuration(connection), "head")
