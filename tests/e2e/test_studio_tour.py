"""The tour of the studio, as a new analyst takes it: a process from nothing to a paper in somebody's hand, no file touched.

Every action is one that a person takes on the page: a field is filled, a button pressed, a row chosen. They are counted,
so that the journey stays one of minutes.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT
from tests.e2e.people import DESK, PHONE, fill, finish, open_page, sign_in
from tests.e2e.studio import analyst_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.e2e.serving import Serving

BUILT = ROOT / "api" / "ui" / "static" / "built"
pytestmark = pytest.mark.skipif(
    not (BUILT / "diagram.js").is_file() or not (BUILT / "tables.js").is_file(),
    reason="no bundle (make assets)",
)
#: Who does this for the first time takes half a minute for one action; thirty minutes are sixty of them.
MOST_ACTIONS = 60 * 2
AREA = "140702001001"
#: Work beside the server waits for the relay and begins a process; a slow machine may take its time.
LONG = 120_000
LETTER = """{% extends "_shared/notice.html" %}
{% block body %}
<p>{{ data.name }}：你申请的高温补贴已经办好，金额为{{ data.amount | money }}元。</p>
{% endblock %}
"""


@dataclass
class Analyst:
    """Somebody at the studio, and how many actions it took them."""

    page: Page
    url: str
    process: str
    actions: int = 0

    def go(self, tab: str) -> None:
        """Open a tab of the process."""
        self.press(self.page.locator(f"nav.studio-tabs a[href='/studio/{self.process}/{tab}']"))
        self.page.wait_for_url(f"**/studio/{self.process}/{tab}**")

    def press(self, what: Locator | str) -> None:
        """Press a button, follow a link, choose a row."""
        self.actions += 1
        (self.page.locator(what) if isinstance(what, str) else what).click()

    def fill(self, selector: str, text: str) -> None:
        """Fill in a field."""
        self.actions += 1
        self.page.locator(selector).fill(text)

    def choose(self, selector: str, value: str | None = None, *, label: str | None = None) -> None:
        """Choose from a list."""
        self.actions += 1
        field = self.page.locator(selector)
        field.select_option(value) if label is None else field.select_option(label=label)

    # ---- the steps

    def found(self) -> None:
        """A new process: its name, who handles it."""
        self.page.goto(f"{self.url}/studio")
        self.press("a[href='/studio/new']")
        self.fill("#title", "高温补贴申请")
        self.fill("#title_en", "Heat subsidy")
        self.fill("#name", self.process)
        self.choose("#role", "town_window")
        self.press("form[action='/studio/new'] button")
        expect(self.page.locator("h1")).to_contain_text("高温补贴申请")

    def ask(self) -> None:
        """One more question on the application: on how many days it was hot."""
        self.go("forms")
        self.press("a[href$='/start.json']")
        self.choose("#kind", "integer")
        self.press("#add")
        expect(self.page.locator("[name='p.key']")).to_have_value("integer")
        self.fill("[name='p.label:zh']", "高温作业天数")
        self.fill("[name='p.label:en']", "Days worked in the heat")
        self.fill("[name='p.key']", "days")
        self.press("[name='p.required']")
        self.press("[name='p.help:zh']")  # whatever is left is saved
        expect(self.page.locator(".item.here").last).to_contain_text("days")
        expect(self.page.locator("#told")).to_contain_text("已保存")

    def decide(self) -> None:
        """A decision table: up to ten days a hundred yuan, above two hundred."""
        self.go("tables")
        self.fill("#new-title", "补贴标准")
        self.fill("#new-name", "rate")
        self.press("details.new-table button")
        self.ready()
        self.actions += 1
        self.page.locator("th.input-cell").dblclick()
        menu = self.page.locator(".context-menu")
        self._type(menu.get_by_label("输入表达式"), "days")
        self._type(menu.get_by_label("输入名称"), "天数")
        self.page.keyboard.press("Escape")
        self.actions += 1
        self.page.locator("th.output-cell").dblclick()
        self._typed_as(menu, "数字")
        self.page.keyboard.press("Escape")
        self.cell("rate_rule_1_in_1", "<= 10")
        self.cell("rate_rule_1_out_1", "100")
        gap = self.page.locator("#findings li[data-code=gap]")
        self.press(gap.locator("button[data-act=fill]"))
        expect(gap).to_have_count(0)
        second = self.page.locator("#editor tbody tr").nth(1).locator("td.output-cell")
        self.cell(str(second.get_attribute("data-element-id")), "200")
        expect(self.page.locator("#saving")).to_have_attribute("data-state", "saved")
        expect(self.page.locator("#findings li[data-severity=error]")).to_have_count(0)

    def ready(self) -> None:
        """The table's editor stands, and the engine has said what it finds."""
        self.page.wait_for_selector("body[data-tables=ready]")
        self.page.wait_for_selector("#findings[aria-busy=false]")

    def _type(self, field: Locator, text: str) -> None:
        self.actions += 1
        field.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def _typed_as(self, menu: Locator, kind: str) -> None:
        self.actions += 1
        menu.get_by_label("类型").click()
        self.page.locator(".dms-select-options .option").filter(has_text=kind).first.click()

    def cell(self, cell: str, text: str) -> None:
        """Write into a cell of the table."""
        self.press(f"td[data-element-id='{cell}']")
        expect(self.page.locator(f"td[data-element-id='{cell}'] .cm-content")).to_be_focused()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def write(self) -> None:
        """The letter that tells the amount."""
        self.go("letters")
        self.press("#new summary")
        self.fill("#new-name", "HT1")
        self.fill("#new-title", "高温补贴发放告知书")
        self.press("#new button.main")
        self.page.wait_for_url("**/HT1**")
        self.fill("#text", LETTER)
        self.press("#save")
        expect(self.page.locator("[role=status], .alert.done").first).to_be_visible()

    def draw(self) -> None:
        """Two more steps behind the first: the table says how much, a letter tells it."""
        self.go("diagram")
        self.page.wait_for_selector("html[data-studio=ready]")
        self._insert("办理 → 办结", "决策任务")
        self.fill("[data-field=name] textarea", "计算补贴")
        self.choose("[data-field=decision] select", label="补贴标准 (rate)")
        self.fill("[data-field=result] input", "subsidy")
        self._insert("计算补贴 → 办结", "服务任务")
        self.fill("[data-field=name] textarea", "发告知书")
        self.fill("[data-field=document] input", "HT1")
        self._type(
            self.page.locator("[data-field=input] .cm-content"), '{"name": applicant_name, "amount": subsidy}'
        )
        self.press("#tab-findings")
        assert self.page.evaluate("window.banjianStudio.flush()") is True

    def _insert(self, flow: str, kind: str) -> None:
        self.press("#tab-elements")
        self.press(self.page.locator("button.element-row", has_text=flow))
        self.press("#tab-settings")
        expect(self.page.locator("[data-field=conditionExpression]")).to_be_visible()
        self.choose("[data-field=structure] select >> nth=0", label=kind)
        self.press(self.page.locator("[data-field=structure] button").first)
        expect(self.page.locator("[data-field=conditionExpression]")).to_have_count(0)

    def grant(self) -> None:
        """The county may see these cases."""
        self.go("rights")
        self.press(f"input[name='on'][value='county_officer|{self.process}|see']")
        self.press("button[value=preview]")
        self.press("button[value=save]")
        expect(self.page.locator(".alert.done")).to_contain_text("已保存到草稿")

    def rehearse(self) -> None:
        """The example of the beginning does not fit any more: play the case through, and keep that instead."""
        self.go("scenarios")
        self.press("tbody a >> nth=0")
        self.press("summary:has-text('删除')")
        self.press("details[open] button")
        expect(self.page.locator("nav.studio-tabs")).to_be_visible()
        self.go("play")
        self.fill("[name='f.applicant_name']", "张三丰")
        self.fill("[name='f.request']", "七月、八月户外作业")
        self.fill("[name='f.days']", "12")
        self.press(self.page.locator("button[value=start]").last)
        self.fill("[name='f.opinion']", "符合条件")
        self.press("[name='f.outcome'][value=granted]")
        self.press(self.page.locator("button[value=done]").last)
        expect(self.page.locator("main")).to_contain_text("高温补贴发放告知书")
        expect(self.page.locator("main")).to_contain_text("适用第 2 条规则")
        self.press("button[value=keep]")
        self.fill("#title", "十二天：二百元")
        self.press("button[value=save]")
        expect(self.page.locator("main")).to_contain_text("十二天：二百元")

    def propose(self, why: str) -> None:
        """All scenarios hold; somebody else is asked to look."""
        self.go("publish")
        self.press("form[action$='/publish/try'] button")
        # They are played beside the server; the page comes anew when that is over, and only then says so.
        played = self.page.locator("#scenarios.good")
        expect(played).to_contain_text("个场景全部通过", timeout=LONG)
        self.fill("form[action$='/publish/ask'] textarea", why)
        self.press("form[action$='/publish/ask'] button")
        expect(self.page.locator(".chip").first).to_have_text("待审")


