"""One step for many cases: selected, looked at, done row by row; what failed stays ticked, and nothing is done twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.api.test_pages import enter, hidden
from tests.engine.small import ends, form, model, package, task

if TYPE_CHECKING:
    import httpx

    from engine.office import Office
    from tests.api.conftest import People

PROCESS = "notice-round"
RULES = f"p, town_window, {PROCESS}, start\np, town_window, {PROCESS}/town_window, work\np, town_window, {PROCESS}, see\n"
AREA = "140702001"
SCENARIO = f"""process: {PROCESS}
actors: {{window: {{role: town_window, area: "{AREA}"}}}}
cases:
  - id: R1
    title: put up
    start: {{at: "2026-08-03T09:00", actor: window, area: "{AREA}", data: {{}}}}
    steps: [{{task: put_up, actor: window, at: "2026-08-03T10:00", data: {{board: gate}}}}]
    expect: {{state: {{ended: false}}}}
"""


@pytest.fixture(scope="module")
def published(office: Office) -> None:
    """A process of one step that may be done for many cases at once, and one that may not."""
    elements = ends() + task("userTask", "put_up", batch="true") + task("userTask", "take_down")
    bpmn = model(
        PROCESS, {"town_window": "put_up take_down"}, elements, "begin>put_up put_up>take_down take_down>done"
    )
    forms = {"put_up": form("put_up", {"key": "board", "type": "text", "required": True, "max_length": 20})}
    forms |= {name: form(name, {"key": "note", "type": "text"}) for name in ("start", "take_down")}
    scenario = {f"workflows/scenarios/{PROCESS}.yaml": SCENARIO.encode()}
    office.publish(package(PROCESS, bpmn, RULES, forms, **scenario), "batch:publish", datetime.now(UTC))


def tasks_of(people: People, count: int) -> list[str]:
    """Open tasks of fresh cases."""
    window = people("beiguan.window")
    body = {"process": PROCESS, "area": AREA, "channel": "window", "data": {}}
    cases = [window.post("/api/applications", body).json() for _ in range(count)]
    return [window.task_of(one["case"], "put_up")["id"] for one in cases]


def done(office: Office, tasks: list[str]) -> int:
    """How many completions the journal has for these tasks."""
    total = 0
    with office.store.reading() as reader:
        for key in tasks:
            sql = "SELECT count(*) FROM journal WHERE chain = ? AND kind = 'completed'"
            total += reader.rows(sql, (key.partition(".")[0],))[0][0]
    return total


@pytest.mark.usefixtures("published")
def test_a_batch_is_shown_then_done_and_never_twice(
    browser: httpx.Client, people: People, office: Office
) -> None:
    tasks = tasks_of(people, 5)
    enter(browser, "beiguan.window")
    page = browser.get(f"/tasks?process={PROCESS}").text
    assert page.count('form="batch"') >= 5
    shown = browser.post("/tasks/batch", data={"command": "b1", "task": tasks})
    assert shown.text.count('name="task"') == 5
    assert done(office, tasks) == 0
    # One of them is done by other means meanwhile: that row fails, the others go on.
    people("beiguan.window").work(tasks[2].partition(".")[0], "put_up", {"board": "门口"})
    sent = {"command": hidden(shown.text, "command"), "task": tasks, "go": "run", "f.board": "公告栏"}
    told = browser.post("/tasks/batch", data=sent).text
    assert "成功 4 件，失败 1 件" in told
    assert done(office, tasks) == 5
    still = re.findall(r'name="task" value="([^"]+)" checked', told)
    assert still == [tasks[2]]
    again = browser.post("/tasks/batch", data=sent).text
    assert "成功 4 件，失败 1 件" in again
    assert done(office, tasks) == 5


@pytest.mark.usefixtures("published")
def test_wrong_answers_fail_row_by_row_and_one_row_answers_in_json(
    browser: httpx.Client, people: People, office: Office
) -> None:
    tasks = tasks_of(people, 2)
    enter(browser, "beiguan.window")
    told = browser.post("/tasks/batch", data={"command": "b2", "task": tasks, "go": "run", "f.board": ""})
    assert "成功 0 件，失败 2 件" in told.text
    assert done(office, tasks) == 0
    sent = {"command": "b2", "task": tasks[0], "only": tasks[0], "go": "run", "f.board": "村口"}
    for _ in range(2):
        assert browser.post("/tasks/batch", data=sent).json()["ok"] is True
    assert done(office, tasks) == 1


@pytest.mark.usefixtures("published")
def test_only_what_the_model_allows_goes_together(browser: httpx.Client, people: People) -> None:
    first, second = tasks_of(people, 2)
    window = people("beiguan.window")
    window.work(second.partition(".")[0], "put_up", {"board": "门口"})
    other = window.task_of(second.partition(".")[0], "take_down")["id"]
    enter(browser, "beiguan.window")
    told = browser.post("/tasks/batch", data={"command": "b3", "task": [first, other, "no.1"]}).text
    assert "这一步不能批量办理" in told
    assert told.count('name="task"') == 1
    assert browser.post("/tasks/batch", data={"command": "b4", "task": ["x.1"] * 300}).status_code == 200
    many = [f"x.{number}" for number in range(300)]
    assert browser.post("/tasks/batch", data={"command": "b5", "task": many}).status_code == 400
