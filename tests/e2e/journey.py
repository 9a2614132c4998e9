"""The tour of the README as people do it: an emergency is reported, confirmed, paid, explained."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from tests.conftest import SHANGHAI
from tests.e2e.people import DESK, PHONE, fill, finish, more_questions, open_page, sign_in, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

#: A valid card number, of nobody.
CARD = "6222021234567890128"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = count(random.randrange(100, 900))


def identity() -> str:
    """A valid identity number that no case of this run had before (GB 11643: the last place checks the others)."""
    body = f"14240119900307{next(_numbers):03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


@dataclass
class Journey:
    """One case on its way, and the browsers of the people who carry it."""

    browser: Browser
    url: str
    shot: Callable[[Page, str], None] = lambda page, name: None
    language: str = "zh-CN"
    number: str = ""
    code: str = ""
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, who: str) -> Page:
        """The browser of a person: signed in, or of somebody without account on a phone."""
        if who not in self.pages:
            size = PHONE if who == "phone" else DESK
            self.pages[who] = open_page(self.browser, size, language=self.language)
            if who != "phone":
                sign_in(self.pages[who], self.url, who)
        return self.pages[who]

    def report(self) -> None:
        """Somebody reports a fire on a phone, without an account (step 1 of the tour)."""
        page = self.page("phone")
        page.goto(self.url)
        self.shot(page, "home")
        page.click("a[href='/apply/temporary-assistance']")
        self.shot(page, "apply-empty")
        page.select_option("#area", "140702001001")
        page.click("button[value=next]")
        fill(
            page,
            {"for_whom": "self", "reporter.name": "张三丰", "reporter.phone": "13812345678"},
        )
        self.shot(page, "apply-who")
        page.click("button[value=next]")
        before = datetime.now(SHANGHAI) - timedelta(hours=2)
        fill(
            page,
            {
                "emergency_type": "fire",
                "emergency_at": before,
                "place_detail": "锦纶社区 3 号楼 2 单元 501",
                "persons": "1",
                "description": "今天家里厨房着火，灶具和被褥都烧了，没有地方做饭，身上的钱不够应急。",
            },
        )
        self.shot(page, "apply")
        page.evaluate("scrollTo(0, 0)")
        self.shot(page, "apply-filled")
        page.click("button[value=next]")
        self.shot(page, "apply-check")
        page.click("button[value=submit]")
        self.shot(page, "submitted")
        self.number = page.inner_text("#case-number").strip()
        self.code = page.inner_text("#query-code").strip()

    def work(self, who: str, step: str, *answers: dict[str, object], name: str = "") -> None:
        """Take a step from the worklist, answer in rounds (each shows the questions that follow), submit."""
        page = self.page(who)
        take(page, self.url, self.number, step)
        for number, round_ in enumerate(answers):
            if number:
                more_questions(page)
            fill(page, round_)
        if name:
            self.shot(page, name)
        finish(page)

    def register(self) -> None:
        """The town's window registers at once (step 2)."""
        self.work(
            "beiguan.window",
            "登记急难情况",
            {
                "applicant.name": "张三丰",
                "applicant.id_type": "resident_id",
                "applicant.phone": "13812345678",
            },
            {"applicant.id_no": identity()},
            name="register",
        )

    def confirm(self) -> None:
        """The investigator sees for themselves (step 3)."""
        self.work(
            "beiguan.investigator",
            "核实急难情况",
            {"visit_way": "visit", "event_real": True, "living_hit": True, "urgent": True},
            {
                "immediate": True,
                "findings": "当面核实：厨房起火已扑灭，房屋没有受损，灶具和被褥烧毁，独居，手头没有钱吃饭，确有急难。",
                "persons": "1",
                "home": "intact",
                "need_kind": "cash",
            },
            {"pay_method": "account"},
            {"payee.name": "张三丰", "payee.bank": "晋中农商行", "payee.account": CARD},
            name="confirm",
        )

    def approve(self) -> None:
        """A third person approves; the bank is asked at once (step 4)."""
        self.work(
            "beiguan.leader",
            "批准小额快救",
            {"decision": "approve"},
            {"amount": "605"},
            name="approve",
        )

    def wait_for(self, who: str, text: str) -> None:
        """Look at the case again until the text is there (documents are made behind the scenes)."""
        page = self.page(who)
        for _ in range(80):
            page.goto(f"{self.url}/cases/{self.number}")
            if text in page.inner_text("main"):
                return
            time.sleep(0.25)
        raise AssertionError(
            f"{text!r} never appeared on the page of case {self.number}:\n{page.inner_text('main')}"
        )
