"""Pages as a browser without scripts gets them: nothing typed is lost, every refusal is on the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import CONFIRMED, application, confirmed, identity, registered, wait_for

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import People


def enter(browser: httpx.Client, account: str) -> None:
    """Sign in."""
    told = browser.post("/sign-in", data={"account": account, "password": "banjian"})
    assert told.status_code == 200, told.text


def hidden(text: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def test_apply_keeps_what_was_typed_and_lists_every_fault(browser: httpx.Client) -> None:
    page = browser.get("/apply/temporary-assistance").text
    told = browser.post(
        "/apply/temporary-assistance",
        data={
            "command": hidden(page, "command"),
            "go": "submit",
            "f.for_whom": "self",
            "f.reporter.phone": "12",
            "f.description": "<script>alert(1)</script>",
            "f.emergency_at:y": "2026",
            "f.emergency_at:m": "13",
            "f.emergency_at:d": "x",
        },
    )
    assert told.status_code == 422
    assert "<script>" not in told.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told.text
    links = re.findall(r'<li><a href="#([^"]+)">', told.text)
    assert links == [
        "area", "f.reporter.phone", "f.emergency_type", "f.emergency_at", "f.place_detail", "f.persons",
    ]  # fmt: skip
    for anchor in links:
        assert f'id="{anchor}"' in told.text, anchor
    assert 'value="13"' in told.text
    assert "<title>错误：" in told.text


def test_the_same_page_sent_twice_makes_one_case(browser: httpx.Client) -> None:
    page = browser.get("/apply/temporary-assistance").text
    data = {
        "command": hidden(page, "command"), "go": "submit", "area": "140702001001", "f.for_whom": "self",
        "f.emergency_type": "fire", "f.emergency_at:y": "2026", "f.emergency_at:m": "8", "f.emergency_at:d": "3",
        "f.emergency_at:t": "9:05", "f.place_detail": "家里", "f.persons": "2", "f.description": "起火",
    }  # fmt: skip
    numbers = set()
    for _ in range(2):
        told = browser.post("/apply/temporary-assistance", data=data)
        assert told.status_code == 200, told.text
        numbers.add(re.search(r'id="case-number">([^<]+)', told.text)[1])  # type: ignore[index]
    assert len(numbers) == 1


def test_following_a_case_keeps_its_code_out_of_addresses(
    browser: httpx.Client, case: dict[str, str]
) -> None:
    told = browser.get(f"/cases/{case['case']}")  # the address in the notice
    assert "查询码" in told.text
    assert hidden(told.text.replace('id="number" ', ""), "number") == case["case"]
    wrong = browser.post("/track", data={"number": case["case"], "code": "00000000"})
    assert wrong.status_code == 404
    assert "编号或查询码不对" in wrong.text
    told = browser.post("/track", data={"number": f" {case['case']} ", "code": case["query_code"].upper()})
    assert told.status_code == 200
    assert case["query_code"] not in str(told.url)
    assert case["query_code"] not in told.text
    assert "登记急难情况" in told.text
    told = browser.post(
        f"/track/{case['case']}/messages/withdrawal", data={"command": "w1", "reason": "问题已经解决"}
    )
    assert "已收到" in told.text
    browser.post("/track/leave")
    assert "查询码" in browser.get(f"/track/{case['case']}").text


def test_task_page_keeps_answers_over_faults_and_conflicts(
    browser: httpx.Client, people: People, case: dict[str, str]
) -> None:
    enter(browser, "beiguan.window")
    task = people("beiguan.window").task_of(case["case"], "register")["id"]
    page = browser.get(f"/tasks/{task}").text
    told = browser.post(f"/tasks/{task}/claim", data={"command": hidden(page, "command")})
    data = {
        "command": hidden(told.text, "command"), "revision": hidden(told.text, "revision"), "go": "complete",
        "f.applicant.id_type": "resident_id", "f.applicant.id_no": "142401199003070000",
        "f.applicant.name": "只在页面上", "f.persons": "1", "f.emergency_type": "robbery",
        "f.emergency_at:y": "2026", "f.emergency_at:m": "8", "f.emergency_at:d": "3", "f.emergency_at:t": "09:00",
        "f.place_detail": "车站", "f.description": "被偷",
    }  # fmt: skip
    wrong = browser.post(f"/tasks/{task}", data=data)
    assert wrong.status_code == 422
    assert "身份号码有误" in wrong.text
    assert "只在页面上" in wrong.text
    # Somebody with the same account puts it back and takes it again in another window: the page is stale now.
    people("beiguan.window").post(f"/api/tasks/{task}/release")
    people("beiguan.window").post(f"/api/tasks/{task}/claim")
    data["f.applicant.id_no"] = identity()
    stale = browser.post(f"/tasks/{task}", data=data)
    assert stale.status_code == 409
    assert "王丽 已有改动（认领）" in stale.text
    assert "只在页面上" in stale.text
    data |= {"command": hidden(stale.text, "command"), "revision": hidden(stale.text, "revision")}
    done = browser.post(f"/tasks/{task}", data=data)
    assert done.status_code == 200
    assert "已提交" in done.text


def test_four_eyes_are_explained_on_the_task_page(
    browser: httpx.Client, people: People, case: dict[str, str], office: Any
) -> None:
    from datetime import UTC, datetime

    from api.auth import hash_password
    from engine.commands import AddAccount, GrantLine
    from engine.office import SYSTEM

    account = f"pair.{case['case'][-4:]}"
    grants = [GrantLine(role, "140702001") for role in ("town_investigator", "town_leader")]
    office.bus.execute(
        AddAccount(account, account, "双岗", hash_password("banjian"), grants=grants),
        SYSTEM,
        datetime.now(UTC),
    )
    people("beiguan.window").work(case["case"], "register", registered())
    people(account).work(case["case"], "confirm_report", CONFIRMED)
    task = people(account).task_of(case["case"], "approve_small")["id"]
    enter(browser, account)
    told = browser.post(f"/tasks/{task}/claim", data={"command": "x"})
    assert told.status_code == 403
    assert "您已办过“核实急难情况”，这一步须由另一人办理" in told.text
    assert "批准小额快救" in told.text


def test_anonymous_people_are_asked_to_sign_in_and_come_back(browser: httpx.Client) -> None:
    told = browser.get("/tasks?whose=mine", follow_redirects=False)
    assert told.status_code == 303
    assert told.headers["location"] == "/sign-in?next=%2Ftasks%3Fwhose%3Dmine"
    page = browser.get("/tasks?whose=mine").text
    assert hidden(page, "next") == "/tasks?whose=mine"


def test_english_pages_have_no_chinese_words_of_ours(
    browser: httpx.Client, people: People, case: dict[str, str]
) -> None:
    confirmed(people, case["case"])
    task = people("beiguan.leader").task_of(case["case"], "approve_small")["id"]
    enter(browser, "beiguan.leader")
    for path in ("/", "/tasks", f"/tasks/{task}", "/my", "/verify", "/funds", "/track", "/no/such"):
        text = browser.get(path, params={"language": "en"}).text
        assert '<html lang="en"' in text
        # What the model, the law and people wrote stays Chinese; the frame does not.
        head = text[text.index("<header") : text.index("</header>")].replace("办件", "").replace("中文", "")
        assert not re.search(r"[\u4e00-\u9fff]", head.replace("刘建国", "")), path
        title = re.search(r"<h1[^>]*>([^<]*)", text)
        assert title, path
        assert not re.search(r"[\u4e00-\u9fff]", title[1]), path


@pytest.mark.parametrize(
    "path", ["/", "/verify", "/track", "/sign-in", "/apply/temporary-assistance", "/schema"]
)
def test_every_page_is_well_formed_and_safe(browser: httpx.Client, path: str) -> None:
    told = browser.get(path)
    assert told.status_code == 200
    assert told.text.count("<h1") == 1
    ids = re.findall(r'\bid="([^"]+)"', told.text)
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    assert "<script" not in told.text
    assert not re.search(r"\bstyle=", told.text)
    if path != "/schema":
        assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
    assert "https://" not in re.sub(r"https://www.w3.org\S*", "", told.text)


def test_unknown_addresses_and_methods(browser: httpx.Client) -> None:
    told = browser.get("/no/such/place")
    assert told.status_code == 404
    assert "没有找到" in told.text
    assert browser.post("/verify/x").status_code == 405
    assert browser.get("/api/no/such", headers={"accept": "application/json"}).json()["code"] == "not-found"


def test_verification_pages(browser: httpx.Client) -> None:
    assert "查不到" in browser.get("/verify/AAAABBBBCCCCDDDDEEEE").text
    assert (
        "查不到"
        in browser.post("/verify", data={"number": "晋中民快救字〔2026〕999号", "token": "AAAABBBBCCCC"}).text
    )
    assert "查不到" in browser.post("/verify", files={"file": ("a.pdf", b"%PDF-1.7")}).text


#: Posts that need no key: uploads are known by their hash, a code by phone and minute, and look-ups change nothing.
UNKEYED = {
    "/api/materials",
    "/api/verify",
    "/api/sessions",
    "/api/sessions/code",
    "/api/codes",
    "/api/studio/{process}/preview",  # it changes nothing
}


def test_description_is_complete(browser: httpx.Client) -> None:
    told = browser.get("/schema/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    count = 0
    for path, item in told["paths"].items():
        assert path.startswith(("/api/", "/health")), path
        for verb, operation in item.items():
            count += 1
            where = f"{verb} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert operation["tags"], where
            good = [one for status, one in operation["responses"].items() if status.startswith("2")]
            assert good, where
            problems = [one for status, one in operation["responses"].items() if status >= "4"]
            assert any("application/problem+json" in one.get("content", {}) for one in problems), where
            if verb == "post" and path not in UNKEYED:
                assert any(one["name"] == "Idempotency-Key" for one in operation["parameters"]), where
    assert count >= 18


def test_application_of_a_worklist_page(people: People) -> None:
    """Keyset paging: every task once, whatever the size of the page."""
    for _ in range(3):
        people().post("/api/applications", application())
    window = people("beiguan.window")
    whole = [one["id"] for one in window.get("/api/tasks?limit=200").json()["tasks"]]
    paged: list[str] = []
    cursor = ""
    while True:
        told = window.get(f"/api/tasks?limit=2{cursor}").json()
        paged += [one["id"] for one in told["tasks"]]
        if told["next"] is None:
            break
        cursor = f"&cursor={told['next']}"
    assert paged == whole
    assert window.get("/api/tasks?cursor=nonsense").status_code == 400
    assert window.get("/api/tasks?limit=0").status_code == 400
    assert window.get("/api/tasks?whose=yours").status_code == 400


def test_an_unusable_photo_is_told_at_its_question(browser: httpx.Client) -> None:
    page = browser.get("/apply/temporary-assistance").text
    told = browser.post(
        "/apply/temporary-assistance",
        data={"command": hidden(page, "command"), "go": "submit", "f.description": "写好的话不能丢"},
        files={"f.evidence": ("病历.exe", b"MZ", "image/png")},
    )
    assert told.status_code == 422
    assert "“病历.exe”打不开" in told.text
    assert "写好的话不能丢" in told.text


def test_photos_are_kept_over_a_mistake(browser: httpx.Client) -> None:
    page = browser.get("/apply/temporary-assistance").text
    pdf = b"%PDF-1.7\n%%EOF\n"
    told = browser.post(
        "/apply/temporary-assistance",
        data={"command": hidden(page, "command"), "go": "submit", "f.for_whom": "self"},
        files={"f.evidence": ("证明 一.pdf", pdf, "application/pdf")},
    )
    kept = re.search(r'name="f.evidence:kept" value="([^"]+)"', told.text)
    assert kept
    data = {
        "command": hidden(page, "command"), "go": "submit", "area": "140702001001", "f.for_whom": "self",
        "f.emergency_type": "fire", "f.emergency_at:y": "2026", "f.emergency_at:m": "8", "f.emergency_at:d": "3",
        "f.place_detail": "家里", "f.persons": "2", "f.description": "起火", "f.evidence:kept": kept[1],
    }  # fmt: skip
    told = browser.post("/apply/temporary-assistance", data=data)
    number = re.search(r'id="case-number">([^<]+)', told.text)
    code = re.search(r'id="query-code">([^<]+)', told.text)
    assert number
    assert code
    told = browser.post("/track", data={"number": number[1], "code": code[1]})
    assert "证明 一.pdf" in told.text
    link = re.search(r'href="(/cases/[^"]+/materials/[0-9a-f]{64})"', told.text)
    assert link
    assert browser.get(link[1]).content == pdf


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"garbage"),
        ("multipart/form-data", b"garbage"),
        ("application/x-www-form-urlencoded", b"%%%=%ff&a=%00"),
        ("application/json", b"{}"),
        ("text/plain", b"x"),
    ],
)
@pytest.mark.parametrize("path", ["/verify", "/track", "/sign-in", "/apply/temporary-assistance"])
def test_posts_that_are_no_forms(browser: httpx.Client, path: str, kind: str, body: bytes) -> None:
    told = browser.post(path, content=body, headers={"content-type": kind})
    assert told.status_code < 500, told.text


@pytest.mark.parametrize("account", [None, "li.xiuying"])
def test_applicant_supplies_missing_papers(
    browser: httpx.Client, people: People, account: str | None
) -> None:
    """With an account or with number and code: the step is on the case's page, and needs no claiming."""
    told = people(account).post("/api/applications", application(persons=3)).json()
    number = told["case"]
    people("beiguan.window").work(number, "register", {**registered(), "persons": 3})
    slow = {**CONFIRMED, "immediate": False, "persons": 3}
    assert people("beiguan.investigator").work(number, "confirm_report", slow).status_code == 200
    gaps = {"complete": False, "gaps": [{"item": "村委证明", "fix": "请村委开一份证明"}]}
    assert people("beiguan.window").work(number, "review_papers", gaps).status_code == 200
    clerk = people("beiguan.window")
    wait_for(lambda: clerk.get(f"/api/cases/{number}").json()["open_tasks"] == ["supply_papers"])
    if account is None:
        browser.post("/track", data={"number": number, "code": told["query_code"]})
    else:
        enter(browser, account)
        assert number in browser.get("/my").text
    page = browser.get(f"/cases/{number}")  # the address in the notice leads to the applicant's page
    assert str(page.url).endswith(f"/track/{number}")
    link = re.search(r'href="(/track/[^"]+/tasks/[^"]+)"', page.text)
    assert link
    assert "需要您办理" in page.text
    task = browser.get(link[1])
    assert "补正" in task.text
    data = {"command": hidden(task.text, "command"), "go": "complete"}
    empty = browser.post(link[1], data=data)
    assert empty.status_code == 422
    assert "请填写" in empty.text
    done = browser.post(link[1], data={**data, "f.note": "村委证明已补交"})
    assert "已收到" in done.text
    again = browser.post(link[1], data={**data, "f.note": "村委证明已补交"})  # the button pressed twice
    assert again.status_code == 200
    assert "需要您办理" not in again.text
    assert clerk.get(f"/api/cases/{number}").json()["open_tasks"] == ["review_papers"]


def test_a_stopped_step_is_told_on_the_case_page(
    browser: httpx.Client, case: dict[str, str], office: Any
) -> None:
    from datetime import UTC, datetime

    office.store.run(
        "INSERT INTO incident (case_id, token, element, code, detail, process, area, raised_at)"
        " VALUES (?, 99, 'confirm_report', 'line-down', '{}', 'temporary-assistance', '140702001001', ?)",
        (case["case"], datetime.now(UTC)),
    )
    enter(browser, "beiguan.window")
    text = browser.get(f"/cases/{case['case']}").text
    assert "核实急难情况" in text
    assert "对方系统暂时没有响应" in text
    office.store.run("DELETE FROM incident WHERE case_id = ?", (case["case"],))
