"""Who asks, as far as words and menus need to know it: what `api.frame.Asked` is for the parts that it is built on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime

    from litestar import Request

    from engine.access import Actor
    from engine.office import Office


class Asker(Protocol):
    """A request in somebody's language, at a moment, in an office."""

    actor: Actor
    now: datetime
    request: Request[Any, Any, Any]

    @property
    def office(self) -> Office:
        """The installation."""

    @property
    def today(self) -> date:
        """The office's day."""

    def say(self, key: str, **values: Any) -> str:
        """A sentence in the asker's language."""

    def pick(self, words: dict[str, str] | None) -> str:
        """A package's own words in the asker's language."""

    def moment(self, at: datetime) -> str:
        """A moment in the office's zone, to the minute."""