def publish(chromium: Browser, url: str, process: str, why: str) -> None:
    """The second person reads what was written, and publishes."""
    page = analyst_page(chromium, url, account="process_admin")
    page.goto(f"{url}/studio/{process}/publish")
    expect(page.locator(".note-text").first).to_contain_text(why)
    page.locator(f"form[action='/studio/{process}/publish'] button").click()
    expect(page.locator(".alert.done")).to_be_visible()
    page.context.close()


def applied(chromium: Browser, url: str, process: str) -> str:
    """Somebody applies on a phone; the case's number."""
    page = open_page(chromium, PHONE)
    page.goto(f"{url}/apply/{process}")
    page.select_option("#area", AREA)
    page.click("button[value=next]")
    fill(page, {"applicant_name": "张三丰", "request": "七月、八月户外作业", "days": "12"})
    page.click("button[value=next]")
    page.click("button[value=submit]")
    number = page.inner_text("#case-number").strip()
    page.context.close()
    return number


def handled(chromium: Browser, url: str, case: str) -> None:
    """The window handles the case."""
    page = open_page(chromium, DESK)
    sign_in(page, url, "beiguan.window")
    page.goto(f"{url}/tasks?search={case}")
    page.click("a.cover:has-text('办理')")
    page.click("#claim button")
    page.wait_for_selector("#answers")
    fill(page, {"outcome": "granted", "opinion": "符合条件"})
    finish(page)
    page.context.close()


