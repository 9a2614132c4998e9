"""What is told about rights is what `Access` decides, line by line; and files are changed only where somebody ticked."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.access import Access, Actor, Grant
from engine.rights import amended, could, lines_of, who
from engine.secrecy import rules_of
from tests.access.test_access import AREAS, BASE, DEPARTMENTS, FIRST, MODEL, ROLES
from tests.conftest import ROOT

SECRET = "p, window, first, know\np, health, first/opinion, know\n" + FIRST
NAMES = sorted(path.stem for path in (ROOT / "policies").glob("*.csv") if path.stem != "base")
grants = some.lists(
    some.builds(Grant, some.sampled_from(ROLES), some.sampled_from(AREAS), some.sampled_from(DEPARTMENTS)),
    max_size=4,
)


@pytest.mark.parametrize("policies", [FIRST, SECRET], ids=["open", "secret"])
@settings(max_examples=60, deadline=None)
@given(held=grants)
def test_what_is_told_is_what_is_decided(policies: str, held: list[Grant]) -> None:
    access = Access(MODEL, BASE, {"first": policies})
    lines = lines_of(BASE, policies, "first")
    actor = Actor("li", "Li", tuple(held))
    told = could(access, actor, "first", lines)
    assert all(one.lines or (one.role, one.action) == ("applicant", "know") for one in told)
    objects = {line.rule[1] for line in lines} | {"first/leader"}
    actions = {line.rule[2] for line in lines}
    for obj, action, area in product(sorted(objects), sorted(actions), AREAS):
        by_grant = any(
            (right.object, right.action) == (obj, action)
            and right.role != "applicant"
            and (right.grant is None or right.grant.covers(area))
            for right in told
        )
        assert by_grant == access.may(actor, action, obj, area), (obj, action, area)
        own = any((one.object, one.action, one.role) == (obj, action, "applicant") for one in told)
        assert (by_grant or own) == access.may(actor, action, obj, area, "li")
        for department in DEPARTMENTS:
            found = who(access, [actor], lines, obj, action, area, department)
            decided = access.may(actor, action, obj, area) and access.in_department(
                actor, action, obj, area, department
            )
            assert bool(found) == decided
            assert all(one.lines for one in found)


def test_lines_are_named_by_file_and_number() -> None:
    lines = lines_of(BASE, FIRST, "first")
    found = [(one.number, one.inherited, one.rule) for one in lines]
    assert (4, False, ("window", "first/window", "work")) in found
    assert (2, True, ("signed-in", "first", "see")) in found
    assert not any("office" in rule for _, _, rule in found)


@pytest.mark.parametrize("name", NAMES)
def test_ticking_changes_just_the_lines_ticked(name: str) -> None:
    text = (ROOT / "policies" / f"{name}.csv").read_text()
    rules = set(rules_of(text))
    assert amended(text, rules, rules).splitlines() == text.splitlines()
    first = next(iter(rules_of(text)))
    new = ("somebody", f"{name}/somewhere", "work")
    changed = amended(text, (rules - {first}) | {new}, rules)
    assert set(rules_of(changed)) == (rules - {first}) | {new}
    before, after = text.splitlines(), changed.splitlines()
    assert [line for line in after if line not in before] == [f"p, somebody, {name}/somewhere, work"]
    assert [line for line in before if line.startswith("#")] == [
        line for line in after if line.startswith("#")
    ]
    # Rules that are not shown are nobody's to drop.
    assert amended(text, set(), set()).splitlines() == before


def test_a_new_rule_stands_beside_its_like() -> None:
    changed = amended(FIRST, {*rules_of(FIRST), ("health", "first/window", "work")}, set(rules_of(FIRST)))
    lines = changed.splitlines()
    assert lines.index("p, health, first/window, work") == lines.index("p, leader, first/window, work") + 1
    assert amended("", {("a", "first", "see")}, set()) == "p, a, first, see\n"
