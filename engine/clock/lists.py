"""Published lists (目录、清单) as dated data: what may be certified, what may not, where people are sent instead.

A file lists/<name>.csv has the columns code, name, area, valid_from, valid_to, source, status and any others; a column
whose head ends in `[]` holds words parted by blanks. `aliases[]` says how people ask for the entry, `hints[]` what only
lets one guess it. Three files say how people write: lists/synonyms.csv (form, words) brings words that mean the same to
one form, lists/asking.csv (words) has the words by which a paper is asked for, lists/characters.csv how characters sound
and how else they are written. A fourth, lists/said.csv (list, code, manner, words), has whole sentences that people said
and which entry they meant (no code: none), from which likeness is learnt.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from engine.clock.dated import STATUS, Dated, cells, validity, word
from engine.clock.errors import ClockError
from engine.wording import Script, Wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

_FOLDER = "lists/"
_SYNONYMS, _ASKING, _CHARACTERS, _SAID = (
    f"{_FOLDER}{name}.csv" for name in ("synonyms", "asking", "characters", "said")
)
_OWN = frozenset({"valid_from", "valid_to", "status", "aliases[]", "hints[]"})


@dataclass(frozen=True, slots=True)
class Entry(Dated):
    """One row of a list; `values` is what FEEL sees of it."""

    code: str
    area: str
    aliases: tuple[str, ...]
    hints: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, on: date, area: str | None) -> bool:
        """Whether it is in force on that day in that area (None: where no narrower list is asked for)."""
        return self.in_force(on) and (area or "").startswith(self.area)


@dataclass(frozen=True, slots=True)
class Speech:
    """How people of a jurisdiction write: word -> form, words that ask for a paper, characters, (list, code) -> sentences."""

    synonyms: Mapping[str, str] = field(default_factory=dict)
    asking: tuple[str, ...] = ()
    script: Script | None = None
    said: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


class Lists:
    """All lists of a jurisdiction, all editions of them."""

    def __init__(self, entries: Mapping[str, tuple[Entry, ...]] = {}, speech: Speech | None = None) -> None:
        self._entries = entries
        self._speech = speech or Speech()
        self._wordings: dict[tuple[object, ...], Wording] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the lists."""
        return tuple(sorted(self._entries))

    def entries(self, name: str, on: date, area: str | None = None) -> tuple[Entry, ...]:
        """The entries in force, in the order of the file; ClockError list-missing {list, on} if there are none."""
        found = tuple(entry for entry in self._entries.get(name, ()) if entry.holds(on, area))
        if not found:
            raise ClockError("list-missing", list=name, on=on)
        return found

    def search(self, text: str, name: str, on: date, area: str | None = None) -> list[dict[str, Any]]:
        """The entries that the words mean, best first, with the `alias` that was recognised and its `score`."""
        entries = self.entries(name, on, area)
        return [
            {**entries[one.key].values, "alias": one.alias, "score": one.score}
            for one in self._wording(name, entries).find(text)
        ]

    def asks(self, text: str, name: str, on: date, area: str | None = None) -> bool:
        """Whether the words ask for an entry of the list at all (`房子着火` names a house, and asks for no paper)."""
        return self._wording(name, self.entries(name, on, area)).asks(text)

    def ask(
        self, name: str, on: date, area: str | None = None, text: str | None = None
    ) -> list[dict[str, Any]]:
        """What FEEL's `list entries` (without text) and `search list` are answered."""
        if text is not None:
            return self.search(text, name, on, area)
        return [dict(entry.values) for entry in self.entries(name, on, area)]

    def _wording(self, name: str, entries: tuple[Entry, ...]) -> Wording:
        """Compiled once for each edition of a list in each area that has entries of its own."""
        key = (name, *((entry.code, entry.area, entry.valid_from) for entry in entries))
        known = self._wordings.get(key)
        if known is None:
            known = self._wordings[key] = Wording(
                [entry.aliases for entry in entries],
                self._speech.synonyms,
                hints=[entry.hints for entry in entries],
                asking=self._speech.asking,
                script=self._speech.script,
                said=self._said(name, entries),
            )
        return known

    def _said(self, name: str, entries: tuple[Entry, ...]) -> dict[int | None, tuple[str, ...]]:
        """What was said of these entries, by their places; without code: of none of them."""
        places = {"": None, **{entry.code: place for place, entry in enumerate(entries)}}
        said = self._speech.said.items()
        return {places[code]: words for (of, code), words in said if of == name and code in places}


def read_lists(texts: Mapping[str, str]) -> Lists:
    """The lists among a jurisdiction's files; ClockError law-invalid {file, line, reason} for a wrong cell."""
    own = {_SYNONYMS, _ASKING, _CHARACTERS, _SAID}
    files = sorted(file for file in texts if file.startswith(_FOLDER) and file.endswith(".csv"))
    lists = {PurePosixPath(file).stem: tuple(_read(texts[file], file)) for file in files if file not in own}
    synonyms = {said: row["form"] for row in _rows(texts, _SYNONYMS) for said in row["words"].split()}
    asking = tuple(word for row in _rows(texts, _ASKING) for word in row["words"].split())
    characters = [(row["character"], row["sound"], row["variants"]) for row in _rows(texts, _CHARACTERS)]
    said: dict[tuple[str, str], list[str]] = {}
    for row in _rows(texts, _SAID):
        said.setdefault((row["list"], row["code"]), []).append(row["words"])
    script = Script(characters) if characters else None
    return Lists(lists, Speech(synonyms, asking, script, {key: tuple(words) for key, words in said.items()}))


def _rows(texts: Mapping[str, str], file: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(texts.get(file, "")))


def _read(text: str, file: str) -> list[Entry]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    entries: list[Entry] = []
    try:
        for row in reader:
            _add(_entry(cells(row)), entries)
    except KeyError as fault:
        raise ClockError(
            "law-invalid", file=file, line=reader.line_num, reason=f"no column {fault}"
        ) from fault
    except (ValueError, csv.Error) as fault:
        raise ClockError("law-invalid", file=file, line=reader.line_num, reason=str(fault)) from fault
    return entries


def _add(entry: Entry, entries: list[Entry]) -> None:
    if any(_same_days(entry, other) for other in entries):
        raise ValueError(f"a second entry for {entry.code!r} is in force on the same days")
    entries.append(entry)


def _entry(row: dict[str, str]) -> Entry:
    if row["status"] not in STATUS:
        raise ValueError(f"{row['status']!r} is no status")
    values = {
        name.removesuffix("[]"): cell.split() if name.endswith("[]") else cell
        for name, cell in row.items()
        if name not in _OWN
    }
    return Entry(
        *validity(row),
        code=word(row, "code"),
        area=row["area"],
        aliases=(word(row, "name"), *_said(row, "aliases[]")),
        hints=tuple(_said(row, "hints[]")),
        values=values,
    )


def _said(row: dict[str, str], column: str) -> Iterator[str]:
    """What people say; `_` stands for the blank between two words of letters."""
    return (said.replace("_", " ") for said in row.get(column, "").split())


def _same_days(one: Entry, other: Entry) -> bool:
    return (one.code, one.area) == (other.code, other.area) and one.overlaps(other)
