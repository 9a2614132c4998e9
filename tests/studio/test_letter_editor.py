"""The letter editor over HTTP: pictures on sample and real data, faults at their line, nothing loaded, nothing lost."""

from __future__ import annotations

import base64
import io
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from api.auth import hash_password
from engine.commands.accounts import AddAccount, GrantLine
from engine.demonstration import PASSWORD
from engine.office import SYSTEM
from engine.secrecy import looks_chain
from tests.studio.conftest import CALLING
from tests.studio.pages import Editor

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

BASE = f"/studio/{CALLING}"
LETTER = f"{BASE}/letters/{CALLING}/CB01"
PREVIEW = f"/api/studio/{CALLING}/preview"
PATH = f"templates/{CALLING}/CB01.html"


def file(caller: Caller, path: str) -> str:
    return caller.get(f"{BASE}/file?path={path}").text


def words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.usefixtures("calling")
def test_the_list_says_which_step_makes_what(analyst: Caller) -> None:
    page = analyst.get(f"{BASE}/letters").text
    assert "停发儿童基本生活费通知书" in page
    assert f"/studio/{CALLING}/letters/{CALLING}/CB01" in page
    assert "系统按期限自动发出" in page


@pytest.mark.usefixtures("calling")
def test_all_letters_are_tried_at_once(analyst: Caller) -> None:
    assert "能打印（场景 B01）" in analyst.get(f"{BASE}/letters?check=1").text
    page = Editor(analyst, LETTER, "letter")
    page.press("save", text='{% extends "_shared/nowhere.html" %}')
    assert "找不到它所用的文件 templates/_shared/nowhere.html" in page.html
    assert "第 1 行" in page.html
    tried = analyst.get(f"{BASE}/letters?check=1").text
    assert "打不出来" in tried
    assert "nowhere.html" in tried


@pytest.mark.usefixtures("calling")
def test_a_paper_is_shown_with_the_data_of_a_scenario(analyst: Caller) -> None:
    page = Editor(analyst, LETTER, "letter")
    assert "data:image/jpeg;base64," in page.html
    assert "数据来自场景 B01" in page.html
    assert "data.child.name" in page.html
    assert "{{ data.from | date_zh }}" in page.html
    made = page.press("pdf").answer
    assert made.headers["content-type"] == "application/pdf"
    assert "停发" in words(made.content)


@pytest.mark.usefixtures("calling")
def test_what_is_typed_is_shown_and_not_saved_until_it_is(analyst: Caller) -> None:
    before = file(analyst, PATH)
    text = before.replace("儿童福利机构：", "某机构：{{ data.nothing }}\r\n")
    page = Editor(analyst, LETTER, "letter").press("preview", text=text)
    assert file(analyst, PATH) == before
    assert "<code>data.nothing</code>" in page.html
    assert "第 2 行" in page.html
    page.press("save", text=text)
    assert file(analyst, PATH) == text.replace("\r\n", "\n")
    assert "已保存" in page.html


FAULTS = [
    ("{% block body %}{{ data.x }", "template-broken", 2),
    ('<p>\n<img src="file:///etc/passwd">', "unsafe-address", 3),
    ("<p>\n<script>alert(1)</script>", "unsafe-element", 3),
    ("{{ data.child.name | nonsense }}", "template-broken", 2),
    ("{{ data.child.name | money }}", "value-wrong", 2),
    ("{{ data.child.name | safe }}", "unsafe-raw", 2),
    ('{% include "../../etc/passwd" %}', "file-missing", 2),
    ("{{ data.child.__class__.__mro__ }}", "", 0),
    ("{% for x in range(999999999) %}x{% endfor %}", "value-wrong", 2),
]


@pytest.mark.usefixtures("calling")
@pytest.mark.parametrize(
    ("bad", "code", "line"), FAULTS, ids=[f"{n}-{one[1]}" for n, one in enumerate(FAULTS)]
)
def test_no_fault_is_silent(analyst: Caller, bad: str, code: str, line: int) -> None:
    text = '{% extends "_shared/notice.html" %}{% block body %}\n' + bad
    text += "" if "block body" in bad else "\n{% endblock %}"
    told = analyst.post(PREVIEW, {"name": "CB01", "files": {PATH: text}}).json()
    faults = {one["code"]: one for one in told["faults"]}
    if code:
        assert code in faults, told
        assert faults[code]["sentence"]
        assert faults[code]["line"] == line or not line
    else:
        assert told["missing"] or faults
    assert "root:" not in json.dumps(told)


@pytest.mark.usefixtures("calling")
def test_html_of_people_is_text(analyst: Caller) -> None:
    text = '{% extends "_shared/notice.html" %}{% block body %}<p>{{ data.child.name }}</p>{% endblock %}'
    data = {"child": {"name": "<img src=x onerror=alert(1)><b>粗</b>"}}
    answer = analyst.post(PREVIEW, {"name": "CB01", "files": {PATH: text}, "data": data})
    assert "<b>粗</b>" in words(base64.b64decode(answer.json()["pdf"]))
    wish = {"name": "CB01", "files": {PATH: text}, "data": data}
    alone = analyst.post(PREVIEW, wish, headers={"accept": "application/pdf"})
    assert alone.headers["content-type"] == "application/pdf"
    assert alone.content.startswith(b"%PDF")


