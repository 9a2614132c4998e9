"""The clocks of a case on the office's page: the statutory and the promised one beside the deadlines of the steps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.access import Actor
from engine.commands import SubmitApplication
from engine.package import read_package
from engine.scenarios import read_scenarios
from tests.api.conftest import identity, wait_for
from tests.conftest import ROOT

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import People

START = next(
    one
    for one in read_scenarios(read_package(ROOT, "so-establish").scenarios or b"").cases
    if one.id == "SO-01"
).start.data


@pytest.fixture
def accepted(office: Office, people: People) -> str:
    """An establishment case that the window has accepted."""
    now = datetime.now(UTC)
    today = now.astimezone(office.settings.zone).date().isoformat()
    applicant = {**START["applicant"], "id_no": identity()}
    data = {**START, "name_zh": "晋中市汾河民俗研究会", "applicant": applicant, "competent_doc_date": today}
    command = SubmitApplication("clock-page", "so-establish", "1407", data, "online")
    number = str(office.bus.execute(command, Actor("clockperson"), now)["case"])
    window = people("so.window")
    wait_for(lambda: window.get(f"/api/tasks?search={number}").json()["tasks"])
    done = window.work(number, "examine_papers", {"outcome": "accept"})
    assert done.status_code == 200, done.text
    wait_for(lambda: people("so.reviewer").get(f"/api/tasks?search={number}").json()["tasks"])
    return number


def test_the_office_sees_every_clock(people: People, accepted: str) -> None:
    shown = people("so.reviewer").get(f"/cases/{accepted}", headers={"accept": "text/html"}).text
    for words in (
        "法定办理时限",
        "承诺办理时限",
        "《社会团体登记管理条例》第十二条",
        "计算中，已用",
        "实质审查（经办）",
    ):
        assert words in shown, words
