"""Every scenario of every process; the format's schema; and that a wrong expectation is noticed."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from engine.cli.play import surroundings
from engine.package import process_names, read_package
from engine.scenarios import differences, play, read_scenarios, schema
from engine.scenarios.compare import same
from engine.scenarios.model import ScenarioBroken
from engine.settings import Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from engine.scenarios import Surroundings
    from engine.scenarios.model import ScenarioCase, ScenarioFile

SETTINGS = Settings()
PACKAGES = {name: read_package(ROOT, name) for name in process_names(ROOT)}
FILES = {
    name: read_scenarios((ROOT / "workflows" / "scenarios" / f"{name}.yaml").read_bytes(), name)
    for name in process_names(ROOT)
}
CASES = [(name, case) for name, file in FILES.items() for case in file.cases]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    return surroundings(SETTINGS, tmp_path_factory.mktemp("scenarios"))


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case.id}" for name, case in CASES])
def test_every_scenario_comes_out_as_written(name: str, case: ScenarioCase, around: Surroundings) -> None:
    outcome = play(PACKAGES[name], case, FILES[name].actors, around)
    assert differences(outcome, SETTINGS.zone) == []


def test_the_schema_file_is_the_format() -> None:
    assert json.loads((ROOT / "workflows" / "scenarios" / "schema.json").read_text()) == schema()


@pytest.mark.parametrize("name", FILES)
def test_every_file_fits_the_schema(name: str) -> None:
    raw = yaml.safe_load((ROOT / "workflows" / "scenarios" / f"{name}.yaml").read_text())
    plain = json.loads(json.dumps(raw, default=lambda value: value.isoformat()))
    jsonschema.Draft202012Validator(schema()).validate(plain)


SIMPLE = FILES["temporary-assistance"].cases[0]


@pytest.mark.parametrize(
    ("expect", "word"),
    [
        ({"path": ["no_such_element"]}, "was not passed"),
        ({"not_path": ["register"]}, "should not have been"),
        ({"tasks": [{"task": "no_such_task"}]}, "never opened"),
        ({"tasks": [{"task": "register", "role": "county_leader"}]}, "expected county_leader"),
        ({"tasks": [{"task": "confirm_report", "due": "2020-01-01"}]}, "expected 2020-01-01"),
        ({"decisions": [{"decision": "no_such"}]}, "never made"),
        ({"amounts": {"need.need": 1}}, "expected 1"),
        ({"payments": [{"amount": 1}]}, "payments"),
        ({"documents": [{"document": "D99"}]}, "not issued"),
        ({"no_documents": ["D17"]}, "should not have been"),
        ({"notices": ["no_such"]}, "not sent"),
        ({"journal": [{"kind": "no_such"}]}, "no entry"),
        ({"timers": {"no_such": "2026-01-01T00:00"}}, "timer"),
        ({"incidents": [{"element": "register", "code": "x"}]}, "no incident"),
        ({"state": {"open": ["register"]}}, "open tasks"),
        ({"funds": {"140702001": 1}}, "fund"),
    ],
)
def test_a_wrong_expectation_is_noticed(expect: dict[str, Any], word: str, around: Surroundings) -> None:
    file = _with(SIMPLE.id, expect)
    outcome = play(PACKAGES["temporary-assistance"], file.cases[0], file.actors, around)
    assert any(word in line for line in differences(outcome, SETTINGS.zone))


def _with(case: str, expect: dict[str, Any]) -> ScenarioFile:
    raw = yaml.safe_load((ROOT / "workflows" / "scenarios" / "temporary-assistance.yaml").read_text())
    raw["cases"] = [{**one, "expect": expect} for one in raw["cases"] if one["id"] == case]
    return read_scenarios(
        yaml.safe_dump(
            json.loads(json.dumps(raw, default=lambda v: v.isoformat())), allow_unicode=True
        ).encode()
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("process: p\ncases: [{id: A, start: {at: x}}, {id: A, start: {at: x}}]", "stands twice"),
        ("process: p\ncases: [{id: A, start: {at: x}, steps: [{task: a, message: b}]}]", "exactly one"),
        ("process: p\ncases: [{id: A, start: {at: x}, colour: red}]", "colour"),
        ("process: [", "expected"),
        ("cases: []", "process"),
    ],
)
def test_broken_files_say_where(text: str, word: str) -> None:
    with pytest.raises(ScenarioBroken) as broken:
        read_scenarios(text.encode(), "cases.yaml")
    assert broken.value.values["file"] == "cases.yaml"
    assert word in broken.value.values["reason"]


@pytest.mark.parametrize(
    ("wanted", "found", "equal"),
    [
        (605, Decimal("605.00"), True),
        (605, Decimal("605.01"), False),
        (True, 1, False),
        (None, 0, False),
        ("2026-08-03", datetime(2026, 8, 3, 9), True),
        ({"a": 1}, {"a": Decimal(1), "b": 2}, True),
        ({"a": 1}, None, False),
        ([1, 2], [1], False),
        ("x", "x", True),
    ],
)
def test_same(wanted: Any, found: Any, equal: bool) -> None:
    assert same(wanted, found) is equal


def test_the_format_is_described() -> None:
    page = Path(ROOT / "workflows" / "README.md").read_text()
    for word in ("start", "steps", "expect", "advance", "answer", "refused", "documents", "incidents"):
        assert f"`{word}" in page or f"{word}:" in page, f"workflows/README.md does not describe {word}"
