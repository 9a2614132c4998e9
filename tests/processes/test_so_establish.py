"""Establishing social organisations: the edges of its tables, and many cases at once with departments that answer as they like."""

from __future__ import annotations

import heapq
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.access import Actor, Grant
from engine.cli.play import surroundings
from engine.commands import ClaimTask, CompleteTask, SendMessage, SubmitApplication
from engine.core.state import restore
from engine.errors import EngineError
from engine.office import read_jurisdiction
from engine.package import read_package
from engine.scenarios import read_scenarios
from engine.scenarios.stage import Stage
from engine.settings import read_settings
from engine.store.exact import unpack
from engine.verify import verify
from engine.verify_folds import clocks_differ
from tests.conftest import THOROUGH
from tests.processes.clocks_again import ONE, journals, recompute, works

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
PACKAGE = read_package(ROOT, "so-establish")
SCENARIOS = read_scenarios(PACKAGE.scenarios or b"")
LAW, CALENDAR = read_jurisdiction(ROOT, "jinzhong")
(MODEL,) = PACKAGE.models.values()
DAY = date(2026, 5, 20)
CASES = 200 if THOROUGH else 8
UNITS = ("industry", "drc", "social_work", "fic", "security", "science")
ROLES = [
    "window_clerk", "so_reviewer", "so_checker", "party_officer", "section_chief", "legal_reviewer", "bureau_leader",
    "bureau_head", "archivist",
]  # fmt: skip


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return surroundings(read_settings(), tmp_path_factory.mktemp("stage"))


def names(name: str, **facts: Any) -> list[str]:
    """The codes of the name rules that a name breaks."""
    code = facts.get("at", "1407")
    registrar = next(one for one in LAW.lists.ask("registrars", DAY) if one["code"] == code)
    given = {
        "case": {"area": registrar["code"]},
        "org_type": "ST",
        "name_word": None,
        "name_field": None,
        "person_name": None,
        "person_consent": None,
        "known_names": {"entries": []},
        "reserved": {"found": False, "entry": None},
        "holder": "x",
        "filed_on": DAY,
        **{key: value for key, value in facts.items() if key != "at"},
        "org_name": name,
        "registrar": registrar,
    }
    now = datetime(2026, 5, 20, 9, 0, tzinfo=ZONE)
    return [one["code"] for one in MODEL.decide("name_faults", given, LAW.as_world(CALENDAR, now)).value]


@pytest.mark.parametrize(
    ("name", "facts", "codes"),
    [
        ("晋中市太行文化研究会", {}, []),
        ("中国晋中醋文化协会", {"at": "140702"}, ["N3"]),
        ("榆次区养老服务协会", {"at": "140702"}, ["N2"]),
        ("晋中市榆次区养老服务协会", {"at": "140702"}, []),
        ("祁县养老服务协会", {"at": "140727"}, []),
        ("太原市养老服务协会", {}, ["N2"]),
        ("晋中市养老服务中心", {}, ["N5"]),
        ("晋中市晨光助学基金会", {"org_type": "JJ", "name_word": "晨光"}, []),
        ("晋中市晨光助学协会", {"org_type": "JJ", "name_word": "晨光"}, ["N5"]),
        ("晋中市晨曦养老服务中心", {"org_type": "MF", "name_word": "晨曦"}, []),
        ("晋中市晨曦养老服务总站", {"org_type": "MF", "name_word": "晨曦"}, ["N5"]),
        ("晋中市晨养老服务中心", {"org_type": "MF", "name_word": "晨"}, ["N4"]),
        ("晋中市平遥县养老服务中心", {"org_type": "MF", "name_word": "平遥县"}, ["N4"]),
        ("晋中市ABC研究会", {}, ["N6"]),
        ("晋中市王建国书法研究会", {"person_name": "王建国"}, ["N7"]),
        ("晋中市王建国助学基金会", {"org_type": "JJ", "person_name": "王建国", "person_consent": True}, []),
    ],
)
def test_names(name: str, facts: dict[str, Any], codes: list[str]) -> None:
    assert names(name, **facts) == codes


@pytest.mark.parametrize(
    ("status", "ended", "on", "codes"),
    [
        ("active", None, "2026-05-20", ["N8"]),
        ("deregistered", "2025-06-10", "2026-06-09", ["N8"]),
        ("deregistered", "2025-06-10", "2026-06-10", []),
        ("revoked", "2023-06-10", "2026-06-09", ["N8"]),
        ("revoked", "2023-06-10", "2026-06-10", []),
    ],
)
def test_a_name_that_somebody_had(status: str, ended: str | None, on: str, codes: list[str]) -> None:
    held = {
        "name": "晋中市金石书法研究会",
        "area": "1407",
        "status": status,
        "type": "ST",
        "ended_on": ended and date.fromisoformat(ended),
    }
    filed = date.fromisoformat(on)
    assert names("晋中市金石书法研究会", known_names={"entries": [held]}, filed_on=filed) == codes


