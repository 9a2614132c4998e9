"""The packages of drafts that this server keeps, so that their models are compiled once and not for every page."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

from engine.drafts import draft_package, kept_files

if TYPE_CHECKING:
    from engine.package import Package, Packages
    from engine.store.rows import DraftRow
    from engine.store.session import Reader


class Drafts:
    """Packages of drafts by their content, so that what was compiled of them is compiled once."""

    def __init__(self, versions: Packages, most: int = 16) -> None:
        self._versions = versions
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], Package] = {}

    def draft(self, reader: Reader, row: DraftRow) -> Package:
        """The package that the draft's files make."""
        shas = sorted((path, one.sha) for path, one in kept_files(row).items())
        key = (row.process, row.base, hashlib.sha256(repr(shas).encode()).hexdigest())
        with self._lock:
            known = self._known.pop(key, None)
        package = known or draft_package(reader, self._versions, row)
        with self._lock:
            self._known[key] = package
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
        return package
