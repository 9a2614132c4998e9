"""What somebody means who asks in their own words: the entries of a list whose aliases stand in the text.

No model and no dictionary beyond the list itself: the text is normalised, the list's synonyms are brought to one form,
and aliases are looked for clause by clause. An alias may have gaps (`和…是母女`). Only where no alias stands in the text
are pairs of characters compared, so that a slip of the hand still finds its entry.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Longer texts are cut: nobody asks for one paper in more words, and matching costs text times aliases.
LONGEST = 600
GAP = "…"
#: Characters that may stand in one gap of an alias.
_WIDEST_GAP = 12
#: Share of an alias's pairs of characters that must stand in the text, where the alias itself does not.
_LIKE_ENOUGH = Decimal("0.8")
_SHORTEST_FOR_PAIRS = 4
_ENDS = re.compile(r"[,，。;；:：!！?？\n\r、]+")
_NOISE = re.compile(
    r"[\s\"'“”‘’《》()（）【】·—_~～-]+|麻烦|请问|帮忙|一下|这个|那个|的|了|个|张|份|啊|吧|呢|吗|呀|嘛|您|你们|俺"
)
#: What is said not to be wanted: from the refusing word to what is wanted instead, or to the end of the clause.
_DECLINED = re.compile(
    r"(?:不用|不需要|无需|不必|用不着)(?:再|给我|帮我)?[开办出要].*?(?=只要|就要|只开|就开|只办|而是|$)"
)


class Found(NamedTuple):
    """One meaning: which entry, by which alias, how sure (1: the alias stands there), and how many characters it has."""

    key: int
    alias: str
    score: Decimal
    length: int


@dataclass(frozen=True, slots=True)
class _Alias:
    key: int
    said: str
    parts: tuple[str, ...]
    pattern: re.Pattern[str]

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
    """The aliases of one list, ready to be looked for. `aliases` gives each entry's; `synonyms` word -> the form for it."""

    def __init__(self, aliases: Sequence[Iterable[str]], synonyms: Mapping[str, str] = {}) -> None:
        self._forms = {_bare(word): _bare(form) for word, form in synonyms.items()}
        longest_first = sorted(self._forms, key=lambda word: (-len(word), word))
        self._synonym = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._aliases = [
            alias
            for key, said in enumerate(aliases)
            for one in said
            if (alias := self._compiled(key, one)) is not None
        ]

    def find(self, text: str) -> list[Found]:
        """The meanings of the text, surest and longest first, each entry once."""
        clauses = self._clauses(text)
        hits = [hit for place, clause in enumerate(clauses) for hit in self._hits(place, clause)]
        # What no clause says alone, the clauses may say together (`收养孩子，他来不了，委托书…`).
        hits = hits or self._hits(0, "".join(clauses))
        found = [
            Found(hit.alias.key, hit.alias.said, Decimal(1), hit.alias.length)
            for hit in hits
            if not any(_swallows(other, hit) for other in hits)
        ]
        found = found or [one for clause in clauses for one in self._alike(clause)]
        best: dict[int, Found] = {}
        for one in sorted(found, key=lambda one: (-one.score, -one.length, one.key)):
            best.setdefault(one.key, one)
        return list(best.values())

    def _compiled(self, key: int, said: str) -> _Alias | None:
        parts = tuple(part for part in (self._formed(_bare(part)) for part in said.split(GAP)) if part)
        if not parts:
            return None
        gap = f".{{0,{_WIDEST_GAP}}}?"
        return _Alias(key, said, parts, re.compile(gap.join(map(re.escape, parts))))

    def _clauses(self, text: str) -> list[str]:
        whole = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
        wanted = (_DECLINED.sub("", clause) for clause in _ENDS.split(whole))
        return [self._formed(bare) for clause in wanted if (bare := _bare(clause))]

    def _formed(self, text: str) -> str:
        if self._synonym is None:
            return text
        return self._synonym.sub(lambda hit: self._forms[hit[0]], text)

    def _hits(self, place: int, clause: str) -> list[_Hit]:
        return [
            _Hit(alias, place, hit.start(), hit.end())
            for alias in self._aliases
            if alias.parts[0] in clause and (hit := alias.pattern.search(clause)) is not None
        ]

    def _alike(self, clause: str) -> Iterable[Found]:
        pairs = _pairs(clause)
        for alias in self._aliases:
            text = "".join(alias.parts)
            if len(text) >= _SHORTEST_FOR_PAIRS:
                wanted = _pairs(text)
                share = Decimal(len(wanted & pairs)) / len(wanted)
                if share >= _LIKE_ENOUGH:
                    yield Found(alias.key, alias.said, share.quantize(Decimal("0.01")), len(text))


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