def test_a_former_name_is_blocked_for_a_year() -> None:
    held = {
        "name": "晋中市新名研究会",
        "area": "1407",
        "status": "active",
        "type": "ST",
        "former_names": [{"name": "晋中市旧名研究会", "until": date(2025, 6, 10)}],
    }
    known = {"entries": [held]}
    assert names("晋中市旧名研究会", known_names=known, filed_on=date(2026, 6, 9)) == ["N8"]
    assert names("晋中市旧名研究会", known_names=known, filed_on=date(2026, 6, 10)) == []


def test_a_name_kept_for_somebody_else() -> None:
    kept = {"status": "reserved", "holder": "y", "until": date(2026, 5, 20)}
    held = {"found": True, "entry": kept}
    assert names("晋中市太行文化研究会", reserved=held) == ["N9"]
    assert names("晋中市太行文化研究会", reserved=held, holder="y") == []
    assert names("晋中市太行文化研究会", reserved=held, filed_on=date(2026, 5, 21)) == []


# ---- many cases at once ---------------------------------------------------------------------------------------------


class Crowd:
    """All officials of one office at work on many cases; departments answer in time, late, twice, or never."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.stage = stage
        self.dice = dice
        self.todo: list[tuple[datetime, int, Any]] = []
        self.seen: set[str] = set()
        self.said: dict[str, dict[str, str]] = {}  # case -> unit -> opinion that came in time
        self.late: dict[str, int] = {}
        self.refused: list[str] = []
        self.number = 0
        self.actors = {role: Actor(role, role, (Grant(role, "1407"),)) for role in ROLES}
        self.plans: dict[str, dict[str, Any]] = {}

    def at(self, moment: datetime, act: Any) -> None:
        self.number += 1
        heapq.heappush(self.todo, (moment, self.number, act))

    def command(self) -> str:
        self.number += 1
        return f"crowd{self.number}"

    def soon(self, low: int, high: int) -> datetime:
        day = self.stage.now.date() + timedelta(days=self.dice.randint(low, high))
        later = datetime(
            day.year, day.month, day.day, self.dice.randint(9, 16), self.dice.randint(0, 59), tzinfo=ZONE
        )
        return max(later, self.stage.now + timedelta(minutes=self.dice.randint(1, 30)))

    def run(self) -> None:
        while self.todo or self.waits():
            if self.todo:
                moment, _, act = heapq.heappop(self.todo)
                self.stage.advance(moment)
                act()
                self.stage.settle()
            self.look()

    def waits(self) -> bool:
        """Whether time alone brings up new work: silence is consent, too."""
        before = len(self.seen)
        self.stage.advance(self.stage.now + timedelta(days=30))
        self.look()
        return len(self.seen) > before

    def look(self) -> None:
        """Whatever has come up is put into somebody's diary."""
        sql = "SELECT id, case_id, element, object, due, local FROM task WHERE state = 'open'"
        for key, case, element, obj, due, local in self.stage.rows(sql):
            if key not in self.seen:
                self.seen.add(key)
                self.plan(
                    key,
                    case,
                    element,
                    obj.partition("/")[2],
                    due.astimezone(ZONE),
                    unpack(local) if local else {},
                )

    def plan(
        self, key: str, case: str, element: str, role: str, due: datetime, local: dict[str, Any]
    ) -> None:
        if element == "answer_consultation":
            self.plan_reply(key, case, local["unit"], due)
        elif element == "examine_papers" and self.plans[case]["silent"]:
            # The clerk comes a day after the limit and finds the case accepted.
            self.at(
                due + timedelta(hours=10),
                lambda: self.try_in_vain(key, case, role, {"outcome": "correction"}),
            )
        else:
            actor = self.actors[role] if role != "applicant" else Actor(self.plans[case]["applicant"])
            self.at(self.soon(0, 3), lambda: self.work(key, actor, self.answer(case, element)))

    def plan_reply(self, key: str, case: str, unit: str, due: datetime) -> None:
        way = self.dice.choice(["in time", "in time", "late", "twice", "never"])
        opinion = self.dice.choices(["none", "amend", "object"], [6, 2, 1])[0]
        data = {"opinion": opinion, **({"reason": "说明"} if opinion != "none" else {})}
        actor = Actor(unit, unit, (Grant("consult_unit", "1407", unit),))
        if way in ("in time", "twice"):
            whole = int((due - self.stage.now) / timedelta(minutes=1))
            moment = self.stage.now + timedelta(minutes=self.dice.randint(1, whole - 1))
            self.said[case][unit] = opinion
            self.at(moment, lambda: self.work(key, actor, data))
            if way == "twice":
                again = moment + timedelta(minutes=self.dice.randint(1, 3000))
                self.at(again, lambda: self.try_in_vain(key, case, actor, data))
        elif way == "late":
            moment = due + timedelta(minutes=self.dice.choice([0, 1, self.dice.randint(2, 9000)]))
            self.at(moment, lambda: self.come_late(key, case, actor, unit, data))

    def come_late(self, key: str, case: str, actor: Actor, unit: str, data: dict[str, Any]) -> None:
        self.try_in_vain(key, case, actor, data)
        self.late[case] = self.late.get(case, 0) + 1
        try:
            given = {"unit": unit, **data}
            self.stage.bus.execute(
                SendMessage(self.command(), case, "late_opinion", given), actor, self.stage.now
            )
        except EngineError as refusal:
            assert refusal.code in ("case-ended", "not-waiting")  # noqa: PT017 - either is right, by the case's age

    def try_in_vain(self, key: str, case: str, actor: Actor | str, data: dict[str, Any]) -> None:
        who = self.actors[actor] if isinstance(actor, str) else actor
        with pytest.raises(EngineError) as caught:
            self.work(key, who, data)
        assert caught.value.code == "task-closed"
        self.refused.append(case)

    def work(self, key: str, actor: Actor, data: dict[str, Any]) -> None:
        claimed = self.stage.bus.execute(ClaimTask(self.command(), key), actor, self.stage.now)
        done = CompleteTask(self.command(), key, int(claimed["revision"]), data)
        self.stage.bus.execute(done, actor, self.stage.now)
        # The same click once more changes nothing.
        assert self.stage.bus.execute(done, actor, self.stage.now).again

    def answer(self, case: str, element: str) -> dict[str, Any]:
        today = self.stage.now.date()
        day = today.isoformat()
        plan = self.plans[case]
        ends = (self.stage.now + timedelta(days=plan["experts"] or 1)).date()
        return {
            "examine_papers": {"outcome": "accept"},
            "plan_consultation": {"units": list(UNITS)},
            "review_conditions": {"results": [], "note": "相符", "accounts_related": True},
            "check_persons": {"result": "clear"},
            "party_review": {"commitment_checked": True, "affiliation": "综合党委"},
            "recheck_conditions": {"opinion": "pass"},
            "plan_expert_review": {
                "reason": "技术", "experts": "王教授", "begins_on": day, "ends_on": ends.isoformat()
            },
            "record_expert_review": {"ended_on": day, "opinion": "同意"},
            "chief_opinion": {"opinion": "grant"},
            "collective_review": {
                "held_on": day,
                "attendees": [{"name": one, "vote": plan["conclusion"]} for one in "甲乙丙"],
                "conclusion": plan["conclusion"],
                "minutes": "评议",
            },
            "legal_review": {"opinion": "agree"},
            "decide_grant": {"verdict": "grant"},
            "decide_refusal": {"verdict": "refuse", "facts": "事实", "reasons_added": ["RF5"]},
            "serve_refusal": {"served_on": day, "method": "window", "receiver": "王建国"},
            "hand_over": {
                "delivered_on": day, "receiver": "王建国", "method": "window", "survey_received": True, "party_members": 3
            },
            "file_seals": {
                "seals": [{"hash": "a" * 64, "name": "a.jpg", "size": 9, "type": "image/jpeg"}],
                "bank": "银行",
                "account": "6222021234567890003",
            },
            "archive": {"volume": "1", "pages": 9},
        }[element]  # fmt: skip

    def file(self, number: int, data: dict[str, Any]) -> None:
        applicant = f"person{number}"
        command = SubmitApplication(self.command(), "so-establish", "1407", data, "online")
        case = str(self.stage.bus.execute(command, Actor(applicant), self.stage.now)["case"])
        experts = self.dice.choice([0, 0, self.dice.randint(1, 25)])
        self.plans[case] = {
            "applicant": applicant,
            "silent": self.dice.random() < 0.25,
            "experts": experts,
            "conclusion": self.dice.choice(["grant", "grant", "refuse"]),
        }
        self.said[case] = {}
        if experts:
            self.at(self.soon(12, 14), lambda: self.call_experts(case))

    def call_experts(self, case: str) -> None:
        wish = SendMessage(self.command(), case, "expert_review", {"reason": "技术"})
        try:
            self.stage.bus.execute(wish, self.actors["section_chief"], self.stage.now)
        except EngineError as refusal:
            assert refusal.code in ("not-waiting", "case-ended")  # noqa: PT017 - it may be over
            self.plans[case]["experts"] = 0


