"""Texts word by word: which words went and which came, for letters, sentences and cells.

Chinese is compared character by character, everything else by words; marks of HTML stay whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from engine.compare.difference import What

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN: Final = re.compile(r"<[^<>\n]{1,200}>|\{[{%][^{}\n]{1,200}[%}]\}|[A-Za-z0-9_.]+|\s+|.", re.DOTALL)
#: Tokens of one passage that are compared word by word; longer ones are told as replaced whole.
_LONGEST: Final = 4_000
#: Texts that have less in common than this are read more easily one after the other.
_ALIKE: Final = 0.4
#: Unchanged lines that are kept around a change.
CONTEXT: Final = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `what` is None where both versions say it."""

    text: str
    what: What | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that belong together: the line numbers where they begin, and what they say."""

    before: int
    after: int
    pieces: tuple[Piece, ...]


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as one, with what was removed and what was added marked."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _LONGEST:
        return tuple(_replaced(before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return tuple(_replaced(before, after))
    pieces: list[Piece] = []
    for tag, i, j, k, l in matcher.get_opcodes():  # noqa: E741 - as difflib names them
        if tag == "equal":
            pieces.append(Piece("".join(new[k:l])))
        else:
            pieces += _replaced("".join(old[i:j]), "".join(new[k:l]))
    return tuple(_joined(pieces))


def passages(before: str, after: str) -> list[Passage]:
    """The changed passages of two texts, each with some lines around it."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        pieces: list[Piece] = []
        for tag, i, j, k, l in group:  # noqa: E741
            if tag == "equal":
                pieces.append(Piece("".join(new[k:l])))
            else:
                pieces += words("".join(old[i:j]), "".join(new[k:l]))
        found.append(Passage(group[0][1] + 1, group[0][3] + 1, tuple(_joined(pieces))))
    return found


def _replaced(before: str, after: str) -> Iterator[Piece]:
    if before:
        yield Piece(before, What.REMOVED)
    if after:
        yield Piece(after, What.ADDED)


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one; a single blank between two changes belongs to both."""
    current: Piece | None = None
    for piece in pieces:
        if current is not None and piece.what == current.what:
            current = Piece(current.text + piece.text, current.what)
        else:
            if current is not None:
                yield current
            current = piece
    if current is not None:
        yield current
