"""Two towns help the same person in the same second: what the law allows per person and per cause holds, and so do funds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import ClaimTask, CompleteTask, OpenFund, SubmitApplication
from engine.effects import Answered, Issued, Sent
from engine.office import read_jurisdiction
from engine.package import read_package
from engine.store.exact import unpack
from engine.verify import verify
from tests.competing.test_races import at_once
from tests.engine.small import open_small, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.effects import Effects, Message
    from tests.engine.small import Small

ROOT = Path(__file__).parents[2]
TRIES = 100
TOWNS = ("140702001", "140702100")
NOON = datetime.fromisoformat("2026-08-03T12:00+08:00")
OPENING = Decimal(100_000)


def document(message: Message, _effects: Effects, /) -> Issued:
    return Issued("0" * 64, 1, {"zh": str(message.name)}, message.asked_at.date())


def bank(message: Message, _effects: Effects, /) -> Answered:
    return Answered(
        {
            "receipt": message.id,
            "paid_at": message.asked_at.astimezone(NOON.tzinfo),
            "amount": message.input["amount"],
        }
    )


def notice(message: Message, _effects: Effects, /) -> Sent:
    return Sent("test", "", message.name or "")


@pytest.fixture
def office(store_url: str) -> Iterator[Small]:
    handlers = {"document": document, "pay": bank, "notice": notice}
    small = open_small(store_url, read_package(ROOT, "temporary-assistance"), handlers=handlers)
    law, calendar = read_jurisdiction(ROOT, "jinzhong")
    small.bus.office = replace(small.bus.office, world=law.as_world(calendar, NOON))
    small.now = NOON
    for town in TOWNS:
        small.do(OpenFund(f"open{town}", town, town, town, OPENING, OPENING), person("fin", "county_finance"))
    yield small
    small.close()


def identity(number: int) -> str:
    """A valid identity number (GB 11643)."""
    body = f"14240119{60 + number // 50:02d}0307{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        body
        + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    )


def ready(office: Small, town: str, who: str, name: str) -> Any:
    """A confirmed emergency of one person, claimed by the leader who may approve the advance: the waiting command."""
    event = (NOON - timedelta(hours=2)).isoformat()
    basics = {
        "emergency_type": "fire",
        "emergency_at": event,
        "place_detail": "x",
        "persons": 1,
        "description": "x",
    }
    start = {"for_whom": "other", "applicant": {"name": "张三丰"}, **basics}
    opened = office.do(
        SubmitApplication(f"{name}s", "temporary-assistance", f"{town}001", start), person("p")
    )
    known = {"applicant": {"name": "张三丰", "id_type": "resident_id", "id_no": who}, **basics}
    done = office.work(opened["opened"][0], person("w", "town_window", town), known)
    facts = {
        "visit_way": "visit", "event_real": True, "living_hit": True, "urgent": True, "immediate": True, "findings": "x",
        "persons": 1, "home": "intact", "need_kind": "cash", "pay_method": "account",
        "payee": {"name": "张三丰", "bank": "x", "account": "6222021234567890003"},
    }  # fmt: skip
    done = office.work(done["opened"][0], person("i", "town_investigator", town), facts)
    leader = person(f"leader{town}", "town_leader", town)
    claimed = office.do(ClaimTask(f"{name}c", done["opened"][0]), leader)
    data = {"decision": "approve", "amount": "605"}
    return lambda: office.do(CompleteTask(f"{name}a", done["opened"][0], claimed["revision"], data), leader)


def test_two_towns_pay_the_same_person_in_the_same_second(office: Small) -> None:
    paid_by: dict[str, int] = dict.fromkeys(TOWNS, 0)
    for attempt in range(TRIES):
        who = identity(attempt)
        approvals = [
            ready(office, town, who, f"t{attempt}.{town}") for town in TOWNS[:: 1 if attempt % 2 else -1]
        ]
        results = at_once(2, lambda n, approvals=approvals: approvals[n]())
        assert [one for one in results if isinstance(one, Exception)] == []
        office.carrier.drain()
        facts = office.rows(
            "SELECT f.id, f.area, f.body FROM fact f JOIN fact_subject s ON s.fact = f.id"
            " WHERE s.subject = ? AND s.kind = 'aid'",
            who,
        )
        final = [(area, unpack(body)) for _, area, body in facts if not unpack(body).get("claimed")]
        assert len(facts) == 2, "one claim, and the payment that replaced it"
        assert [body["amount"] for _, body in final] == [605]
        paid_by[final[0][0][:9]] += 1
        cases = {result["case"] for result in results}
        open_tasks = office.rows("SELECT case_id, element FROM task WHERE state = 'open'")
        waiting = {element for case, element in open_tasks if case in cases}
        assert waiting == {"record_end", "approve_small", "check_duplicate"}
    assert sum(paid_by.values()) == TRIES
    for town in TOWNS:
        spent = 605 * 100 * paid_by[town]
        assert office.rows("SELECT balance, reserved FROM fund WHERE code = ?", town) == [
            (10_000_000 - spent, 0)
        ]
    assert list(verify(office.bus.store)) == []
