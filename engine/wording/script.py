"""How Chinese is written and how it sounds: other forms of a character, its syllable, and pinyin typed instead of it.

A jurisdiction's file lists/characters.csv gives for each character its syllable (without tone, `v` for ü) and the other
forms in which people write it (traditional ones above all). Sounds are compared without the differences that are not
heard, or not typed, everywhere in the north: zh, ch, sh as z, c, s, and a last ng as n.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Stands before every syllable of a sound, so that none is found inside another.
BEAT = "·"
_PIECES = re.compile(r"[a-z]+|[㐀-鿿]")
_LONGEST_SYLLABLE = 6
#: Longer runs of letters are no pinyin that anybody typed without a blank.
_LONGEST_RUN = 40


class Script:
    """Characters as (character, syllable, other forms)."""

    def __init__(self, characters: Iterable[tuple[str, str, str]] = ()) -> None:
        known = tuple(characters)
        self._sound = {character: _heard(sound) for character, sound, _ in known}
        self._syllables = frozenset(sound for _, sound, _ in known)
        self._forms = str.maketrans({form: character for character, _, forms in known for form in forms})
        self._cut = lru_cache(4096)(self._cut_run)

    def usual(self, text: str) -> str:
        """The text with every character in its usual form."""
        return text.translate(self._forms)

    def sound(self, text: str) -> str:
        """`·wu·fang`: the syllables of its characters and of pinyin; other words of letters stand as one syllable."""
        return "".join(BEAT + syllable for piece in _PIECES.findall(text) for syllable in self._of(piece))

    def _of(self, piece: str) -> Iterator[str]:
        if not piece.isascii():
            yield self._sound.get(piece, piece)
            return
        yield from (_heard(one) for one in self._cut(piece)) if self._cut(piece) else (piece,)

    def _cut_run(self, run: str) -> tuple[str, ...]:
        """The fewest syllables that make up the run; nothing if none do."""
        if len(run) > _LONGEST_RUN:
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * len(run)
        for begin in range(len(run)):
            so_far = best[begin]
            if so_far is None:
                continue
            for end in range(begin + 1, min(len(run), begin + _LONGEST_SYLLABLE) + 1):
                known = best[end]
                if run[begin:end] in self._syllables and (known is None or len(known) > len(so_far) + 1):
                    best[end] = (*so_far, run[begin:end])
        return best[-1] or ()


def _heard(sound: str) -> str:
    first = sound[0] + sound[2:] if sound[:2] in {"zh", "ch", "sh"} else sound
    return first.removesuffix("g") if first.endswith("ng") else first
