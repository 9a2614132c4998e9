"""Regular expressions of XPath, as the standard wants them, for RE2, which cannot blow up.

Back references are the one thing RE2 lacks: one to a group of plain characters is written out, others are refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import re2

FLAGS: Final = frozenset("smixq")
_MAX_PATTERN: Final = 2000
_MAX_MEMORY: Final = 2 << 20  # bytes for one compiled pattern, its automaton included
_PLAIN_ESCAPES: Final = frozenset("\\|.-^?*+{}()[]$")
_INSIDE: Final[dict[str, str]] = {
    "n": r"\n", "r": r"\r", "t": r"\t", "s": r" \t\n\r", "d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"\p{L}\p{M}\p{N}\p{S}",
    "W": r"\p{P}\p{Z}\p{C}", "i": r"\p{L}_:", "c": r"\p{L}\p{M}\p{Nd}_:.\-\x{b7}",
}  # fmt: skip
_OUTSIDE: Final = {"S": r"[^ \t\n\r]", "I": r"[^\p{L}_:]", "C": r"[^\p{L}\p{M}\p{Nd}_:.\-\x{b7}]"}
_BLOCKS: Final[dict[str, str]] = {
    "BasicLatin": r"\x{0}-\x{7f}", "Latin-1Supplement": r"\x{80}-\x{ff}", "LatinExtended-A": r"\x{100}-\x{17f}",
    "LatinExtended-B": r"\x{180}-\x{24f}", "Greek": r"\x{370}-\x{3ff}", "GreekandCoptic": r"\x{370}-\x{3ff}",
    "Cyrillic": r"\x{400}-\x{4ff}", "Hebrew": r"\x{590}-\x{5ff}", "Arabic": r"\x{600}-\x{6ff}",
    "GeneralPunctuation": r"\x{2000}-\x{206f}", "CurrencySymbols": r"\x{20a0}-\x{20cf}", "Arrows": r"\x{2190}-\x{21ff}",
    "MathematicalOperators": r"\x{2200}-\x{22ff}", "CJKSymbolsandPunctuation": r"\x{3000}-\x{303f}",
    "Hiragana": r"\x{3040}-\x{309f}", "Katakana": r"\x{30a0}-\x{30ff}", "CJKUnifiedIdeographs": r"\x{4e00}-\x{9fff}",
    "CJKUnifiedIdeographsExtensionA": r"\x{3400}-\x{4dbf}", "HangulSyllables": r"\x{ac00}-\x{d7a3}",
    "PrivateUseArea": r"\x{e000}-\x{f8ff}", "HalfwidthandFullwidthForms": r"\x{ff00}-\x{ffef}",
}  # fmt: skip


class _Translation:
    """One pass over a pattern."""

    def __init__(self, pattern: str, *, dot_all: bool) -> None:
        self.pattern = pattern
        self.dot = r"(?s:.)" if dot_all else r"[^\n\r]"
        self.at = 0
        self.depth = 0
        self.open: list[int] = []
        self.groups: list[str | None] = []
        self.begins: list[int] = []

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise ValueError("the pattern ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def whole(self) -> str:
        parts: list[str] = []
        while self.at < len(self.pattern):
            character = self.next()
            if character == "\\":
                parts.append(self.escape(inside=False))
            elif character == "[":
                parts.append(self.group())
            elif character == ".":
                parts.append(self.dot)
            else:
                if character in "()":
                    self.bracket(character)
                parts.append(character)
        return "".join(parts)

    def bracket(self, character: str) -> None:
        """Keep count of the groups, for back references."""
        if character == ")":
            if self.open:
                start = self.open.pop()
                if start >= 0:
                    self.groups[start] = self.pattern[self.begins[start] : self.at - 1]
        elif self.peek() != "?":
            self.open.append(len(self.groups))
            self.groups.append(None)
            self.begins.append(self.at)
        elif self.pattern[self.at : self.at + 2] == "?:":
            self.open.append(-1)
        else:
            raise ValueError("unknown group")

    def back_reference(self, digit: str) -> str:
        """What a group of plain characters matched, when it must have matched: nothing optional, no choice."""
        number = int(digit) - 1
        content = self.groups[number] if 0 <= number < len(self.groups) else None
        if (
            content is None
            or not content.isalnum()
            or set(self.pattern) & set("|?*{")
            or self.peek().isdigit()
        ):
            raise ValueError("back reference")
        return f"(?:{content})"

    def escape(self, *, inside: bool) -> str:
        character = self.next()
        if character in _PLAIN_ESCAPES:
            return "\\" + character
        if character in "pP":
            return self.property(character, inside=inside)
        if character in _INSIDE:
            found = _INSIDE[character]
            return found if inside or character in "nrt" else f"[{found}]"
        if character in "0123456789" and not inside:
            return self.back_reference(character)
        if character in _OUTSIDE and not inside:
            return _OUTSIDE[character]
        raise ValueError(f"unknown escape \\{character}")

    def property(self, letter: str, *, inside: bool) -> str:
        end = self.pattern.find("}", self.at)
        if self.peek() != "{" or end < 0:
            raise ValueError("unknown property")
        name = self.pattern[self.at + 1 : end]
        self.at = end + 1
        if not name.startswith("Is"):
            return f"\\{letter}{{{name}}}"
        block = _BLOCKS.get(name[2:])
        if block is None or (inside and letter == "P"):
            raise ValueError("unknown block")
        if inside:
            return block
        return f"[^{block}]" if letter == "P" else f"[{block}]"

    def group(self) -> str:
        """A bracketed class; with a subtraction the remaining characters are written out."""
        self.depth += 1
        if self.depth > 20:
            raise ValueError("nested too deeply")
        parts = ["^"] if self.peek() == "^" and self.next() else []
        while True:
            character = self.next()
            if character == "]":
                break
            if character == "-" and self.peek() == "[":
                self.at += 1
                taken = self.group()
                if self.next() != "]":
                    raise ValueError("unclosed class")
                self.depth -= 1
                return _difference("[" + "".join(parts) + "]", taken)
            if character == "[":
                raise ValueError("nested class")
            parts.append(self.escape(inside=True) if character == "\\" else character)
        self.depth -= 1
        if not "".join(parts).strip("^"):
            raise ValueError("empty class")
        return "[" + "".join(parts) + "]"


@lru_cache(maxsize=64)
def _difference(kept: str, taken: str) -> str:
    """The class of the characters (of the basic plane) in `kept` and not in `taken`."""
    plane = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)]))
    found = re2.sub(taken, "", "".join(re2.findall(kept, plane)))
    if not found:
        return r"[^\x{0}-\x{10ffff}]"
    parts, start = [], 0
    for index in range(1, len(found) + 1):
        if index == len(found) or ord(found[index]) != ord(found[index - 1]) + 1:
            parts.append(f"\\x{{{ord(found[start]):x}}}-\\x{{{ord(found[index - 1]):x}}}")
            start = index
    return "[" + "".join(parts) + "]"


def _without_space(pattern: str) -> str:
    """The pattern of flag x: white space outside of classes does not count."""
    kept: list[str] = []
    depth = 0
    escaped = False
    for character in pattern:
        if character.isspace() and depth == 0:
            continue
        if not escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        escaped = character == "\\" and not escaped
        kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=128)
def compiled(pattern: str, flags: str = "") -> Any:
    """The RE2 form of an XPath pattern; ValueError when it is none or RE2 cannot do it."""
    if not FLAGS.issuperset(flags):
        raise ValueError("unknown flag")
    if len(pattern) > _MAX_PATTERN:
        raise ValueError("pattern too long")
    if "q" in flags:
        text = re2.escape(pattern)
    else:
        plain = _without_space(pattern) if "x" in flags else pattern
        text = _Translation(plain, dot_all="s" in flags).whole()
    marks = "".join(sorted(set(flags) & {"i", "m"}))
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        return re2.compile(f"(?{marks}){text}" if marks else text, options)
    except re2.error as error:
        raise ValueError(str(error)) from error


def replacement(text: str, groups: int) -> list[str | int]:
    r"""XPath's replacement text as texts and group numbers: `$1` is a group, `\$` and `\\` are plain."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\\":
            if text[at : at + 1] not in ("\\", "$"):
                raise ValueError("replacement")
            parts.append(text[at])
            at += 1
        elif character == "$":
            digits = _group_digits(text, at, groups)
            number = int(text[at : at + digits])
            parts.append(number if number <= groups else "")
            at += digits
        else:
            parts.append(character)
    return parts


def _group_digits(text: str, at: int, groups: int) -> int:
    """How many digits after `$` name a group: as many as name an existing one, at least one."""
    digits = 0
    while text[at + digits : at + digits + 1] in set("0123456789") and (
        digits == 0 or int(text[at : at + digits + 1]) <= groups
    ):
        digits += 1
    if digits == 0:
        raise ValueError("replacement")
    return digits
