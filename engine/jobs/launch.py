"""Begin a process for each piece of work, and look after it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from engine.settings import ROOT
from engine.store import jobs

if TYPE_CHECKING:
    from datetime import datetime

    from engine.settings import Settings
    from engine.store.session import Store

#: A process that has not told anything for so long is taken for dead.
LEASE: Final = timedelta(seconds=30)
#: Processes at once: one simulation, and somebody's scenarios beside it.
_MOST: Final = 2


class Launcher:
    """The processes that this server has begun. `look` is called by one thread at a time (`engine.chores`)."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._running: list[tuple[subprocess.Popen[bytes], jobs.Claim]] = []

    def look(self, now: datetime) -> int:
        """Begin what waits, as far as there is room; how much was begun."""
        for one in [one for one in self._running if one[0].poll() is not None]:
            self._running.remove(one)
            _shut(one[0])
            if one[0].returncode:
                jobs.let_go(self._store, one[1], now)
        begun = 0
        while len(self._running) < _MOST and (mine := jobs.claim(self._store, now, now + LEASE)) is not None:
            self._running.append((self._begin(mine), mine))
            begun += 1
        return begun

    def stop(self) -> None:
        """End them; what they were at is begun again by the next server."""
        for child, _ in self._running:
            _shut(child)
        for child, _ in self._running:
            child.wait(timeout=10)
        self._running.clear()

    def _begin(self, mine: jobs.Claim) -> subprocess.Popen[bytes]:
        # The pipe stays open as long as we live: when it closes, the process knows that we are gone.
        child = subprocess.Popen(  # noqa: S603 - ourselves, with names of ours
            [sys.executable, "-m", "engine.jobs", mine.job, str(mine.tries)], stdin=subprocess.PIPE, cwd=ROOT
        )
        assert child.stdin is not None
        with suppress(OSError):  # it may have died already; `look` will see that
            child.stdin.write(pickle.dumps(self._settings))
            child.stdin.flush()
        return child


def _shut(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    with suppress(OSError):  # what it did not read is lost with it
        child.stdin.close()
