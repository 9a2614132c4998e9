"""Steps of scenarios that are no completed task: sent back, handed on, asked about, signed by more, as the engine does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec
import pytest

from engine.cli.play import surroundings
from engine.core.verbs_offer import VERBS
from engine.package import Package, read_package
from engine.scenarios import play, read_scenarios, rehearse
from engine.scenarios.model import ScenarioBroken, Verb
from engine.scenarios.verbs import COMMANDS
from engine.scenarios.write import write_case
from engine.settings import Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from engine.scenarios import Surroundings
    from engine.scenarios.outcome import Outcome

NAME = "service-rating"
HEAD = """
process: service-rating
actors:
  leader: {role: town_leader, area: "140702001", name: 刘建国}
  county: {role: county_officer, area: "140702", name: 县民政}
  deputy: {role: county_officer, area: "140702", name: 副手}
  head: {role: county_leader, area: "140702", name: 县负责人}
  boss: {role: administrator}
cases:
- id: case
  start: {at: '2026-09-24T09:00', actor: county, area: '140702001001', data: {rated_case: 140702MZ202609200001, grade: 1}}
  steps:
"""
CALLED = "{task: call_back, actor: %s, data: {reached: true, findings: 属实, outcome: justified}}"
FIXED = "{task: fix, actor: %s, data: {measures: 增加一人, answer: 对不起}}"


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    return surroundings(Settings(), tmp_path_factory.mktemp("verbs"))


@pytest.fixture(scope="module")
def package() -> Package:
    return read_package(ROOT, NAME)


def played(package: Package, around: Surroundings, *steps: str) -> Outcome:
    file = read_scenarios((HEAD + "".join(f"  - {one}\n" for one in steps)).encode())
    return play(package, file.cases[0], file.actors, around)


def kinds(outcome: Outcome) -> list[str]:
    return [one["kind"] for one in outcome.journal]


WAYS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "sent back and done again": (
        (
            CALLED % "county",
            "{verb: send_back, step: fix, actor: leader, data: {target: call_back, reason: 没有写清}}",
            CALLED % "county",
            FIXED % "leader",
        ),
        ["claimed", "sent-back", "completed"],
    ),
    "sent back and straight to the sender": (
        (
            CALLED % "county",
            "{verb: send_back, step: fix, actor: leader, data: {target: call_back, straight: true, items: [{reason: 时间}]}}",
            CALLED % "county",
            FIXED % "leader",
        ),
        ["sent-back"],
    ),
    "taken back": (
        (
            CALLED % "county",
            "{verb: take_back, step: call_back, actor: county}",
            CALLED % "county",
            FIXED % "leader",
        ),
        ["taken-back"],
    ),
    "handed on": (
        (
            "{verb: transfer, step: call_back, actor: county, data: {account: deputy, reason: 休假}}",
            CALLED % "deputy",
            FIXED % "leader",
        ),
        ["claimed", "transferred"],
    ),
    "asked about": (
        (
            "{verb: delegate, step: call_back, actor: county, data: {account: head, question: 怎么看}}",
            "{task: call_back, actor: county, data: {reached: true, findings: 属实, outcome: justified}, refused: delegated}",
            "{verb: return_delegated, step: call_back, actor: head, data: {answer: 属实}}",
            CALLED % "county",
            FIXED % "leader",
        ),
        ["delegated", "answered-back"],
    ),
    "copied and urged": (
        (
            "{verb: copy, step: call_back, actor: county, data: {accounts: [head], note: 请看}}",
            "{verb: urge, step: call_back, actor: county, data: {note: 快}}",
            "{verb: urge, step: call_back, actor: county, refused: too-often}",
            CALLED % "county",
            FIXED % "leader",
        ),
        ["copied", "urged"],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_verb_is_a_step(package: Package, around: Surroundings, way: str) -> None:
    steps, wanted = WAYS[way]
    outcome = played(package, around, *steps)
    assert outcome.faults == []
    assert outcome.ended
    told = iter(kinds(outcome))
    assert all(kind in told for kind in wanted), kinds(outcome)


def test_more_signers_and_fewer(around: Surroundings) -> None:
    tree = read_package(ROOT, NAME)
    path = f"workflows/bpmn/{NAME}.bpmn"
    here = b'<bpmn:userTask id="fix" name="\xe6\x95\xb4\xe6\x94\xb9\xe5\xb9\xb6\xe7\xad\x94\xe5\xa4\x8d">'
    content = tree.files[path]
    begin = content.index(b"<spiffworkflow:properties>", content.index(here))
    offered = b'<spiffworkflow:properties><spiffworkflow:property name="verbs" value="add_signer" />'
    changed = content[:begin] + offered + content[begin + len(b"<spiffworkflow:properties>") :]
    package = Package(NAME, {**tree.files, path: changed})
    asked = "{verb: add_signer, step: fix, actor: county, data: {account: %s, place: parallel}}"
    outcome = played(
        package,
        around,
        CALLED % "county",
        asked % "leader",
        asked % "deputy",
        "{verb: drop_signer, step: fix, actor: county, data: {account: deputy}}",
        FIXED % "deputy",
    )
    # Whom nobody asks any more cannot sign; the others can.
    assert [fault.code for fault in outcome.faults] == ["step-refused"]
    assert sorted(outcome.open) == ["fix", "fix"]
    assert kinds(outcome).count("signer-added") == 2
    assert "signer-dropped" in kinds(outcome)


def test_what_the_engine_refuses_is_told(package: Package, around: Surroundings) -> None:
    """Only people of the cast take work, who may; the words of the step must be those of the verb."""
    for step, code in (
        ("{verb: transfer, step: call_back, actor: county, data: {account: nobody}}", "not-found"),
        ("{verb: transfer, step: call_back, actor: county, data: {account: head}}", "forbidden"),
        ("{verb: send_back, step: fix, actor: county, data: {target: call_back}}", "no-such-open-task"),
        ("{verb: add_signer, step: call_back, actor: county, data: {account: deputy}}", "not-offered"),
        ("{verb: copy, step: call_back, actor: county, data: {account: head}}", "verb-data"),
        ("{verb: urge, step: call_back, actor: county, data: {note: 3}}", "verb-data"),
        ("{verb: jump, step: call_back, actor: county, data: {target: fix, reason: x}}", "forbidden"),
    ):
        outcome = played(package, around, step.replace("}}", "}, refused: " + code + "}"))
        assert outcome.faults == [], step
        assert outcome.open == ["call_back"], step
    jumped = played(
        package, around, "{verb: jump, step: call_back, actor: boss, data: {target: fix, reason: x}}"
    )
    assert (jumped.faults, jumped.open) == ([], ["fix"])


def test_a_verb_names_its_step() -> None:
    for step in (
        "{verb: urge}",
        "{step: fix, task: fix}",
        "{verb: dance, step: fix}",
        "{verb: urge, step: a, task: a}",
    ):
        with pytest.raises(ScenarioBroken):
            read_scenarios(f"{HEAD}  - {step}\n".encode())


def test_every_verb_of_the_model_can_be_a_step() -> None:
    assert set(get_args(Verb)) == set(COMMANDS)
    assert set(COMMANDS) >= VERBS


def test_a_verb_is_kept_in_the_file_as_it_was_played(package: Package, around: Surroundings) -> None:
    steps = "".join(f"  - {one}\n" for one in WAYS["handed on"][0])
    file = read_scenarios((HEAD + steps).encode())
    case = msgspec.structs.replace(file.cases[0], id="kept")
    kept = read_scenarios(write_case(package.scenarios, NAME, case, dict(file.actors)))
    assert kept.cases[-1].steps == case.steps
    with rehearse(package, kept.cases[-1], kept.actors, around) as rehearsal:
        assert rehearsal.refusal is None
        assert rehearsal.outcome.ended


def test_a_held_task_is_its_holders(package: Package, around: Surroundings) -> None:
    """The scene of a play tells who holds a task, and whom it asked."""
    steps = WAYS["asked about"][0][:1]
    file = read_scenarios((HEAD + "".join(f"  - {one}\n" for one in steps)).encode())
    with rehearse(package, file.cases[0], file.actors, around) as rehearsal:
        scene = rehearsal.scene()
        assert scene is not None
        (work,) = scene.work
        assert (work.holder, work.asked) == ("county", "head")
