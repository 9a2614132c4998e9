"""Messages are carried out at least once and take effect exactly once; what cannot be carried out becomes visible."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine import errors
from engine.commands import AnswerCall, IssueDocument, OpenDocument, RetryIncident, SendMessage
from engine.effects import Answered, Effects, Issued, LaterError, Message, Refused, Sent
from engine.relay import Relay
from engine.verify import verify
from tests.engine.models import paper, recall, siren
from tests.engine.small import ENGINE, open_small, paid, person, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.effects import Result
    from tests.engine.small import Small

BOB, LEA, ADMIN = person("bob"), person("lea", "leader"), person("adm", "administrator", "")


class Bank:
    """A connector that can be told what to do next; it counts what it did per idempotency key."""

    def __init__(self) -> None:
        self.moods: list[Any] = []
        self.paid: dict[str, Any] = {}
        self.calls: list[str] = []

    def __call__(self, message: Message, _effects: Effects) -> Result:
        self.calls.append(message.id)
        mood = self.moods.pop(0) if self.moods else None
        if isinstance(mood, Exception):
            raise mood
        if isinstance(mood, Refused):
            return mood
        self.paid.setdefault(message.id, message.input["amount"])
        return paid(message, _effects)


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
def office(store_url: str, bank: Bank) -> Iterator[Small]:
    def press(message: Message, _effects: Effects) -> Issued:
        assert message.number
        return Issued("0" * 64, 10, {"zh": "通知书"}, date(2026, 8, 3))

    small = open_small(
        store_url, relief(), paper(), recall(), siren(), handlers={"pay": bank, "document": press}
    )
    yield small
    small.close()


def waiting_payment(office: Small) -> tuple[str, str]:
    """A case whose payment lies in the outbox; (case, message)."""
    opened = office.submit()
    first = office.work(opened["opened"][0], BOB, {"amount": "605.00"})
    second = office.work(first["opened"][0], LEA)
    return opened["case"], second["messages"][0]


def state_of(office: Small, case: str) -> str:
    return str(office.rows("SELECT state FROM cases WHERE id = ?", case)[0][0])


def test_answer_comes_back(office: Small, bank: Bank) -> None:
    case, message = waiting_payment(office)
    assert office.carrier.drain() == 1
    assert state_of(office, case) == "ended"
    assert list(bank.paid) == [message]
    assert str(bank.paid[message]) == "605.00"
    assert office.carrier.drain() == 0


def test_carried_out_twice_takes_effect_once(office: Small, bank: Bank) -> None:
    """The worker dies after the bank was asked and before the answer was committed."""
    case, message = waiting_payment(office)
    assert office.carrier.claim() == [message]
    bank(_message(message), Effects(office.bus.office.packages, lambda: office.now))
    assert office.carrier.claim() == []
    office.later(seconds=61)
    assert office.carrier.drain() == 1
    assert bank.calls == [message, message]
    assert len(bank.paid) == 1
    assert state_of(office, case) == "ended"
    assert office.carrier.carry(message)
    again = AnswerCall(message, message, Answered({"receipt": f"r-{message}", "amount": bank.paid[message]}))
    assert office.do(again, ENGINE.__class__("system:relay", "relay", system=True)).again
    assert list(verify(office.bus.store)) == []


def _message(key: str) -> Message:
    from decimal import Decimal

    from tests.engine.small import NOON

    return Message(key, "pay", None, "pay", "", {}, {"amount": Decimal("605.00")}, NOON)


def test_two_answers_to_one_message(office: Small) -> None:
    case, message = waiting_payment(office)
    office.do(AnswerCall(message, message, Answered({"receipt": "1"})))
    with pytest.raises(errors.CommandReused):
        office.do(AnswerCall(message, message, Answered({"receipt": "2"})))
    assert office.do(AnswerCall("other", message, Answered({"receipt": "2"})))["late"]
    assert state_of(office, case) == "ended"


def test_failures_are_tried_again_later_and_later(office: Small, bank: Bank) -> None:
    case, message = waiting_payment(office)
    bank.moods = [LaterError("bank-down"), OSError("no route")]
    office.carrier.drain()
    assert office.rows("SELECT state, tries, error FROM outbox") == [("open", 1, "bank-down")]
    assert office.carrier.drain() == 0
    office.later(seconds=2)
    office.carrier.drain()
    assert office.rows("SELECT state, tries, error FROM outbox") == [("open", 2, "handler-fault")]
    office.later(seconds=4)
    office.carrier.drain()
    assert bank.calls == [message] * 3
    assert state_of(office, case) == "ended"


def test_spent_tries_become_an_incident_and_a_retry_keeps_the_key(office: Small, bank: Bank) -> None:
    case, message = waiting_payment(office)
    bank.moods = [LaterError("bank-down")] * 3
    for _ in range(3):
        office.carrier.drain()
        office.later(minutes=1)
    [(token, code)] = office.rows("SELECT token, code FROM incident")
    assert code == "bank-down"
    assert office.rows("SELECT state FROM outbox") == [("failed",)]
    assert office.rows("SELECT incidents FROM cases") == [(1,)]
    assert list(verify(office.bus.store)) == []
    with pytest.raises(errors.Forbidden):
        office.do(RetryIncident("x", case, token), BOB)
    office.do(RetryIncident("x", case, token), ADMIN)
    assert office.rows("SELECT count(*), max(state) FROM outbox") == [(1, "open")]
    assert office.rows("SELECT incidents FROM cases") == [(0,)]
    office.carrier.drain()
    assert set(bank.calls) == {message}
    assert state_of(office, case) == "ended"
    with pytest.raises(errors.NotWaiting):
        office.do(RetryIncident("y", case, token), ADMIN)
    assert list(verify(office.bus.store)) == []


def test_final_failure_is_not_tried_again(office: Small, bank: Bank) -> None:
    waiting_payment(office)
    bank.moods = [LaterError("account-closed", final=True)]
    office.carrier.drain()
    assert office.rows("SELECT code FROM incident") == [("account-closed",)]


def test_operation_without_handler_is_an_incident(office: Small) -> None:
    waiting_payment(office)
    del office.carrier._register["pay"]
    office.carrier.drain()
    assert office.rows("SELECT code FROM incident") == [("no-handler",)]


def test_refusal_that_nobody_catches_is_an_incident(office: Small, bank: Bank) -> None:
    waiting_payment(office)
    bank.moods = [Refused("pay-refused", {"why": "name"})]
    office.carrier.drain()
    assert len(office.rows("SELECT code FROM incident")) == 1
    assert office.rows("SELECT state FROM outbox") == [("done",)]


def test_late_answer_is_kept_and_shown(office: Small) -> None:
    """The applicant withdraws while the bank is at work; the money left, and somebody must know."""
    opened = office.submit("recall")
    [message] = opened["messages"]
    assert office.carrier.claim() == [message]
    ann = person("ann")
    office.do(SendMessage("w", opened["case"], "withdrawal"), ann)
    assert state_of(office, opened["case"]) == "ended"
    assert office.rows("SELECT state FROM outbox") == [("dropped",)]
    assert office.do(AnswerCall(message, message, Answered({"receipt": "1"})))["late"]
    assert office.rows("SELECT state FROM outbox") == [("late",)]
    assert office.rows("SELECT code FROM incident") == [("late-answer",)]
    assert list(verify(office.bus.store)) == []


def test_dropped_message_is_not_carried_out(office: Small, bank: Bank) -> None:
    opened = office.submit("recall")
    office.do(SendMessage("w", opened["case"], "withdrawal"), person("ann"))
    assert office.carrier.drain() == 0
    assert office.carrier.carry(opened["messages"][0])
    assert bank.calls == []


def test_a_signal_reaches_every_other_case_once(office: Small) -> None:
    crier, *others = [office.submit("siren") for _ in range(4)]
    bystander = office.submit()
    office.work(crier["opened"][0], BOB)
    assert [state_of(office, other["case"]) for other in others] == ["open"] * 3
    office.carrier.drain()
    assert [state_of(office, other["case"]) for other in others] == ["ended"] * 3
    assert state_of(office, bystander["case"]) == "open"
    assert office.rows("SELECT count(*) FROM journal WHERE kind = 'signal'") == [(3,)]
    assert office.rows("SELECT count(*) FROM task WHERE element = 'watching' AND state = 'dropped'") == [(3,)]
    assert list(verify(office.bus.store)) == []


def test_documents_have_gap_free_numbers_and_are_issued_once(office: Small) -> None:
    numbers = []
    for _ in range(3):
        opened = office.submit("paper")
        office.work(opened["opened"][0], BOB)
        office.carrier.drain()
        [(key, number)] = office.rows("SELECT id, number FROM document WHERE case_id = ?", opened["case"])
        numbers.append(number)
    assert numbers == [f"晋中民救字〔2026〕{n}号" for n in (1, 2, 3)]
    again = IssueDocument(key, key, Issued("0" * 64, 10, {"zh": "通知书"}, date(2026, 8, 3)))
    relay = ENGINE.__class__("system:relay", "relay", system=True)
    assert office.do(again, relay).again
    assert office.rows("SELECT count(*) FROM document") == [(3,)]
    read = office.do(OpenDocument("o", key), BOB)
    assert (read["number"], read["sha256"]) == (numbers[-1], "0" * 64)
    with pytest.raises(errors.Forbidden):
        office.do(OpenDocument("o2", key), person("far", area="140703"))
    kinds = [
        row[0] for row in office.rows("SELECT kind FROM journal WHERE chain = ? ORDER BY seq", opened["case"])
    ]
    assert kinds[-3:] == ["issued", "ended", "opened-document"]


def test_broken_handler_result_is_a_fault_not_a_loss(office: Small) -> None:
    waiting_payment(office)
    office.carrier._register["pay"] = lambda _message, _effects: Sent("sms", "1", object())  # type: ignore[arg-type]
    office.carrier.drain()
    assert office.rows("SELECT state, error FROM outbox") == [("open", "handler-fault")]


def test_relay_threads_work_and_stop(office: Small, bank: Bank) -> None:
    relay = Relay(
        office.bus, {"pay": bank}, Effects(office.bus.office.packages, lambda: office.now), poll_seconds=30
    )
    office.bus.committed = relay.wake
    relay.start()
    try:
        cases = [waiting_payment(office)[0] for _ in range(5)]
        _until(lambda: all(state_of(office, case) == "ended" for case in cases))
    finally:
        relay.stop()
    assert len(bank.paid) == 5


def _until(done: Any, seconds: float = 10) -> None:
    import time

    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
