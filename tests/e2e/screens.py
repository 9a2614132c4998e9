"""Screens of every page: `python -m tests.e2e.screens docs/screens [name]` (needs Debian's chromium; nothing else).

Each place of PLACES on a desk and on a phone, in both languages, the phone in large print too (of the studio, made for
desks, those alone); small WebP files and an index.md that shows them side by side. What looks like a
picture that stands already is not kept twice. They are made to be looked at by whoever made the page.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.e2e.people import DESK, PHONE, settle
from tests.e2e.places import PLACES
from tests.e2e.serving import Serving
from tests.e2e.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Collection

    from playwright.sync_api import Page

    from tests.e2e.places import Place

#: (language, print size) -> (end of the name, window): one visit serves both windows.
VISITS: tuple[tuple[str, str, tuple[tuple[str, dict[str, int]], ...]], ...] = (
    ("zh", "normal", (("desk", DESK), ("phone", PHONE))),
    ("en", "normal", (("desk.en", DESK), ("phone.en", PHONE))),
    ("zh", "large", (("phone.large", PHONE),)),
)
ENDS = tuple(end for *_, windows in VISITS for end, _ in windows)
#: Of the studio's pages; more of them would make the folder heavy and tell nothing new.
STUDIO_ENDS = frozenset({"desk", "desk.en"})
#: What of a long page is kept, and how wide the picture is.
TALLEST = {DESK["width"]: 1500, PHONE["width"]: 1700}
SCALE = {DESK["width"]: 0.6, PHONE["width"]: 0.75}
QUALITY = 42
MOST_BYTES = 6_000_000


def shoot(page: Page, width: int) -> bytes:
    """The page from its top, as a small WebP."""
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST[width])
    # As tall a window as the picture, so that what sticks to its lower edge stands there.
    page.set_viewport_size({"width": width, "height": height})
    picture = Image.open(io.BytesIO(page.screenshot()))
    small = picture.convert("RGB").resize(
        (round(picture.width * SCALE[width]), round(picture.height * SCALE[width])), Image.Resampling.LANCZOS
    )
    kept = io.BytesIO()
    small.save(kept, "WEBP", quality=QUALITY, method=6)
    return kept.getvalue()


def visit(page: Page, stage: Stage, place: Place, language: str, size: str) -> None:
    """Bring the page into the place's state."""
    address = stage.address(place.path)
    joint = "&" if "?" in address else "?"
    page.goto(f"{address}{joint}{urlencode({'language': language, 'size': size})}")
    if place.then is not None:
        place.then(page)
    settle(page)


def ends_of(place: Place) -> Collection[str]:
    """Which pictures of a place are kept."""
    return STUDIO_ENDS if place.name.startswith("studio") else ENDS


def take_all(stage: Stage, folder: Path, only: str) -> int:
    """Write the pictures; how many bytes they have."""
    people: dict[str, list[Any]] = defaultdict(list)
    seen: set[bytes] = set()
    for place in PLACES:
        if only in place.name:
            people[place.who].append(place)
    total = 0
    for who, places in people.items():
        page = stage.page(who, DESK)
        for place in places:
            for language, size, every in VISITS:
                windows = [one for one in every if one[0] in ends_of(place)]
                if not windows:
                    continue
                page.set_viewport_size(dict(windows[0][1]))
                try:
                    visit(page, stage, place, language, size)
                except (PlaywrightError, AssertionError) as error:
                    # The others are worth having; whoever looks sees which one is missing.
                    print(f"{place.name} [{language} {size}]: {str(error).splitlines()[0]}")
                    continue
                for end, window in windows:
                    page.set_viewport_size(dict(window))
                    content = shoot(page, window["width"])
                    path = folder / f"{place.name}.{end}.webp"
                    path.unlink(missing_ok=True)
                    if content not in seen:
                        seen.add(content)
                        path.write_bytes(content)
                        total += len(content)
        page.context.close()
    return total


def index(folder: Path) -> str:
    """The page on which they all stand."""
    lines = [
        "# Screens",
        "",
        "Every page and state, made by `python -m tests.e2e.screens docs/screens`: on a desk (1280 px) and a phone (390 px), in",
        "Chinese and English, the phone also in large print; of the studio's pages the desk alone. Where a",
        "picture is missing it is the same as one above.",
        "",
    ]
    for place in PLACES:
        if not (folder / f"{place.name}.desk.webp").exists():
            continue
        lines += [f"## {place.name}", "", f"`{place.path}`", ""]
        kept = [end for end in ENDS if (folder / f"{place.name}.{end}.webp").exists()]
        lines += [f"![{place.name} {end}]({place.name}.{end}.webp)" for end in kept]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Start, visit, write."""
    folder = Path(sys.argv[1])
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server = Serving(Path(data))
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            take_all(Stage(browser, server.url), folder, only)
            browser.close()
        finally:
            server.stop()
    for old in folder.glob("*.webp"):
        if old.name.partition(".")[0] not in {place.name for place in PLACES}:
            old.unlink()
    (folder / "index.md").write_text(index(folder))
    files = list(folder.glob("*.webp"))
    total = sum(file.stat().st_size for file in files)
    print(f"{len(files)} pictures, {total / 1e6:.1f} MB")
    assert total < MOST_BYTES, "too many bytes: lower QUALITY or TALLEST"
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
