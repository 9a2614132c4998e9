"""Guardians of children and people who were entrusted: what they may do, what the journal says, when it ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from engine import errors, queries
from engine.access import Actor, Grant
from engine.commands import (
    AddAccount,
    AddWard,
    ConfirmRepresentation,
    EndRepresentation,
    Entrust,
    GrantLine,
    SendMessage,
    SubmitApplication,
)
from engine.commands.people import actor_of
from engine.commands.representation import MOST, last_day_of_childhood
from tests.engine.models import recall
from tests.engine.small import AREA, INSTALLER, open_small, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small


@pytest.fixture
def office(store_url: str) -> Iterator[Small]:
    small = open_small(store_url, relief(), recall())
    for name, grants in (("mother", ()), ("aunt", ()), ("clerk", (GrantLine("town_window", AREA),))):
        small.do(AddAccount(f"add-{name}", name, name.upper(), grants=grants), INSTALLER)
    yield small
    small.close()


def now(office: Small, name: str) -> Actor:
    """The account as it may act at this moment."""
    with office.bus.store.reading() as reader:
        return actor_of(reader, name, office.now.date())


def ward(office: Small, born_on: str = "2015-02-28", account: str = "child", by: str = "mother") -> str:
    told = office.do(AddWard(office.id(), account, "小明", born_on, "母亲，见户口簿"), now(office, by))
    return str(told["representation"])


def submit(office: Small, actor: Actor, applicant: str | None = None) -> str:
    wish = SubmitApplication(office.id(), "relief", AREA, {"reason": "fire"}, applicant=applicant)
    return str(office.do(wish, actor)["case"])


def test_a_mother_applies_for_her_child_and_follows_the_case(office: Small) -> None:
    ward(office)
    mother = now(office, "mother")
    assert mother.represents == {"child"}
    case = submit(office, mother, "child")
    own = submit(office, mother)
    assert office.rows("SELECT applicant FROM cases WHERE id = ?", case) == [("child",)]
    assert office.rows("SELECT applicant FROM cases WHERE id = ?", own) == [("mother",)]
    [(actor, body)] = office.rows(
        "SELECT actor, body FROM journal WHERE chain = ? AND kind = 'submitted'", case
    )
    assert actor == "mother"
    assert orjson.loads(body)["on_behalf"] == "child"
    assert {one.id for one in queries.applications(office.bus.store, mother)} == {case, own}
    access = office.bus.access
    assert queries.case(office.bus.store, access, mother, case).row.id == case
    with pytest.raises(errors.NotFound):
        queries.case(office.bus.store, access, now(office, "aunt"), case)


def test_nobody_applies_for_people_they_do_not_represent(office: Small) -> None:
    ward(office)
    with pytest.raises(errors.Forbidden):
        submit(office, now(office, "aunt"), "child")


def test_on_the_day_the_child_is_of_age_it_is_over(office: Small) -> None:
    today = office.now.date()
    born = today.replace(year=today.year - 18) + timedelta(days=1)
    ward(office, born.isoformat())
    assert now(office, "mother").represents == {"child"}
    office.later(days=1)
    assert now(office, "mother").represents == frozenset()
    with pytest.raises(errors.CommandInvalid):
        ward(office, born.isoformat(), "other")  # of age by now


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2008, 2, 29), date(2026, 2, 28)),
        (date(2015, 2, 28), date(2033, 2, 27)),
        (date(2010, 1, 1), date(2027, 12, 31)),
    ],
)
def test_last_day_of_childhood(born: date, last: date) -> None:
    assert last_day_of_childhood(born) == last


@pytest.mark.parametrize("born", ["1990-01-01", "2031-01-01", "yesterday", ""])
def test_who_is_no_child(office: Small, born: str) -> None:
    with pytest.raises(errors.CommandInvalid):
        ward(office, born)
    assert office.rows("SELECT count(*) FROM representation") == [(0,)]


def test_an_account_that_exists_is_nobodys_ward(office: Small) -> None:
    with pytest.raises(errors.EngineError):
        ward(office, account="aunt")
    assert now(office, "mother").represents == frozenset()


def test_ten_wards_and_no_more(office: Small) -> None:
    for number in range(MOST):
        ward(office, account=f"child-{number}")
    with pytest.raises(errors.NotOffered):
        ward(office, account="one-more")


def test_an_office_confirms_what_it_has_seen_and_nobody_confirms_the_own(office: Small) -> None:
    key = ward(office)
    with pytest.raises(errors.Forbidden):
        office.do(ConfirmRepresentation(office.id(), key, "户口簿"), now(office, "mother"))
    clerk = now(office, "clerk")
    with pytest.raises(errors.CommandInvalid):
        office.do(ConfirmRepresentation(office.id(), key, " "), clerk)
    office.do(ConfirmRepresentation(office.id(), key, "户口簿"), clerk)
    assert office.rows("SELECT state, confirmed_by FROM representation") == [("confirmed", "clerk")]
    with pytest.raises(errors.NotOffered):
        office.do(ConfirmRepresentation(office.id(), key, "户口簿"), clerk)
    kinds = [
        row[0] for row in office.rows("SELECT kind FROM journal WHERE chain = 'account:child' ORDER BY seq")
    ]
    assert kinds == ["representation-begun", "representation-confirmed"]


def test_who_was_entrusted_acts_until_it_is_ended(office: Small) -> None:
    mother = now(office, "mother")
    case = office.submit("recall", actor=mother)["case"]
    first, last = office.now.date(), office.now.date() + timedelta(days=30)
    told = office.do(Entrust(office.id(), "aunt", first.isoformat(), last.isoformat(), "住院期间"), mother)
    aunt = now(office, "aunt")
    assert aunt.represents == {"mother"}
    office.do(SendMessage(office.id(), case, "withdrawal", {}), aunt)
    [(actor, body)] = office.rows(
        "SELECT actor, body FROM journal WHERE chain = ? AND kind = 'message'", case
    )
    assert (actor, orjson.loads(body)["on_behalf"]) == ("aunt", "mother")
    with pytest.raises(errors.Forbidden):
        office.do(EndRepresentation(office.id(), told["representation"]), Actor("stranger", "S"))
    office.do(EndRepresentation(office.id(), told["representation"]), mother)
    assert now(office, "aunt").represents == frozenset()
    with pytest.raises(errors.NotFound):
        queries.case(office.bus.store, office.bus.access, now(office, "aunt"), case)


def test_a_letter_of_authority_has_its_days(office: Small) -> None:
    mother, today = now(office, "mother"), office.now.date()
    for first, last in ((today, today - timedelta(days=1)), (today, today + timedelta(days=400))):
        with pytest.raises(errors.CommandInvalid):
            office.do(Entrust(office.id(), "aunt", first.isoformat(), last.isoformat()), mother)
    with pytest.raises(errors.CommandInvalid):
        office.do(Entrust(office.id(), "mother", today.isoformat(), today.isoformat()), mother)
    with pytest.raises(errors.NotOffered):  # a clerk decides, and does not act for people
        office.do(Entrust(office.id(), "clerk", today.isoformat(), today.isoformat()), mother)
    tomorrow = today + timedelta(days=1)
    office.do(Entrust(office.id(), "aunt", tomorrow.isoformat(), tomorrow.isoformat()), mother)
    assert now(office, "aunt").represents == frozenset()
    office.later(days=1)
    assert now(office, "aunt").represents == {"mother"}
    office.later(days=1)
    assert now(office, "aunt").represents == frozenset()


def test_rights_of_a_ward_are_not_passed_on(office: Small) -> None:
    """The guardian of an entrusted person is not entrusted."""
    ward(office)
    today = office.now.date().isoformat()
    office.do(Entrust(office.id(), "aunt", today, today), now(office, "mother"))
    assert now(office, "aunt").represents == {"mother"}  # not the child


def test_own_rights_come_first(office: Small) -> None:
    """A clerk who is also a guardian uses the desk's rights as a clerk's, and the child's as the child's."""
    both = Actor("clerk", "C", (Grant("clerk", "140702"),), represents=frozenset({"child"}))
    access = office.bus.access
    assert access.on_behalf(both, "see", "relief", AREA, ("child", "case:1")) is None
    only = Actor("clerk", "C", (Grant("clerk", "999999"),), represents=frozenset({"child"}))
    assert access.on_behalf(only, "see", "relief", AREA, ("child", "case:1")) == "child"
    assert access.on_behalf(only, "see", "relief", AREA, ("somebody", "case:1")) is None
