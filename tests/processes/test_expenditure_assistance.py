"""Expenditure aid and the funds' monthly report: worked cases, the bands to the cent, and promises over all files."""

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
from engine.lint import Severity, lint
from engine.office import read_jurisdiction
from engine.package import read_package
from engine.scenarios import differences, play, read_scenarios
from engine.settings import read_settings

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
NAMES = ("expenditure-assistance", "reserve-fund")
PACKAGES = {name: read_package(ROOT, name) for name in NAMES}
FILES = {name: read_scenarios(package.scenarios or b"") for name, package in PACKAGES.items()}
AID = PACKAGES["expenditure-assistance"]
LAW, CALENDAR = read_jurisdiction(ROOT, "jinzhong")
(MODEL,) = AID.models.values()
ON = date(2026, 8, 3)
WORLD = LAW.as_world(CALENDAR, datetime(2026, 8, 3, 9, 0, tzinfo=ZONE))


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return surroundings(read_settings(), tmp_path_factory.mktemp("stage"))


@pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(name, case, id=case.id) for name in NAMES for case in FILES[name].cases],
)
def test_worked_case(name: str, case: Any, around: Any) -> None:
    outcome = play(PACKAGES[name], case, FILES[name].actors, around)
    assert differences(outcome, ZONE) == []


@pytest.mark.parametrize("name", NAMES)
def test_lint_is_clean(name: str) -> None:
    articles = frozenset(article.id for article in LAW.articles)
    assert [one for one in lint(PACKAGES[name], articles=articles) if one.severity is not Severity.INFO] == []


def decide(decision: str, **given: Any) -> Any:
    inputs = {
        "on": ON,
        "place": "140702001001",
        "accepted_on": ON,
        "recognised_class": "none",
        "recognised_at": None,
        "report": None,
        "persons": Decimal(4),
        "household_kind": "urban",
        "medical": Decimal(0),
        "education": Decimal(0),
        "history": {"entries": []},
        "visit": {"same_cause": None},
        "hardship_months": Decimal(1),
        **given,
    }
    return MODEL.decide(decision, inputs, WORLD).value


def recognised(kind: str, **given: Any) -> dict[str, Any]:
    return {"recognised_class": kind, "recognised_at": date(2026, 2, 10), **given}


@pytest.mark.parametrize(
    ("kind", "steps"),
    [("dibao", (5000, 10000, 15000, 20000, 40000)), ("edge", (10000, 20000, 30000, 40000, 80000))],
)
def test_every_band_includes_its_lower_bound(kind: str, steps: tuple[int, ...]) -> None:
    for place, bound in enumerate(steps, 1):
        assert decide("medical_times", **recognised(kind, medical=Decimal(bound))) == 2 * place
        below = Decimal(bound) - Decimal("0.01")
        assert decide("medical_times", **recognised(kind, medical=below)) == 2 * (place - 1)


def test_education_and_the_top() -> None:
    assert decide("education_times", **recognised("tekun", education=Decimal("4999.99"))) == 0
    assert decide("education_times", **recognised("tekun", education=Decimal(5000))) == 2
    assert decide("education_times", **recognised("tekun", education=Decimal(10000))) == 4
    both = recognised("dibao", medical=Decimal(40000), education=Decimal(10000))
    assert decide("aid", **both)["times"] == 10


def test_recognition_holds_twelve_months_to_the_day() -> None:
    def exempt(day: date) -> Any:
        return decide("standing", recognised_class="edge", recognised_at=day)["exempt"]

    assert exempt(date(2025, 8, 3)) is True
    assert exempt(date(2025, 8, 2)) is False


def found(income: object, rigid: object, *, limits: bool = True) -> dict[str, Any]:
    return {
        "income_12m": Decimal(str(income)),
        "rigid_12m": Decimal(str(rigid)),
        "within_limits": limits,
    }


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        (found(96000, 70000), "rigid"),  # X07
        (found(100000, 60000), "none"),  # 0.6000 is not above
        (found(100000, 60010), "rigid"),  # 0.6001
        (found(152000, 120000), "none"),  # X08: 38,000.00 a head is not below
        (found("151999.96", 120000), "rigid"),
        (found("43559.96", 0), "edge"),
        (found(43560, 0), "none"),  # 907.50 a month
        (found(1000, 0, limits=False), "none"),
    ],
)
def test_recognition_to_the_cent(report: dict[str, Any], kind: str) -> None:
    assert decide("class", report=report) == kind


def test_levels_and_plans() -> None:
    def level(**given: Any) -> Any:
        return decide("level", **recognised("rigid", **given))["level"]

    assert level(medical=Decimal(10000)) == "town"
    assert level(medical=Decimal(20000)) == "county"
    assert level(medical=Decimal("99999.99")) == "county"
    assert level(medical=Decimal(100000)) == "meeting"
    decided = {"amount": Decimal("1000.03"), "at": datetime(2026, 8, 20, tzinfo=ZONE), "level": "town"}
    plan = decide(
        "plan", **recognised("edge", medical=Decimal(10000), decided=decided, hardship_months=Decimal(4))
    )
    assert plan["phased"] is True
    amounts = [plan["first"], *(part["amount"] for part in plan["instalments"])]
    assert sum(amounts) == Decimal("1000.03"), "nothing is lost by rounding"
    assert [part["nominal"] for part in plan["instalments"]] == [
        date(2026, 9, 15),
        date(2026, 10, 15),
        date(2026, 11, 15),
        date(2026, 12, 15),
        date(2027, 1, 15),
    ]


# ---- promises over all files ----------------------------------------------------------------------------------------


def test_public_papers_never_show_what_is_private() -> None:
    """What D08 and D12 are given by the model and what they print: names masked, nothing of health, account or number."""
    for paper in ("D08", "D12"):
        text = AID.text(f"templates/expenditure-assistance/{paper}.html")
        assert "mask_name" in text
        assert not re.search(
            r"id_no|phone(?!\s*}})|account|medical(?!\")|income|findings", text.replace("office_phone", "")
        )


def test_the_model_holds_no_number_of_the_law() -> None:
    for package in PACKAGES.values():
        for node in package.definition.nodes.values():
            texts = [node.settings.deadline] + [trigger.expression for trigger in node.triggers]
            for expression in texts:
                if expression is not None:
                    assert not re.search(r"(?<![\w\"])\d", re.sub(r'"[^"]*"', "", expression.text)), node.id


def test_who_examined_or_visited_never_decides() -> None:
    nodes = AID.definition.nodes
    for name in ("town_opinion", "decide_town"):
        assert {"accept", "visit"} <= set(nodes[name].settings.separate_from)
    for name in ("decide_county", "hold_meeting"):
        assert "town_opinion" in nodes[name].settings.separate_from


def test_every_task_has_a_role_a_form_and_a_worker() -> None:
    for name, package in PACKAGES.items():
        for node in package.definition.nodes.values():
            if node.kind is Kind.USER:
                assert node.lane, node.id
                assert package.form(node.id) is not None, node.id
                assert f"{name}/{node.lane}, work" in package.policies
