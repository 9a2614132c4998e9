"""Time passes: timers of the model fire in order and once, deadlines do what their task says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.commands import FireTimer
from engine.effects import Message, Sent
from engine.verify import verify
from tests.engine.models import watch
from tests.engine.small import NOON, open_small, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small

BOB = person("bob")


@pytest.fixture
def notices() -> list[Message]:
    return []


@pytest.fixture
def office(store_url: str, notices: list[Message]) -> Iterator[Small]:
    def send(message: Message, _effects: object) -> Sent:
        notices.append(message)
        return Sent("desk", "clerk", "overdue")

    small = open_small(store_url, watch(), handlers={"notice": send})
    yield small
    small.close()


def states(office: Small) -> dict[str, str]:
    return dict(office.rows("SELECT element, state FROM task"))


def test_deadlines(office: Small, notices: list[Message]) -> None:
    opened = office.submit("watch")
    dues = dict(office.rows("SELECT element, due FROM task"))
    assert dues["nudge"] == NOON + timedelta(days=3)
    office.later(days=2, hours=23)
    assert office.carrier.drain() == 2  # `every`, twice
    assert states(office) == dict.fromkeys(("nudge", "press", "silent", "wait"), "open")
    office.later(hours=1)
    office.carrier.drain()
    assert states(office) == {"nudge": "open", "press": "open", "silent": "done", "wait": "open"}
    assert sorted(message.name or "" for message in notices) == ["overdue-escalate", "overdue-remind"]
    assert {message.input["title"] for message in notices} == {"nudge", "press"}
    consented = office.rows(
        "SELECT kind, actor FROM journal WHERE chain = ? AND kind = 'overdue'", opened["case"]
    )
    assert consented == [("overdue", "system:timer")] * 3
    assert office.rows("SELECT count(*) FROM notice") == [(2,)]
    assert list(verify(office.bus.store)) == []


def test_done_in_time_nothing_happens(office: Small, notices: list[Message]) -> None:
    for task in office.submit("watch")["opened"]:
        office.work(task, BOB)
    assert office.rows("SELECT state FROM cases") == [("ended",)]
    assert office.rows("SELECT count(*) FROM timer") == [(0,)]
    office.later(days=30)
    assert office.carrier.drain() == 0
    assert notices == []


def test_cycle_and_interrupting_timer(office: Small) -> None:
    case = office.submit("watch")["case"]
    for _ in range(12):
        office.later(days=1)
        office.carrier.drain()
    fired = office.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'fired' ORDER BY seq", case)
    assert ["every" in row[0] for row in fired] == [True, True, True, False]
    assert office.rows("SELECT element FROM timer") == []
    assert states(office)["wait"] == "dropped"
    assert list(verify(office.bus.store)) == []


def test_a_timer_fires_once_whoever_claims_it(office: Small) -> None:
    case = office.submit("watch")["case"]
    office.later(days=1)
    token, due = office.rows("SELECT token, due FROM timer WHERE element = 'every'")[0]
    first = office.do(FireTimer("a", case, token, "every", "event", due))
    second = office.do(FireTimer("b", case, token, "every", "event", due))
    assert (first["fired"], second["fired"]) == (True, False)
    assert office.carrier.fire_timers() == 0


def test_a_claimed_timer_comes_again_when_its_worker_died(office: Small) -> None:
    from engine.store import outbox

    office.submit("watch")
    office.later(days=1)
    until = office.now + timedelta(seconds=60)
    assert len(outbox.claim_timers(office.bus.store, office.now, until, 10)) == 1
    assert office.carrier.fire_timers() == 0
    office.later(seconds=61)
    assert office.carrier.fire_timers() == 1
