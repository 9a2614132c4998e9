"""Ready pieces of processes in workflows/pieces/: a model between one start and one end, forms, and words about it.

A piece is a folder <name>/ with piece.json (`title`, `about` by language), fragment.bpmn and forms/<task>.json. Its model is
a process of its own that loads and is checked like any other; an editor puts what lies between its start and its end into
another process.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.core.xml import BPMN, child, children, parse
from engine.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

_FOLDER = ("workflows", "pieces")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece; `forms` by task id."""

    name: str
    title: dict[str, str]
    about: dict[str, str]
    model: bytes
    forms: Mapping[str, bytes]

    def renamed(self, taken: Container[str]) -> Piece:
        """The piece with ids that `taken` does not have; expressions, settings and forms follow."""
        root = parse(self.model, self.name)
        process = next(children(root, "process"))
        ids = [one.get("id") for one in process.iter(f"{BPMN}*") if one.get("id")]
        ids += [one.get("id") for one in children(root, "message") if one.get("id")]
        changed = {one: _free(one, taken, ids) for one in ids if one in taken}
        model, forms = self.model.decode(), {name: content.decode() for name, content in self.forms.items()}
        for before, after in changed.items():
            model = _replaced(model, before, after)
            forms = {
                (after if name == before else name): _replaced(text, before, after)
                for name, text in forms.items()
            }
        return replace(
            self, model=model.encode(), forms={name: text.encode() for name, text in forms.items()}
        )


def pieces(root: Path) -> list[Piece]:
    """All pieces, by name."""
    folder = root.joinpath(*_FOLDER)
    return [_read(path.parent) for path in sorted(folder.glob("*/piece.json"))]


def piece(root: Path, name: str) -> Piece:
    """The piece of that name; NotFound if there is none."""
    found = next((one for one in pieces(root) if one.name == name), None)
    if found is None:
        raise NotFound(kind="piece", id=name)
    return found


def _read(folder: Path) -> Piece:
    about = json.loads((folder / "piece.json").read_text(encoding="utf-8"))
    forms = {path.stem: path.read_bytes() for path in sorted((folder / "forms").glob("*.json"))}
    model = (folder / "fragment.bpmn").read_bytes()
    if child(parse(model, folder.name), "process") is None:
        raise NotFound(kind="piece", id=folder.name)
    return Piece(folder.name, about["title"], about["about"], model, forms)


def _free(name: str, taken: Container[str], others: Container[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken or f"{name}_{number}" in others:
        number += 1
    return f"{name}_{number}"


def _replaced(text: str, before: str, after: str) -> str:
    """The text with a name put for another where it stands whole: `consult` is no part of `consult_until`."""
    return re.sub(rf"(?<![\w.-]){re.escape(before)}(?![\w-])", after, text)
