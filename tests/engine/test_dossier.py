"""Dossiers: what a case leaves behind is found by later cases, once per fact, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine import dossier
from engine.access import engine_actor
from engine.commands import Command, Office
from engine.commands.frame import Work
from engine.errors import CommandInvalid
from engine.store.tx import Tx

if TYPE_CHECKING:
    from tests.engine.small import Small

NOW = datetime(2026, 8, 3, 1, tzinfo=UTC)
LI, WANG = "14242119870612990X", "142401199003079984"


def carry(small: Small, *calls: tuple[Any, str, dict[str, Any]]) -> list[Any]:
    """Some operations within one transaction."""
    office: Office = small.bus.office
    with small.bus.store.writing() as session:
        work = Work(Tx(session, NOW), engine_actor("test"), NOW, Command("c"), office)
        answers = [operation(work, case, given) for operation, case, given in calls]
        session.flush(work.tx.writes)
    return answers


def aid(on: date, *subjects: str, **data: Any) -> dict[str, Any]:
    return {"kind": "aid", "subjects": list(subjects), "on": on, "data": data}


def asked(since: date, *subjects: str) -> dict[str, Any]:
    return {"kind": "aid", "subjects": list(subjects), "since": since}


def test_facts_are_found_by_subject_and_day(small: Small) -> None:
    carry(
        small,
        (dossier.record, "A", aid(date(2026, 3, 5), LI, WANG, amount=Decimal("605.00"), cause="illness")),
        (dossier.record, "A", aid(date(2026, 3, 6), LI, amount=Decimal(10))),
        (dossier.record, "B", aid(date(2025, 8, 2), LI, amount=Decimal(1))),
        (dossier.record, "C", {**aid(date(2026, 5, 1), LI, amount=Decimal(2)), "kind": "visit"}),
    )
    (found,) = carry(small, (dossier.find, "D", asked(date(2025, 8, 3), LI, WANG)))
    assert [(one["case"], one["on"], one["amount"]) for one in found["entries"]] == [
        ("A", date(2026, 3, 5), Decimal("605.00")),
        ("A", date(2026, 3, 6), Decimal(10)),
    ]
    assert found["entries"][0]["cause"] == "illness"


def test_the_asking_case_does_not_find_itself(small: Small) -> None:
    carry(small, (dossier.record, "A", aid(date(2026, 3, 5), LI)))
    (found,) = carry(small, (dossier.find, "A", asked(date(2026, 1, 1), LI)))
    assert found == {"entries": []}


def test_unknown_people_leave_a_fact_that_nobody_finds(small: Small) -> None:
    (told,) = carry(small, (dossier.record, "A", aid(date(2026, 3, 5))))
    assert told == {"ok": True, "entry": "A.f1"}
    assert small.rows("SELECT count(*) FROM fact")[0][0] == 1
    (found,) = carry(small, (dossier.find, "B", asked(date(2026, 1, 1))))
    assert found == {"entries": []}


@pytest.mark.parametrize(
    "given",
    [
        {"subjects": [], "on": date(2026, 1, 1), "data": {}},
        {"kind": "aid", "subjects": "x", "on": date(2026, 1, 1), "data": {}},
        {"kind": "aid", "subjects": [], "on": NOW, "data": {}},
        {"kind": "aid", "subjects": [], "on": date(2026, 1, 1), "data": None},
        {"kind": "aid", "subjects": [str(n) for n in range(201)], "on": date(2026, 1, 1), "data": {}},
    ],
)
def test_broken_facts_are_refused(small: Small, given: dict[str, Any]) -> None:
    with pytest.raises(CommandInvalid):
        carry(small, (dossier.record, "A", given))


def claim(most: object, *subjects: str, on: date = date(2026, 8, 3), **data: Any) -> dict[str, Any]:
    limit = {
        "name": "total",
        "since": date(2025, 8, 3),
        "where": {"cause": "fire"},
        "sum": "amount",
        "most": most,
    }
    return {**aid(on, *subjects, cause="fire", **data), "limits": [limit]}


def test_a_claim_holds_its_limit_over_all_cases(small: Small) -> None:
    carry(small, (dossier.record, "A", aid(date(2026, 3, 5), LI, amount=Decimal(400), cause="fire")))
    carry(small, (dossier.record, "A", aid(date(2025, 8, 2), LI, amount=Decimal(9000), cause="fire")))
    carry(small, (dossier.record, "A", aid(date(2026, 3, 5), LI, amount=Decimal(9000), cause="illness")))
    (no,) = carry(small, (dossier.claim, "B", claim(1000, WANG, LI, amount=Decimal("600.01"))))
    assert (no["ok"], no["broken"]) == (False, {"name": "total", "total": Decimal("1000.01"), "most": 1000})
    assert [one["case"] for one in no["entries"]] == ["A"]
    yes, again = carry(
        small,
        (dossier.claim, "B", claim(1000, WANG, LI, amount=Decimal(600))),
        (dossier.claim, "B", claim(1000, WANG, amount=Decimal("400.01"))),
    )
    assert (yes["ok"], again["ok"]) == (True, False)
    (other,) = carry(small, (dossier.claim, "C", claim(1000, LI, amount=Decimal("0.01"))))
    assert other["ok"] is False


def test_a_limit_without_sum_counts(small: Small) -> None:
    limit = {"name": "twice", "since": date(2025, 8, 3), "where": {"lane": "A"}, "most": Decimal(2)}
    asked_for = {**aid(date(2026, 8, 3), LI, lane="A"), "limits": [limit]}
    told = [carry(small, (dossier.claim, case, asked_for))[0]["ok"] for case in "ABC"]
    assert told == [True, True, False]


def test_a_released_claim_gives_its_room_back(small: Small) -> None:
    (held,) = carry(small, (dossier.claim, "A", claim(1000, LI, amount=Decimal(1000))))
    (released,) = carry(small, (dossier.release, "A", {"kind": "aid"}))
    assert released == {"ok": True, "released": [held["entry"]]}
    assert carry(small, (dossier.release, "A", {"kind": "aid"}))[0]["released"] == []
    assert carry(small, (dossier.find, "B", asked(date(2026, 1, 1), LI))) == [{"entries": []}]
    assert carry(small, (dossier.claim, "B", claim(1000, LI, amount=Decimal(1000))))[0]["ok"] is True


def test_a_claim_that_came_true_counts_once_and_is_not_released(small: Small) -> None:
    (held,) = carry(small, (dossier.claim, "A", claim(1000, LI, amount=Decimal(600))))
    paid = {**aid(date(2026, 8, 4), LI, amount=Decimal(600), cause="fire"), "replaces": held["entry"]}
    carry(small, (dossier.record, "A", paid))
    assert carry(small, (dossier.release, "A", {"kind": "aid"}))[0]["released"] == []
    (found,) = carry(small, (dossier.find, "B", asked(date(2026, 1, 1), LI)))
    assert [(one["on"], one["amount"], one.get("claimed")) for one in found["entries"]] == [
        (date(2026, 8, 4), Decimal(600), None)
    ]
    assert carry(small, (dossier.claim, "B", claim(1000, LI, amount=Decimal(400))))[0]["ok"] is True


def test_facts_of_an_area_are_listed_by_day(small: Small) -> None:
    carry(small, (dossier.record, "A", aid(date(2026, 8, 1), LI, amount=Decimal(1))))
    carry(small, (dossier.record, "A", aid(date(2026, 9, 1), LI, amount=Decimal(2))))
    wanted = {"kind": "aid", "area": "1407", "from": date(2026, 8, 1), "to": date(2026, 8, 31)}
    assert carry(small, (dossier.listed, "X", wanted)) == [{"entries": []}]  # cases A of no area
    with pytest.raises(CommandInvalid):
        carry(small, (dossier.listed, "X", {**wanted, "area": "%"}))
