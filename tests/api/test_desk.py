"""The clerk's desk over HTTP, without scripts: next, drafts, papers, verbs, batch, board; and what people do wrong there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from engine.queries.stops import _stopped
from engine.store.exact import pack
from tests.api.conftest import CONFIRMED, application, confirmed, registered
from tests.api.test_pages import enter, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from tests.api.conftest import People

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


@pytest.fixture
def other(address: str) -> Iterator[httpx.Client]:
    """A second browser."""
    headers = {"accept": "text/html"}
    with httpx.Client(base_url=address, timeout=30, headers=headers, follow_redirects=True) as client:
        yield client


def case_of(people: People, **changes: Any) -> str:
    """The number of a fresh case."""
    told = people().post("/api/applications", application(**changes))
    assert told.status_code == 201, told.text
    return str(told.json()["case"])


def opened(browser: httpx.Client, people: People, case: str, element: str = "register") -> str:
    """A task of the case, claimed by whoever sits at the browser."""
    task = people("beiguan.window").task_of(case, element)["id"]
    page = browser.get(f"/tasks/{task}").text
    told = browser.post(f"/tasks/{task}/claim", data={"command": hidden(page, "command")})
    assert "已认领" in told.text
    return str(task)


def form_of(text: str, go: str, **answers: str) -> dict[str, str]:
    """What the page's form sends."""
    part = text[text.index('id="answers"') :]
    kept = {"command": hidden(part, "command"), "revision": hidden(part, "revision"), "go": go}
    return {**kept, **{f"f.{key}": value for key, value in answers.items()}}


# ---- the list


def test_filters_stand_in_the_address_of_everything(browser: httpx.Client, people: People) -> None:
    case = case_of(people)
    enter(browser, "beiguan.window")
    page = browser.get(f"/tasks?search={case}&whose=free&urgency=soon").text
    task = re.search(r'href="(/tasks/[^"?]+\?[^"]+)"', page)
    assert task
    address = task[1].replace("&amp;", "&")
    assert f"search={case}" in address
    assert "whose=free" in address
    beside = browser.get(address).text
    assert 'class="here"' in beside
    assert f'action="/tasks/{case}' in beside
    assert "urgency=soon" in beside[beside.index('id="claim"') - 200 :]


def test_the_next_one_is_the_oldest_due_and_twice_is_once(browser: httpx.Client, people: People) -> None:
    first, second = case_of(people, place_detail="甲"), case_of(people, place_detail="乙")
    enter(browser, "beiguan.window")
    query = f"?search={first[:14]}"
    command = hidden(browser.get(f"/tasks{query}").text, "command")
    told = [browser.post(f"/tasks/next{query}", data={"command": command}) for _ in range(2)]
    assert told[0].url.path == told[1].url.path
    assert told[0].url.path.startswith("/tasks/1407")
    taken = told[0].url.path.removeprefix("/tasks/")
    people("beiguan.window").post(f"/api/tasks/{taken}/release")
    assert people("beiguan.window").task_of(second, "register")["claimed_by"] is None
    nothing = browser.post("/tasks/next?search=no-such-case", data={"command": "n1"})
    assert "没有可认领的任务了" in nothing.text


def test_people_are_found_by_identity_number(browser: httpx.Client, people: People) -> None:
    case, data = case_of(people), registered()
    assert people("beiguan.window").work(case, "register", data).status_code == 200
    number = data["applicant"]["id_no"]
    enter(browser, "beiguan.investigator")
    assert case in browser.get(f"/tasks?search={number}").text
    assert case not in browser.get(f"/tasks?search={number[:17]}").text
    enter(browser, "gutao.window")
    assert case not in browser.get(f"/tasks?search={number}&whose=all").text


