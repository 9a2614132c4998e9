"""Scenarios and the simulator in Chromium, over the whole server: run beside it, kept from a play, decided cases replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.checks import at_widths
from tests.e2e.studio import analyst_page, axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

PROCESS = "child-protection"
SCENARIOS = f"/studio/{PROCESS}/scenarios"
#: A job waits for the relay, begins a process, and plays; a slow machine may take its time.
LONG = 120_000


def shape(page: Page, *widths: int) -> list[str]:
    """What is wrong with the page's shape; the print inside of pictures is as large as the picture is drawn."""
    told = ("sideways", "words missing", "heading order", "id twice", "dead link", "describedby")
    return [one for one in at_widths(page, *widths) if any(word in one for word in told)]


def troubles(page: Page) -> list[str]:
    """What the browser complained of, but for the pages that were refused on purpose."""
    return [one for one in page.troubles if "status of 422" not in one]  # type: ignore[attr-defined]


def begin(page: Page) -> None:
    """Begin a draft, unless somebody has."""
    button = page.locator("form[action$='/begin'] button").first
    if button.count():
        button.click()
        expect(page.locator("form[action$='/begin']")).to_have_count(0)


def test_scenarios_are_run_and_one_is_written(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}{SCENARIOS}")
    begin(page)
    page.goto(f"{serving.url}{SCENARIOS}")
    lines = page.locator("table.scenario-list tbody tr")
    expect(lines).to_have_count(3)
    page.get_by_role("button", name="全部试跑").click()
    # The page comes anew by itself when the work is over.
    expect(page.locator("table.scenario-list .chip.fine")).to_have_count(3, timeout=LONG)
    expect(page.locator(".figures .figure strong")).to_have_count(2)
    expect(page.locator("g.covered").first).to_be_attached()
    assert axe(page) == []
    assert shape(page, 390, 1280) == []

    page.get_by_role("link", name="P02").click()
    expect(page.get_by_role("status")).to_contain_text("全部符合预期")
    assert axe(page) == []
    assert shape(page, 1280) == []
    page.get_by_role("link", name="打开续写").click()
    expect(page.locator("#play-now")).to_be_visible()
    page.get_by_role("button", name="存为场景").click()
    page.get_by_label("编号").fill("P04")
    page.get_by_label("名称").fill("另存的一件")
    assert axe(page) == []
    assert shape(page, 1280) == []
    page.get_by_role("button", name="保存", exact=True).click()
    expect(lines).to_have_count(4)
    expect(page.locator("#case-P04")).to_contain_text("另存的一件")

    page.get_by_role("link", name="按文本编辑").click()
    text = page.locator("#text")
    expect(text).to_contain_text("id: P04")
    typed = text.input_value()
    text.fill(typed.replace("- id: P01", "- idd: P01"))
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("行有错")
    assert axe(page) == []
    page.locator("#text").fill(typed)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(lines).to_have_count(4)
    page.get_by_role("link", name="P04").click()
    page.locator("summary", has_text="删除").click()
    page.get_by_role("button", name="确定删除").click()
    expect(lines).to_have_count(3)
    assert troubles(page) == []
    page.context.close()


def test_decided_cases_are_replayed(serving: Serving, chromium: Browser) -> None:
    serving.engine("archive-example", "temporary-assistance", "--cases", "30")
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}/studio/temporary-assistance/simulator")
    page.get_by_label("演示档案").check()
    page.locator("summary", has_text="假如法定参数改了").click()
    page.get_by_label("假如是 fast_small_cap", exact=True).fill("0.8")
    assert axe(page) == []
    page.get_by_label("办结日期从").fill("2026-13-01")
    page.get_by_role("button", name="开始试算").click()
    expect(page.get_by_role("alert")).to_contain_text("日期")
    expect(page.get_by_label("假如是 fast_small_cap", exact=True)).to_have_value("0.8")
    page.get_by_label("办结日期从").fill("2026-01-01")
    page.get_by_label("到", exact=True).fill("2027-12-31")
    page.get_by_role("button", name="开始试算").click()
    expect(page.locator(".verdicts .figure")).to_have_count(5, timeout=LONG)
    assert sum(int(one) for one in page.locator(".verdicts strong").all_inner_texts()) == 30
    expect(page.locator("figure.chart svg").first).to_be_visible()
    assert axe(page) == []
    assert shape(page, 390, 1280) == []
    with page.expect_download() as got:
        page.get_by_role("link", name="导出 CSV").click()
    assert got.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    assert troubles(page) == []
    page.context.close()
