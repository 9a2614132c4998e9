"""A secret case over every route of the application: to fifteen outsiders it is the same as one that does not exist.

The routes are read from the application, so a new one is tried without being written down here.
"""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from api import auth
from engine.access import Actor, Grant
from engine.commands import CopyTo
from engine.errors import EngineError, NotFound
from engine.queries import looks
from engine.store.sqlite import _Session
from tests.api.conftest import identity, wait_for
from tests.conftest import THOROUGH, office_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from tests.api.conftest import Caller, People

PROCESS, COUNTY = "adoption-registration", "140702"
#: Every kind of person who is not in the case; the last four work on other adoptions, or for others.
OUTSIDERS = (
    None, "zhang.san", "beiguan.window", "jinlun.village", "jinlun.clerk", "yuci.officer", "yuci.finance",
    "yuci.police", "city.supervisor", "city.auditor", "admin", "analyst", "pingyao.registrar", "anxin.assessor",
    "yuci.rescue", *(("beiguan.leader", "beiguan.officer", "publisher", "yuci.archivist") if THOROUGH else ()),
)  # fmt: skip
#: They try every body at every address, the others the first ones.
CURIOUS = (None, "city.auditor", "pingyao.registrar")
#: What stands in addresses, beside what is of the case.
FIXED = {
    "message": "withdrawal",
    "sha256": "a" * 64,
    "token": "23456789ABCDEFGHJKMN",
    "process": PROCESS,
    "form": "start",
    "code": "140702001",
    "key": "none",
    "name": "start",
    "provider": "none",
    "path": "none",
    "file_path": "none",
    "place": "140702001001",
    "board": "none",
    "register": "organisations",
    "version": "none",
    "draft": "none",
    "element": "check_papers",
    "account": "li.xiuying",
    "subject": "none",
    "batch": "none",
    "campaign": "none",
    "notice": "none",
    "n": "1",
}
#: Bodies that get past the first look at them; each route is tried with all.
BODIES: tuple[Any, ...] = (
    None,
    {"data": {}},
    {"revision": 1, "data": {}},
    {"reason": "遗失"},
    {"serial": "000001"},
    {"account": "yuci.registrar", "reason": "换人"},
    {"account": "nobody.at.all", "question": "怎么办"},
    {"accounts": ["nobody.at.all"], "note": "请阅"},
    {"target": "check_papers", "reason": "退回"},
)
NAMES = ("沈阿强", "庄小玉", "沈小玉")
#: What differs from one answer to the next by itself.
_FRESH = re.compile(r'value="[0-9a-f]{32}"|"?retry-after"?[^,]*|\b[0-9a-f]{32,}\b')


def application() -> dict[str, Any]:
    """A couple that adopts an orphan."""
    man, woman = identity(), identity()
    people = [
        {
            "name": NAMES[0],
            "sex": "male",
            "birth": "1985-06-01",
            "id_no": man,
            "marital": "married",
            "health": "fit",
        },
        {
            "name": "何某",
            "sex": "female",
            "birth": "1986-06-01",
            "id_no": woman,
            "marital": "married",
            "health": "fit",
        },
    ]
    child = {"name": NAMES[1], "sex": "female", "birth": "2022-03-10", "id_no": identity(), "disabled": False}
    placer = {
        "kind": "institution",
        "name": "市儿童福利院",
        "area": COUNTY,
        "other_parent": "none",
        "incapable": "none",
    }
    contact = {"name": NAMES[0], "phone": "13812345678", "address": "榆次区某处"}
    data = {"variant": "IO", "overseas": "no", "adopting": 1, "adoption_reason": "抚养", "adopters": people}
    return {
        "process": PROCESS,
        "area": COUNTY,
        "data": {**data, "adoptee": child, "placer": placer, "contact": contact},
    }


