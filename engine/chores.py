"""Work that nobody posts and no timer calls for: looked at now and then by whoever carries out the outbox."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.clock import ClockError
from engine.errors import EngineError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

log = logging.getLogger(__name__)


class Chore:
    """Work that nobody posts: `work` is called with the moment, does a little of it and says how much that was.

    It is called again soon while there was something to do, else after `every`; by one thread at a time.
    """

    _SOON = timedelta(seconds=5)

    def __init__(self, name: str, every: timedelta, work: Callable[[datetime], int]) -> None:
        self._name = name
        self._every = every
        self._work = work
        self._next: datetime | None = None
        self._lock = threading.Lock()

    def look(self, now: datetime) -> int:
        """Do it if its time has come. The first time is a while after the start, which has enough to do."""
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            return self._turn(now)
        except StoreUnavailable:
            raise  # the carrier's own business
        except (EngineError, ClockError, OSError):
            log.exception("%s failed", self._name)
            return 0
        finally:
            self._lock.release()

    def _turn(self, now: datetime) -> int:
        if self._next is None:
            self._next = now + min(self._every, timedelta(minutes=1))
        if now < self._next:
            return 0
        self._next = now + self._every
        done = self._work(now)
        if done:
            self._next = now + min(self._SOON, self._every)
        return done
