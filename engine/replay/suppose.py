"""A law that is only supposed: a parameter that would have another value, from some day on, somewhere or everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from engine.feel import World


@dataclass(frozen=True, slots=True)
class Supposed:
    """A parameter of the law with the value it would have, on days from `since` on (None: always), below `area` ("": everywhere)."""

    parameter: str
    value: Any
    since: date | None = None
    area: str = ""

    def holds(self, parameter: str, on: date, area: str | None) -> bool:
        """Whether it says something about the parameter on that day in that place."""
        if parameter != self.parameter or (self.since is not None and on < self.since):
            return False
        return (area or "").startswith(self.area)


def supposing(world: World, what: Sequence[Supposed]) -> World:
    """The world in which the law is as supposed; the last that holds counts. What is not supposed stays as it is."""
    real = world.law
    if not what or real is None:
        return world

    def law(parameter: str, on: date, area: str | None = None) -> Any:
        for one in reversed(what):
            if one.holds(parameter, on, area):
                return one.value
        return real(parameter, on, area)

    return replace(world, law=law)
