"""Values as text (`string()`), and text as numbers (`number()`)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel.far import FarDate, FarDateTime
from engine.feel.numbers import number_text, read_number
from engine.feel.temporal import date_text, date_time_text, months_text, span_text, time_text
from engine.feel.values import FeelFunction, Range, YearsMonths

if TYPE_CHECKING:
    from engine.feel.budget import Run

_NUMBER: Final = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN_KEY: Final = re.compile(r"[^\W\d][\w ]*")


def text_of(value: Any, run: Run, *, nested: bool = False) -> str:
    """The text of a value; texts inside lists and contexts are quoted."""
    run.tick()
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            if not nested:
                return value
            run.text(len(value))
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Decimal():
            return number_text(value)
        case list():
            return _joined("[", [text_of(item, run, nested=True) for item in value], "]", run)
        case dict():
            entries = [f"{_key(k)}: {text_of(v, run, nested=True)}" for k, v in value.items()]
            return _joined("{", entries, "}", run)
        case Range():
            return _range_text(value, run)
        case FeelFunction():
            return f"function({', '.join(value.parameters)})"
        case _:
            return _temporal(value)


def _temporal(value: Any) -> str:
    match value:
        case datetime() | FarDateTime():
            return date_time_text(value)
        case date() | FarDate():
            return date_text(value)
        case time():
            return time_text(value)
        case timedelta():
            return span_text(value)
        case YearsMonths():
            return months_text(value)
    raise ValueError("no text")


def _joined(opening: str, parts: list[str], closing: str, run: Run) -> str:
    run.text(sum(map(len, parts)) + 2 * len(parts))
    return opening + ", ".join(parts) + closing


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _range_text(value: Range, run: Run) -> str:
    if value.operator is not None:
        bound = value.end if value.start is None else value.start
        return f"({value.operator} {text_of(bound, run, nested=True)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    start, end = text_of(value.start, run, nested=True), text_of(value.end, run, nested=True)
    return f"{opening}{start}..{end}{closing}"


def number_of(text: str) -> Decimal:
    """The number a text spells in plain or scientific notation; ValueError otherwise."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return read_number(text)
