"""The clerk's desk in Chromium: keys only, drafts that keep themselves, papers beside the form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import CONFIRMED, Caller, application, registered
from tests.api.test_desk import PDF
from tests.conftest import THOROUGH
from tests.e2e.people import DESK, PHONE, open_page, sign_in, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ElementHandle, Page, Request, Route

    from tests.e2e.serving import Serving

#: Tasks of the keyboard run; the whole proof takes twenty.
RUN = 20 if THOROUGH else 4
STEP = "approve_small"


class Staff:
    """The people who bring cases to a desk, over the API."""

    def __init__(self, client: httpx.Client) -> None:
        self.stranger = Caller(client)
        self.window, self.looker = Caller(client, "beiguan.window"), Caller(client, "beiguan.investigator")
        self.leader = Caller(client, "beiguan.leader")
        self.client = client

    def case(self, **changes: Any) -> str:
        """A fresh case, waiting at the window."""
        return str(self.stranger.post("/api/applications", application(**changes)).json()["case"])

    def confirmed(self) -> str:
        """A case that waits for approval."""
        case = self.case()
        assert self.window.work(case, "register", registered()).status_code == 200
        assert self.looker.work(case, "confirm_report", CONFIRMED).status_code == 200
        return case


@pytest.fixture(scope="module")
def staff(serving: Serving) -> Iterator[Staff]:
    """The office's people."""
    with httpx.Client(base_url=serving.url, timeout=60, trust_env=False) as client:
        client.event_hooks["response"].append(lambda _: client.cookies.clear())
        yield Staff(client)


def at_desk(chromium: Browser, url: str, account: str, path: str) -> Page:
    """A browser of a clerk at a place of the desk."""
    page = open_page(chromium, DESK)
    sign_in(page, url, account)
    page.goto(f"{url}{path}")
    until(page, "document.documentElement.classList.contains('scripted')")
    return page


def focused(page: Page) -> str:
    """The name of the field that has the focus, or the text of the link."""
    told = page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")
    return str(told)


def approve(page: Page) -> int:
    """Approve the task that is open, by keys alone; how many were pressed."""
    until(page, "document.activeElement && document.activeElement.name === 'f.decision'")
    page.keyboard.press("Space")
    page.wait_for_selector("[name='f.amount']")
    assert page.input_value("[name='f.amount']") == "605"
    title = page.url
    page.keyboard.press("Control+Enter")
    until(page, "old => location.href !== old", arg=title)
    return 2


def test_a_run_of_tasks_by_keys_alone(serving: Serving, chromium: Browser, staff: Staff) -> None:
    cases = [staff.confirmed() for _ in range(RUN)]
    page = at_desk(chromium, serving.url, "beiguan.leader", f"/tasks?step={STEP}&search={cases[0][:14]}")
    posts: list[str] = []
    page.on("request", lambda one: _note(one, posts))
    begun = page.url
    page.keyboard.press("c")
    until(page, "old => location.href !== old", arg=begun)
    pressed = 1
    for number in range(RUN):
        # From one task to the next: two keys, one of them to decide, and one round trip.
        assert f"/tasks/{cases[number]}" in page.url
        pressed += approve(page)
    assert pressed <= 6 * RUN
    assert len(posts) == RUN + 1, posts
    page.wait_for_selector("text=没有可认领的任务了")
    for case in cases:
        assert STEP not in {
            one["element"] for one in staff.leader.get(f"/api/tasks?search={case}").json()["tasks"]
        }
    assert page.troubles == []  # type: ignore[attr-defined]


def _note(request: Request, posts: list[str]) -> None:
    """What a person's key sends; drafts and further questions are not waited for."""
    if request.method == "POST" and not re.search(r"/(draft|here)$", request.url):
        body = request.post_data or ""
        if "update" not in body:
            posts.append(request.url)


def test_the_list_is_walked_by_keys_and_back_keeps_the_split(
    serving: Serving, chromium: Browser, staff: Staff
) -> None:
    cases = [staff.case() for _ in range(3)]
    page = at_desk(chromium, serving.url, "beiguan.window", f"/tasks?search={cases[0][:14]}&whose=free")
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    assert first == page.locator("a.row-link").first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk-split")
    assert first in page.url
    page.keyboard.press("n")
    until(page, "old => !location.href.endsWith(old)", arg=first)
    second = page.url
    page.reload()
    assert page.url == second
    page.wait_for_selector(".beside li.here")
    page.go_back()
    until(page, "old => location.href.endsWith(old)", arg=first)
    until(page, "old => document.querySelector('.beside li.here a')?.getAttribute('href') === old", arg=first)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")


def test_keys_rest_while_somebody_types_and_can_be_switched_off(
    serving: Serving, chromium: Browser, staff: Staff
) -> None:
    case = staff.case()
    page = at_desk(chromium, serving.url, "beiguan.window", f"/tasks?search={case}")
    page.focus("#search")
    page.keyboard.type("cjs?")
    assert set(page.input_value("#search").replace(case, "")) == set("cjs?")
    assert page.locator("dialog[open]").count() == 0
    page.evaluate("document.activeElement.blur()")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', isComposing: true, bubbles: true}))"
    )
    assert "/tasks?" in page.url
    page.keyboard.press("?")
    page.click("#keys-switch")
    page.click("#keys-close")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0
    page.reload()
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0
    page.click("#keys-open")
    page.click("#keys-switch")
    page.click("#keys-close")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")


