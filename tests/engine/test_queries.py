"""Questions show what the asker may see, and pages of the worklist miss nothing and repeat nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine import errors, queries
from engine.access import Actor, Grant
from engine.commands import ClaimTask, SubmitApplication
from engine.queries import Filters
from engine.store.tx import Tx
from tests.engine.small import NOON, person, relief

if TYPE_CHECKING:
    from tests.engine.small import Small

BOB = person("bob")
EVERYTHING = Filters()
AREAS = [
    "1407",
    "140702",
    "140702001",
    "140702001003",
    "140702002",
    "140703",
    "140703001",
    "140721001007",
    "141002001",
]


def ask(small: Small, actor: Actor, filters: Filters = EVERYTHING, **page: object) -> queries.Page:
    return queries.worklist(small.bus.store, small.bus.access, actor, filters, **page)  # type: ignore[arg-type]


@pytest.fixture
def many(small: Small) -> Small:
    """Tasks in many areas, with few different due moments, some of a department, some of one person."""
    chance = random.Random(20260803)
    for number in range(120):
        area = chance.choice(AREAS)
        everywhere = Actor("sub", "SUB", (Grant("clerk", ""),))
        small.do(SubmitApplication(f"s{number}", "relief", area, {"reason": "x"}), everywhere)
    with small.bus.store.writing() as session:
        tx = Tx(session, NOON)
        for (key,) in small.rows("SELECT id FROM task"):
            changes: dict[str, object] = {"due": NOON + timedelta(days=chance.randrange(5))}
            if chance.random() < 0.2:
                changes["department"] = chance.choice(["housing", "health"])
            if chance.random() < 0.1:
                changes["account"] = chance.choice(["bob", "eve"])
            tx.update("task", (key,), changes)
        tx.commit()
    return small


@pytest.mark.parametrize(
    "grants",
    [
        (),
        (Grant("leader", "1407"),),
        (Grant("clerk", "140702"),),
        (Grant("clerk", ""),),
        (Grant("clerk", "14"),),
        (Grant("clerk", "140702001003"), Grant("clerk", "140703")),
        (Grant("clerk", "1407", "housing"),),
        (Grant("clerk", "140702", "housing"), Grant("clerk", "140702", "health"), Grant("leader", "")),
        tuple(Grant("clerk", f"140702{n:03d}") for n in range(80)),
    ],
    ids=["none", "other role", "county", "all", "province", "two", "department", "two departments", "eighty"],
)
def test_worklist_is_what_single_decisions_say(many: Small, grants: tuple[Grant, ...]) -> None:
    actor = Actor("bob", "BOB", grants)
    access = many.bus.access
    expected = []
    for key, obj, area, department, account, due in many.rows(
        "SELECT id, object, area, department, account, due FROM task WHERE state = 'open'"
    ):
        if account not in (None, "bob") or not access.may(actor, "work", obj, area):
            continue
        held = [g for g in grants if g.role == "clerk" and area.startswith(g.area)]
        if department is None or any(g.department in (None, department) for g in held):
            expected.append((due, key))
    page = ask(many, actor, limit=200)
    assert [(item.due, item.id) for item in page.items] == sorted(expected)
    assert page.cursor is None
    for item in page.items[:3]:
        many.do(ClaimTask(f"claim-{item.id}", item.id), actor)


def test_paging(many: Small) -> None:
    whole = [item.id for item in ask(many, BOB, limit=200).items]
    assert len(whole) > 30
    found: list[str] = []
    cursor = None
    while True:
        page = ask(many, BOB, limit=7, cursor=cursor)
        found += [item.id for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.items) == 7
    assert found == whole
    for wrong in ("x", "é", "MjAyNg", "!!!!"):
        with pytest.raises(errors.CommandInvalid):
            ask(many, BOB, cursor=wrong)


def test_filters(many: Small) -> None:
    mine = ask(many, BOB, limit=1).items[0]
    many.do(ClaimTask("x", mine.id), BOB)
    whole = ask(many, BOB, limit=200).items
    assert [item.id for item in ask(many, BOB, Filters(mine=True)).items] == [mine.id]
    assert len(ask(many, BOB, Filters(mine=False), limit=200).items) == len(whole) - 1
    town = ask(many, BOB, Filters(area="140702001"), limit=200).items
    assert {item.id for item in town} == {item.id for item in whole if item.area.startswith("140702001")}
    early = ask(many, BOB, Filters(due_before=NOON + timedelta(days=1)), limit=200).items
    assert {item.id for item in early} == {item.id for item in whole if item.due < NOON + timedelta(days=1)}
    assert ask(many, BOB, Filters(process="other")).items == []
    assert ask(many, BOB, Filters(element="approve")).items == []
    assert len(ask(many, BOB, Filters(process="relief", element="register"), limit=200).items) == len(whole)


def test_worklist_uses_an_index(many: Small) -> None:
    """The plan of one reach is a search in its level's index, not a walk over the table."""
    if many.bus.store.dialect != "sqlite":
        pytest.skip(
            "PostgreSQL scans so small a table on purpose; bench/worklist measures it at a million rows"
        )
    plan = many.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM task WHERE state = 'open' AND object = ? AND a6 = ? ORDER BY due, id LIMIT 50",
        "relief/clerk",
        "140702",
    )
    assert "ix_task_open_a6" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def test_case_and_task_are_hidden_from_strangers(small: Small) -> None:
    opened = small.submit(actor=Actor("ann", "ANN"))
    store, access = small.bus.store, small.bus.access
    ann, stranger = Actor("ann", "ANN"), Actor("ben", "BEN")
    view = queries.case(store, access, ann, opened["case"])
    assert [entry.kind for entry in view.timeline] == ["submitted"]
    assert view.variables["case"]["applicant"] == "ann"
    assert view.path == ["begin", "register"]
    assert [row.id for row in queries.applications(store, ann)] == [opened["case"]]
    assert queries.applications(store, stranger) == []
    assert queries.applications(store, Actor(None)) == []
    for actor in (stranger, Actor(None), person("far", area="140703")):
        with pytest.raises(errors.NotFound):
            queries.case(store, access, actor, opened["case"])
        with pytest.raises(errors.NotFound):
            queries.task(store, access, actor, opened["opened"][0])
        with pytest.raises(errors.NotFound):
            queries.documents(store, access, actor, opened["case"])
    seen = queries.task(store, access, BOB, opened["opened"][0])
    assert seen.workable
    assert seen.variables["reason"] == "fire"
    assert seen.deadline is None
    assert not queries.task(store, access, ann, opened["opened"][0]).workable


