"""Which faces there are, which of them hold a character, and what a sheet may call them.

Faces come from the office's own folder first (licensed 方正小标宋, 仿宋_GB2312 ...), then from the system. The
free CJK faces always stand behind them, so that a paper is printed, or refused with the character named. The families
"Banjian ..." are small copies of free faces (`subsets`).
"""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from fontTools.ttLib import TTCollection, TTFont, TTLibError
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TAIL = (
    "Banjian Serif SC",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "BabelStone Han",
    "HanaMinA",
    "HanaMinB",
    "Noto Sans CJK SC",
)
#: Role of GB/T 9704 -> faces, best first. Licensed names only take effect where the office brings the files.
STACKS: dict[str, tuple[str, ...]] = {
    "fang": ("FangSong_GB2312", "FZFangSong-Z02S", "FangSong", "FandolFang", *TAIL),
    "song": ("FZShuSong-Z01S", "SimSun", *TAIL),
    "kai": ("KaiTi_GB2312", "FZKai-Z03S", "KaiTi", "FandolKai", "LXGW WenKai", *TAIL),
    "hei": ("FZHei-B01S", "SimHei", "Banjian Sans SC", "Noto Sans CJK SC", *TAIL),
    "biaosong": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", *TAIL),
}
_TAGS = re.compile(r"<(style|svg:style|script)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
#: What pictures say: a seal draws the characters that stand here.
_SPOKEN = re.compile(r'<img\b[^>]*\balt="([^"]*)"')
#: Kinds of characters that no face needs to hold: they are never drawn.
_UNDRAWN = {"Zs", "Zl", "Zp", "Cf"}
#: Controls, surrogates and private characters: a face that draws one draws its own invention (old encodings kept rare
#: characters of names there), so they are always refused.
_MEANINGLESS = {"Cc", "Co", "Cs"}


def _drawn(letter: str) -> bool:
    point = ord(letter)
    if letter in "\t\n\r" or 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF:
        return False
    return unicodedata.category(letter) not in _UNDRAWN


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a file; `index` counts inside collections."""

    family: str
    path: Path
    index: int
    bold: bool


def _names(font: TTFont) -> set[str]:
    return {str(record) for record in font["name"].names if record.nameID in (1, 16)}


def read_faces(path: Path) -> list[Face]:
    """The faces of one file; none where it is no font."""
    collected = path.suffix.lower() in (".ttc", ".otc")
    try:
        with path.open("rb") as stream:  # ours to close; fontTools forgets it when the file is broken
            fonts = TTCollection(stream, lazy=True).fonts if collected else [TTFont(stream, lazy=True)]
            return [
                Face(family, path, index, bold=font["OS/2"].usWeightClass >= 600)
                for index, font in enumerate(fonts)
                for family in sorted(_names(font))
            ]
    except (TTLibError, OSError, KeyError, ValueError, EOFError, AssertionError, struct.error):
        return []  # no font; fontconfig leaves it out as well


def find_faces(folders: Iterable[Path]) -> tuple[Face, ...]:
    """Every face in the folders that a stack may name, in the order of the folders and paths."""
    wanted = {family for stack in STACKS.values() for family in stack}
    return tuple(
        face
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".ttf", ".otf", ".ttc", ".otc")
        for face in read_faces(path)
        if face.family in wanted
    )


@dataclass(frozen=True)
class Fonts:
    """The faces that papers are set in."""

    faces: tuple[Face, ...]
    stacks: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(STACKS))

    @cached_property
    def installed(self) -> dict[str, Face]:
        """Family name -> its regular face, or any where there is no regular one; the first folder wins."""
        found: dict[str, Face] = {}
        for face in self.faces:
            known = found.get(face.family)
            if known is None or (known.bold and not face.bold):
                found[face.family] = face
        return found

    @cached_property
    def _coverage(self) -> dict[str, frozenset[int]]:
        return {}

    def holds(self, family: str) -> frozenset[int]:
        """The code points that an installed family draws; empty for one that is not installed."""
        known = self._coverage.get(family)
        if known is None:
            face = self.installed.get(family)
            known = frozenset()
            if face is not None:
                with TTFont(str(face.path), fontNumber=face.index, lazy=True) as font:
                    known = frozenset(font.getBestCmap() or {})
            self._coverage[family] = known
        return known

    def stack(self, role: str) -> tuple[str, ...]:
        """The installed families of a role, best first."""
        return tuple(family for family in self.stacks[role] if family in self.installed)

    def css(self, role: str) -> Markup:
        """The role's stack as a font-family value."""
        return Markup(", ".join([*(f'"{family}"' for family in self.stack(role)), "serif"]))  # noqa: S704 -- names of our list

    def missing(self, html: str) -> str | None:
        """The first character of the text of `html` that no installed face of any stack holds; None if all are there."""
        families = dict.fromkeys(family for role in self.stacks for family in self.stack(role))
        for letter in dict.fromkeys(visible(html)):
            if not _drawn(letter):
                continue
            if unicodedata.category(letter) in _MEANINGLESS or not any(
                ord(letter) in self.holds(family) for family in families
            ):
                return letter
        return None

    def one_face(self, text: str) -> str | None:
        """The family in which the whole of a name can be set, where the body face lacks one of its characters.

        None if the body face holds all of it (nothing to do) or no single family does (each character finds its own).
        """
        stack = self.stack("fang")
        points = {ord(letter) for letter in text if _drawn(letter)}
        if not stack or points <= self.holds(stack[0]):
            return None
        return next(
            (family for family in (*stack[1:], *self.stack("hei")) if points <= self.holds(family)), None
        )


def visible(html: str) -> str:
    """The text of a page and its pictures without tags and sheets, entities resolved (of XML, and numbers)."""
    from html import unescape  # noqa: PLC0415 -- the argument has the module's name

    return unescape(" ".join([_TAGS.sub(" ", html), *_SPOKEN.findall(html)]))
