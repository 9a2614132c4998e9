"""Sample data for whoever writes forms and letters: what a scenario's case knows when a step opens or a paper is asked for.

The case is played on the stage of scenarios, so the data is what the model really hands over. Papers are issued blank
there: a template that is being written must not stop the case that shows what it will be given.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from engine.package import START
from engine.scenarios.model import read_scenarios
from engine.scenarios.rehearsal import rehearse
from engine.scenarios.run import moment
from engine.scenarios.stage import issued_unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.effects import Message
    from engine.package import Package
    from engine.scenarios.model import Action, Cast, ScenarioCase
    from engine.scenarios.stage import Surroundings

_MOST_KEPT = 400
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class StepSample:
    """What a step's form meets in a scenario: the case's variables when it opens, and what was answered then."""

    scenario: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


def scenarios_of(package: Package) -> tuple[tuple[ScenarioCase, ...], Mapping[str, Cast]]:
    """The cases and people of the package's scenario file; ScenarioBroken for one that cannot be read."""
    content = package.scenarios
    if content is None:
        return (), {}
    return _read(content, f"workflows/scenarios/{package.name}.yaml")


@lru_cache(maxsize=32)
def _read(content: bytes, path: str) -> tuple[tuple[ScenarioCase, ...], Mapping[str, Cast]]:
    file = read_scenarios(content, path)
    return tuple(file.cases), file.actors


def reaching(package: Package, form: str) -> list[ScenarioCase]:
    """The scenarios in which somebody fills in this form, in the order of the file."""
    return [case for case in scenarios_of(package)[0] if _turn(case, form) is not None]


def step_sample(package: Package, form: str, scenario: str, around: Surroundings) -> StepSample | None:
    """What the form meets in one scenario; None where the case does not come so far."""
    cases, cast = scenarios_of(package)
    case = next((one for one in cases if one.id == scenario), None)
    turn = _turn(case, form) if case is not None else None
    if case is None or turn is None:
        return None
    if turn == 0:
        return StepSample(scenario, {}, case.start.data)
    action = case.steps[turn - 1]
    until = msgspec.structs.replace(case, steps=case.steps[: turn - 1])
    make = partial(_variables, package, until, cast, around, action)
    # What the case knows before the step does not hang on the step's own form, which is just being edited.
    own = f"forms/{package.name}/{form}.json"
    variables = kept(package, around, ("step", form, scenario), make, without=own)
    return StepSample(scenario, variables, action.data)


def _turn(case: ScenarioCase, form: str) -> int | None:
    """Which step of the scenario fills in the form: 0 is the application, None is none."""
    if form == START:
        return 0
    named = (
        number
        for number, action in enumerate(case.steps, 1)
        if action.refused is None and form in (action.task, f"message-{action.message}")
    )
    return next(named, None)


def _variables(
    package: Package, case: ScenarioCase, cast: Mapping[str, Cast], around: Surroundings, action: Action
) -> dict[str, Any]:
    with rehearse(package, case, cast, replace(around, document=issued_unread)) as played:
        if action.at is not None and played.outcome.number:
            played.stage.advance(moment(action.at, played.zone))
        scene = played.scene()
        work = [one for one in scene.work if one.element == action.task] if scene else []
        fitting = [
            one for one in work if all(one.local.get(key) == value for key, value in action.where.items())
        ]
        if found := fitting or work:
            return dict(found[0].variables)
        return dict(played.outcome.variables)


def letter_sample(
    package: Package, kind: str, letter: str, scenario: str | None, around: Surroundings
) -> tuple[str, Message] | None:
    """The message by which a scenario (the wished one, else the first that does) asks for a document or notice.

    Scenarios that are known to issue it are played first.
    """
    for case in _candidates(package, letter, scenario):
        asked = kept(package, around, ("letters", case.id), partial(_asked, package, case, around))
        if (kind, letter) in asked:
            return case.id, asked[kind, letter]
    return None


def _candidates(package: Package, letter: str, scenario: str | None) -> Iterator[ScenarioCase]:
    cases = scenarios_of(package)[0]
    if scenario:
        yield from (case for case in cases if case.id == scenario)
        return
    first = [case for case in cases if letter in issuing(case)]
    yield from first
    yield from (case for case in cases if case not in first)


def issuing(case: ScenarioCase) -> frozenset[str]:
    """The documents and notices that the scenario expects."""
    expected = case.expect
    return frozenset({*(one.document for one in expected.documents), *expected.notices})


def _asked(package: Package, case: ScenarioCase, around: Surroundings) -> dict[tuple[str, str], Message]:
    """The last message for each document and notice of one case; later ones know more."""
    cast = scenarios_of(package)[1]
    with rehearse(package, case, cast, replace(around, document=issued_unread)) as played:
        number = played.outcome.number
        return {
            (one.kind, str(one.name)): one
            for one in played.stage.inputs.values()
            if one.case.get("number") == number
        }


_KEPT: OrderedDict[tuple[str, ...], Any] = OrderedDict()
_KEEPING = Lock()


def kept(
    package: Package,
    around: Surroundings,
    key: tuple[str, ...],
    make: Callable[[], _T],
    *,
    without: str = "",
) -> _T:
    """What was made before from the same logic in the same surroundings: templates may change, nothing else.

    What has not been asked for the longest goes first; two who ask at once may both make it.
    """
    name = (logic(package, without), surrounded(around), *key)
    with _KEEPING:
        if name in _KEPT:
            _KEPT.move_to_end(name)
            return _KEPT[name]  # type: ignore[no-any-return]
    made = make()
    with _KEEPING:
        _KEPT[name] = made
        _KEPT.move_to_end(name)
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return made


def surrounded(around: Surroundings) -> str:
    """The name of everything around a case that may decide what it knows: law, calendar, policies, other processes."""
    total = hashlib.sha256(f"{around.law.edition}\0{around.model}\0{around.base}".encode())
    calendar = around.calendar
    total.update(repr([sorted(one) for one in (calendar.years, calendar.off, calendar.working)]).encode())
    for name in sorted(around.tree):
        total.update(f"\0{name}\0{around.tree[name].digest}".encode())
    return total.hexdigest()


def logic(package: Package, without: str = "") -> str:
    """The name of everything in the package that decides what its cases know: all but the templates (and one file)."""
    total = hashlib.sha256(package.name.encode())
    for path in sorted(package.files):
        if path != without and not path.startswith("templates/"):
            total.update(f"\0{path}\0".encode() + hashlib.sha256(package.files[path]).digest())
    return total.hexdigest()
