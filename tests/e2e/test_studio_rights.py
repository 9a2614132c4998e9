"""The matrix of rights in Chromium: ticked, looked at as a file, saved, asked about; it works without scripts too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.studio import analyst_page, axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.e2e.serving import Serving

PROCESS = "so-rectify"
RIGHTS = f"/studio/{PROCESS}/rights"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_rights_are_ticked_looked_at_and_saved(serving: Serving, chromium: Browser, *, scripts: bool) -> None:
    page = analyst_page(chromium, serving.url, scripts=scripts)
    page.goto(f"{serving.url}{RIGHTS}")
    begin = page.locator("form[action$='/begin'] button")
    if begin.count():
        begin.click()
        expect(begin).to_have_count(0)
    box = page.locator(f"input[name='on'][value$='|{PROCESS}|archive']:not([type=hidden])").first
    rule = str(box.get_attribute("value")).replace("|", ", ")
    tick = box.is_checked()
    box.set_checked(not tick)
    page.click("button[value=preview]")
    line = page.locator("#preview pre.difference").first.locator("del" if tick else "ins")
    expect(line).to_contain_text(f"p, {rule}")
    if scripts:
        assert axe(page) == []
    page.click("button[value=save]")
    expect(page.locator(".alert.done")).to_contain_text("已保存到草稿")
    expect(page.locator(f"input[value='{rule.replace(', ', '|')}']")).to_be_checked(checked=not tick)
    # An analyst sees how many could, not who.
    page.select_option("#doing", f"{PROCESS}|see")
    page.click("section[aria-labelledby=who-title] button")
    expect(page.locator("section[aria-labelledby=who-title] [role=status]")).to_contain_text("人能做")
    expect(page.locator("section[aria-labelledby=who-title] table")).to_have_count(0)
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_who_publishes_asks_about_people_by_name(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url, account="process_admin")
    address = f"{serving.url}/studio/temporary-assistance/rights?account=beiguan.leader"
    page.goto(f"{address}&doing=temporary-assistance/town_leader|work&where=140702001001")
    could = page.locator("section[aria-labelledby=what-title]")
    expect(could.locator("tbody tr", has_text="乡镇分管领导：办理步骤")).to_contain_text("北关街道")
    who = page.locator("section[aria-labelledby=who-title]")
    expect(who.locator("tbody tr", has_text="beiguan.leader")).to_contain_text("本流程第")
    expect(who.locator("tbody tr", has_text="wujinshan.leader")).to_have_count(0)
    assert axe(page) == []
    page.context.close()
