"""The form editor over HTTP, as a browser without scripts uses it: every button, conflicts, broken files, the true page."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import DropDraft
from engine.forms import read_form
from engine.forms.edit import written
from engine.queries.processes import process_view
from tests.studio.conftest import ANNE, CALLING
from tests.studio.pages import Editor

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller, People

BASE = f"/studio/{CALLING}"
START = f"{BASE}/forms/{CALLING}/start.json"
FILE = f"{BASE}/file?path=forms/{CALLING}/start.json"


def tree(caller: Caller, path: str = FILE) -> Any:
    return json.loads(caller.get(path).content)


def keys(caller: Caller) -> list[list[str]]:
    return [[field["key"] for field in section["fields"]] for section in tree(caller)["sections"]]


def test_the_list_names_every_form_and_what_is_missing(analyst: Caller, calling: str) -> None:
    page = analyst.get(f"{BASE}/forms").text
    for name in ("start", "confirm_stop", "stop_payment"):
        assert f"/studio/{calling}/forms/{calling}/{name}.json" in page


def test_strangers_and_clerks_see_nothing(staff: People, calling: str) -> None:
    assert staff("beiguan.window").get(f"{BASE}/forms").status_code == 404
    assert (
        staff("beiguan.window").get(f"/studio/{calling}/form-preview/{calling}/start.json").status_code == 404
    )
    answer = staff("beiguan.window").client.post(
        START, data={"do": "remove 1.1", "seen": ""}, headers=staff("beiguan.window").headers
    )
    assert answer.status_code == 404


def test_fields_move_copy_come_and_go_and_everything_can_be_taken_back(analyst: Caller, calling: str) -> None:
    first = keys(analyst)
    page = Editor(analyst, f"{START}?at=1.1")
    page.press("down 1.1")
    assert keys(analyst)[0][:2] == [first[0][1], first[0][0]]
    assert page.values["at"] == ["1.2"]
    page.press("copy 1.2")
    assert keys(analyst)[0][2] == f"{first[0][0]}_2"
    page.press("remove 1.3")
    page.press("move 1.1 1.3")
    assert keys(analyst) == first
    page.press("add 1.1", kind="list")
    assert keys(analyst)[0][1] == "field"
    page.press("add 1.2", kind="date")
    assert [one["key"] for one in tree(analyst)["sections"][0]["fields"][1]["fields"]] == ["item", "date"]
    page.press("add-section 1")
    assert len(keys(analyst)) == len(first) + 1
    for _ in range(8):
        page.press("undo")
    assert keys(analyst) == first
    assert 'id="undo"' in page.html
    assert re.search(r'id="undo"[^>]*disabled', page.html)
    for _ in range(2):
        page.press("redo")
    assert keys(analyst)[0][2] == f"{first[0][0]}_2"


def test_properties_are_saved_and_nothing_else_is_touched(analyst: Caller, calling: str) -> None:
    before = tree(analyst)
    page = Editor(analyst, f"{START}?at=1.1")
    same = page.press("apply")
    assert tree(analyst) == before
    same.press(
        "apply",
        **{
            "p.label:en": "Full name",
            "p.help:zh": "与身份证一致",
            "p.visible_when": 'reason = "adopted"',
            "p.max_length": "40",
            "p.mask": "hidden",
            "p.valid_when.1:test": "string length(child.name) > 1",
            "p.valid_when.1:zh": "至少两个字",
        },
    )
    field = tree(analyst)["sections"][0]["fields"][0]
    assert field["label"] == {"zh": "儿童姓名", "en": "Full name"}
    assert field["help"] == {"zh": "与身份证一致"}
    assert (field["visible_when"], field["max_length"], field["mask"]) == ('reason = "adopted"', 40, "hidden")
    assert field["valid_when"] == [{"test": "string length(child.name) > 1", "message": {"zh": "至少两个字"}}]
    after = tree(analyst)
    after["sections"][0]["fields"][0] = before["sections"][0]["fields"][0]
    assert after == before
    read_form(written(tree(analyst)))
    page = Editor(analyst, f"{START}?at=1.1")
    page.press("apply", **{"p.visible_when": "", "p.required": None, "p.key": "child.full_name"})
    field = tree(analyst)["sections"][0]["fields"][0]
    assert "visible_when" not in field
    assert "required" not in field
    assert field["key"] == "child.full_name"


def test_options_and_types_and_variables(analyst: Caller, calling: str) -> None:
    page = Editor(analyst, f"{START}?at=1.3")
    page.press(
        "apply", **{"p.options.5:value": "moved", "p.options.5:zh": "迁走", "p.options.1:refuses": "1"}
    )
    options = tree(analyst)["sections"][0]["fields"][2]["options"]
    assert options[-1] == {"value": "moved", "label": {"zh": "迁走"}}
    assert options[0]["refuses"] is True
    page.press("option options up 5")
    assert [one["value"] for one in tree(analyst)["sections"][0]["fields"][2]["options"]][3] == "moved"
    page.press("option options remove 4")
    page.press("apply", **{"p.type": "text"})
    field = tree(analyst)["sections"][0]["fields"][2]
    assert field["type"] == "text"
    assert "options" not in field
    whole = Editor(analyst, START)
    whole.press("apply", **{"p.variables:all": None, "p.variables": ["reason", "child"]})
    assert tree(analyst)["variables"] == ["reason", "child"]
    named = Editor(analyst, f"{START}?at=1.3")
    named.press("apply", **{"p.key": "ground"})
    assert tree(analyst)["variables"] == ["ground", "child"]
    named.press("remove 1.3")
    assert tree(analyst)["variables"] == ["child"]


def test_faults_are_told_at_field_and_property_and_kept(analyst: Caller, calling: str) -> None:
    page = Editor(analyst, f"{START}?at=1.1")
    page.press("apply", **{"p.visible_when": "reason = ", "p.max_length": "many"})
    assert tree(analyst)["sections"][0]["fields"][0]["max_length"] == "many"
    assert "many" in page.html
    assert "reason =" in page.html
    assert 'class="alert error faults"' in page.html
    page.press("apply", **{"p.max_length": "30"})
    assert 'id="w-visible_when"' in page.html
    preview = analyst.get(f"{BASE}/form-preview/{calling}/start.json", headers={"accept": "text/html"})
    assert "表单还有错误" in preview.text


def test_two_analysts_on_one_form_lose_nothing(analyst: Caller, other: Caller, calling: str) -> None:
    mine, theirs = Editor(analyst, f"{START}?at=1.1"), Editor(other, f"{START}?at=1.2")
    theirs.press("apply", **{"p.label:zh": "身份证"})
    mine.press("apply", **{"p.label:zh": "孩子姓名"})
    assert mine.answer.status_code == 409
    assert "冯雅琴" in mine.html
    assert "孩子姓名" in mine.html
    assert "身份证" in mine.html
    kept = mine.press("download", form="")
    assert "attachment" in kept.answer.headers["content-disposition"]
    assert json.loads(kept.answer.content)["sections"][0]["fields"][0]["label"]["zh"] == "孩子姓名"
    again = Editor(analyst, f"{START}?at=1.1")
    Editor(other, f"{START}?at=1.1").press("apply", **{"p.label:zh": "名字"})
    again.press("apply", **{"p.label:zh": "孩子姓名"})
    again.press("overwrite", form="")
    assert again.answer.status_code == 200
    assert tree(analyst)["sections"][0]["fields"][0]["label"]["zh"] == "孩子姓名"
    again.press("undo")
    assert tree(analyst)["sections"][0]["fields"][0]["label"]["zh"] == "名字"


def test_the_same_change_sent_twice_is_one(analyst: Caller, calling: str) -> None:
    page = Editor(analyst, f"{START}?at=1.1")
    html = page.answer
    page.press("down 1.1")
    once = tree(analyst)
    page.answer = html
    page.press("down 1.1")
    assert page.answer.status_code == 200
    assert tree(analyst) == once


def test_a_draft_dropped_under_the_editor_keeps_what_was_typed(
    analyst: Caller, bureau: Office, calling: str
) -> None:
    page = Editor(analyst, f"{START}?at=1.1")
    with bureau.store.reading() as reader:
        working = process_view(reader, CALLING).working
    assert working is not None
    bureau.bus.execute(DropDraft("drop:under", CALLING, working.revision), ANNE, datetime.now(UTC))
    page.press("apply", **{"p.label:zh": "没有丢"})
    assert page.answer.status_code == 404
    assert "没有丢" in page.html
    assert page.press("download", form="").answer.status_code == 200


def test_broken_json_is_mended_as_text(analyst: Caller, calling: str) -> None:
    page = Editor(analyst, START)
    text = analyst.get(FILE).content.decode()
    broken = text.replace('"variables": "all",', '"variables": "all"')
    typed = broken.replace("\n", "\r\n")  # as browsers send line ends
    page.send(START, {"do": "text", "mine": typed, "seen": page.values["seen"][0]})
    assert page.answer.status_code == 200
    assert analyst.get(FILE).content.decode() == broken
    assert "第 8 行" in page.html
    assert "停发儿童基本生活费" in page.html
    page.send(
        START, {"do": "text", "mine": text, "seen": re.findall(r'name="seen" value="(\w+)"', page.html)[0]}
    )
    assert 'id="fields-title"' in page.html
    assert analyst.get(FILE).content.decode() == text


@pytest.mark.parametrize(
    "content", ["", "[]", '{"sections": 5}', '{"sections": [{"fields": [null]}]}', "\u0000", "{" * 3000]
)
def test_any_text_is_kept_and_shown(analyst: Caller, calling: str, content: str) -> None:
    page = Editor(analyst, START)
    page.send(START, {"do": "text", "mine": content, "seen": page.values["seen"][0]})
    assert page.answer.status_code == 200
    assert Editor(analyst, START).answer.status_code == 200
    assert analyst.get(f"{BASE}/forms").status_code == 200
    assert analyst.get(f"{BASE}/form-rights").status_code == 200


def test_the_true_page_is_the_applicants_and_the_clerks(analyst: Caller, calling: str) -> None:
    accept = {"accept": "text/html"}
    start = analyst.get(f"{BASE}/form-preview/{calling}/start.json?sample=B01", headers=accept)
    assert "frame-ancestors 'self'" in start.headers["content-security-policy"]
    assert "form-action 'none'" in start.headers["content-security-policy"]
    assert "<script" not in start.text
    assert 'class="step"' in start.text
    assert "小安" in start.text
    assert "set-cookie" not in start.headers
    english = analyst.get(
        f"{BASE}/form-preview/{calling}/start.json?sample=B01&spoken=en", headers=accept
    ).text
    assert '<html lang="en"' in english
    assert "Child" in english
    task = analyst.get(f"{BASE}/form-preview/{calling}/stop_payment.json?sample=B01", headers=accept).text
    assert 'class="work-grid"' in task
    assert "已在发放系统停发" in task


def test_conditional_questions_come_with_the_answers(analyst: Caller, calling: str) -> None:
    Editor(analyst, f"{START}?at=1.1").press("apply", **{"p.visible_when": 'reason = "died"'})
    where, accept = f"{BASE}/form-preview/{calling}/start.json", {"accept": "text/html"}
    assert "f.child.name" not in analyst.get(f"{where}?sample=B01", headers=accept).text
    assert "f.child.name" in analyst.get(f"{where}?sample=*", headers=accept).text
    posted = analyst.client.post(
        f"{where}?sample=B01", data={"f.reason": "died"}, headers={**analyst.headers, **accept}
    )
    assert "f.child.name" in posted.text
    checked = analyst.client.post(
        f"{where}?sample=", data={"check": "1"}, headers={**analyst.headers, **accept}
    )
    assert checked.status_code == 422
    assert 'class="wrong"' in checked.text


def test_rights_of_fields_over_steps(analyst: Caller, calling: str) -> None:
    where = f"{BASE}/form-rights"
    page = Editor(analyst, where, "")
    assert f"read {calling}/stop_payment.json child.name" in page.html
    form = f"{calling}/stop_payment.json"
    values = {f"seen:{form}": re.findall(rf'name="seen:{re.escape(form)}" value="(\w+)"', page.html)[0]}
    page.send(where, {**values, "cell": f"read {form} child.name"})
    found = tree(analyst, f"{BASE}/file?path=forms/{form}")["sections"][-1]["fields"][-1]
    assert (found["key"], found["readonly"], found["value"]) == ("child.name", True, "child.name")
    preview = analyst.get(f"{BASE}/form-preview/{form}?sample=B01", headers={"accept": "text/html"}).text
    assert '<output class="given" id="f.child.name">小安</output>' in preview
    values = {f"seen:{form}": re.findall(rf'name="seen:{re.escape(form)}" value="(\w+)"', page.html)[0]}
    page.send(where, {**values, "cell": f"hidden {form} child.name"})
    assert "child.name" not in json.dumps(tree(analyst, f"{BASE}/file?path=forms/{form}"))


SCHEMA = {
    "type": "object",
    "title": "申请",
    "properties": {"a": {"type": "string"}, "b": {"$ref": "x.json"}},
    "required": ["a"],
}


def test_new_forms_are_made_copied_and_taken_over(analyst: Caller, calling: str) -> None:
    where = f"{BASE}/forms"
    page = Editor(analyst, where, "")
    page.send(where, {"id": "message-late"})
    assert page.answer.status_code == 200
    assert 'id="fields-title"' in page.html
    page.send(where, {"id": "message-late"})
    assert page.answer.status_code == 422
    page.send(where, {"id": "message-late", "replace": "1", "text": json.dumps(SCHEMA)})
    assert "x.json" in page.html
    made = tree(analyst, f"{BASE}/file?path=forms/{calling}/message-late.json")
    assert [one["key"] for one in made["sections"][0]["fields"]] == ["a"]
    page.send(where, {"id": "message-copy", "copy": f"{calling}/start.json"})
    copied = tree(analyst, f"{BASE}/file?path=forms/{calling}/message-copy.json")
    assert copied == {**tree(analyst), "id": "message-copy"}
    for text, said in (("no json", "应为 JSON 格式"), ("[1]", "看不出"), ('{"x": 1}', "看不出")):
        page.send(where, {"id": "message-none", "text": text})
        assert page.answer.status_code == 422
        assert said in page.html
    page.send(where, {"id": "../../etc/passwd"})
    assert page.answer.status_code == 422


def test_a_published_version_is_only_shown(analyst: Caller, bureau: Office) -> None:
    with bureau.store.reading() as reader:
        latest = process_view(reader, CALLING).latest
    assert latest is not None
    page = Editor(analyst, f"{START}?at=1.1&version={latest.digest}")
    assert 'name="do" value="up' not in page.html
    assert '<fieldset class="bare" disabled>' in page.html


def test_rows_and_files_that_are_only_shown_ask_nothing(analyst: Caller, calling: str) -> None:
    form = f"{calling}/stop_payment.json"
    page = Editor(analyst, f"{BASE}/forms/{form}")
    known = tree(analyst, f"{BASE}/file?path=forms/{form}")
    rows = {
        "key": "rows",
        "type": "list",
        "label": {"zh": "各项"},
        "readonly": True,
        "value": '[{what: "甲"}, {what: "乙"}]',
    }
    rows["fields"] = [{"key": "what", "type": "text", "label": {"zh": "内容"}}]
    files = {"key": "papers", "type": "files", "label": {"zh": "材料"}, "readonly": True}
    files["value"] = '[{hash: "a", name: "身份证.pdf"}]'
    known["sections"][0]["fields"] += [rows, files]
    page.send(
        f"{BASE}/forms/{form}", {"do": "text", "mine": json.dumps(known), "seen": page.values["seen"][0]}
    )
    shown = analyst.get(f"{BASE}/form-preview/{form}?sample=B01", headers={"accept": "text/html"}).text
    assert "内容 甲" in shown
    assert "内容 乙" in shown
    assert "身份证.pdf" in shown
    assert 'name="more"' not in shown
    assert 'type="file"' not in shown