def test_filed_answers_stay_readable(small: Small) -> None:
    opened = small.submit()
    small.work(opened["opened"][0], BOB, {"amount": "605.00"})
    view = queries.task(small.bus.store, small.bus.access, BOB, opened["opened"][0])
    assert view.filed is not None
    assert str(view.filed["amount"]) == "605.00"
    assert view.variables["register"]["by_name"] == "BOB"
    assert view.variables["register"]["at"] == NOON


def test_whoever_holds_the_query_code_sees_the_case(small: Small) -> None:
    opened = small.submit(channel="window")
    store, access = small.bus.store, small.bus.access
    holder = queries.holder(store, opened["case"], opened["query_code"])
    assert queries.case(store, access, holder, opened["case"]).row.state == "open"
    for number, code in (
        (opened["case"], "00000000"),
        (opened["case"], "é"),
        ("nonsense", opened["query_code"]),
    ):
        with pytest.raises(errors.NotFound):
            queries.holder(store, number, code)


def test_search(many: Small) -> None:
    whole = ask(many, BOB, limit=200).items
    one = whole[3].case_id
    assert [item.case_id for item in ask(many, BOB, Filters(search=one)).items] == [one]
    assert len(ask(many, BOB, Filters(search="140702MZ2026"), limit=200).items) == sum(
        item.case_id.startswith("140702MZ2026") for item in whole
    )
    assert len(ask(many, BOB, Filters(search="elie"), limit=200).items) == len(whole)
    for nothing in ("%x%", "140702%", "r_l", "!"):
        assert ask(many, BOB, Filters(search=nothing)).items == []


def test_package_of_the_case_is_the_one_it_began_with(small: Small) -> None:
    opened = small.submit()
    row = queries.case(small.bus.store, small.bus.access, BOB, opened["case"]).row
    assert row.package == relief().digest
