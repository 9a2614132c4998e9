"""Migrations of all open cases: proposed by one, started by another, carried out beside the clerks' work."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from engine.commands import (
    ClaimTask,
    CompleteTask,
    EndMigration,
    MigrateCase,
    ProposeMigration,
    Publish,
    ResumeMigration,
    StartMigration,
    StopMigration,
    migration_lines,
)
from engine.errors import CommandInvalid, Conflict, Forbidden, FourEyes, Stale
from engine.feel import FeelError
from engine.package import pack
from engine.relay import Relay
from engine.verify import verify
from tests.engine.small import RULES, ends, form, model, package, paid, person, relief, task

if TYPE_CHECKING:
    from engine.package import Package
    from tests.engine.small import Small

BOB, LEA, EVE = person("bob"), person("lea", "leader"), person("eve")
ANA, PAM, ADA = (
    person("ana", "analyst", ""),
    person("pam", "process_admin", ""),
    person("ada", "administrator", ""),
)


def version(
    lane: str = "leader", register: str = "register", approve: str = "approve", **more: str
) -> Package:
    """`relief` with a step between; its steps may be called otherwise or stand in another lane."""
    elements = ends() + task("userTask", register) + task("userTask", "look")
    elements += task("userTask", approve, separate_from=register, **more)
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: amount}")
    lanes = {"clerk": f"{register} look", lane: approve}
    if lane == "clerk":
        lanes = {"clerk": f"{register} look {approve}"}
    flows = f"begin>{register} {register}>look look>{approve} {approve}>pay pay>done"
    forms = {
        "start": form("start", {"key": "reason", "type": "text", "required": True}),
        register: form(register, {"key": "amount", "type": "money", "required": True}),
    }
    return package("relief", model("relief", lanes, elements, flows), RULES.format("relief"), forms)


def publish(small: Small, new: Package) -> str:
    small.do(Publish(small.id(), "relief", archive=pack(new)))
    return new.digest


def begin(small: Small, to: str, **names: str) -> str:
    """Proposed by the analyst, started by the process administrator."""
    asked = small.do(ProposeMigration(small.id(), "relief", to, names, "new form"), ANA)
    small.do(StartMigration(small.id(), asked["migration"], asked["revision"]), PAM)
    return str(asked["migration"])


def states(small: Small, migration: str) -> dict[str, int]:
    sql = "SELECT state, count(*) FROM migration_case WHERE migration = ? GROUP BY state"
    return {state: int(count) for state, count in small.rows(sql, migration)}


def standing(small: Small, migration: str) -> str:
    return str(small.rows("SELECT state FROM migration WHERE id = ?", migration)[0][0])


def holds(small: Small) -> None:
    assert list(verify(small.bus.store)) == []


def test_one_proposes_and_another_starts(small: Small) -> None:
    small.submit()
    to = publish(small, version())
    with pytest.raises(Forbidden):
        small.do(ProposeMigration("p0", "relief", to), BOB)
    asked = small.do(ProposeMigration("p1", "relief", to, note="why"), PAM)
    small.carrier.drain()
    assert states(small, asked["migration"]) == {}
    with pytest.raises(FourEyes):
        small.do(StartMigration("s0", asked["migration"], 1), PAM)
    with pytest.raises(Forbidden):
        small.do(StartMigration("s1", asked["migration"], 1), ANA)
    with pytest.raises(Stale):
        small.do(StartMigration("s2", asked["migration"], 7), ADA)
    small.do(StartMigration("s3", asked["migration"], 1), ADA)
    with pytest.raises(CommandInvalid):
        small.do(StartMigration("s4", asked["migration"], 2), ADA)
    small.carrier.drain()
    assert states(small, asked["migration"]) == {"moved": 1}
    assert standing(small, asked["migration"]) == "ended"
    sql = "SELECT kind FROM journal WHERE chain = 'process:relief' AND kind LIKE 'migration%' ORDER BY seq"
    assert [row[0] for row in small.rows(sql)] == [
        "migration-proposed",
        "migration-started",
        "migration-ended",
    ]
    holds(small)


def test_every_open_case_is_decided_and_says_why(small: Small) -> None:
    here, there, over = (small.submit() for _ in range(3))
    small.work(there["opened"][0], BOB, {"amount": "605.00"})
    small.work(small.work(over["opened"][0], BOB, {"amount": "605.00"})["opened"][0], LEA)
    small.carrier.drain()
    to = publish(small, version(approve="sign"))
    name = begin(small, to)
    small.carrier.drain()
    sql = "SELECT case_id, state, reason, element FROM migration_case WHERE migration = ? ORDER BY case_id"
    assert small.rows(sql, name) == [
        (here["case"], "moved", None, None),
        (there["case"], "blocked", "gone", "approve"),
    ]
    kinds = [row[0] for row in small.rows("SELECT kind FROM journal WHERE chain = ?", here["case"])]
    assert kinds.count("migrated") == 1
    assert standing(small, name) == "running"
    # What was kept back finishes on its version; then there is nothing left to do.
    small.work(small.rows("SELECT id FROM task WHERE element = 'approve' AND state = 'open'")[0][0], LEA)
    small.later(minutes=2)
    small.carrier.drain()
    assert states(small, name) == {"moved": 1, "ended": 1}
    assert standing(small, name) == "ended"
    assert small.rows("SELECT state, package FROM cases WHERE id = ?", there["case"])[0][0] == "ended"
    holds(small)


def test_what_moves_on_meanwhile_is_tried_again(small: Small) -> None:
    """Kept back at a step that is gone, the case is sent on by its clerk, and goes over from where it then stands."""
    first = publish(small, version())
    case = small.submit()
    opened = small.work(case["opened"][0], BOB, {"amount": "1.00"})["opened"][0]
    to = relief().digest
    name = begin(small, to)
    small.carrier.drain()
    assert states(small, name) == {"blocked": 1}
    small.later(minutes=2)
    small.carrier.drain()
    assert small.rows("SELECT tries FROM migration_case") == [(1,)]  # nothing new: not tried
    small.work(opened, BOB)
    small.carrier.drain()
    assert states(small, name) == {"moved": 1}
    assert small.rows("SELECT package FROM cases") == [(to,)] != [(first,)]
    holds(small)


def test_stop_resume_end_and_supersede(small: Small) -> None:
    cases = [small.submit()["case"] for _ in range(5)]
    to = publish(small, version())
    name = begin(small, to)
    small.carrier.round()  # lists
    small.do(StopMigration("stop", name), PAM)
    small.carrier.drain()
    assert states(small, name) == {"waiting": 5}
    small.do(ResumeMigration("on", name), PAM)
    small.later(minutes=2)
    small.carrier.drain()
    assert states(small, name) == {"moved": len(cases)}
    back = begin(small, relief().digest)
    later = begin(small, to)
    assert (standing(small, back), standing(small, later)) == ("ended", "running")
    told = "SELECT body FROM journal WHERE chain = 'process:relief' AND kind = 'migration-ended' ORDER BY seq"
    last = orjson.loads(small.rows(told)[-1][0])
    assert (last["migration"], last["by"], last["cases"]) == (back, later, {})
    small.do(EndMigration("end", later), PAM)
    with pytest.raises(CommandInvalid):
        small.do(ResumeMigration("on2", later), PAM)
    asked = small.do(ProposeMigration("p", "relief", to), ANA)["migration"]
    small.do(EndMigration("drop", asked), ANA)
    assert standing(small, asked) == "dropped"
    holds(small)


class Jammed(FeelError):
    """Something of a case that no model foresaw."""


@pytest.mark.parametrize(
    ("error", "reason"), [(KeyError("gone"), "KeyError"), (Jammed("no-such-name"), "no-such-name")]
)
def test_a_case_that_fails_oddly_hinders_no_other(
    small: Small, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    odd, other = (small.submit()["case"] for _ in range(2))
    name = begin(small, publish(small, version()))
    really = migration_lines.bring

    def bring(moving: Any, *args: Any, **body: Any) -> Any:
        if moving.row.id == odd:
            raise error
        return really(moving, *args, **body)

    monkeypatch.setattr(migration_lines, "bring", bring)
    assert small.carrier.drain()
    sql = "SELECT case_id, state, reason, tries FROM migration_case WHERE migration = ? ORDER BY case_id"
    assert small.rows(sql, name) == [(odd, "blocked", reason, 1), (other, "moved", None, 1)]
    # Its lease runs out; nothing is new, so nothing is tried, and nobody stumbles.
    small.later(minutes=2)
    assert small.carrier.drain() == 0
    assert standing(small, name) == "running"
    monkeypatch.undo()
    small.do(StopMigration(small.id(), name), PAM)
    small.do(ResumeMigration(small.id(), name), PAM)
    small.carrier.drain()
    assert states(small, name) == {"moved": 2}
    assert standing(small, name) == "ended"
    holds(small)


def test_a_case_that_cannot_even_be_read_says_so(small: Small) -> None:
    odd = small.submit()["case"]
    name = begin(small, publish(small, version()))
    small.bus.store.run("UPDATE cases SET marking = ? WHERE id = ? RETURNING id", (b"[", odd))
    small.carrier.drain()
    (found,) = small.rows("SELECT state, reason FROM migration_case WHERE migration = ?", name)
    assert found[0] == "blocked"
    assert found[1]


def test_two_carriers_end_it_once(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    small.submit()
    name = begin(small, publish(small, version()))
    really = small.bus.execute

    def slower(command: Any, actor: Any, now: Any) -> Any:
        if isinstance(command, EndMigration):
            raise Conflict(command=command.id)
        return really(command, actor, now)

    with monkeypatch.context() as patch:
        patch.setattr(small.bus, "execute", slower)
        small.carrier.drain()
    assert (states(small, name), standing(small, name)) == ({"moved": 1}, "running")
    small.carrier.drain()
    assert standing(small, name) == "ended"


def test_back_to_the_old_version(small: Small) -> None:
    old = relief().digest
    case = small.submit()
    begin(small, publish(small, version()))
    small.carrier.drain()
    begin(small, old)
    small.carrier.drain()
    assert small.rows("SELECT package FROM cases") == [(old,)]
    opened = small.work(case["opened"][0], BOB, {"amount": "1.00"})["opened"]
    assert small.rows("SELECT element FROM task WHERE id = ?", opened[0]) == [("approve",)]
    holds(small)


def test_four_eyes_and_answers_follow_other_names(small: Small) -> None:
    late = {"deadline": "=date(&quot;2026-08-05&quot;)", "on_overdue": "remind"}
    publish(small, version(**late))
    looked = small.work(small.submit()["opened"][0], BOB, {"amount": "605.00"})["opened"][0]
    opened = small.work(looked, BOB)["opened"][0]
    to = publish(small, version("clerk", "enter", "sign", **late))
    with pytest.raises(CommandInvalid) as refused:
        small.do(ProposeMigration("p", "relief", to, {"register": "pay"}), ANA)
    assert refused.value.values["reason"] == "map-kind"
    name = begin(small, to, register="enter", approve="sign")
    small.carrier.drain()
    assert states(small, name) == {"moved": 1}
    assert small.rows("SELECT element, lane FROM task WHERE id = ?", opened) == [("sign", "clerk")]
    assert small.rows("SELECT element, kind FROM timer") == [("sign", "overdue")]
    with pytest.raises(FourEyes):
        small.do(ClaimTask("c", opened), BOB)
    small.later(days=4)
    small.carrier.drain()
    assert "overdue" in [row[0] for row in small.rows("SELECT kind FROM journal")]
    small.work(opened, EVE)
    small.carrier.drain()
    assert small.rows("SELECT state FROM cases") == [("ended",)]
    holds(small)


def test_who_may_not_work_the_new_lane_holds_the_task_no_longer(small: Small) -> None:
    case = small.submit()
    opened = small.work(case["opened"][0], BOB, {"amount": "605.00"})["opened"][0]
    claimed = small.do(ClaimTask("c", opened), LEA)
    begin(small, publish(small, version("clerk")))
    small.carrier.drain()
    assert small.rows("SELECT claimed_by, lane FROM task WHERE id = ?", opened) == [(None, "clerk")]
    with pytest.raises((Forbidden, Conflict)):
        small.do(CompleteTask("d", opened, claimed["revision"]), LEA)
    small.work(opened, EVE)
    holds(small)


def test_clerks_go_on_while_cases_go_over(small: Small) -> None:
    """Four clerks complete what they find while three relays migrate: nothing lost, nothing twice, nothing stuck."""
    cases = [small.submit()["case"] for _ in range(40)]
    to = publish(small, version())
    relays = [
        Relay(small.bus, {"pay": paid}, small.carrier._effects, threads=1, poll_seconds=0.01)
        for _ in range(3)
    ]
    done: list[str] = []
    faults: list[Exception] = []

    def clerk(number: int) -> None:
        me, you = person(f"clerk{number}"), person(f"lead{number}", "leader")
        for case in cases[number::4]:
            for _ in range(3):
                sql = "SELECT id, element FROM task WHERE case_id = ? AND state = 'open'"
                for key, element in small.rows(sql, case):
                    actor = you if element == "approve" else me
                    try:
                        revision = small.do(ClaimTask(f"c-{key}-{number}", key), actor)["revision"]
                        data = {"amount": "5.00"} if element == "register" else {}
                        small.do(CompleteTask(f"d-{key}-{number}", key, revision, data), actor)
                        done.append(key)
                    except Conflict:
                        continue
                    except Exception as error:  # noqa: BLE001 - the test looks at every kind
                        faults.append(error)

    clerks = [threading.Thread(target=clerk, args=(number,)) for number in range(4)]
    name = begin(small, to)
    for each in (*relays, *clerks):
        each.start()
    for each in clerks:
        each.join(60)
    for each in relays:
        each.stop()
    assert faults == []
    assert len(done) == len(set(done))
    small.later(minutes=2)
    small.carrier.drain()
    found = states(small, name)
    assert sum(found.values()) == len(cases)
    assert found.get("waiting", 0) == found.get("blocked", 0) == 0
    on_new: list[Any] = small.rows("SELECT count(*) FROM cases WHERE package = ?", to)
    moves = small.rows("SELECT count(*), count(DISTINCT chain) FROM journal WHERE kind = 'migrated'")
    assert [on_new[0] * 2] == moves
    holds(small)


def test_the_single_command_takes_names_too(small: Small) -> None:
    case = small.submit()
    to = publish(small, version(register="enter"))
    assert small.do(MigrateCase("m", case["case"], to, {"register": "enter"}), ADA)["migrated"]
    assert small.work(case["opened"][0], BOB, {"amount": "1.00"})["opened"]
    holds(small)