def test_drafts_keep_themselves_and_papers_change_without_losing_them(
    serving: Serving, chromium: Browser, staff: Staff
) -> None:
    kept = staff.client.post("/api/materials", files={"data": ("小结.pdf", PDF)}).json()
    case = staff.case(evidence=[kept])
    task = staff.window.task_of(case, "register")["id"]
    page = at_desk(chromium, serving.url, "beiguan.window", f"/tasks/{task}")
    page.keyboard.press("c")
    page.wait_for_selector("#answers")
    page.fill("[name='f.applicant.name']", "欧阳草稿")
    page.locator("#draft", has_text=re.compile(r"草稿已自动保存 \d\d:\d\d:\d\d")).wait_for()
    assert focused(page) == "f.applicant.name"
    # Another choice brings up another question; what is typed meanwhile stays.
    page.check("input[name='f.applicant.id_type'][value=resident_id]")
    page.wait_for_selector("[name='f.applicant.id_no']")
    assert page.input_value("[name='f.applicant.name']") == "欧阳草稿"
    # The paper is turned, read on and judged beside it.
    page.locator("#paper-page", has_text="共 2 页").wait_for()
    page.click("#page-after")
    page.locator("#paper-page", has_text="第 2 页，共 2 页").wait_for()
    page.click("a[aria-label='向右转']")
    page.wait_for_selector("img.turn-90")
    page.fill(".judge input[name=reason]", "没有盖章")
    page.click(".judge button[value=refused]")
    page.locator(".judged.refused", has_text="没有盖章").wait_for()
    assert page.input_value("[name='f.applicant.name']") == "欧阳草稿"
    page.reload()
    assert page.input_value("[name='f.applicant.name']") == "欧阳草稿"
    # Somebody else who opens the case is told that it is open here.
    other = at_desk(chromium, serving.url, "beiguan.leader", f"/tasks/{task}")
    other.locator("#others", has_text="王丽").wait_for()


def test_further_questions_that_come_late_take_nothing_away(
    serving: Serving, chromium: Browser, staff: Staff
) -> None:
    case = staff.confirmed()
    task = staff.leader.task_of(case, STEP)["id"]
    page = at_desk(chromium, serving.url, "beiguan.leader", f"/tasks/{task}")
    page.keyboard.press("c")
    page.check("input[name='f.decision'][value=approve]")
    amount = page.wait_for_selector("[name='f.amount']")
    assert amount is not None
    held: list[Route] = []
    page.route(re.compile(rf"/tasks/{re.escape(task)}(\?|$)"), lambda route: _hold(route, held))
    # What is marked when the answer comes is still marked: the next key replaces it.
    page.click("button[value=update]")
    amount.focus()
    amount.select_text()
    _let_go(page, held, amount)
    page.keyboard.type("6")
    assert page.input_value("[name='f.amount']") == "6"
    page.keyboard.type("00")
    # A button that is being pressed stays until it is released.
    amount = page.wait_for_selector("[name='f.amount']")
    assert amount is not None
    button = page.locator("button[value=complete]").bounding_box()
    assert button is not None
    page.mouse.move(button["x"] + 5, button["y"] + 5)
    page.mouse.down()
    with page.expect_response(lambda told: told.request.method == "POST"):
        _wait_for_one(page, held).continue_()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    page.unroute_all()
    page.mouse.up()
    page.wait_for_url("**/tasks?*said=done*")


def test_who_is_faster_than_the_further_questions_waits_for_them(
    serving: Serving, chromium: Browser, staff: Staff
) -> None:
    task = staff.leader.task_of(staff.confirmed(), STEP)["id"]
    page = at_desk(chromium, serving.url, "beiguan.leader", f"/tasks/{task}")
    page.keyboard.press("c")
    until(page, "document.activeElement && document.activeElement.name === 'f.decision'")
    held: list[Route] = []
    page.route(re.compile(rf"/tasks/{re.escape(task)}(\?|$)"), lambda route: held.append(route), times=1)  # noqa: PLW0108 - playwright marks it
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    _wait_for_one(page, held).continue_()
    page.wait_for_url(re.compile("said=(done|none-left)"))


def _hold(route: Route, held: list[Route]) -> None:
    """Keep what the page sends until it is let go."""
    if route.request.method == "POST":
        held.append(route)
    else:
        route.continue_()


def _wait_for_one(page: Page, held: list[Route]) -> Route:
    for _ in range(400):
        if held:
            break
        page.wait_for_timeout(20)
    return held.pop()


def _let_go(page: Page, held: list[Route], field: ElementHandle) -> None:
    """Let the answer come, and wait until the form was exchanged."""
    _wait_for_one(page, held).continue_()
    until(page, "one => !one.isConnected", arg=field)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_desk_works_without_scripts(
    serving: Serving, chromium: Browser, staff: Staff, size: dict[str, int]
) -> None:
    case = staff.case()
    page = open_page(chromium, size, scripts=False)
    sign_in(page, serving.url, "beiguan.window")
    page.goto(f"{serving.url}/tasks?search={case}")
    page.click("a.row-link")
    page.click("#claim button")
    page.fill("[name='f.applicant.name']", "没有脚本")
    page.click("button[value=keep]")
    assert "草稿已保存" in page.inner_text("main")
    page.click(".tabs a >> nth=3")
    assert "认领" in page.inner_text("#side")
    assert page.input_value("[name='f.applicant.name']") == "没有脚本"
    page.click("#verb-transfer summary")
    assert page.locator("#verb-transfer select").count() == 1
