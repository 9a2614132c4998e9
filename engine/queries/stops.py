"""Which of some cases have a clock that stands still, and why: for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.core.state import restore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from engine.store.session import Store


class Stopped(NamedTuple):
    """A stopped clock: what it measures, the reason's code, since when, and until when as planned."""

    title: str
    reason: str
    since: date
    planned: date | None


def stopped(store: Store, numbers: Sequence[str]) -> dict[str, Stopped]:
    """The cases among `numbers` with a stopped clock; for those who may work a task of them."""
    if not numbers:
        return {}
    marks = ", ".join("?" * len(numbers))
    sql = f"SELECT id, marking, variables FROM cases WHERE id IN ({marks})"  # noqa: S608 - only marks
    with store.reading() as reader:
        rows = reader.rows(sql, tuple(numbers))
    found = {}
    for number, marking, variables in rows:
        clock = _stopped(restore(marking, variables).variables.get("clocks") if marking else None)
        if clock is not None:
            found[number] = clock
    return found


def _stopped(clocks: Mapping[str, Any] | None) -> Stopped | None:
    for clock in (clocks or {}).values():
        stops = [one for one in clock.get("stops") or () if one.get("until") is None]
        if clock.get("state") == "stopped" and stops:
            last = stops[-1]
            return Stopped(str(clock["title"]), str(last.get("reason")), last["from"], last.get("planned"))
    return None