def test_views_are_kept_renamed_and_forgotten(browser: httpx.Client) -> None:
    enter(browser, "beiguan.window")
    for query in ("?whose=mine", "?whose=free"):
        data = {"command": f"v{query}", "query": query, "name": "早上的"}
        assert browser.post("/tasks/views", data=data).status_code == 200
    page = browser.get("/tasks?whose=free").text
    views = page[page.index('class="views"') :]
    assert views.count("早上的") >= 1
    assert 'href="/tasks?whose=free" aria-current="page">早上的' in views
    drop = re.search(r'name="drop" value="([^"]+)"', page)
    assert drop
    browser.post("/tasks/views", data={"command": "v9", "query": "?whose=free", "drop": drop[1]})
    assert "早上的" not in browser.get("/tasks?whose=free").text


# ---- the form


def test_a_draft_survives_the_end_of_the_session(browser: httpx.Client, people: People) -> None:
    enter(browser, "beiguan.window")
    task = opened(browser, people, case_of(people))
    page = browser.get(f"/tasks/{task}").text
    sent = form_of(page, "", **{"applicant.name": "李草稿", "place_detail": "<b>桥下</b>"})
    kept = browser.post(f"/tasks/{task}/draft", data=sent)
    assert kept.status_code == 200
    assert re.search(r"草稿已自动保存 \d\d:\d\d:\d\d", kept.json()["text"])
    browser.cookies.clear()
    lost = browser.post(f"/tasks/{task}/draft", data=sent)
    assert lost.status_code == 401
    assert browser.post(f"/tasks/{task}", data={**sent, "go": "complete"}).status_code == 401
    enter(browser, "beiguan.window")
    again = browser.get(f"/tasks/{task}").text
    assert 'value="李草稿"' in again
    assert "&lt;b&gt;桥下&lt;/b&gt;" in again
    assert "草稿已自动保存" in again
    browser.post(f"/tasks/{task}/draft/drop", data={"command": "d1"})
    assert "李草稿" not in browser.get(f"/tasks/{task}").text


def test_two_tabs_cannot_complete_twice(browser: httpx.Client, other: httpx.Client, people: People) -> None:
    enter(browser, "beiguan.window")
    enter(other, "beiguan.window")
    task = opened(browser, people, case_of(people))
    answers = {
        "applicant.name": "张三丰", "applicant.id_type": "unknown", "persons": "1", "emergency_type": "robbery",
        "emergency_at:y": "2026", "emergency_at:m": "8", "emergency_at:d": "3", "emergency_at:t": "09:00",
        "place_detail": "汽车站", "description": "钱包被偷",
    }  # fmt: skip
    forms = [form_of(one.get(f"/tasks/{task}").text, "complete", **answers) for one in (browser, other)]
    done = browser.post(f"/tasks/{task}", data=forms[0])
    assert "已提交" in done.text, done.text
    assert f'href="/tasks/{task}"' in done.text
    again = browser.post(f"/tasks/{task}", data=forms[0])  # the back button, and sent once more
    assert "已提交" in again.text
    late = other.post(f"/tasks/{task}", data=forms[1])
    assert late.status_code == 409
    assert "王丽" in late.text


def test_a_page_that_went_stale_says_who_changed_what(browser: httpx.Client, people: People) -> None:
    enter(browser, "beiguan.window")
    task = opened(browser, people, case_of(people))
    page = browser.get(f"/tasks/{task}").text
    window = people("beiguan.window")
    window.post(f"/api/tasks/{task}/release")
    window.post(f"/api/tasks/{task}/claim")
    told = browser.post(f"/tasks/{task}", data=form_of(page, "complete", **{"applicant.name": "没有丢"}))
    assert told.status_code in {409, 422}
    assert "没有丢" in told.text


