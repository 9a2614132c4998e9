"""Comparing and remarks in Chromium: marks that lead to their lines, print, keyboard, no script needed, nothing for axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.api.conftest import Caller
from tests.e2e.studio import analyst_page, axe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.e2e.serving import Serving

PROCESS = "service-rating"
STUDIO = f"/studio/{PROCESS}"
BPMN = f"workflows/bpmn/{PROCESS}.bpmn"


@pytest.fixture
def drafted(serving: Serving) -> Iterator[None]:
    """A draft whose first step is called otherwise; given up afterwards, so that others find the process as it was."""
    with httpx.Client(base_url=serving.url, timeout=60, trust_env=False) as client:
        caller = Caller(client, "analyst2")
        client.cookies.clear()
        begun = client.post(f"{STUDIO}/begin", headers=caller.headers, data={"command": "compare-begin"})
        assert begun.status_code == 303, begun.text
        found = caller.get(f"{STUDIO}/file?path={BPMN}")
        text = found.text.replace('id="call_back" name="回访核实"', 'id="call_back" name="电话回访"')
        headers = {**caller.headers, "if-match": found.headers["etag"]}
        saved = client.put(f"{STUDIO}/file?path={BPMN}", content=text.encode(), headers=headers)
        assert saved.status_code == 200, saved.text
        yield
        revision = caller.get(f"{STUDIO}/files").json()["revision"]
        gone = client.post(
            f"{STUDIO}/drop", headers=caller.headers, data={"revision": revision, "command": "compare-drop"}
        )
        assert gone.status_code == 303, gone.text


@pytest.mark.usefixtures("drafted")
def test_differences_are_reached_from_the_diagram(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url, account="analyst2")
    page.goto(f"{serving.url}{STUDIO}/compare")
    changed = page.locator("a:has(g.changed[data-element-id='call_back'])")
    expect(changed).to_have_count(1)
    assert axe(page) == []
    changed.focus()
    page.keyboard.press("Enter")
    line = page.locator("li:target")
    expect(line).to_contain_text("电话回访")
    expect(line.locator("ins, del").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".compare-choice")).to_be_hidden()
    page.emulate_media(media="screen")
    page.locator("input[name='view'][value='side']").check()
    page.locator(".compare-choice button").click()
    expect(page.locator("svg.d")).to_have_count(2)
    assert axe(page) == []
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_a_remark_is_made_beside_the_diagram(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url, scripts=False)
    page.goto(f"{serving.url}{STUDIO}/remarks")
    page.locator("a:has(g[data-element-id='call_back'])").first.click()
    expect(page.locator("#say input[name='element']")).to_have_value("call_back")
    page.locator("#text").fill("打几次电话？")
    page.locator("#say button").click()
    expect(page.locator(".thread .words")).to_have_text(["打几次电话？"])
    expect(page.locator("g[data-element-id='call_back'] .d-r")).to_have_count(1)
    page.locator(".thread input[name='text']").fill("三次。")
    page.locator(".thread button[value='answer']").click()
    expect(page.locator(".thread .words")).to_have_text(["打几次电话？", "三次。"])
    reviewer = analyst_page(chromium, serving.url, account="process_admin")
    reviewer.goto(f"{serving.url}{STUDIO}/remarks")
    assert axe(reviewer) == []
    reviewer.locator(".thread button[value='settle']").first.click()
    expect(reviewer.locator("g[data-element-id='call_back'] .d-r")).to_have_count(0)
    assert reviewer.troubles == []  # type: ignore[attr-defined]
    reviewer.context.close()
    page.context.close()
