"""The applicant's journey on a phone in a real browser: with scripts and without, over lost lines, back buttons and two windows."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.conftest import SHANGHAI
from tests.e2e.checks import at_widths
from tests.e2e.people import PHONE, fill, leading, open_page, sent, settle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

    from tests.e2e.serving import Serving

AREA = "140702001001"
#: Where the services lead that were looked for.
FOUND = re.compile(r"[?&]q=")
WHO = {"for_whom": "self", "reporter.name": "张三丰", "reporter.phone": "13812345678"}


def what() -> dict[str, Any]:
    """What happened, a moment ago."""
    return {
        "emergency_type": "robbery",
        "emergency_at": datetime.now(SHANGHAI) - timedelta(hours=2),
        "place_detail": "榆次汽车站候车厅",
        "persons": "1",
        "description": "今天上午在汽车站钱包和行李被偷。",
    }


def photo(side: int) -> bytes:
    """A grey PNG of so many pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def go(page: Page, value: str) -> None:
    """Press the step's button and wait for the page that follows."""
    with sent(page):
        page.click(f"main button[value={value}]")


def first_step(page: Page, url: str) -> None:
    """From the first page of the house into the form."""
    page.goto(url)
    page.fill("#q", "钱包被偷了")
    with leading(page, FOUND):
        page.click(".seek button")
    page.locator("ul.services a.button").first.click()
    page.wait_for_url("**/apply/temporary-assistance*")
    page.select_option("#area", AREA)
    page.fill("#phone", "13812345678")
    go(page, "next")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_whole_way_on_a_phone(serving: Serving, chromium: Browser, scripts: bool) -> None:
    page = open_page(chromium, PHONE, scripts=scripts)
    found: list[str] = []

    def look() -> None:
        # The looks are measured by a script; without scripts the walk itself is the proof.
        if scripts:
            found.extend(at_widths(page, 320, 390, 640))

    page.goto(serving.url)
    look()
    page.click("ul.services h3 a >> nth=0")
    page.wait_for_url("**/services/**")
    expect(page.locator("h1")).to_be_visible()
    look()
    first_step(page, serving.url)
    look()
    go(page, "next")  # nothing answered
    expect(page.locator(".alert.error li a")).to_have_count(1)
    if scripts:
        assert page.evaluate("document.activeElement.className").startswith("alert error")
    look()
    fill(page, WHO)
    go(page, "next")
    fill(page, what())
    if not scripts:
        page.set_input_files(
            "[id='f.evidence']", {"name": "车站.png", "mimeType": "image/png", "buffer": photo(8)}
        )
    look()
    go(page, "next")
    expect(page.locator("h1")).to_have_text("核对一遍再提交")
    expect(page.locator("main")).to_contain_text("榆次汽车站候车厅")
    if not scripts:
        expect(page.locator("main")).to_contain_text("车站.png")
    look()
    go(page, "submit")
    number = page.inner_text("#case-number")
    look()
    page.go_back()
    settle(page)
    if not page.locator("#case-number").count():  # a page of the draft as the browser kept it: pressed again
        with sent(page):
            page.locator("main button.main").first.click()
    expect(page.locator("#case-number")).to_have_text(number)
    with leading(page, "**/track/**"):
        page.click("main form button.main")
    expect(page.locator(".now")).to_contain_text("登记急难情况")
    look()
    page.click("summary:has-text('撤回申请')")
    page.fill("#reason-withdrawal", "亲戚已经接我回家")
    with sent(page):
        page.click("details:has(#reason-withdrawal) button")
    for _ in range(60):
        page.goto(f"{serving.url}/track/{number}")
        if page.locator("input[name=grade]").count():
            break
        page.wait_for_timeout(200)
    page.click("label:has(input[name=grade][value='5'])")
    with sent(page):
        page.click("button:has-text('提交评价')")
    expect(page.locator("main")).to_contain_text("非常满意")
    look()
    page.locator("a:has-text('出示')").first.click()
    page.wait_for_url("**/papers/**")
    expect(page.locator(".qr svg")).to_be_visible()
    look()
    assert not found, "\n".join(found)
    assert [one for one in page.troubles if "422" not in one] == []  # type: ignore[attr-defined]


