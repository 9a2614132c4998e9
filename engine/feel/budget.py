"""What an evaluation may cost, and the state of one evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from engine.feel.errors import FeelError, FeelLimitError
from engine.feel.values import SIMPLE, YearsMonths

if TYPE_CHECKING:
    from engine.feel.world import World

_CHECK_EVERY: Final = 256
_DATA_DEPTH: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation; going beyond raises FeelLimitError.

    steps: loop turns, calls and comparisons; items: of one list; cells: list items made in all;
    characters: of one text (ten times that in all); depth: of nested calls; seconds: on the wall clock.
    """

    steps: int = 200_000
    items: int = 100_000
    cells: int = 1_000_000
    characters: int = 1_000_000
    depth: int = 60
    seconds: float = 0.6


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - the builtin name is taken
    """Why a part of an expression gave null; `position` is the offset of that part in the text."""

    code: str
    values: dict[str, Any]
    position: int | None = None


class Run:
    """The state of one evaluation: what it may still spend, and the warnings it collected.

    The counters are class attributes until they are first written: most conditions never count anything.
    """

    steps = 0
    checkpoint = 0
    deadline = 0.0
    cells = 0
    characters = 0
    depth = 0
    place: int | None = None
    warnings: list[Warning_] | None = None
    seen: dict[int, tuple[Any, Any]] | None = None

    def __init__(self, world: World) -> None:
        self.world = world

    def tick(self, count: int = 1) -> None:
        """Spend `count` steps; looks at the clock every few hundred."""
        self.steps += count
        if self.steps >= self.checkpoint:
            self._look()

    def _look(self) -> None:
        limits = self.world.limits
        if self.steps > limits.steps:
            raise FeelLimitError("too-many-steps", self.place, limit=limits.steps)
        now = monotonic()
        if self.deadline == 0.0:
            self.deadline = now + limits.seconds
        elif now > self.deadline:
            raise FeelLimitError("too-slow", self.place)
        self.checkpoint = min(self.steps + _CHECK_EVERY, limits.steps + 1)

    def grow(self, count: int) -> None:
        """Answer for a new list of `count` items before it is made."""
        limits = self.world.limits
        if count > limits.items:
            raise FeelLimitError("too-many-items", self.place, limit=limits.items)
        self.cells += count
        if self.cells > limits.cells:
            raise FeelLimitError("too-much-data", self.place)
        self.tick(1 + (count >> 3))

    def text(self, length: int) -> None:
        """Answer for a new text of `length` characters before it is made."""
        limits = self.world.limits
        if length > limits.characters:
            raise FeelLimitError("text-too-long", self.place, limit=limits.characters)
        self.characters += length
        if self.characters > 10 * limits.characters:
            raise FeelLimitError("too-much-data", self.place)
        self.tick(1 + (length >> 8))

    def enter(self) -> None:
        """Begin a nested call."""
        self.depth += 1
        if self.depth > self.world.limits.depth:
            raise FeelLimitError("too-deep", self.place)
        self.tick()

    def leave(self) -> None:
        """End a nested call."""
        self.depth -= 1

    def warn(self, code: str, **values: Any) -> None:
        """Note why a result is null; a thousand notes are enough."""
        if self.warnings is None:
            self.warnings = []
        if len(self.warnings) < 1000:
            self.warnings.append(Warning_(code, values, self.place))

    def handed_out(self, value: Any) -> Any:
        """`value` as a result: a list or context that unfolds too far would hurt whoever stores or prints it."""
        if not isinstance(value, list | dict):
            return value
        limits = self.world.limits
        pending = [(value, 1)]
        count = 0
        while pending:
            item, level = pending.pop()
            if level > _DATA_DEPTH:
                raise FeelLimitError("too-deep", self.place)
            inner = item.values() if isinstance(item, dict) else item
            count += len(inner)
            if count > limits.cells:
                raise FeelLimitError("too-much-data", self.place)
            self.tick(1 + (len(inner) >> 4))
            pending.extend((one, level + 1) for one in inner if isinstance(one, list | dict))
        return value

    def clean(self, value: Any, name: str, depth: int = 0) -> Any:
        """`value` of a context as FEEL sees it: numbers exact, lists and contexts plain, nothing foreign."""
        cls = type(value)
        if cls in SIMPLE:
            return value if cls is not Decimal or value.is_finite() else None
        if cls is int:
            return Decimal(value)
        if isinstance(value, list | tuple | Mapping):
            return self._clean_nested(value, name, depth)
        if isinstance(value, bool | int):
            return Decimal(value)
        if isinstance(value, float):
            return Decimal(repr(value)) if value - value == 0 else None
        for plain in (str, Decimal, datetime, date, time, timedelta, YearsMonths):
            if isinstance(value, plain):
                return str.__str__(value) if plain is str else value
        raise FeelError("unsupported-value", self.place, name=name, type=cls.__name__)

    def _clean_nested(self, value: Any, name: str, depth: int) -> Any:
        if self.seen is None:
            self.seen = {}
        known = self.seen.get(id(value))
        if known is not None:
            return known[1]
        if depth > _DATA_DEPTH:
            raise FeelLimitError("too-deep", self.place)
        self.tick(1 + (len(value) >> 3))
        result: Any
        if isinstance(value, Mapping):
            result = {str(k): self.clean(v, str(k), depth + 1) for k, v in value.items()}
        else:
            result = [self.clean(v, name, depth + 1) for v in value]
        self.seen[id(value)] = (value, result)
        return result
