"""The studio's own pages in Chromium: a process from nothing to published, a model of another tool taken in; axe on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.checks import findings
from tests.e2e.studio import analyst_page, axe
from tests.studio.foreign_models import CAMUNDA_7

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

NAME = "seed-lending"
#: Work beside the server waits for the relay and begins a process; a slow machine may take its time.
LONG = 120_000
PHONE = {"width": 390, "height": 844}


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in both widths."""
    wide = dict(page.viewport_size or {})
    found = [*axe(page), *findings(page)]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found += findings(page)
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    return found


def test_a_process_from_nothing_is_published_by_a_second_person(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}/studio")
    expect(page.locator("tbody tr", has_text="temporary-assistance")).to_contain_text("已发布")
    assert looked_at(page) == []
    page.click("a[href='/studio/new']")
    expect(page.locator("#title")).to_be_visible()
    assert looked_at(page) == []
    page.fill("#title", "良种出借")
    page.fill("#name", "Seed Lending")
    page.select_option("#role", "town_window")
    page.click("form[action='/studio/new'] button")
    expect(page.locator("#name-wrong")).to_contain_text("小写英文")
    assert looked_at(page) == []
    page.fill("#name", NAME)
    page.fill("#title_en", "Lending of seed")
    page.click("form[action='/studio/new'] button")
    expect(page.locator("h1")).to_contain_text("良种出借")
    expect(page.locator(".chip").first).to_have_text("草稿")
    assert looked_at(page) == []
    page.click("nav.studio-tabs a[href$='/publish']")
    expect(page.locator("#checks")).to_be_visible()
    page.click("form[action$='/publish/try'] button")
    # They are played beside the server; the page comes anew when that is over.
    expect(page.locator("#scenarios.good")).to_contain_text("个场景全部通过", timeout=LONG)
    expect(page.locator("ul.checks li.good")).to_have_count(2)
    page.fill("form[action$='/publish/ask'] textarea", "新办法自十二月起施行")
    page.click("form[action$='/publish/ask'] button")
    expect(page.locator(".chip").first).to_have_text("待审")
    assert looked_at(page) == []
    second = analyst_page(chromium, serving.url, account="process_admin")
    second.goto(f"{serving.url}/studio/{NAME}/publish?language=en")
    expect(second.locator(".note-text").first).to_contain_text("新办法自十二月起施行")
    assert looked_at(second) == []
    second.click(f"form[action='/studio/{NAME}/publish'] button")
    expect(second.locator(".alert.done")).to_contain_text("Published")
    assert looked_at(second) == []
    page.goto(f"{serving.url}/services/{NAME}")
    expect(page.locator("h1")).to_contain_text("良种出借")
    # The name that was refused on purpose is the only trouble there was.
    assert [one for one in page.troubles if "/studio/new" not in one] == []  # type: ignore[attr-defined]
    page.context.close()
    second.context.close()


def test_a_model_of_another_tool_says_what_cannot_run(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url, account="analyst2")
    page.goto(f"{serving.url}/studio/new")
    page.set_input_files("#file", files=[{"name": "a.bpmn", "mimeType": "text/xml", "buffer": CAMUNDA_7}])
    page.fill("#import_name", "invoice-check")
    page.click("form[action='/studio/import'] button")
    expect(page.locator("h1")).to_contain_text("发票审批")
    lines = page.locator("ul.findings li")
    expect(lines.filter(has_text="candidateGroups")).to_contain_text("放进岗位的泳道")
    assert looked_at(page) == []
    page.click("form[action$='/clean'] button")
    expect(lines.filter(has_text="Camunda")).to_have_count(0)
    page.click("form[action$='/drop'] button")
    expect(page.locator(".chip").first).to_have_text("草稿已放弃")
    assert looked_at(page) == []
    page.click("form[action$='/restore'] button")
    expect(page.locator(".chip").first).to_have_text("草稿")
    page.context.close()
