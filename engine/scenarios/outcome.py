"""What a scenario came to, read from the rows of its stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from engine.core.state import restore
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.scenarios.difference import Difference
    from engine.scenarios.model import ScenarioCase
    from engine.scenarios.stage import Stage


@dataclass
class Outcome:
    """What a scenario came to. `faults` are refusals that nobody expected (and the reverse), in words."""

    case: ScenarioCase
    number: str = ""
    path: list[str] = field(default_factory=list)
    #: Sequence flows that tokens took, as often as they did.
    flows: list[str] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    payments: list[tuple[str | None, Any]] = field(default_factory=list)
    funds: dict[str, Any] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)
    timers: dict[str, datetime] = field(default_factory=dict)
    incidents: list[str] = field(default_factory=list)
    variables: Mapping[str, Any] = field(default_factory=dict)
    ended: bool = False
    open: list[str] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Difference] = field(default_factory=list)


def read_outcome(stage: Stage, outcome: Outcome) -> None:
    """Fill the outcome with what stands in the stage's rows."""
    number = outcome.number
    for element, obj, due, area, state, title in stage.rows(
        "SELECT element, object, due, area, state, title FROM task WHERE case_id = ? ORDER BY opened_at, token",
        number,
    ):
        role = obj.partition("/")[2]
        known = None if due == NEVER else due.astimezone(stage.now.tzinfo)
        outcome.tasks.append(
            {"task": element, "role": role, "due": known, "area": area, "state": state, "title": title}
        )
        if state == "open":
            outcome.open.append(element)
    for kind, at, actor, body in stage.rows(
        "SELECT kind, at, actor, body FROM journal WHERE chain = ? ORDER BY seq", number
    ):
        entry = {**orjson.loads(body), "kind": kind, "at": at, "actor": actor}
        outcome.journal.append(entry)
        outcome.path += entry.get("path", [])
        if kind == "decided":
            outcome.decisions.append({**entry["trace"], "element": entry["element"]})
    for key, code, document_number in stage.rows(
        "SELECT id, code, number FROM document WHERE case_id = ? ORDER BY issued_at, id", number
    ):
        fields = dict(stage.inputs[key].input) if key in stage.inputs else {}
        outcome.documents.append({"document": code, "number": document_number, "fields": fields})
    outcome.notices = [
        row[0] for row in stage.rows("SELECT event FROM notice WHERE case_id = ? ORDER BY sent_at", number)
    ]
    outcome.incidents = [f"{row[0]}: {row[1]}" for row in stage.rows("SELECT element, code FROM incident")]
    outcome.timers = {
        row[0]: row[1].astimezone(stage.now.tzinfo)
        for row in stage.rows("SELECT element, due FROM timer WHERE case_id = ?", number)
    }
    outcome.funds = {row[0]: row[1] / 100 for row in stage.rows("SELECT code, balance FROM fund")}
    outcome.payments = list(stage.payments)
    marking, variables, state = stage.rows(
        "SELECT marking, variables, state FROM cases WHERE id = ?", number
    )[0]
    outcome.variables = restore(marking, variables).variables
    outcome.ended = state != "open"


def last_day(due: datetime) -> date:
    """The last permitted day of an exclusive end."""
    return (due - timedelta(microseconds=1)).date()


def others(stage: Stage, number: str) -> list[dict[str, Any]]:
    """The cases beside the scenario's own, as they stand."""
    sql = "SELECT id, process, area, state, marking, variables FROM cases WHERE id <> ? ORDER BY submitted_at, id"
    open_tasks = "SELECT element FROM task WHERE case_id = ? AND state = 'open' ORDER BY token"
    return [
        {
            "case": key,
            "process": process,
            "area": area,
            "ended": state != "open",
            "open": [row[0] for row in stage.rows(open_tasks, key)],
            "variables": restore(marking, variables).variables,
        }
        for key, process, area, state, marking, variables in stage.rows(sql, number)
    ]
