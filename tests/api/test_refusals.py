"""Bad input over HTTP: each gets a clear answer with a code, nothing is half done, a later retry goes through."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import StoreUnavailable, VaultFull
from tests.api.conftest import application, confirmed, registered

if TYPE_CHECKING:
    import httpx

    from engine.office import Office
    from tests.api.conftest import People

PDF = b"%PDF-1.7\nnothing\n%%EOF\n"


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of a refused call, which must be complete."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"urn:banjian:problem:{code}"
    assert body["title"]
    assert "…" not in body["title"], body["title"]
    return body


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        ({"persons": "zwei"}, "persons", "数字"),
        ({"persons": 1.5}, "persons", "整数"),
        ({"persons": True}, "persons", "数字"),
        ({"persons": 99}, "persons", "20"),
        ({"for_whom": "nobody"}, "for_whom", "选项"),
        ({"emergency_at": "2026-02-30T10:00"}, "emergency_at", "日期"),
        ({"emergency_at": 5}, "emergency_at", "日期"),
        ({"emergency_at": "2999-01-01T10:00"}, "emergency_at", "不能晚于"),
        ({"description": ["a"]}, "description", "文字"),
        ({"description": "x" * 501}, "description", "500"),
        ({"description": "a\u0000b"}, "description", "不能显示"),
        ({"description": None}, "description", "请填写"),
        ({"reporter": {"phone": "123"}}, "reporter.phone", "手机"),
        ({"reporter": {"shoe": 1}}, "reporter.shoe", "没有这一项"),
        ({"unknown": 1}, "unknown", "没有这一项"),
        ({"evidence": [{"hash": "zz"}]}, "evidence", "已上传"),
        ({"evidence": {"hash": 1}}, "evidence", "列表"),
    ],
)
def test_wrong_answers_of_an_application(
    people: People, changes: dict[str, Any], path: str, sentence: str
) -> None:
    body = refused(people().post("/api/applications", application(**changes)), 422, "form-invalid")
    assert [one["path"] for one in body["errors"]] == [path]
    assert body["errors"][0]["pointer"] == "/data/" + path.replace(".", "/")
    assert sentence in body["errors"][0]["detail"]


def test_every_wrong_field_is_told_at_once(people: People) -> None:
    body = refused(
        people().post("/api/applications", application(persons="x", description="", place_detail=1)),
        422,
        "form-invalid",
    )
    assert [one["path"] for one in body["errors"]] == ["place_detail", "persons", "description"]
    assert "3" in body["title"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "request-invalid"),
        (b"\xff\xfe", 400, "request-invalid"),
        (b"[]", 400, "request-invalid"),
        (b'{"process": 1, "area": "140702001001"}', 400, "request-invalid"),
        (b'{"process": "temporary-assistance"}', 400, "request-invalid"),
        (b'{"process": "temporary-assistance", "area": "140702001001", "x": 1}', 400, "request-invalid"),
        (b'{"process": "temporary-assistance", "area": "999999", "data": {}}', 400, "command-invalid"),
        (
            b'{"process": "temporary-assistance", "area": "140702001001", "channel": "z"}',
            403,
            "forbidden",
        ),
        (b'{"process": "no-such", "area": "140702001001"}', 404, "not-found"),
        (b"[" * 100_000, 400, "request-invalid"),
    ],
)
def test_bodies_that_are_no_application(people: People, body: bytes, status: int, code: str) -> None:
    answer = people().post("/api/applications", content=body, headers={"content-type": "application/json"})
    refused(answer, status, code)


def test_identity_number_with_a_wrong_check_character(people: People, case: dict[str, str]) -> None:
    good = registered()
    number = good["applicant"]["id_no"]
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    window = people("beiguan.window")
    data = {**good, "applicant": {**good["applicant"], "id_no": wrong}}
    told = window.work(case["case"], "register", data)
    body = refused(told, 422, "form-invalid")
    assert body["errors"][0]["path"] == "applicant.id_no"
    assert "身份号码有误" in body["errors"][0]["detail"]
    # Nothing is half done: the task is still claimed and goes through with the right number.
    task = window.task_of(case["case"], "register")
    done = window.post(f"/api/tasks/{task['id']}/complete", {"revision": task["revision"], "data": good})
    assert done.status_code == 200, done.text


@pytest.mark.parametrize(
    ("amount", "word"),
    [(b"605.001", "小数"), (b"1e30", "太大"), (b"-5", "不能小于"), (b'"viel"', "数字"), (b"1e-9", "小数")],
)
def test_amounts(people: People, case: dict[str, str], amount: bytes, word: str) -> None:
    confirmed(people, case["case"])
    leader = people("beiguan.leader")
    task = leader.task_of(case["case"], "approve_small")
    revision = leader.post(f"/api/tasks/{task['id']}/claim").json()["revision"]
    body = b'{"revision": %d, "data": {"decision": "approve", "amount": %s}}' % (revision, amount)
    answer = leader.post(
        f"/api/tasks/{task['id']}/complete", content=body, headers={"content-type": "application/json"}
    )
    told = refused(answer, 422, "form-invalid")
    assert told["errors"][0]["path"] == "amount"
    assert word in told["errors"][0]["detail"]


def test_amount_keeps_every_digit(people: People, case: dict[str, str]) -> None:
    """605.004999999999999999 is no 605.00, though a float would make it so."""
    confirmed(people, case["case"])
    leader = people("beiguan.leader")
    task = leader.task_of(case["case"], "approve_small")
    revision = leader.post(f"/api/tasks/{task['id']}/claim").json()["revision"]
    body = b'{"revision": %d, "data": {"decision": "approve", "amount": 605.0000000000000000001}}' % revision
    answer = leader.post(
        f"/api/tasks/{task['id']}/complete", content=body, headers={"content-type": "application/json"}
    )
    assert "小数" in refused(answer, 422, "form-invalid")["errors"][0]["detail"]


def test_task_of_another_county_is_not_there(people: People, case: dict[str, str]) -> None:
    task = people("beiguan.window").task_of(case["case"], "register")["id"]
    foreign = people("gutao.window")
    for path in (f"/api/tasks/{task}", f"/api/cases/{case['case']}"):
        there, missing = foreign.get(path), foreign.get(path[:-1] + "x")
        assert refused(there, 404, "not-found")["title"] == missing.json()["title"]
    for verb in ("claim", "release"):
        refused(foreign.post(f"/api/tasks/{task}/{verb}"), 404, "not-found")
    refused(foreign.post(f"/api/tasks/{task}/complete", {"revision": 0, "data": {}}), 404, "not-found")


def test_colleague_who_sees_the_case_may_not_do_the_step(people: People, case: dict[str, str]) -> None:
    task = people("beiguan.window").task_of(case["case"], "register")["id"]
    refused(people("beiguan.leader").post(f"/api/tasks/{task}/claim"), 403, "forbidden")


def test_stale_revision_names_who_changed_what(people: People, case: dict[str, str]) -> None:
    window = people("beiguan.window")
    task = window.task_of(case["case"], "register")
    window.post(f"/api/tasks/{task['id']}/claim")
    answer = window.post(
        f"/api/tasks/{task['id']}/complete", {"revision": task["revision"], "data": registered()}
    )
    body = refused(answer, 409, "stale")
    assert body["values"]["by"] == "王丽"
    assert body["values"]["kind"] == "claimed"
    assert "王丽" in body["title"]
    assert "认领" in body["title"]


def test_claimed_by_somebody_else(people: People, case: dict[str, str], office: Office) -> None:
    from api.auth import hash_password
    from engine.commands import AddAccount, GrantLine
    from engine.demonstration import PASSWORD
    from engine.office import SYSTEM

    account = f"second.{case['case'][-4:]}"
    adding = AddAccount(
        account, account, "第二人", hash_password(PASSWORD), grants=[GrantLine("town_window", "140702001")]
    )
    office.bus.execute(adding, SYSTEM, datetime.now(UTC))
    task = people("beiguan.window").task_of(case["case"], "register")["id"]
    assert people("beiguan.window").post(f"/api/tasks/{task}/claim").status_code == 200
    body = refused(people(account).post(f"/api/tasks/{task}/claim"), 409, "already-claimed")
    assert "王丽" in body["title"]
    assert people("beiguan.window").post(f"/api/tasks/{task}/claim").status_code == 200  # again is no fault


def test_not_claimed_and_closed(people: People, case: dict[str, str]) -> None:
    window = people("beiguan.window")
    task = window.task_of(case["case"], "register")
    answer = window.post(
        f"/api/tasks/{task['id']}/complete", {"revision": task["revision"], "data": registered()}
    )
    refused(answer, 409, "not-claimed")
    assert window.work(case["case"], "register", registered()).status_code == 200
    body = refused(window.post(f"/api/tasks/{task['id']}/claim"), 409, "task-closed")
    assert "王丽" in body["title"]


def test_same_key_again_and_with_another_body(people: People) -> None:
    key = {"idempotency-key": f"test-{datetime.now(UTC).timestamp()}"}
    first = people().post("/api/applications", application(), headers=key)
    again = people().post("/api/applications", application(), headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    body = people().post("/api/applications", application(persons=2), headers=key)
    refused(body, 422, "command-reused")
    # Another sender's key is another key.
    other = people("li.xiuying").post("/api/applications", application(), headers=key)
    assert other.status_code == 201
    assert other.json()["case"] != first.json()["case"]


@pytest.mark.parametrize("key", ["x" * 121, "a\tb"])
def test_keys_that_are_none(people: People, key: str) -> None:
    refused(
        people().post("/api/applications", application(), headers={"idempotency-key": key}),
        400,
        "command-invalid",
    )


def test_database_down(people: People, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    window = people("beiguan.window")
    store = type(app.state.edge.office.store)

    def gone(*_: Any, **__: Any) -> None:
        raise StoreUnavailable(reason="gone")

    with monkeypatch.context() as broken:
        broken.setattr(store, "reading", gone)
        broken.setattr(store, "writing", gone)
        for answer in (
            window.get("/api/tasks"),
            window.get("/health"),
            people().post("/api/applications", application()),
        ):
            refused(answer, 503, "store-unavailable")
            assert answer.headers["retry-after"] == "5"
        shown = window.get("/tasks", headers={"accept": "text/html"})
        assert shown.status_code == 503
        assert "什么都没有改动" in shown.text
    assert window.get("/api/tasks").status_code == 200


def test_vault_full(people: People, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> str:
        raise VaultFull(size=1)

    with monkeypatch.context() as broken:
        broken.setattr(type(app.state.edge.office.vault), "put", full)
        answer = people().post("/api/materials", files={"data": ("a.pdf", PDF)})
        refused(answer, 507, "vault-full")
    told = people().post("/api/materials", files={"data": ("a.pdf", PDF)})
    assert told.status_code == 201
    assert told.json()["type"] == "application/pdf"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"<html>",
        b"%PDF-1.7 cut off",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
    ],
)
def test_uploads_are_told_by_content(people: People, content: bytes) -> None:
    answer = people().post("/api/materials", files={"data": ("fine.pdf", content, "application/pdf")})
    refused(answer, 415, "unreadable")


def test_upload_too_large(people: People, app: Any) -> None:
    limit = app.state.edge.office.settings.upload_limit
    answer = people().post("/api/materials", files={"data": ("a.pdf", b"%PDF-" + b"0" * limit + b"%%EOF")})
    assert "20" in refused(answer, 413, "too-large")["title"]


def test_unforeseen_failure_is_logged_once_without_words_of_people(
    people: People, app: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    typed = " ".join(["张三" + "丰", "14240119900307" + "9984"])

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(typed)

    with caplog.at_level(logging.DEBUG), monkeypatch.context() as patch:
        patch.setattr(type(app.state.edge.office.bus), "execute", broken)
        body = refused(people().post("/api/applications", application()), 500, "internal")
    told = [one.getMessage() for one in caplog.records if one.name == "banjian"]
    assert len(told) == 1
    assert body["values"]["reference"] in told[0]
    assert body["values"]["reference"] in body["title"]
    assert "RuntimeError" in told[0]
    assert "test_refusals.py" in told[0]
    assert "张三丰" not in caplog.text
    assert "142401" not in caplog.text


def test_languages(people: People) -> None:
    def title(header: str) -> str:
        return str(people().get("/api/tasks", headers={"accept-language": header}).json()["title"])

    assert title("en") == title("en-GB,zh;q=0.5") == "Please sign in first."
    assert (
        title("zh-CN,en;q=0.9") == title("fr") == title("*") == title("de,zh;q=0.1,en;q=0.05") == "请先登录。"
    )


def test_a_page_of_another_site_cannot_post(people: People) -> None:
    window = people("beiguan.window")
    for header in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        refused(window.post("/api/applications", application(), headers=header), 403, "origin")
    same = {"origin": str(people().client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    assert window.post("/api/applications", application(), headers=same).status_code == 201


def test_wrong_passwords_lock_known_and_unknown_names_alike(app: Any, people: People) -> None:
    for name in ("duancun.window", "nobody.at.all"):  # no other test signs in with them
        codes = []
        for _ in range(6):
            answer = people().post("/api/sessions", {"account": name, "password": "wrong"})
            codes.append((answer.status_code, answer.json()["code"]))
        assert codes == [(401, "sign-in-wrong")] * 5 + [(429, "sign-in-locked")]
        assert int(answer.headers["retry-after"]) > 1000


@pytest.mark.parametrize(
    "path", ["/api/verify?token=AAAAAAAAAAAA", "/api/cases/140702MZ202601010001?code=00000000"]
)
def test_guessing_is_slowed_down(people: People, path: str) -> None:
    answers = [people().get(path) for _ in range(70)]
    assert answers[0].status_code in {200, 404}
    refused(answers[-1], 429, "rate")
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_session_ends(browser: httpx.Client) -> None:
    told = browser.post(
        "/sign-in", data={"account": "yian.window", "password": "banjian"}, follow_redirects=False
    )
    assert told.status_code == 303
    cookie = told.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # http://127.0.0.1; with an https address it is set
    assert browser.get("/api/me").json()["account"] == "yian.window"
    browser.post("/sign-out")
    assert browser.get("/api/me").json()["account"] is None


def test_next_after_sign_in_stays_here(browser: httpx.Client) -> None:
    for wished in ("https://evil.example", "//evil.example", "/\\evil.example", ""):
        told = browser.post(
            "/sign-in",
            data={"account": "yian.window", "password": "banjian", "next": wished},
            follow_redirects=False,
        )
        assert told.headers["location"] == "/tasks"
