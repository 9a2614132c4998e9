"""The emergency lane: its worked cases, the edges of its route table, and promises that hold over all its files."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.cli.play import surroundings
from engine.core.definition import Kind
from engine.office import read_jurisdiction
from engine.package import read_package
from engine.scenarios import differences, play, read_scenarios
from engine.settings import read_settings

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
PACKAGE = read_package(ROOT, "temporary-assistance")
SCENARIOS = read_scenarios(PACKAGE.scenarios or b"")
LAW, CALENDAR = read_jurisdiction(ROOT, "jinzhong")
(MODEL,) = PACKAGE.models.values()
T0 = datetime(2026, 8, 10, 9, 0, tzinfo=ZONE)


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return surroundings(read_settings(), tmp_path_factory.mktemp("stage"))


@pytest.mark.parametrize("case", SCENARIOS.cases, ids=lambda case: case.id)
def test_worked_case(case: Any, around: Any) -> None:
    outcome = play(PACKAGE, case, SCENARIOS.actors, around)
    assert differences(outcome, ZONE) == []


def decide(
    requested: str | None = None, *, persons: int = 20, earlier: list[Any] | None = None, **confirmed: Any
) -> Any:
    """The route of a confirmed report whose need is the amount asked for."""
    confirm = {
        "event_real": True,
        "living_hit": True,
        "urgent": True,
        "immediate": True,
        "home": "uninhabitable",
        "need_kind": "cash",
        "requested_amount": Decimal(requested) if requested else None,
        "new_fact": False,
        "referral": None,
        **confirmed,
    }
    inputs = {
        "t0": T0,
        "place": "140702001001",
        "persons": Decimal(persons),
        "confirm_report": confirm,
        "history": {"entries": earlier or []},
        "emergency_type": "illness",
        "emergency_at": T0,
        "legal_basis": "SHJZF",
    }
    decided = MODEL.decide("route", inputs, LAW.as_world(CALENDAR, T0), trace=True)
    (hit,) = (rule["index"] for rule in decided.trace["rules"] if rule["hit"])
    return hit, decided.value["lane"], decided.value["advance"]


def paid(
    amount: str,
    on: str,
    *,
    lane: str = "A",
    met: bool = True,
    cause: str = "illness",
    event: str = "2026-03-02",
) -> Any:
    return {
        "case": f"x{on}",
        "cause": cause,
        "event_on": date.fromisoformat(event),
        "lane": lane,
        "amount": Decimal(amount),
        "need": Decimal(amount),
        "met": met,
        "on": date.fromisoformat(on),
    }


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.01", (4, "A", True)),
        ("605", (4, "A", True)),
        ("605.01", (5, "B", True)),
        ("1815", (5, "B", True)),
        ("1815.01", (6, "C", True)),
        ("6050", (6, "C", True)),
        ("6050.01", (7, "D", True)),
        (None, (7, "D", True)),
    ],
)
def test_caps_belong_to_the_lower_lane(amount: str | None, expected: Any) -> None:
    assert decide(amount) == expected


@pytest.mark.parametrize(("amount", "lane"), [("605.01", "B"), ("1815.01", "C"), ("6050.01", "D")])
def test_without_immediate_need_nothing_is_advanced(amount: str, lane: str) -> None:
    assert decide(amount, immediate=False)[1:] == (lane, False)


@pytest.mark.parametrize("fact", ["event_real", "living_hit", "urgent"])
def test_unconfirmed_reports_are_refused_or_referred(fact: str) -> None:
    assert decide("100", **{fact: False}) == (1, "refuse", False)
    assert decide("100", **{fact: False, "referral": "dibao"}) == (1, "elsewhere", False)


def test_the_same_cause_met_within_twelve_months_is_a_repeat_to_the_last_day() -> None:
    assert decide("605", earlier=[paid("605", "2025-08-10")]) == (2, "refuse", False)
    assert decide("605", earlier=[paid("605", "2025-08-09")]) == (4, "A", True)
    assert decide("605", earlier=[paid("605", "2026-03-05", cause="fire")]) == (4, "A", True)
    assert decide("605", earlier=[paid("605", "2026-03-05", met=False)]) == (4, "A", True)
    assert decide("605", earlier=[paid("605", "2026-03-05")], new_fact=True) == (4, "A", True)


def test_a_chain_of_aid_above_the_case_cap_goes_to_the_meeting() -> None:
    chain = [paid("5445", "2026-03-05", lane="C")]
    assert decide("605", earlier=chain, new_fact=True) == (4, "A", True)
    assert decide("605.01", earlier=chain, new_fact=True) == (7, "D", True)


def test_two_advances_in_twelve_months_leave_no_third() -> None:
    one = paid("605", "2026-01-05", cause="fire")
    two = paid("605", "2026-02-05", cause="robbery")
    assert decide("605", earlier=[one]) == (4, "A", True)
    assert decide("605", earlier=[one, two]) == (3, "B", False)
    assert decide("1815.01", earlier=[one, two]) == (3, "C", False)
    assert decide("6050.01", earlier=[one, two]) == (3, "D", False)


def test_the_severity_months_of_the_sheet() -> None:
    def months(**facts: Any) -> Any:
        confirm = {"home": "intact", **facts}
        world = LAW.as_world(CALENDAR, T0)
        return MODEL.decide("months", {"t0": T0, "confirm_report": confirm}, world).value

    assert months() == 1
    assert months(inpatient_days=Decimal(7)) == 1
    assert months(inpatient_days=Decimal(8)) == 2
    assert months(home="damaged") == 2
    assert months(home="uninhabitable") == 3
    assert months(earner_lost=True) == 3
    assert months(intensive_care=True, home="damaged") == 3


# ---- promises over all files ----------------------------------------------------------------------------------------


def test_nobody_is_asked_for_household_registration() -> None:
    for form in PACKAGE.forms.values():
        for field in form.fields():
            words = " ".join([field.key, *field.label.values()]).lower()
            assert "hukou" not in words, (form.id, field.key)
            assert "户籍" not in words, (form.id, field.key)


def test_the_model_holds_no_number_of_the_law() -> None:
    for node in PACKAGE.definition.nodes.values():
        texts = [node.settings.deadline] + [trigger.expression for trigger in node.triggers]
        for expression in texts:
            if expression is not None:
                assert not re.search(r"(?<![\w\"])\d", re.sub(r'"[^"]*"', "", expression.text)), node.id


def test_every_cited_article_is_in_the_law_files() -> None:
    known = {article.id for article in LAW.articles}
    for node in PACKAGE.definition.nodes.values():
        assert set(node.settings.law) <= known, node.id
    cited = set(re.findall(r'"((?:SHJZF|SHJZZXBF|GF47|LSJZYJ|GH)-[A-Z0-9-]+)"', _texts()))
    assert cited
    assert cited <= known


def _texts() -> str:
    return "\n".join(
        content.decode()
        for path, content in PACKAGE.files.items()
        if path.endswith((".bpmn", ".dmn", "words.html"))
    )


def test_whoever_handled_the_case_never_decides_it() -> None:
    nodes = PACKAGE.definition.nodes
    for decision in ("approve_small", "decide_small", "decide_refusal"):
        assert {"register", "confirm_report"} <= set(nodes[decision].settings.separate_from)


def test_every_task_has_a_role_a_form_and_a_worker() -> None:
    for node in PACKAGE.definition.nodes.values():
        if node.kind is Kind.USER:
            assert node.lane, node.id
            assert PACKAGE.form(node.id) is not None, node.id
            assert f"temporary-assistance/{node.lane}, work" in PACKAGE.policies or node.lane == "applicant"


def test_labels_stand_in_both_languages() -> None:
    for form in PACKAGE.forms.values():
        for field in form.fields():
            for words in [
                field.label,
                *(option.label for option in field.options),
                *(f.label for f in field.fields),
            ]:
                assert set(words) == {"zh", "en"}, (form.id, field.key)
                assert all(words.values())
