"""A draft against what was decided: per case a number before and after, in sum who would have got more, less or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.feel import FeelError, compile_expression
from engine.replay.play import play

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.feel import World
    from engine.package import Package
    from engine.replay.ending import Ending
    from engine.replay.story import Story

#: What is measured unless something else is asked: all that was paid out, in yuan.
PAID: Final = 'sum(for call in calls return if call.operation = "pay" then call.input.amount else 0)'
#: What may come of a case, the ones that somebody wants to know of first.
VERDICTS: Final = ("nothing", "less", "more", "unknown", "same")
_NAMES: Final = ("calls", "decisions", "ends")


@dataclass(frozen=True, slots=True)
class Compared:
    """One case: its measure with the version it was decided by and with the draft.

    `verdict` is more, less, nothing (where there was something), same, or unknown: the draft asks something there that
    nobody was asked (`unmet`), or stops.
    """

    case: str
    before: Decimal | None
    after: Decimal | None
    days_before: Decimal | None
    days_after: Decimal | None
    verdict: str
    unmet: tuple[str, ...] = ()
    #: Decisions that come out otherwise.
    decisions: tuple[str, ...] = ()
    area: str = ""
    #: Tasks by lane.
    work_before: Mapping[str, int] = field(default_factory=dict)
    work_after: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Summary:
    """All cases together."""

    cases: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)
    #: Tasks by lane, before and after.
    work_before: Counter[str] = field(default_factory=Counter)
    work_after: Counter[str] = field(default_factory=Counter)
    unmet: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    #: Sums by county (the first six digits of the area), before and after.
    counties: dict[str, tuple[int, Decimal, Decimal]] = field(default_factory=dict)
    #: Cases that end on both sides, and the days that they take together.
    ended: int = 0
    days_before: Decimal = Decimal(0)
    days_after: Decimal = Decimal(0)

    def count(self, one: Compared) -> None:
        """Add a case. Sums leave out cases whose measure is unknown on one side, so that both are over the same ones."""
        self.cases += 1
        self.verdicts[one.verdict] += 1
        self.unmet.update(one.unmet)
        self.decisions.update(one.decisions)
        self.work_before.update(one.work_before)
        self.work_after.update(one.work_after)
        if one.before is not None and one.after is not None and one.verdict != "unknown":
            self.before += one.before
            self.after += one.after
            cases, before, after = self.counties.get(one.area[:6], (0, Decimal(0), Decimal(0)))
            self.counties[one.area[:6]] = (cases + 1, before + one.before, after + one.after)
        if one.days_before is not None and one.days_after is not None and one.verdict != "unknown":
            self.ended += 1
            self.days_before += one.days_before
            self.days_after += one.days_after


class Trial:
    """A draft on trial: what is measured, and under which law. Nothing is written.

    `measure` is FEEL over the case's variables, `calls` ({operation, input}), `decisions` and `ends`; FeelSyntaxError if
    it is none. `supposed` is the world in which the draft is tried, if that is to be another one.
    """

    def __init__(
        self,
        version: Callable[[str], Package],
        draft: Package,
        world: World,
        measure: str = PAID,
        supposed: World | None = None,
    ) -> None:
        self._version = version
        self._draft = draft
        self._world = world
        self._supposed = supposed or world
        self._measure = compile_expression(measure, (*draft.names, *_NAMES))
        _ = draft.definition  # a draft that cannot run is refused here, not at its first case

    def compared(self, story: Story) -> Compared:
        """The story with its own version and with the draft."""
        was = play(self._version(story.package), story, self._world)
        now = play(self._draft, story, self._supposed, was.habits)
        return _compared(story, was, now, self._value(was, self._world), self._value(now, self._supposed))

    def _value(self, ending: Ending, world: World) -> Decimal | None:
        calls = [{"operation": operation, "input": dict(given)} for operation, given in ending.calls]
        seen = {"calls": calls, "decisions": dict(ending.decisions), "ends": list(ending.ends)}
        try:
            found = self._measure.evaluate({**ending.variables, **seen}, world)
        except FeelError:
            return None
        return found if isinstance(found, Decimal) else None


def _compared(
    story: Story, was: Ending, now: Ending, before: Decimal | None, after: Decimal | None
) -> Compared:
    known = now.ended and not now.unmet and not now.incidents
    changed = [
        name
        for name in {**was.decisions, **now.decisions}
        if was.decisions.get(name) != now.decisions.get(name)
    ]
    stuck = (*now.unmet, *(element for element, _ in now.incidents))
    return Compared(
        case=story.case,
        before=before,
        after=after,
        days_before=_days(story, was),
        days_after=_days(story, now),
        verdict=_verdict(before, after) if known else "unknown",
        unmet=tuple(sorted(set(stuck))),
        decisions=tuple(sorted(changed)),
        area=str(story.facts.get("area") or ""),
        work_before=dict(Counter(work.lane for work in was.work)),
        work_after=dict(Counter(work.lane for work in now.work)),
    )


def _verdict(before: Decimal | None, after: Decimal | None) -> str:
    if before is None or after is None:
        return "unknown"
    if before == after:
        return "same"
    if after > before:
        return "more"
    return "nothing" if after == 0 else "less"


def _days(story: Story, ending: Ending) -> Decimal | None:
    if ending.ended_at is None:
        return None
    return round(Decimal((ending.ended_at - story.submitted_at).total_seconds()) / 86_400, 2)
