"""Every page in every state: axe-core (WCAG 2.2 AA) finds nothing, and nothing runs out of the page at 320 px or 200 %.

By default each place is looked at in one of the four combinations of language and print size, so that all four come up in
every run; BANJIAN_THOROUGH=1 looks at all places in all of them. `python -m tests.e2e.test_places` prints the findings.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.conftest import ROOT, THOROUGH
from tests.e2e.people import DESK, settle
from tests.e2e.places import PLACES
from tests.e2e.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.e2e.places import Place
    from tests.e2e.serving import Serving

AXE = ROOT / "api" / "ui" / "studio" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(language, size) for language in ("zh", "en") for size in ("normal", "large")]
#: Narrow phone, and a desktop of 1280 px at 200 %.
WIDTHS = (320, 640)
_RUN = """async (tags) => { const told = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return told.violations.map(v => [v.id, v.impact, v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0] ? n.any[0].message : n.failureSummary || '').slice(0, 160))]); }"""
_WIDE = """() => { const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return '';
  const over = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  return wide + ' px: ' + over.slice(-2).map(e => e.outerHTML.slice(0, 90)).join(' | '); }"""


def looked_over(stage: Stage, places: list[tuple[int, Place]], *, thorough: bool) -> Iterator[str]:
    """Findings at the places that one person looks at, each in its own words."""
    page = stage.page(places[0][1].who, DESK, AXE.read_text())
    for number, place in places:
        for language, size in LOOKS if thorough else [LOOKS[number % 4]]:
            where = f"{place.name} [{language} {size}]"
            page.set_viewport_size(dict(DESK))
            for one in arrived(page, stage, place, language, size):
                yield f"{where}: {one}"
            for code, impact, nodes in page.evaluate(_RUN, TAGS):
                yield f"{where}: {code} ({impact}): {json.dumps(nodes, ensure_ascii=False)}"
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                if wide := page.evaluate(_WIDE):
                    yield f"{where}: sideways at {width} px by {wide}"
    page.context.close()


def arrived(page: Page, stage: Stage, place: Place, language: str, size: str) -> list[str]:
    """Go to the place in that language and size; what stands in the way."""
    address = stage.address(place.path)
    joint = "&" if "?" in address else "?"
    answer = page.goto(f"{address}{joint}{urlencode({'language': language, 'size': size})}")
    assert answer is not None
    found = [] if answer.status == place.status else [f"answers {answer.status}: {page.title()}"]
    if place.then is not None and not found:
        place.then(page)
    settle(page)
    told = page.evaluate(
        "[document.documentElement.lang, document.documentElement.classList.contains('large')]"
    )
    wanted = ["zh-CN" if language == "zh" else "en", size == "large"]
    return [*found, *([f"is {told}, not {wanted}"] if told != wanted else [])]


def all_findings(stage: Stage, *, thorough: bool = True, only: str = "") -> Iterator[str]:
    """Findings of every place, person by person."""
    people: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for number, place in enumerate(PLACES):
        if only in place.name:
            people[place.who].append((number, place))
    for places in people.values():
        yield from looked_over(stage, places, thorough=thorough)


@pytest.fixture(scope="module")
def stage(serving: Serving, chromium: Browser) -> Stage:
    return Stage(chromium, serving.url)


@pytest.mark.timeout(1800)
def test_no_page_bars_anybody(stage: Stage) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (make assets)")
    assert len({place.name for place in PLACES}) == len(PLACES)
    found = list(all_findings(stage, thorough=THOROUGH))
    assert not found, f"{len(found)} findings\n" + "\n".join(found)


def main() -> int:
    """Print all findings over a server of its own; a word on the command line chooses places by name."""
    import sys
    import tempfile
    import time

    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import ARGUMENTS, CHROMIUM
    from tests.e2e.serving import Serving as Server

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        try:
            begun = time.monotonic()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            only = sys.argv[1] if len(sys.argv) > 1 else ""
            found = list(all_findings(Stage(browser, server.url), only=only))
            browser.close()
        finally:
            server.stop()
    print(*found, sep="\n")
    places = sum(only in place.name for place in PLACES)
    print(f"{places} places, {4 * places} looks, {len(found)} findings, {time.monotonic() - begun:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
