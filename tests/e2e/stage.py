"""A demonstration office with cases at every point of their way, made over the API; what pages are about, by name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from engine.documents.verify import file_tokens
from tests.api.conftest import CONFIRMED, Caller, application, registered
from tests.e2e.people import leading, open_page, sign_in
from tests.e2e.places import LOOKER, RESIDENT, WINDOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser, Page

PHONE = "13812345678"


class Stage:
    """The office, what its pages are about, and the browsers of the people who look at them."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            self._client = client
            self.about: Mapping[str, str] = self._made()

    def address(self, path: str) -> str:
        """The whole address of a place."""
        return self.url + path.format_map(self.about)

    def page(self, who: str, size: Mapping[str, int], init: str = "") -> Page:
        """A fresh browser of that person; `init` is a script that every page begins with."""
        page = open_page(self.browser, size)
        if init:
            page.context.add_init_script(init)
        if who == "phone":
            page.goto(f"{self.url}/track")
            page.fill("#number", self.about["case"])
            page.fill("#code", self.about["code"])
            with leading(page, f"**/track/{self.about['case']}*"):
                page.click("main form button.main")
        elif who:
            sign_in(page, self.url, who)
        return page

    def _made(self) -> dict[str, str]:
        client = self._client
        stranger, window, looker = Caller(client), Caller(client, WINDOW), Caller(client, LOOKER)
        leader, resident = Caller(client, "beiguan.leader"), Caller(client, RESIDENT)
        paid = stranger.post("/api/applications", application()).json()
        case = paid["case"]
        window.work(case, "register", registered())
        looker.work(case, "confirm_report", CONFIRMED)
        leader.work(case, "approve_small", {"decision": "approve", "amount": 605})
        # Others wait at the window and with the investigator.
        for _ in range(3):
            free = stranger.post("/api/applications", application()).json()["case"]
        own = resident.post("/api/applications", application()).json()["case"]
        window.work(own, "register", registered())
        held = looker.task_of(own, "confirm_report")["id"]
        looker.post(f"/api/tasks/{held}/claim")
        told = client.post("/sign-in/code", data={"phone": PHONE, "next": ""})
        document = self._documents(leader, case)[0]["id"]
        paper = leader.get(f"/api/documents/{document}").content
        return {
            "case": case,
            "code": paid["query_code"],
            "own": own,
            "free": window.task_of(free, "register")["id"],
            "held": held,
            "login": httpx.URL(told.headers["location"]).params["code"],
            "document": document,
            "token": next(iter(file_tokens(paper))),
        }

    def _documents(self, caller: Caller, case: str) -> list[dict[str, str]]:
        for _ in range(120):
            found: list[dict[str, str]] = caller.get(f"/api/cases/{case}").json()["documents"]
            if found:
                return found
            time.sleep(0.25)
        raise AssertionError(f"no document of case {case} was made")
