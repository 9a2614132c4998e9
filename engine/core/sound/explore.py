"""The search: breadth first over all situations a model can come to, with a short way to each."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from engine.core.faults import CoreError
from engine.core.run import step
from engine.core.sound.abstract import Abstract, TooOften, abstract
from engine.core.sound.alone import Alone
from engine.core.sound.marking import Shape, counts_of, shape_of
from engine.core.sound.moves import Move, Outside
from engine.core.step import Caught, Entered, Fail, IncidentRaised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.core.state import State
    from engine.core.step import Input, Step

    Moves = list[tuple[Move, Input]]

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
    #: Only one token's moves were looked at, because the others could not feel them.
    alone: bool = False

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
    #: Whether some way led to an incident; such ways are not followed, and may depend on who moved first.
    stumbled: bool = False
    #: Why not everything was looked at: "states", "steps", "choices"; empty when everything was.
    bounds: set[str] = field(default_factory=set)


class Search:
    """One exploration; `most` situations, `most_ways` conditions' outcomes per step and `most_steps` in all are its bounds."""

    def __init__(
        self,
        definition: Definition,
        most: int,
        most_ways: int,
        *,
        most_steps: int = 1_000_000,
        reduced: bool = True,
    ) -> None:
        self._model: Abstract = abstract(definition)
        self._alone = Alone(self._model.definition)
        self._reduced = reduced and self._alone.usable
        self._outside = Outside(self._model.definition)
        self._most, self._most_ways, self._most_steps = most, most_ways, most_steps
        self._steps = 0
        self._beside = {
            node.id for node in definition.nodes.values() if node.triggers and not node.interrupting
        }
        self.found = Explored()
        self._queue: deque[Shape] = deque()
        #: What the inputs lead to from the situation at hand, by their identity.
        self._tried: dict[int, list[tuple[Move, Step]]] = {}

    def run(self) -> Explored:
        """Explore to the end or to the bound."""
        for move, given in self._outside.first():
            for told, reached in self._ways(None, given):
                self._arrive(None, replace(move, held=told), reached)
        self._walk()
        while not self.found.bounds and (late := self._put_off()) is not None:
            late.alone = False
            self._tried = {}
            moves = list(self._outside.next(late.state))
            self._expand(late, moves)
            self._walk()
        return self.found

    def _walk(self) -> None:
        while self._queue:
            if len(self.found.situations) > self._most or self._steps > self._most_steps:
                self.found.bounds.add("states" if len(self.found.situations) > self._most else "steps")
                return
            here = self.found.situations[self._queue.popleft()]
            moves = list(self._outside.next(here.state))
            self._tried = {}
            one = self._one(here, moves) if self._reduced else None
            here.alone = one is not None
            self._expand(here, moves, one)

    def _expand(self, here: Situation, moves: Moves, ways: list[tuple[Move, Step]] | None = None) -> None:
        for move, reached in ways or self._all(here, moves):
            self._arrive(here, move, reached)
        here.known = True

    def _put_off(self) -> Situation | None:
        """The nearest situation from which one token after another goes on alone for ever; None if there is none.

        Somewhere on every way all moves must be looked at, so that nobody's is left out for good.
        """
        before: dict[Shape, list[Shape]] = {}
        good: list[Shape] = []
        for shape, situation in self.found.situations.items():
            for after in situation.after:
                before.setdefault(after, []).append(shape)
            if not situation.alone:
                good.append(shape)
        reached = set(good)
        while good:
            for shape in before.get(good.pop(), ()):
                if shape not in reached:
                    reached.add(shape)
                    good.append(shape)
        return next((one for shape, one in self.found.situations.items() if shape not in reached), None)

    def _all(self, here: Situation, moves: Moves) -> Iterator[tuple[Move, Step]]:
        """Everything that can happen now, in every outcome."""
        for move, given in moves:
            if id(given) not in self._tried:
                ways = self._ways(here.state, given)
                self._tried[id(given)] = [(replace(move, held=told), reached) for told, reached in ways]
            yield from self._tried[id(given)]

    def _one(self, here: Situation, moves: Moves) -> list[tuple[Move, Step]] | None:
        """All that one token can do, if it can go on alone; None if there is no such token."""
        for token, own in self._alone.candidates(here.state, moves):
            stays = False
            for _, reached in self._all(here, own):
                felt = self._alone.felt(here.state, token, reached)
                if felt or self._again(here, reached):
                    break
                stays |= felt is False
            else:
                if stays:  # else others would be left no move at all
                    return list(self._all(here, own))
        return None

    def _ways(self, state: State | None, given: Input) -> Iterator[tuple[tuple[str, ...], Step]]:
        """Every outcome of one input, by the answers of the conditions asked on the way."""
        script: list[bool] | None = []
        for _ in range(self._most_ways):
            choices = self._model.choose(script or [])
            self._steps += 1
            try:
                reached = step(self._model.definition, state, given, _NOON)
            except TooOften:
                self.found.bounds.add("choices")
            except CoreError:
                return  # nobody waits for it
            else:
                if any(isinstance(event, IncidentRaised) for event in reached.events):
                    # A failure that nobody catches is its own token's affair; others may depend on who moved first.
                    self.found.stumbled |= not isinstance(given, Fail)
                else:
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
        if here is not None and self._again(here, reached):
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

    def _again(self, here: Situation, reached: Step) -> bool:
        """Whether an event that leaves what it interrupts alone has only begun once more what it began before."""
        if not any(isinstance(event, Caught) and event.element in self._beside for event in reached.events):
            return False
        counts = counts_of(reached.state)
        return not set(counts) - set(here.counts) and counts > here.counts

    @staticmethod
    def _piles(there: Situation) -> bool:
        here, beside = there.before, there.beside
        while here is not None and not beside:
            if there.counts > here.counts and set(there.counts) == set(here.counts):
                return True
            beside, here = here.beside, here.before
        return False
