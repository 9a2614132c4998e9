"""Pools of numbers that somebody else allotted (code segments of a registrar): each number is taken once, for ever.

The segments come in with the question, out of the law's dated lists; the next one is the first that nobody has. Whoever
takes from the same pool waits until the first is through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.effects import Refused
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work

#: Numbers in a row that may have been taken by other ways (brought over from an older register) before one is free.
_SKIPPED = 100_000


def take(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Take the next number of `pool` out of `segments` [{prefix, first, last, width}] for a `purpose`: {ok, number, left}.

    The element's BPMN error `pool-empty` if no segment has one left.
    """
    pool = given.get("pool")
    if not isinstance(pool, str) or not pool:
        raise CommandInvalid(reason="pool")
    segments = [_segment(one) for one in given.get("segments") or ()]
    whole = sum(last - first + 1 for _, first, last, _ in segments)
    for _ in range(_SKIPPED):
        place = work.tx.next_number(f"pool:{pool}")
        number = _at(segments, place)
        if number is None:
            return Refused("pool-empty", {"pool": pool})
        known = work.tx.rows("SELECT 1 FROM pool_number WHERE pool = ? AND number = ?", pool, number)
        if known or work.tx.pending("pool_number", (pool, number)) is not None:
            continue
        work.tx.insert(
            "pool_number",
            {
                "pool": pool,
                "number": number,
                "case_id": case,
                "purpose": str(given.get("purpose") or ""),
                "taken_at": work.now,
            },
        )
        return {"ok": True, "number": number, "left": whole - place}
    return Refused("pool-empty", {"pool": pool})


def _segment(given: Any) -> tuple[str, int, int, int]:
    try:
        first, last, width = int(given["first"]), int(given["last"]), int(given.get("width") or 0)
        prefix = str(given.get("prefix") or "")
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise CommandInvalid(reason="pool-segment") from fault
    if not 0 <= first <= last:
        raise CommandInvalid(reason="pool-segment")
    return prefix, first, last, width


def _at(segments: list[tuple[str, int, int, int]], place: int) -> str | None:
    """The number at a place, counted from 1 over all segments in their order."""
    for prefix, first, last, width in segments:
        size = last - first + 1
        if place <= size:
            return f"{prefix}{first + place - 1:0{width}}"
        place -= size
    return None


OPERATIONS = {"pool.take": take}
