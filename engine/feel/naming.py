"""The names a text may use: names may hold spaces and signs, so the longest known one is looked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from engine.feel.errors import FeelError
from engine.feel.lexer import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

# A name that is not known ends before these words; a known name may contain them ("date and time").
KEYWORDS: Final = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "true",
        "false",
        "null",
        "function",
    ]
)
NAME_SIGNS: Final = frozenset("+-*/.'")
# Properties of values that are names of several parts.
PROPERTY_NAMES: Final = ("time offset", "time zone", "start included", "end included")


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, ...]:
    """A name as token texts; empty when it cannot be one."""
    try:
        found = tokens(name)[:-1]
    except FeelError:
        return ()
    if not found or found[0].kind != "name" or any(t.kind not in ("name", "number", "symbol") for t in found):
        return ()
    return tuple(t.text for t in found)


class NameBook:
    """Known names by their first part, longest first; grows while a text is read."""

    __slots__ = ("_by_first", "_fixed")

    def __init__(self, names: Iterable[str], fixed: NameBook | None = None) -> None:
        self._fixed = fixed
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make `name` known from here on; a name of one part needs no entry."""
        parts = name_parts(name)
        if len(parts) < 2:
            return
        known = self._by_first.setdefault(parts[0], [])
        if all(parts != other for other, _ in known):
            known.append((parts, name))
            known.sort(key=lambda entry: -len(entry[0]))

    def longest(self, found: list[Token], index: int) -> tuple[int, str] | None:
        """The longest known name of several parts at token `index`: (number of parts, name)."""
        best = self._match(found, index)
        other = self._fixed.longest(found, index) if self._fixed is not None else None
        if best is None or (other is not None and other[0] > best[0]):
            return other
        return best

    def _match(self, found: list[Token], index: int) -> tuple[int, str] | None:
        for parts, name in self._by_first.get(found[index].text, ()):
            last = index + len(parts)
            if last < len(found) and all(
                token.text == part and token.kind != "text"
                for token, part in zip(found[index:last], parts, strict=True)
            ):
                return len(parts), name
        return None
