"""Brakes against guessing and flooding: a token bucket per purpose and address, in memory, forgotten when full again.

One process counts for itself; behind several processes the limit is so many times higher, which still stops guessing
(a query code has 32 bits, a verification word 98).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from math import ceil

from engine.errors import EngineError

#: More addresses than these are not remembered; the oldest go first.
_MOST = 20_000


class TooOften(EngineError):
    """The address asked too often: `seconds` until the next attempt is taken."""

    code = "rate"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many attempts at once, and how many seconds bring one back."""

    burst: int
    seconds: float


#: Wide enough for an office or a mobile network behind one address.
ALLOWANCES = {
    "sign-in": Allowance(100, 1.0),
    # Each costs a message and rings somebody's phone.
    "code": Allowance(20, 30.0),
    "track": Allowance(60, 2.0),
    "verify": Allowance(60, 2.0),
    "register": Allowance(60, 1.0),
    "apply": Allowance(60, 6.0),
    # Files of strangers fill the vault: two applications' photos at once, then six a minute.
    "upload": Allowance(40, 10.0),
}


class Brakes:
    """Thread-safe counters. `clock` is seconds from any beginning."""

    def __init__(self, allowances: dict[str, Allowance] | None = None) -> None:
        self._allowances = allowances or ALLOWANCES
        #: (purpose, address) -> (tokens left, when that was so), least recently used first.
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def use(self, purpose: str, address: str, clock: float | None = None) -> None:
        """Count one attempt; TooOften when there have been too many."""
        allowance = self._allowances[purpose]
        now = time.monotonic() if clock is None else clock
        key = (purpose, address)
        with self._lock:
            left, since = self._left.pop(key, (float(allowance.burst), now))
            left = min(allowance.burst, left + (now - since) / allowance.seconds)
            if left < 1:
                self._left[key] = (left, now)
                raise TooOften(seconds=ceil((1 - left) * allowance.seconds))
            self._left[key] = (left - 1, now)
            if len(self._left) > _MOST:
                del self._left[next(iter(self._left))]
