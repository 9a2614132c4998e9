"""One story with one model: the mover walks, the story answers, time passes; what it comes to is told.

A task or call that the story never met is left open and told (`unmet`): what people would have said there, nobody knows.
So is a task whose form refuses what was answered (`engine.replay.answers`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from engine.core.clock_events import ClockDue, ClockMoved
from engine.core.faults import CoreError
from engine.core.run import step
from engine.core.step import (
    CallDropped,
    CallRequested,
    Complete,
    DecisionMade,
    Deliver,
    Entered,
    Fail,
    Fire,
    IncidentRaised,
    Start,
    TaskClosed,
    TaskOpened,
    TimerCleared,
    TimerSet,
)
from engine.replay.answers import Habits, again, learn
from engine.replay.ending import Ending, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.core.state import State
    from engine.core.step import Event, Input
    from engine.feel import World
    from engine.forms import Form
    from engine.package import Package
    from engine.replay.story import Act, Story

#: What on_overdue says where silence counts.
_CONSENT: Final = "silence-is-consent"
#: Inputs of one replay; a model that goes on for ever is left there.
_LONGEST: Final = 5_000
#: Calls whose answer decides nothing: they are answered although the story never met them.
_HARMLESS: Final = frozenset({"document"})


def play(package: Package, story: Story, world: World, habits: Habits | None = None) -> Ending:
    """Let the story run through the package's model; pure, `world` gives calendar and law.

    With the `habits` of its replay through the version that decided it, answers are judged by the forms of this one.
    """
    return _Replay(package, story, world, habits).run()


@dataclass
class _Replay:
    package: Package
    story: Story
    world: World
    known: Habits | None = None
    now: datetime = field(init=False)
    state: State | None = None
    #: Open tasks and calls by token, running timers and clocks by what fires them.
    tasks: dict[int, TaskOpened] = field(default_factory=dict)
    calls: dict[int, CallRequested] = field(default_factory=dict)
    timers: dict[tuple[int, str], datetime] = field(default_factory=dict)
    clocks: dict[str, datetime] = field(default_factory=dict)
    work: list[Work] = field(default_factory=list)
    opened: dict[int, int] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    decisions: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    incidents: list[tuple[str, str]] = field(default_factory=list)
    unasked: int = 0
    #: Tasks whose form refused what was answered; whatever comes of the case then, nobody knows.
    refused: set[str] = field(default_factory=set)
    inputs: int = 0
    habits: Habits = field(default_factory=Habits)
    passed: list[str] = field(default_factory=list)
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        self.now = self.story.submitted_at
        self.definition = self.package.definition
        #: Answers to calls by element and turn.
        self.answers: dict[tuple[str, int], Act] = {
            (act.element, act.turn): act
            for act in self.story.acts
            if act.kind in {"booked", "answered", "issued", "refused"}
        }

    def run(self) -> Ending:
        """Begin, take every act at its time, then let time run to the end."""
        story = self.story
        form = self.package.form("start")
        exports = form.exports(dict(story.application)) if form else {}
        self._give(Start({**exports, "case": dict(story.facts)}))
        for act in story.acts:
            if act.kind in {"completed", "message"}:
                self._pass_to(act.at)
                self._take(act)
            elif act.kind != "booked":
                self._pass_to(act.at)
                self._answer(act)
        self._pass_to(None)
        return self._ending()

    # ---- what comes from outside ------------------------------------------------------------------------------

    def _take(self, act: Act) -> None:
        if act.kind == "message":
            self._try(Deliver(act.element, act.data))
            return
        token = self._token(self.tasks, act)
        if token is None:
            self.unasked += 1
            return
        form = self.package.form(act.element)
        answers = act.data if form is None else self._answers(form, act, self.tasks[token])
        if answers is None:
            self.refused.add(act.element)
            return
        exports = form.exports(dict(answers)) if form else {}
        done = {**answers, "by": act.by or None, "by_name": act.by_name, "at": act.at}
        self._try(Complete(token, {act.element: done, **exports}))

    def _answers(self, form: Form, act: Act, task: TaskOpened) -> Mapping[str, Any] | None:
        assert self.state is not None
        variables = {**self.state.variables, **task.local}
        world = replace(self.world, now=self.now)
        if self.known is None:
            return learn(self.habits, form, act, variables, world)
        return again(self.known, form, act, variables, world)

    def _answer(self, act: Act) -> None:
        """An outside system answers; nobody may be waiting for it here."""
        token = self._token(self.calls, act)
        if token is None:
            self.unasked += 1
        else:
            self._settle(token, self.calls[token])

    def _token(self, waiting: Mapping[int, TaskOpened | CallRequested], act: Act) -> int | None:
        """Who waits for the act: the task or call of its turn, else (the model asks in another order) the oldest."""
        found = [token for token, one in waiting.items() if one.element == act.element]
        return next((token for token in found if self.turns[token] == act.turn), found[0] if found else None)

    def _settle(self, token: int, call: CallRequested) -> None:
        act = self.answers.pop((call.element, self.turns[token]), None)
        if act is None and call.operation not in _HARMLESS:
            return
        del self.calls[token]
        if act is not None and act.code:
            self._try(Fail(token, act.code, self._result(call.element, act.data)))
            return
        self.asked.append((call.operation, call.input))
        self._try(Complete(token, self._result(call.element, act.data if act is not None else {})))

    def _result(self, element: str, values: Mapping[str, Any]) -> dict[str, Any]:
        name = self.definition.nodes[element].settings.result
        return {name: dict(values)} if name else {}

    # ---- time -------------------------------------------------------------------------------------------------

    def _pass_to(self, moment: datetime | None) -> None:
        """Whatever falls due before the moment happens at its own; None: until nothing is due any more."""
        while self.inputs < _LONGEST:
            due = min(self._due(), default=None, key=lambda one: one[0])
            if due is None or (moment is not None and due[0] > moment):
                break
            self.now = max(self.now, due[0])
            self._try(due[1])
        if moment is not None:
            self.now = max(self.now, moment)

    def _due(self) -> Iterator[tuple[datetime, Input]]:
        for (token, element), at in self.timers.items():
            yield at, Fire(token, element)
        for clock, at in self.clocks.items():
            yield at, ClockDue(clock)
        for token, task in self.tasks.items():
            if task.due is not None and self._node_rule(task.element) == _CONSENT:
                consent = {"by": None, "by_name": "", "at": task.due, "consent": "silence"}
                yield task.due, Complete(token, {task.element: consent})

    def _node_rule(self, element: str) -> str | None:
        return self.definition.nodes[element].settings.on_overdue

    # ---- the mover --------------------------------------------------------------------------------------------

    def _try(self, given: Input) -> None:
        try:
            self._give(given)
        except CoreError:
            self.unasked += 1

    def _give(self, given: Input) -> None:
        if isinstance(given, Fire):
            self.timers.pop((given.token, given.element), None)
        elif isinstance(given, ClockDue):
            self.clocks.pop(given.clock, None)
        self.inputs += 1
        done = step(self.definition, self.state, given, self.now, self.world, flows=True)
        self.state = done.state
        if done.state.ended and self.ended_at is None:
            self.ended_at = self.now
        booked = [call for event in done.events if (call := self._note(event)) is not None]
        for call in booked:
            if call.token in self.calls:
                self._settle(call.token, call)

    def _note(self, event: Event) -> CallRequested | None:
        """Keep what an event means; a call that the story answered in the same command is given back."""
        match event:
            case Entered(element=element, token=token) if token:  # (0: the name of a thrown message)
                self.passed.append(element)
            case TaskOpened(token=token, element=element):
                self.tasks[token] = event
                self.turns[token] = self._turn(element)
                self.opened[token] = len(self.work)
                self.work.append(Work(element, self.definition.nodes[element].lane or "", self.now, None))
            case TaskClosed(token=token):
                self.tasks.pop(token, None)
                place = self.opened.pop(token)
                was = self.work[place]
                self.work[place] = Work(was.element, was.lane, was.opened_at, self.now)
            case CallRequested(token=token, element=element):
                self.calls[token] = event
                self.turns[token] = self._turn(element)
                act = self.answers.get((element, self.turns[token]))
                if act.kind == "booked" if act is not None else event.operation in _HARMLESS:
                    return event
            case CallDropped(token=token):
                self.calls.pop(token, None)
            case TimerSet(token=token, element=element, due=due):
                self.timers[token, element] = due
            case TimerCleared(token=token, element=element):
                self.timers.pop((token, element), None)
            case ClockMoved(clock=clock, alarm=alarm):
                self.clocks.pop(clock, None)
                if alarm is not None:
                    self.clocks[clock] = alarm
            case DecisionMade(decision=decision, value=value):
                self.decisions[decision] = value
            case IncidentRaised(element=element, code=code):
                self.incidents.append((element, code))
            case _:
                pass
        return None

    def _turn(self, element: str) -> int:
        self.seen[element] += 1
        return self.seen[element]

    def _ending(self) -> Ending:
        state = self.state
        assert state is not None
        waiting = [task.element for task in self.tasks.values()]
        waiting += [call.element for token, call in self.calls.items() if token in state.tokens]
        return Ending(
            ended=state.ended,
            ended_at=self.ended_at,
            ends=state.ends,
            variables=state.variables,
            decisions=self.decisions,
            work=tuple(self.work),
            calls=tuple(self.asked),
            unmet=tuple(sorted(self.refused.union(waiting))),
            incidents=tuple(self.incidents),
            unasked=self.unasked,
            habits=self.habits,
            passed=tuple(self.passed),
        )
