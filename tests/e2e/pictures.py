"""Make the pictures of the README: `python -m tests.e2e.pictures` (needs Debian's chromium; no other preparation).

A server of its own is started, the tour is walked, and some screens are kept under docs/pictures; `python -m
tests.e2e.pictures studio` makes those of the studio alone.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.conftest import ROOT
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.e2e.journey import Journey
from tests.e2e.people import fill, more_questions, open_page, sign_in
from tests.e2e.places import diagram_stands, tables_stand
from tests.e2e.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 150_000
DESK = {"width": 1200, "height": 760}
#: The studio wants room.
WIDE = {"width": 1440, "height": 900}
PROCESS = "temporary-assistance"
CELL = "severity_rule_2_in_1"


def keep(page: Page, name: str) -> None:
    """The visible part of the page as docs/pictures/<name>.png."""
    path = FOLDER / f"{name}.png"
    # Screens have few colours: a palette keeps them sharp, at half the bytes.
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    seen.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
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


def studio(browser: Browser, url: str) -> None:
    """A draft of a real process: a step with its settings, and a decision table with a fault that was typed just now."""
    page = open_page(browser, WIDE)
    page.set_default_timeout(30_000)
    sign_in(page, url, "analyst")
    page.wait_for_selector("form[action='/sign-out']")
    page.goto(f"{url}/studio/{PROCESS}/diagram")
    with page.expect_navigation():
        page.click("form[action$='/begin'] button")
    diagram_stands(page)
    page.click("#tab-elements")
    page.locator("button.element-row", has_text="核实急难情况").first.click()
    page.click("#tab-settings")
    page.wait_for_selector("[data-field=structure]")
    keep(page, "studio")
    page.goto(f"{url}/studio/{PROCESS}/tables")
    tables_stand(page)
    page.click(f"td[data-element-id='{CELL}']")
    page.wait_for_selector(f"td[data-element-id='{CELL}'] .cm-content:focus")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('"uninhabitable" and')
    page.wait_for_selector("#findings li.error")
    page.wait_for_selector("#saving[data-state=saved]")
    page.wait_for_selector("#row blockquote")
    keep(page, "studio-table")


def main() -> None:
    """Start, walk, stop."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Serving(Path(folder))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                if sys.argv[1:] != ["studio"]:
                    walk(browser, server.url)
                studio(browser, server.url)
                browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
