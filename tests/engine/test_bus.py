"""Commands through the bus: once only, by those who may, on what is still as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine import errors
from engine.access import Actor, Grant
from engine.commands import (
    CancelCase,
    ClaimTask,
    CompleteTask,
    FireTimer,
    ReleaseTask,
    SendMessage,
    SubmitApplication,
)
from engine.verify import verify
from tests.engine.small import AREA, NOON, open_small, person, relief

if TYPE_CHECKING:
    from tests.engine.small import Small

BOB, EVE, LEA = person("bob"), person("eve"), person("lea", "leader")


def test_a_case_from_application_to_end(small: Small) -> None:
    opened = small.submit()
    assert opened["case"] == "140702MZ202608030001"
    first = small.work(opened["opened"][0], BOB, {"amount": "605.00"})
    second = small.work(first["opened"][0], LEA)
    assert second["messages"]
    assert small.carrier.drain() == 1
    state, revision = small.rows("SELECT state, revision FROM cases")[0]
    assert (state, revision) == ("ended", 6)
    kinds = [
        row[0] for row in small.rows("SELECT kind FROM journal WHERE chain = ? ORDER BY seq", opened["case"])
    ]
    assert kinds == [
        "submitted",
        "claimed",
        "completed",
        "claimed",
        "completed",
        "asked",
        "answered",
        "ended",
    ]
    assert list(verify(small.bus.store)) == []


def test_same_command_again_gets_the_first_answer(small: Small) -> None:
    command = SubmitApplication("once", "relief", AREA, {"reason": "fire"})
    first = small.do(command, person("ann"))
    small.later(minutes=1)
    again = small.do(command, person("ann"))
    assert again.again
    assert again.values == first.values
    assert small.rows("SELECT count(*) FROM cases") == [(1,)]
    task = first["opened"][0]
    claim = ClaimTask("claim", task)
    small.do(claim, BOB)
    complete = CompleteTask("complete", task, 2, {"amount": "1"})
    done = small.do(complete, BOB)
    assert small.do(complete, BOB).values == done.values
    assert small.do(claim, BOB).again
    assert small.rows("SELECT count(*) FROM task WHERE element = 'approve'") == [(1,)]


def test_same_id_with_other_content_is_refused(small: Small) -> None:
    small.do(SubmitApplication("once", "relief", AREA, {"reason": "fire"}), person("ann"))
    for other, actor in (
        (SubmitApplication("once", "relief", AREA, {"reason": "flood"}), person("ann")),
        (SubmitApplication("once", "relief", AREA, {"reason": "fire"}), person("ben")),
        (CancelCase("once", "x", "y"), person("ann")),
    ):
        with pytest.raises((errors.CommandReused, errors.NotFound)) as refused:
            small.do(other, actor)
        assert refused.value.code == "command-reused"
    assert small.rows("SELECT count(*) FROM cases") == [(1,)]


def test_a_refused_command_leaves_nothing_and_its_id_is_free(small: Small) -> None:
    with pytest.raises(errors.FormInvalid) as refused:
        small.do(SubmitApplication("x", "relief", AREA, {}), person("ann"))
    assert [e.path for e in refused.value.errors] == ["reason"]
    for table in ("cases", "task", "journal", "command", "counter"):
        expected = 1 if table in ("journal", "command") else 0  # the publication
        assert small.rows(f"SELECT count(*) FROM {table}") == [(expected,)], table
    again = small.do(SubmitApplication("x", "relief", AREA, {"reason": "fire"}), person("ann"))
    assert again["case"].endswith("0001")


def test_stale_revision_says_who_changed_what(small: Small) -> None:
    task = small.submit()["opened"][0]
    small.do(ClaimTask("a", task), BOB)
    small.do(ReleaseTask("b", task), BOB)
    small.do(ClaimTask("c", task), BOB)
    with pytest.raises(errors.Stale) as stale:
        small.do(CompleteTask("d", task, 2, {"amount": "1"}), BOB)
    assert stale.value.values["revision"] == 4
    assert (stale.value.values["by"], stale.value.values["kind"]) == ("BOB", "claimed")


def test_claims(small: Small) -> None:
    task = small.submit()["opened"][0]
    with pytest.raises(errors.NotClaimed):
        small.do(CompleteTask("a", task, 1, {"amount": "1"}), BOB)
    assert small.do(ClaimTask("b", task), BOB)["revision"] == 2
    assert small.do(ClaimTask("b2", task), BOB)["revision"] == 2
    with pytest.raises(errors.AlreadyClaimed) as claimed:
        small.do(ClaimTask("c", task), EVE)
    assert claimed.value.values["by"] == "BOB"
    with pytest.raises(errors.AlreadyClaimed):
        small.do(ReleaseTask("d", task), EVE)
    small.do(CompleteTask("e", task, 2, {"amount": "1"}), BOB)
    with pytest.raises(errors.TaskClosed) as closed:
        small.do(ClaimTask("f", task), EVE)
    assert (closed.value.values["by"], closed.value.values["kind"]) == ("BOB", "completed")


def test_four_eyes(small: Small) -> None:
    both = Actor("bob", "BOB", (Grant("clerk", "140702"), Grant("leader", "140702")))
    task = small.work(small.submit()["opened"][0], both, {"amount": "1"})["opened"][0]
    with pytest.raises(errors.FourEyes) as refused:
        small.do(ClaimTask("x", task), both)
    assert refused.value.values["task"] == "register"
    assert refused.value.code == "four-eyes"
    small.do(ClaimTask("y", task), LEA)


@pytest.mark.parametrize(
    "actor",
    [
        person("far", area="140703"),
        person("lea", "leader"),
        Actor("nob", "NOB"),
        Actor(None),
    ],
    ids=["other county", "other role", "no role", "nobody"],
)
def test_whoever_may_not_is_refused(small: Small, actor: Actor) -> None:
    task = small.submit()["opened"][0]
    with pytest.raises((errors.Forbidden, errors.SignInRequired)):
        small.do(ClaimTask("x", task), actor)
    assert small.rows("SELECT revision FROM cases") == [(1,)]


def test_people_may_not_give_the_engines_commands(small: Small) -> None:
    case = small.submit()["case"]
    with pytest.raises(errors.Forbidden):
        small.do(FireTimer("x", case, 1, "e", "event", NOON), BOB)


def test_bad_commands(small: Small) -> None:
    ann = person("ann")
    good = SubmitApplication("x", "relief", AREA, {"reason": "fire"})
    for wrong in (
        replace(good, area="1407x2001"),
        replace(good, area=""),
        replace(good, channel="pigeon"),
        replace(good, id=""),
        replace(good, id="x" * 201),
    ):
        with pytest.raises(errors.CommandInvalid):
            small.do(wrong, ann)
    with pytest.raises(errors.NotFound):
        small.do(replace(good, process="nonsense"), ann)
    with pytest.raises(errors.FormInvalid) as unknown:
        small.do(replace(good, data={"reason": "fire", "other": 1}), ann)
    assert unknown.value.errors[0].path == "other"
    with pytest.raises(errors.NotFound):
        small.do(ClaimTask("x", "nonsense"), BOB)
    with pytest.raises(errors.NotFound):
        small.do(SendMessage("x", "nonsense", "withdrawal"), BOB)


@pytest.mark.parametrize("amount", ["1.234", "1e30", "-1", "abc", 1e30, None, [1]])
def test_wrong_amounts_stop_at_the_form(small: Small, amount: object) -> None:
    task = small.submit()["opened"][0]
    small.do(ClaimTask("x", task), BOB)
    with pytest.raises(errors.FormInvalid):
        small.do(CompleteTask("y", task, 2, {"amount": amount}), BOB)
    small.do(CompleteTask("y", task, 2, {"amount": "1.20"}), BOB)


def test_numbers_are_gap_free_per_day_and_county(small: Small) -> None:
    numbers = [small.submit()["case"] for _ in range(3)]
    with pytest.raises(errors.FormInvalid):
        small.submit(data={})
    numbers.append(small.submit()["case"])
    small.later(days=1)
    numbers.append(small.submit()["case"])
    assert [n[-12:] for n in numbers] == [
        "202608030001",
        "202608030002",
        "202608030003",
        "202608030004",
        "202608040001",
    ]


def test_cancelled_case_is_closed_to_everything(small: Small) -> None:
    opened = small.submit()
    admin = person("adm", "administrator", "")
    with pytest.raises(errors.Forbidden):
        small.do(CancelCase("x", opened["case"], "duplicate"), BOB)
    small.do(CancelCase("x", opened["case"], "duplicate"), admin)
    assert small.rows("SELECT state FROM cases") == [("cancelled",)]
    with pytest.raises(errors.TaskClosed):
        small.do(ClaimTask("y", opened["opened"][0]), BOB)
    with pytest.raises(errors.CaseEnded):
        small.do(CancelCase("z", opened["case"], "duplicate"), admin)
    with pytest.raises(errors.CaseEnded):
        small.do(SendMessage("w", opened["case"], "withdrawal"), person("ann"))
    assert list(verify(small.bus.store)) == []


def test_message_nobody_waits_for(small: Small) -> None:
    case = small.submit()["case"]
    with pytest.raises(errors.NotWaiting):
        small.do(SendMessage("w", case, "withdrawal"), person("ann"))


def test_a_cold_process_needs_one_connection_a_command(store_url: str) -> None:
    """Commands that load a version read it through their own session: waiting for a second one would block them all."""
    warm = open_small(store_url, relief())
    task = warm.submit()["opened"][0]
    warm.do(ClaimTask("claim", task), BOB)
    warm.close()
    cold = open_small(store_url, size=1)
    cold.bus.access = warm.bus.access
    assert cold.do(CompleteTask("complete", task, 2, {"amount": "605.00"}), BOB)["opened"]
    cold.close()
