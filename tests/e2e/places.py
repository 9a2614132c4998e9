"""Every page of the house in every state that looks different: the one list for accessibility, reflow and screens.

Whoever makes a page adds a line to PLACES. `path` may name what the stage holds (`{case}`, `{task}`: see stage.py);
`who` is the account that looks (none: a stranger, "phone": a person who followed a case by number and code on a phone);
`then` brings the page into a state that an address alone does not reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tests.e2e.people import fill, more_questions, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

WINDOW, LOOKER, LEADER = "beiguan.window", "beiguan.investigator", "beiguan.leader"
RESIDENT = "li.xiuying"


@dataclass(frozen=True)
class Place:
    """One page in one state."""

    name: str
    path: str
    who: str = ""
    then: Callable[[Page], object] | None = None
    #: What the address answers.
    status: int = 200


def press(selector: str) -> Callable[[Page], object]:
    """Press something that leads to another page."""

    def do(page: Page) -> None:
        with sent(page):
            page.click(selector)

    return do


def open_all(page: Page) -> None:
    """Unfold everything that can be unfolded."""
    page.evaluate("document.querySelectorAll('main details').forEach(e => { e.open = true })")


def wrong_password(page: Page) -> None:
    page.fill("#account", "nobody")
    page.fill("#password", "wrong")
    press("form[action='/sign-in'] button")(page)


def wrong_phone(page: Page) -> None:
    page.fill("#phone", "123")
    press("form[action='/sign-in/code'] button")(page)


def wrong_code(page: Page) -> None:
    page.fill("#digits", "000000")
    press("form[action='/sign-in/code/enter'] button")(page)


def wrong_account(page: Page) -> None:
    page.fill("#email", "nonsense")
    press("form[action='/account'] button")(page)


def wrong_ward(page: Page) -> None:
    open_all(page)
    page.fill("#ward-name", "小明")
    for part, text in (("y", "1990"), ("m", "1"), ("d", "1")):
        page.fill(f"#born-{part}", text)
    page.fill("#basis", "母亲，户口簿")
    press("form[action='/account/wards'] button")(page)


def wrong_verification(page: Page) -> None:
    page.fill("#number", "晋中民救字〔2026〕1号")
    page.fill("#token", "AAAABBBBCCCCDDDDEEEE")
    press("form:has(#token) button")(page)


APPLY = "/apply/temporary-assistance"


def second_step(page: Page) -> None:
    """The area is chosen, the first questions are there."""
    page.select_option("#area", "140702001001")
    press("button[value=next]")(page)


def wrong_step(page: Page) -> None:
    second_step(page)
    fill(page, {"reporter.phone": "12"})
    press("button[value=next]")(page)


def third_step(page: Page) -> None:
    second_step(page)
    fill(page, {"for_whom": "self", "reporter.name": "张三丰", "reporter.phone": "13812345678"})
    press("button[value=next]")(page)


def last_look(page: Page) -> None:
    """Everything answered, before it is handed in."""
    third_step(page)
    what = {
        "emergency_type": "robbery",
        "emergency_at": datetime(2026, 8, 3, 9),
        "place_detail": "汽车站候车厅",
    }
    fill(page, {**what, "persons": "1", "description": "钱包和行李被偷，没有钱吃饭回家。"})
    press("button[value=next]")(page)


def handed_in(page: Page) -> None:
    last_look(page)
    press("button[value=submit]")(page)


def put_off(page: Page) -> None:
    second_step(page)
    press("button[value=later]")(page)


def half_answered(page: Page) -> None:
    """Some questions answered, others brought up by them, and sent too early."""
    fill(page, {"visit_way": "visit", "event_real": True, "living_hit": True})
    more_questions(page)
    press("button[value=complete]")(page)


def diagram_stands(page: Page) -> None:
    """The canvas is drawn and the findings are there."""
    page.wait_for_selector("html[data-studio=ready]")


def tables_stand(page: Page) -> None:
    """The table is drawn and the engine has looked at it."""
    page.wait_for_selector("body[data-tables=ready]")
    page.wait_for_selector("#findings[aria-busy=false]")


PLACES = (
    # ---- everybody
    Place("home", "/"),
    Place("home-search", "/?q=房子着火"),
    Place("service", "/services/temporary-assistance"),
    Place("sign-in", "/sign-in"),
    Place("sign-in-wrong", "/sign-in", then=wrong_password),
    Place("sign-in-wrong-phone", "/sign-in", then=wrong_phone),
    Place("sign-in-code", "/sign-in/code?code={login}&to=138****5678&next=/my"),
    Place("sign-in-code-wrong", "/sign-in/code?code={login}&to=138****5678&next=/my", then=wrong_code),
    Place("demonstration-messages", "/demonstration/messages"),
    Place("track-ask", "/track"),
    Place("apply", APPLY),
    Place("apply-helper", f"{APPLY}?helper=1"),
    Place("apply-step", APPLY, then=second_step),
    Place("apply-step-wrong", APPLY, then=wrong_step),
    Place("apply-step-photos", APPLY, then=third_step),
    Place("apply-later", APPLY, then=put_off),
    Place("apply-check", APPLY, then=last_look),
    Place("submitted", APPLY, then=handed_in),
    Place("continue", "/continue"),
    Place("organisations", "/registers/organisations"),
    Place("verify", "/verify"),
    Place("verify-unknown", "/verify", then=wrong_verification),
    Place("verify-genuine", "/verify/{token}"),
    Place("schema", "/schema"),
    Place("not-found", "/no/such/page", status=404),
    # ---- applicants
    Place("track", "/track/{case}", who="phone", then=open_all),
    Place("track-paper", "/track/{case}/papers/{document}", who="phone"),
    Place("my", "/my", who=RESIDENT),
    Place("inbox", "/inbox", who=RESIDENT),
    Place("account", "/account", who=RESIDENT),
    Place("account-wrong", "/account", who=RESIDENT, then=wrong_account),
    Place("representations", "/account/representations", who=RESIDENT, then=open_all),
    Place("representations-wrong", "/account/representations", who=RESIDENT, then=wrong_ward),
    Place("representations-declared", "/representations?phone=13812345678", who=WINDOW),
    Place("case-own", "/cases/{own}", who=RESIDENT, then=open_all),
    # ---- clerks
    Place("tasks", "/tasks", who=WINDOW),
    Place("tasks-nothing", "/tasks?search=no-such-case", who=WINDOW),
    Place("task-free", "/tasks/{free}", who=WINDOW),
    Place("task", "/tasks/{held}", who=LOOKER),
    Place("task-wrong", "/tasks/{held}", who=LOOKER, then=half_answered),
    Place("task-verbs", "/tasks/{held}", who=LOOKER, then=open_all),
    Place("task-answers", "/tasks/{held}?tab=answers", who=LOOKER),
    Place("task-law", "/tasks/{held}?tab=law", who=LOOKER),
    Place("task-history", "/tasks/{held}?tab=history", who=LOOKER),
    Place("task-dossier", "/tasks/{held}?tab=dossier", who=LOOKER),
    Place("task-diagram", "/tasks/{held}?tab=diagram", who=LOOKER),
    Place("board-nobody", "/board?who=", who=LEADER),
    Place("case", "/cases/{case}", who=LEADER),
    Place("sheet", "/cases/{case}/sheet", who=LEADER),
    Place("board", "/board", who=LEADER),
    Place("phrases", "/phrases", who=LOOKER),
    Place("substitutes", "/substitutes", who=LOOKER),
    Place("issued", "/issued", who=WINDOW),
    Place("issued-one", "/issued/{document}", who=WINDOW),
    Place("campaigns", "/campaigns", who="so.reviewer"),
    Place("funds", "/funds", who=LEADER),
    Place("fund", "/funds/140702001", who=LEADER),
    Place("account-clerk", "/account", who=WINDOW),
    # ---- analysts
    Place("studio", "/studio", who="analyst"),
    Place("studio-new", "/studio/new", who="analyst"),
    Place("studio-overview", "/studio/service-rating", who="analyst", then=open_all),
    Place("studio-diagram", "/studio/service-rating/diagram", who="analyst", then=diagram_stands),
    Place("studio-tables", "/studio/temporary-assistance/tables", who="analyst", then=tables_stand),
    Place("studio-forms", "/studio/service-rating/forms", who="analyst"),
    Place("studio-form", "/studio/service-rating/forms/service-rating/start.json", who="analyst"),
    Place("studio-letters", "/studio/temporary-assistance/letters", who="analyst"),
    Place("studio-letter", "/studio/temporary-assistance/letters/temporary-assistance/D02", who="analyst"),
    Place("studio-rights", "/studio/service-rating/rights", who="analyst"),
    Place("studio-scenarios", "/studio/service-rating/scenarios", who="analyst"),
    Place("studio-simulator", "/studio/service-rating/simulator", who="analyst", then=open_all),
    Place("studio-publish", "/studio/service-rating/publish", who="process_admin", then=open_all),
    Place("studio-migrate", "/studio/service-rating/migrate", who="process_admin", then=open_all),
    Place("studio-play-start", "/studio/service-rating/play", who="analyst"),
    Place(
        "studio-play", "/studio/service-rating/play?scenario=put-right&steps=1", who="analyst", then=open_all
    ),
    Place("studio-compare", "/studio/service-rating/compare", who="analyst"),
    Place("studio-remarks", "/studio/service-rating/remarks?element=fix", who="analyst"),
)
