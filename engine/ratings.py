"""What became of a rating that somebody looked into: the operation `rating.answer` of the process that did.

{case, outcome: "answered" | "excluded", answer} -> {ok}; not ok where the rating was given at a window and is kept
nowhere. The answer is shown to whoever rated; an excluded rating counts
in no statistics and is never removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.store.rows import RatingRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Operation, Work

OUTCOMES = frozenset({"answered", "excluded"})


def answer(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Write down what the office answers; `case` is the one in which it was looked into."""
    rated, outcome = str(given.get("case")), given.get("outcome")
    row = work.tx.one(RatingRow, "rating", "case_id = ?", rated)
    if row is None or outcome not in OUTCOMES:
        return {"ok": False}
    changes = {
        "state": outcome,
        "answered_by": case,
        "answer": str(given.get("answer") or "")[:2000],
        "answered_at": work.now,
    }
    work.tx.update("rating", (rated,), changes, {"state": row.state})
    return {"ok": True}


OPERATIONS: Mapping[str, Operation] = {"rating.answer": answer}