@pytest.mark.usefixtures("calling")
def test_settings_change_layout_and_keep_what_they_do_not_know(analyst: Caller) -> None:
    page = Editor(analyst, LETTER, "letter")
    page.press(
        "save",
        **{
            "s.layout": "official",
            "s.title:en": "",
            "s.public": "from\nchild.name = hidden",
            "s.sealed": None,
        },
    )
    saved = json.loads(file(analyst, f"templates/{CALLING}/CB01.json"))
    assert saved["layout"] == "official"
    assert saved["title"] == {"zh": "停发儿童基本生活费通知书"}
    assert saved["public"] == ["from", {"key": "child.name", "mask": "hidden"}]
    assert saved["sealed"] is False
    assert saved["number"] == "{word}民儿停〔{year}〕{n}号"
    assert file(analyst, PATH).startswith('{% extends "_shared/official.html" %}')
    assert "data:image/jpeg" in page.html
    page.press("save", **{"s.shown": None, "s.raw": "{broken"})
    assert file(analyst, f"templates/{CALLING}/CB01.json") == "{broken"
    assert 'name="s.raw"' in page.html
    assert "模板读不懂" in page.html


@pytest.mark.usefixtures("calling")
def test_two_analysts_on_one_letter(analyst: Caller, other: Caller) -> None:
    mine, theirs = Editor(analyst, LETTER, "letter"), Editor(other, LETTER, "letter")
    text = file(analyst, PATH)
    theirs.press("save", text=text.replace("儿童福利机构", "他们"))
    mine.press("save", text=text.replace("儿童福利机构", "我们"))
    assert mine.answer.status_code == 409
    assert "冯雅琴" in mine.html
    assert "我们" in mine.html
    assert "他们" in mine.html
    mine.form = ""
    mine.press("overwrite")
    assert "我们" in file(analyst, PATH)


@pytest.mark.usefixtures("calling")
def test_notices_tell_their_length(analyst: Caller) -> None:
    page = Editor(analyst, f"{BASE}/letters/{CALLING}/notice-overdue-remind", "letter")
    page.press("preview", text="办" * 100)
    assert re.search(r"100 个字符，2 条短信", page.html)
    page.press("preview", text="a" * 1001)
    assert "最多 1000 字" in page.html
    english = Editor(analyst, f"{BASE}/letters/{CALLING}/notice-overdue-remind?part=en", "letter")
    english.press("save", text="Reminder {{ case.number }}")
    assert file(analyst, f"templates/{CALLING}/notice-overdue-remind.en.txt") == "Reminder {{ case.number }}"
    told = analyst.post(PREVIEW, {"name": "overdue-remind", "kind": "notice", "language": "en"}).json()
    assert told["text"].startswith("Reminder 140702")
    assert told["sms"]["parts"] == 1


@pytest.mark.usefixtures("calling")
def test_new_letters(analyst: Caller) -> None:
    page = Editor(analyst, f"{BASE}/letters", "")
    page.send(
        f"{BASE}/letters", {"kind": "document", "name": "CB09", "title": "新通知", "layout": "official"}
    )
    assert page.answer.status_code == 200
    assert "所有字段都标为缺少" in page.html
    assert "data:image/jpeg" in page.html
    page.send(f"{BASE}/letters", {"kind": "document", "name": "CB09"})
    assert page.answer.status_code == 409
    page.send(f"{BASE}/letters", {"kind": "document", "name": "../x"})
    assert page.answer.status_code == 422
    page.send(f"{BASE}/letters", {"kind": "notice", "name": "paid-out"})
    assert file(analyst, f"templates/{CALLING}/notice-paid-out.txt") == "paid-out\n"


@pytest.mark.usefixtures("calling")
def test_a_real_case_is_shown_by_right_only_and_the_look_is_kept(
    bureau: Office, staff: People, analyst: Caller
) -> None:
    grants = (GrantLine("analyst"), GrantLine("welfare_officer", "140702"))
    both = AddAccount("both:add", "both", "两手", hash_password(PASSWORD), grants=grants)
    bureau.bus.execute(both, SYSTEM, datetime.now(UTC))
    mine = staff("both")
    data = {
        "child": {"name": "小真", "id_no": "140702201903103418"},
        "reason": "adopted",
        "happened_on": "2026-04-30",
    }
    begun = mine.post(
        "/api/applications", {"process": CALLING, "area": "140702", "channel": "window", "data": data}
    )
    assert begun.status_code == 201, begun.text
    number = begun.json()["case"]
    shown = mine.post(PREVIEW, {"name": "CB01", "case": number})
    assert shown.status_code == 200, shown.text
    assert "小真" in words(base64.b64decode(shown.json()["pdf"]))
    assert shown.json()["source"] == "case"
    refused = analyst.post(PREVIEW, {"name": "CB01", "case": number})
    none = analyst.post(PREVIEW, {"name": "CB01", "case": "140702MZ202600009999"})
    assert refused.status_code == none.status_code == 404
    assert "没有办件" in Editor(analyst, f"{LETTER}?case={number}", "letter").html
    with bureau.store.reading() as reader:
        looks: list[Any] = reader.rows(
            "SELECT actor, body FROM journal WHERE chain = ? ORDER BY seq", (looks_chain(number),)
        )
    assert ("both", True) in [(row[0], json.loads(row[1])["shown"]) for row in looks]
    assert ("analyst", False) in [(row[0], json.loads(row[1])["shown"]) for row in looks]


def test_clerks_and_strangers_preview_nothing(staff: People) -> None:
    assert staff("beiguan.window").post(PREVIEW, {"name": "CB01"}).status_code == 404
    assert staff("beiguan.window").get(LETTER).status_code == 404
