"""Where the demonstration archives lie: databases of decided cases (`engine.scenarios.archive` makes them)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def archive_path(data: Path, process: str) -> Path:
    """Where the demonstration archive of a process lies."""
    return data / "archives" / f"{process}.sqlite3"


def archived_count(data: Path, process: str) -> int:
    """How many decided cases the demonstration archive of a process holds; 0 where there is none."""
    path = archive_path(data, process)
    if not path.is_file():
        return 0
    store = open_store(f"sqlite:///{path}")
    try:
        with store.reading() as reader:
            return int(reader.rows("SELECT count(*) FROM cases")[0][0])
    finally:
        store.close()
