"""Make the pictures of the README: `python -m tests.e2e.pictures` (needs Debian's chromium; no other preparation).

A server of its own is started, the tour is walked, and four screens are kept under docs/pictures.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.conftest import ROOT
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.e2e.journey import Journey
from tests.e2e.people import fill, more_questions, open_page, sign_in
from tests.e2e.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 150_000
DESK = {"width": 1200, "height": 760}


def keep(page: Page, name: str) -> None:
    """The visible part of the page as docs/pictures/<name>.png."""
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    assert size <= MOST_BYTES, f"{path.name} has {size} bytes"
    print(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB")


def walk(browser: Browser, url: str) -> None:
    """Some cases at different places, and the four screens."""
    paid = Journey(
        browser, url, lambda page, name: keep(page, "apply-phone") if name == "apply-filled" else None
    )
    paid.report()
    paid.register()
    paid.confirm()
    paid.approve()
    paid.wait_for("beiguan.investigator", "登记急难结束日")

    others = [Journey(browser, url) for _ in range(3)]
    for other in others:
        other.report()
    for other in others[:2]:
        other.register()
    others[0].confirm()

    page = open_page(browser, DESK)
    sign_in(page, url, "beiguan.investigator")
    keep(page, "worklist")
    page.goto(f"{url}/tasks?search={others[1].number}")
    page.click("a.cover")
    page.click("#claim button")
    fill(page, {"visit_way": "visit", "event_real": True, "living_hit": True, "urgent": True})
    more_questions(page)
    keep(page, "task")
    page.goto(f"{url}/cases/{paid.number}")
    keep(page, "case")


def main() -> None:
    """Start, walk, stop."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Serving(Path(folder))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                walk(browser, server.url)
                browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