def identity(number: int) -> str:
    """An identity number for each applicant: nobody has two applications under way."""
    born = date(1970, 1, 1) + timedelta(days=number)
    body = f"142401{born:%Y%m%d}001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        body + "10X98765432"[sum(int(one) * weight for one, weight in zip(body, weights, strict=True)) % 11]
    )


def application(number: int) -> dict[str, Any]:
    """That of SO-02, each with a name and an applicant of its own."""
    found = next(one for one in SCENARIOS.cases if one.id == "SO-02").start.data
    digits = "".join("零一二三四五六七八九"[int(one)] for one in f"{number:03}")
    applicant = {**found["applicant"], "id_no": identity(number)}
    return {**found, "applicant": applicant, "name_zh": f"晋中市第{digits}玻璃器皿行业协会"}


@pytest.mark.timeout(2400 if THOROUGH else 300)
def test_many_cases_with_departments_that_answer_as_they_like(
    around: Any, request: pytest.FixtureRequest
) -> None:
    seed = 20260413
    print("seed", seed)
    dice = random.Random(seed)
    scenario = next(one for one in SCENARIOS.cases if one.id == "SO-02")
    begin = datetime(2026, 4, 13, 9, 0, tzinfo=ZONE)
    with Stage(PACKAGE, scenario, around, begin) as stage:
        crowd = Crowd(stage, dice)
        for number in range(CASES):
            moment = begin + timedelta(minutes=dice.randint(0, 40 if number % 2 else 30000))
            crowd.at(moment, lambda number=number: crowd.file(number, application(number)))
        crowd.run()
        kept = journals(stage.rows("SELECT chain, at, kind, body FROM journal ORDER BY chain, seq"))
        check(crowd, kept)
        assert [f"{case}: {line}" for case in crowd.plans for line in recompute(kept[case])] == []
        # A stage keeps its packages in memory, so verify cannot read the states; all else must hold.
        assert [flaw for flaw in verify(stage.store) if flaw.code != "state-damaged"] == []
        sql = "SELECT id, marking, variables FROM cases"
        states = {case: restore(*found).variables for case, *found in stage.rows(sql)}
        with stage.store.reading() as reader:
            wrong = [name for case in states for name in clocks_differ(reader, case, states[case])]
        assert wrong == []


