"""The slow way of `bench.simulator`: an archived case lived once more through the whole engine, on a database of its own.

It shares nothing with `engine.replay` but the story read from the journal: bus, rights, forms, relay, timers and clock are
those of scenarios. Who took a form's proposal is found on a stage with the version that decided the case.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from engine.core.state import restore
from engine.forms import prefill
from engine.forms.validate import get, put
from engine.office import read_jurisdiction
from engine.package import Package, unpack
from engine.replay.story import read_story
from engine.scenarios.model import Action, Beginning, Cast, Fund, ScenarioCase
from engine.scenarios.outcome import Outcome, read_outcome
from engine.scenarios.run import Player
from engine.scenarios.stage import Stage, Surroundings, issued_unread, make_template
from engine.store.exact import plain
from engine.store.exact import unpack as unpack_values

if TYPE_CHECKING:
    from datetime import datetime

    from engine.replay.measure import Compared
    from engine.replay.share import Question
    from engine.replay.story import Story
    from engine.settings import Settings
    from engine.store.session import Store

#: Refusals that say only that nobody asked any more; what was said then is left aside, as in the simulator.
_UNASKED = ("no-such-open-task", "not-waiting", "case-ended")
_BEFORE, _AFTER = "base * persons * months", "0.9 * base * persons * months"


def changed(package: Package) -> Package:
    """The draft of the bench: a tenth less for every month."""
    path = next(
        path
        for path, content in package.files.items()
        if path.endswith(".dmn") and _BEFORE.encode() in content
    )
    text = package.text(path).replace(_BEFORE, _AFTER)
    return Package(package.name, {**package.files, path: text.encode()})


def surroundings(settings: Settings) -> Surroundings:
    """The tree's law and policies, without other processes."""
    law, calendar = read_jurisdiction(settings.root, settings.jurisdiction)
    policies = settings.root / "policies"
    return Surroundings(
        law=law,
        calendar=calendar,
        model=(policies / "model.conf").read_text(),
        base=(policies / "base.csv").read_text(),
        document=issued_unread,
        template=make_template(Path(tempfile.mkdtemp(prefix="banjian-bench-template-"))),
    )


@dataclass
class Lived:
    """What the case came to on a stage."""

    ended: bool
    refused: list[str]
    paid: Decimal
    days: Decimal | None
    work: dict[str, int]


@dataclass
class _Habits:
    followed: dict[int, set[str]] = field(default_factory=dict)
    learning: bool = True


class _Person(Player):
    """People who do what they did, and take a form's proposal where they took it then."""

    habits: _Habits

    def carry_out(self, number: int, action: Action) -> None:
        """One step."""
        form = self.stage.package.form(action.task) if action.task else None
        if form is not None:
            local = unpack_values(row[1]) if (row := self._find_task(action))[1] else {}
            marking, kept = self.stage.rows(
                "SELECT marking, variables FROM cases WHERE id = ?", self.outcome.number
            )[0]
            world = self.stage.bus.office.world
            proposed = orjson.loads(
                plain(prefill(form, {**restore(marking, kept).variables, **local}, world))
            )
            data = orjson.loads(orjson.dumps(action.data))
            if self.habits.learning:
                asked = [one.key for one in form.fields() if one.value is not None and not one.readonly]
                self.habits.followed[number] = {
                    key for key in asked if _same(get(data, key), get(proposed, key))
                }
            for key in self.habits.followed.get(number, ()):
                if get(proposed, key) is not None:
                    put(data, key, get(proposed, key))
            action = msgspec.structs.replace(action, data=data)
        super().carry_out(number, action)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return False
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except ArithmeticError:
        return bool(one == other)


