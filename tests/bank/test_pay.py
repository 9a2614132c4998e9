"""Paying through a real second process: money moves once, whatever the bank and the network do."""

from __future__ import annotations

import random
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from engine.connectors import register
from engine.connectors.demo_bank import DemonstrationBank
from engine.connectors.http import Line, asking
from engine.connectors.pay import paying
from engine.effects import Answered, Effects, LaterError, Message, Refused
from engine.settings import Settings
from tests.bank import RunningBank, running_bank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.connectors.pay import Bank
    from engine.effects import Result

SEED = 20260803
QUICK = httpx.Timeout(0.5, connect=0.5)
INPUT: dict[str, Any] = {
    "payee": {"name": "张三丰", "account": "6222020100012341234", "bank": "晋中农商银行"},
    "amount": Decimal(605),
    "fund": "140702100",
    "reference": "140702MZ202608030001",
    "purpose": "急难型临时救助",
}
NO_EFFECTS = Effects(packages=None, now=lambda: datetime(2026, 8, 3, tzinfo=UTC))  # type: ignore[arg-type]


def order(number: int = 1, tries: int = 1, **changes: Any) -> Message:
    """An outbox message `pay`."""
    return Message(
        id=f"140702MZ202608030001:{number}",
        kind="pay",
        name=None,
        element="pay_out",
        package="p",
        case={"number": "140702MZ202608030001"},
        input={**INPUT, **changes},
        asked_at=datetime(2026, 8, 3, 3, 0, tzinfo=UTC),
        tries=tries,
    )


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBank]:
    with running_bank(tmp_path_factory.mktemp("bank") / "ledger.sqlite3") as running:
        yield running


@pytest.fixture
def line(bank: RunningBank) -> Iterator[Line]:
    bank.habits()
    yield Line(bank.url, QUICK)
    bank.habits()


def carried(message: Message, bank: Bank, most: int = 12) -> Result:
    """What the relay does: again and again, until there is an outcome."""
    for tries in range(1, most + 1):
        try:
            return paying(bank)(replace(message, tries=tries), NO_EFFECTS)
        except LaterError as later:
            if later.final:
                raise
    raise AssertionError("no outcome")


def entries(bank: RunningBank, message: Message) -> list[dict[str, Any]]:
    return [row for row in bank.payments() if row["key"] == message.id]


def test_a_payment(bank: RunningBank, line: Line) -> None:
    message = order(1, amount=Decimal("605.5"))
    answer = paying(line)(message, NO_EFFECTS)
    assert isinstance(answer, Answered)
    assert answer.values["amount"] == Decimal("605.50")
    assert answer.values["receipt"].startswith("B")
    assert answer.values["paid_at"].utcoffset() == timedelta(hours=8), (
        "in the office's zone, which FEEL takes dates from"
    )
    (row,) = entries(bank, message)
    assert (row["amount"], row["reference"], row["fund"]) == ("605.50", INPUT["reference"], INPUT["fund"])


@pytest.mark.parametrize(
    ("habit", "code"),
    [
        ("fail", "line-down"),
        ("drop", "line-down"),
        ("garble", "line-unreadable"),
        ("pending", "line-pending"),
    ],
)
def test_a_bad_answer_is_asked_for_again_and_money_moves_once(
    bank: RunningBank, line: Line, habit: str, code: str
) -> None:
    message = order(100 + ["fail", "drop", "garble", "pending"].index(habit), amount=Decimal(100))
    bank.habits(**{habit: 1})
    with pytest.raises(LaterError) as caught:
        paying(line)(message, NO_EFFECTS)
    assert (caught.value.code, caught.value.final) == (code, False)
    assert isinstance(paying(line)(replace(message, tries=2), NO_EFFECTS), Answered)
    (row,) = entries(bank, message)
    assert row["state"] == "paid"
    assert row["asked"] == 1, "the second try asks for the state, it does not send the money again"


def test_an_answer_that_comes_too_late(bank: RunningBank, line: Line) -> None:
    message = order(200)
    bank.habits(late=1.0)
    with pytest.raises(LaterError, match="line-down") as caught:
        paying(line)(message, NO_EFFECTS)
    assert caught.value.values["reason"] == "ReadTimeout"
    bank.habits()
    assert isinstance(carried(replace(message, tries=2), line), Answered)
    assert len(entries(bank, message)) == 1


def test_an_answer_that_comes_twice_disturbs_nobody(bank: RunningBank, line: Line) -> None:
    bank.habits(twice=1)
    first, second = order(300, amount=Decimal(1)), order(301, amount=Decimal(2))
    answer = carried(first, line)
    other = carried(second, line)
    assert isinstance(answer, Answered)
    assert isinstance(other, Answered)
    assert (answer.values["amount"], other.values["amount"]) == (1, 2)
    assert [len(entries(bank, message)) for message in (first, second)] == [1, 1]


def test_a_refusal_is_a_bpmn_error_at_once_and_later(bank: RunningBank, line: Line) -> None:
    bank.habits(closed=[INPUT["payee"]["account"]])
    expected = Refused("pay-refused", {"reason": "account-closed", "message": "收款账户已销户"})
    for tries in (1, 2):
        assert paying(line)(order(400, tries), NO_EFFECTS) == expected


def test_a_key_cannot_be_used_for_another_payment(line: Line) -> None:
    carried(order(500), line)
    answer = paying(line)(order(500, amount=Decimal(999)), NO_EFFECTS)
    assert isinstance(answer, Refused)
    assert answer.values["reason"] == "key-reused"


