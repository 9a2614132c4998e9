"""Play a scenario through the real bus and say what came out: path, tasks, decisions, money, documents, journal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.clock import ClockError
from engine.commands import AnswerCall, ClaimTask, CompleteTask, SendMessage, SubmitApplication
from engine.core.faults import CoreError
from engine.documents.register import StoreRegister
from engine.documents.verify import by_token
from engine.effects import Answered, Refused
from engine.errors import EngineError, FormInvalid
from engine.feel import FeelError
from engine.scenarios import verbs
from engine.scenarios.coverage import walked
from engine.scenarios.difference import Difference
from engine.scenarios.mend import mend
from engine.scenarios.model import ScenarioBroken, read_scenarios
from engine.scenarios.outcome import Outcome, others, read_outcome
from engine.scenarios.stage import STAGE, Stage, actor_of
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands import Command
    from engine.package import Package
    from engine.scenarios.model import Action, Cast, Earlier, ScenarioCase
    from engine.scenarios.stage import Surroundings

#: What the engine may refuse a step with.
REFUSALS = (EngineError, CoreError, FeelError, ClockError)


def play(package: Package, case: ScenarioCase, cast: Mapping[str, Cast], around: Surroundings) -> Outcome:
    """Carry out the scenario's steps in order and read the result; never raises for what the engine refuses."""
    zone = around.law.as_world(around.calendar, datetime.fromisoformat("2000-01-01T00:00+00:00")).zone
    outcome = Outcome(case)
    before = earlier_cases(case, package, around)
    with Stage(package, case, around, moment((before[0][1] if before else case).start.at, zone)) as stage:
        known = play_earlier(stage, before, outcome, zone)
        Player(stage, cast, outcome, zone, package.name).play()
        if outcome.number:
            read_outcome(stage, outcome)
            outcome.flows = walked(stage, package, outcome.number)
            outcome.cases = [one for one in others(stage, outcome.number) if one["case"] not in known]
    return outcome


#: An earlier case: its process, the case, and who acts in it.
Before = tuple[str, "ScenarioCase", "Mapping[str, Cast]"]


def earlier_cases(case: ScenarioCase, package: Package, around: Surroundings) -> list[Before]:
    """The cases that this one says were there before; ScenarioBroken if there is no such."""
    return [(one.process, *_earlier(one, package, around)) for one in case.earlier]


def play_earlier(stage: Stage, before: list[Before], outcome: Outcome, zone: Any) -> list[str]:
    """Play them on the same stage; the numbers of all cases that are there then. Their faults become the outcome's."""
    known: list[str] = []
    for number, (process, part, actors) in enumerate(before, 1):
        player = Player(stage, actors, Outcome(part), zone, process, f"earlier{number}:")
        player.play()
        outcome.faults += [
            Difference("earlier", case=part.id, fault=str(fault)) for fault in player.outcome.faults
        ]
        known += [row[0] for row in stage.rows("SELECT id FROM cases")]
    return known


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


class Player:
    """Carries out the steps of a case on a stage; `prefix` keeps the commands of several players apart."""

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
        """Begin, and carry out every step; what is refused becomes a fault of the outcome."""
        if self.start():
            for number, action in enumerate(self.outcome.case.steps, 1):
                self.act(number, action)

    def start(self) -> bool:
        """Hand in the application; whether it was taken."""
        try:
            self.begin()
        except REFUSALS as refusal:
            self.outcome.faults.append(Difference("start-refused", why=_words(refusal)))
            return False
        return True

    def begin(self) -> None:
        """Hand in the application; raises what the engine refuses it with."""
        start = self.outcome.case.start
        self.stage.advance(moment(start.at, self.zone))
        command = SubmitApplication(
            f"{self.prefix}start", self.process, start.area, start.data, start.channel
        )
        answer = self.stage.bus.execute(command, actor_of(start.actor, self.cast), self.stage.now)
        self.outcome.number = str(answer["case"])
        self.stage.settle()

    def act(self, number: int, action: Action) -> None:
        """Carry out one step and hold it against what it says about being refused."""
        stage = self.stage
        if action.at is not None:
            stage.advance(moment(action.at, self.zone))
        try:
            self.carry_out(number, action)
        except REFUSALS as refusal:
            code = getattr(refusal, "code", "")
            if action.refused is None:
                self.outcome.faults.append(Difference("step-refused", step=number, why=_words(refusal)))
            elif action.refused != code:
                self.outcome.faults.append(
                    Difference("step-refused-otherwise", step=number, came=code, wanted=action.refused)
                )
        else:
            if action.refused is not None:
                self.outcome.faults.append(
                    Difference("step-went-through", step=number, wanted=action.refused)
                )
        stage.settle()

    def carry_out(self, number: int, action: Action) -> None:
        """Carry out one step; raises what the engine refuses it with."""
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
        if action.verb is not None:
            verbs.act(stage, action, self.outcome.number, actor, self.cast, f"{self.prefix}step{number}")
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
            self.outcome.faults.append(
                Difference("verified-otherwise", step=number, came=verdict.outcome, wanted=action.outcome)
            )

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


def _asked(body: str) -> dict[str, Any]:
    given = unpack(body).get("input")
    return given if isinstance(given, dict) else {}


def _words(refusal: Exception) -> str:
    if isinstance(refusal, FormInvalid):
        return "form-invalid " + ", ".join(f"{one.path}: {one.code}" for one in refusal.errors)
    return f"{getattr(refusal, 'code', type(refusal).__name__)} {getattr(refusal, 'values', '')}"
