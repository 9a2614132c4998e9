"""A file of register items: CSV with the columns key, name, status, area, on, and one for each further field.

A column may say what it holds: `registered_on:date`, `fund:money`, `charity:boolean`, `former_names:list` (`;` between).
"""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.commands import EnterItem
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from engine.access import Actor
    from engine.office import Office

_OWN = ("key", "name", "status", "area", "on")


def read_entries(register: str, path: Path) -> Iterator[EnterItem]:
    """One command for each line; CommandInvalid {file, line, reason} for a line that cannot be read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                yield _entry(register, row)
            except (ArithmeticError, KeyError, ValueError) as fault:
                values = {"file": path.name, "line": number, "reason": "register-line"}
                raise CommandInvalid(**values, fault=str(fault)) from fault


def enter(office: Office, register: str, path: Path, actor: Actor, now: datetime) -> tuple[int, int]:
    """Enter what the register lacks; how many were entered, and how many it knew."""
    with office.store.reading() as reader:
        known = {
            row[0] for row in reader.rows("SELECT key FROM register_item WHERE register = ?", (register,))
        }
    lines = list(read_entries(register, path))
    fresh = [one for one in lines if one.key not in known]
    for command in fresh:
        office.bus.execute(command, actor, now)
    return len(fresh), len(lines) - len(fresh)


def _entry(register: str, row: dict[str, str]) -> EnterItem:
    own = {name: row.pop(name).strip() for name in _OWN}
    data = {}
    for column, text in row.items():
        name, _, kind = column.partition(":")
        if text.strip():
            data[name] = _value(kind, text.strip())
    told = hashlib.sha256(repr((own, sorted(data.items()))).encode()).hexdigest()[:16]
    name = f"enter:{register}:{own['key']}:{told}"
    day = date.fromisoformat(own.pop("on"))
    return EnterItem(name, register, own["key"], own["name"], own["status"], own["area"], day, data)


def _value(kind: str, text: str) -> Any:
    match kind:
        case "date":
            return date.fromisoformat(text)
        case "money":
            return Decimal(text)
        case "boolean":
            if text not in ("true", "false"):
                raise ValueError(text)
            return text == "true"
        case "list":
            return [part.strip() for part in text.split(";") if part.strip()]
        case "":
            return text
        case _:
            raise ValueError(kind)