def lists(app: Any) -> list[str]:
    """Every route that is read and names nothing: lists, counts, searches."""
    found = {route.path for route in app.routes if "{" not in route.path and "GET" in (route.methods or ())}
    return sorted(found - {"/verify/offline"})


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def secret(
    app: Any, office: Office, people: People, monkeypatch_module: pytest.MonkeyPatch
) -> dict[str, Any]:
    """A case under assessment by an agency, with papers; and what outsiders' lists said before there was one."""
    # Whoever is signed in is believed to be so for as long as this takes, so that no page shows the head of a stranger.
    monkeypatch_module.setattr(auth, "_BELIEVED", 3600.0)
    app.state.edge.brakes.use = lambda *_args, **_more: None
    wait_for(lambda: settled(office), 120)
    for who in OUTSIDERS:  # the first look at an inbox marks what is there as read
        shelf(people(who), lists(app))
    before = {who: shelf(people(who), lists(app)) for who in OUTSIDERS}
    told = people("li.xiuying").post("/api/applications", application())
    assert told.status_code == 201, told.text
    case = told.json()["case"]
    done = people("yuci.registrar").work(case, "check_papers", {"identity_checked": True, "complete": True})
    assert done.status_code == 200, done.text
    family = people("li.xiuying")
    wait_for(lambda: open_tasks(office, case) == ["confirm_assessment"], 60)
    task = f"{case}.{token_of(office, case, 'confirm_assessment')}"
    claimed = family.post(f"/api/tasks/{task}/claim").json()
    family.post(f"/api/tasks/{task}/complete", {"revision": claimed["revision"], "data": {"agrees": True}})
    agency = {
        "mode": "agency", "department": "博爱社工", "conflict": False, "agency_name": "博爱", "contract": True,
        "legal_person": True, "sound": True, "scope": True, "staff": 6,
    }  # fmt: skip
    people("yuci.section").work(case, "choose_body", agency)
    two = [{"name": one, "skill": "social_work", "related": False} for one in ("阎丽", "祁红")]
    people("boai.admin").work(case, "appoint_agency", {"assessors": two})
    wait_for(lambda: settled(office), 60)
    papers = people("yuci.registrar").get(f"/api/cases/{case}").json()["documents"]
    return {
        "number": case,
        "code": told.json()["query_code"],
        "task": f"{case}.{token_of(office, case, 'survey')}",
        "document": papers[0]["id"],
        "impression": f"{papers[0]['id']}.p1",
        "sha256": papers[0]["sha256"],
        "paper": papers[0]["number"],
        "before": before,
    }


def settled(office: Office) -> bool:
    """Whether nothing is under way."""
    with office.store.reading() as reader:
        return not reader.rows("SELECT 1 FROM outbox WHERE state = 'open' LIMIT 1")


def open_tasks(office: Office, case: str) -> list[str]:
    """The elements of a case's open tasks."""
    with office.store.reading() as reader:
        rows = reader.rows("SELECT element FROM task WHERE case_id = ? AND state = 'open'", (case,))
    return [row[0] for row in rows]


def token_of(office: Office, case: str, element: str) -> int:
    """The token of an open task."""
    with office.store.reading() as reader:
        sql = "SELECT token FROM task WHERE case_id = ? AND element = ? AND state = 'open'"
        return int(reader.rows(sql, (case, element))[0][0])


def shelf(caller: Caller, paths: list[str]) -> dict[str, tuple[int, str]]:
    """What every list says."""
    found = {}
    for path in paths:
        answer = caller.get(path, headers={} if path.startswith("/api") else {"accept": "text/html"})
        found[path] = (answer.status_code, _FRESH.sub("", answer.text))
    return found


def missing(known: dict[str, Any]) -> dict[str, Any]:
    """The same ids for a case that does not exist."""
    number = known["number"]
    other = number[:-8] + f"{(int(number[-8:]) + 77_777_777) % 10**8:08d}"
    ids = ("number", "task", "document", "impression")
    return {**known, **{name: known[name].replace(number, other) for name in ids}}


def addresses(app: Any, known: dict[str, Any]) -> list[tuple[str, str]]:
    """(method, address) of every route that names something, with the names of the case put in.

    A name that this file does not know is tried as each of the case's ids.
    """
    found: list[tuple[str, str]] = []
    ids = {name: known[name] for name in ("number", "task", "document", "impression")}
    for route in app.routes:
        names = re.findall(r"\{([^}:]+)[^}]*\}", route.path)
        values = {**FIXED, **ids, "case": known["number"]}
        strange = [name for name in names if name not in values]
        for meant in ids.values() if strange else ("",):
            given = {**values, **dict.fromkeys(strange, meant)}
            path = re.sub(r"\{([^}:]+)[^}]*\}", lambda match: str(given[match[1]]), route.path)  # noqa: B023
            # What is posted in the studio changes processes; who may know of their cases is held in tests/studio.
            left = {"OPTIONS", "HEAD", *(("POST", "PUT", "DELETE") if path.startswith("/studio/") else ())}
            if names:
                found += [(method, path) for method in sorted(set(route.methods) - left)]
    case, task, document = known["number"], known["task"], known["document"]
    found += [
        ("GET", f"/api/cases/{case}?code=00000000"),
        ("GET", f"/api/cases/{case}/looks?code=00000000"),
        ("GET", f"/api/documents/{document}?case={case}&code=00000000"),
        ("GET", f"/track?number={case}&code=00000000"),
        ("GET", f"/documents/{document}?case={case}"),
        ("GET", f"/api/tasks?search={case}"),
        ("GET", f"/api/tasks?element=survey&process={PROCESS}"),
        ("GET", f"/tasks?search={case}"),
        ("GET", f"/api/documents?search={case}"),
        ("GET", f"/api/documents?process={PROCESS}"),
        ("GET", f"/sign-in?next=/tasks/{task}"),
        ("GET", f"/api/verify?token=23456789ABCDEFGHJKMN&number={case}"),
    ]
    return found


