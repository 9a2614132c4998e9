"""Adoption: a serious circumstance in every situation, on the model and on rows; its dates counted a second time."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from engine.cli.play import surroundings
from engine.commands import ClaimTask, CompleteTask, SendMessage
from engine.core.state import restore
from engine.errors import CaseEnded, EngineError, NotWaiting
from engine.office import read_jurisdiction
from engine.package import read_package
from engine.scenarios import read_scenarios
from engine.scenarios.run import Outcome, Player, moment
from engine.scenarios.stage import Stage, actor_of
from engine.settings import read_settings
from tests.conftest import ROOT, THOROUGH
from tests.processes import adoption_dates, interrupting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.clock import Calendar

PROCESS = "adoption-registration"
PACKAGE = read_package(ROOT, PROCESS)
FILE = read_scenarios(PACKAGE.scenarios or b"")
ZONE = ZoneInfo("Asia/Shanghai")
LAW, CALENDAR = read_jurisdiction(ROOT, "jinzhong")
REPORT = {"item": 3, "findings": "儿童身上有伤", "place": "收养家庭", "reporter": "网格员"}
#: What the emergency itself may have open: (after the report, once the child is back).
ITS_TASKS = {"take_back", "draft_refusal", "sign_refusal"}
ITS_PAPERS = {"AR13", "AR11"}


# ---- the model, without its data --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def space() -> interrupting.Space:
    """All situations of the model's main line; when thorough, also with one other event under way in each."""
    found = interrupting.reachable(PACKAGE.definition, 200_000, beside=1 if THOROUGH else 0)
    assert not found.bounded
    return found


def test_a_serious_report_leaves_nothing_behind_in_any_situation(space: interrupting.Space) -> None:
    tried: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    for state in space.states:
        if state.ended or interrupting.taken(state) or interrupting.registered(state):
            continue
        faults.update(interrupting.interrupt(space, state))
        tried["interrupted"] += 1
        tried["ended"] += interrupting.comes_to_an_end(space, state)
    assert not faults
    assert tried["interrupted"] == tried["ended"] > 1000
    print(f"\nsituations {len(space.states)}: {dict(tried)}")


def test_beside_other_events_too() -> None:
    """Reports under way, claims, revoked papers, two at once: they go with everything else."""
    space = interrupting.reachable(PACKAGE.definition, 10_000 if THOROUGH else 300, beside=2)
    faults: Counter[str] = Counter()
    beside: set[str] = set()
    for state in space.states:
        if not (state.ended or interrupting.taken(state) or interrupting.registered(state)):
            faults.update(interrupting.interrupt(space, state))
            beside |= {token.element for token in state.tokens.values()} & set(interrupting.BESIDE.values())
    assert not faults
    assert {"report_in"} <= beside


def test_after_the_registration_a_report_protects_and_does_not_undo(space: interrupting.Space) -> None:
    """From the certificate on: all that is under way goes on."""
    after = [state for state in space.states if interrupting.registered(state) and not state.ended]
    assert after
    assert all(interrupting.goes_on(space, state) for state in after)


def test_a_model_that_forgets_is_noticed(space: interrupting.Space) -> None:
    """The same walk over a model whose emergency does not interrupt finds what survives."""
    nodes = dict(space.model.definition.nodes)
    nodes["serious_found"] = replace(nodes["serious_found"], interrupting=False)
    broken = interrupting.Space(replace(space.model, definition=replace(space.model.definition, nodes=nodes)))
    state = next(
        one for one in space.states if any(token.element == "check_papers" for token in one.tokens.values())
    )
    assert "check_papers survives" in interrupting.interrupt(broken, state)
    assert "task check_papers is not closed" in interrupting.interrupt(broken, state)


# ---- rows ---------------------------------------------------------------------------------------------------------------


