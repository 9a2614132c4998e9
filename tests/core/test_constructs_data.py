"""Variables, FEEL and our settings: scripts, decisions, deadlines, assignment, notices, documents, operations."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from play import MESSAGE, NOW, ROOTS, Play, boundary, chain, flow, model, props, script, timer, users

from engine.core import step as core
from engine.core.timers import ZONE
from engine.dmn import DmnError, read
from engine.feel import World


def one(element: str, more: str = "", roots: str = "") -> bytes:
    """Start, the element `x`, a user task `next`."""
    return model(f'<startEvent id="s"/>{element}{users("next")}{chain("x", end="next")}{more}', roots)


def test_a_script_sets_its_entries_or_its_result() -> None:
    play = Play(one(script("x", "{a: n + 1, b: a * 2}")), {"n": Decimal(1)})
    assert play.variables == {"n": Decimal(1), "a": Decimal(2), "b": Decimal(4)}
    named = f'<scriptTask id="x">{props(result="total")}<script>n * 3</script></scriptTask>'
    assert Play(one(named), {"n": Decimal(2)}).variables["total"] == Decimal(6)


@pytest.mark.parametrize(("text", "code"), [("unknown.entries", "null-script"), ("n + 1", "bad-script")])
def test_a_script_without_a_context_is_an_incident(text: str, code: str) -> None:
    play = Play(one(script("x", text)), {"n": Decimal(1)})
    assert play.incidents == [("x", code)]
    assert play.open == ["x"]


@pytest.mark.parametrize("text", ["{f: function(x) x + 1}", '{far: date("999999-01-01")}'])
def test_what_cannot_be_stored_is_an_incident_where_it_arises(text: str) -> None:
    play = Play(one(script("x", text)))
    assert play.incidents == [("x", "not-a-value")]


def test_a_feel_limit_is_an_incident() -> None:
    text = "{a: for i in 1..100000 return for j in 1..100000 return i * j}"
    play = Play(one(script("x", text)))
    assert play.incidents == [("x", "feel-limit")]


def test_feel_sees_the_moment_of_the_step_and_the_hooks_of_the_caller() -> None:
    play = Play(
        one(users("x") + script("y", '{at: now(), base: law("standard", date("2026-08-03"))}')).replace(
            b'<sequenceFlow id="x_next" sourceRef="x" targetRef="next"/>',
            chain("y", start="x", end="next").encode(),
        )
    )
    play.world = World(law=lambda name, day, area: Decimal(605), now=datetime(2000, 1, 1, tzinfo=ZONE))
    play.complete("x")
    assert play.variables["at"] == NOW
    assert play.variables["base"] == Decimal(605)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ('=date("2026-08-05")', datetime(2026, 8, 6, tzinfo=ZONE)),
        ('=date and time("2026-08-05T12:00:00+08:00")', datetime(2026, 8, 5, 12, tzinfo=ZONE)),
        ('=date and time("2026-08-05T12:00:00")', datetime(2026, 8, 5, 12, tzinfo=ZONE)),
        ("=given", datetime(2026, 9, 1, tzinfo=ZONE)),
        ('="2026-08-31"', datetime(2026, 9, 1, tzinfo=ZONE)),
    ],
)
def test_a_deadline_ends_with_its_day(text: str, due: datetime) -> None:
    play = Play(one(f'<userTask id="x">{props(deadline=text)}</userTask>'), {"given": date(2026, 8, 31)})
    opened = play.seen(core.TaskOpened)[0]
    assert opened.due == due
    assert opened.due.tzinfo is not None


def test_assignment_is_a_context() -> None:
    task = f'<userTask id="x">{props(assign="={area: case.area, account: null}")}</userTask>'
    play = Play(one(task), {"case": {"area": "140702001"}})
    assert play.seen(core.TaskOpened)[0].assign == {"area": "140702001", "account": None}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"deadline": "=unknown"}, "null-deadline"),
        ({"deadline": "=17"}, "bad-deadline"),
        ({"assign": "=unknown"}, "null-assign"),
        ({"assign": '="x"'}, "bad-assign"),
    ],
)
def test_a_task_whose_settings_are_null_does_not_open(settings: dict[str, str], code: str) -> None:
    play = Play(one(f'<userTask id="x">{props(**settings)}</userTask>'))
    assert play.incidents == [("x", code)]
    assert not play.seen(core.TaskOpened)
    play.do(core.Change({"unknown": {"area": "1"} if "assign" in settings else date(2026, 8, 5)}))
    if code.startswith("null"):
        play.do(core.Retry(play.token("x")))
        assert play.incidents == []
        assert len(play.seen(core.TaskOpened)) == 1


def test_documents_operations_and_notices_are_asked_for() -> None:
    body = f'<serviceTask id="x">{props(document="D17", input="{amount: n}", notice="granted", result="paper")}</serviceTask>'
    play = Play(one(body), {"n": Decimal(605)})
    token = play.token("x")
    given = {"amount": Decimal(605)}
    assert core.CallRequested(token, "x", "document", given, "D17") in play.events
    assert core.NoticeRequested(token, "x", "granted", given) in play.events
    play.do(core.Complete(token, {"paper": {"code": "c"}}))
    assert play.variables["paper"] == {"code": "c"}
    assert play.open == ["next"]


def test_a_service_task_that_names_nothing_passes_and_a_null_input_does_not() -> None:
    assert Play(one('<serviceTask id="x"/>')).open == ["next"]
    play = Play(one(f'<serviceTask id="x">{props(operation="pay", input="unknown")}</serviceTask>'))
    assert play.incidents == [("x", "null-input")]
    assert not play.seen(core.CallRequested)


def test_a_notice_on_any_element_is_sent_once() -> None:
    for tag in ("userTask", "task", "endEvent", "intermediateThrowEvent"):
        xml = model(
            f'<startEvent id="s"/><{tag} id="x">{props(notice="n1", input="{a: 1}")}</{tag}>' + chain(end="x")
        )
        assert [e.notice for e in Play(xml).seen(core.NoticeRequested)] == ["n1"]


# ---- decisions ----------------------------------------------------------------------------------------------------------


@dataclass
class Decided:
    value: Any
    trace: dict[str, Any] | None = None
    warnings: tuple[Any, ...] = ()


@dataclass
class Named:
    variable: str | None


class Model:
    """Stands in for a DMN model: what the core asks of it and no more."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.asked: list[tuple[Any, ...]] = []

    def find(self, decision: str) -> Named:
        return Named("lane")

    def decide(self, decision: str, inputs: Any, world: World, *, trace: bool = False) -> Decided:
        self.asked.append((decision, dict(inputs), world.now, trace))
        if isinstance(self.value, Exception):
            raise self.value
        return Decided(self.value, {"decision": decision, "rules": []})