def again_on_a_stage(
    around: Surroundings, question: Question, store: Store, case: str
) -> tuple[Lived, Lived]:
    """The case with the version that decided it, and with the draft under the supposed law."""
    with store.reading() as reader:
        story = read_story(reader, case)
        archive = reader.rows("SELECT archive FROM package WHERE digest = ?", (story.package,))[0][0]
    habits = _Habits()
    was = _lived(_package(question.process, bytes(archive)), story, around, {}, habits)
    habits.learning = False
    law = {one.parameter: one.value for one in question.supposed}
    return was, _lived(_package(question.process, question.draft), story, around, law, habits)


@lru_cache(maxsize=4)
def _package(process: str, archive: bytes) -> Package:
    return unpack(process, archive)


def _lived(
    package: Package, story: Story, around: Surroundings, law: dict[str, Any], habits: _Habits
) -> Lived:
    case, cast = _scenario(package, story, law)
    outcome = Outcome(case)
    with Stage(package, case, around, story.submitted_at) as stage:
        player = _Person(stage, cast, outcome, stage.now.tzinfo, package.name)
        player.habits = habits
        player.play()
        if not outcome.number:
            raise RuntimeError(f"{story.case}: {outcome.faults}")
        read_outcome(stage, outcome)
        ended: datetime | None = stage.rows("SELECT ended_at FROM cases WHERE id = ?", outcome.number)[0][0]
    return Lived(
        outcome.ended,
        [
            *(str(one) for one in outcome.faults if not any(code in one for code in _UNASKED)),
            *outcome.incidents,
        ],
        sum((Decimal(str(amount)) for _, amount in outcome.payments), Decimal(0)),
        None if ended is None else round(Decimal((ended - story.submitted_at).total_seconds()) / 86_400, 2),
        dict(Counter(task["role"] for task in outcome.tasks)),
    )


def _scenario(package: Package, story: Story, law: dict[str, Any]) -> tuple[ScenarioCase, dict[str, Cast]]:
    """The story as a scenario, told by people who may do everything."""
    roles = {line.split(",")[1].strip() for line in package.policies.splitlines() if line.startswith("p,")}
    everybody = Cast(role=sorted(role for role in roles if not role.startswith("process:")), area="1407")
    acts = [act for act in story.acts if act.kind in {"completed", "message"}]
    steps = [
        Action(
            task=act.element if act.kind == "completed" else None,
            message=act.element if act.kind == "message" else None,
            actor=act.by or "everybody",
            at=act.at.isoformat(),
            data=orjson.loads(plain(act.data)),
        )
        for act in acts
    ]
    area = str(story.facts["area"])
    case = ScenarioCase(
        id=story.case,
        start=Beginning(
            at=story.submitted_at.isoformat(),
            data=orjson.loads(plain(story.application)),
            actor=story.facts["applicant"],
            area=area,
            channel=str(story.facts["channel"]),
        ),
        law=law,
        funds=[Fund(area[:9], Decimal(100_000_000))],
        steps=[*steps, Action(advance=(acts[-1].at + timedelta(days=200)).isoformat())] if acts else [],
    )
    return case, {act.by or "everybody": everybody for act in acts} | {"everybody": everybody}


def differing(told: Compared, lived: tuple[Lived, Lived]) -> list[str]:
    """How what the simulator told differs from what the stages came to; nothing for a case told alike."""
    was, now = lived
    wrong = []
    if was.refused or not was.ended:
        wrong.append(f"{told.case} does not come to its own end: {was.refused}")
    elif (told.before, told.days_before, told.work_before) != (was.paid, was.days, was.work):
        wrong.append(f"{told.case} before: {told.before} {told.days_before} {told.work_before}, was {was}")
    known = now.ended and not now.refused
    if known != (told.verdict != "unknown"):
        wrong.append(f"{told.case} is {told.verdict} {told.unmet}, was {now}")
    elif known and (told.after, told.days_after, told.work_after) != (now.paid, now.days, now.work):
        wrong.append(f"{told.case} after: {told.after} {told.days_after} {told.work_after}, was {now}")
    return wrong
