"""Words in a picture: SVG does not wrap, so lines are broken here by the width of their characters."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_EM = 12.0
_LINE = 14.0
#: Marks that must not begin a line.
_CLOSING = "，。、；：！？）》」』”’,.;:!?)"


def width(word: str) -> float:
    """How wide a word is at 12 px: full-width characters one em, others a bit more than half."""
    return sum(_EM if ord(letter) > 0x2E7F else _EM * 0.58 for letter in word)


def lines_of(words: str, room: float) -> list[str]:
    """The words in lines that fit; Chinese breaks between any two characters, other scripts between words."""
    lines: list[str] = []
    current = ""
    for piece in _pieces(words):
        if piece == "\n":
            lines.append(current)
            current = ""
        elif current and width(current + piece) > room and piece not in _CLOSING:
            lines.append(current.rstrip())
            current = piece.lstrip()
        else:
            current += piece
    return [*lines, current] if current or not lines else lines


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    for letter in words:
        narrow = ord(letter) <= 0x2E7F and letter not in " \n"
        if narrow and pieces and pieces[-1][-1] not in " \n" and ord(pieces[-1][-1]) <= 0x2E7F:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def text(
    lines: Sequence[str], x: float, y: float, *, anchor: str = "middle", kind: str = "", turned: bool = False
) -> str:
    """Lines of text around a point (centred in height); `turned` runs upwards, as lane names do."""
    shown = [line for line in lines if line]
    if not shown:
        return ""
    first = y - _LINE * (len(shown) - 1) / 2 + 4
    known = f' class="{kind}"' if kind else ""
    if turned:
        return f'<text{known} text-anchor="middle" transform="translate({x:g} {y:g}) rotate(-90)" dy="4">{escape(shown[0])}</text>'
    spans = "".join(
        f'<tspan x="{x:g}" y="{first + _LINE * place:g}">{escape(line)}</tspan>'
        for place, line in enumerate(shown)
    )
    return f'<text{known} text-anchor="{anchor}">{spans}</text>'