def rule(**settings: str) -> bytes:
    return one(f'<businessRuleTask id="x">{props(decision="route", **settings)}</businessRuleTask>')


def test_a_decision_is_explained_and_written() -> None:
    route = Model({"lane": "A"})
    play = Play(rule(result="way"), {"n": Decimal(1)}, decisions={"route": route})
    assert play.variables["way"] == {"lane": "A"}
    assert route.asked == [("route", {"n": Decimal(1)}, NOW, True)]
    assert play.seen(core.DecisionMade) == [
        core.DecisionMade("x", "route", {"lane": "A"}, {"decision": "route", "rules": []})
    ]
    assert Play(rule(), decisions={"route": Model("B")}).variables["lane"] == "B"


DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="route" name="Route"><variable name="lane"/><informationRequirement><requiredInput href="#n"/>
</informationRequirement><decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>n</text></inputExpression></input>
<output name="lane"/><rule id="small"><inputEntry><text>&lt; 1000</text></inputEntry><outputEntry><text>"A"</text></outputEntry></rule>
<rule id="large"><inputEntry><text>&gt;= 1000</text></inputEntry><outputEntry><text>"B"</text></outputEntry></rule></decisionTable>
</decision><inputData id="n" name="n"><variable name="n"/></inputData></definitions>"""


def test_a_real_decision_table_fires_with_its_trace() -> None:
    decisions = {"route": read(DMN.encode())}
    for amount, lane, row in ((Decimal(605), "A", 1), (Decimal(1000), "B", 2)):
        play = Play(rule(), {"n": amount, "case": {"number": "1"}}, decisions=decisions)
        assert play.variables["lane"] == lane
        made = play.seen(core.DecisionMade)[0]
        assert (made.decision, made.value) == ("route", lane)
        assert [each["index"] for each in made.trace["rules"] if each["hit"]] == [row]


def test_a_decision_that_fails_is_an_incident() -> None:
    error = DmnError("rules-overlap", "route")
    play = Play(rule(), decisions={"route": Model(error)})
    assert play.incidents == [("x", "decision-error")]
    assert play.seen(core.IncidentRaised)[0].values["reason"] == "rules-overlap"
    assert Play(rule()).incidents == [("x", "no-such-decision")]


# ---- incidents keep their token ------------------------------------------------------------------------------------------


def test_a_stuck_token_can_still_be_taken_by_its_boundary() -> None:
    more = boundary("late", "x", timer("PT1H")) + users("instead") + flow("late", "instead")
    play = Play(one(script("x", "unknown.entries"), more))
    assert play.incidents == [("x", "null-script")]
    play.fire("late")
    assert play.incidents == []
    assert play.open == ["instead"]
    assert [e.element for e in play.seen(core.IncidentCleared)] == ["x"]


def test_two_incidents_stand_side_by_side_and_the_rest_goes_on() -> None:
    xml = model(
        '<startEvent id="s"/><parallelGateway id="f"/>'
        + script("a", "unknown.entries")
        + script("b", "missing.entries")
        + users("c")
        + "".join(flow("f", each) for each in "abc")
        + flow("s", "f")
    )
    play = Play(xml).complete("c")
    assert play.incidents == [("a", "null-script"), ("b", "null-script")]
    assert not play.ended
    play.do(core.Change({"unknown": {"entries": {"n": Decimal(1)}}})).do(core.Retry(play.token("a")))
    assert play.incidents == [("b", "null-script")]
    play.do(core.Retry(play.token("b")))
    assert play.incidents == [("b", "null-script")]
    play.do(core.Cancel("no way out"))
    assert play.ended
    assert play.events[-1] == core.CaseEnded((), cancelled=True)


def test_payloads_go_under_a_name_where_the_event_says_so() -> None:
    catch = f'<intermediateCatchEvent id="x">{props(result="said")}{MESSAGE}</intermediateCatchEvent>'
    play = Play(one(catch, roots=ROOTS)).message(a=Decimal(1))
    assert play.variables == {"said": {"a": Decimal(1)}}
