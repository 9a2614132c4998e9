"""What somebody means who asks in their own words: the entries of a list whose aliases stand in the text.

No model and no dictionary beyond the lists themselves. The text is brought to usual characters, its synonyms to one
form, and aliases are looked for clause by clause; an alias may have gaps (`和…是母女`). Where none stands in the text,
they are looked for by sound (`无方证明`, `wufang zhengming`), then by shared pairs of characters. Hints are words that
only make a guess: it is told with a score below `SURE`, and only to somebody who asks for a paper at all. So is what the
text is most like among sentences that people said before; their likeness also puts the meanings in order.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from engine.wording.likeness import Example, Likeness
from engine.wording.script import BEAT, Script

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Longer texts are cut: nobody asks for one paper in more words, and matching costs text times aliases.
LONGEST = 600
GAP = "…"
#: From this score on a meaning may be acted upon; below it a person has to look.
SURE = Decimal("0.8")
#: From this score on a guess is likely: right in four of five sentences kept aside in which no alias stands.
LIKELY = Decimal("0.7")
_STANDS, _SOUNDS, _PERHAPS, _GUESSED = Decimal(1), Decimal("0.9"), Decimal("0.6"), Decimal("0.5")
#: By how much a meaning must be likelier than the next one (logarithm of the odds) to be worth telling, and to be likely.
_WORTH_TELLING, _LIKELY_BY = 2.0, 8.0
#: The key of sentences that mean nothing of the list.
_NOTHING = -1
#: Characters (or syllables) that may stand in one gap of an alias.
_WIDEST_GAP = 12
_SHORTEST_FOR_PAIRS = 4
#: Fewer syllables than these may sound like anything; two are enough before a word that asks for a paper.
_SHORTEST_SOUND = 3
_ENDS = re.compile(r"[,，。;；:：!！?？\n\r、]+|\.(?=\s|$)")
_NOISE = re.compile(
    r"[\"'“”‘’《》()（）【】·—_~～-]+|\s+(?![a-z])|(?<![a-z])\s+|麻烦|请问|帮忙|一下|这个|那个|的|了|啊|吧|呢|吗|呀|嘛|您|你们|俺"
    r"|(?<=[开写出给要一这那办来盖])(?:个(?![体人别])|[张份])"
)
#: What is said not to be wanted: from the refusing word to what is wanted instead, or to the end of the clause.
_DECLINED = re.compile(
    r"(?:不用|不需要|无需|不必|用不着)(?:再|给我|帮我)?[开办出要].*?(?=只要|就要|只开|就开|只办|而是|$)"
)
_LETTERS = re.compile(r"[a-z]")
_HAN = re.compile(r"[㐀-鿿]")
_HAN_RUN, _LETTER_RUN = re.compile(r"[㐀-鿿]+"), re.compile(r"[a-z]+")


class Found(NamedTuple):
    """One meaning: which entry, by which alias, how sure (1: the alias stands there), and how much of the text says so."""

    key: int
    alias: str
    score: Decimal
    length: int


@dataclass(frozen=True, slots=True)
class _Alias:
    key: int
    said: str
    parts: tuple[str, ...]
    pattern: str

    def search(self, text: str) -> re.Match[str] | None:
        """Where it stands; its pattern is compiled only when its first part is there, as few ever are."""
        return _compiled(self.pattern).search(text) if self.parts[0] in text else None

    @property
    def length(self) -> int:
        """How much it says: its characters, less one for each gap, which could hide something else."""
        return sum(map(len, self.parts)) - len(self.parts) + 1


class _Hit(NamedTuple):
    alias: _Alias
    clause: int
    start: int
    end: int


class Wording:
    """The aliases of one list, ready to be looked for.

    `aliases` and `hints` give each entry's, `synonyms` word -> the form for it, `asking` the words by which people ask for
    a paper (without any, every text does), `said` sentences by the entry that they meant (None: nothing of the list).
    """

    def __init__(
        self,
        aliases: Sequence[Iterable[str]],
        synonyms: Mapping[str, str] = {},
        *,
        hints: Sequence[Iterable[str]] = (),
        asking: Iterable[str] = (),
        script: Script | None = None,
        said: Mapping[int | None, Iterable[str]] = {},
    ) -> None:
        self._script = script or Script()
        self._forms = {_bare(word): _bare(form) for word, form in synonyms.items()}
        longest_first = sorted(self._forms, key=lambda word: (-len(word), word))
        self._synonym = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._asking = tuple(dict.fromkeys(self._formed(_bare(word)) for word in asking))
        self._aliases = list(self._ready(aliases))
        self._hints = list(self._ready(hints))
        self._sounds = list(self._sounding(aliases)) if script is not None else []
        self._likeness = Likeness(self._examples(said)) if said else None
        self._names = [next(iter(one), "") for one in aliases]

    def asks(self, text: str) -> bool:
        """Whether the words ask for a paper, and not for something that a paper could be about."""
        return self._asked(self._formed(bare) for clause in self._raw(text) if (bare := _bare(clause)))

    def _asked(self, clauses: Iterable[str]) -> bool:
        return not self._asking or any(word in clause for clause in clauses for word in self._asking)

    def find(self, text: str) -> list[Found]:
        """The meanings of the text, likeliest first (without sentences to learn from: surest and longest), each entry once."""
        raw = self._raw(text)
        clauses = [self._formed(bare) for clause in raw if (bare := _bare(clause))]
        found = self._standing(clauses) or self._alike(clauses)
        weights = self._likeness.weigh(self._marks(raw)) if self._likeness is not None else {}
        if self._asked(clauses):
            hits = [hit for place, clause in enumerate(clauses) for hit in _hits(self._hints, place, clause)]
            found += [*self._likely(weights), *_weighed(hits, _GUESSED)]
        best: dict[int, Found] = {}
        for one in sorted(found, key=lambda one: (-one.score, -one.length, one.key)):
            best.setdefault(one.key, one)
        return sorted(
            best.values(), key=lambda one: (one.score <= _GUESSED, -weights.get(one.key, -math.inf))
        )

    def _likely(self, weights: Mapping[int, float]) -> Iterator[Found]:
        """The one entry whose sentences are like the text, if no other's are nearly as like it."""
        ranked = sorted(weights.items(), key=lambda one: -one[1])
        first, second = (*ranked, (_NOTHING, 0.0), (_NOTHING, 0.0))[:2]
        ahead = first[1] - max(second[1], 0.0)
        if first[0] != _NOTHING and ahead >= _WORTH_TELLING:
            yield Found(first[0], self._names[first[0]], LIKELY if ahead >= _LIKELY_BY else _PERHAPS, 0)

    def _examples(self, said: Mapping[int | None, Iterable[str]]) -> Iterator[Example]:
        """What was said, and half as weighty the words by which the entries are known."""
        for key, sentences in said.items():
            for one in sentences:
                yield Example(_NOTHING if key is None else key, self._marks(self._raw(one)), 2)
        for alias in (*self._aliases, *self._hints):
            yield Example(alias.key, self._marks(alias.said.split(GAP)), 1)

    def _marks(self, clauses: Iterable[str]) -> frozenset[str]:
        """By what sentences are alike: characters, pairs of them, pairs of syllables, words of letters."""
        found: set[str] = set()
        for clause in clauses:
            bare = _bare(clause)
            for run in _HAN_RUN.findall(self._formed(bare)):
                found.update(run, _pairs(run))
            found.update(_LETTER_RUN.findall(clause))
            beats = self._script.sound(bare).split(BEAT)[1:]
            found.update(f"{BEAT}{one}{BEAT}{after}" for one, after in pairwise(beats))
        return frozenset(found)

    def _standing(self, clauses: Sequence[str]) -> list[Found]:
        hits = [hit for place, clause in enumerate(clauses) for hit in _hits(self._aliases, place, clause)]
        # What no clause says alone, the clauses may say together (`收养孩子，他来不了，委托书…`).
        hits = hits or _hits(self._aliases, 0, "".join(clauses))
        return _weighed([hit for hit in hits if not any(_swallows(other, hit) for other in hits)], _STANDS)

    def _alike(self, clauses: Sequence[str]) -> list[Found]:
        heard = [hit for place, clause in enumerate(clauses) for hit in self._heard(place, clause)]
        return _weighed(heard, _SOUNDS) or [one for clause in clauses for one in self._by_pairs(clause)]

    def _ready(self, said: Sequence[Iterable[str]]) -> Iterator[_Alias]:
        gap = f".{{0,{_WIDEST_GAP}}}?"
        for key, one in ((key, one) for key, ones in enumerate(said) for one in ones):
            parts = tuple(part for part in (self._formed(_bare(part)) for part in one.split(GAP)) if part)
            if parts:
                word = r"(?<![a-z])" if _LETTERS.match(parts[0]) else ""
                yield _Alias(key, one, parts, word + gap.join(map(re.escape, parts)))

    def _sounding(self, said: Sequence[Iterable[str]]) -> Iterator[_Alias]:
        """Each alias as it sounds, as written and with its synonyms."""
        gap = f"(?:{BEAT}[^{BEAT}]+){{0,{_WIDEST_GAP}}}?"
        for key, one in ((key, one) for key, ones in enumerate(said) for one in ones):
            written = [part for part in map(_bare, one.split(GAP)) if part]
            for parts in {tuple(written), tuple(map(self._formed, written))}:
                sounds = tuple(self._script.sound(part) for part in parts)
                if parts and not _LETTERS.search("".join(parts)):
                    pattern = gap.join(re.escape(sound) + f"(?={BEAT}|$)" for sound in sounds)
                    yield _Alias(key, one, sounds, pattern)

    def _heard(self, place: int, clause: str) -> Iterator[_Hit]:
        sound = self._script.sound(clause)
        typed = len(_HAN.findall(clause)) < sound.count(BEAT) / 2
        asking = [self._script.sound(word) for word in self._asking]
        for alias in self._sounds:
            if (hit := alias.search(sound)) is not None:
                beats = sum(part.count(BEAT) for part in alias.parts)
                enough = 2 if typed or sound[hit.end() :].startswith(tuple(asking)) else _SHORTEST_SOUND
                if beats >= enough + (len(alias.parts) > 1):
                    yield _Hit(alias, place, hit.start(), hit.end())

    def _raw(self, text: str) -> list[str]:
        whole = self._script.usual(unicodedata.normalize("NFKC", text[:LONGEST]).lower())
        return [_DECLINED.sub("", clause) for clause in _ENDS.split(whole)]

    def _formed(self, text: str) -> str:
        if self._synonym is None:
            return text
        return self._synonym.sub(lambda hit: self._forms[hit[0]], text)

    def _by_pairs(self, clause: str) -> Iterator[Found]:
        pairs = _pairs(clause)
        for alias in self._aliases:
            text = "".join(alias.parts)
            if len(text) >= _SHORTEST_FOR_PAIRS and not _LETTERS.search(text):
                wanted = _pairs(text)
                share = Decimal(len(wanted & pairs)) / len(wanted)
                if share >= SURE:
                    yield Found(alias.key, alias.said, share.quantize(Decimal("0.01")), len(text))


