"""Play a scenario through the real bus and say what came out: path, tasks, decisions, money, documents, journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from engine.clock import ClockError
from engine.commands import AnswerCall, ClaimTask, CompleteTask, SendMessage, SubmitApplication
from engine.core.faults import CoreError
from engine.core.state import restore
from engine.documents.register import StoreRegister
from engine.documents.verify import by_token
from engine.effects import Answered, Refused
from engine.errors import EngineError, FormInvalid
from engine.feel import FeelError
from engine.scenarios.mend import mend
from engine.scenarios.model import ScenarioBroken, read_scenarios
from engine.scenarios.stage import STAGE, Stage, actor_of
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands import Command
    from engine.package import Package
    from engine.scenarios.model import Action, Cast, Earlier, ScenarioCase
    from engine.scenarios.stage import Surroundings

_REFUSALS = (EngineError, CoreError, FeelError, ClockError)
NEVER = 9999


@dataclass
class Outcome:
    """What a scenario came to. `faults` are refusals that nobody expected (and the reverse), in words."""

    case: ScenarioCase
    number: str = ""
    path: list[str] = field(default_factory=list)
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
    faults: list[str] = field(default_factory=list)


def play(package: Package, case: ScenarioCase, cast: Mapping[str, Cast], around: Surroundings) -> Outcome:
    """Carry out the scenario's steps in order and read the result; never raises for what the engine refuses."""
    zone = around.law.as_world(around.calendar, datetime.fromisoformat("2000-01-01T00:00+00:00")).zone
    outcome = Outcome(case)
    before = [(one.process, _earlier(one, package, around)) for one in case.earlier]
    first = before[0][1][0] if before else case
    with Stage(package, case, around, moment(first.start.at, zone)) as stage:
        known: list[str] = []
        for number, (process, (part, actors)) in enumerate(before, 1):
            player = _Player(stage, actors, Outcome(part), zone, process, f"earlier{number}:")
            player.play()
            outcome.faults += [f"earlier {part.id}: {fault}" for fault in player.outcome.faults]
            known += [row[0] for row in stage.rows("SELECT id FROM cases")]
        _Player(stage, cast, outcome, zone, package.name).play()
        if outcome.number:
            _read(stage, outcome)
            outcome.cases = [one for one in _others(stage, outcome.number) if one["case"] not in known]
    return outcome


def _earlier(
    wanted: Earlier, package: Package, around: Surroundings
) -> tuple[ScenarioCase, Mapping[str, Cast]]:
    source = package if wanted.process == package.name else around.tree.get(wanted.process)
    file = read_scenarios(source.scenarios or b"") if source else None
    found = [case for case in file.cases if case.id == wanted.case] if file else []
    if not found or file is None:
        raise ScenarioBroken(file=wanted.process, reason=f"no earlier case {wanted.case}")
    return found[0], file.actors


