"""Playing a case in Chromium: tokens on the diagram, buttons, a step back; with the keyboard, and without any script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.studio import analyst_page, axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

PLAY = "/studio/temporary-assistance/play"


def token(page: Page, element: str) -> None:
    """A token rests at the element."""
    expect(page.locator(f"g[data-element-id='{element}'] circle.d-t")).to_have_count(1)


def press(page: Page, do: str) -> None:
    """Press a button by its name in the form; the page that comes shows another scene."""
    page.locator(f"button[name='do'][value='{do}']:visible:not(.away)").first.click()


def test_a_case_is_played_on_its_diagram(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url)
    page.goto(f"{serving.url}{PLAY}")
    assert axe(page) == []
    press(page, "start")
    token(page, "register")
    assert axe(page) == []
    page.locator("a[href^='#do-']").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("section.work:target")).to_have_count(1)
    press(page, "done")
    token(page, "confirm_report")
    expect(page.locator("g[data-element-id='register'].done")).to_have_count(1)
    press(page, "done")
    token(page, "approve_small")
    token(page, "review_papers")
    expect(page.locator("ol.trail li")).to_contain_text(["提交申请", "登记急难情况", "核实急难情况"])
    expect(page.locator(".decision").first).to_be_visible()
    assert axe(page) == []
    press(page, "time:due")
    expect(page.locator("#play-now")).to_have_text("2026-08-06 00:00")
    press(page, "back")
    expect(page.locator("#play-now")).to_have_text("2026-08-03 09:00")
    press(page, "back")
    token(page, "confirm_report")
    assert page.troubles == []  # type: ignore[attr-defined]
    page.context.close()


def test_a_payment_is_answered_and_refused_without_any_script(serving: Serving, chromium: Browser) -> None:
    page = analyst_page(chromium, serving.url, scripts=False)
    page.goto(f"{serving.url}{PLAY}")
    press(page, "start")
    for element in ("register", "confirm_report"):
        token(page, element)
        press(page, "done")
    token(page, "approve_small")
    section = page.locator("section.work", has_text="批准小额快救")
    section.locator("button").click()
    expect(page.locator("section.work.chosen h3")).to_have_text("批准小额快救")
    press(page, "done")
    token(page, "pay_out")
    # The bank sends it back: the model catches that. A code that it does not know stops the case.
    press(page, "fail:pay")
    expect(page.locator("g[data-element-id='pay_out'] circle.d-t")).to_have_count(0)
    press(page, "back")
    token(page, "pay_out")
    page.locator("input[name='code:pay']").first.fill("unheard-of")
    press(page, "fail:pay")
    expect(page.locator("g[data-element-id='pay_out'].error circle.d-t")).to_have_count(1)
    expect(page.locator("section.stopped-at")).to_have_count(1)
    press(page, "back")
    expect(page.locator("section.stopped-at")).to_have_count(0)
    token(page, "pay_out")
    press(page, "answer:pay")
    expect(page.locator("g[data-element-id='pay_out'] circle.d-t")).to_have_count(0)
    page.context.close()
