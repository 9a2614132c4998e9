"""Built-in functions on texts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.library import builtin
from engine.feel.pattern import compiled, replacement
from engine.feel.texts import number_of, text_of

if TYPE_CHECKING:
    from engine.feel.budget import Run

_GROUPINGS: Final = (" ", ",", ".")


@builtin("string", "from: any")
def string(run: Run, value: Any) -> str:
    """Any value as text."""
    text = text_of(value, run)
    run.text(len(text))
    return text


@builtin("number", "from: string")
def number(run: Run, text: str) -> Decimal:
    """The number a text spells."""
    del run
    return number_of(text)


@builtin("number", "from: string, grouping separator: string?, decimal separator: string?")
def grouped_number(run: Run, text: str, grouping: str | None, point: str | None) -> Decimal | None:
    """The number a text spells with these separators."""
    if (
        (grouping not in _GROUPINGS and grouping is not None)
        or point not in (".", ",", None)
        or grouping == (point or "\0")
    ):
        run.warn("invalid-argument", name="number", reason="separator")
        return None
    plain = text if grouping is None else text.replace(grouping, "")
    if point == ",":
        if "." in plain:
            raise ValueError("not a number")
        plain = plain.replace(",", ".")
    return number_of(plain)


@builtin("string length", "string: string")
def length(run: Run, text: str) -> Decimal:
    """How many characters."""
    del run
    return Decimal(len(text))


@builtin("upper case", "string: string")
def upper(run: Run, text: str) -> str:
    """In capital letters."""
    run.text(len(text))
    return text.upper()


@builtin("lower case", "string: string")
def lower(run: Run, text: str) -> str:
    """In small letters."""
    run.text(len(text))
    return text.lower()


@builtin("substring", "string: string, start position: number, [length]: number?")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """A part from a position counted from 1, or from the end with a negative one; empty beyond the text."""
    begin = int(start)
    if begin == 0 or (length is not None and length < 1):
        run.warn("invalid-argument", name="substring", reason="position")
        return None
    first = min(begin - 1, len(text)) if begin > 0 else max(len(text) + begin, 0)
    run.text(len(text) - first)
    return text[first:] if length is None else text[first : first + int(length)]


@builtin("substring before", "string: string, match: string")
def substring_before(run: Run, text: str, match: str) -> str:
    """What stands before the first occurrence; empty when there is none."""
    run.text(len(text))
    return text.partition(match)[0] if match and match in text else ""


@builtin("substring after", "string: string, match: string")
def substring_after(run: Run, text: str, match: str) -> str:
    """What stands after the first occurrence; empty when there is none."""
    run.text(len(text))
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string, match: string")
def contains(run: Run, text: str, match: str) -> bool:
    """Whether a text holds another."""
    run.tick(1 + (len(text) >> 6))
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(run: Run, text: str, match: str) -> bool:
    """Whether a text begins with another."""
    del run
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(run: Run, text: str, match: str) -> bool:
    """Whether a text ends with another."""
    del run
    return text.endswith(match)


@builtin("matches", "input: string, pattern: string, [flags]: string?")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    """Whether a pattern is found in a text."""
    run.tick(1 + (len(text) >> 4))
    return compiled(pattern, flags or "").search(text) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, [flags]: string?")
def replace(run: Run, text: str, pattern: str, by: str, flags: str | None = None) -> str:
    """Every occurrence of a pattern replaced; `$1` stands for the first group."""
    found = compiled(pattern, flags or "")
    if found.search("") is not None:
        raise ValueError("the pattern matches the empty text")
    template = [by] if "q" in (flags or "") else replacement(by, found.groups)
    parts: list[str] = []
    at = 0
    for match in found.finditer(text):
        run.tick()
        piece = "".join(t if isinstance(t, str) else match.group(t) or "" for t in template)
        run.text(len(piece) + match.start() - at)
        parts += (text[at : match.start()], piece)
        at = match.end()
    return "".join(parts) + text[at:]


@builtin("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    """The parts between the occurrences of a pattern."""
    found = compiled(delimiter)
    if found.search("") is not None:
        raise ValueError("the pattern matches the empty text")
    parts: list[str] = []
    at = 0
    for match in found.finditer(text):
        run.tick()
        parts.append(text[at : match.start()])
        at = match.end()
    parts.append(text[at:])
    run.grow(len(parts))
    return parts


@builtin("string join", "list: list, [delimiter]: string?")
def join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    """Texts joined by a delimiter; nulls are left out."""
    run.tick(1 + len(items))
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        run.warn("wrong-type", operation="string join", types="list")
        return None
    run.text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)
