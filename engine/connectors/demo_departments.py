"""Demonstration departments: they answer every question, and have no record of anybody.

So a demonstration office can go through its cases, and nobody can take an invented finding for a real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.effects import Answered

if TYPE_CHECKING:
    from engine.effects import Effects, Message


def knowing_nobody(message: Message, _effects: Effects, /) -> Answered:
    """The answer of a register without entries: as of when, for whom it was asked, and nothing found."""
    persons = message.input.get("persons")
    asked = len(persons) if isinstance(persons, list) else 0
    return Answered({"as_of": message.asked_at.date(), "asked": asked, "hits": [], "demonstration": True})


def taking_note(message: Message, _effects: Effects, /) -> Answered:
    """The receipt of a department that was told something."""
    return Answered({"receipt": message.id, "received_at": message.asked_at, "demonstration": True})
