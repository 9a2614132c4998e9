"""The search: breadth first over all situations a model can come to, with the shortest way to each."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from engine.core.faults import CoreError
from engine.core.run import step
from engine.core.sound.abstract import Abstract, TooOften, abstract
from engine.core.sound.marking import Shape, counts_of, shape_of
from engine.core.sound.moves import Move, Outside
from engine.core.step import Caught, Entered, IncidentRaised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.core.state import State
    from engine.core.step import Input, Step

#: Time stands still: durations are not compared, any timer may be the first.
_NOON: Final = datetime(2026, 1, 5, 4, tzinfo=UTC)


@dataclass(slots=True)
class Situation:
    """A state that was reached, how, and where it leads."""

    state: State
    before: Situation | None
    move: Move
    counts: Counter[tuple[str, str]]
    #: The way here from `before` passed an event that leaves what it interrupts alone: it may come any number of times.
    beside: bool = False
    #: Where it leads; `known` only when every way out was tried.
    after: list[Shape] = field(default_factory=list)
    known: bool = False

    def way(self) -> tuple[Move, ...]:
        """The moves from the beginning to here."""
        moves: list[Move] = []
        here: Situation | None = self
        while here is not None:
            moves.append(here.move)
            here = here.before
        return tuple(reversed(moves))


@dataclass(slots=True)
class Explored:
    """All that was found."""

    situations: dict[Shape, Situation] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    #: Situations in which more tokens stand than in one before it, and nothing less: they pile up without end.
    piling: list[Situation] = field(default_factory=list)
    #: Why not everything was looked at: "states", "choices"; empty when everything was.
    bounds: set[str] = field(default_factory=set)


class Search:
    """One exploration; `most` situations and `most_ways` conditions' outcomes per step are its bounds."""

    def __init__(self, definition: Definition, most: int, most_ways: int) -> None:
        self._model: Abstract = abstract(definition)
        self._outside = Outside(self._model.definition)
        self._most, self._most_ways = most, most_ways
        self._beside = {
            node.id for node in definition.nodes.values() if node.triggers and not node.interrupting
        }
        self.found = Explored()
        self._queue: deque[Shape] = deque()

    def run(self) -> Explored:
        """Explore to the end or to the bound."""
        for move, given in self._outside.first():
            for told, reached in self._ways(None, given):
                self._arrive(None, replace(move, held=told), reached)
        while self._queue:
            if len(self.found.situations) > self._most:
                self.found.bounds.add("states")
                break
            here = self.found.situations[self._queue.popleft()]
            for move, given in self._outside.next(here.state):
                for told, reached in self._ways(here.state, given):
                    self._arrive(here, replace(move, held=told), reached)
            here.known = True
        return self.found

    def _ways(self, state: State | None, given: Input) -> Iterator[tuple[tuple[str, ...], Step]]:
        """Every outcome of one input, by the answers of the conditions asked on the way."""
        script: list[bool] | None = []
        for _ in range(self._most_ways):
            choices = self._model.choose(script or [])
            try:
                reached = step(self._model.definition, state, given, _NOON)
            except TooOften:
                self.found.bounds.add("choices")
            except CoreError:
                return  # nobody waits for it
            else:
                if not any(isinstance(event, IncidentRaised) for event in reached.events):
                    yield tuple(name for name, answer in choices.asked if answer), reached
            script = choices.following()
            if script is None:
                return
        self.found.bounds.add("choices")

    def _arrive(self, here: Situation | None, move: Move, reached: Step) -> None:
        state = reached.state
        self.found.entered |= {event.element for event in reached.events if isinstance(event, Entered)}
        beside = any(isinstance(event, Caught) and event.element in self._beside for event in reached.events)
        counts = counts_of(state)
        if here is not None and beside and not set(counts) - set(here.counts) and counts > here.counts:
            return  # once more what runs already: a second copy shows nothing new
        shape = shape_of(state)
        if here is not None:
            here.after.append(shape)
        if shape in self.found.situations:
            return
        there = Situation(state, here, move, counts, beside)
        self.found.situations[shape] = there
        if self._piles(there):
            self.found.piling.append(there)
        elif not state.ended:
            self._queue.append(shape)
        else:
            there.known = True

    @staticmethod
    def _piles(there: Situation) -> bool:
        here, beside = there.before, there.beside
        while here is not None and not beside:
            if there.counts > here.counts and set(there.counts) == set(here.counts):
                return True
            beside, here = here.beside, here.before
        return False
