"""Text to tokens. Names are read part by part; the parser joins the parts to the longest known name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from engine.feel.errors import FeelLimitError, FeelSyntaxError

MAX_SOURCE: Final = 32_000

Kind = Literal["number", "text", "name", "symbol", "at", "end"]

# Whitespace of the standard's grammar, rules 61 and 62 (full-width space included).
_SPACE = r"[\t\n\v\f\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+"
_START = r"[?\u200c\u200d\U00010000-\U000effff]|[^\W\d]"
_PART = r"[?\w\xb7\u0300-\u036f\u200c\u200d\u203f\u2040\U00010000-\U000effff]"
_TOKEN: Final = re.compile(
    rf"(?P<space>{_SPACE}|//[^\n\r]*|/\*(?s:.*?)\*/)"
    r"|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r'|(?P<at>@\s*"(?:[^"\\]|\\.)*")'
    r'|(?P<text>"(?:[^"\\]|\\(?s:.))*")'
    rf"|(?P<name>(?:{_START}){_PART}*)"
    r"|(?P<symbol>\.\.|\*\*|<=|>=|!=|->|[-+*/()\[\]{},:.<>='|&%#$;~^!])",
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_FULL_WIDTH: Final = str.maketrans(
    {"，": ",", "（": "(", "）": ")", "“": '"', "”": '"', "：": ":", "＝": "=", "＞": ">", "＜": "<", "【": "[", "】": "]",
     "＋": "+", "－": "-", "．": ".", "。": ".", "、": ",", "；": ",", "‘": "'", "’": "'", "｛": "{", "｝": "}", "！": "!"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is its source (for a text its value), `start` and `end` are offsets into the source."""

    kind: Kind
    text: str
    start: int
    end: int


def unescape(body: str) -> str:
    r"""The value of a text literal's body; an unknown escape like `\s` is kept as written (patterns use it)."""
    if "\\" not in body:
        return body

    def value(found: re.Match[str]) -> str:
        short, long, other = found.groups()
        if short or long:
            code = int(short or long, 16)
            return chr(code) if code <= 0x10FFFF else found.group()
        return _SIMPLE.get(other, found.group())

    text = _ESCAPE.sub(value, body)
    # Two \u escapes may spell one character outside the basic plane; a lone half cannot be stored anywhere.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tokens(source: str) -> list[Token]:
    """All tokens of `source`, ended by one of kind "end"; comments and space are dropped."""
    if len(source) > MAX_SOURCE:
        raise FeelLimitError("source-too-long", MAX_SOURCE, limit=MAX_SOURCE)
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise _wrong(source, position)
        kind = match.lastgroup
        position = match.end()
        if kind == "space":
            continue
        text = match.group()
        if kind == "text":
            text = unescape(text[1:-1])
        elif kind == "at":
            text = unescape(text[text.index('"') + 1 : -1])
        elif text == "/" and source.startswith("*", position):
            raise FeelSyntaxError("unclosed-comment", match.start(), "*/")
        found.append(Token(kind, text, match.start(), position))  # type: ignore[arg-type]
    found.append(Token("end", "", len(source), len(source)))
    return found


def _wrong(source: str, position: int) -> FeelSyntaxError:
    character = source[position]
    if character == '"':
        return FeelSyntaxError("unclosed-text", position, '"')
    narrow = character.translate(_FULL_WIDTH)
    if narrow != character:
        return FeelSyntaxError("full-width-character", position, narrow, found=character)
    return FeelSyntaxError("unexpected-character", position, "", found=character)