def test_photos_go_one_by_one_and_come_back_after_a_lost_line(serving: Serving, chromium: Browser) -> None:
    page = open_page(chromium, PHONE)
    first_step(page, serving.url)
    fill(page, WHO)
    go(page, "next")
    draft = page.url.rsplit("/", 1)[0]
    many = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": photo(n + 4)} for n in range(3)]
    page.set_input_files("[id='f.evidence']", many)
    expect(page.locator("ul.uploads input[type=checkbox]")).to_have_count(3)
    page.set_input_files(
        "[id='f.evidence']", {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.locator("ul.uploads li.failed")).to_contain_text("无法读取")
    page.context.set_offline(True)
    page.set_input_files(
        "[id='f.evidence']", {"name": "late.png", "mimeType": "image/png", "buffer": photo(99)}
    )
    expect(page.locator("ul.uploads li.failed").last).to_contain_text("没有传上去：late.png")
    fill(page, {"place_detail": "没有网络时写的"})
    page.click("main button[value=next]")
    expect(page.locator("#saved")).to_contain_text("没有网络")
    assert page.input_value("[name='f.place_detail']") == "没有网络时写的"
    page.context.set_offline(False)
    expect(page.locator("ul.uploads input[type=checkbox]")).to_have_count(4)
    expect(page.locator("#saved")).to_contain_text("已保存")
    other = open_page(chromium, PHONE)
    other.context.add_cookies(page.context.cookies())
    other.goto(f"{draft}/3")
    expect(other.locator("[name='f.evidence:kept']")).to_have_count(4)
    assert other.input_value("[name='f.place_detail']") == "没有网络时写的"


def test_a_large_file_goes_on_where_the_line_broke(serving: Serving, chromium: Browser) -> None:
    page = open_page(chromium, PHONE)
    first_step(page, serving.url)
    fill(page, WHO)
    go(page, "next")
    offsets: list[int] = []
    broken = [True]

    def carry(route: Route) -> None:
        found = re.search(rb'name="offset"\r\n\r\n(\d+)', route.request.post_data_buffer or b"")
        if found is None:
            route.continue_()
            return
        offsets.append(int(found[1]))
        if broken[0] and offsets[-1] > 0:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/files*", carry)
    large = b"%PDF-1.7\n1 0 obj << /Type /Page >>\n" + b"\0" * 3_000_000 + b"\n%%EOF\n"
    page.set_input_files(
        "[id='f.evidence']", {"name": "大.pdf", "mimeType": "application/pdf", "buffer": large}
    )
    expect(page.locator("ul.uploads li.failed")).to_contain_text(
        "网断了，已传 8%，连上后从这里接着传：大.pdf"
    )
    assert offsets[:2] == [0, 262_144]
    broken[0] = False
    page.click("ul.uploads li.failed button")
    expect(page.locator("ul.uploads input[type=checkbox]")).to_have_count(1)
    assert offsets.count(0) == 1
    other = open_page(chromium, PHONE)
    other.context.add_cookies(page.context.cookies())
    other.goto(page.url)
    assert (other.get_attribute("[name='f.evidence:kept']", "value") or "").split()[1] == str(len(large))


def test_what_is_typed_is_saved_by_itself_and_found_with_the_code(
    serving: Serving, chromium: Browser
) -> None:
    page = open_page(chromium, PHONE)
    first_step(page, serving.url)
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        fill(page, {"reporter.name": "李秀英"})
    page.click("summary:has-text('换一台手机接着填')")
    code = page.inner_text("#continue-code")
    other = open_page(chromium, PHONE, scripts=False)
    other.goto(f"{serving.url}/continue")
    other.fill("#phone", "13812345678")
    other.fill("#code", code)
    with sent(other):
        other.click("main form button.main")
    assert other.input_value("[name='f.reporter.name']") == "李秀英"


def test_the_button_pressed_twice_at_once(serving: Serving, chromium: Browser) -> None:
    page = open_page(chromium, PHONE)
    first_step(page, serving.url)
    fill(page, WHO)
    go(page, "next")
    fill(page, what())
    go(page, "next")
    answers = page.evaluate(
        """async () => Promise.all([0, 1, 2].map(async () => {
            const told = await fetch(location.href, {method: 'POST', body: new URLSearchParams({go: 'submit'})});
            return (await told.text()).match(/id="case-number">([^<]+)/)?.[1]; }))"""
    )
    assert len(set(answers)) == 1
    assert re.fullmatch(r"\d{6}[A-Z]{2}\d{12}", answers[0])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_pages_hold_at_every_width(serving: Serving, chromium: Browser, language: str, size: str) -> None:
    page = open_page(chromium, PHONE)
    found: list[str] = []
    paths = (
        "/?q=火",
        "/services/expenditure-assistance",
        "/apply/temporary-assistance?helper=1",
        "/continue",
    )
    for path in paths:
        mark = "&" if "?" in path else "?"
        page.goto(f"{serving.url}{path}{mark}language={language}&size={size}")
        found += at_widths(page, 320, 390, 640, 1280)
        assert page.evaluate("document.documentElement.className") == ("large" if size == "large" else "")
    assert not found, "\n".join(found)
