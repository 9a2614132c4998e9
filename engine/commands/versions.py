"""Published versions as packages: read from the database once, kept for as long as the process lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.package import Package, unpack

if TYPE_CHECKING:
    from engine.store.session import Reader, Store


class Versions:
    """Versions by digest. They never change, so nothing here is ever invalidated."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Package] = {}

    def at(self, digest: str, reader: Reader | None = None) -> Package:
        """The package with that digest; NotFound if it was never published.

        A command reads it through its own session: if many of them each waited for a second connection, while they
        hold their first, none would ever get one.
        """
        known = self._known.get(digest)
        if known is not None:
            return known
        if reader is not None:
            return self._read(reader, digest)
        with self._store.reading() as own:
            return self._read(own, digest)

    def current(self, reader: Reader, process: str) -> Package:
        """The version that new cases of the process get; NotFound if none is published."""
        sql = "SELECT digest FROM version WHERE process = ? ORDER BY number DESC LIMIT 1"
        found = reader.rows(sql, (process,))
        if not found:
            raise NotFound(kind="process", id=process)
        return self._known.get(found[0][0]) or self._read(reader, found[0][0])

    def policies(self, reader: Reader) -> dict[str, str]:
        """The casbin lines of every process, in its current version."""
        sql = "SELECT process FROM version GROUP BY process ORDER BY process"
        return {process: self.current(reader, process).policies for (process,) in reader.rows(sql)}

    def begun(self, reader: Reader) -> tuple[str, ...]:
        """Processes that were begun and never published."""
        sql = "SELECT process FROM draft WHERE process NOT IN (SELECT process FROM version) ORDER BY process"
        return tuple(process for (process,) in reader.rows(sql))

    def published(self, reader: Reader) -> tuple[str, ...]:
        """The processes that were ever published and are not retired, by name."""
        sql = (
            "SELECT DISTINCT process FROM version WHERE process NOT IN"
            " (SELECT name FROM process WHERE state = 'retired') ORDER BY process"
        )
        return tuple(process for (process,) in reader.rows(sql))

    def _read(self, reader: Reader, digest: str) -> Package:
        found = reader.rows("SELECT process, archive FROM package WHERE digest = ?", (digest,))
        if not found:
            raise NotFound(kind="version", id=digest)
        package = unpack(found[0][0], found[0][1])
        self._known[digest] = package
        return package
