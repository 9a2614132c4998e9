"""Whether every case of the model can end: deadlocks, circles without an end, steps nobody reaches, tokens that pile up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.core.sound import Bounds, examine
from engine.lint.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.definition import Definition
    from engine.core.sound import Move

#: Looked at while somebody waits for the answer: some seconds for the largest models.
_BOUNDS: Final = Bounds(situations=6_000, steps=24_000)


def sound(definition: Definition, main: str) -> Iterator[Finding]:
    """Defects are warnings, for data may rule them out; a search that did not see everything says so.

    `way` is a course of a case that leads there.
    """
    verdict = examine(definition, _BOUNDS)
    for defect in verdict.defects:
        values = {"elements": list(defect.elements), "way": [_told(move) for move in defect.way]}
        yield Finding(main, defect.code, defect.elements[0], Severity.WARNING, values)
    if verdict.bounded:
        seen = {"situations": verdict.situations, "by": list(verdict.bounded)}
        yield Finding(main, "soundness-bounded", None, Severity.INFO, seen)


def _told(move: Move) -> str:
    """`complete check [over_limit]`: what happened, where, and which conditions held."""
    held = f" [{', '.join(move.held)}]" if move.held else ""
    return f"{move.what} {move.where}".strip() + held