def paper_of(chromium: Browser, url: str, case: str) -> None:
    """The county, which may see it, finds the paper in the case."""
    page = analyst_page(chromium, url, account="yuci.officer")
    for _ in range(120):
        page.goto(f"{url}/cases/{case}")
        if page.locator("a[href^='/documents/']").count():
            break
        page.wait_for_timeout(250)
    expect(page.locator("tr", has_text="高温补贴发放告知书")).to_have_count(1)
    link = page.locator("a[href^='/documents/']").first.get_attribute("href")
    assert page.request.get(f"{url}{link}").body().startswith(b"%PDF-")
    page.context.close()


def changed(analyst: Analyst) -> None:
    """Another limit: what it had done to the cases of this year is seen before anybody is asked."""
    page = analyst.page
    page.goto(f"{analyst.url}/studio/{analyst.process}/tables")
    analyst.press("form[action$='/begin'] button")
    analyst.ready()
    second = page.locator("#editor tbody tr").nth(1).locator("td.output-cell")
    analyst.cell(str(second.get_attribute("data-element-id")), "250")
    expect(page.locator("#saving")).to_have_attribute("data-state", "saved")
    analyst.go("simulator")
    page.locator("summary", has_text="衡量什么").click()
    analyst.fill("#measure", "subsidy")
    analyst.press("form.sim-form button.main")
    expect(page.locator(".figure.more strong")).to_have_text("1")
    expect(page.locator(".sim-table").first).to_contain_text("250")
    page.goto(f"{analyst.url}/studio/{analyst.process}/compare")
    expect(page.locator("main")).to_contain_text("250")
    analyst.propose("七月起提高标准")


@pytest.mark.timeout(900)
def test_from_nothing_to_a_paper_and_on_to_another_limit(serving: Serving, chromium: Browser) -> None:
    name = "heat-" + secrets.token_hex(3).translate(str.maketrans("0123456789", "ghijklmnop"))
    analyst = Analyst(analyst_page(chromium, serving.url), serving.url, name)
    analyst.found()
    analyst.ask()
    analyst.decide()
    analyst.write()
    analyst.draw()
    analyst.grant()
    analyst.rehearse()
    analyst.propose("按省里通知新设高温补贴")
    assert analyst.actions <= MOST_ACTIONS
    print(f"\n{analyst.actions} actions from nothing to the second person")
    publish(chromium, serving.url, name, "按省里通知")
    case = applied(chromium, serving.url, name)
    handled(chromium, serving.url, case)
    paper_of(chromium, serving.url, case)
    changed(analyst)
    publish(chromium, serving.url, name, "七月起提高标准")
    assert analyst.page.troubles == []  # type: ignore[attr-defined]
    analyst.page.context.close()
