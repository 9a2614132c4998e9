"""Looking from time to time whether another server of this installation published something."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.office import Office

#: Seconds between two looks; each is one small query.
_PAUSE: Final = 5.0


class Looks:
    """When this server looked last. A look that comes twice at once does no harm."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._last = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time; whoever is told so looks."""
        now = time.monotonic()
        if now - self._last < _PAUSE:
            return False
        self._last = now
        return True

    def look(self) -> None:
        """Take over what was published elsewhere."""
        self._office.refresh()
