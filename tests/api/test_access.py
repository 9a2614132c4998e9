"""Fifteen kinds of actors over every route: who may not see a case is told the same as of one that does not exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import application, confirmed, wait_for
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.api.conftest import People

#: Account -> whether this kind of person may see a case in the Beiguan quarter of Yuci.
SEES = {
    None: False,
    "zhang.san": False,
    "beiguan.window": True,
    "beiguan.investigator": True,
    "beiguan.leader": True,
    "wujinshan.window": False,
    "gutao.leader": False,
    "jinlun.village": True,
    "dongcheng.village": False,
    "yuci.officer": True,
    "yuci.leader": True,
    "pingyao.officer": False,
    "yuci.finance": False,
    "yuci.medical": False,
    "yuci.police": False,
    "city.supervisor": True,
    "city.auditor": True,
    "analyst": False,
    "publisher": False,
    "admin": True,
}
MISSING = "140702MZ202001019999"


@pytest.fixture(scope="module")
def known(people: People) -> dict[str, str]:
    """A paid case with a task open and a document issued."""
    told = people().post("/api/applications", application()).json()
    confirmed(people, told["case"])
    leader = people("beiguan.leader")
    leader.work(told["case"], "approve_small", {"decision": "approve", "amount": 605})
    view = wait_for(
        lambda: (
            found
            if (found := leader.get(f"/api/cases/{told['case']}").json())["open_tasks"] == ["record_end"]
            else None
        )
    )
    task = people("beiguan.investigator").task_of(told["case"], "record_end")
    return {
        "number": told["case"],
        "code": told["query_code"],
        "task": task["id"],
        "document": view["documents"][0]["id"],
    }


#: Verbs of a task with a body that is in order.
VERBS: dict[str, Any] = {
    "transfer": {"account": "beiguan.window"},
    "delegate": {"account": "beiguan.window", "text": "?"},
    "return-delegated": {"text": "!"},
    "send-back": {"target": "register", "reason": "?"},
    "take-back": None,
    "urge": {"text": "!"},
    "copy": {"accounts": ["beiguan.window"]},
    "add-signer": {"account": "beiguan.window"},
    "drop-signer": {"text": "!"},
    "judge": {"sha256": "a" * 64, "state": "accepted"},
    "draft": {"revision": 0},
}
#: What the page of a task posts beside its form.
FORMS = (
    "transfer", "delegate", "return-delegated", "send-back", "take-back", "urge", "copy", "add-signer", "drop-signer",
    "draft", "draft/drop", "here", "papers", "phrase",
)  # fmt: skip


def _routes(known: dict[str, str]) -> list[tuple[str, str, Any]]:
    """Every route about one case, with its name in the address: method, path, body."""
    case, task, document = known["number"], known["task"], known["document"]
    return [
        ("GET", f"/api/cases/{case}", None),
        ("GET", f"/api/cases/{case}?code=00000000", None),
        ("GET", f"/api/cases/{case}/looks", None),
        ("POST", f"/api/cases/{case}/messages/withdrawal", {"data": {}}),
        ("POST", f"/api/cases/{case}/messages/nonsense", {"data": {}}),
        ("GET", f"/api/tasks/{task}", None),
        ("POST", f"/api/tasks/{task}/claim", None),
        ("POST", f"/api/tasks/{task}/release", None),
        ("POST", f"/api/tasks/{task}/complete", {"revision": 0, "data": {}}),
        *[("POST", f"/api/tasks/{task}/{verb}", body) for verb, body in VERBS.items()],
        ("GET", f"/api/tasks/{task}/verbs", None),
        ("GET", f"/api/documents/{document}", None),
        ("GET", f"/api/documents/{document}?case={case}&code=00000000", None),
        ("GET", f"/api/documents/{document}/prints", None),
        ("POST", f"/api/documents/{document}/prints", {"reason": "lost by the holder"}),
        ("POST", f"/api/prints/{document}.p1/serial", {"serial": "000001"}),
        ("GET", f"/cases/{case}", None),
        ("GET", f"/cases/{case}/diagram.svg", None),
        ("GET", f"/cases/{case}/materials/{'a' * 64}", None),
        ("POST", f"/cases/{case}/messages/withdrawal", None),
        ("GET", f"/track/{case}", None),
        ("GET", f"/track/{case}/looks", None),
        ("GET", f"/track/{case}/tasks/{task}", None),
        ("POST", f"/track/{case}/messages/withdrawal", None),
        ("GET", f"/track?number={case}&code=00000000", None),
        ("GET", f"/tasks/{task}", None),
        ("POST", f"/tasks/{task}", None),
        ("POST", f"/tasks/{task}/claim", None),
        ("POST", f"/tasks/{task}/release", None),
        *[("POST", f"/tasks/{task}/{verb}", None) for verb in FORMS],
        ("GET", f"/cases/{case}/materials/{'a' * 64}/page", None),
        ("GET", f"/cases/{case}/sheet", None),
        ("POST", f"/cases/{case}/read", None),
        ("POST", f"/track/{case}/tasks/{task}", None),
        ("GET", f"/submitted/{case}", None),
        ("GET", f"/track/{case}/receipt", None),
        ("POST", f"/track/{case}/files", None),
        ("GET", f"/track/{case}/files?upload={'a' * 32}", None),
        ("GET", f"/track/{case}/messages/withdrawal", None),
        ("POST", f"/track/{case}/urge", None),
        ("POST", f"/track/{case}/rating", None),
        ("POST", f"/track/{case}/helper", None),
        ("GET", f"/track/{case}/papers/{document}", None),
        ("GET", f"/documents/{document}?case={case}", None),
        ("GET", f"/issued/{document}", None),
        ("POST", f"/issued/{document}/print", None),
        ("POST", f"/issued/{document}/serial", None),
        ("GET", "/funds/140702001", None),
    ]


def _shape(answer: Any, known: dict[str, str]) -> tuple[Any, ...]:
    """What an outsider can tell from an answer, without the names that the address itself has."""
    text = answer.text.replace(MISSING, "<case>").replace(known["number"], "<case>")
    text = re.sub(r'value="[0-9a-f]{32}"', "", text)
    place = answer.headers.get("location", "").replace(MISSING, "<case>").replace(known["number"], "<case>")
    return (answer.status_code, place, text)


@pytest.mark.parametrize("account", [name for name, sees in SEES.items() if not sees])
def test_outsiders_cannot_tell_an_existing_case_from_a_missing_one(
    people: People, known: dict[str, str], account: str | None
) -> None:
    missing = {**known, "number": MISSING}
    missing["task"] = known["task"].replace(known["number"], MISSING)
    missing["document"] = known["document"].replace(known["number"], MISSING)
    caller = people(account)
    html = {"accept": "text/html"}
    for (method, path, body), (_, other, _) in zip(_routes(known), _routes(missing), strict=True):
        if path.startswith("/funds") and account == "yuci.finance":
            continue
        ask = caller.get if method == "GET" else lambda path, **o: caller.post(path, body, **o)  # noqa: B023
        options = {} if path.startswith("/api") else {"headers": html}
        there, gone = ask(path, **options), ask(other, **options)
        assert _shape(there, known) == _shape(gone, known), f"{method} {path}"
        assert there.status_code in {303, 401, 404} or "/track" in path, (
            f"{method} {path} {there.status_code}"
        )
        assert "张三丰" not in there.text


@pytest.mark.parametrize("account", [name for name, sees in SEES.items() if sees])
def test_insiders_see_the_case(people: People, known: dict[str, str], account: str) -> None:
    caller = people(account)
    assert caller.get(f"/api/cases/{known['number']}").status_code == 200
    page = caller.get(f"/cases/{known['number']}", headers={"accept": "text/html"})
    assert page.status_code == 200
    # Only those who work on such cases read names and numbers in full.
    roles = {one["role"] for one in caller.get("/api/me").json()["grants"]}
    assert ("6222021234567890128" in page.text) == bool(roles & _working_roles())
    assert caller.get(f"/cases/{known['number']}/diagram.svg").status_code == 200
    pdf = caller.get(f"/documents/{known['document']}")
    assert pdf.status_code == 200
    assert pdf.headers["cache-control"] == "private, no-store"


def _working_roles() -> set[str]:
    lines = (ROOT / "policies" / "temporary-assistance.csv").read_text().splitlines()
    return {line.split(",")[1].strip() for line in lines if line.endswith(", work")}


def test_only_the_right_lane_works_a_task(people: People, known: dict[str, str]) -> None:
    for account, sees in SEES.items():
        if account in {None, "beiguan.investigator"}:
            continue
        answer = people(account).post(f"/api/tasks/{known['task']}/claim")
        assert answer.status_code == (403 if sees else 404), account
    assert people("beiguan.investigator").post(f"/api/tasks/{known['task']}/claim").status_code == 200
    people("beiguan.investigator").post(f"/api/tasks/{known['task']}/release")


def test_worklists_show_own_work_only(people: People, known: dict[str, str]) -> None:
    for account in SEES:
        answer = people(account).get(f"/api/tasks?search={known['number']}")
        if account is None:
            assert answer.status_code == 401
        else:
            found = [one["id"] for one in answer.json()["tasks"]]
            assert found == ([known["task"]] if account == "beiguan.investigator" else []), account


def test_funds_by_right(people: People) -> None:
    for account in SEES:
        answer = people(account).get("/api/funds")
        if account is None:
            assert answer.status_code == 401
            continue
        areas = {one["area"] for one in answer.json()}
        expected = {
            "beiguan.leader": {"140702001"},
            "gutao.leader": {"140728100"},
            "yuci.officer": {"140702001", "140702100"},
            "yuci.finance": {"140702001", "140702100"},
            "pingyao.officer": {"140728100", "140728101"},
        }.get(account)
        if expected is not None:
            assert areas == expected, account
        elif account in {"city.supervisor", "city.auditor"}:
            assert len(areas) == 6
        else:
            assert areas == set(), account


def test_an_issued_paper_is_no_material(people: People, known: dict[str, str]) -> None:
    """The hash of a paper is public (verification tells it); naming it in an own application must not open it."""
    leader = people("beiguan.leader")
    paper = leader.get(f"/api/cases/{known['number']}").json()["documents"][0]
    own = people("zhang.san").post(
        "/api/applications", application(evidence=[{"hash": paper["sha256"], "name": "x.pdf"}])
    )
    assert own.status_code == 201, own.text
    stolen = people("zhang.san").get(f"/cases/{own.json()['case']}/materials/{paper['sha256']}")
    assert stolen.status_code == 404


def test_materials_for_those_who_see_the_case(people: People) -> None:
    png = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
        b"\0\0\0\nIDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4\0\0\0\0IEND\xaeB`\x82"
    )
    kept = people("zhang.san").post("/api/materials", files={"data": ("照片.png", png)}).json()
    assert kept["type"] == "image/png"
    case = people("zhang.san").post("/api/applications", application(evidence=[kept])).json()["case"]
    path = f"/cases/{case}/materials/{kept['hash']}"
    for account, status in (("zhang.san", 200), ("beiguan.window", 200), ("gutao.window", 404), (None, 401)):
        answer = people(account).get(path)
        assert answer.status_code == status, account
    assert people("beiguan.window").get(path).headers["content-type"] == "image/png"
    assert (
        kept["hash"] in people("beiguan.window").get(f"/cases/{case}", headers={"accept": "text/html"}).text
    )


def test_every_route_about_one_thing_is_tried_here(app: Any, known: dict[str, str]) -> None:
    """A new route with a case, task, document or fund in its address must be added to the list above."""
    tried = {(method, path.partition("?")[0]) for method, path, _ in _routes(known)}
    for route in app.routes:
        # A task in an address of the studio is a step of a model.
        if route.path.startswith("/studio/") or not any(
            name in route.path for name in ("{number", "{task", "{document")
        ):
            continue
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", route.path)
        for method in set(route.methods) - {"OPTIONS", "HEAD"}:
            assert any(method == one and re.fullmatch(pattern, path) for one, path in tried), (
                method,
                route.path,
            )


@pytest.mark.parametrize("account", [None, "zhang.san"])
def test_only_an_office_enters_cases_for_others(people: People, account: str | None) -> None:
    for more in ({"applicant": "li.xiuying"}, {"channel": "window"}):
        answer = people(account).post("/api/applications", {**application(), **more})
        assert answer.status_code == 403, answer.text
    told = people("beiguan.window").post(
        "/api/applications", {**application(), "channel": "window", "applicant": "li.xiuying"}
    )
    assert told.status_code == 201
    mine = {one["case"] for one in people("li.xiuying").get("/api/cases").json()}
    assert told.json()["case"] in mine
