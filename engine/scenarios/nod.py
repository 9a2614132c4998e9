"""What a scenario expects after a nod: of what came, the lines that count, and what it said beyond them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec

from engine.scenarios.compare import differences
from engine.scenarios.model import Expectation, ExpectedIncident
from engine.scenarios.write import expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.scenarios.model import ExpectedTask
    from engine.scenarios.outcome import Outcome


def nodded(outcome: Outcome, nods: set[str], known: Expectation, zone: Any) -> Expectation:
    """What must come: what came, as far as it was nodded to, and what the scenario expects beyond these lines.

    Where the scenario says more about a line than a nod does (a decision's value, a document's fields) and that holds,
    it goes on saying it.
    """
    came = expected(outcome, zone)

    def kept(name: str, said: Any, key: Callable[[Any], str]) -> list[Any]:
        """Of a list of expectations, the known ones that hold, and what came for the other nods."""
        true = [
            one for one in getattr(known, name) if key(one) in nods and _holds(outcome, zone, **{name: [one]})
        ]
        told = {key(one) for one in true}
        return [*true, *(one for one in said if key(one) in nods and key(one) not in told)]

    def one(name: str) -> Any:
        """A single expectation: the known one while it holds."""
        said = getattr(known, name)
        return said if said and _holds(outcome, zone, **{name: said}) else getattr(came, name)

    return msgspec.structs.replace(
        known,
        path=one("path") if "path" in nods else [],
        tasks=kept("tasks", came.tasks, lambda task: _task_key(task, came)),
        decisions=kept("decisions", came.decisions, lambda made: f"decision:{made.decision}"),
        payments=one("payments") if "payments" in nods else None,
        documents=kept("documents", came.documents, lambda paper: f"document:{paper.document}"),
        notices=[one for one in came.notices if f"notice:{one}" in nods],
        incidents=[_incident(one) for one in outcome.incidents if f"incident:{one}" in nods],
        state=one("state") if "state" in nods else None,
    )


def _holds(outcome: Outcome, zone: Any, **expect: Any) -> bool:
    """Whether an expectation alone is met by what came."""
    case = msgspec.structs.replace(outcome.case, expect=Expectation(**expect))
    return not differences(dataclasses.replace(outcome, case=case, faults=[], incidents=[]), zone)


def _task_key(task: ExpectedTask, came: Expectation) -> str:
    """The line of a task; a scenario need not name its role."""
    role = task.role or next((one.role for one in came.tasks if one.task == task.task), None)
    return f"task:{task.task}:{role or ''}"


def _incident(text: str) -> ExpectedIncident:
    element, _, code = text.partition(": ")
    return ExpectedIncident(element, code)
