"""What came of a play, offered line by line as what must come of the scenario: the analyst nods to the lines that count."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec

from api.pages.posts import texts
from api.studio.scenario_view import names_of
from engine.scenarios import differences
from engine.scenarios.model import Ending, Expectation, ExpectedIncident
from engine.scenarios.write import expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.scenarios.model import ExpectedTask
    from engine.scenarios.outcome import Outcome

#: What is nodded to unless somebody says otherwise: a path and notices change too easily.
_NOT_AT_FIRST = ("path", "notice:")


def offered(
    asked: Asked,
    found: Opened,
    outcome: Outcome,
    known: Expectation | None = None,
    nods: set[str] | None = None,
) -> list[dict[str, Any]]:
    """The lines; chosen are those of `nods`, else those that the scenario expects already, else the usual ones."""
    names = names_of(asked, found)
    lines: list[dict[str, Any]] = [
        {"key": key, "what": asked.say(f"scenarios.expect-{key.partition(':')[0]}"), "text": text}
        for key, text in _lines(asked, outcome, names)
    ]
    for line in lines:
        line["chosen"] = _chosen(line["key"], known, nods)
    return lines


def chosen(given: Mapping[str, list[Any]]) -> set[str]:
    """The lines that were nodded to."""
    return set(texts(given).get("nod", ()))


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


def _lines(asked: Asked, outcome: Outcome, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    came = expected(outcome, asked.office.settings.zone)
    mark = asked.say("list-mark")
    state = came.state or Ending()
    yield (
        "state",
        (
            asked.say("scenarios.came-ended")
            if state.ended
            else asked.say(
                "scenarios.came-open", tasks=mark.join(names.get(one, one) for one in state.open or ())
            )
        ),
    )
    paid = mark.join(f"{one.amount}" + (f"（{one.fund}）" if one.fund else "") for one in came.payments or ())
    yield "payments", paid or asked.say("scenarios.none")
    for decision in came.decisions:
        rule = decision.rule
        told = mark.join(map(str, rule)) if isinstance(rule, list) else "" if rule is None else str(rule)
        rules = asked.say("scenarios.came-rule", rule=told) if told else ""
        yield f"decision:{decision.decision}", f"{decision.decision} {rules}".strip()
    for document in came.documents:
        count = f" × {document.count}" if (document.count or 1) > 1 else ""
        yield f"document:{document.document}", f"{document.document}{count}"
    for task in came.tasks:
        due = asked.say("scenarios.came-due", due=task.due.replace("T", " ")) if task.due else ""
        yield f"task:{task.task}:{task.role or ''}", f"{names.get(task.task, task.task)} {due}".strip()
    for incident in outcome.incidents:
        yield f"incident:{incident}", incident
    for notice in came.notices:
        yield f"notice:{notice}", notice
    yield "path", " → ".join(names.get(one, one) for one in came.path)


def _chosen(key: str, known: Expectation | None, nods: set[str] | None) -> bool:
    if nods is not None:
        return key in nods
    if known is None:
        return not key.startswith(_NOT_AT_FIRST)
    kind, _, name = key.partition(":")
    match kind:
        case "state":
            return known.state is not None
        case "payments":
            return known.payments is not None
        case "decision":
            return any(one.decision == name for one in known.decisions)
        case "document":
            return any(one.document == name for one in known.documents)
        case "task":
            return any(
                f"{one.task}:{one.role or ''}" == name or one.task == name.partition(":")[0]
                for one in known.tasks
            )
        case "incident":
            return any(f"{one.element}: {one.code}" == name for one in known.incidents)
        case "notice":
            return name in known.notices
        case _:
            return bool(known.path)
