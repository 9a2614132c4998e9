"""Migration in the studio: planned with reasons, proposed by one, started by another, followed, exported."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.commands import Publish, SubmitApplication
from engine.office import SYSTEM
from engine.package import Package, pack
from tests.engine.small import RULES, ends, form, model, package, person, task
from tests.studio.conftest import SHORT
from tests.studio.pages import posted

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

PROCESS = "move-house"
AREA = "140702001"


def house(look: str = "look", more: str = "") -> Package:
    """begin -> `look` -> (`more` ->) done."""
    steps = [look, *([more] if more else [])]
    elements = ends() + "".join(task("userTask", name) for name in steps)
    flows = " ".join(f"{a}>{b}" for a, b in zip(["begin", *steps], [*steps, "done"], strict=True))
    forms = {"start": form("start", {"key": "reason", "type": "text", "required": True})}
    bpmn = model(PROCESS, {"clerk": " ".join(steps)}, elements, flows)
    return package(PROCESS, bpmn, RULES.format(PROCESS), forms)


@pytest.fixture(scope="module")
def versions(bureau: Office) -> list[Package]:
    """Version 1 with three open cases; version 2 calls its step otherwise, version 3 asks one more."""
    now = datetime.now(UTC)
    found = [house(), house("examine"), house("examine", "sign")]
    for number, each in enumerate(found):
        publish(bureau, each)
        if number == 0:
            bureau.refresh()
            for place in range(3):
                wish = SubmitApplication(f"h{place}", PROCESS, AREA, {"reason": "x"}, channel="window")
                bureau.bus.execute(wish, person("ann"), now)
    bureau.refresh()
    return found


def publish(bureau: Office, each: Package) -> None:
    """Without the tree's checks, which this small model would not pass."""
    office = bureau.bus.office
    bureau.bus.office = replace(office, check=lambda _: None)
    wish = Publish(f"publish-{each.digest}", PROCESS, archive=pack(each))
    bureau.bus.execute(wish, SYSTEM, datetime.now(UTC))
    bureau.bus.office = office


def figures(text: str) -> list[str]:
    return re.findall(r'<div class="figure"><strong class="num"[^>]*>(\d+)<', text)


def test_strangers_and_clerks_see_nothing(staff: People, versions: list[Package]) -> None:
    assert staff(None).get(f"/studio/{PROCESS}/migrate").status_code in (303, 401)
    assert staff("beiguan.window").get(f"/studio/{PROCESS}/migrate").status_code == 404
    assert staff("beiguan.window").get(f"/studio/{PROCESS}/migrate-plan.csv").status_code == 404


def test_the_plan_tells_who_can_go_and_why_not(analyst: Caller, versions: list[Package]) -> None:
    # The likely names are chosen beforehand; without them every case stays, and the page says why.
    assert figures(analyst.get(f"/studio/{PROCESS}/migrate?to=2").text) == ["3", "0"]
    text = analyst.get(f"/studio/{PROCESS}/migrate?to=2&name.look=").text
    assert figures(text) == ["0", "3"]
    assert "停在“look”，新版本里没有这个环节。" in text
    english = analyst.get(f"/studio/{PROCESS}/migrate?to=2&name.look=&language=en").text
    assert "Stands at “look”, which the new version lacks." in english
    table = analyst.get(f"/studio/{PROCESS}/migrate-plan.csv?to=2&name.look=").content.decode("utf-8-sig")
    assert len(table.splitlines()) == 4
    assert "留在原版本" in table
    assert analyst.get(f"/studio/{PROCESS}/migrate?to=9").status_code == 404
    wrong = analyst.get(f"/studio/{PROCESS}/migrate?to=2&name.look=done")
    assert (wrong.status_code, "两个环节的类型不同" in wrong.text) == (422, True)


def test_proposed_started_and_followed(
    analyst: Caller, other: Caller, publisher: Caller, bureau: Office, versions: list[Package]
) -> None:
    made = posted(
        analyst,
        f"/studio/{PROCESS}/migrate",
        follow=False,
        to="2",
        note="新的名称",
        **{"name.look": "examine"},
    )
    assert made.status_code == 303, made.text
    page = made.headers["location"]
    assert "等待流程管理员或系统管理员启动" in analyst.get(page).text
    assert posted(analyst, page, what="start", revision="1").status_code == 403
    assert posted(other, page, what="stop").status_code == 403
    assert "启动迁移" in publisher.get(page).text
    assert posted(publisher, page, follow=False, what="start", revision="1").status_code == 303
    text = publisher.get(page).text
    assert f'data-poll="{page}/progress"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    bureau.relay.carrier.drain()
    part = publisher.get(f"{page}/progress").text
    assert figures(part) == ["0", "3", "0", "0"]
    assert "迁移已结束" in part
    table = publisher.get(f"{page}/cases.csv").content.decode("utf-8-sig")
    assert table.count("已迁移") == 3
    assert PROCESS in publisher.get(f"/studio/{PROCESS}/migrate").text
    with bureau.store.reading() as reader:
        found = reader.rows("SELECT DISTINCT package FROM cases WHERE process = ?", (PROCESS,))
    assert found == [(versions[1].digest,)]


def test_whoever_proposed_does_not_start(publisher: Caller, versions: list[Package]) -> None:
    page = posted(publisher, f"/studio/{PROCESS}/migrate", follow=False, to="3", note="x").headers["location"]
    assert "这是您提出的" in publisher.get(page).text
    refused = posted(publisher, page, what="start", revision="1")
    assert (refused.status_code, "须由另一人启动" in refused.text) == (403, True)
    assert posted(publisher, page, follow=False, what="end").status_code == 303
    assert "提议已撤回" in publisher.get(page).text
    assert posted(publisher, page, what="fly").status_code == 400


def test_a_migration_is_decided_at_its_own_process_only(publisher: Caller, versions: list[Package]) -> None:
    page = posted(publisher, f"/studio/{PROCESS}/migrate", follow=False, to="3", note="x").headers["location"]
    elsewhere = page.replace(PROCESS, SHORT)
    assert posted(publisher, elsewhere, what="end").status_code == 404
    assert publisher.get(elsewhere).status_code == 404
    assert "提议已撤回" not in publisher.get(page).text
    assert posted(publisher, page, follow=False, what="end").status_code == 303
