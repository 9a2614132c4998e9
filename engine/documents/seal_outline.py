"""The round seal of an office as lines of a PDF: 42 mm, in millimetres from its middle, upwards positive.

Its characters are outlines, not text: a seal is a picture, must not be found when the paper is searched, and needs no
font in the file.
"""

from __future__ import annotations

from math import cos, pi, radians, sin
from typing import TYPE_CHECKING, Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.documents.fonts import Face, Fonts

RED = (0xD7 / 255, 0x00 / 255, 0x0F / 255)
SIZE = 42.0  # at most 45 by the rules on seals
RING = 1.1
TEXT_RADIUS = 15.4
WIDEST_SPAN = 225.0  # degrees; wider, the ends would meet the bottom line
STAR_RADIUS = 6.4
LARGEST, SMALLEST = 5.2, 2.6  # height of a character
BOTTOM = -13.4
#: Below the middle of the arc, as a share of the height: half of what a character stands above its line.
DROP = 0.36
#: How far the handles of a quarter of a circle reach (in radii) when it is drawn as one Bézier curve.
_QUARTER = 0.5522847498


class _Lines(BasePen):  # type: ignore[misc]  # the library carries no types
    """Writes a glyph as operators of a PDF, in the glyph's own units."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.lines: list[str] = []

    def _put(self, *points: tuple[float, float], operator: str) -> None:
        self.lines.append(" ".join([*(f"{_short(x)} {_short(y)}" for x, y in points), operator]))

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 -- the library's names
        self._put(point, operator="m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._put(point, operator="l")

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._put(*points, operator="c")

    def _closePath(self) -> None:  # noqa: N802
        self.lines.append("h")


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".") or "0"


def outline(name: str, bottom: str, fonts: Fonts) -> bytes:
    """The content of the drawing; DocumentRefused `glyph-missing` when no face of seals holds a character."""
    lines = [" ".join([*map(_short, RED), "rg", *map(_short, RED), "RG", _short(RING), "w"])]
    lines += _circle(SIZE / 2 - RING / 2 - 0.2)
    lines += _star(STAR_RADIUS)
    for letter, matrix, height in (*_arc(name), *_line(bottom)):
        lines += _letter(letter, matrix, height, fonts)
    return "\n".join(lines).encode()


def _circle(radius: float) -> Iterator[str]:
    reach = radius * _QUARTER
    yield f"{_short(radius)} 0 m"
    for quarter in range(4):
        turn = quarter * pi / 2
        points = [(radius, reach), (reach, radius), (0.0, radius)]
        turned = [(x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)) for x, y in points]
        yield " ".join([*(f"{_short(x)} {_short(y)}" for x, y in turned), "c"])
    yield "h S"


def _star(radius: float) -> Iterator[str]:
    for corner in range(10):
        angle = pi / 2 - corner * pi / 5
        reach = radius if corner % 2 == 0 else radius * 0.382
        operator = "m" if corner == 0 else "l"
        yield f"{_short(reach * cos(angle))} {_short(reach * sin(angle))} {operator}"
    yield "h f"


Matrix = tuple[float, float, float, float, float, float]


def _arc(name: str) -> Iterator[tuple[str, Matrix, float]]:
    """Where each character stands on the arc: turned with it, and made narrower where there are many."""
    count = max(len(name), 1)
    span = min(WIDEST_SPAN, 24.0 * (count - 1))
    pitch = span / (count - 1) if count > 1 else 0.0
    room = 2 * pi * TEXT_RADIUS * pitch / 360 if pitch else LARGEST
    height = max(SMALLEST, min(LARGEST, room * 1.25))
    squeeze = min(1.0, room * 0.94 / height)
    for place, letter in enumerate(name):
        angle = radians(span / 2 - place * pitch)
        up = TEXT_RADIUS - DROP * height
        turned = (squeeze * cos(angle), squeeze * sin(angle), -sin(angle), cos(angle))
        yield letter, (*turned, -sin(angle) * up, cos(angle) * up), height


def _line(bottom: str) -> Iterator[tuple[str, Matrix, float]]:
    height = min(3.6, 22.0 / max(len(bottom), 1))
    for place, letter in enumerate(bottom):
        yield letter, (1, 0, 0, 1, (place - (len(bottom) - 1) / 2) * height, BOTTOM), height


def _letter(letter: str, matrix: Matrix, height: float, fonts: Fonts) -> Iterator[str]:
    face = _face(letter, fonts)
    with TTFont(str(face.path), fontNumber=face.index, lazy=True) as font:
        glyphs = font.getGlyphSet()
        glyph = glyphs[font.getBestCmap()[ord(letter)]]
        pen = _Lines(glyphs)
        glyph.draw(pen)
        scale, half = height / font["head"].unitsPerEm, glyph.width / 2
    if not pen.lines:  # a blank
        return
    a, b, c, d, e, f = matrix
    moved = (a * scale, b * scale, c * scale, d * scale, e - a * scale * half, f - b * scale * half)
    yield f"q {' '.join(f'{number:.7f}' for number in moved)} cm"
    yield from pen.lines
    yield "f Q"


def _face(letter: str, fonts: Fonts) -> Face:
    """The first face of seals that holds the character, the bold one where there is one."""
    for family in fonts.stack("song"):
        if ord(letter) in fonts.holds(family):
            bold = (face for face in fonts.faces if face.family == family and face.bold)
            return next(bold, fonts.installed[family])
    raise DocumentRefused("glyph-missing", character=letter, codepoint=f"U+{ord(letter):04X}")