def moment(text: str, zone: Any) -> datetime:
    """A moment of a scenario file; without offset it is local time, without time the day's beginning."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=zone)


class _Player:
    def __init__(
        self,
        stage: Stage,
        cast: Mapping[str, Cast],
        outcome: Outcome,
        zone: Any,
        process: str,
        prefix: str = "",
    ) -> None:
        self.stage = stage
        self.cast = cast
        self.outcome = outcome
        self.zone = zone
        self.process = process
        self.prefix = prefix

    def play(self) -> None:
        if self.start():
            for number, action in enumerate(self.outcome.case.steps, 1):
                self.act(number, action)

    def start(self) -> bool:
        start = self.outcome.case.start
        self.stage.advance(moment(start.at, self.zone))
        command = SubmitApplication(
            f"{self.prefix}start", self.process, start.area, start.data, start.channel
        )
        try:
            answer = self.stage.bus.execute(command, actor_of(start.actor, self.cast), self.stage.now)
        except _REFUSALS as refusal:
            self.outcome.faults.append(f"the application was refused: {_words(refusal)}")
            return False
        self.outcome.number = str(answer["case"])
        self.stage.settle()
        return True

    def act(self, number: int, action: Action) -> None:
        stage = self.stage
        if action.at is not None:
            stage.advance(moment(action.at, self.zone))
        try:
            self._carry_out(number, action)
        except _REFUSALS as refusal:
            code = getattr(refusal, "code", "")
            if action.refused is None:
                self.outcome.faults.append(f"step {number} was refused: {_words(refusal)}")
            elif action.refused != code:
                self.outcome.faults.append(
                    f"step {number} was refused with {code}, expected {action.refused}"
                )
        else:
            if action.refused is not None:
                self.outcome.faults.append(f"step {number} went through, expected refusal {action.refused}")
        stage.settle()

    def _carry_out(self, number: int, action: Action) -> None:
        stage = self.stage
        if action.advance is not None:
            stage.advance(moment(action.advance, self.zone))
            return
        if action.answer is not None:
            self._answer(number, action)
            return
        if action.verify is not None:
            self._verify(number, action)
            return
        actor = actor_of(action.actor, self.cast)
        if action.calendar is not None or action.retry is not None:
            mend(stage, action, self.outcome.number, actor, f"{self.prefix}step{number}")
            return
        if action.message is not None:
            stage.bus.execute(
                SendMessage(f"{self.prefix}step{number}", self.outcome.number, action.message, action.data),
                actor,
                stage.now,
            )
            return
        task = self._find_task(action)
        claimed = self._try(ClaimTask(f"{self.prefix}step{number}c", task[0]), actor)
        self._try(
            CompleteTask(f"{self.prefix}step{number}", task[0], int(claimed["revision"]), action.data), actor
        )

    def _verify(self, number: int, action: Action) -> None:
        stage = self.stage
        sql = "SELECT token FROM document WHERE code = ? ORDER BY issued_at DESC LIMIT 1"
        found = stage.rows(sql, action.verify)
        purpose = action.data.get("purpose")
        token = found[0][0] if found else "nothing was issued"
        verdict = by_token(token, StoreRegister(stage.store), on=stage.now.date(), purpose=purpose)
        if verdict.outcome != action.outcome:
            self.outcome.faults.append(f"step {number}: {verdict.outcome}, expected {action.outcome}")

    def _try(self, command: Command, actor: Any) -> Mapping[str, Any]:
        return self.stage.bus.execute(command, actor, self.stage.now).values

    def _find_task(self, action: Action) -> tuple[Any, ...]:
        sql = "SELECT id, local FROM task WHERE case_id = ? AND element = ? AND state = 'open' ORDER BY token"
        for row in self.stage.rows(sql, self.outcome.number, action.task):
            local = unpack(row[1]) if row[1] else {}
            if all(local.get(name) == value for name, value in action.where.items()):
                return row
        opened = [row[0] for row in self.stage.rows("SELECT element FROM task WHERE state = 'open'")]
        raise EngineError("no-such-open-task", task=action.task, open=opened)

    def _answer(self, number: int, action: Action) -> None:
        stage = self.stage
        sql = "SELECT id, body FROM outbox WHERE case_id = ? AND kind = ? AND state = 'open' ORDER BY asked_at LIMIT 1"
        found = stage.rows(sql, self.outcome.number, action.answer)
        if not found:
            raise EngineError("no-such-open-call", operation=action.answer)
        message = found[0][0]
        if action.fail is not None:
            answer: Answered | Refused = Refused(action.fail, action.data)
        else:
            given = _asked(found[0][1])
            values = {
                "receipt": f"R{number}",
                "paid_at": stage.now,
                "amount": given.get("amount"),
                **action.data,
            }
            answer = Answered(values)
            if action.answer == "pay":
                fund = given.get("fund")
                stage.payments.append((str(fund) if fund else None, given.get("amount")))
        stage.bus.execute(AnswerCall(f"{self.prefix}step{number}", message, answer), STAGE, stage.now)


def _others(stage: Stage, number: str) -> list[dict[str, Any]]:
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


def _asked(body: str) -> dict[str, Any]:
    given = unpack(body).get("input")
    return given if isinstance(given, dict) else {}


def _words(refusal: Exception) -> str:
    if isinstance(refusal, FormInvalid):
        return "form-invalid " + ", ".join(f"{one.path}: {one.code}" for one in refusal.errors)
    return f"{getattr(refusal, 'code', type(refusal).__name__)} {getattr(refusal, 'values', '')}"


def _read(stage: Stage, outcome: Outcome) -> None:
    number = outcome.number
    for element, obj, due, area, state, title in stage.rows(
        "SELECT element, object, due, area, state, title FROM task WHERE case_id = ? ORDER BY opened_at, token",
        number,
    ):
        role = obj.partition("/")[2]
        known = None if due.year >= NEVER else due.astimezone(stage.now.tzinfo)
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
