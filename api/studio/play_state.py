"""What a play consists of, and how its page carries it: an unfinished scenario. Nothing about it is kept by the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from engine.errors import EngineError
from engine.scenarios import read_scenarios
from engine.scenarios.model import Action, Beginning, Cast, Fund, ScenarioBroken, ScenarioCase, ScenarioFile
from engine.store.exact import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.package import Package

#: Steps of one play; a case that goes on longer is no case any more.
MOST_STEPS = 400
_EXACT = (Decimal, datetime)
#: What a reserve fund of a play holds at first, where no scenario says otherwise.
_OPENING = Decimal(100_000)
#: A file that stands for whatever an analyst would have to look for; nothing lies behind it.
SAMPLE_FILE = {"hash": "0" * 64, "name": "示例材料.pdf", "size": 1000, "type": "application/pdf"}


class Played(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A play as its page carries it."""

    case: ScenarioCase
    cast: dict[str, Cast] = {}
    #: The scenario that is followed, and what it would do next.
    following: str = ""
    follow: list[Action] = []

    def stepped(self, action: Action, cast: Mapping[str, Cast] | None = None) -> Played:
        """One step more; what was followed goes on behind the step if it is the same one."""
        if len(self.case.steps) >= MOST_STEPS:
            raise EngineError("play-too-long")
        case = msgspec.structs.replace(self.case, steps=[*self.case.steps, action])
        return msgspec.structs.replace(
            self, case=case, cast=dict(cast or self.cast), follow=_without(self.follow, action)
        )

    def back(self) -> Played:
        """One step less; a followed scenario has that step before it again."""
        return self.until(len(self.case.steps) - 1)

    def until(self, number: int) -> Played:
        """Only so many steps; a followed scenario has the others before it again."""
        kept, rest = list(self.case.steps[:number]), list(self.case.steps[number:])
        follow = [*rest, *self.follow] if self.following else []
        return msgspec.structs.replace(
            self, case=msgspec.structs.replace(self.case, steps=kept), follow=follow
        )


def _without(follow: list[Action], done: Action) -> list[Action]:
    """What is still to be followed after a step: the first of the same kind and name is done."""
    for place, one in enumerate(follow):
        if one.kinds == done.kinds:
            return [*follow[:place], *follow[place + 1 :]]
    return follow


def write(played: Played) -> str:
    """The play as the text of a hidden field."""
    return pack(msgspec.to_builtins(played, builtin_types=_EXACT))


def read(text: str) -> Played | None:
    """The play in a posted field; None where there is none yet, EngineError for anything else."""
    if not text:
        return None
    try:
        played = msgspec.convert(unpack(text), Played)
        datetime.fromisoformat(played.case.start.at)
    except (ValueError, TypeError, KeyError, ArithmeticError, msgspec.ValidationError) as fault:
        raise EngineError("play-damaged") from fault
    if len(played.case.steps) > MOST_STEPS:
        raise EngineError("play-too-long")
    return played


def scenarios_of(package: Package) -> ScenarioFile:
    """The scenarios of the package; none where its file cannot be read."""
    try:
        return read_scenarios(package.scenarios or b"", package.name)
    except ScenarioBroken:
        return ScenarioFile(process=package.name, cases=[])


def following(package: Package, wanted: str, *, steps: int = 0) -> Played | None:
    """A play that begins as a scenario does and goes `steps` of its steps, with the rest before it."""
    file = scenarios_of(package)
    found = next((one for one in file.cases if one.id == wanted), None)
    if found is None:
        return None
    case = msgspec.structs.replace(found, steps=list(found.steps[:steps]), held=_held(found))
    return Played(case, dict(file.actors), following=wanted, follow=list(found.steps[steps:]))


def _held(case: ScenarioCase) -> list[str]:
    return sorted({*case.held, *(one.answer for one in case.steps if one.answer)})


@dataclass(frozen=True, slots=True)
class Sample:
    """Answers of a scenario's step, and the day on which it gives them."""

    answers: dict[str, Any]
    day: date | None


@dataclass(frozen=True, slots=True)
class Samples:
    """Answers that scenarios give, to begin forms with."""

    cases: tuple[ScenarioCase, ...]

    def start(self) -> Beginning | None:
        """The first application that comes without anything that must have been there before."""
        found = next((one for one in self.cases if not one.earlier), None)
        return found.start if found is not None else None

    def task(self, element: str, followed: list[Action]) -> Sample:
        """The answers of the first step that completes the task: of the followed scenario, else of any."""
        for case in (None, *self.cases):
            at = case.start.at if case is not None else None
            for step in case.steps if case is not None else followed:
                at = step.at or step.advance or at
                if step.task == element and step.refused is None:
                    return Sample(dict(step.data), date.fromisoformat(at[:10]) if at else None)
        return Sample({}, None)

    def message(self, name: str) -> dict[str, Any]:
        """What the first scenario that sends the message sends with it."""
        steps = (step for case in self.cases for step in case.steps)
        return next((dict(one.data) for one in steps if one.message == name and one.refused is None), {})

    def funds(self, area: str) -> list[Fund]:
        """The reserve funds that payments may come from: those of the scenarios, and one of the place's town."""
        known = {fund.code: fund for case in reversed(self.cases) for fund in case.funds}
        if known and area[:9] not in known:
            known[area[:9]] = Fund(area[:9], _OPENING)
        return list(known.values())
