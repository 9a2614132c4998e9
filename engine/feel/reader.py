"""The parser's view of the tokens: looking ahead, expecting, and joining name parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.feel.budget import Warning_
from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.lexer import Token, tokens
from engine.feel.naming import KEYWORDS, NAME_SIGNS, NameBook

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NESTING: Final = 64


class Reader:
    """Tokens of one text with a position; `doubts` are findings that do not stop the reading."""

    def __init__(self, text: str, names: Iterable[str], fixed: NameBook) -> None:
        self.source = text
        self.tokens = tokens(text)
        self.index = 0
        self.book = NameBook(names, fixed)
        self.nesting = 0
        self.doubts: list[Warning_] = []

    @property
    def here(self) -> Token:
        """The token to read next."""
        return self.tokens[self.index]

    def at(self, text: str) -> bool:
        """Whether the next token is this symbol or word."""
        token = self.tokens[self.index]
        return token.text == text and token.kind in ("symbol", "name")

    def after(self, text: str) -> bool:
        """Whether the token after the next one is this symbol or word."""
        token = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        return token.text == text and token.kind in ("symbol", "name")

    def ends_at(self, distance: int) -> bool:
        """Whether the text ends after `distance` more tokens."""
        return self.index + distance == len(self.tokens) - 1

    def expect_end(self, expected: str) -> None:
        """Fail when anything is left of the text."""
        if not self.ends_at(0):
            raise self.unexpected(expected)

    def take(self, text: str) -> bool:
        """Read this symbol or word when it comes next."""
        if self.at(text):
            self.index += 1
            return True
        return False

    def expect(self, *texts: str) -> Token:
        """Read one of these symbols or words, or fail naming them."""
        token = self.here
        if token.kind in ("symbol", "name") and token.text in texts:
            self.index += 1
            return token
        raise self.unexpected(" / ".join(f"'{text}'" for text in texts))

    def unexpected(self, expected: str) -> FeelSyntaxError:
        """The error for the next token."""
        token = self.here
        found = "end" if token.kind == "end" else self.source[token.start : token.end][:40]
        return FeelSyntaxError("unexpected-token", token.start, expected, found=found)

    def deeper(self) -> None:
        """Count one more level of nesting."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FeelLimitError("too-deep", self.here.start)

    def doubt(self, code: str, position: int, **values: str) -> None:
        """Note a finding that makes a part null but does not stop the reading."""
        self.doubts.append(Warning_(code, values, position))

    def name(self) -> str:
        """Read a name in an expression: the longest known one, else all name parts up to a keyword or sign."""
        known = self.book.longest(self.tokens, self.index)
        if known is not None:
            self.index += known[0]
            return known[1]
        parts = [self.here.text]
        self.index += 1
        while self._goes_on():
            parts.append(self.here.text)
            self.index += 1
        return " ".join(parts)

    def _goes_on(self) -> bool:
        token = self.here
        if token.kind == "number":
            return token.text.isdigit()
        return token.kind == "name" and token.text not in KEYWORDS

    def declared(self, *ends: str) -> str:
        """Read a name being declared, up to one of `ends`, which is not read; signs may be part of it."""
        first = self.here
        if first.kind != "name":
            raise self.unexpected("name")
        last = first
        while self.here.kind != "end" and not (self.here.kind != "text" and self.here.text in ends):
            if not _may_be_named(self.here) or self.here.text in ("return", "satisfies"):
                raise self.unexpected(" / ".join(f"'{end}'" for end in ends))
            last = self.here
            self.index += 1
        if last is first and self.here is first:
            raise self.unexpected("name")
        name = " ".join(self.source[first.start : last.end].split())
        self.book.add(name)
        return name

    def named_argument(self) -> str | None:
        """Read `name:` of a call by name when it comes next, else read nothing."""
        first = self.here
        if first.kind != "name":
            return None
        at = self.index
        while _may_be_named(self.tokens[at]):
            at += 1
        if self.tokens[at].kind != "symbol" or self.tokens[at].text != ":":
            return None
        self.index = at + 1
        return " ".join(self.source[first.start : self.tokens[at - 1].end].split())


def _may_be_named(token: Token) -> bool:
    return token.kind in ("name", "number") or (token.kind == "symbol" and token.text in NAME_SIGNS)