def test_nobody_is_refused_without_reason_and_article(browser: httpx.Client, people: People) -> None:
    case = case_of(people)
    confirmed(people, case)
    leader = people("beiguan.leader")
    task = leader.task_of(case, "approve_small")["id"]
    revision = leader.post(f"/api/tasks/{task}/claim").json()["revision"]

    def refuse(**data: Any) -> Any:
        body = {"revision": revision, "data": {"decision": "refuse", **data}}
        return leader.post(f"/api/tasks/{task}/complete", body)

    assert refuse().json()["errors"][0]["path"] == "reason"
    assert refuse(reason="不符合条件", articles=["NO-SUCH"]).json()["errors"][0]["path"] == "articles"
    enter(browser, "beiguan.leader")
    page = browser.get(f"/tasks/{task}").text
    assert 'name="articles"' not in page
    page = browser.post(f"/tasks/{task}", data=form_of(page, "update", decision="refuse")).text
    articles = re.findall(r'name="articles" value="([^"]+)" checked', page)
    assert "SHJZF-50" in articles
    preview = browser.post(
        f"/tasks/{task}", data=form_of(page, "preview", decision="refuse", reason="不符合急难情形")
    )
    assert "提交后会发生什么" in preview.text
    assert leader.get(f"/api/tasks/{task}").json()["state"] == "open"
    assert refuse(reason="不符合急难情形").status_code == 200
    sheet = browser.get(f"/cases/{case}/sheet").text
    assert "不符合急难情形" in sheet
    assert "办理全过程" in sheet


def test_phrases_go_into_the_text_and_are_kept_from_it(browser: httpx.Client, people: People) -> None:
    case = case_of(people)
    assert people("beiguan.window").work(case, "register", registered()).status_code == 200
    enter(browser, "beiguan.investigator")
    task = people("beiguan.investigator").task_of(case, "confirm_report")["id"]
    browser.post(f"/tasks/{task}/claim", data={"command": f"c{task}"})
    page = browser.get(f"/tasks/{task}").text
    text = "入户核实，情况属实。"
    kept = browser.post(
        f"/tasks/{task}/phrase", data={**form_of(page, "", findings=text), "phrase-of": "findings"}
    )
    assert "已存为常用语" in kept.text
    chosen = re.search(r'name="phrase" value="(findings\|[^"]+)"', kept.text)
    assert chosen
    sent = {**form_of(page, "", findings="邻居证明。"), "phrase": chosen[1]}
    assert f"邻居证明。{text}" in browser.post(f"/tasks/{task}", data=sent).text
    assert text not in people("beiguan.leader").get("/phrases", headers={"accept": "text/html"}).text


# ---- papers


def test_papers_are_read_page_by_page_and_judged(browser: httpx.Client, people: People) -> None:
    kept = people().post("/api/materials", files={"data": ("小结.pdf", PDF)}).json()
    case = case_of(people, evidence=[kept])
    enter(browser, "beiguan.window")
    task = opened(browser, people, case)
    page = browser.get(f"/tasks/{task}").text
    assert f"materials/{kept['hash']}/page?at=1&amp;zoom=100" in page.replace("&zoom", "&amp;zoom")
    leaf = browser.get(f"/cases/{case}/materials/{kept['hash']}/page?at=2&zoom=50")
    assert (leaf.headers["content-type"], leaf.headers["x-pages"]) == ("image/jpeg", "2")
    assert leaf.content.startswith(b"\xff\xd8\xff")
    command = hidden(page[page.index('class="judge"') :], "command")
    sent = {"command": command, "sha256": kept["hash"], "state": "refused", "name": "小结", "reason": ""}
    assert browser.post(f"/tasks/{task}/papers", data=sent).status_code == 400
    told = browser.post(f"/tasks/{task}/papers", data={**sent, "reason": "没有盖章"})
    assert told.status_code == 200
    assert "没有盖章" in told.text
    assert f'name="item.0.material" value="{kept["hash"]}"' in told.text or "send_back" not in told.text
    assert "没有盖章" in browser.get(f"/tasks/{task}?tab=history").text


