"""Open cases change to another version: one commit each, with rows, journal and timers as the new model has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands import ClaimTask, CompleteTask, MigrateCase, Publish
from engine.errors import CannotMigrate, Forbidden, NotFound
from engine.package import pack
from engine.queries.migration import plan_migration
from engine.verify import verify
from tests.engine.small import ENGINE, RULES, ends, form, model, package, person, task

if TYPE_CHECKING:
    from engine.package import Package
    from engine.queries.migration import Planned
    from tests.engine.small import Small

BOB, LEA = person("bob"), person("lea", "leader")
ADMIN = person("ada", "administrator", "")


def second(lane: str = "leader", approve: str = "approve") -> Package:
    """`relief` with a step between; `approve` may stand in another lane or be called otherwise."""
    elements = ends() + task("userTask", "register") + task("userTask", "look")
    elements += task("userTask", approve, separate_from="register")
    elements += task("serviceTask", "pay", operation="pay", result="paid", input="={amount: amount}")
    lanes = {"clerk": "register look", lane: approve}
    if lane == "clerk":
        lanes = {"clerk": f"register look {approve}"}
    flows = f"begin>register register>look look>{approve} {approve}>pay pay>done"
    forms = {
        "start": form("start", {"key": "reason", "type": "text", "required": True}),
        "register": form("register", {"key": "amount", "type": "money", "required": True}),
    }
    return package("relief", model("relief", lanes, elements, flows), RULES.format("relief"), forms)


def planned_of(small: Small, to: str) -> list[Planned]:
    return list(
        plan_migration(small.bus.store, small.bus.access, ENGINE, small.bus.office.packages, "relief", to)
    )


def publish(small: Small, new: Package) -> str:
    small.do(Publish(f"publish-{new.digest}", "relief", archive=pack(new)))
    return new.digest


def test_cases_go_on_where_they_stand(small: Small) -> None:
    first, other = (small.submit() for _ in range(2))
    at_approve = small.work(other["opened"][0], BOB, {"amount": "605.00"})
    to = publish(small, second(lane="clerk"))
    plan = planned_of(small, to)
    assert [(one.case, one.obstacles) for one in plan] == [(first["case"], ()), (other["case"], ())]
    for one in plan:
        assert small.do(MigrateCase(f"m{one.case}", one.case, to))["migrated"]
    assert planned_of(small, to) == []
    # The first registers and comes to the new step; the other's open task stands in its new lane.
    went_on = small.work(first["opened"][0], BOB, {"amount": "1.00"})
    assert small.rows("SELECT element FROM task WHERE id = ?", went_on["opened"][0]) == [("look",)]
    lane = small.rows("SELECT lane, object FROM task WHERE id = ?", at_approve["opened"][0])
    assert lane == [("clerk", "relief/clerk")]
    paid = small.work(at_approve["opened"][0], person("eve"), {})
    assert paid["messages"]
    small.carrier.drain()
    state = small.rows("SELECT state, package FROM cases WHERE id = ?", other["case"])
    assert state == [("ended", to)]
    kinds = [row[0] for row in small.rows("SELECT kind FROM journal WHERE chain = ?", other["case"])]
    assert kinds.count("migrated") == 1
    assert list(verify(small.bus.store)) == []


def test_a_case_whose_step_is_gone_stays_and_finishes_on_its_version(small: Small) -> None:
    case = small.submit()
    opened = small.work(case["opened"][0], BOB, {"amount": "605.00"})["opened"]
    to = publish(small, second(approve="sign"))
    (planned,) = planned_of(small, to)
    assert [(one.code, one.element) for one in planned.obstacles] == [("gone", "approve")]
    with pytest.raises(CannotMigrate) as refused:
        small.do(MigrateCase("m", case["case"], to))
    assert refused.value.values == {"case": case["case"], "reason": "gone", "element": "approve"}
    assert small.work(opened[0], LEA)["messages"]


def test_twice_is_once_and_only_for_those_who_may(small: Small) -> None:
    case = small.submit()
    to = publish(small, second())
    with pytest.raises(Forbidden):
        small.do(MigrateCase("m0", case["case"], to), BOB)
    assert small.do(MigrateCase("m1", case["case"], to), ADMIN)["migrated"]
    assert small.do(MigrateCase("m1", case["case"], to), ADMIN).again
    assert not small.do(MigrateCase("m2", case["case"], to), ADMIN)["migrated"]
    with pytest.raises(NotFound):
        small.do(MigrateCase("m3", case["case"], "0" * 64), ADMIN)


def test_a_clerk_who_completes_meanwhile_loses_nothing(small: Small) -> None:
    case = small.submit()
    claimed = small.do(ClaimTask("k", case["opened"][0]), BOB)
    to = publish(small, second())
    small.do(MigrateCase("m", case["case"], to))
    done = CompleteTask("d", case["opened"][0], claimed["revision"], {"amount": "605.00"})
    opened = small.do(done, BOB)["opened"]
    assert small.rows("SELECT element FROM task WHERE id = ?", opened[0]) == [("look",)]
