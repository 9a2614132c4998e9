"""What the studio's browser tests share: an analyst's browser, and what axe-core finds on a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.people import DESK, open_page, settle, sign_in
from tests.e2e.test_places import _RUN, AXE, TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser, Page


def analyst_page(
    chromium: Browser,
    url: str,
    *,
    account: str = "analyst",
    scripts: bool = True,
    size: Mapping[str, int] = DESK,
) -> Page:
    """A browser that is signed in; with axe-core in every page, where that is installed and scripts run."""
    page = open_page(chromium, size, scripts=scripts)
    if scripts and AXE.exists():
        page.context.add_init_script(AXE.read_text())
    sign_in(page, url, account)
    return page


def axe(page: Page) -> list[str]:
    """What axe-core finds on the page (WCAG 2.2 AA and best practice); nothing where it is not installed."""
    if not AXE.exists():
        return []
    settle(page)
    return [
        f"{page.url}: {code} ({impact}): {json.dumps(nodes, ensure_ascii=False)}"
        for code, impact, nodes in page.evaluate(_RUN, TAGS)
    ]