class Probe:
    """Plays scenarios step by step; at each new situation a copy of the database takes the report."""

    def __init__(self, folder: Path) -> None:
        self.around = surroundings(read_settings(), folder)
        self.folder = folder
        self.seen: set[Any] = set()
        self.tried: Counter[str] = Counter()
        self.faults: list[str] = []

    def play(self, case: Any) -> None:
        """Every situation of one scenario, also those in which calls and papers are still under way."""
        with Stage(PACKAGE, case, self.around, moment(case.start.at, ZONE)) as stage:
            player = Player(stage, FILE.actors, Outcome(case), ZONE, PROCESS)
            if not player.start():
                return
            number = player.outcome.number
            self.look(stage, case, number)
            for place, action in enumerate(case.steps, 1):
                if action.at is not None:
                    stage.advance(moment(action.at, ZONE))
                    self.look(stage, case, number)
                if action.refused is None:
                    try:
                        player.carry_out(place, action)
                    except EngineError:
                        return  # it goes another way without the cases before it
                    self.look(stage, case, number)
                    while stage.carrier.round():  # every situation on the way is one, not only the last
                        self.look(stage, case, number)

    def look(self, stage: Stage, case: Any, number: str) -> None:
        """Try this situation unless the like was tried."""
        here = situation(stage, number)
        if here in self.seen:
            return
        self.seen.add(here)
        path = self.folder / f"{len(self.seen)}.sqlite3"
        with sqlite3.connect(stage._folder / "case.sqlite3") as source, sqlite3.connect(path) as copy:
            source.backup(copy)
        with Stage(PACKAGE, case, replace(self.around, template=path), stage.now) as probe:
            self.report(probe, number, here)
        path.unlink()

    def report(self, stage: Stage, number: str, here: Any) -> None:
        """Let the report come, look at what is left, and bring the emergency to its end."""
        before = variables(stage, number)
        papers = [row[0] for row in stage.rows("SELECT code FROM document WHERE case_id = ?", number)]
        data = {**REPORT, "found_on": stage.now.date().isoformat()}
        try:
            stage.bus.execute(
                SendMessage("report", number, "serious_report", data),
                actor_of("registrar", FILE.actors),
                stage.now,
            )
        except (NotWaiting, CaseEnded):
            self.tried["taken already"] += 1  # withdrawn, or ended
            return
        if before.get("registered"):
            self.tried["registered"] += 1
            stage.settle()
            self.expect(here, certificate_stands(stage, number), "the certificate was lost")
            return
        self.tried["interrupted"] += 1
        self.nothing_left(stage, number, here, fresh=True)
        stage.settle()
        self.nothing_left(stage, number, here, fresh=False)
        issued = [row[0] for row in stage.rows("SELECT code FROM document WHERE case_id = ?", number)]
        self.expect(here, set(issued[len(papers) :]) <= ITS_PAPERS, f"papers {issued} after {papers}")
        told = stage.rows(
            "SELECT count(*) FROM outbox WHERE case_id = ? AND element = 'tell_police_at_once' AND state = 'done'",
            number,
        )
        self.expect(here, told[0][0] == 1, "the police were not told once")
        opened = stage.rows("SELECT count(*) FROM cases WHERE process = 'child-protection'")[0][0]
        self.expect(here, opened == 1, f"{opened} protection cases")
        self.finish(stage, number, here, placed=bool(before.get("child_placed")), refused="AR11" in papers)

    def nothing_left(self, stage: Stage, number: str, here: Any, *, fresh: bool) -> None:
        """No task, timer, call or incident that does not belong to the emergency."""
        marking = stage.rows("SELECT marking, variables FROM cases WHERE id = ?", number)[0]
        tokens = restore(*marking).tokens
        open_tasks = {
            row[0]
            for row in stage.rows("SELECT element FROM task WHERE case_id = ? AND state = 'open'", number)
        }
        self.expect(here, open_tasks <= ITS_TASKS, f"tasks {open_tasks}")
        for token, element, kind in stage.rows(
            "SELECT token, element, kind FROM timer WHERE case_id = ?", number
        ):
            ours = kind == "clock" and element == "review"  # the rest of the thirty days runs for the refusal
            alive = token in tokens and tokens[token].element in ITS_TASKS
            self.expect(here, ours or alive, f"timer {element}")
        sql = "SELECT token, element FROM outbox WHERE case_id = ? AND state = 'open' AND kind <> 'notice'"
        for token, element in stage.rows(sql, number):
            alive = fresh and token in tokens
            self.expect(here, alive, f"call {element} still goes out")
        self.expect(here, not stage.rows("SELECT element FROM incident"), "an incident")

    def finish(self, stage: Stage, number: str, here: Any, *, placed: bool, refused: bool) -> None:
        """Take the child back where it is away, refuse unless that was done before, and nothing more is there."""
        now = stage.now
        answers: list[tuple[str, str, dict[str, Any]]] = [
            ("draft_refusal", "registrar", {"reasons": "有严重情形"}),
            ("sign_refusal", "leader", {"agrees": True}),
        ]
        if refused:
            answers = []
        if placed:
            back = {"taken_at": now.isoformat(), "condition": "有伤", "medical": True}
            answers.insert(0, ("take_back", "welfare", back))
        for task, who, data in answers:
            found = stage.rows(
                "SELECT id FROM task WHERE case_id = ? AND element = ? AND state = 'open'", number, task
            )
            self.expect(here, len(found) == 1, f"{task} is not open")
            if not found:
                return
            actor = actor_of(who, FILE.actors)
            claimed = stage.bus.execute(ClaimTask(f"c-{task}", found[0][0]), actor, now)
            done = CompleteTask(f"d-{task}", found[0][0], int(claimed["revision"]), data)
            stage.bus.execute(done, actor, now)
            stage.settle()
        state = stage.rows("SELECT state FROM cases WHERE id = ?", number)[0][0]
        left = stage.rows(
            "SELECT element FROM task WHERE case_id = ? AND state = 'open' UNION ALL"
            " SELECT element FROM timer WHERE case_id = ? UNION ALL"
            " SELECT element FROM outbox WHERE case_id = ? AND state = 'open'",
            number,
            number,
            number,
        )
        self.expect(here, state == "ended" and not left, f"{state}, left {left}")
        self.expect(here, not variables(stage, number)["child_placed"], "the child is still away")
        issued = [row[0] for row in stage.rows("SELECT code FROM document WHERE case_id = ?", number)]
        self.expect(here, "AR10" not in issued and issued.count("AR11") == 1, f"papers {issued}")
        self.tried["brought to its end"] += 1

    def expect(self, here: Any, holds: bool, fault: str) -> None:
        """Keep what does not hold."""
        if not holds:
            self.faults.append(f"{here}: {fault}")


