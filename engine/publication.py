"""What of a register the public may see: `policies/registers/<register>.json` names the fields; nothing else is shown.

A register without file is not published. What is shown is copied field by field, so that whatever cases add to an item
later stays inside until somebody writes it into the file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from engine.errors import NotFound, PackageBroken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Words = dict[str, str]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field that is shown: its name, how its values are called, and how they are written."""

    key: str
    label: Words
    #: money | date | area | text; a list is shown item by item.
    kind: str = "text"
    words: dict[str, Words] = {}
    #: A mask of engine.documents.masks.
    mask: str | None = None


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published register."""

    title: Words
    help: Words
    #: What an item is called by its code (统一社会信用代码).
    key: Words
    statuses: dict[str, Words]
    fields: list[Field]
    #: What happened to an item, by event; others are not told.
    events: dict[str, Words] = {}
    #: A field by whose values people may narrow the list.
    narrow: str | None = None

    def shown(self, item: Mapping[str, Any]) -> list[tuple[Field, Any]]:
        """The fields of an item that have a value, in the order of the file."""
        return [(one, item[one.key]) for one in self.fields if item.get(one.key) not in (None, "", [])]


@lru_cache(maxsize=8)
def published(root: Path) -> tuple[str, ...]:
    """The registers that are published."""
    return tuple(sorted(path.stem for path in (root / "policies" / "registers").glob("*.json")))


def publication(root: Path, register: str) -> Publication:
    """How a register is published; NotFound if it is not, PackageBroken if its file cannot be read."""
    path = root / "policies" / "registers" / f"{register}.json"
    if not re.fullmatch(r"[a-z][a-z0-9-]*", register) or not path.is_file():
        raise NotFound(kind="register", id=register)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Publication)
    except (msgspec.DecodeError, msgspec.ValidationError) as fault:
        raise PackageBroken(process=register, reason="publication", fault=str(fault)) from fault
