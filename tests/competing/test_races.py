"""Many parties at once on the same thing: one wins, the others are told by whom, and nothing is done twice."""

from __future__ import annotations

import threading
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine import errors
from engine.commands import ClaimTask, Command, CompleteTask, OpenFund, SubmitApplication
from engine.relay import Relay
from engine.verify import verify
from tests.engine.models import fund, votes
from tests.engine.small import AREA, open_small, paid, person, relief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.access import Actor
    from tests.engine.small import Small

PARTIES = 50


@pytest.fixture
def office(store_url: str) -> Iterator[Small]:
    small = open_small(store_url, relief(), fund(), votes(PARTIES), size=20)
    yield small
    small.close()


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads returned or raised; they start together."""
    gate = threading.Barrier(count)
    results: list[Any] = [None] * count

    def one(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at every kind
            results[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def race(office: Small, command: Callable[[int], Command], actor: Callable[[int], Actor]) -> list[Any]:
    return at_once(PARTIES, lambda number: office.do(command(number), actor(number)))


def clerk(number: int) -> Actor:
    return person(f"clerk{number:02d}")


def parted(results: list[Any]) -> tuple[list[Any], list[errors.Conflict]]:
    """Winners and losers; anything that is no conflict fails the test."""
    lost = [r for r in results if isinstance(r, errors.Conflict)]
    won = [r for r in results if not isinstance(r, Exception)]
    other = [r for r in results if isinstance(r, Exception) and not isinstance(r, errors.Conflict)]
    assert other == []
    return won, lost


def test_fifty_claim_one_task(office: Small) -> None:
    task = office.submit()["opened"][0]
    results = race(office, lambda n: ClaimTask(f"claim{n}", task), clerk)
    won, lost = parted(results)
    assert (len(won), len(lost)) == (1, PARTIES - 1)
    winner = clerk(results.index(won[0])).name
    assert {(error.code, error.values["by"]) for error in lost} == {("already-claimed", winner)}
    assert office.rows("SELECT claimed_name, revision FROM task") == [(winner, 2)]
    assert list(verify(office.bus.store)) == []


def test_fifty_complete_one_task(office: Small) -> None:
    """The same clerk in fifty windows: one click counts."""
    task = office.submit()["opened"][0]
    office.do(ClaimTask("claim", task), clerk(0))
    results = race(
        office, lambda n: CompleteTask(f"done{n}", task, 2, {"amount": f"{n}.00"}), lambda _: clerk(0)
    )
    won, lost = parted(results)
    assert (len(won), len(lost)) == (1, PARTIES - 1)
    assert {(error.code, error.values["by"]) for error in lost} == {("task-closed", clerk(0).name)}
    assert office.rows("SELECT count(*) FROM task WHERE element = 'approve'") == [(1,)]
    assert list(verify(office.bus.store)) == []


def test_fifty_times_the_same_command(office: Small) -> None:
    """A button pressed again and again: every press gets the same answer."""
    same = SubmitApplication("once", "relief", AREA, {"reason": "fire"})
    results = race(office, lambda _: same, lambda _: clerk(0))
    won, lost = parted(results)
    assert lost == []
    assert {answer["case"] for answer in won} == {"140702MZ202608030001"}
    assert Counter(answer.again for answer in won) == {True: PARTIES - 1, False: 1}
    assert office.rows("SELECT count(*) FROM cases") == [(1,)]


def test_fifty_applications_at_once_have_gap_free_numbers(office: Small) -> None:
    results = race(
        office, lambda n: SubmitApplication(f"s{n}", "relief", AREA, {"reason": "fire"}), lambda _: clerk(0)
    )
    won, lost = parted(results)
    assert lost == []
    assert sorted(int(answer["case"][-4:]) for answer in won) == list(range(1, PARTIES + 1))


def test_fifty_tasks_of_one_case_at_once(office: Small) -> None:
    """Different tasks, one case row: nobody is turned away, everybody's completion counts."""
    opened = office.submit("votes")["opened"]
    assert len(opened) == PARTIES
    won, lost = parted(race(office, lambda n: ClaimTask(f"claim{n}", opened[n]), clerk))
    assert lost == []
    won, lost = parted(race(office, lambda n: CompleteTask(f"done{n}", opened[n], 2), clerk))
    assert lost == []
    assert [answer["ended"] for answer in won].count(True) == 1
    assert office.rows("SELECT state, revision FROM cases") == [("ended", 1 + 2 * PARTIES)]
    assert list(verify(office.bus.store)) == []


def test_one_fund_many_cases(office: Small) -> None:
    """Twenty cases want 60 of 1000: sixteen are paid, the fund keeps 40, and no command fails."""
    finance = person("fin", "county_finance")
    office.do(OpenFund("open", "F1", "town fund", AREA, Decimal(1000), Decimal(1000)), finance)
    tasks = [office.submit("fund")["opened"][0] for _ in range(20)]
    for number, task in enumerate(tasks):
        office.do(ClaimTask(f"claim{number}", task), clerk(0))
    results = at_once(
        20, lambda n: office.do(CompleteTask(f"done{n}", tasks[n], 2, {"amount": "60"}), clerk(0))
    )
    won, lost = parted(results)
    assert lost == []
    assert sum(1 for answer in won if answer["ended"]) == 4
    assert office.rows("SELECT balance, reserved FROM fund") == [(4000, 96000)]
    office.carrier.drain()
    assert office.rows("SELECT balance, reserved FROM fund") == [(4000, 0)]
    assert list(verify(office.bus.store)) == []


def test_several_relays_share_the_work(office: Small) -> None:
    finance = person("fin", "county_finance")
    office.do(OpenFund("open", "F1", "town fund", AREA, Decimal(100000), Decimal(1000)), finance)
    for _ in range(20):
        office.work(office.submit("fund")["opened"][0], clerk(0), {"amount": "60"})
    calls: Counter[str] = Counter()

    def bank(message: Any, effects: Any) -> Any:
        calls[message.id] += 1
        return paid(message, effects)

    relays = [Relay(office.bus, {"pay": bank}, office.carrier._effects, threads=2) for _ in range(3)]
    for relay in relays:
        relay.start()
    import time

    end = time.monotonic() + 20
    while office.rows("SELECT count(*) FROM cases WHERE state = 'open'") != [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.02)
    for relay in relays:
        relay.stop()
    assert calls == dict.fromkeys(calls, 1)
    assert len(calls) == 20
    assert list(verify(office.bus.store)) == []