def test_a_broken_pdf_harms_nobody(browser: httpx.Client, people: People) -> None:
    kept = people().post("/api/materials", files={"data": ("坏.pdf", b"%PDF-1.7 \x00 nonsense %%EOF")}).json()
    case = case_of(people, evidence=[kept])
    enter(browser, "beiguan.window")
    assert browser.get(f"/cases/{case}/materials/{kept['hash']}/page").status_code == 415


# ---- verbs


def test_verbs_are_offered_where_they_hold_and_told_where_not(browser: httpx.Client, people: People) -> None:
    case = case_of(people)
    assert people("beiguan.window").work(case, "register", registered()).status_code == 200
    looker = people("beiguan.investigator")
    task = looker.task_of(case, "confirm_report")["id"]
    enter(browser, "beiguan.investigator")
    page = browser.get(f"/tasks/{task}").text
    assert 'id="verb-transfer"' not in page
    assert "任务不在您手里" in page
    browser.post(f"/tasks/{task}/claim", data={"command": f"c{task}"})
    page = browser.get(f"/tasks/{task}").text
    assert 'id="verb-send_back"' in page
    offered = {one["verb"]: one["offered"] for one in looker.get(f"/api/tasks/{task}/verbs").json()}
    assert offered["send_back"]
    assert not offered["add_signer"]
    nothing = browser.post(f"/tasks/{task}/send-back", data={"command": "b0", "target": "register"})
    assert nothing.status_code == 400
    sent = {
        "command": "b1", "target": "register", "text": "请核对", "item.0.field": "place_detail", "item.0.reason": "写清楚门牌",
    }  # fmt: skip
    told = browser.post(f"/tasks/{task}/send-back", data=sent)
    assert told.status_code == 200
    again = people("beiguan.window").task_of(case, "register")["id"]
    page = people("beiguan.window").get(f"/tasks/{again}", headers={"accept": "text/html"}).text
    assert "写清楚门牌" in page
    assert "赵强" in page


def test_asking_a_colleague_waits_for_the_answer(browser: httpx.Client, people: People) -> None:
    enter(browser, "beiguan.window")
    task = opened(browser, people, case_of(people))
    told = browser.post(
        f"/tasks/{task}/delegate", data={"command": "g1", "account": "beiguan.leader", "text": "可以吗？"}
    )
    assert "已请 刘建国 提意见" in told.text
    leader = people("beiguan.leader")
    page = leader.get("/tasks", headers={"accept": "text/html"}).text
    assert "请您协助的" in page
    assert leader.post(f"/api/tasks/{task}/return-delegated", {"text": "可以"}).status_code == 200
    assert "可以" in browser.get(f"/tasks/{task}?tab=history").text


def test_copies_are_read_and_acknowledged(browser: httpx.Client, people: People) -> None:
    enter(browser, "beiguan.window")
    case = case_of(people)
    task = opened(browser, people, case)
    told = browser.post(
        f"/tasks/{task}/copy", data={"command": "k1", "account": "beiguan.leader", "text": "请阅"}
    )
    assert "未阅" in told.text
    leader = people("beiguan.leader")
    assert "抄送给您的" in leader.get("/tasks", headers={"accept": "text/html"}).text
    assert leader.post(f"/cases/{case}/read", headers={"accept": "text/html"}).status_code == 303
    assert "已阅" in browser.get(f"/tasks/{task}").text


def test_a_substitute_is_named_for_days_and_ended(browser: httpx.Client) -> None:
    enter(browser, "beiguan.investigator")
    page = browser.get("/substitutes").text
    day = {
        f"{name}:{part}": value
        for name in ("from", "to")
        for part, value in zip("ymd", ("2027", "1", "4"), strict=True)
    }
    sent = {
        "command": hidden(page, "command"),
        "account": "beiguan.window",
        "role": "",
        "text": "学习",
        **day,
    }
    assert browser.post("/substitutes", data={**sent, "to:y": "2020"}).status_code == 400
    told = browser.post("/substitutes", data={**sent, "command": "s2"}).text
    ended = re.search(r'name="end" value="([^"]+)"', told)
    assert ended
    told = browser.post("/substitutes", data={"command": "s3", "end": ended[1]}).text
    assert "没有设置代理" in told


