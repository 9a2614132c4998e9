"""Issue 7: the annual inspection of hundreds of organisations in one batch: progress, results, letters, no double."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engine.cli.play import surroundings
from engine.package import read_package
from engine.settings import read_settings
from tests.conftest import ROOT, THOROUGH
from tests.processes.inspection import fate, inspect, key

ORGANISATIONS = 500 if THOROUGH else 20
#: What each result issues: one conclusion, before it a reminder where the report was late.
LETTERS = {
    "exempt": ["AN2"],
    "filed": ["AN1"],
    "pass": ["AN1"],
    "fail": ["AN1"],
    "not-inspected": ["AN1", "AN3"],
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Any:
    around = surroundings(read_settings(), tmp_path_factory.mktemp("campaign"))
    found = inspect(read_package(ROOT, "so-annual"), around, ORGANISATIONS)
    print(
        f"{ORGANISATIONS} organisations, {found.opened} cases, {found.seconds:.1f} s,"
        f" results {found.view.results}, opened beside {found.others}"
    )
    return found


def test_every_organisation_comes_to_its_result(done: Any) -> None:
    wanted = {key(n): fate(n) for n in range(ORGANISATIONS) if fate(n)}
    assert {line.subject: line.result for line in done.view.lines[:200]} == dict(list(wanted.items())[:200])
    assert done.view.results == dict(sorted(Counter(wanted.values()).items()))
    assert done.view.states == {"waiting": 0, "refused": 0, "open": 0, "ended": len(wanted)}
    assert done.view.steps == {}


def test_nobody_is_inspected_twice(done: Any) -> None:
    fitting = sum(1 for n in range(ORGANISATIONS) if fate(n))
    assert done.opened == fitting == done.view.fitting
    assert done.again == {"campaign": None, "fitting": fitting, "opened": 0, "already": fitting}


def test_each_gets_its_letters_once(done: Any) -> None:
    for line in done.view.lines:
        number = int(line.subject[10:17])
        late = ["AN3"] if number % 10 == 3 else []
        wanted = LETTERS.get(line.result, ["AN1"]) + late
        assert sorted(done.papers[line.case]) == sorted(wanted), line


def test_what_follows_is_opened_once_each(done: Any) -> None:
    tens = ORGANISATIONS // 10
    assert done.others == {"so-credit": 2 * tens, "so-rectify": 3 * tens}
    assert done.incidents == []
