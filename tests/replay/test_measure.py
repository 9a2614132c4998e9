"""A draft against decided cases: more, less, the same, or nobody knows; nothing is written."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.feel import World
from engine.package import Package
from engine.replay import decided, stories_of
from engine.replay.measure import PAID, Compared, Summary, Trial
from tests.engine.small import NOON, open_small, person, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small

MAIN = "workflows/bpmn/relief.bpmn"


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    office = open_small(store_url, relief())
    for amount in ("605.00", "1000.00", "20.00"):
        first = office.submit()
        second = office.work(first["opened"][0], person("bob"), {"amount": amount})
        office.later(hours=30)
        office.work(second["opened"][0], person("lea", "leader"))
        office.carrier.drain()
    office.submit()  # still open: no story yet
    yield office
    office.close()


def draft(before: str, after: str) -> Package:
    package = relief()
    text = package.text(MAIN)
    assert before in text
    return Package(package.name, {**package.files, MAIN: text.replace(before, after).encode()})


def simulated(small: Small, new: Package, measure: str = PAID) -> tuple[list[Compared], Summary]:
    summary = Summary()
    span = (NOON - timedelta(days=1), NOON + timedelta(days=30))
    with small.bus.store.reading() as reader:
        stories = list(stories_of(reader, decided(reader, "relief", *span)))
    trial = Trial(small.bus.office.packages.at, new, World(), measure)
    found = [trial.compared(story) for story in stories]
    for one in found:
        summary.count(one)
    return found, summary


def test_the_same_version_gives_the_same(small: Small) -> None:
    found, summary = simulated(small, relief())
    assert [one.verdict for one in found] == ["same"] * 3
    assert [one.before for one in found] == [Decimal("605.00"), Decimal("1000.00"), Decimal("20.00")]
    assert all(one.days_before == one.days_after == Decimal("1.25") for one in found)
    assert summary.before == summary.after == Decimal("1625.00")
    assert summary.work_before == summary.work_after == {"clerk": 3, "leader": 3}


def test_a_draft_that_pays_otherwise(small: Small) -> None:
    journal = small.rows("SELECT count(*) FROM journal")
    found, summary = simulated(small, draft("amount: amount", "amount: min(amount, 700) + 1"))
    assert [one.verdict for one in found] == ["more", "less", "more"]
    assert summary.after - summary.before == Decimal("-297.00")
    assert small.rows("SELECT count(*) FROM journal") == journal


def test_a_draft_that_asks_what_nobody_was_asked(small: Small) -> None:
    found, summary = simulated(small, draft("approve", "sign"))
    assert [(one.verdict, one.unmet) for one in found] == [("unknown", ("sign",))] * 3
    assert summary.unmet == {"sign": 3}
    assert summary.before == summary.after == 0


def test_an_own_measure(small: Small) -> None:
    found, _ = simulated(small, relief(), 'if count(ends) > 0 and ends[1] = "done" then amount * 2 else null')
    assert [one.after for one in found] == [Decimal("1210.00"), Decimal("2000.00"), Decimal("40.00")]


def test_days_of_a_period_only(small: Small) -> None:
    with small.bus.store.reading() as reader:
        first_day = decided(reader, "relief", NOON, NOON + timedelta(hours=31))
        rest = decided(reader, "relief", NOON + timedelta(hours=31), NOON + timedelta(days=9))
    assert (len(first_day), len(rest)) == (1, 2)
