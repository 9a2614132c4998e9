"""How like a text is to what people said when they meant one thing or another: learnt from examples, no words given.

Each example counts for its meaning by the marks it shows (characters, pairs of them, syllables, whatever the caller
reads from a text). A text is weighed by the logarithm of how much oftener each of its marks stands with a meaning than
with all others together (naive Bayes with the complement for its rival, which meanings with few examples need).
Nothing is random: the same examples in the same order weigh the same.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What a mark counts for a meaning with which it was never seen, where a sentence counts 2 and a word 1.
_UNSEEN = 0.2


class Example(NamedTuple):
    """`marks` of something said that meant `key`; a short word counts less than a whole sentence."""

    key: int
    marks: frozenset[str]
    weight: int


class Likeness:
    """The examples of all meanings, counted."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._seen: dict[int, Counter[str]] = {}
        for one in examples:
            counts = self._seen.setdefault(one.key, Counter())
            for mark in one.marks:
                counts[mark] += one.weight
        self._all: Counter[str] = Counter()
        for counts in self._seen.values():
            self._all.update(counts)
        self._sums = {key: sum(counts.values()) for key, counts in self._seen.items()}
        self._sum = sum(self._sums.values())

    def weigh(self, marks: Iterable[str]) -> dict[int, float]:
        """For each meaning the logarithm of its odds against all others; empty when no mark was ever seen."""
        known = sorted(mark for mark in marks if mark in self._all)
        return {key: math.fsum(self._odds(key, known)) for key in self._seen} if known else {}

    def _odds(self, key: int, known: Iterable[str]) -> Iterator[float]:
        counts, smooth = self._seen[key], _UNSEEN * len(self._all)
        own, others = self._sums[key] + smooth, self._sum - self._sums[key] + smooth
        for mark in known:
            here = counts[mark]
            there = self._all[mark] - here
            yield math.log((here + _UNSEEN) / own) - math.log((there + _UNSEEN) / others)
