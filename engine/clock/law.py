"""Law as dated data: parameters, articles and area codes, each with the days between which it is in force.

Both ends of a validity count; an empty end is open. A value that is not in force on the day asked for is an error,
never the nearest one.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from engine.clock.dated import STATUS, Dated, Row, cells, validity, word
from engine.clock.errors import ClockError
from engine.clock.lists import Lists, read_lists
from engine.feel import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from engine.clock.calendar import Calendar

_DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Parameter(Dated):
    """One number, word or yes-no of the law; `area` is the code it holds for ("" is the whole jurisdiction)."""

    id: str
    value: Decimal | bool | str | date
    unit: str
    area: str
    source: str
    #: verified | verified-outdated | verified-elsewhere | recalled | assumed
    status: str


@dataclass(frozen=True, slots=True)
class Article(Dated):
    """One article of a statute or rule: what documents and explanations cite."""

    id: str
    law: str  # the statute's Chinese title
    number: str  # 第五十条
    text: str
    #: quote | summary: whether `text` is the article's wording or says in our words what it orders
    kind: str
    source: str
    #: verified | recalled: whether the article itself was read
    status: str

    @property
    def title(self) -> str:
        """The citation as it stands in a document."""
        return f"《{self.law}》{self.number}"


@dataclass(frozen=True, slots=True)
class Area(Dated):
    """An administrative area; its code begins with the code of the area around it."""

    code: str
    name: str
    level: str  # city | county | town | village
    #: True for places that stand only for demonstration, not from the national list.
    demonstration: bool


Entry = TypeVar("Entry", Parameter, Article, Area)


class Law:
    """The law of one jurisdiction, all editions of it."""

    def __init__(
        self,
        parameters: Iterable[Parameter],
        articles: Iterable[Article],
        areas: Iterable[Area],
        edition: str = "",
        lists: Lists | None = None,
    ) -> None:
        self._parameters: dict[str, list[Parameter]] = {}
        for one in parameters:
            self._parameters.setdefault(one.id, []).append(one)
        self._articles: dict[str, list[Article]] = {}
        for article in articles:
            self._articles.setdefault(article.id, []).append(article)
        self.areas: tuple[Area, ...] = tuple(areas)
        self.lists = lists or Lists()
        #: SHA-256 of the files it was read from: what a case records as the edition that decided it.
        self.edition = edition

    def parameter(self, parameter: str, on: date, area: str | None = None) -> Parameter:
        """The entry in force on that day, that of the smallest area around `area` first.

        ClockError law-missing {parameter, on, area} if there is none.
        """
        found = [
            one
            for one in self._parameters.get(parameter, ())
            if one.in_force(on) and (area or "").startswith(one.area)
        ]
        if not found:
            raise ClockError("law-missing", parameter=parameter, on=on, area=area)
        return max(found, key=lambda one: len(one.area))

    def value(self, parameter: str, on: date, area: str | None = None) -> Any:
        """The value of that entry: Decimal, bool, date or text by its unit."""
        return self.parameter(parameter, on, area).value

    def article(self, article: str, on: date | None = None) -> Article | None:
        """The article in force on that day (any day if None); None if the statute has no such article then."""
        found = [one for one in self._articles.get(article, ()) if on is None or one.in_force(on)]
        return found[-1] if found else None

    def example_area(self, on: date, below: str = "") -> str:
        """A place for examples: the first village or community below that area, else the area itself ("": none)."""
        places = [one.code for one in self.areas if one.in_force(on) and one.code.startswith(below)]
        return next(
            (one for one in places if len(one) >= _DIGITS["village"]), below or next(iter(places), "")
        )

    def area(self, code: str, on: date) -> Area | None:
        """The area with that code on that day; None for a code that was not in use then."""
        return next((one for one in self.areas if one.code == code and one.in_force(on)), None)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All entries, for screens where an operator looks after them."""
        return tuple(one for entries in self._parameters.values() for one in entries)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles."""
        return tuple(one for entries in self._articles.values() for one in entries)

    def as_world(self, calendar: Calendar, now: datetime) -> World:
        """What FEEL sees of time and law."""
        return World(now=now, calendar=calendar, law=self.value, lists=self.lists.ask)


def read_law(texts: Mapping[str, str]) -> Law:
    """The law in a jurisdiction's files parameters.csv, articles.csv, areas.csv and lists/*.csv (path -> text).

    ClockError law-invalid {file, line, reason} for a wrong cell, or for two entries in force on the same day.
    """
    digest = hashlib.sha256()
    for file in sorted(texts):
        digest.update(f"{file}\0{len(texts[file].encode())}\0".encode() + texts[file].encode())
    return Law(
        _read(texts, "parameters.csv", _parameter, lambda one: (one.id, one.area)),
        _read(texts, "articles.csv", _article, lambda one: one.id),
        _read(texts, "areas.csv", _area, lambda one: one.code),
        digest.hexdigest(),
        read_lists(texts),
    )


def _read(
    texts: Mapping[str, str], file: str, make: Callable[[Row], Entry], key: Callable[[Entry], object]
) -> list[Entry]:
    entries: list[Entry] = []
    seen: dict[object, list[Entry]] = {}
    reader = csv.DictReader(io.StringIO(texts.get(file, "")), strict=True)
    try:
        for row in reader:
            entry = make(cells(row))
            _add(entry, key(entry), seen)
            entries.append(entry)
    except KeyError as fault:
        raise ClockError(
            "law-invalid", file=file, line=reader.line_num, reason=f"no column {fault}"
        ) from fault
    except (ValueError, InvalidOperation, csv.Error) as fault:
        raise ClockError("law-invalid", file=file, line=reader.line_num, reason=str(fault)) from fault
    return entries


def _add(entry: Entry, key: object, seen: dict[object, list[Entry]]) -> None:
    others = seen.setdefault(key, [])
    if any(entry.overlaps(other) for other in others):
        raise ValueError(f"a second entry for {key} is in force on the same days")
    others.append(entry)


def _parameter(row: Row) -> Parameter:
    if row["status"] not in STATUS:
        raise ValueError(f"{row['status']!r} is no status")
    return Parameter(
        *validity(row),
        id=word(row, "id"),
        value=_value(row["value"], row["unit"]),
        unit=word(row, "unit"),
        area=row["area"],
        source=row["source"],
        status=row["status"],
    )


def _article(row: Row) -> Article:
    if row["kind"] not in {"quote", "summary"} or row["status"] not in STATUS:
        raise ValueError(f"{row['kind']!r}, {row['status']!r} is no kind and status of an article")
    return Article(
        *validity(row),
        id=word(row, "id"),
        law=word(row, "law"),
        number=row["number"],
        text=row["text"],
        kind=row["kind"],
        source=row["source"],
        status=row["status"],
    )


def _area(row: Row) -> Area:
    code, level = row["code"], row["level"]
    if _DIGITS.get(level) != len(code) or not code.isdigit():
        raise ValueError(f"{code!r} is no code of level {level!r}")
    return Area(
        *validity(row),
        code=code,
        name=word(row, "name"),
        level=level,
        demonstration=_truth(row["demonstration"]),
    )


def _value(text: str, unit: str) -> Decimal | bool | str | date:
    match unit:
        case "word":
            return text
        case "boolean":
            return _truth(text)
        case "date":
            return date.fromisoformat(text)
        case _:
            number = Decimal(text)
            if not number.is_finite():
                raise ValueError(f"{text!r} is no number")
            return number


def _truth(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"
