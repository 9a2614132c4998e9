"""What a replayed story comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.replay.answers import Habits


@dataclass(frozen=True, slots=True)
class Work:
    """A task that was there: where, when, and whether it was done."""

    element: str
    lane: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a story comes to."""

    ended: bool
    ended_at: datetime | None
    ends: tuple[str, ...]
    variables: Mapping[str, Any]
    #: The value of each decision, the last time it was made.
    decisions: Mapping[str, Any]
    work: tuple[Work, ...]
    #: What other systems were asked to do and answered, in order: operation and what it was given.
    calls: tuple[tuple[str, Mapping[str, Any]], ...]
    #: Elements at which nothing is known (nobody was asked there), and those that stopped with an incident.
    unmet: tuple[str, ...]
    incidents: tuple[tuple[str, str], ...]
    #: Answers of the story that nobody asked for.
    unasked: int
    #: What the answers tell of those who gave them, for another replay of the same story.
    habits: Habits
    #: Elements and sequence flows in the order in which tokens came to them.
    passed: tuple[str, ...]
