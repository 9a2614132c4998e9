"""A phone, no scripts: sign in by a code, give a name, apply, find the notice in the inbox, sign out everywhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.e2e.people import DESK, PHONE, open_page, sent, settle, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

NUMBER = "13600000001"


def press(page: Page, selector: str) -> None:
    with sent(page):
        page.click(selector)


def code_for(page: Page, number: str) -> str:
    """The code as the demonstration's phone shows it, once it has come."""
    url = page.url.split("/sign-in")[0]
    phone = page.context.new_page()
    for _ in range(120):
        phone.goto(f"{url}/demonstration/messages")
        for text in phone.locator("section").all_inner_texts():
            if number in text and (found := re.search(r"\b\d{6}\b", text.replace(number, ""))):
                phone.close()
                return found.group()
        phone.wait_for_timeout(250)
    raise AssertionError("no message came")


def test_a_resident_signs_in_by_a_code_without_scripts(serving: Serving, chromium: Browser) -> None:
    page = open_page(chromium, PHONE, scripts=False)
    page.goto(f"{serving.url}/my")
    assert "/sign-in?next=%2Fmy" in page.url
    page.fill("#phone", NUMBER)
    press(page, "form[action='/sign-in/code'] button")
    assert "136****0001" in page.inner_text("main")
    page.fill("#digits", "000000")
    press(page, "form[action$='/enter'] button")
    assert "验证码不对" in page.inner_text("main .alert")
    page.fill("#digits", code_for(page, NUMBER))
    press(page, "form[action$='/enter'] button")
    assert page.url == f"{serving.url}/my"
    press(page, ".who a[href='/account']")
    page.fill("#name", "王大妈")
    press(page, "form[action='/account'] button")
    assert "王大妈" in page.inner_text("header")
    press(page, "a[href='/account/representations']")
    page.click("summary:has-text('给孩子开户')")
    page.fill("#ward-name", "小宝")
    for part, text in (("y", "2019"), ("m", "6"), ("d", "1")):
        page.fill(f"#born-{part}", text)
    page.fill("#basis", "祖母，户口簿，父母外出务工")
    press(page, "form[action='/account/wards'] button")
    assert "小宝" in page.inner_text("main")
    press(page, "nav a[href='/inbox']")
    assert "还没有通知" in page.inner_text("main")
    page.goto(f"{serving.url}/account")
    press(page, "form.apart button")
    page.goto(f"{serving.url}/my")
    assert "/sign-in" in page.url
    # The browser itself says that a wrong code was refused.
    assert [one for one in page.troubles if "status of 401" not in one] == []  # type: ignore[attr-defined]


def test_a_clerk_sees_both_devices_and_ends_one(serving: Serving, chromium: Browser) -> None:
    desk, other = open_page(chromium, DESK), open_page(chromium, DESK)
    for page in (desk, other):
        sign_in(page, serving.url, "yian.window")
    desk.goto(f"{serving.url}/account")
    settle(desk)
    rows = desk.locator("tbody tr")
    assert rows.count() == 2
    with sent(desk):
        rows.filter(has_not_text="就是这台").locator("button").click()
    assert desk.locator("tbody tr").count() == 1
    # Another process might believe it for three seconds; this one knows at once.
    other.goto(f"{serving.url}/account")
    assert "/sign-in" in other.url
