"""The verdict: situations without a way out, circles without an end, steps that nobody reaches, tokens that pile up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.core.definition import Kind
from engine.core.sound.explore import Search, Situation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.core.sound.explore import Explored
    from engine.core.sound.marking import Shape
    from engine.core.sound.moves import Move

#: Never entered by a token of their own.
_NOT_ENTERED: Final = frozenset({Kind.EVENT_SUB_PROCESS})


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far to look: situations in all, outcomes of the conditions of one step, and steps in all."""

    situations: int = 3_000
    ways: int = 256
    #: Steps of the mover in all: what a search costs.
    steps: int = 1_000_000
    #: Leave out orders that lead to nothing new (`alone`); without it everything is walked, for comparison.
    reduced: bool = True


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong: `deadlock`, `never-ends`, `unreached` or `piles-up`; where, and a way that leads there."""

    code: str
    elements: tuple[str, ...]
    way: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Soundness:
    """The defects, how many situations were looked at, and what bounded the search (empty: everything was seen)."""

    defects: tuple[Defect, ...]
    situations: int
    bounded: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """No defect, and nothing was left out."""
        return not self.defects and not self.bounded


def examine(definition: Definition, bounds: Bounds = Bounds()) -> Soundness:
    """Look at every situation that the model can come to.

    Conditions may hold or not in any combination, any timer may be due, any message and failure may come; a defect
    that data rule out is still told. What cannot happen without data's help is never missed, within the bounds.
    """
    found = _walked(definition, bounds, reduced=bounds.reduced)
    if bounds.reduced and found.stumbled:
        found = _walked(definition, bounds, reduced=False)
    defects = [*_stuck(found), *_piling(found)]
    if not found.piling:
        # Where tokens pile up nothing is walked further, so that only what was seen can be told.
        defects += _circles(found)
        if not found.bounds:
            defects += _unreached(definition, found)
    return Soundness(tuple(defects), len(found.situations), tuple(sorted(found.bounds)))


def _walked(definition: Definition, bounds: Bounds, *, reduced: bool) -> Explored:
    search = Search(definition, bounds.situations, bounds.ways, most_steps=bounds.steps, reduced=reduced)
    return search.run()


def _stuck(found: Explored) -> Iterator[Defect]:
    told: set[tuple[str, ...]] = set()
    for situation in found.situations.values():
        if situation.known and not situation.state.ended and not situation.after:
            where = _resting(situation)
            if where not in told:
                told.add(where)
                yield Defect("deadlock", where, situation.way())


def _circles(found: Explored) -> Iterator[Defect]:
    """Situations from which no end can be reached, although something can always happen."""
    before: dict[Shape, list[Shape]] = {}
    hopeful: list[Shape] = []
    for shape, situation in found.situations.items():
        for after in situation.after:
            before.setdefault(after, []).append(shape)
        # What was not looked at to the end may still lead somewhere.
        if situation.state.ended or not situation.known or not situation.after:
            hopeful.append(shape)
    reached = set(hopeful)
    while hopeful:
        for shape in before.get(hopeful.pop(), ()):
            if shape not in reached:
                reached.add(shape)
                hopeful.append(shape)
    for shape, situation in found.situations.items():  # breadth first: the first is the nearest
        if shape not in reached:
            yield Defect("never-ends", _resting(situation), situation.way())
            return


def _piling(found: Explored) -> Iterator[Defect]:
    told: set[tuple[str, ...]] = set()
    for situation in found.piling:
        here = situation.before
        while here is not None and not (
            situation.counts > here.counts and set(situation.counts) == set(here.counts)
        ):
            here = here.before
        assert here is not None
        more = tuple(sorted({element for _, element in situation.counts - here.counts}))
        if more not in told:
            told.add(more)
            yield Defect("piles-up", more, situation.way())


def _unreached(definition: Definition, found: Explored) -> Iterator[Defect]:
    for node in definition.nodes.values():
        if node.id not in found.entered and node.kind not in _NOT_ENTERED and not node.for_compensation:
            yield Defect("unreached", (node.id,))


def _resting(situation: Situation) -> tuple[str, ...]:
    """The elements where the innermost tokens stand."""
    parents = {token.parent for token in situation.state.tokens.values()}
    return tuple(
        sorted({token.element for token in situation.state.tokens.values() if token.id not in parents})
    )