def told(answer: Any, known: dict[str, Any]) -> tuple[int, str, str, int]:
    """Everything that an answer tells: status, where it leads, its words, and how long they are."""
    number = known["number"]
    text = answer.text
    place = answer.headers.get("location", "").replace(number, "*")
    return answer.status_code, place, _FRESH.sub("", text.replace(number, "*")), len(text)


@pytest.mark.parametrize("account", OUTSIDERS, ids=str)
def test_an_outsider_cannot_tell_the_case_from_a_missing_one(
    app: Any, people: People, secret: dict[str, Any], account: str | None
) -> None:
    app.state.edge.brakes.use = lambda *_args, **_more: None
    caller, gone = people(account), missing(secret)
    tried = 0
    for (method, there), (_, nowhere) in zip(addresses(app, secret), addresses(app, gone), strict=True):
        options = {} if there.startswith("/api") else {"headers": {"accept": "text/html"}}
        bodies = BODIES if THOROUGH or account in CURIOUS else BODIES[:2]
        for body in bodies if method == "POST" else (None,):
            if method == "GET":
                first, second = caller.get(there, **options), caller.get(nowhere, **options)
            elif method == "DELETE":
                ask = caller.client.delete
                first, second = (ask(path, headers=caller.headers) for path in (there, nowhere))
            else:
                first, second = caller.post(there, body, **options), caller.post(nowhere, body, **options)
            assert told(first, secret) == told(second, gone), f"{method} {there} {body}"
            assert not any(name in first.text for name in NAMES), there
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("account", OUTSIDERS, ids=str)
def test_lists_counts_and_searches_are_what_they_were_before(
    app: Any, people: People, secret: dict[str, Any], account: str | None
) -> None:
    app.state.edge.brakes.use = lambda *_args, **_more: None
    now = shelf(people(account), lists(app))
    for path, before in secret["before"][account].items():
        assert now[path] == before, path
        assert secret["number"] not in now[path][1]


def test_those_in_the_case_see_what_is_theirs(people: People, secret: dict[str, Any]) -> None:
    number, task = secret["number"], secret["task"]
    for account in ("li.xiuying", "yuci.registrar", "yuci.section", "yuci.leader", "yuci.welfare"):
        assert people(account).get(f"/api/cases/{number}").status_code == 200, account
    # The agency's assessors see their own task and nothing of the case around it.
    assert people("boai.assessor").get(f"/api/tasks/{task}").status_code == 200
    assert people("boai.assessor").get(f"/api/cases/{number}").status_code == 404
    assert people("boai.admin").get(f"/api/cases/{number}").status_code == 404
    mine = people("boai.assessor").get("/api/tasks").json()["tasks"]
    assert task in [one["id"] for one in mine]
    assert not any(name in str(mine) for name in NAMES)


