"""What every dated row has, and how the cells of a law file are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, str]
#: How well a value is known, from read in its source to chosen by us.
STATUS = frozenset({"verified", "verified-outdated", "verified-elsewhere", "recalled", "assumed"})


@dataclass(frozen=True, slots=True)
class Dated:
    """Something in force from a day to a day."""

    valid_from: date | None
    valid_to: date | None

    def in_force(self, on: date) -> bool:
        """Whether it is in force on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )

    def overlaps(self, other: Dated) -> bool:
        """Whether there is a day on which both are in force."""
        return (self.valid_to or date.max) >= (other.valid_from or date.min) and (
            other.valid_to or date.max
        ) >= (self.valid_from or date.min)


def cells(row: Mapping[str | Any, str | Any]) -> Row:
    """The row with trimmed cells; ValueError if it is longer or shorter than the head."""
    if None in row or None in row.values():
        raise ValueError("the row has not as many cells as the head")
    return {name: cell.strip() for name, cell in row.items()}


def validity(row: Row) -> tuple[date | None, date | None]:
    """The days between which the row is in force; ValueError if it ends before it begins."""
    start, end = (date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to"))
    if start and end and end < start:
        raise ValueError(f"valid to {end}, before it begins")
    return start, end


def word(row: Row, name: str) -> str:
    """A cell that may not be empty."""
    if not row[name]:
        raise ValueError(f"{name} is empty")
    return row[name]
