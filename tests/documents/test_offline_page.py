"""The saved page in a real browser, opened from a file without any network, with codes read from real paper."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image

from engine.documents.base45 import encode45
from engine.documents.offline import Coding, write_code, write_list
from engine.documents.offline_page import fill_page, policy_of
from engine.documents.ring import open_ring, rotate, strike
from tests.documents.conftest import DOCUMENT, ROOT, TOKEN, make_job
from tests.documents.test_offline import CARRIED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from engine.documents.press import Press
    from engine.documents.ring import Ring

NOW = datetime.now(UTC)
LABELS = {"amount": "金额", "person.name": "姓名", "decided_on": "决定日期"}
CURRENT = replace(CARRIED, expires_on=NOW.date() + timedelta(days=30))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Ring:
    """Three keys: one of ES256 in force, one of Ed25519 to come, one that was struck."""
    folder = tmp_path_factory.mktemp("ring") / "codes"
    first = open_ring(folder)
    rotate(folder, NOW + timedelta(days=1), "EdDSA")
    lost = rotate(folder, NOW - timedelta(days=9000))
    key = next(entry for entry in lost.entries if entry.begins == NOW - timedelta(days=9000)).key
    assert key != first.entries[0].key
    return strike(folder, key, NOW, "lost")


@pytest.fixture(scope="module")
def opened(browser: Browser, ring: Ring, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Page]:
    """Open the page from a file in a browser that is offline; anything it tries to fetch fails the test."""

    def open_it(states: Mapping[str, str] | None = None, made_at: datetime = NOW) -> Page:
        listed = write_list(states or {}, made_at, ring.private(ring.at(NOW)))
        return show(fill_page(ROOT, ring, listed, "晋中市", NOW, LABELS))

    def show(text: str) -> Page:
        path = tmp_path_factory.mktemp("page") / "verify-offline.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(offline=True)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("request", lambda request: fetched.append(request.url))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    fetched: list[str] = []
    troubles: list[str] = []
    open_it.show = show  # type: ignore[attr-defined]
    yield open_it
    assert not [url for url in fetched if not url.startswith(("file:", "data:"))]
    assert not troubles


def judged(page: Page, code: str) -> str:
    page.locator("#answer").evaluate("box => box.replaceChildren()")
    page.fill("#code", code)
    page.click("#go")
    return str(page.locator("#answer .told").first.get_attribute("data-outcome"))


def scanned(pdf: bytes, resolution: int = 150) -> list[str]:
    """The codes of a printed page, by a reader that knows nothing of us."""
    told = subprocess.run(
        ["pdftoppm", "-r", str(resolution), "-png", "-singlefile", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    )
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(told.stdout)))]


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")
@pytest.mark.parametrize("layout", ["notice", "certificate"])
def test_a_code_read_from_paper_is_genuine(
    opened: Callable[..., Page], press: Press, ring: Ring, layout: str
) -> None:
    body = '{% extends "_shared/' + layout + '.html" %}{% block body %}<p>金额一千元。</p>{% endblock %}'
    job = make_job(body, document={"layout": layout, "sealed": False})
    pdf = press.work(replace(job, coding=Coding(str(ring.folder), NOW, CURRENT))).content
    found = scanned(pdf)
    assert f"{DOCUMENT['verify_url']}" in found
    (code,) = [text for text in found if text.startswith("BJ1:")]
    page = opened()
    assert judged(page, code) == "genuine"
    told = page.inner_text("#answer")
    for needed in (
        CURRENT.title,
        str(CURRENT.number),
        CURRENT.issuer,
        "2026-11-23",
        "张**",
        "1409.50",
        "姓名",
    ):
        assert needed in told
    assert page.is_hidden("#stale")


def test_all_outcomes_are_told_apart(opened: Callable[..., Page], ring: Ring, tmp_path: Path) -> None:
    own = ring.private(ring.at(NOW))
    code = write_code(CURRENT, own)
    page = opened({"REVOKED9XW4RTB8HNCPD": "revoked", "REPLACED9XW4RTB8HNCP": "replaced"})
    assert judged(page, code) == "genuine"
    assert judged(page, f"  {code}\n") == "genuine"
    later = ring.private(ring.entries[-1])
    assert ring.entries[-1].algorithm == "EdDSA"
    assert judged(page, write_code(CURRENT, later)) == "genuine"
    assert judged(page, write_code(replace(CURRENT, token="REVOKED9XW4RTB8HNCPD"), own)) == "revoked"
    assert judged(page, write_code(replace(CURRENT, token="REPLACED9XW4RTB8HNCP"), own)) == "replaced"
    yesterday = (NOW - timedelta(days=2)).date()
    assert judged(page, write_code(replace(CURRENT, expires_on=yesterday), own)) == "expired"
    foreign = open_ring(tmp_path / "foreign")
    assert judged(page, write_code(CURRENT, foreign.private(foreign.entries[0]))) == "foreign"
    struck = next(entry for entry in ring.entries if entry.struck)
    assert judged(page, write_code(CURRENT, ring.private(struck))) == "struck"
    assert judged(page, "BJ1:" + encode45(b"\x84" * 40)) == "unreadable"
    assert judged(page, "https://banjian.example.cn/verify/X") == "unreadable"
    assert page.is_hidden("#compare"), "nothing of it is shown"


def test_the_page_and_the_engine_judge_alike(opened: Callable[..., Page], ring: Ring) -> None:
    """Every changed character: the page's own reader and ours, written apart, agree that it is no good."""
    code = write_code(CURRENT, ring.private(ring.at(NOW)))
    page = opened()
    for place in range(0, len(code), 9):
        other = "7" if code[place] != "7" else "8"
        assert judged(page, code[:place] + other + code[place + 1 :]) in (
            "altered",
            "foreign",
            "unreadable",
        ), place
        assert page.is_hidden("#compare")


