"""Reserve funds: set aside, paid, given back; never below zero, whatever comes at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine import errors, ledger
from engine.commands import Command, OpenFund, ReplenishFund
from engine.commands.frame import Work
from engine.effects import Refused
from engine.queries import fund as read_fund
from engine.store.tx import Tx
from engine.verify import verify
from tests.engine.models import fund
from tests.engine.small import AREA, ENGINE, open_small, paid, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small

BOB = person("bob")
FINANCE = person("fin", "county_finance")


@pytest.fixture
def moods() -> list[object]:
    return []


@pytest.fixture
def office(store_url: str, moods: list[object]) -> Iterator[Small]:
    small = open_small(store_url, fund(), handlers={"pay": lambda m, e: moods.pop() if moods else paid(m, e)})
    small.do(OpenFund("open", "F1", "town fund", AREA, Decimal(1000), Decimal(1000)), FINANCE)
    yield small
    small.close()


def pay(office: Small, amount: str) -> str:
    opened = office.submit("fund")
    office.work(opened["opened"][0], BOB, {"amount": amount})
    office.carrier.drain()
    return str(opened["case"])


def standing(office: Small) -> tuple[int, int]:
    return office.rows("SELECT balance, reserved FROM fund")[0]  # type: ignore[return-value]


def ends(office: Small, case: str) -> str:
    body = office.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'ended'", case)[0][0]
    return str(body)


def test_paid(office: Small) -> None:
    case = pay(office, "605.00")
    assert "done" in ends(office, case)
    assert standing(office) == (39500, 0)
    view = read_fund(office.bus.store, office.bus.access, FINANCE, "F1")
    assert [(line.kind, line.amount, line.balance) for line in view.lines] == [
        ("opening", Decimal("1000.00"), Decimal("1000.00")),
        ("reserve", Decimal("605.00"), Decimal("395.00")),
        ("settle", Decimal("605.00"), Decimal("395.00")),
    ]
    assert view.lines[1].case_id == case
    assert list(verify(office.bus.store)) == []


def test_short(office: Small) -> None:
    case = pay(office, "1000.01")
    assert "short" in ends(office, case)
    assert standing(office) == (100000, 0)


def test_exactly_all(office: Small) -> None:
    assert "done" in ends(office, pay(office, "1000.00"))
    assert "short" in ends(office, pay(office, "0.01"))
    assert standing(office) == (0, 0)


def test_refused_money_comes_back(office: Small, moods: list[object]) -> None:
    moods.append(Refused("pay-refused"))
    case = pay(office, "605.00")
    assert "unpaid" in ends(office, case)
    assert standing(office) == (100000, 0)
    assert office.rows("SELECT kind, state FROM fund_entry ORDER BY seq") == [
        ("opening", "final"),
        ("reserve", "released"),
        ("release", "final"),
    ]
    assert list(verify(office.bus.store)) == []


def test_low_is_below_a_fifth(office: Small) -> None:
    pay(office, "800")
    low = [row[0] for row in office.rows("SELECT body FROM journal WHERE kind = 'booked' ORDER BY seq")]
    assert '"low":false' in low[0]
    pay(office, "0.01")
    low = [
        row[0] for row in office.rows("SELECT body FROM journal WHERE kind = 'booked' ORDER BY chain, seq")
    ]
    assert '"low":true' in low[-1]


def test_replenish(office: Small) -> None:
    again = office.do(ReplenishFund("r", "F1", Decimal("50.5"), "year"), FINANCE)
    assert again["balance"] == "1050.50"
    assert office.do(ReplenishFund("r", "F1", Decimal("50.5"), "year"), FINANCE).again
    assert standing(office) == (105050, 0)
    with pytest.raises(errors.Forbidden):
        office.do(ReplenishFund("r2", "F1", Decimal(1), "x"), BOB)
    with pytest.raises(errors.Conflict):
        office.do(OpenFund("open-2", "F1", "x", AREA, Decimal(1), Decimal(1)), FINANCE)
    with pytest.raises(errors.NotFound):
        office.do(ReplenishFund("r3", "F9", Decimal(1), "x"), FINANCE)


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "1e30", "NaN", "Infinity", "x", ""])
def test_impossible_amounts(amount: str) -> None:
    with pytest.raises(errors.CommandInvalid):
        ledger.fen(amount)


def test_amounts() -> None:
    assert ledger.fen(Decimal("605.1")) == 60510
    assert ledger.yuan(60510) == Decimal("605.10")


def test_the_database_itself_refuses_a_negative_balance(office: Small) -> None:
    from engine.store.tx import LostRaceError

    with pytest.raises(LostRaceError):
        office.bus.store.run("UPDATE fund SET balance = -1")
    assert ENGINE.system


def test_a_changed_line_is_noticed(office: Small) -> None:
    pay(office, "605")
    office.bus.store.run("UPDATE fund_entry SET amount = 1 WHERE kind = 'reserve'")
    assert "ledger-broken" in {flaw.code for flaw in verify(office.bus.store)}


def test_the_statement_tells_what_went_in_and_out(office: Small) -> None:
    case = pay(office, "605.00")
    office.do(ReplenishFund("more", "F1", Decimal(100), "August"), FINANCE)
    today = office.now.astimezone(office.bus.office.world.zone).date()
    with office.bus.store.writing() as session:
        work = Work(Tx(session, office.now), ENGINE, office.now, Command("s"), office.bus.office)
        asked = {"fund": "F1", "from": today, "to": today}
        told = ledger.statement(work, "X", asked)
        later = ledger.statement(
            work, "X", {**asked, "from": today + timedelta(1), "to": today + timedelta(2)}
        )
    assert isinstance(told, dict)
    assert isinstance(later, dict)
    assert [told[name] for name in ("opening", "debit", "credit", "closing")] == [0, 605, 1100, 495]
    assert [(row["case"], row["debit"], row["credit"], row["balance"]) for row in told["rows"]] == [
        ("", None, 1000, 1000),
        (case, 605, None, 395),
        ("", None, 100, 495),
    ]
    assert (later["opening"], later["closing"], later["rows"]) == (495, 495, [])