def test_the_person_concerned_learns_who_looked(
    people: People, office: Office, secret: dict[str, Any]
) -> None:
    number = secret["number"]
    people("city.auditor").get(f"/api/cases/{number}")
    people("pingyao.registrar").post(f"/api/cases/{number}/messages/withdrawal", {"data": {}})
    people().get(f"/api/cases/{number}?code=00000000")
    people("yuci.registrar").get(f"/api/cases/{number}")
    seen = people("li.xiuying").get(f"/api/cases/{number}/looks").json()
    looked = {(one["account"], one["shown"]) for one in seen}
    assert {
        ("city.auditor", False),
        ("pingyao.registrar", False),
        (None, False),
        ("yuci.registrar", True),
    } <= looked
    assert people("yuci.leader").get(f"/api/cases/{number}/looks").status_code == 200
    assert people("yuci.registrar").get(f"/api/cases/{number}/looks").status_code == 404
    by_code = people().get(f"/api/cases/{number}/looks?code={secret['code']}")
    assert by_code.status_code == 200
    # What was asked for in vain is remembered whether it exists or not.
    gone = missing(secret)["number"]
    people("city.auditor").get(f"/api/cases/{gone}")
    with office.store.reading() as reader:
        assert reader.rows("SELECT 1 FROM journal WHERE chain = ?", (f"looks:{gone}",))
    with pytest.raises(NotFound):
        looks(office.store, office.bus.access, Actor("zhang.san", "张三"), number)


def test_the_same_questions_are_asked_of_the_database(
    office: Office, people: People, secret: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time follows work: for a missing case and a secret one the same statements run, in the same order."""
    if office.store.dialect != "sqlite":
        pytest.skip("counts the statements of SQLite's sessions")
    wait_for(lambda: settled(office), 60)
    run: list[str] = []
    real = _Session.rows

    def rows(self: Any, sql: str, values: Any = (), *, lock: bool = False) -> Any:
        if "AnyIO" in threading.current_thread().name:
            run.append(sql)
        return real(self, sql, values, lock=lock)

    monkeypatch.setattr(_Session, "rows", rows)
    gone = missing(secret)
    for path in (
        "/api/cases/{number}",
        "/api/tasks/{task}",
        "/api/documents/{document}",
        "/cases/{number}/diagram.svg",
    ):
        asked = []
        for known in (secret, gone):
            run.clear()
            people("city.auditor").get(path.format(**known))
            asked.append(list(run))
        assert asked[0] == asked[1], path
    for path, body in (
        ("/api/tasks/{task}/claim", None),
        ("/api/cases/{number}/messages/withdrawal", {"data": {}}),
    ):
        asked = []
        for known in (secret, gone):
            run.clear()
            people("pingyao.registrar").post(path.format(**known), body)
            asked.append(list(run))
        assert asked[0] == asked[1], path


def test_a_secret_case_leaves_no_gap_in_the_numbers(people: People, secret: dict[str, Any]) -> None:
    """Whoever files before and after it gets numbers that follow one another."""
    del secret
    given = []
    for turn in range(2):
        if turn:
            people().post("/api/applications", application())
        data = {"asked": "开个证明", "purpose": "other", "for_whom": "self", "hukou_here": True}
        data["applicant"] = {"name": "张三丰", "id_no": identity(), "phone": "13812345678"}
        told = people().post(
            "/api/applications", {"process": "community-certificate", "area": "140702001001", "data": data}
        )
        assert told.status_code == 201, told.text
        given.append(told.json()["case"])
    assert int(given[1][-4:]) == int(given[0][-4:]) + 1


def test_nobody_is_copied_in_who_may_not_know(office: Office, secret: dict[str, Any]) -> None:
    assessor = Actor("boai.assessor", "阎丽", (Grant("assessor_external", COUNTY, "博爱社工"),))
    now = datetime.now(UTC)
    with pytest.raises(EngineError):
        office.bus.execute(CopyTo("copy-secret", secret["task"], ["city.auditor"]), assessor, now)
    with office.store.reading() as reader:
        assert not reader.rows("SELECT 1 FROM copy WHERE case_id = ?", (secret["number"],))


def test_a_paper_of_a_secret_case_is_unknown_to_other_cases(
    office: Office, people: People, secret: dict[str, Any]
) -> None:
    """A clerk's case about a certificate cannot find out whether an adoption's paper has that number."""
    said = []
    for number in (secret["paper"], secret["paper"].replace("号", "9号")):
        data = {"number": number, "ground": "false", "found_on": office_day().isoformat(), "findings": "试探"}
        told = people("jinlun.clerk").post(
            "/api/applications",
            {"process": "certificate-revocation", "area": "140702001001", "data": data, "channel": "window"},
        )
        assert told.status_code == 201, told.text
        case = told.json()["case"]
        wait_for(lambda: settled(office), 60)
        with office.store.reading() as reader:
            rows = reader.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'booked'", (case,))
        said.append([row[0].replace(number, "*") for row in rows])
    assert said[0] == said[1]
    assert "unknown" in said[0][0]
