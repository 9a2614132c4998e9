"""An analyst plans a migration in a browser, a process administrator starts it and watches it to the end."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from api.app import create_app
from api.auth import hash_password
from engine.commands import ClaimTask, CompleteTask, SubmitApplication
from engine.demonstration import PASSWORD, furnish
from engine.office import SYSTEM, Office, open_office
from engine.settings import Settings
from tests.api.serving import served
from tests.e2e.checks import at_widths, findings
from tests.e2e.people import DESK, leading, open_page, sent, sign_in
from tests.engine.migrated import faults
from tests.engine.small import person
from tests.studio.conftest import small_tree
from tests.studio.test_migration import AREA, PROCESS, house, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CASES = 40


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Forty open cases on version 1, ten of them at its second step, which version 2 lacks; nothing is carried out yet."""
    folder = tmp_path_factory.mktemp("moving")
    opened = open_office(Settings(root=small_tree(folder / "tree"), data=folder / "data"))
    now = datetime.now(UTC)
    opened.publish_tree(now)
    furnish(opened, SYSTEM, hash_password(PASSWORD), now)
    publish(opened, house("look", "weigh"))
    opened.refresh()
    for number in range(CASES):
        wish = SubmitApplication(f"m{number}", PROCESS, AREA, {"reason": "x"}, channel="window")
        task = opened.bus.execute(wish, person("ann"), now)["opened"][0]
        if number % 4 == 0:
            finish(opened, task)
    publish(opened, house("examine", "sign"))
    opened.refresh()
    yield opened
    opened.close()


def finish(office: Office, task: str) -> None:
    """Claim and complete as a clerk does."""
    clerk, now = person("kai"), datetime.now(UTC)
    revision = office.bus.execute(ClaimTask(f"c-{task}", task), clerk, now)["revision"]
    office.bus.execute(CompleteTask(f"d-{task}-{revision}", task, revision), clerk, now)


@pytest.fixture(scope="module")
def address(bureau: Office) -> Iterator[str]:
    """A real server over the office."""
    with served(create_app(bureau)) as url:
        yield url


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look (BANJIAN_PICTURES names the folder)."""
    if folder := os.environ.get("BANJIAN_PICTURES"):
        page.screenshot(path=f"{folder}/migration-{name}.png", full_page=True)


def entered(chromium: Browser, address: str, account: str, *, scripts: bool = True) -> Page:
    """A fresh page of somebody who is signed in."""
    page = open_page(chromium, DESK, scripts=scripts)
    sign_in(page, address, account)
    return page


def figures(page: Page) -> list[int]:
    return [int(text) for text in page.locator(".figure strong").all_inner_texts()]


def test_a_migration_from_plan_to_end(address: str, bureau: Office, chromium: Browser) -> None:
    analyst = entered(chromium, address, "analyst")
    analyst.goto(f"{address}/studio/{PROCESS}/migrate")
    # Both renamed steps stand between other neighbours now: nothing is guessed, and nothing could go.
    assert figures(analyst) == [0, CASES]
    assert findings(analyst) == []
    analyst.select_option("select[name='name.look']", "examine")
    with leading(analyst, "**/migrate?to=*"):
        analyst.click("#plan button")
    assert figures(analyst) == [CASES * 3 // 4, CASES // 4]
    assert "停在“weigh”" in analyst.inner_text("main")
    assert at_widths(analyst, 390, 1280) == []
    shot(analyst, "plan")
    analyst.fill("#note", "步骤改了名")
    with leading(analyst, "**/migrate/move-house-*"):
        analyst.click("form.migration-plan[method=post] button")
    assert "等待流程管理员或系统管理员启动" in analyst.inner_text("main")
    page = analyst.url
    assert findings(analyst) == []

    admin = entered(chromium, address, "process_admin")
    admin.goto(page)
    with sent(admin):
        admin.click("button[value=start]")
    assert "正在后台逐件迁移" in admin.inner_text("#progress")
    # Whoever is signed out meanwhile is told so, and sees no page within the page.
    analyst.reload()
    analyst.context.clear_cookies()
    told = analyst.locator("#progress [role=alert]")
    told.wait_for()
    assert told.inner_text().startswith("进度不再更新")
    assert analyst.locator("#progress form").count() == 0
    assert len(figures(analyst)) == 4
    bureau.relay.start()
    admin.locator("#progress", has_text="留在原版本，每当它们向前走了一步就再试一次").wait_for(timeout=60_000)
    assert figures(admin) == [0, CASES * 3 // 4, CASES // 4, 0]
    shot(admin, "standing")
    assert at_widths(admin, 390, 1280) == []

    # Clerks finish what stayed, on its version; then the migration has nothing left to do.
    with bureau.store.reading() as reader:
        left = reader.rows("SELECT id FROM task WHERE element = 'weigh' AND state = 'open'")
    for (task,) in left:
        finish(bureau, task)
    bureau.store.run("UPDATE migration_case SET due = ?", (datetime.now(UTC),))
    admin.locator("#progress", has_text="迁移已结束").wait_for(timeout=60_000)
    assert figures(admin) == [0, CASES * 3 // 4, 0, CASES // 4]
    assert findings(admin) == []
    assert faults(bureau.store, bureau.versions) == []


def test_without_scripts(address: str, chromium: Browser) -> None:
    page = entered(chromium, address, "process_admin", scripts=False)
    page.goto(f"{address}/studio/{PROCESS}/migrate?to=1")
    assert "这不是新申请所用的版本" in page.inner_text("main")
    page.fill("#note", "退回")
    with leading(page, "**/migrate/move-house-*"):
        page.click("form.migration-plan[method=post] button")
    assert "这是您提出的" in page.inner_text("main")
    page.click("button[value=end]")
    page.locator("#progress", has_text="提议已撤回").wait_for()
    assert "提议已撤回" in page.inner_text("main")