def test_a_code_copied_from_another_paper_is_found_by_its_word(
    opened: Callable[..., Page], ring: Ring
) -> None:
    page = opened()
    assert judged(page, write_code(CURRENT, ring.private(ring.at(NOW)))) == "genuine"
    for typed, same in (
        (TOKEN[-4:], "true"),
        (TOKEN.lower(), "true"),
        ("ZZZZ", "false"),
        (TOKEN[:-1] + "3", "false"),
    ):
        page.fill("#word", typed)
        assert page.get_attribute("#same", "data-same") == same


def test_an_old_or_forged_list_is_said(opened: Callable[..., Page], ring: Ring, tmp_path: Path) -> None:
    page = opened(made_at=NOW - timedelta(days=31))
    assert "30" in page.inner_text("#stale")
    foreign = open_ring(tmp_path / "foreign")
    forged = write_list({}, NOW, foreign.private(foreign.entries[0]))
    page = opened.show(fill_page(ROOT, ring, forged, "晋中市", NOW, LABELS))  # type: ignore[attr-defined]
    assert page.is_visible("#stale")
    code = write_code(CURRENT, ring.private(ring.at(NOW)))
    assert judged(page, code) == "genuine"
    assert "作废名单" in page.inner_text("#answer"), "that nobody knows whether it was revoked"


def test_the_source_pins_nothing_and_data_cannot_break_out(opened: Callable[..., Page], ring: Ring) -> None:
    page = opened.show((ROOT / "api/ui/static/verify-offline.html").read_text())  # type: ignore[attr-defined]
    assert "没有绑定" in page.inner_text("#stale")
    hostile = {"amount": "</script><script>document.title='broken'</script>"}
    listed = write_list({}, NOW, ring.private(ring.at(NOW)))
    text = fill_page(ROOT, ring, listed, "</script><b>x", NOW, hostile)
    page = opened.show(text)  # type: ignore[attr-defined]
    assert page.title() != "broken"
    facts = replace(CURRENT, title="<img src=x onerror=alert(1)>", facts={"amount": "<b>1</b>"})
    assert judged(page, write_code(facts, ring.private(ring.at(NOW)))) == "genuine"
    assert "<img src=x" in page.inner_text("#answer")
    assert "unsafe-inline" not in policy_of(text)
    assert "default-src 'none'" in policy_of(text)


def test_the_page_holds_no_address(ring: Ring) -> None:
    text = fill_page(ROOT, ring, b"", "晋中市", NOW, LABELS)
    assert "http://" not in text
    assert "https://" not in text
