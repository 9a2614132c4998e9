"""Decision tables in Chromium: made, checked at the cell, filled where a gap is, tried on test rows, kept whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT
from tests.e2e.people import until
from tests.e2e.studio import analyst_page, axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

PROCESS = "so-penalty"
TABLES = f"/studio/{PROCESS}/tables"
CELL = "{name}_rule_1_{side}_1"
pytestmark = pytest.mark.skipif(
    not (ROOT / "api" / "ui" / "static" / "built" / "tables.js").is_file(), reason="no bundle (make assets)"
)


def opened(page: Page, address: str) -> None:
    """The page is whole: the editor stands and the engine has said what it finds."""
    page.goto(address)
    begin = page.locator("form[action$='/begin'] button")
    if begin.count():
        begin.click()
        expect(begin).to_have_count(0)
    ready(page)


def ready(page: Page) -> None:
    page.wait_for_selector("body[data-tables=ready]")
    page.wait_for_selector("#findings[aria-busy=false]")


def made(page: Page, url: str, name: str, title: str) -> None:
    """A new table of that name is open."""
    opened(page, f"{url}{TABLES}")
    page.click("details.new-table summary")
    page.fill("#new-title", title)
    page.fill("#new-name", name)
    page.click("details.new-table button")
    expect(page.locator(".files a[aria-current]")).to_have_text(f"{name}.dmn")
    ready(page)


def write(page: Page, cell: str, text: str) -> None:
    """Type into a cell, and wait until the model has it."""
    page.click(f"td[data-element-id='{cell}']")
    expect(page.locator(f"td[data-element-id='{cell}'] .cm-content")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    until(page, "shown => studioTables.text.includes(shown)", arg=f"<text>{shown}</text>")


def saved(page: Page) -> None:
    """Everything is saved."""
    expect(page.locator("#saving")).to_have_attribute("data-state", "saved")
    until(page, "() => !studioTables.file.pending() && !studioTables.testFile.pending()")


def missing(page: Page) -> list[str]:
    """Words of the editor that the page has no translation of."""
    found: list[str] = page.evaluate("[...(globalThis.__missing ?? [])]")
    return found


def test_a_table_is_made_checked_filled_and_tried(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    made(page, serving.url, "fine-level", "罚款档次")
    write(page, "fine_level_rule_1_in_1", "[0..")
    fault = page.locator("#findings li[data-code=feel-syntax]")
    expect(fault).to_contain_text("第 1 条规则的“金额”列")
    # The fault is drawn in the cell itself.
    drawn = "getComputedStyle(document.querySelector('td[data-element-id=fine_level_rule_1_in_1]'), '::after').content"
    until(page, f"() => {drawn}.includes('写法有误')")
    write(page, "fine_level_rule_1_in_1", "[0..100]")
    write(page, "fine_level_rule_1_out_1", '"small"')
    gap = page.locator("#findings li[data-code=gap]")
    expect(gap).to_contain_text("金额 < 0, > 100")
    gap.locator("button[data-act=fill]").click()
    expect(gap).to_have_count(0)
    expect(page.locator("#editor tbody tr")).to_have_count(2)
    # What a rule says, in plain words.
    page.click("td[data-element-id='fine_level_rule_1_in_1']")
    expect(page.locator("#row .told")).to_have_text("如果金额不小于 0且不超过 100，那么结论为“small”。")
    page.click("#tests [data-act=add]")
    page.get_by_label("第 1 行：名称").fill("小额")
    page.get_by_label("第 1 行：金额").fill("60")
    expect(page.locator("#tests tr[data-state=unjudged]")).to_contain_text('结果 "small"，命中规则 1')
    page.get_by_role("button", name="以实际结果为准").click()
    expect(page.locator("#tests tr[data-state=passed]")).to_have_count(1)
    page.get_by_label("第 1 行：金额").fill("160")
    expect(page.locator("#tests tr[data-state=failed]")).to_contain_text("应命中规则 1，实际命中 2。")
    page.get_by_label("第 1 行：金额").fill("60")
    expect(page.locator("#tests tr[data-state=passed]")).to_have_count(1)
    saved(page)
    assert axe(page) == []
    page.reload()
    ready(page)
    expect(page.locator("#tests tr[data-state=passed]")).to_contain_text("命中规则 1")
    assert missing(page) == []
    page.click("#views button >> nth=0")
    expect(page.locator("#editor[data-view=drd] .djs-element").first).to_be_visible()
    assert missing(page) == []
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_broken_files_stay_as_they_are_and_can_be_mended(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    made(page, serving.url, "broken-table", "坏表")
    page.click("[data-act=text]")
    whole = page.input_value("#source")
    page.fill("#source", whole[:200])
    expect(page.locator("#findings li.error")).to_contain_text("不是有效的 XML")
    saved(page)
    page.reload()
    ready(page)
    expect(page.locator("#why-text")).to_contain_text("不是有效的 XML")
    assert page.input_value("#source") == whole[:200]
    assert axe(page) == []
    page.fill("#source", whole)
    page.click("[data-act=text]")
    expect(page.locator("td[data-element-id='broken_table_rule_1_in_1']")).to_be_visible()
    expect(page.locator("#why-text")).to_be_hidden()
    # Rules from a spreadsheet; a row of another shape is told and nothing is added.
    page.click("[data-act=paste]")
    page.fill("#pasted", "金额\t结论\n<= 100\tsmall\tLSJZYJ-2-1\n> 100")
    page.click("[data-act=paste-yes]")
    expect(page.locator("#paste-fault")).to_contain_text("第 2 行有 1 列")
    page.fill("#pasted", "金额\t结论\n<= 100\tsmall\tLSJZYJ-2-1\n> 100\tlarge")
    page.check("#paste-replace")
    page.click("[data-act=paste-yes]")
    expect(page.locator("#editor tbody tr")).to_have_count(2)
    expect(page.locator("#findings li[data-code=gap]")).to_have_count(0)
    saved(page)
    page.click("[data-act=remove]")
    page.click("[data-act=removing-yes]")
    expect(page.locator(".files a", has_text="broken-table")).to_have_count(0)
    page.context.close()


def test_two_analysts_lose_nothing(serving: Serving, chromium: Browser) -> None:
    one = analyst_page(chromium, serving.url)
    made(one, serving.url, "shared-table", "共用表")
    address = f"{serving.url}{TABLES}?path=workflows/dmn/{PROCESS}/shared-table.dmn"
    other = analyst_page(chromium, serving.url, account="analyst2")
    opened(other, address)
    write(one, "shared_table_rule_1_in_1", "> 1")
    saved(one)
    write(other, "shared_table_rule_1_in_1", "> 2")
    dialog = other.locator("dialog.saving")
    expect(dialog).to_be_visible()
    dialog.locator("summary").click()
    expect(dialog.locator("pre.difference ins")).to_contain_text("&gt; 2")
    assert axe(other) == []
    dialog.locator("[data-choice=take-mine]").click()
    saved(other)
    # The first one's page is behind now: taking theirs shows what the other wrote.
    write(one, "shared_table_rule_1_out_1", '"x"')
    one.locator("dialog.saving [data-choice=take-theirs]").click()
    expect(one.locator("td[data-element-id='shared_table_rule_1_in_1']")).to_contain_text("> 2")
    # A draft that is given up under the editor: the page keeps what is typed, and saves it once the draft is back.
    address = f"{serving.url}/studio/{PROCESS}"
    revision = one.request.get(f"{address}/files").json()["revision"]
    assert other.request.post(f"{address}/drop", form={"revision": str(revision)}).ok
    write(one, "shared_table_rule_1_out_1", '"kept"')
    expect(one.locator("dialog.saving")).to_contain_text("草稿已经不在了")
    assert other.request.post(f"{address}/restore", form={"revision": "0"}).ok
    one.locator("dialog.saving [data-choice=again]").click()
    # The file is there again, as it was before: what is typed goes over it knowingly.
    one.locator("dialog.saving [data-choice=take-mine]").click()
    saved(one)
    kept = one.request.get(f"{address}/file?path=workflows/dmn/{PROCESS}/shared-table.dmn").text()
    assert '"kept"' in kept
    one.context.close()
    other.context.close()


def test_every_word_of_the_editor_is_english_too(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    path = f"workflows/dmn/{PROCESS}/penalty-procedure.dmn"
    opened(page, f"{serving.url}{TABLES}?path={path}&language=en")
    expect(page.locator("#findings h2")).to_contain_text("Checks")
    for view in page.locator("#views button[data-view]").all():
        view.click()
        expect(view).to_have_attribute("aria-current", "true")
    cell = page.locator("#editor td.input-cell").first
    if cell.count():
        cell.click(button="right")
    assert missing(page) == []
    assert axe(page) == []
    # What is published is only read.
    page.goto(f"{serving.url}/studio/adoption-dissolution/tables?language=en")
    ready(page)
    expect(page.locator("#editor td.annotation").first).to_be_visible()
    expect(page.locator("#editor [contenteditable=true]")).to_have_count(0)
    assert missing(page) == []
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()