def test_a_known_payment_of_another_amount_is_for_people(line: Line) -> None:
    carried(order(501), line)
    with pytest.raises(LaterError) as caught:
        paying(line)(order(501, 2, amount=Decimal(999)), NO_EFFECTS)
    assert (caught.value.code, caught.value.final) == ("payment-differs", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": None},
        {"amount": Decimal(0)},
        {"amount": Decimal(-5)},
        {"amount": Decimal("1.005")},
        {"amount": Decimal("1e30")},
        {"amount": Decimal("NaN")},
        {"amount": "605"},
        {"payee": None},
        {"payee": {}},
    ],
)
def test_what_is_no_payment_never_leaves(bank: RunningBank, line: Line, changes: dict[str, Any]) -> None:
    before = len(bank.payments())
    with pytest.raises(LaterError) as caught:
        paying(line)(order(600, **changes), NO_EFFECTS)
    assert (caught.value.code, caught.value.final) == ("payment-invalid", True)
    assert len(bank.payments()) == before


def test_a_bank_that_is_down(tmp_path: Path) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    line = Line(f"http://127.0.0.1:{port}", QUICK)
    with pytest.raises(LaterError) as caught:
        paying(line)(order(700), NO_EFFECTS)
    assert (caught.value.code, caught.value.final) == ("line-down", False)
    with running_bank(tmp_path / "late.sqlite3", port) as started:
        assert isinstance(carried(order(700), line), Answered)
        started.kill()
        with pytest.raises(LaterError):
            paying(line)(order(701), NO_EFFECTS)
    with running_bank(tmp_path / "late.sqlite3", port) as again:
        assert isinstance(carried(order(700, 2), line), Answered)
        assert len(again.payments()) == 1, "the ledger outlives the bank's process"


@pytest.mark.parametrize("address", ["ftp://x", "no address", ""])
def test_a_wrong_address_is_an_incident_at_once(address: str) -> None:
    with pytest.raises(LaterError) as caught:
        paying(Line(address, QUICK))(order(800), NO_EFFECTS)
    assert (caught.value.code, caught.value.final) == ("line-misconfigured", True)


def test_a_hundred_payments_through_a_bank_in_bad_mood(bank: RunningBank, line: Line) -> None:
    """Random faults, two relays on the same messages: every payment once, every receipt the ledger's own."""
    chance = random.Random(SEED)
    messages = [
        order(1000 + number, amount=Decimal(chance.randrange(1, 10**6)) / 100) for number in range(100)
    ]
    bank.habits(fail=30, drop=30, garble=20, pending=20, twice=10)
    found: list[tuple[str, Result]] = []

    def relay(part: list[Message]) -> None:
        found.extend((message.id, carried(message, line, 60)) for message in part)

    threads = [
        threading.Thread(target=relay, args=(chance.sample(messages, len(messages)),)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger = {row["key"]: row for row in bank.payments()}
    assert len(found) == 200, f"seed {SEED}"
    for key, answer in found:
        assert isinstance(answer, Answered)
        assert answer.values["receipt"] == ledger[key]["receipt"]
    assert sum(Decimal(ledger[message.id]["amount"]) for message in messages) == sum(
        message.input["amount"] for message in messages
    )


def test_the_demonstration_bank_keeps_the_same_manners(tmp_path: Path) -> None:
    path = tmp_path / "demo.sqlite3"
    settings = Settings(data=tmp_path, demonstration=True)
    demo = DemonstrationBank(path)
    first, second = carried(order(1), demo), carried(order(1, 2), DemonstrationBank(path))
    assert first == second
    assert isinstance(first, Answered)
    assert first.values["receipt"].startswith("DEMO")
    closed = {**INPUT["payee"], "account": "6222000000000000"}
    refused = paying(demo)(order(2, payee=closed), NO_EFFECTS)
    assert isinstance(refused, Refused)
    assert refused == paying(demo)(order(2, 2, payee=closed), NO_EFFECTS)
    assert refused.code == "pay-refused"
    reused = paying(demo)(order(1, amount=Decimal(1)), NO_EFFECTS)
    assert isinstance(reused, Refused)
    assert [row["state"] for row in demo.payments()] == ["paid", "refused"]
    assert set(register(settings)) == {"pay", "notify", "check.*", "tell.*"}
    assert set(register(replace(settings, demonstration=False))) == {"notify"}


def test_any_other_operation_is_asked_over_its_line(bank: RunningBank) -> None:
    settings = Settings(
        connectors={"check.household": f"{bank.url}/messages", "pay": bank.url}, demonstration=False
    )
    assert set(register(settings)) == {"check.household", "pay", "notify"}
    message = replace(order(900), kind="check.household", input={"id_number": "142401199003079984"})
    answer = register(settings)["check.household"](message, NO_EFFECTS)
    assert isinstance(answer, Answered)
    assert answer.values["receipt"]
    (sent,) = [row for row in bank.messages() if row["key"] == message.id]
    assert sent["input"] == {"id_number": "142401199003079984"}
    bank.habits(refuse=1)
    refused = asking(Line(f"{bank.url}/messages", QUICK))(replace(message, id="another"), NO_EFFECTS)
    assert refused == Refused(
        "check.household-refused", {"reason": "no-consent", "person": "140702MZ202608030001"}
    )
