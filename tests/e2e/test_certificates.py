"""A community certificate, in the browser from the words of a resident to the sealed PDF: what it costs the clerks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import TimeoutError as WaitedTooLong
from playwright.sync_api import expect

from tests.api.conftest import VILLAGE, Caller, identity
from tests.api.test_certificate_minute import CLASSIFIED, FROM_THE_REQUEST, REQUEST, SIGNED
from tests.e2e.people import PHONE, fill, leading, open_page, until
from tests.e2e.test_applicant import FOUND, go
from tests.e2e.test_desk import at_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.e2e.serving import Serving

PROCESS = "community-certificate"
WORDS = "党员到社区报到，要个报到回执"
#: What a clerk's minute may hold: keys at all three desks together, and pages that are loaded for it.
MOST_KEYS, MOST_LOADS = 12, 6


class Desk:
    """A clerk at the keyboard, whose keys and page loads are counted; drafts that keep themselves are not waited for."""

    def __init__(self, chromium: Browser, url: str, account: str, step: str, case: str) -> None:
        self.page = at_desk(chromium, url, account, f"/tasks?process={PROCESS}&step={step}&search={case}")
        self.keys = self.loads = 0
        self.page.on("request", lambda one: self._count(one.method, one.url, one.post_data or ""))

    def _count(self, method: str, address: str, body: str) -> None:
        path = httpx.URL(address).path
        if (
            path.startswith("/tasks")
            and not re.search(r"/(draft|here|side|page)\b", path)
            and "update" not in body
        ):
            self.loads += method == "POST"

    def press(self, *keys: str) -> None:
        """Press some keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def take(self, first: str) -> None:
        """Claim the one that is due first; the question `first` has the focus then."""
        begun = self.page.url
        self.press("c")
        until(self.page, "old => location.href !== old", arg=begun)
        self.at(first)

    def choose(self, name: str) -> None:
        """Choose the first answer of the question that has the focus."""
        form = self.page.wait_for_selector("#answers")
        assert form is not None
        depends = form.get_attribute("data-depends") is not None
        self.press("Space")
        if depends:  # the form is asked again, and exchanged when the answer is there
            until(self.page, "form => !form.isConnected", arg=form)
        until(self.page, "name => document.querySelector(`input[name='${name}']`).checked", arg=f"f.{name}")

    def at(self, name: str) -> None:
        """Wait until the question has the focus."""
        until(
            self.page,
            "name => document.activeElement && document.activeElement.name === name",
            arg=f"f.{name}",
        )

    def missed(self, name: str) -> None:
        """What has to be answered and is not is found by trying to send."""
        self.press("Control+Enter")
        self.at(name)

    def send(self) -> None:
        """Complete the step and wait until it is taken."""
        self.press("Control+Enter")
        # The whole decision is made in this one command: on a busy machine it may take its time.
        try:
            self.page.wait_for_url(re.compile("said=(done|none-left)"))
        except WaitedTooLong:
            focus = self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            raise AssertionError([self.page.url, focus, self.page.inner_text("main")[:1500]]) from None


def ask(page: Page, url: str) -> str:
    """A resident looks for the paper in their own words, and applies for it; the case number."""
    page.goto(url)
    page.fill("#q", WORDS)
    with leading(page, FOUND):
        page.click(".seek button")
    expect(page.locator(".alert.done")).to_contain_text("可以出具这种证明")
    page.locator(f"ul.services a.button[href*='{PROCESS}']").first.click()
    page.wait_for_url(f"**/apply/{PROCESS}*")
    page.select_option("#area", VILLAGE)
    page.fill("#phone", "13812345678")
    go(page, "next")
    assert page.input_value("[name='f.asked']") == WORDS
    fill(page, {"purpose": "party"})
    go(page, "next")
    who = {"for_whom": "self", "applicant.name": "赵敏", "applicant.id_no": identity(), "hukou_here": True}
    fill(page, who)
    go(page, "next")
    unit = {"unit.name": "某局机关党委", "unit.kind": "party_organisation", "unit.place": "here"}
    fill(page, unit)
    go(page, "next")
    expect(page.locator("h1")).to_have_text("核对一遍再提交")
    go(page, "submit")
    return page.inner_text("#case-number")


def test_from_a_resident_s_words_to_the_pdf_by_keys(serving: Serving, chromium: Browser) -> None:
    resident = open_page(chromium, PHONE)
    case = ask(resident, serving.url)
    clerk = Desk(chromium, serving.url, "jinlun.clerk", "classify", case)
    clerk.take("identity_checked")
    assert clerk.page.is_checked("input[name='f.facts'][value=party_report]")
    assert clerk.page.input_value("[name='f.recipient.name']") == "某局机关党委"
    clerk.choose("identity_checked")
    clerk.missed("complete")
    clerk.choose("complete")
    clerk.send()
    director = Desk(chromium, serving.url, "jinlun.director", "sign", case)
    director.take("decision")
    director.choose("decision")
    director.send()
    keeper = Desk(chromium, serving.url, "jinlun.seal", "affix_seal", case)
    keeper.take("kept")
    keeper.choose("kept")
    keeper.send()
    with leading(resident, "**/track/**"):
        resident.click("main form button.main")
    for _ in range(60):
        resident.goto(f"{serving.url}/track/{case}")
        if resident.locator("a:has-text('出示')").count():
            break
        resident.wait_for_timeout(250)
    resident.locator("a:has-text('出示')").first.click()
    expect(resident.locator(".qr svg")).to_be_visible()
    desks = (clerk, director, keeper)
    keys, loads = sum(one.keys for one in desks), sum(one.loads for one in desks)
    print(f"request to PDF: {keys} keys and {loads} round trips at three desks")
    assert keys <= MOST_KEYS
    assert loads <= MOST_LOADS


@pytest.fixture(scope="module")
def client(serving: Serving) -> Iterator[httpx.Client]:
    """For people's programs."""
    with httpx.Client(base_url=serving.url, timeout=60, trust_env=False) as client:
        client.event_hooks["response"].append(lambda _: client.cookies.clear())
        yield client


def test_the_seal_is_put_to_several_at_once(
    serving: Serving, chromium: Browser, client: httpx.Client
) -> None:
    clerk, director = (Caller(client, f"jinlun.{name}") for name in ("clerk", "director"))
    stranger = Caller(client)
    cases = []
    for _ in range(3):
        data = {**REQUEST, "applicant": {**REQUEST["applicant"], "id_no": identity()}}  # type: ignore[dict-item]
        body = {"process": PROCESS, "area": VILLAGE, "data": data}
        cases.append(str(stranger.post("/api/applications", body).json()["case"]))
        assert clerk.work(cases[-1], "classify", {**FROM_THE_REQUEST, **CLASSIFIED}).status_code == 200
        assert director.work(cases[-1], "sign", SIGNED).status_code == 200
    page = at_desk(chromium, serving.url, "jinlun.seal", f"/tasks?process={PROCESS}&step=affix_seal")
    page.check("#batch-all")
    for case in cases:
        expect(page.locator(f"input[name=task][value^='{case}.']")).to_be_checked()
    page.click("#batch button")
    expect(page.locator("#batch-run")).to_contain_text("登记用印")
    page.check("input[name='f.kept'][value=true]")
    page.click("button[value=run]")
    expect(page.locator("#batch-status")).to_contain_text("成功 3 件，失败 0 件")
    for case in cases:
        assert not clerk.get(f"/api/tasks?search={case}").json()["tasks"]
