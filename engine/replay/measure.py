"""A draft against what was decided: per case a number before and after, in sum who would have got more, less or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.feel import FeelError, compile_expression
from engine.replay.play import Ending, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from engine.feel import World
    from engine.package import Package
    from engine.replay.story import Story

#: What is measured unless something else is asked: all that was paid out, in yuan.
PAID: Final = 'sum(for call in calls return if call.operation = "pay" then call.input.amount else 0)'
_NAMES: Final = ("calls", "decisions", "ends")


@dataclass(frozen=True, slots=True)
class Compared:
    """One case: its measure with the version it was decided by and with the draft.

    `verdict` is more, less, same, or unknown: the draft asks something there that nobody was asked (`unmet`), or stops.
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

    def count(self, one: Compared, was: Ending, now: Ending) -> None:
        """Add a case. Sums leave out cases whose measure is unknown on one side, so that both are over the same ones."""
        self.cases += 1
        self.verdicts[one.verdict] += 1
        self.unmet.update(one.unmet)
        self.decisions.update(one.decisions)
        if one.before is not None and one.after is not None and one.verdict != "unknown":
            self.before += one.before
            self.after += one.after
        self.work_before.update(work.lane for work in was.work)
        self.work_after.update(work.lane for work in now.work)


def simulate(
    stories: Iterable[Story],
    version: Callable[[str], Package],
    draft: Package,
    world: World,
    summary: Summary,
    measure: str = PAID,
) -> Iterator[Compared]:
    """Each story with its own version and with the draft; `summary` grows on the way. Nothing is written.

    `measure` is FEEL over the case's variables, `calls` ({operation, input}), `decisions` and `ends`; FeelSyntaxError if
    it is none.
    """
    expression = compile_expression(measure, (*draft.names, *_NAMES))

    def value(ending: Ending) -> Decimal | None:
        context = {**ending.variables, **_seen(ending)}
        try:
            found = expression.evaluate(context, world)
        except FeelError:
            return None
        return found if isinstance(found, Decimal) else None

    for story in stories:
        was, now = play(version(story.package), story, world), play(draft, story, world)
        one = _compared(story, was, now, value(was), value(now))
        summary.count(one, was, now)
        yield one


def _compared(
    story: Story, was: Ending, now: Ending, before: Decimal | None, after: Decimal | None
) -> Compared:
    known = now.ended and not now.unmet and not now.incidents and before is not None and after is not None
    verdict = "unknown"
    if known and before is not None and after is not None:
        verdict = "same" if before == after else "more" if after > before else "less"
    changed = [
        name
        for name in {**was.decisions, **now.decisions}
        if was.decisions.get(name) != now.decisions.get(name)
    ]
    stuck = (*now.unmet, *(element for element, _ in now.incidents))
    return Compared(
        story.case, before, after, _days(story, was), _days(story, now), verdict, tuple(sorted(set(stuck))),
        tuple(sorted(changed)),
    )  # fmt: skip


def _days(story: Story, ending: Ending) -> Decimal | None:
    if ending.ended_at is None:
        return None
    return round(Decimal((ending.ended_at - story.submitted_at).total_seconds()) / 86_400, 2)


def _seen(ending: Ending) -> Mapping[str, Any]:
    calls = [{"operation": operation, "input": dict(given)} for operation, given in ending.calls]
    return {"calls": calls, "decisions": dict(ending.decisions), "ends": list(ending.ends)}