def check(crowd: Crowd, kept: dict[str, Any]) -> None:
    """Every case ended as the rules say, from what was planned and what the journal tells."""
    codes = []
    rows = crowd.stage.rows("SELECT id, state, marking, variables FROM cases")
    assert len(rows) == CASES
    for case, state, marking, variables in rows:
        entries = kept[case]
        plan, said = crowd.plans[case], crowd.said[case]
        values = restore(marking, variables).variables
        assert state == "ended", case
        path = [element for _, _, body in entries for element in body.get("path", ())]
        silent = [
            body
            for _, kind, body in entries
            if kind == "overdue" and body["element"] == "answer_consultation"
        ]
        assert {one["rule"] for one in silent} <= {"silence-is-consent"}
        assert len(silent) == len(UNITS) - len(said), case
        found = {one["unit"]: one["opinion"] for one in values["opinions"]}
        assert found == {unit: said.get(unit, "none") for unit in UNITS}
        forced = "object" in said.values() or any(
            one["opinion"] == "object" for one in before(entries, values)
        )
        assert ("collective_review" in path) is forced, case
        refused = forced and plan["conclusion"] == "refuse"
        assert ("issue_refusal" in path) is refused, case
        assert (values["credit_code"] is None) is refused
        codes += [values["credit_code"]] if not refused else []
        check_days(entries, values, plan)
    assert len(codes) == len(set(codes)) > 0


def before(entries: Any, values: Any) -> list[dict[str, Any]]:
    """Late opinions that came before it was judged whether to meet."""
    judged = next(
        at for at, kind, body in entries if kind == "decided" and body["decision"] == "review_level"
    )
    return [one for one in values["late_opinions"] if one["at"] < judged]


def check_days(entries: Any, values: Any, plan: dict[str, Any]) -> None:
    """Acceptance, the departments' limit and the promise, counted on the fingers."""
    filed = entries[0][0].astimezone(ZONE).date()
    while not works(filed):
        filed += ONE
    told = [at for at, kind, body in entries if kind == "completed" and body["element"] == "examine_papers"]
    accepted = filed if plan["silent"] else told[0].astimezone(ZONE).date()
    assert values["accepted_on"] == accepted
    asked = next(
        at for at, kind, body in entries if kind == "completed" and body["element"] == "plan_consultation"
    )
    last, left = asked.astimezone(ZONE).date(), 10
    while left:
        last += ONE
        left -= works(last)
    closing = datetime(last.year, last.month, last.day, tzinfo=ZONE) + ONE
    for at, kind, body in entries:
        if body.get("element") == "answer_consultation" and kind == "overdue":
            assert at == closing
        if body.get("element") == "answer_consultation" and kind == "completed":
            assert at < closing
    assert values["clocks"]["statutory"]["count"] == Decimal(60)
