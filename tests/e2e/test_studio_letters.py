"""The letter editor in Chromium: the picture follows the typing, marks stand at their lines, and it all works without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.api.conftest import Caller
from tests.e2e.checks import at_widths
from tests.e2e.studio import analyst_page, axe
from tests.e2e.test_studio_forms import same_but_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

PROCESS = "certificate-revocation"
BASE = f"/studio/{PROCESS}"
LETTER = f"{BASE}/letters/{PROCESS}/CE11"
NOTICE = f"{BASE}/letters/{PROCESS}/notice-revoked"


@pytest.fixture(scope="module", autouse=True)
def analyst(serving: Serving) -> Iterator[Caller]:
    """An analyst at the API, with a draft of the process that is given up afterwards."""
    with httpx.Client(base_url=serving.url, timeout=60, trust_env=False) as client:
        client.event_hooks["response"].append(lambda _: client.cookies.clear())
        caller = Caller(client, "analyst")
        caller.post(f"{BASE}/begin", data={})
        yield caller
        revision = caller.get(f"{BASE}/files").json()["revision"]
        caller.post(f"{BASE}/drop", data={"revision": str(revision)})


def opened(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#looks")).to_be_visible()


def test_the_picture_follows_the_typing(serving: Serving, chromium: Browser, analyst: Caller) -> None:
    page = analyst_page(chromium, serving.url)
    opened(page, f"{serving.url}{LETTER}")
    expect(page.locator("#leaves img").first).to_be_visible()
    before = page.locator("#text").input_value()
    # A field that the data lacks: marked at its line, in the list, and in the picture's place still a picture.
    page.locator("#text").fill(
        before.replace("{% block body %}", "{% block body %}\n<p>{{ data.nothing_of_that }}</p>")
    )
    expect(page.locator("#letter-missing")).to_contain_text("data.nothing_of_that")
    expect(page.locator("#gutter .m")).to_have_count(1)
    expect(page.locator("#leaves img").first).to_be_visible()
    page.locator("#letter-missing button", has_text="行").first.click()
    chosen = page.evaluate(
        "() => { const t = document.getElementById('text'); return t.value.slice(t.selectionStart, t.selectionEnd); }"
    )
    assert "data.nothing_of_that" in chosen
    # What may not be: told at its line, and no picture.
    page.locator("#text").fill(before + "\n<script>x</script>")
    expect(page.locator("#letter-faults")).to_contain_text("<script>")
    page.locator("#text").fill(before.replace("{% endblock %}", "", 1))
    expect(page.locator("#letter-faults")).to_contain_text("模板读不懂")
    expect(page.locator("#leaves img")).to_have_count(0)
    # A field put in by a click, at the cursor.
    page.locator("#text").fill(before)
    expect(page.locator("#letter-faults")).to_have_count(0)
    page.locator("#text").focus()
    page.keyboard.press("Control+Home")
    page.locator(".usable .insert", has_text="case.number").first.click()
    expect(page.locator("#text")).to_have_value("{{ case.number }}" + before)
    page.locator("#text").fill(before.replace("<p>", "<p>此处已改。", 1))
    expect(page.locator("#leaves img").first).to_be_visible()
    page.locator("#save").click()
    expect(page.locator("#told")).to_have_text("已保存。")
    assert "此处已改。" in analyst.get(f"{BASE}/file?path=templates/{PROCESS}/CE11.html").text
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_a_notice_counts_its_messages_without_scripts(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url, scripts=False)
    opened(page, f"{serving.url}{NOTICE}")
    page.locator("#text").fill("撤" * 71)
    page.locator("#preview-now").click()
    expect(page.locator("#sms-length")).to_contain_text("71 个字符，2 条短信")
    page.locator("#save").click()
    expect(page.locator("#told")).to_have_text("已保存。")
    page.context.close()


def test_pages_hold_what_every_page_holds(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    for path in (f"{BASE}/letters", LETTER, f"{NOTICE}?part=en"):
        page.goto(f"{serving.url}{path}")
        assert same_but_names(at_widths(page, 1280, 390)) == []
        assert axe(page) == []
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()
