"""How far a piece of work is: told by the work, written now and then, and answered with whether it should stop."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Final, Self

from engine.errors import StoreUnavailable
from engine.jobs.launch import LEASE
from engine.store import jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.store.session import Store

log = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 0.7


class Progress:
    """Use as a context manager around the work; `done` and `total` are set by it, `stopped` is for it to look at."""

    def __init__(self, store: Store, mine: jobs.Claim, clock: Callable[[], datetime]) -> None:
        self.done = 0
        self.total = 0
        self.stopped = False
        self._store = store
        self._mine = mine
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self.tell()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tell(self) -> None:
        """Write how far it is. Work that was taken away (it seemed dead) ends here, without a trace."""
        answer = jobs.beat(self._store, self._mine, self._clock() + LEASE, self.done, self.total)
        if answer is None:
            os._exit(0)
        self.stopped = answer

    def _beat(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            try:
                self.tell()
            except StoreUnavailable:
                # Told again in a moment: the lease bears some silence, but not the end of this thread.
                log.warning("%s cannot tell how far it is: the database does not answer", self._mine.job)
