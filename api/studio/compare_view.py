"""Differences as pages show them: pictures with marks, tables cell by cell, texts word by word, and all of it in words."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from api.studio.files import EDITORS, kind_of
from api.words import knows
from engine.compare import What, grid, labels, passages, words
from engine.core.load import ModelError
from engine.diagram import Mark, draw, draw_over
from engine.dmn import read as read_tables
from engine.package import BROKEN
from engine.store.exact import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.frame import Asked
    from engine.compare import Difference
    from engine.dmn import Model
    from engine.package import Package

#: Kinds of files in the order in which people look at a process.
KINDS = ("diagram", "tables", "forms", "letters", "rights", "scenarios", "other")
#: Of several marks on one element the first of these counts.
_WEIGHT = (What.ADDED, What.REMOVED, What.CHANGED, What.MOVED)
_BROKEN = (*BROKEN, ValueError)
#: Longer values are told in full on demand only.
_SHORT = 400


def _heading(path: str) -> str:
    """Under which heading a file stands: that of the tab on which it is edited."""
    return EDITORS.get(kind_of(path), "other")


def summary(differences: Sequence[Difference]) -> list[tuple[str, int]]:
    """How many differences there are of each kind of file."""
    found = Counter(_heading(one.file) for one in differences)
    return [(kind, found[kind]) for kind in KINDS if found[kind]]


def sections(
    asked: Asked, was: Package, now: Package, differences: Sequence[Difference], *, side: bool
) -> Iterator[dict[str, Any]]:
    """One section per file that differs, the kinds in their order."""
    files: dict[str, list[Difference]] = {}
    for one in differences:
        files.setdefault(one.file, []).append(one)
    for number, path in enumerate(sorted(files, key=lambda one: (KINDS.index(_heading(one)), one)), 1):
        section = _Section(asked, was, now, path, files[path], f"f{number}")
        yield {
            "id": section.id,
            "kind": _heading(path),
            "path": path,
            "name": section.title,
            "what": _whole(files[path]),
            "lines": list(section.lines()),
            "pictures": section.pictures(side=side) if path.endswith(".bpmn") else [],
            "tables": list(section.tables()) if path.endswith(".dmn") else [],
            "passages": list(section.passages()),
        }


def _whole(found: Sequence[Difference]) -> str:
    """Whether the file as a whole came or went."""
    first = found[0]
    whole = len(found) == 1 and not first.element and not first.part and first.what is not What.CHANGED
    return str(first.what) if whole else ""


class _Section:
    """The differences of one file."""

    def __init__(
        self, asked: Asked, was: Package, now: Package, path: str, found: Sequence[Difference], key: str
    ) -> None:
        self.asked, self.path, self.found, self.id = asked, path, found, key
        self.before, self.after = was.files.get(path, b""), now.files.get(path, b"")
        self.was, self.now = was, now

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every difference in words; those of a text by its words are shown as passages instead."""
        called = self._labels() if self.path.endswith(".bpmn") else {}
        if _whole(self.found) or self._as_text():
            return
        for number, one in enumerate(self.found, 1):
            if self.path.endswith(".dmn") and one.part.startswith("rule "):
                continue  # stands in the table
            yield {
                "id": f"{self.id}-{number}",
                "what": str(one.what),
                "element": one.element,
                "name": one.name or called.get(one.element, "") or self._right(one.element),
                "part": self._part(one.part),
                **self._values(one),
            }

    def _right(self, rule: str) -> str:
        """A line of rights in words: who may do what in which lane."""
        parts = [one.strip() for one in rule.split(",")]
        if not self.path.endswith(".csv") or len(parts) != 4:
            return ""
        say = self.asked.say
        role, lane, action = parts[1], parts[2].partition("/")[2], parts[3]
        doing = say(f"rights.action.{action}") if knows(f"rights.action.{action}") else action
        if action.startswith("message:"):
            message = action.removeprefix("message:")
            doing = say("rights.message", name=self._known(f"message.{message}", message))
        if lane:
            doing = say("rights.in-lane", lane=self._known(f"role.{lane}", lane), action=doing)
        return say("rights.cell", role=self._known(f"role.{role}", role), doing=doing)

    def _known(self, key: str, other: str) -> str:
        return self.asked.say(key) if knows(key) else other

    def _as_text(self) -> bool:
        """Whether the file is compared as text: its differences name nothing but lines."""
        return all(not one.element and not one.name and one.part[:1] in "-+@" for one in self.found)

    def _part(self, part: str) -> str:
        if part.startswith("rule "):
            number, _, column = part.removeprefix("rule ").partition(": ")
            told = self.asked.say("compare.rule", number=number)
            return f"{told} · {column}" if column else told
        key = "compare.part-" + re.sub(r"[^a-z]+", "-", part.lower()).strip("-")
        return self.asked.say(key) if part and knows(key) else part

    def _values(self, one: Difference) -> dict[str, Any]:
        if one.what is What.MOVED:
            if one.part == "layout":
                return {"pieces": (), "values": ()}
            return {"pieces": words(str(one.before), str(one.after)), "values": ()}
        if one.what is What.CHANGED:
            return {"pieces": words(_text(one.before), _text(one.after)), "values": ()}
        bare = one.after if one.what is What.ADDED else one.before
        parts = bare.items() if isinstance(bare, dict) else ()
        return {
            "pieces": (),
            "values": [(self._part(name), _text(value)[:_SHORT]) for name, value in parts if name != "name"],
        }

    def _labels(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for content in (self.before, self.after):
            try:
                found |= {key: name for key, name in labels(content).items() if name}
            except ModelError:
                continue
        return found

    def pictures(self, *, side: bool) -> list[dict[str, str]]:
        """The diagram with its marks: one over the other, or both."""
        marks = self._marks()
        try:
            if not side and self.before and self.after:
                name = self._title("compare.picture-over")
                svg = draw_over(self.before, self.after, marks, title=name, alone=False)
                return [{"title": name, "svg": svg}] if svg else []
            found = []
            for content, key, hidden in (
                (self.before, "compare.picture-before", What.ADDED),
                (self.after, "compare.picture-after", What.REMOVED),
            ):
                if content:
                    name = self._title(key)
                    own = {one: mark for one, mark in marks.items() if mark.kind != hidden}
                    found.append({"title": name, "svg": draw(content, marks=own, title=name, alone=False)})
            return [one for one in found if one["svg"]]
        except ModelError:
            return []

    def _title(self, key: str) -> str:
        return self.asked.say(key, name=self.title)

    @property
    def title(self) -> str:
        """What people call the file: the process for its main diagram, else its name."""
        package = self.now if self.after else self.was
        main = self.path == f"workflows/bpmn/{package.name}.bpmn"
        return self.asked.pick(package.title) if main else PurePosixPath(self.path).stem

    def _marks(self) -> dict[str, Mark]:
        kinds: dict[str, list[Difference]] = {}
        place: dict[str, int] = {}
        for number, one in enumerate(self.found, 1):
            kinds.setdefault(one.element, []).append(one)
            place.setdefault(one.element, number)
        marks = {}
        for element, found in kinds.items():
            what = min((one.what for one in found), key=_WEIGHT.index)
            parts = dict.fromkeys(
                self._part(one.part) for one in found if one.part and one.what is What.CHANGED
            )
            told = self.asked.say(f"compare.what-{what}")
            if parts:
                told = f"{told}{self.asked.say('page.colon')}{self.asked.say('list-mark').join(parts)}"
            href = f"#{self.id}-{place[element]}" if not _whole(self.found) else ""
            marks[element] = Mark(str(what), words=told, href=href)
        return marks

    def tables(self) -> Iterator[dict[str, Any]]:
        """Each decision table of the file that differs, cell by cell."""
        old, new = self._model(self.before, self.was), self._model(self.after, self.now)
        for key in dict.fromkeys((*(new.decisions if new else ()), *(old.decisions if old else ()))):
            was = old.decisions.get(key) if old else None
            now = new.decisions.get(key) if new else None
            table = grid(was.table if was else None, now.table if now else None)
            if any(row.what for row in table.rows) or any(what for _, _, what in table.columns):
                yield {
                    "name": (now or was).name,  # type: ignore[union-attr]  # one of them has the key
                    "columns": table.columns,
                    "rows": [
                        {
                            "before": row.before,
                            "after": row.after,
                            "what": str(row.what or ""),
                            "cells": [
                                (
                                    words(cell.before, cell.text) if cell.before is not None else None,
                                    cell.text,
                                )
                                for cell in row.cells
                            ],
                        }
                        for row in table.rows
                    ],
                }

    def _model(self, content: bytes, package: Package) -> Model | None:
        try:
            return read_tables(content, package.names) if content else None
        except _BROKEN:
            return None

    def passages(self) -> Iterator[dict[str, Any]]:
        """What differs in a text, word by word with the lines around."""
        if _whole(self.found) or not self._as_text():
            return
        try:
            found = passages(self.before.decode(), self.after.decode())
        except UnicodeDecodeError:
            return
        for one in found:
            yield {"line": one.after, "pieces": one.pieces}


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case dict() if value.keys() <= {"zh", "en"}:
            return " / ".join(str(value[one]) for one in ("zh", "en") if one in value)
        case bool() | int() | float():
            return plain(value)
        case list() if all(isinstance(one, str) for one in value):
            return "、".join(value)
        case _:
            return plain(value)
