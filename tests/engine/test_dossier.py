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
