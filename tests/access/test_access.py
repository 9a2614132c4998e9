"""Single decisions and the compiled grants of lists must never differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.access import Access, Actor, Grant, valid_grants
from engine.errors import Forbidden, SignInRequired
from tests.conftest import ROOT

MODEL = (ROOT / "policies" / "model.conf").read_text()
BASE = """
p, signed-in, *, see
p, administrator, *, repair
p, manager, office, manage
"""
FIRST = """
# a comment
p, anyone, first, start
p, window, first/window, work
p, leader, first/leader, work
p, leader, first/window, work
p, applicant, first, message:withdrawal
p, health, first/opinion, work
"""
SECOND = "p, window, second/window, work\np, window, second, start\n"

ROLES = ("window", "leader", "health", "administrator")
OBJECTS = ("first/window", "first/leader", "first/opinion", "second/window")
AREAS = ("", "1407", "140702", "140702001", "140702001001", "140728", "140728100")
DEPARTMENTS = (None, "health", "police")


@pytest.fixture(scope="module")
def access() -> Access:
    return Access(MODEL, BASE, {"first": FIRST, "second": SECOND})


def test_a_grant_reaches_below_its_area(access: Access) -> None:
    window = Actor("w", "W", (Grant("window", "140702001"),))
    assert access.may(window, "work", "first/window", "140702001001")
    assert not access.may(window, "work", "first/window", "140702002001")
    assert not access.may(window, "work", "first/window", "140702")
    assert not access.may(window, "work", "first/leader", "140702001001")


def test_roles_without_grant(access: Access) -> None:
    nobody, somebody = Actor(None), Actor("li")
    assert access.may(nobody, "start", "first", "140702001001")
    assert not access.may(nobody, "see", "first", None)
    assert access.may(somebody, "see", "first", None)
    assert access.may(somebody, "message:withdrawal", "first", None, "li")
    assert not access.may(somebody, "message:withdrawal", "first", None, "wang")
    assert not access.may(nobody, "message:withdrawal", "first", None, None)


def test_refusals_say_what_helps(access: Access) -> None:
    with pytest.raises(SignInRequired):
        access.allow(Actor(None), "see", "first", None)
    with pytest.raises(Forbidden) as refused:
        access.allow(Actor("li"), "work", "first/window", "140702")
    assert refused.value.values["object"] == "first/window"


def test_base_rules_hold_for_every_process_and_fixed_objects(access: Access) -> None:
    chief = Actor("c", "C", (Grant("administrator"), Grant("manager")))
    assert access.may(chief, "repair", "first", "140702")
    assert access.may(chief, "repair", "second", "140702")
    assert access.may(chief, "manage", "office", None)


def test_grants_are_dated() -> None:
    one, two = Grant("window", "14"), Grant("leader", "14")
    rows = [(one, date(2026, 1, 1), date(2026, 6, 30)), (two, date(2026, 6, 30), None)]
    assert valid_grants(rows, date(2026, 6, 30)) == (one, two)
    assert valid_grants(rows, date(2026, 7, 1)) == (two,)
    assert valid_grants(rows, date(2025, 12, 31)) == ()


def test_wider_grants_swallow_narrower_ones(access: Access) -> None:
    actor = Actor(
        "w", "W", (Grant("window", "140702"), Grant("window", "140702001"), Grant("window", "140728"))
    )
    assert [(r.object, r.area) for r in access.reaches(actor)] == [
        ("first/window", "140702"),
        ("first/window", "140728"),
        ("second/window", "140702"),
        ("second/window", "140728"),
    ]


@settings(max_examples=400, deadline=None)
@given(
    grants=some.lists(
        some.builds(
            Grant, some.sampled_from(ROLES), some.sampled_from(AREAS), some.sampled_from(DEPARTMENTS)
        ),
        max_size=5,
    ),
    obj=some.sampled_from(OBJECTS),
    area=some.sampled_from(AREAS[1:]),
    department=some.sampled_from(DEPARTMENTS),
)
def test_lists_and_decisions_agree(grants: list[Grant], obj: str, area: str, department: str | None) -> None:
    access = Access(MODEL, BASE, {"first": FIRST, "second": SECOND})
    actor = Actor("somebody", "", tuple(grants))

    def reached(of: str | None) -> bool:
        return any(
            reach.object == obj
            and area.startswith(reach.area)
            and (of is None or reach.department in (None, of))
            for reach in access.reaches(actor)
        )

    assert access.may(actor, "work", obj, area) == reached(None)
    # A task given to one department is reached only by grants of that department, or of none.
    wanted = any(
        access.may(Actor("x", "", (grant,)), "work", obj, area) and grant.department in (None, department)
        for grant in grants
    )
    if department is not None:
        assert reached(department) == wanted


def test_a_query_code_opens_one_case_only(access: Access) -> None:
    holder, applicant = Actor("case:A1"), Actor("li")
    mine, other = ("li", "case:A1"), ("li", "case:A2")
    assert access.may(holder, "message:withdrawal", "first", None, mine)
    assert access.may(applicant, "message:withdrawal", "first", None, mine)
    assert not access.may(holder, "message:withdrawal", "first", None, other)
    assert access.may(applicant, "message:withdrawal", "first", None, other)


MAKING = "p, analyst, *, draft\np, analyst, *, remark\np, checker, *, publish\np, analyst, *, plan-migration\np, checker, *, migrate\n"
SECRET = "p, window, hidden, know\np, checker, hidden, know\n"


def test_only_a_right_everywhere_is_one_to_know_of_all() -> None:
    access = Access(MODEL, MAKING, {"hidden": SECRET, "open": ""})
    town, county = (Actor("w", "W", (Grant("window", area),)) for area in ("140702001", "140702"))
    chief, nobody = Actor("c", "C", (Grant("window"),)), Actor("n", "N", (Grant("analyst"),))
    assert access.knows(county, "hidden", "140702001")
    assert [access.knows_all(each, "hidden") for each in (town, county, nobody, chief)] == [
        False,
        False,
        False,
        True,
    ]
    assert all(access.knows_all(each, "open") for each in (town, county, nobody, chief))
    # Two counties are not the whole office, however many there are.
    both = Actor("b", "B", (Grant("window", "140702"), Grant("window", "140728")))
    assert not access.knows_all(both, "hidden")
    assert not access.knows_all(replace(nobody, represents=frozenset({"li"})), "hidden")


def test_making_a_process_takes_no_version_and_no_knowledge_of_its_cases() -> None:
    access = Access(MODEL, MAKING, {"hidden": SECRET}, begun=["begun"])
    analyst, checker = Actor("a", "A", (Grant("analyst"),)), Actor("c", "C", (Grant("checker"),))
    for process in ("hidden", "begun"):
        assert [access.may(analyst, action, process, None) for action in ("draft", "remark")] == [True, True]
        assert access.may(checker, "publish", process, None)
    # Moving cases counts them: for roles that know, and where there is a version.
    assert not access.may(analyst, "plan-migration", "hidden", None)
    assert access.may(checker, "migrate", "hidden", None)
    assert not access.may(checker, "migrate", "begun", None)