_compiled = lru_cache(10_000)(re.compile)


def _hits(aliases: Iterable[_Alias], place: int, clause: str) -> list[_Hit]:
    return [
        _Hit(alias, place, hit.start(), hit.end())
        for alias in aliases
        if (hit := alias.search(clause)) is not None
    ]


def _weighed(hits: Iterable[_Hit], score: Decimal) -> list[Found]:
    """One meaning for each entry: its longest alias, and the length of all that say so in different places."""
    kept: dict[int, list[_Hit]] = {}
    for hit in sorted(hits, key=lambda hit: -hit.alias.length):
        own = kept.setdefault(hit.alias.key, [])
        if not any(
            other.clause == hit.clause and other.start < hit.end and hit.start < other.end for other in own
        ):
            own.append(hit)
    return [
        Found(key, own[0].alias.said, score, sum(hit.alias.length for hit in own))
        for key, own in kept.items()
    ]


def _bare(text: str) -> str:
    """Without blanks, signs and words that only make a sentence polite."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def _swallows(other: _Hit, hit: _Hit) -> bool:
    """Whether a longer alias of another entry, said without gap, stands around this one: it is what was meant."""
    return (
        other.alias.key != hit.alias.key
        and other.clause == hit.clause
        and len(other.alias.parts) == 1
        and other.start <= hit.start
        and hit.end <= other.end
        and other.end - other.start > hit.end - hit.start
    )
