"""What a migration would do: every open case of a process that stands on another version, and what keeps it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.core.migrate import Obstacle, obstacles
from engine.core.state import restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.package import Package
    from engine.store.session import Reader, Store

#: Cases read at once (the LIMIT below): a marking is small, a thousand of them are not.
_PAGE = 200


class Versions(Protocol):
    """Published versions by digest."""

    def at(self, digest: str, reader: Reader | None = None) -> Package:
        """The package with that digest."""
        ...


@dataclass(frozen=True, slots=True)
class Planned:
    """One open case: the version it stands on, and what keeps it there (nothing: it can go on with the new one)."""

    case: str
    area: str
    package: str
    #: As it was looked at; a case that moves on meanwhile is tried again when its turn comes.
    revision: int
    obstacles: tuple[Obstacle, ...]


def plan_migration(store: Store, versions: Versions, process: str, to: str) -> Iterator[Planned]:
    """Try every open case of the process on the version `to`, by case number; nothing is written."""
    new = versions.at(to).definition
    after = ""
    while True:
        with store.reading() as reader:
            rows = reader.rows(
                "SELECT id, area, package, revision, marking, variables FROM cases WHERE process = ? AND state = 'open'"
                " AND package <> ? AND id > ? ORDER BY id LIMIT 200",
                (process, to, after),
            )
        for number, area, package, revision, marking, variables in rows:
            old = versions.at(package).definition
            yield Planned(number, area, package, revision, obstacles(old, new, restore(marking, variables)))
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]
