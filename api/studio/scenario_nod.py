"""What came of a play, offered line by line as what must come of the scenario: the analyst nods to the lines that count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.pages.posts import texts
from api.studio.scenario_view import names_of
from engine.scenarios.model import Ending
from engine.scenarios.write import expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.scenarios.model import Expectation
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
