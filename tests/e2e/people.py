"""What people do in the browser: fill in a form by its questions, sign in, take a task, finish it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error as Broken
from playwright.sync_api import TimeoutError as WaitedTooLong

from tests.e2e.serving import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import Browser, Page

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
#: A slow machine answers late; what a page must show is waited for, however long that takes.
PATIENCE_MS = 30_000


def open_page(
    browser: Browser, size: Mapping[str, int], *, language: str = "zh-CN", scripts: bool = True
) -> Page:
    """A fresh browser profile; every console error and failed request is kept in `page.troubles`."""
    context = browser.new_context(viewport=dict(size), locale=language, java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    troubles: list[str] = []
    page.on(
        "console",
        lambda said: (
            troubles.append(f"{page.url}: {said.text}") if said.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    # What a click on a link cuts short is no trouble.
    page.on(
        "requestfailed",
        lambda lost: (
            troubles.append(f"{lost.url}: {lost.failure}") if "ABORTED" not in str(lost.failure) else None
        ),
    )
    page.troubles = troubles  # type: ignore[attr-defined]
    return page


@contextmanager
def leading(page: Page, to: str | re.Pattern[str] | Callable[[str], bool]) -> Iterator[None]:
    """What is pressed inside leads to such an address, and the page is whole afterwards.

    An address says where one must come: a navigation of any kind could be the page's own, that notes its state.
    """
    with page.expect_navigation(url=to):
        yield
    settle(page)


@contextmanager
def sent(page: Page) -> Iterator[None]:
    """What is pressed inside makes the page anew, perhaps at its own address: the one that was there is gone afterwards."""
    page.evaluate("document.querySelector('main').dataset.old = ''")
    yield
    until(page, "(main => main && !('old' in main.dataset))(document.querySelector('main'))")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page is whole: a click returns before the page that it leads to has arrived."""
    page.wait_for_load_state("load")
    until(page, "document.readyState === 'complete' && document.querySelector('main')")


def sign_in(page: Page, url: str, account: str) -> None:
    """Sign in with the demonstration's password; ends where the account begins, on the worklist or elsewhere."""
    page.goto(f"{url}/sign-in")
    page.fill("#account", account)
    page.fill("#password", PASSWORD)
    with leading(page, lambda now: "/sign-in" not in now):
        page.click("form[action='/sign-in'] button")


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer questions by their keys. Questions that appear only after others need `more_questions` in between."""
    for key, value in answers.items():
        name = f"f.{key}"
        page.wait_for_selector(f"[name='{name}'], [name='{name}:y']", state="attached")
        if isinstance(value, bool):
            page.check(f"input[name='{name}'][value='{str(value).lower()}']")
        elif isinstance(value, date):
            for part, number in (("y", value.year), ("m", value.month), ("d", value.day)):
                page.fill(f"[name='{name}:{part}']", str(number))
            if isinstance(value, datetime):
                page.fill(f"[name='{name}:t']", f"{value:%H:%M}")
        elif page.locator(f"select[name='{name}']").count():
            page.select_option(f"select[name='{name}']", value)
        elif page.locator(f"input[type=radio][name='{name}']").count():
            page.check(f"input[name='{name}'][value='{value}']")
        elif page.locator(f"input[type=file][name='{name}']").count():
            page.set_input_files(f"input[name='{name}']", value)
        else:
            page.fill(f"[name='{name}']", str(value))


def until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until the page's expression holds, asked from outside: what Playwright polls with inside, the pages' policy forbids."""
    for _ in range(600):
        try:
            if page.evaluate(expression, arg):
                return
        except Broken as error:
            if "context was destroyed" not in str(error):
                raise  # not only on its way to another page
        page.wait_for_timeout(50)
    raise AssertionError(f"never held on {page.url}: {expression}")


def more_questions(page: Page) -> None:
    """Show the questions that follow from the answers so far (without scripts: a button)."""
    page.click("button[value=update]")


def take(page: Page, url: str, case: str, step: str) -> None:
    """Open the task `step` of the case from the worklist and claim it."""
    page.goto(f"{url}/tasks?search={case}")
    page.click(f"a.cover:has-text('{step}')")
    page.click("#claim button")
    page.wait_for_selector("#answers")


def finish(page: Page) -> None:
    """Submit the task's form, and wait until it is taken; what stands against it is told."""
    try:
        with page.expect_navigation(url=re.compile("said=(done|none-left)")):
            page.click("button[value=complete]")
    except WaitedTooLong:
        raise AssertionError(page.locator("main .alert.error").all_inner_texts()) from None