# ---- the board


def test_leaders_see_who_has_what_and_give_it_to_others(browser: httpx.Client, people: People) -> None:
    case = case_of(people)
    enter(browser, "beiguan.window")
    assert browser.get("/board").status_code == 403
    task = opened(browser, people, case)
    enter(browser, "beiguan.leader")
    page = browser.get("/board?who=beiguan.window").text
    assert task in page
    sent = {"command": hidden(page, "command"), "who": "beiguan.window", "task": task}
    refused = browser.post("/board", data={**sent, "account": "beiguan.investigator"})
    assert refused.status_code == 200
    assert "✗" in refused.text
    assert people("beiguan.window").task_of(case, "register")["claimed_by"] == "beiguan.window"


# ---- many rows


def test_ten_thousand_rows_are_paged_and_pages_stay_small(browser: httpx.Client, people: People) -> None:
    for _ in range(3):
        case_of(people)
    enter(browser, "beiguan.window")
    told = browser.get("/tasks")
    assert len(told.content) < 60_000
    assert told.text.count("row-link") <= 60
    # A cursor somebody made up is refused in words, not with a failure.
    assert browser.get("/tasks?cursor=nonsense").status_code == 400
    assert CONFIRMED


# ---- what there is to know beside the form


def test_registers_stand_beside_what_the_applicant_wrote(
    office: Office, browser: httpx.Client, people: People
) -> None:
    case = case_of(people)
    enter(browser, "beiguan.window")
    task = opened(browser, people, case)
    hit = {"place_detail": "火车站", "persons": 1, "income": "1200.50"}
    answer = {"values": {"as_of": "2026-11-01", "hits": [hit], "demonstration": True}}
    row = {
        "id": f"{case}.check", "case_id": case, "token": 0, "element": "ask", "kind": "check.household", "body": "{}",
        "package": "", "state": "done", "tries": 1, "asked_at": NOON, "due": NOON, "answer": pack(answer), "done_at": NOON,
    }  # fmt: skip
    office.store.run(
        f"INSERT INTO outbox ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
    )
    page = browser.get(f"/tasks/{task}?tab=answers").text
    lines = re.findall(r'<tr class="(equal|differs|only)"><td[^>]*>([^<]+)</td>', page)
    assert [mark for mark, _ in lines] == ["differs", "only", "equal"]
    assert "1 处与申请不同" in page
    assert "演示数据" in page
    office.store.run("DELETE FROM outbox WHERE id = ?", (row["id"],))


def test_the_dossier_shows_other_cases_of_the_same_person(browser: httpx.Client, people: People) -> None:
    data = registered()
    cases = [case_of(people) for _ in range(2)]
    for case in cases:
        assert people("beiguan.window").work(case, "register", data).status_code == 200
    looker = people("beiguan.investigator")
    task = looker.task_of(cases[1], "confirm_report")["id"]
    enter(browser, "beiguan.investigator")
    side = browser.get(f"/tasks/{task}?tab=dossier").text
    side = side[side.index('id="side"') :]
    assert data["applicant"]["id_no"] in side
    assert cases[0] in side
    assert f'href="/cases/{cases[1]}"' not in side


def test_a_stopped_clock_says_why() -> None:
    open_stop = {
        "from": date(2026, 11, 2),
        "until": None,
        "planned": None,
        "reason": "correction",
        "law": "X",
    }
    clock = {"title": "法定期限", "state": "stopped", "stops": [open_stop]}
    found = _stopped({"statutory": clock})
    assert found is not None
    assert (found.reason, found.since) == ("correction", date(2026, 11, 2))
    assert _stopped({"statutory": {**clock, "state": "running"}}) is None
    assert _stopped(None) is None
