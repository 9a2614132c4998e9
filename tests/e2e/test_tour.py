"""The tour of the README in a real browser: an old phone reports, three desks work, the money goes out, papers prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.checks import at_widths, findings
from tests.e2e.journey import Journey
from tests.e2e.people import DESK, PHONE, fill, finish, leading, more_questions, open_page, sign_in, take

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving


@pytest.fixture(scope="module")
def journey(serving: Serving, chromium: Browser) -> Journey:
    """A case that was reported, registered, confirmed and approved; every page on the way was looked over."""
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        widths = (320, 390) if page.viewport_size == PHONE else (1280, 390)
        found.extend(f"{name}: {one}" for one in at_widths(page, *widths))

    journey = Journey(chromium, serving.url, look)
    journey.report()
    journey.register()
    journey.confirm()
    confirmer = journey.page("beiguan.investigator")
    confirmer.goto(f"{journey.url}/tasks?search={journey.number}")
    assert "批准小额快救" not in confirmer.inner_text("main")  # step 4: who confirmed may not approve
    journey.approve()
    journey.wait_for("beiguan.investigator", "登记急难结束日")
    assert not found, "\n".join(found)
    return journey


def test_nothing_was_said_on_the_console(journey: Journey) -> None:
    for who, page in journey.pages.items():
        assert page.troubles == [], who  # type: ignore[attr-defined]


def test_applicant_follows_the_case_on_a_phone(journey: Journey) -> None:
    page = journey.page("phone")
    page.goto(journey.url)
    page.fill("#number", journey.number)
    page.fill("#code", journey.code)
    with leading(page, "**/track/**"):
        page.click("form[action='/track'] button")
    text = page.inner_text("main")
    assert "批准小额快救" in text
    assert "小额快救登记表" in text
    assert "台账" not in text  # the fund's ledger stays in the office
    assert "605.00" in text
    assert "王丽" not in text  # nor do applicants read who sits at which desk
    assert journey.code not in page.url
    assert not at_widths(page, 320, 390, 1280)
    link = page.locator("a[href^='/documents/']").first.get_attribute("href")
    answer = page.request.get(f"{journey.url}{link}")
    assert answer.ok
    assert answer.body().startswith(b"%PDF-")


def test_case_page_tells_the_whole_story(journey: Journey) -> None:
    page = journey.page("beiguan.leader")
    page.goto(f"{journey.url}/cases/{journey.number}")
    text = page.inner_text("main")
    for word in (
        "核实急难情况", "赵强", "刘建国", "判定和理由", "办理档次：甲档：小额快救", "《中华人民共和国社会救助法》第五十条",
        "小额快救登记表", "临时救助备用金台账", "已收到张三丰的急难报告",
    ):  # fmt: skip
        assert word in text, word
    assert "605.00 元" in text
    assert not at_widths(page, 1280, 390)
    picture = page.request.get(f"{journey.url}/cases/{journey.number}/diagram.svg")
    assert picture.ok
    assert "✓" in picture.text()


def test_fund_shows_the_payment(journey: Journey) -> None:
    page = journey.page("beiguan.leader")
    page.goto(f"{journey.url}/funds")
    page.click("a.cover")
    row = page.inner_text(f"tr:has-text('{journey.number}') >> nth=0")
    assert "605.00" in row
    assert "支付" in row
    assert not at_widths(page, 1280, 390)


def test_papers_are_verified_by_strangers(journey: Journey, chromium: Browser, tmp_path: Path) -> None:
    clerk = journey.page("beiguan.leader")
    clerk.goto(f"{journey.url}/cases/{journey.number}")
    row = clerk.locator("tr:has-text('小额快救登记表')")
    number = row.locator("td").nth(1).inner_text()
    pdf = clerk.request.get(f"{journey.url}{row.locator('a').get_attribute('href')}").body()
    genuine, altered = tmp_path / "d17.pdf", tmp_path / "altered.pdf"
    genuine.write_bytes(pdf)
    altered.write_bytes(pdf.replace(b"%%EOF", b"%%E0F", 1))

    page = open_page(chromium, PHONE)
    for file, verdict in ((genuine, "真实有效"), (altered, "内容被改动"), (__file__, "查不到")):
        page.goto(f"{journey.url}/verify")
        page.set_input_files("#file", file)
        page.click("form:has(#file) button")
        assert verdict in page.inner_text("main .alert h2")
        assert not at_widths(page, 320, 390)
    token = _token(pdf)
    page.goto(f"{journey.url}/verify/{token}")  # where the QR code leads
    assert "真实有效" in page.inner_text("main .alert h2")
    assert number in page.inner_text("main")
    page.fill("#number", number)
    page.fill("#token", f"{token[:4].lower()} {token[4:]}")
    page.click("form:has(#token) button")
    assert "真实有效" in page.inner_text("main .alert h2")
    page.fill("#token", "AAAABBBBCCCCDDDDEEEE")
    page.click("form:has(#token) button")
    assert "查不到" in page.inner_text("main .alert h2")


def _token(pdf: bytes) -> str:
    from engine.documents.verify import file_tokens

    return next(iter(file_tokens(pdf)))


def test_statement_ends_the_case(journey: Journey) -> None:
    from datetime import datetime

    from tests.conftest import SHANGHAI

    page = journey.page("beiguan.investigator")
    take(page, journey.url, journey.number, "登记急难结束日")
    fill(page, {"emergency_end": datetime.now(SHANGHAI).date()})
    finish(page)
    journey.work(
        "beiguan.investigator",
        "事后补充说明",
        {"findings": "消防出警记录与本人陈述一致，救助款已用于添置灶具和被褥。", "result": "consistent"},
    )
    journey.wait_for("beiguan.investigator", "已办结")
    assert "事后补充说明" in page.inner_text("main")


def test_command_line_tells_the_same(journey: Journey, serving: Serving) -> None:
    shown = serving.engine("case", "show", journey.number)
    for word in (journey.number, "approve_small", "beiguan.leader", "605"):
        assert word in shown, word
    assert "everything holds" in serving.engine("verify")


def test_withdrawal_on_a_phone(serving: Serving, chromium: Browser) -> None:
    journey = Journey(chromium, serving.url)
    journey.report()
    page = journey.page("phone")
    page.click("main form button")
    page.click("summary:has-text('撤回申请')")
    page.fill("#reason-withdrawal", "亲戚已经接我回家")
    page.click("details[open] button")
    assert "已收到" in page.inner_text("main .alert")
    for _ in range(60):
        page.goto(f"{serving.url}/track/{journey.number}")
        if "办理中" not in page.inner_text("h1"):
            break
        page.wait_for_timeout(200)
    assert "办理中" not in page.inner_text("h1")
    assert page.troubles == []  # type: ignore[attr-defined]


def test_mistakes_on_the_phone_are_found_again(serving: Serving, chromium: Browser) -> None:
    page = open_page(chromium, PHONE)
    page.goto(f"{serving.url}/apply/temporary-assistance?whole=1")
    fill(page, {"description": "写好的话不能丢", "reporter.phone": "123"})
    page.click("button[value=submit]")
    errors = page.locator(".alert.error li a")
    assert errors.count() >= 5
    assert page.evaluate("document.activeElement.className").startswith("alert error")
    errors.nth(1).click()
    assert page.evaluate("document.activeElement.name || location.hash") != ""
    assert page.input_value("[name='f.description']") == "写好的话不能丢"
    assert page.input_value("[name='f.reporter.phone']") == "123"
    assert page.title().startswith("错误：")
    assert not at_widths(page, 320, 390)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_public_pages_hold_at_every_width(
    serving: Serving, chromium: Browser, language: str, size: str
) -> None:
    page = open_page(chromium, PHONE)
    found = []
    for path in ("/", "/apply/temporary-assistance", "/track", "/verify", "/sign-in", "/schema", "/no/such"):
        page.goto(f"{serving.url}{path}?language={language}&size={size}")
        found += at_widths(page, 320, 390, 1280)
        assert page.evaluate("document.documentElement.className") == ("large" if size == "large" else "")
    assert not found, "\n".join(found)


def test_clerk_works_with_the_keyboard_alone(serving: Serving, chromium: Browser) -> None:
    journey = Journey(chromium, serving.url)
    journey.report()
    page = open_page(chromium, DESK)
    sign_in(page, serving.url, "beiguan.window")
    page.goto(f"{serving.url}/tasks?search={journey.number}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    _tab_to(page, "登记急难情况")
    page.keyboard.press("Enter")
    page.wait_for_selector("#claim")
    _tab_to(page, "认领")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[value=complete]")
    assert not findings(page)
    fill(page, {"applicant.id_type": "unknown"})
    _tab_to(page, "提交办理结果")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks?*said=done*")


def _tab_to(page: Page, text: str) -> None:
    for _ in range(120):
        if text in page.evaluate(
            "document.activeElement === document.body ? '' : document.activeElement.innerText"
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{text!r} cannot be reached with the Tab key")


def test_scripts_off(serving: Serving, chromium: Browser) -> None:
    page = open_page(chromium, PHONE, scripts=False)
    page.goto(f"{serving.url}/apply/temporary-assistance?whole=1")
    fill(page, {"for_whom": "other"})
    more_questions(page)
    assert page.locator("[name='f.applicant.name']").count() == 1
