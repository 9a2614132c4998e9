"""A rehearsal is the scenario as far as it goes: it comes to the same, tells what can happen next, and keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from engine.cli.play import surroundings
from engine.package import read_package
from engine.scenarios import play, read_scenarios, rehearse
from engine.scenarios.casting import RESIDENT, starter, worker
from engine.scenarios.model import Action, Cast
from engine.scenarios.rehearsal import Work
from engine.settings import Settings
from tests.conftest import ROOT, THOROUGH

if TYPE_CHECKING:
    from engine.scenarios import Surroundings

NAMES = ("temporary-assistance", "service-rating", "so-credit", "adoption-dissolution")
PACKAGES = {name: read_package(ROOT, name) for name in NAMES}
FILES = {name: read_scenarios(package.scenarios or b"") for name, package in PACKAGES.items()}
CASES = [
    (name, case) for name, file in FILES.items() for case in (file.cases if THOROUGH else file.cases[:2])
]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    return surroundings(Settings(), tmp_path_factory.mktemp("rehearsals"))


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case.id}" for name, case in CASES])
def test_it_comes_to_what_the_scenario_comes_to(name: str, case: Any, around: Surroundings) -> None:
    """Earlier cases, refused steps, held answers: all as in the scenario itself."""
    package, cast = PACKAGES[name], FILES[name].actors
    outcome = play(package, case, cast, around)
    with rehearse(package, case, cast, around) as rehearsal:
        assert rehearsal.refusal is None
        assert rehearsal.taken == len(case.steps)
        scene = rehearsal.scene()
        assert scene is not None
        assert (scene.ended, sorted(one.element for one in scene.work)) == (
            outcome.ended,
            sorted(outcome.open),
        )
        assert rehearsal.outcome.path == outcome.path
        assert rehearsal.outcome.payments == outcome.payments
        assert rehearsal.view.row.id == scene.number
        folder = rehearsal.stage.folder
        assert folder.is_dir()
    assert not folder.exists()


def part(name: str, steps: int, **values: Any) -> Any:
    case = FILES[name].cases[0]
    return msgspec.structs.replace(case, steps=case.steps[:steps], **values)


def test_it_tells_what_can_happen_next(around: Surroundings) -> None:
    name = "temporary-assistance"
    with rehearse(PACKAGES[name], part(name, 2), FILES[name].actors, around) as rehearsal:
        scene = rehearsal.scene()
    assert scene is not None
    assert [(one.element, one.roles) for one in scene.work] == [
        ("review_papers", ("town_window",)), ("approve_small", ("town_leader",)),
    ]  # fmt: skip
    assert scene.tokens == {"review_papers": 1, "approve_small": 1}
    assert scene.running == {name}
    assert scene.messages["withdrawal"] == ("withdrawn",)
    assert [one.element for one in scene.alarms] == ["review_papers", "approve_small"]
    assert scene.work[1].variables["persons"] == 3


def test_who_nobody_answers_waits_as_long_as_it_takes(around: Surroundings) -> None:
    """A call that only a step may answer is still open a year later, and no incident; then the answer counts."""
    name = "temporary-assistance"
    waiting = [*FILES[name].cases[0].steps[:5], Action(advance="2027-08-01T09:00")]
    case = msgspec.structs.replace(FILES[name].cases[0], steps=waiting, held=["*"])
    with rehearse(PACKAGES[name], case, FILES[name].actors, around) as rehearsal:
        scene = rehearsal.scene()
        assert scene is not None
        assert [one.operation for one in scene.calls] == ["pay"]
        assert scene.calls[0].input["amount"] == 605
        assert "pay_out" in scene.tokens
        assert not scene.incidents
    answered = msgspec.structs.replace(case, steps=[*waiting, Action(answer="pay")])
    with rehearse(PACKAGES[name], answered, FILES[name].actors, around) as rehearsal:
        scene = rehearsal.scene()
        assert scene is not None
        assert not scene.calls
        assert rehearsal.outcome.payments


def test_a_refused_step_ends_it_and_is_told(around: Surroundings) -> None:
    name = "temporary-assistance"
    case = part(name, 1)
    wrong = msgspec.structs.replace(case, steps=[*case.steps, Action(task="nothing"), *case.steps])
    with rehearse(PACKAGES[name], wrong, FILES[name].actors, around) as rehearsal:
        assert getattr(rehearsal.refusal, "code", "") == "no-such-open-task"
        assert rehearsal.taken == 1
        assert rehearsal.scene() is not None
    nobody = msgspec.structs.replace(case, start=msgspec.structs.replace(case.start, data={}))
    with rehearse(PACKAGES[name], nobody, FILES[name].actors, around) as rehearsal:
        assert rehearsal.refusal is not None
        assert rehearsal.scene() is None


def work(**values: Any) -> Work:
    told: dict[str, Any] = {
        "token": 1, "element": "x", "title": "", "roles": ("clerk", "chief"), "area": "140702001", "department": None,
        "account": None, "due": None, "local": {}, "variables": {},
    }  # fmt: skip
    return Work(**{**told, **values})


def called(role: str, place: int) -> str:
    return f"{role} {place}"


def test_people_are_made_when_they_are_wanted() -> None:
    first, cast = worker({}, work(), "me", called)
    again, same = worker(cast, work(), "me", called)
    second, more = worker(cast, work(), "me", called, place=2)
    assert (first, again, second) == ("clerk", "clerk", "clerk_2")
    assert same == cast
    assert [more[one].name for one in (first, second)] == ["clerk 1", "clerk 2"]
    assert worker(cast, work(), "me", called, role="chief")[0] == "chief"
    assert worker(cast, work(area="140702002"), "me", called)[0] == "clerk_2"


def test_known_people_are_taken_and_applicants_act_for_themselves() -> None:
    known = {"anne": Cast(role=["chief", "clerk"], area="1407", name="安")}
    assert worker(known, work(), None, called)[0] == "anne"
    assert worker(known, work(department="police"), None, called)[0] == "clerk"
    assert worker(known, work(roles=("applicant",)), "me", called)[0] == "me"
    assert worker(known, work(account="someone"), "me", called)[0] == "someone"
    assert starter(known, "", "140702001", "")[0] == RESIDENT
    assert starter(known, "clerk", "140702001", "")[0] == "anne"
