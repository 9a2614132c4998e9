"""What reaches a running case from outside its task list: messages, answers of connectors, repairs, its cancelling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.commands.notices import keep
from engine.core.definition import Cause
from engine.core.step import Break, Broadcast, Cancel, Complete, Deliver, Fail, IncidentRaised, Retry
from engine.effects import Answered, Broken, Refused, Sent
from engine.errors import CommandInvalid, NotFound, NotWaiting
from engine.forms import validate
from engine.store.exact import exactly, plain
from engine.store.rows import CaseRow, IncidentRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work


#: Characters of JSON that a message without form may carry.
_MOST_DATA = 10_000
#: Outbox kinds that no token waits for; nor does one for whatever was sent with token 0 (a receipt that was asked for).
UNAWAITED = frozenset({"notice", "message", "signal"})


@dataclass(frozen=True, slots=True)
class SendMessage(Command):
    """A message (withdrawal, correction, death, ...) for the case; one waiting place takes it."""

    case: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)
    #: Correlation, where several places wait for the same name.
    key: Any = None


@dataclass(frozen=True, slots=True)
class SendSignal(Command):
    """A signal that another case threw; every place of this case that waits for it takes it."""

    case: str
    signal: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerCall(Command):
    """What came of an outbox message: an answer, a refusal, a sent notice, or that it cannot be carried out."""

    message: str
    answer: Answered | Refused | Sent | Broken


@dataclass(frozen=True, slots=True)
class RetryIncident(Command):
    """Try again what stopped; a call goes out under its old id, so that nothing is done twice."""

    case: str
    token: int


@dataclass(frozen=True, slots=True)
class CancelCase(Command):
    """End the case from outside."""

    case: str
    reason: str


class Asked(NamedTuple):
    """An outbox message and its case."""

    case: CaseRow
    message: OutboxRow


def _right(action: str, case: CaseRow) -> Right:
    return Right(action, case.process, case.area, case.owner)


def read_message(work: Work, message: str) -> Asked:
    """The outbox row and its case, held if this is a second attempt."""
    row = work.tx.one(OutboxRow, "outbox", "id = ?", message)
    if row is None:
        raise NotFound(kind="message", id=message)
    return Asked(read_case(work, row.case_id), row)


def _find_message_target(work: Work, command: SendMessage) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return _right(f"message:{command.message}", case), case


def _send(work: Work, command: SendMessage, case: CaseRow) -> dict[str, Any]:
    moving = Moving(work, case)
    moving.require_open()
    data = _message_data(work, moving, command)
    moving.move(Deliver(command.message, data, command.key))
    return moving.close("message", message=command.message, data=data, **exactly(data))


def _message_data(work: Work, moving: Moving, command: SendMessage) -> Mapping[str, Any]:
    """What the message carries, judged by its form `message-<name>` if it has one.

    Data from outside must not become case variables by their own names (a withdrawal could carry an amount): without a
    form it is taken only where every place that waits for the message names the one variable it goes to (`result`).
    """
    form = moving.package.form(f"message-{command.message}")
    if form is not None:
        return validate(form, command.data, moving.variables, work.world)
    loose = [
        node.id
        for node in moving.definition.nodes.values()
        if node.settings.result is None
        and any(one.cause is Cause.MESSAGE and one.ref == command.message for one in node.triggers)
    ]
    if command.data and loose:
        raise CommandInvalid(reason="message-data", message=command.message, element=loose[0])
    if len(plain(command.data)) > _MOST_DATA:
        raise CommandInvalid(reason="message-too-long", message=command.message)
    return command.data


def _find_signalled(work: Work, command: SendSignal) -> tuple[Right, CaseRow]:
    return ENGINE_ONLY, read_case(work, command.case)


def _signal(work: Work, command: SendSignal, case: CaseRow) -> dict[str, Any]:
    if case.state != "open":
        return {"case": case.id, "taken": False}
    moving = Moving(work, case)
    before = moving.state
    moving.move(Broadcast(command.signal, command.data))
    if moving.state == before:
        return {"case": case.id, "taken": False}
    return {"taken": True, **moving.close("signal", signal=command.signal)}


def _find_asked(work: Work, command: AnswerCall) -> tuple[Right, Asked]:
    return ENGINE_ONLY, read_message(work, command.message)


def _answer(work: Work, command: AnswerCall, asked: Asked) -> dict[str, Any]:
    case, message = asked
    answer = command.answer
    if message.state != "open":
        return answer_too_late(work, asked, answer)
    moving = Moving(work, case)
    done = {"answer": plain(answer), "done_at": work.now}
    work.tx.update("outbox", (message.id,), {"state": "done", **done}, {"state": "open"})
    match answer:
        case Answered(values=values) if message.token:
            moving.move(Complete(message.token, moving.result(message.element, values)))
        case Refused(code=code, values=values) if message.token:
            moving.move(Fail(message.token, code, moving.result(message.element, values)))
        case Broken(code=code, values=values):
            work.tx.update("outbox", (message.id,), {"state": "failed", "error": code})
            if message.token and message.kind not in UNAWAITED:
                moving.move(Break(message.token, code, values))
        case Sent():
            keep(work, moving, message, answer)
    kind = type(answer).__name__.lower()
    told = exactly(answer.values) if isinstance(answer, Answered | Refused) else {}
    return moving.close(
        kind, message=message.id, element=message.element, operation=message.kind, answer=answer, **told
    )


def answer_too_late(work: Work, asked: Asked, answer: object) -> dict[str, Any]:
    """Nobody waits any more. What was done outside stays done, so a person is told (incident `late-answer`)."""
    case, message = asked
    moving = Moving(work, case)
    if message.state == "dropped" and isinstance(answer, Answered):
        late = {"state": "late", "answer": plain(answer), "done_at": work.now}
        work.tx.update("outbox", (message.id,), late)
        values = {"message": message.id, "operation": message.kind, "answer": answer.values}
        moving.record.take([IncidentRaised(message.token, message.element, "late-answer", values)])
    moving.record.close("answered-late", message=message.id, operation=message.kind, answer=answer)
    return {"case": case.id, "late": True}


def _find_incident(work: Work, command: RetryIncident) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return _right("repair", case), case


def _retry(work: Work, command: RetryIncident, case: CaseRow) -> dict[str, Any]:
    where = "case_id = ? AND token = ?"
    row = work.tx.one(IncidentRow, "incident", where, command.case, command.token)
    if row is None:
        raise NotWaiting(case=command.case, token=command.token)
    moving = Moving(work, case)
    moving.require_open()
    moving.move(Retry(command.token))
    return moving.close("retried", element=row.element, code=row.code)


def _find_case(work: Work, command: CancelCase) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return _right("cancel", case), case


def _cancel(work: Work, command: CancelCase, case: CaseRow) -> dict[str, Any]:
    if not command.reason.strip():
        raise CommandInvalid(reason="no-reason")
    moving = Moving(work, case)
    moving.require_open()
    moving.move(Cancel(command.reason))
    return moving.close("cancel", reason=command.reason)


VERBS = {
    SendMessage: Verb(_find_message_target, _send),
    SendSignal: Verb(_find_signalled, _signal),
    AnswerCall: Verb(_find_asked, _answer),
    RetryIncident: Verb(_find_incident, _retry),
    CancelCase: Verb(_find_case, _cancel),
}
