"""The dates of an adoption, computed twice: by the model in the core, and by counting days on a calendar of our own.

The holidays are written down here a second time from the notices of the State Council for 2025 and 2026; nothing of
`engine.clock` is used on this side, and no formula: every limit is counted day by day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.core.run import step
from engine.core.step import (
    CallRequested,
    Complete,
    Deliver,
    Fire,
    IncidentRaised,
    Start,
    TaskClosed,
    TaskOpened,
    TimerCleared,
    TimerSet,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from engine.core.definition import Definition
    from engine.core.state import State
    from engine.feel import World

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def _days(*spans: str) -> frozenset[date]:
    found: set[date] = set()
    for span in spans:
        first, _, last = span.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            found.add(day)
            day += DAY
    return frozenset(found)


OFF = _days(
    "2025-01-01", "2025-01-28..2025-02-04", "2025-04-04..2025-04-06", "2025-05-01..2025-05-05",
    "2025-05-31..2025-06-02", "2025-10-01..2025-10-08",
    "2026-01-01..2026-01-03", "2026-02-15..2026-02-23", "2026-04-04..2026-04-06", "2026-05-01..2026-05-05",
    "2026-06-19..2026-06-21", "2026-09-25..2026-09-27", "2026-10-01..2026-10-07",
)  # fmt: skip
MADE_UP = _days(
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)  # fmt: skip


def open_on(day: date) -> bool:
    """Whether offices work."""
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def rolled(day: date) -> date:
    """That day, or the next one on which offices work."""
    while not open_on(day):
        day += DAY
    return day


def counted(start: date, count: int, *, working: bool = False, still: frozenset[date] = frozenset()) -> date:
    """The day on which the count is full; `still` days are not counted. Calendar days end on a working day."""
    day = start
    while count:
        day += DAY
        if day not in still and (open_on(day) or not working):
            count -= 1
    return day


def between(after: date, last: date) -> set[date]:
    """The days of a stop: (after, last]."""
    return {after + DAY * n for n in range(1, (last - after).days + 1)}


@dataclass
class Plan:
    """A random course of one case: what happens on which day."""

    variant: str
    received: date
    accepted: date
    agreed: date | None = None
    begun: date | None = None
    reported: date | None = None
    objected: date | None = None
    again: date | None = None
    published: date | None = None
    claimed: date | None = None
    settled: date | None = None
    told: date | None = None
    answered: date | None = None
    resumed: date | None = None
    gaps: date | None = None

    @property
    def ended(self) -> date:
        """The day on which everything that the review waits for is there."""
        notice = self.registrable() if self.published else None
        found = [self.accepted, self.again or self.reported, notice, self.resumed or self.answered]
        return max(day for day in found if day is not None)

    def notice_end(self) -> date:
        """The last day of the public notice."""
        assert self.published
        return rolled(counted(self.published, 60))

    def registrable(self) -> date:
        """The first day of registration: a working day after the notice, or after the last comparison."""
        last = self.notice_end()
        if self.settled is not None and self.settled > last:
            last = self.settled
        return counted(last, 1, working=True)

    def still(self) -> frozenset[date]:
        """The days on which the review does not run."""
        found: set[date] = set()
        for after, last in (
            (self.agreed, self.reported),
            (self.objected, self.again),
            (self.claimed, self.settled),
            (self.answered if self.resumed else None, self.resumed),
        ):
            if after is not None and last is not None:
                found |= between(after, last)
        if self.published:
            found |= between(self.published, self.notice_end())
        return frozenset(found)

    def expected(self) -> dict[str, date]:
        """Last permitted days by task, and the days that the case computes."""
        found = {"check_papers": counted(self.received, 5, working=True), "t0": self.accepted}
        if self.gaps is not None:
            found["supply_papers"] = counted(self.gaps, 30)
            found["check_papers again"] = counted(self.accepted, 5, working=True)
        if self.agreed is not None:
            found["confirm_assessment"] = counted(self.accepted, 15)
            found["write_report"] = found["survey"] = rolled(counted(self.agreed, 60))
            found["start_integration"] = counted(self.agreed, 30)
        if self.objected is not None and self.reported is not None:
            found["object_report"] = counted(self.reported, 10, working=True)
            found["write_report again"] = counted(self.objected, 20, working=True)
        if self.published is not None:
            found["notice_end"], found["registrable_from"] = self.notice_end(), self.registrable()
        if self.claimed is not None:
            found["verify_claim"] = counted(self.claimed, 30)
        if self.told is not None:
            found["grandparents_answer"] = counted(self.told, 15)
        found["interview opened"] = self.ended
        found["interview"] = rolled(counted(self.accepted, 30, still=self.still()))
        return found


def plan(luck: random.Random) -> Plan:
    """A course that keeps every limit and ends within 2026."""
    variant = luck.choice(["IO", "IF", "IF", "BP", "SC"])
    received = date(2025, 1, 2) + DAY * luck.randrange(0, 500)
    limit = counted(received, 5, working=True)
    accepted = received + DAY * luck.randrange(0, (limit - received).days + 1)
    made = Plan(variant, received, accepted)
    if luck.random() < 0.2:
        made.gaps = accepted
        made.accepted = accepted = accepted + DAY * luck.randrange(0, 31)
    if variant == "SC":
        return made
    made.agreed = accepted + DAY * luck.randrange(0, 15)
    made.begun = made.agreed + DAY * luck.randrange(1, 29)
    made.reported = made.begun + DAY * luck.randrange(30, 33)
    if luck.random() < 0.25:
        last = counted(made.reported, 10, working=True)
        made.objected = made.reported + DAY * luck.randrange(0, (last - made.reported).days + 1)
        made.again = made.objected + DAY * luck.randrange(1, 20)
    if variant == "IF":
        made.published = accepted + DAY * luck.randrange(0, 8)
        if luck.random() < 0.4:
            made.claimed = made.published + DAY * luck.randrange(1, (made.notice_end() - made.published).days)
            made.settled = made.claimed + DAY * luck.randrange(1, 31)
    if variant == "BP" and luck.random() < 0.6:
        made.told = accepted + DAY * luck.randrange(0, 5)
        made.answered = made.told + DAY * luck.randrange(0, 15)
        if luck.random() < 0.5:
            made.resumed = made.answered + DAY * luck.randrange(1, 40)
    return made


@dataclass
class Course:
    """One case in the core: whatever it asks outside is answered at once, timers fire when they are due."""

    definition: Definition
    world: World
    now: datetime
    state: State | None = None
    open: dict[str, int] = field(default_factory=dict)
    due: dict[str, date] = field(default_factory=dict)
    opened: dict[str, date] = field(default_factory=dict)
    timers: dict[tuple[int, str], datetime] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def give(self, given: Any) -> None:
        """Let the core take an input and answer what it asks."""
        waiting = [given]
        while waiting:
            done = step(self.definition, self.state, waiting.pop(0), self.now, self.world)
            self.state = done.state
            waiting += list(self._take(done.events))

    def _take(self, events: Any) -> Iterator[Complete]:
        for event in events:
            match event:
                case TaskOpened(token=token, element=element, due=due):
                    self.open[element] = token
                    self.opened[element] = self.now.date()
                    if due is not None:
                        name = f"{element} again" if element in self.due else element
                        self.due[name] = (due.astimezone(ZONE) - timedelta(seconds=1)).date()
                case TaskClosed(element=element):
                    self.open.pop(element, None)
                case TimerSet(token=token, element=element, due=due):
                    self.timers[token, element] = due
                case TimerCleared(token=token, element=element):
                    self.timers.pop((token, element), None)
                case CallRequested(token=token, element=element):
                    name = self.definition.nodes[element].settings.result
                    answer = {"hits": [], "entries": [], "number": "1", "case": "1", "on": self.now.date()}
                    yield Complete(token, {name: answer} if name else {})
                case IncidentRaised(element=element, code=code, values=values):
                    self.faults.append(f"{element}: {code} {values}")

    def until(self, moment: datetime) -> None:
        """Let time pass; due timers fire in order."""
        while self.timers:
            (token, element), due = min(self.timers.items(), key=lambda one: one[1])
            if due > moment:
                break
            self.now = max(self.now, due.astimezone(ZONE))
            del self.timers[token, element]
            self.give(Fire(token, element))
        self.now = moment

    def hear(self, day: date, message: Deliver) -> None:
        """Take a message on a day at ten."""
        self.until(datetime.combine(day, time(10), ZONE))
        self.give(message)

    def do(self, day: date, task: str, **answers: Any) -> None:
        """Complete a task on a day at ten."""
        self.until(datetime.combine(day, time(10), ZONE))
        if task not in self.open:
            self.faults.append(f"{task} is not open on {day}: {sorted(self.open)}")
            return
        self.give(
            Complete(
                self.open[task],
                {task: {**answers, "by": "x", "by_name": "某", "at": self.now}, **_shared(answers)},
            )
        )


def _shared(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: answers[name] for name in ("now_married", "now_children", "child_consents") if name in answers
    }


def played(made: Plan, definition: Definition, world: Callable[[datetime], World]) -> dict[str, Any]:
    """What the model says for the same course; `faults` is empty unless it went another way."""
    start = datetime.combine(made.received, time(9), ZONE)
    course = Course(definition, world(start), start)
    course.give(Start({**_application(made), "case": _facts(start)}))
    for day, act in sorted(_acts(made), key=lambda one: one[0]):
        act(course, day)
    course.until(datetime.combine(made.ended, time(12), ZONE))
    told: dict[str, Any] = {**course.due, "faults": course.faults}
    assert course.state is not None
    for name in ("t0", "notice_end", "registrable_from"):
        told[name] = course.state.variables.get(name)
    told["interview opened"] = course.opened.get("interview")
    return told


def _facts(at: datetime) -> dict[str, Any]:
    facts = {"number": "1", "process": "adoption-registration", "area": "140702", "channel": "online"}
    return {**facts, "submitted_at": at, "applicant": None}


def _application(made: Plan) -> dict[str, Any]:
    people = [
        {
            "name": "甲",
            "sex": "male",
            "birth": date(1980, 1, 1),
            "id_no": "1",
            "marital": "married",
            "health": "fit",
        },
        {
            "name": "乙",
            "sex": "female",
            "birth": date(1981, 1, 1),
            "id_no": "2",
            "marital": "married",
            "health": "fit",
        },
    ]
    placer: dict[str, Any] = {"kind": "institution", "name": "院", "area": "140702"}
    if made.variant == "BP":
        dead = {"other_parent": "dead", "other_proof": True, "grandparents": True} if made.told else {}
        kind = "one_parent" if dead else "both_parents"
        placer = {
            **placer,
            "kind": kind,
            "mother_consents": True,
            "father_consents": True,
            "difficulty": True,
            **dead,
        }
    if made.variant == "SC":
        placer = {**placer, "kind": "both_parents", "mother_consents": True, "father_consents": True}
    child = {"name": "丙", "sex": "female", "birth": date(2022, 5, 1), "id_no": "3", "disabled": False}
    found = {"found_on": date(2024, 1, 1), "found_place": "站", "found_area": "140702", "marks": "红衣"}
    return {
        "variant": made.variant, "overseas": "no", "adopting": 1, "adopters": people, "children": None,
        "cohabitants": None, "adoptee": {**child, **found}, "placer": {"incapable": "none", **placer},
        "contact": {"name": "甲", "phone": "1", "address": "某处"}, "paper_number": None,
    }  # fmt: skip


def _acts(made: Plan) -> Iterator[tuple[date, Callable[[Course, date], None]]]:
    def do(task: str, **answers: Any) -> Callable[[Course, date], None]:
        return lambda course, day: course.do(day, task, **answers)

    if made.gaps is not None:
        yield made.gaps, do("check_papers", complete=False, missing=[{"what": "证", "how": None}])
        yield made.accepted, do("supply_papers", note="补")
        yield made.accepted, do("check_papers", complete=True)
    else:
        yield made.accepted, do("check_papers", complete=True)
    if made.told is not None and made.answered is not None:
        yield made.told, do("ask_grandparents", names="祖父母", told_on=made.told)
        yield made.answered, do("grandparents_answer", answer="claim" if made.resumed else "renounce")
    if made.resumed is not None:
        yield made.resumed, do("decide_priority", decision="resume", reason="撤回")
    if made.published is not None:
        yield made.published, do("post_notice", medium="报", published_on=made.published)
    if made.claimed is not None and made.settled is not None:
        given = {"claimed_on": made.claimed, "claimants": "某"}
        claim = Deliver("parent_claim", given)
        yield made.claimed, lambda course, day: course.hear(day, claim)
        yield made.settled, do("verify_claim", match=False, able=None)
    if made.agreed is not None and made.begun is not None and made.reported is not None:
        yield from _assessment(made, do)


def _assessment(made: Plan, do: Callable[..., Callable[[Course, date], None]]) -> Iterator[Any]:
    assert made.agreed
    assert made.begun
    assert made.reported
    people = [{"name": "丁", "related": False}, {"name": "戊", "related": False}]
    yield made.agreed, do("confirm_assessment", agrees=True)
    yield made.agreed, do("choose_body", mode="self", department="组", conflict=False, agency_name=None)
    yield made.agreed, do("appoint_own", assessors=people)
    yield made.begun, do("start_integration", begun_on=made.begun)
    yield made.begun, do("survey", circumstance="none", home_visits=1)
    visit = {"visited_on": made.reported, "child_state": "well", "findings": "好", "restarted_on": None}
    yield made.reported, do("visit_integration", **visit, circumstance="none", stop=False, last=True)
    passes = made.objected is None
    report = {"integration": 90, "veto": [], "analysis": "好", "signed_all": True}
    yield made.reported, do("write_report", ability=90 if passes else 70, **report)
    if made.objected is not None and made.again is not None:
        yield made.objected, do("object_report", objects=True)
        yield made.objected, do("appoint_others", assessors=people, department="组")
        yield made.again, do("write_report", ability=90, **report)
