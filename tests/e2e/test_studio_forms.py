"""The form editor in Chromium: typing, dragging, keys, the true page beside, and the same without any script."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.api.conftest import Caller
from tests.conftest import THOROUGH
from tests.e2e.checks import at_widths
from tests.e2e.studio import analyst_page, axe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

PROCESS = "demanding-unit-correction"
#: What tests/studio holds over HTTP as well is looked at in the browser in the whole proof only.
whole = pytest.mark.skipif(not THOROUGH, reason="BANJIAN_THOROUGH=1")
BASE = f"/studio/{PROCESS}"
FORM = f"{BASE}/forms/{PROCESS}/answer_letter.json"


@pytest.fixture(scope="module")
def analyst(serving: Serving) -> Iterator[Caller]:
    """An analyst at the API, with a draft of the process that is given up afterwards."""
    with httpx.Client(base_url=serving.url, timeout=60, trust_env=False) as client:
        client.event_hooks["response"].append(lambda _: client.cookies.clear())
        caller = Caller(client, "analyst")
        caller.post(f"{BASE}/begin", data={})
        yield caller
        revision = caller.get(f"{BASE}/files").json()["revision"]
        caller.post(f"{BASE}/drop", data={"revision": str(revision)})


def tree(caller: Caller) -> Any:
    return json.loads(caller.get(f"{BASE}/file?path=forms/{PROCESS}/answer_letter.json").content)


def keys(caller: Caller) -> list[str]:
    return [field["key"] for section in tree(caller)["sections"] for field in section["fields"]]


def listed(page: Page) -> list[str]:
    return page.locator(".items > .item > .item-row code").all_inner_texts()


def saved(page: Page) -> None:
    """The server has answered that the last change is kept."""
    expect(page.locator("#told")).to_have_text("已保存。")


def same_but_names(found: list[str]) -> list[str]:
    """Without the remark on words that look like keys: names of fields are shown on purpose."""
    return [one for one in found if "words missing" not in one]


def test_a_form_is_edited_beside_its_true_page(serving: Serving, chromium: Browser, analyst: Caller) -> None:
    first = keys(analyst)
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}{FORM}?at=1.1")
    frame = page.frame_locator("#preview-frame")
    label = page.locator("[id='p.label:zh']")
    expect(label).to_be_visible()
    # A label typed shows on the page that people get.
    label.fill("单位怎么说")
    label.press("Tab")
    saved(page)
    expect(frame.locator("main")).to_contain_text("单位怎么说")
    assert tree(analyst)["sections"][0]["fields"][0]["label"]["zh"] == "单位怎么说"
    # FEEL is judged while it is typed, before anything is saved.
    condition = page.locator("[id='p.visible_when']")
    condition.fill("a = ")
    expect(page.locator("[data-said-for='p.visible_when']")).to_have_class(re.compile("bad"))
    condition.fill("1 = 2")
    expect(page.locator("[data-said-for='p.visible_when']")).to_have_text("表达式可用")
    condition.press("Tab")
    expect(frame.locator("main")).not_to_contain_text("单位怎么说")
    page.locator("#sample").select_option("*")
    expect(frame.locator("main")).to_contain_text("单位怎么说")
    # One step back, and one more: by the button and by the keys.
    page.locator("#undo").click()
    expect(page.locator("[id='p.visible_when']")).to_have_value("")
    page.locator(".pick[aria-current]").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#undo")).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(page.locator("[id='p.label:zh']")).to_have_value("单位怎么说")
    # Moved with the keyboard alone.
    page.locator("[id='down-1.1']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".items > .item > .item-row code").first).to_have_text(first[1])
    assert keys(analyst)[:2] == [first[1], first[0]]
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_fields_are_dragged(serving: Serving, chromium: Browser, analyst: Caller) -> None:
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}{FORM}")
    before = listed(page)
    page.locator(".item[data-at='1.1'] > .item-row").drag_to(
        page.locator(".item[data-at='1.2'] > .item-row"), target_position={"x": 40, "y": 40}
    )
    saved(page)
    expect(page.locator(".items > .item > .item-row code").first).to_have_text(before[1])
    assert keys(analyst)[:2] == [before[1], before[0]]
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_what_is_typed_while_a_change_travels_is_kept(
    serving: Serving, chromium: Browser, analyst: Caller
) -> None:
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}{FORM}?at=1.1")
    held: list[Any] = []
    page.route(f"**{FORM}", lambda route: held.append(route) if not held else route.continue_())
    page.locator("[id='p.label:zh']").fill("慢慢来")
    page.locator("[id='p.label:en']").focus()
    expect(page.locator("#told")).to_have_text("正在保存……")
    page.locator("[id='p.label:en']").fill("Slowly")
    page.locator("[id='p.help:zh']").focus()
    held[0].continue_()
    saved(page)
    expect(page.locator("[id='p.label:en']")).to_have_value("Slowly")
    expect(page.locator("[id='p.help:zh']")).to_be_focused()
    expect(page.locator(".item.here .label")).to_contain_text("慢慢来")
    page.reload()
    expect(page.locator("[id='p.label:en']")).to_have_value("Slowly")
    assert tree(analyst)["sections"][0]["fields"][0]["label"] == {"zh": "慢慢来", "en": "Slowly"}
    page.context.close()


@whole
def test_two_browsers_on_one_form(serving: Serving, chromium: Browser, analyst: Caller) -> None:
    mine = analyst_page(chromium, serving.url)
    theirs = analyst_page(chromium, serving.url, account="analyst2")
    for page in (mine, theirs):
        page.goto(f"{serving.url}{FORM}?at=1.1")
        expect(page.locator("[id='p.label:zh']")).to_be_visible()
    theirs.locator("[id='p.help:zh']").fill("他们的说明")
    theirs.locator("[id='p.help:zh']").press("Tab")
    saved(theirs)
    mine.locator("[id='p.label:zh']").fill("我的名称")
    mine.locator("[id='p.label:zh']").press("Tab")
    expect(mine.locator("#mine")).to_contain_text("我的名称")
    assert axe(mine) == []
    mine.locator("button[value=overwrite]").click()
    expect(mine.locator("[id='form-editor']")).to_be_visible()
    assert tree(analyst)["sections"][0]["fields"][0]["label"]["zh"] == "我的名称"
    mine.context.close()
    theirs.context.close()


@whole
def test_everything_but_dragging_works_without_scripts(
    serving: Serving, chromium: Browser, analyst: Caller
) -> None:
    page = analyst_page(chromium, serving.url, scripts=False)
    page.goto(f"{serving.url}{FORM}?at=1.1")
    count = len(keys(analyst))
    page.locator("#kind").select_option("date")
    page.locator("#add").click()
    expect(page.locator(".item")).not_to_have_count(0)
    expect(page.locator(".item.here code").first).to_have_text("date")
    assert len(keys(analyst)) == count + 1
    page.locator("[id='p.label:zh']").fill("收到日期")
    page.locator("#apply").click()
    expect(page.locator(".item.here .label").first).to_contain_text("收到日期")
    expect(page.frame_locator("#preview-frame").locator("main")).to_contain_text("收到日期")
    page.locator(".item.here > .item-row button[value^='remove']").click()
    expect(page.locator(".items > .item")).to_have_count(count)
    page.locator("#undo").click()
    expect(page.locator(".items > .item")).to_have_count(count + 1)
    page.context.close()


def test_pages_hold_what_every_page_holds(serving: Serving, chromium: Browser, analyst: Caller) -> None:
    page = analyst_page(chromium, serving.url)
    for path in (f"{BASE}/forms", f"{FORM}?at=1.1", FORM, f"{BASE}/form-rights"):
        page.goto(f"{serving.url}{path}")
        assert same_but_names(at_widths(page, 1280, 390)) == []
        assert axe(page) == []
    # axe-core asks the frame to run it, which no preview may.
    troubles: list[str] = page.troubles  # type: ignore[attr-defined]
    assert [one for one in troubles if "allow-scripts" not in one] == []
    page.context.close()
