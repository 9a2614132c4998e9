"""Scenario files changed as text: the change is there, and nothing else is touched."""

from __future__ import annotations

import difflib
import random
from copy import deepcopy
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.scenarios.model import Action, Beginning, Cast, ScenarioCase, plain_scenarios, read_scenarios
from engine.scenarios.write import remove_case, write_case
from engine.scenarios.yaml_text import TextKnotted, alike, amended
from tests.conftest import ROOT

FILES = sorted((ROOT / "workflows" / "scenarios").glob("*.yaml"))
TEXT = """\
# 谁写的：分析员
process: relief   # 一个过程
cases:
# 第一件
- id: one
  title: 第一件   # 名称后的说明
  start: {at: "2026-07-06T09:00", data: {amount: 5}}   # 申请
  steps:
  # 先登记
  - {task: register, actor: window}
  - {task: approve, actor: leader, data: {amount: 605, when: 2026-07-06}}

  expect:
    path: [register, approve]
    # 钱
    amounts: {paid: 605}

# 第二件
- id: two
  start: {at: "2026-07-07T09:00"}
"""


def read(text: str) -> Any:
    return plain_scenarios(text.encode())


def changed_lines(before: str, after: str) -> list[str]:
    return [one for one in difflib.ndiff(before.splitlines(), after.splitlines()) if one[0] in "+-"]


def test_one_value_changes_one_line() -> None:
    wanted = read(TEXT)
    wanted["cases"][0]["steps"][1]["data"]["amount"] = Decimal("600.50")
    assert changed_lines(TEXT, amended(TEXT, wanted, read)) == [
        "-   - {task: approve, actor: leader, data: {amount: 605, when: 2026-07-06}}",
        "+   - {task: approve, actor: leader, data: {amount: 600.50, when: 2026-07-06}}",
    ]


def test_a_step_is_added_behind_the_last() -> None:
    wanted = read(TEXT)
    wanted["cases"][0]["steps"].append({"message": "withdrawal", "at": "2026-07-08T09:00"})
    assert changed_lines(TEXT, amended(TEXT, wanted, read)) == [
        "+   - {message: withdrawal, at: '2026-07-08T09:00'}"
    ]


def test_a_step_between_two_and_one_at_the_front() -> None:
    wanted = read(TEXT)
    wanted["cases"][0]["steps"].insert(1, {"advance": "2026-07-08"})
    assert changed_lines(TEXT, amended(TEXT, wanted, read)) == ["+   - {advance: 2026-07-08}"]
    wanted["cases"][0]["steps"].insert(0, {"advance": "2026-07-07"})
    assert read(amended(TEXT, wanted, read)) == wanted


def test_what_goes_goes_alone() -> None:
    wanted = read(TEXT)
    del wanted["cases"][0]["steps"][0]
    del wanted["cases"][0]["title"]
    assert changed_lines(TEXT, amended(TEXT, wanted, read)) == [
        "-   title: 第一件   # 名称后的说明",
        "-   - {task: register, actor: window}",
    ]


def test_a_list_that_becomes_empty_and_one_that_begins() -> None:
    wanted = read(TEXT)
    wanted["cases"][0]["steps"] = []
    wanted["cases"][1]["steps"] = [{"task": "register", "actor": "window"}]
    after = amended(TEXT, wanted, read)
    assert read(after) == wanted
    assert "# 第二件" in after
    assert "# 谁写的：分析员" in after


def test_a_written_case_is_found_again_and_all_else_stays() -> None:
    case = ScenarioCase(
        id="three",
        title="第三件：带：冒号 # 和井号",
        start=Beginning(
            at="2026-07-08T09:00",
            actor="new",
            data={"note": "两行\n字", "yes": "true", "amount": Decimal("12.50")},
        ),
        steps=[
            Action(task="register", actor="window", data={"ok": True, "day": "2026-07-08", "code": "0012"})
        ],
    )
    after = write_case(TEXT.encode(), "relief", case, {"new": Cast(role="clerk", area="1407")})
    assert after.decode().startswith(TEXT.rstrip("\n"))
    file = read_scenarios(after)
    assert file.cases[-1] == case
    assert file.actors == {"new": Cast(role="clerk", area="1407")}
    assert remove_case(after, "three").decode().startswith(TEXT.rstrip("\n"))


def test_a_first_case_makes_the_file() -> None:
    case = ScenarioCase(id="first", start=Beginning(at="2026-07-08T09:00"))
    made = write_case(None, "relief", case, {})
    assert made.decode() == "process: relief\ncases:\n- {id: first, start: {at: '2026-07-08T09:00'}}\n"
    assert read_scenarios(made).cases == [case]


def test_what_hangs_together_is_not_torn() -> None:
    text = "process: relief\ncases:\n- id: a\n  start: &s {at: '2026-07-06'}\n- id: b\n  start: *s\n"
    wanted = read(text)
    wanted["cases"] = deepcopy(wanted["cases"])
    wanted["cases"][0]["start"] = {"at": "2026-07-07"}
    with pytest.raises(TextKnotted):
        amended(text, wanted, read)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_files_of_the_tree_are_kept_and_changed(path: Any) -> None:
    """Every case written again as it is changes nothing; random changes come out as wanted and touch nothing else."""
    content = path.read_bytes()
    file = read_scenarios(content)
    for case in file.cases[:: max(1, len(file.cases) // 4)]:
        assert write_case(content, file.process, case, {}) == content, case.id
    text = content.decode()
    chance = random.Random(path.stem)
    for _ in range(4):
        wanted = deepcopy(read(text))
        case = chance.choice(wanted["cases"])
        _disturb(case, chance)
        after = amended(text, wanted, read)
        assert alike(read(after), wanted)
        kept = [one for one in read(text)["cases"] if one["id"] != case.get("id")]
        assert [one for one in read(after)["cases"] if one["id"] != case.get("id")] == kept
        assert len(changed_lines(text, after)) < 12 + 3 * len(str(case)) / 60


def _disturb(case: dict[str, Any], chance: random.Random) -> None:
    steps = case.setdefault("steps", [])
    match chance.randrange(5):
        case 0:
            steps.insert(chance.randint(0, len(steps)), {"advance": "2026-09-09T09:00"})
        case 1 if steps:
            steps.pop(chance.randrange(len(steps)))
        case 2 if steps:
            chance.choice(steps)["at"] = "2026-12-12T12:12"
        case 3:
            case["title"] = f"新名称 {chance.random()}"
        case _:
            case.setdefault("expect", {})["state"] = {"ended": True, "open": []}


def test_numbers_and_truth_are_told_apart() -> None:
    assert alike({"a": [1, Decimal("2.0")]}, {"a": [Decimal(1), 2]})
    assert not alike(True, 1)
    assert not alike({"a": 1}, {"a": "1"})
    assert msgspec.convert({"id": "x", "start": {"at": "y"}}, ScenarioCase).id == "x"
