"""A rehearsal: a scenario that is still being written, played as far as it goes, with everything that can happen next.

The stage is that of scenarios (a database of its own, the real bus, mover and clock), so what is shown is what the engine
will do. A rehearsal keeps nothing: it is the scenario, and taking a step back is playing one step less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from engine.access import Actor, Grant
from engine.core.catching import watched
from engine.core.definition import Cause
from engine.core.state import Phase, restore
from engine.core.walk import Walk
from engine.queries import case as read_case
from engine.scenarios.outcome import Outcome, read_outcome
from engine.scenarios.run import REFUSALS, Player, earlier_cases, moment, play_earlier
from engine.scenarios.stage import Stage
from engine.store.columns import NEVER
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.core.state import State
    from engine.package import Package
    from engine.queries import CaseView
    from engine.scenarios.model import Cast, ScenarioCase
    from engine.scenarios.stage import Surroundings

#: Operations of the stage that answer by themselves: they decide nothing.
_BY_THEMSELVES = frozenset({"document", "notice"})


@dataclass(frozen=True, slots=True)
class Work:
    """An open task: who may do it where, by when, and what its form knows."""

    token: int
    element: str
    title: str
    #: Roles that may work it, by the rights of the process; the lane where none may.
    roles: tuple[str, ...]
    area: str
    department: str | None
    #: The one account that it is meant for.
    account: str | None
    due: datetime | None
    local: Mapping[str, Any]
    variables: Mapping[str, Any]
    #: The account that holds it, and the one that was asked about it and has not answered.
    holder: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What another system was asked and has not answered."""

    element: str
    operation: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that happens by itself when its time has come."""

    element: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """How the case stands: where tokens rest, and what can happen next."""

    number: str
    now: datetime
    ended: bool
    #: Element -> tokens that rest there; scopes that run are in `running`.
    tokens: Mapping[str, int]
    running: frozenset[str]
    work: tuple[Work, ...]
    calls: tuple[Call, ...]
    #: Messages that somebody may send now: name -> the elements that wait for it.
    messages: Mapping[str, tuple[str, ...]]
    alarms: tuple[Alarm, ...]
    incidents: tuple[tuple[str, str], ...]


@dataclass
class Rehearsal:
    """The played case; use as a context manager. `refusal` is why its last step (or the application) was not taken."""

    package: Package
    case: ScenarioCase
    cast: Mapping[str, Cast]
    around: Surroundings
    refusal: Exception | None = None
    #: How many steps were taken before the refusal.
    taken: int = 0
    outcome: Outcome = field(init=False)
    stage: Stage = field(init=False)

    def __post_init__(self) -> None:
        """Set the stage; nothing is played yet."""
        self.outcome = Outcome(self.case)
        world = self.around.law.as_world(self.around.calendar, moment("2000-01-01T00:00+00:00", None))
        self.zone = world.zone
        self._before = earlier_cases(self.case, self.package, self.around)
        first = moment((self._before[0][1] if self._before else self.case).start.at, self.zone)
        self.stage = Stage(self.package, self.case, self.around, first)

    def __enter__(self) -> Self:
        """Play: the application, then every step until one is refused that should not be."""
        self.stage.__enter__()
        play_earlier(self.stage, self._before, self.outcome, self.zone)
        player = Player(self.stage, self.cast, self.outcome, self.zone, self.package.name)
        try:
            player.begin()
            for number, action in enumerate(self.case.steps, 1):
                if action.refused is not None:
                    player.act(number, action)
                else:
                    if action.at is not None:
                        self.stage.advance(moment(action.at, self.zone))
                    player.carry_out(number, action)
                    self.stage.settle()
                self.taken = number
        except REFUSALS as refusal:
            self.refusal = refusal
        if self.outcome.number:
            read_outcome(self.stage, self.outcome)
        return self

    def __exit__(self, *error: object) -> None:
        self.stage.__exit__(*error)

    @property
    def view(self) -> CaseView:
        """The case as somebody who holds every role would see it."""
        access = self.stage.bus.access
        everybody = Actor(
            "rehearsal", "", tuple(Grant(role) for role in sorted({one[0] for one in access.rules}))
        )
        return read_case(self.stage.store, access, everybody, self.outcome.number)

    def scene(self) -> Scene | None:
        """How the case stands now; None if the application was not taken."""
        number = self.outcome.number
        if not number:
            return None
        stage = self.stage
        marking, variables, state = stage.rows(
            "SELECT marking, variables, state FROM cases WHERE id = ?", number
        )[0]
        found = restore(marking, variables)
        resting: dict[str, int] = {}
        for token in found.tokens.values():
            if token.phase in {Phase.WAITING, Phase.MOVING}:
                resting[token.element] = resting.get(token.element, 0) + 1
        return Scene(
            number=number,
            now=stage.now,
            ended=state != "open",
            tokens=resting,
            running=frozenset(one.element for one in found.tokens.values() if one.phase is Phase.OPEN),
            work=tuple(self._work(found)),
            calls=tuple(self._calls()),
            messages=self._messages(found) if state == "open" else {},
            alarms=tuple(self._alarms()),
            incidents=tuple(
                stage.rows("SELECT element, code FROM incident WHERE case_id = ? ORDER BY token", number)
            ),
        )

    def _work(self, state: State) -> list[Work]:
        sql = (
            "SELECT token, element, title, object, area, department, account, due, local,"
            " claimed_by, delegated_to FROM task"
            " WHERE case_id = ? AND state = 'open' ORDER BY token"
        )
        return [
            Work(
                token,
                element,
                title,
                self._roles(obj),
                area,
                department,
                account,
                None if due == NEVER else due.astimezone(self.zone),
                own := unpack(local) if local else {},
                {**state.variables, **own},
                holder,
                asked,
            )
            for token, element, title, obj, area, department, account, due, local, holder, asked in self.stage.rows(
                sql, self.outcome.number
            )
        ]

    def _roles(self, obj: str) -> tuple[str, ...]:
        rules = self.stage.bus.access.rules
        found = dict.fromkeys(role for role, of, action in rules if of == obj and action == "work")
        return tuple(found) or (obj.partition("/")[2],)

    def _calls(self) -> list[Call]:
        sql = "SELECT element, kind, body FROM outbox WHERE case_id = ? AND state = 'open' ORDER BY asked_at"
        return [
            Call(element, kind, unpack(body).get("input") or {})
            for element, kind, body in self.stage.rows(sql, self.outcome.number)
            if kind not in _BY_THEMSELVES
        ]

    def _messages(self, state: State) -> dict[str, tuple[str, ...]]:
        walk = Walk(self.package.definition, state, self.stage.now, None)
        found: dict[str, dict[str, None]] = {}
        for token in state.tokens.values():
            for watch in watched(walk, token):
                if watch.trigger.cause is Cause.MESSAGE and watch.trigger.ref:
                    found.setdefault(watch.trigger.ref, {})[watch.element] = None
        return {name: tuple(elements) for name, elements in sorted(found.items())}

    def _alarms(self) -> list[Alarm]:
        sql = "SELECT element, due FROM timer WHERE case_id = ? ORDER BY due, element"
        return [
            Alarm(element, due.astimezone(self.zone))
            for element, due in self.stage.rows(sql, self.outcome.number)
            if due != NEVER
        ]


def rehearse(
    package: Package, case: ScenarioCase, cast: Mapping[str, Cast], around: Surroundings
) -> Rehearsal:
    """The case played as far as it goes; ModelError, DmnError or FormBroken if the package cannot run at all."""
    _ = package.definition, package.forms
    return Rehearsal(package, case, cast, around)