def situation(stage: Stage, number: str) -> Any:
    """Where a case stands: the elements of its tokens, what goes out, and whether the child is away."""
    marking, packed = stage.rows("SELECT marking, variables FROM cases WHERE id = ?", number)[0]
    state = restore(marking, packed)
    sql = "SELECT element FROM outbox WHERE case_id = ? AND state = 'open' ORDER BY element"
    return (
        tuple(sorted(token.element for token in state.tokens.values())),
        tuple(row[0] for row in stage.rows(sql, number)),
        bool(state.variables.get("child_placed")),
    )


def variables(stage: Stage, number: str) -> Any:
    """The case's variables."""
    return restore(*stage.rows("SELECT marking, variables FROM cases WHERE id = ?", number)[0]).variables


def certificate_stands(stage: Stage, number: str) -> bool:
    """Whether the certificate is there and valid."""
    sql = "SELECT state FROM document WHERE case_id = ? AND code = 'AR10'"
    return [row[0] for row in stage.rows(sql, number)] == ["valid"]


def cases() -> Iterator[Any]:
    """All scenarios when thorough, else those that go furthest by different ways."""
    for case in FILE.cases:
        if THOROUGH or case.id in {"A01", "A11", "A11b"}:
            yield case


def test_no_row_survives_a_serious_report(tmp_path: Path) -> None:
    probe = Probe(tmp_path)
    for case in cases():
        probe.play(msgspec.structs.replace(case, earlier=[]))
    assert not probe.faults
    assert probe.tried["interrupted"] == probe.tried["brought to its end"] > 25
    assert probe.tried["registered"]
    print(f"\nsituations {len(probe.seen)}: {dict(probe.tried)}")


# ---- dates --------------------------------------------------------------------------------------------------------------


def compared(count: int, seed: int, calendar: Calendar) -> tuple[int, list[str]]:
    """How many dates of so many random cases were compared, and which differ."""
    luck, faults, dates = random.Random(seed), [], 0
    for _ in range(count):
        made = adoption_dates.plan(luck)
        wanted = made.expected()
        told = adoption_dates.played(made, PACKAGE.definition, lambda now: LAW.as_world(calendar, now))
        dates += len(wanted)
        faults += [
            f"{made}: {name} {told.get(name)}, not {day}"
            for name, day in wanted.items()
            if told.get(name) != day
        ]
        faults += [f"{made}: {fault}" for fault in told["faults"]]
    return dates, faults


def test_no_date_is_off_by_a_day() -> None:
    count = 10_000 if THOROUGH else 150
    dates, faults = compared(count, 8, CALENDAR)
    assert not faults
    assert dates > 8 * count
    print(f"\n{count} cases, {dates} dates (seed 8)")


def test_a_forgotten_make_up_day_is_noticed() -> None:
    """The comparison sees one day: a calendar without one of its 730 days' exceptions comes out differently."""

    class Forgetful:
        def is_working_day(self, day: date) -> bool:
            return day != date(2025, 10, 11) and CALENDAR.is_working_day(day)

    _, faults = compared(60, 8, Forgetful())  # type: ignore[arg-type]
    assert faults
