"""What a serving process keeps of public verifications: answers made before, and how many were told.

Verifications are counted in memory and told to the journal every few seconds, many in one command: which paper was looked
up on which day with which outcome. Of who asked nothing is ever held. A process that dies loses the counts of its last
seconds, nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from litestar.concurrency import sync_to_thread

from engine.access import engine_actor
from engine.commands import CountVerifications
from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Litestar

    from engine.office import Office

COUNTER = engine_actor("verification")
_SECONDS = 3.0
#: Counts in one command, so that none holds the database for long.
_AT_ONCE = 500
_LOG = logging.getLogger(__name__)


class Kept:
    """Answers that are dear to make, by everything that they depend on; the ones not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[tuple[object, ...], str] = {}

    def get(self, key: tuple[object, ...]) -> str | None:
        """The answer kept under the key."""
        with self._lock:
            known = self._known.pop(key, None)
            if known is not None:
                self._known[key] = known
            return known

    def put(self, key: tuple[object, ...], answer: str) -> None:
        """Keep one more."""
        with self._lock:
            self._known[key] = answer
            if len(self._known) > self._most:
                del self._known[next(iter(self._known))]


class Tally:
    """(document, ISO day, outcome) -> how often. Thread-safe."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def note(self, document: str, day: str, outcome: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[document, day, outcome] += 1

    def flush(self) -> int:
        """Tell the journal; how many were told. What it does not take (it is away) is kept for the next time."""
        with self._lock:
            waiting, self._counts = self._counts, Counter()
        told, items = 0, list(waiting.items())
        for some in (items[first : first + _AT_ONCE] for first in range(0, len(items), _AT_ONCE)):
            counts = tuple((*key, times) for key, times in some)
            command = CountVerifications(f"verification:{secrets.token_hex(16)}", counts)
            try:
                self._office.bus.execute(command, COUNTER, datetime.now(UTC))
            except EngineError as fault:
                _LOG.warning("verifications are counted later: %s", fault.code)
                with self._lock:
                    self._counts.update(dict(some))
            else:
                told += sum(times for *_, times in counts)
        return told

    def finish(self) -> None:
        """Tell what is left; again when another process told of the same papers at the same moment."""
        for _ in range(10):
            self.flush()
            if not self._counts:
                return
            time.sleep(0.2)


@asynccontextmanager
async def counting(app: Litestar) -> AsyncIterator[None]:
    """Flush the application's tally every few seconds while it runs, and once more at its end."""
    tally: Tally = app.state.edge.tally

    async def again() -> None:
        while True:
            await asyncio.sleep(_SECONDS)
            await sync_to_thread(tally.flush)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        await sync_to_thread(tally.finish)
