"""Which combinations of values no rule, or more than one rule, answers.

A rule is one set of segments per column (see `axis`); a set of rules is the bits of one integer. `holes` walks the
columns once, carrying the rules still alive, joins segments that leave the same rules alive, stops where a live rule
says nothing about the remaining columns, and remembers what it found covered. Exact, unless `bounded` is set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Steps of all searches in one table; a table of 100 rules and 6 inputs takes some hundreds as a rule.
MAX_STEPS = 200_000

Box = tuple[int, ...]


@dataclass(slots=True)
class Grid:
    """Rules over columns: `rules[r][c]` holds the segments of column c in which rule r may hold."""

    universes: Box
    rules: Sequence[Box]
    bounded: bool = False
    steps: int = 0
    _groups: list[dict[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._groups = [self._group(column, universe) for column, universe in enumerate(self.universes)]

    def _group(self, column: int, universe: int) -> dict[int, int]:
        """Return the segments of a column by the rules that hold in them.

        The table of rules by segments is turned over as text: a thousand rules of a thousand segments in milliseconds.
        """
        width = universe.bit_length()
        rows = [format(rule[column] & universe, f"0{width}b") for rule in reversed(self.rules)]
        alive = [int("".join(letters), 2) for letters in zip(*rows, strict=True)] if rows else [0] * width
        groups: dict[int, int] = {}
        for segment, rules in enumerate(reversed(alive)):
            if universe >> segment & 1:
                groups[rules] = groups.get(rules, 0) | 1 << segment
        return groups

    def holes(self, limit: int, live: int | None = None, within: Box | None = None) -> list[Box]:
        """Return up to `limit` boxes inside `within` (everything) where none of the `live` rules (all) holds."""
        start = (1 << len(self.rules)) - 1 if live is None else live
        search = _Search(self, within or self.universes, start, limit)
        return search.run(start)

    def common(self, left: int, right: int) -> Box | None:
        """Return the box where two rules both hold, if there is one."""
        box = []
        for one, other, universe in zip(self.rules[left], self.rules[right], self.universes, strict=True):
            both = one & other & universe
            if not both:
                return None
            box.append(both)
        return tuple(box)

    def groups(self, column: int) -> dict[int, int]:
        """Return the segments of a column by the rules that hold in them."""
        return self._groups[column]


class _Search:
    """One walk over the columns, those with the fewest distinctions first."""

    def __init__(self, grid: Grid, within: Box, live: int, limit: int) -> None:
        self.grid = grid
        self.within = within
        self.limit = limit
        self.order = sorted(range(len(within)), key=lambda column: len(grid.groups(column)))
        self.covered: set[tuple[int, int]] = set()
        #: For each place in the order: the rules that say nothing about this and all later columns.
        self.silent = [live] * (len(within) + 1)
        for place in range(len(within) - 1, -1, -1):
            column = self.order[place]
            says_nothing = sum(
                1 << number
                for number, rule in enumerate(grid.rules)
                if live >> number & 1 and not within[column] & ~rule[column]
            )
            self.silent[place] = self.silent[place + 1] & says_nothing

    def run(self, live: int) -> list[Box]:
        found: list[Box] = []
        for box in self._walk(0, live, {}):
            found.append(box)
            if len(found) >= self.limit:
                break
        return found

    def _walk(self, place: int, live: int, chosen: dict[int, int]) -> Iterator[Box]:
        if live & self.silent[place] or (place, live) in self.covered:
            return
        if not live:
            yield tuple(chosen.get(column, universe) for column, universe in enumerate(self.within))
            return
        column = self.order[place]
        states: dict[int, int] = {}
        for alive, segments in self.grid.groups(column).items():
            if segments & self.within[column]:
                states[live & alive] = states.get(live & alive, 0) | segments & self.within[column]
        hollow = False
        for left, segments in states.items():
            self.grid.steps += 1
            if self.grid.steps > MAX_STEPS:
                self.grid.bounded = True
                return
            for box in self._walk(place + 1, left, chosen | {column: segments}):
                hollow = True
                yield box
        if not hollow:
            self.covered.add((place, live))
