"""Clocks in a running case: started, stopped, overdue, told, seen by FEEL and by screens, and made again by `verify`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from engine.clock import read_calendar
from engine.core.load import ModelError
from engine.effects import Message, Sent
from engine.feel import World
from engine.lint.clocks import clocks
from engine.queries import case, clocks_of
from engine.verify import verify
from tests.conftest import ROOT
from tests.engine.small import RULES, ends, form, model, open_small, package, person, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.package import Package
    from tests.engine.small import Small

FOLDER = ROOT / "policies" / "law" / "jinzhong" / "calendar"
CALENDAR = read_calendar({f"calendar/{path.name}": path.read_text() for path in FOLDER.glob("*.json")})
BOB = person("bob")
START = (
    "={act: &quot;start&quot;, clock: &quot;main&quot;, kind: &quot;statutory&quot;, title: &quot;办理期限&quot;,"
    " from: date(now()), count: 5, unit: &quot;working&quot;, law: &quot;X-1&quot;, stops_for: [&quot;review&quot;],"
    " tell: &quot;leader&quot;}"
)
STOP = (
    "={act: &quot;stop&quot;, clock: &quot;main&quot;, from: date(now()), until: null, reason: pause.why,"
    " law: &quot;X-2&quot;}"
)
RESUME = "={act: &quot;resume&quot;, clock: &quot;main&quot;, on: date(now())}"
END = "=[{act: &quot;end&quot;, clock: &quot;main&quot;}, {act: &quot;end&quot;, clock: &quot;never started&quot;}]"


def limited(**changes: str) -> Package:
    """accept (starts) -> pause (stops) -> review (resumes) -> decide (ends); beside it somebody waits for the end."""
    settings = {"accept": START, "pause": STOP, "review": RESUME, "decide": END, **changes}
    elements = ends() + "".join(task("userTask", name, clock=text) for name, text in settings.items())
    elements += (
        '<bpmn:subProcess id="alarm" triggeredByEvent="true"><bpmn:startEvent id="run_out" isInterrupting="false">'
        '<bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">'
        "clocks.main.state = &quot;overdue&quot;</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>"
        '<bpmn:userTask id="explain" name="explain"/><bpmn:endEvent id="explained"/>'
        '<bpmn:sequenceFlow id="a1" sourceRef="run_out" targetRef="explain"/>'
        '<bpmn:sequenceFlow id="a2" sourceRef="explain" targetRef="explained"/></bpmn:subProcess>'
    )
    bpmn = model(
        "limited",
        {"clerk": "accept pause review decide explain"},
        elements,
        "begin>accept accept>pause pause>review review>decide decide>done",
    )
    forms = {"pause": form("pause", {"key": "why", "type": "text", "required": True})}
    return package("limited", bpmn, RULES.format("limited"), forms)


@pytest.fixture
def told() -> list[Message]:
    return []


@pytest.fixture
def office(store_url: str, told: list[Message]) -> Iterator[Small]:
    def send(message: Message, _effects: object) -> Sent:
        told.append(message)
        return Sent("desk", "leader", "overdue")

    small = open_small(store_url, limited(), handlers={"notice": send})
    small.bus.office = replace(small.bus.office, world=World(calendar=CALENDAR))
    yield small
    small.close()


def open_task(office: Small, element: str) -> str:
    found: str = office.rows("SELECT id FROM task WHERE element = ? AND state = 'open'", element)[0][0]
    return found


def facts(office: Small) -> list[dict[str, Any]]:
    return [
        orjson.loads(row[0])
        for row in office.rows("SELECT body FROM journal WHERE kind = 'clock' ORDER BY seq")
    ]


def shown(office: Small, number: str) -> dict[str, Any]:
    view = case(office.bus.store, office.bus.access, BOB, number)
    now = office.now.astimezone(office.bus.office.world.zone)
    return {one.name: one for one in clocks_of(view, now, CALENDAR)}


def test_a_clock_runs_stops_goes_on_and_ends(office: Small, told: list[Message]) -> None:
    number = office.submit("limited")["case"]
    office.work(open_task(office, "accept"), BOB)  # Monday 2026-08-03
    clock = shown(office, number)["main"]
    assert (clock.due, clock.state, clock.colour, clock.law) == (date(2026, 8, 10), "running", "green", "X-1")
    office.later(days=1)
    office.work(open_task(office, "pause"), BOB, {"why": "review"})
    assert office.rows("SELECT element FROM timer WHERE kind = 'clock'") == []
    office.later(days=30)
    office.carrier.drain()
    assert shown(office, number)["main"].colour == "grey"
    office.work(open_task(office, "review"), BOB)  # stopped 08-04 to 09-03: 08-03 + 5 working days
    assert shown(office, number)["main"].due == date(2026, 9, 10)
    office.work(open_task(office, "decide"), BOB)
    ended = shown(office, number)["main"]
    assert (ended.state, ended.late, ended.colour) == ("ended", False, "grey")
    assert [(one["act"], one["element"]) for one in facts(office)] == [
        ("start", "accept"),
        ("stop", "pause"),
        ("resume", "review"),
        ("end", "decide"),
    ]
    assert told == []
    assert office.rows("SELECT element FROM timer WHERE kind = 'clock'") == []
    assert list(verify(office.bus.store)) == []


def test_a_clock_that_runs_out_is_an_alarm_once(office: Small, told: list[Message]) -> None:
    number = office.submit("limited")["case"]
    office.work(open_task(office, "accept"), BOB)
    office.later(days=7, hours=11)  # Monday 2026-08-10, 23:00 in China
    office.carrier.drain()
    assert shown(office, number)["main"].colour == "yellow" or shown(office, number)["main"].share == 1
    office.later(hours=1)
    office.carrier.drain()
    assert [one.input["title"] for one in told] == ["办理期限"]
    assert (told[0].name, told[0].input["object"]) == ("overdue-escalate", "limited/leader")
    assert open_task(office, "explain")
    late = shown(office, number)["main"]
    assert (late.state, late.colour) == ("overdue", "red")
    office.later(days=3)
    office.carrier.drain()
    assert len(told) == 1
    assert list(verify(office.bus.store)) == []


def test_a_stop_that_is_not_listed_is_an_incident_and_changes_nothing(office: Small) -> None:
    number = office.submit("limited")["case"]
    office.work(open_task(office, "accept"), BOB)
    office.work(open_task(office, "pause"), BOB, {"why": "consultation"})
    assert office.rows("SELECT element, code FROM incident") == [("pause", "clock-stop-not-listed")]
    assert shown(office, number)["main"].state == "running"
    assert [one["act"] for one in facts(office)] == ["start"]
    assert list(verify(office.bus.store)) == []


def test_verify_sees_a_clock_that_was_tampered_with(office: Small) -> None:
    office.submit("limited")
    office.work(open_task(office, "accept"), BOB)
    with office.bus.store.writing() as session:
        session.rows("DELETE FROM journal WHERE kind = 'clock' RETURNING 1", ())
        session.flush({})
    assert "clock-differs" in {flaw.code for flaw in verify(office.bus.store)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("={act: &quot;rewind&quot;, clock: &quot;main&quot;}", "clock-act-unknown"),
        ("={act: &quot;stop&quot;, clock: &quot;main&quot;, from: now()}", "clock-act-incomplete"),
        ("={act: &quot;resume&quot;, clock: &quot;other&quot;, on: date(now())}", "clock-never-started"),
    ],
)
def test_lint_reads_the_acts(text: str, code: str) -> None:
    found = limited(pause=text)
    assert [one.code for one in clocks(found, found.definition, "m")] == [code]


def test_a_clock_that_is_not_feel_cannot_be_loaded() -> None:
    with pytest.raises(ModelError):
        _ = limited(pause="={act:").definition


def test_time_between_is_counted_by_the_day_and_not_by_the_hour(office: Small) -> None:
    number = office.submit("limited")["case"]
    office.work(open_task(office, "accept"), BOB)
    office.now += timedelta(hours=11, minutes=59)
    assert shown(office, number)["main"].share == 0
