"""A story with the model it was lived with comes to what it came to, for the worked cases of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.cli.play import surroundings
from engine.core.state import restore
from engine.package import process_names, read_package
from engine.replay import Ending, Story, play, read_story
from engine.scenarios import read_scenarios
from engine.scenarios import run as scenarios
from engine.settings import Settings
from tests.conftest import ROOT, THOROUGH

if TYPE_CHECKING:
    from engine.package import Package
    from engine.scenarios import Surroundings


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    return surroundings(Settings(), tmp_path_factory.mktemp("replayed"))


class Lived:
    """What a scenario left in its database."""

    def __init__(self, stage: Any, number: str, path: list[str]) -> None:
        self.path = path
        with stage.store.reading() as reader:
            self.story: Story = read_story(reader, number)
            marking, variables, state = reader.rows(
                "SELECT marking, variables, state FROM cases WHERE id = ?", (number,)
            )[0]
            self.decided = dict(
                reader.rows(
                    "SELECT json_extract(body, '$.decision'), count(*) FROM journal"
                    " WHERE chain = ? AND kind = 'decided' GROUP BY 1",
                    (number,),
                )
            )
            self.tasks = reader.rows("SELECT count(*) FROM task WHERE case_id = ?", (number,))[0][0]
        self.world = stage.bus.office.world
        self.variables = dict(restore(marking, variables).variables)
        self.ended = state == "ended"


def lived(
    monkeypatch: pytest.MonkeyPatch, package: Package, case: Any, cast: Any, around: Surroundings
) -> Lived | None:
    kept: list[Lived] = []
    read = scenarios.read_outcome

    def reading(stage: Any, outcome: Any) -> None:
        read(stage, outcome)
        kept.append(Lived(stage, outcome.number, outcome.path))

    monkeypatch.setattr(scenarios, "read_outcome", reading)
    outcome = scenarios.play(package, case, cast, around)
    return kept[0] if kept and not outcome.incidents else None


@pytest.mark.parametrize("name", process_names(ROOT))
def test_a_story_comes_to_what_it_came_to(
    name: str, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = read_package(ROOT, name)
    file = read_scenarios((ROOT / "workflows" / "scenarios" / f"{name}.yaml").read_bytes(), name)
    compared = 0
    for case in file.cases if THOROUGH else file.cases[::8]:
        with monkeypatch.context() as patch:
            was = lived(patch, package, case, file.actors, around)
        if was is None or not was.ended:
            continue
        again: Ending = play(package, was.story, was.world)
        assert again.ended, (case.id, again.unmet, again.incidents)
        assert not again.unmet, case.id
        assert dict(again.variables) == was.variables, case.id
        assert set(again.decisions) == set(was.decided), case.id
        assert len(again.work) == was.tasks, case.id
        assert again.ended_at == was.story.ended_at, case.id
        # Judged again by the same forms, the same answers are taken, and what was proposed is proposed.
        judged = play(package, was.story, was.world, again.habits)
        assert judged.ended, (case.id, judged.unmet)
        assert dict(judged.variables) == was.variables, case.id
        assert judged.passed == again.passed, case.id
        steps = [element for element in again.passed if element in package.definition.nodes]
        assert steps == was.path, case.id
        compared += 1
    print(f"{name}: {compared} of {len(file.cases)} replayed")
