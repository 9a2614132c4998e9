"""An application in short steps: where and for whom first, then one section of the start form a step, then everything to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from api.shapes import value_of
from engine.errors import FieldError, FormInvalid
from engine.feel import FeelError
from engine.forms import put, validate, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.frame import Asked
    from engine.forms import Form

#: Steps that no form asks: where the case belongs and who fills it in; and the last look.
PLACE, CHECK = "place", "check"


class Step(NamedTuple):
    """One step: its name in the address, its title, and the questions it asks (all of them, also those hidden now)."""

    name: str
    title: str
    keys: tuple[str, ...]


def nested(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by full key as forms take them."""
    data: dict[str, Any] = {}
    for key, value in answers.items():
        put(data, key, value)
    return data


def flat(step: Step, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of one step by full key."""
    found = {key: value_of(answers, key) for key in step.keys}
    return {key: value for key, value in found.items() if value is not None}


def steps_of(asked: Asked, form: Form, answers: Mapping[str, Any]) -> list[Step]:
    """The steps that these answers lead through, in order, without the last look."""
    shown = set(visible(form, nested(answers), {}, asked.office.world(asked.now)))
    steps = [Step(PLACE, asked.say("apply.step-place"), ())]
    for number, section in enumerate(form.sections, 1):
        keys = tuple(field.key for field in section.fields)
        if shown & set(keys):
            title = asked.pick(section.title) if section.title else asked.say("apply.step-more")
            steps.append(Step(str(number), title, keys))
    return steps


def after(steps: list[Step], name: str) -> str:
    """The name of the step that follows; the last look after the last. Hidden steps are passed over."""
    if name == PLACE:
        return steps[1].name if len(steps) > 1 else CHECK
    later = (one.name for one in steps[1:] if int(one.name) > int(name))
    return next(later, CHECK)


def before(steps: list[Step], name: str) -> str | None:
    """The name of the step before; None before the first."""
    if name == PLACE:
        return None
    number = int(name) if name.isdigit() else len(steps) + 100
    earlier = [one.name for one in steps[1:] if int(one.name) < number]
    return earlier[-1] if earlier else PLACE


def faults_in(
    asked: Asked, form: Form, answers: Mapping[str, Any], keys: tuple[str, ...] | None = None
) -> FormInvalid | None:
    """What is wrong with the answers so far, in one step or (None) in all."""
    try:
        validate(form, nested(answers), {}, asked.office.world(asked.now))
    except FormInvalid as invalid:
        found: tuple[FieldError, ...] = tuple(
            one for one in invalid.errors if keys is None or _asked_by(keys, one.path)
        )
        return FormInvalid(found) if found else None
    except FeelError:
        # A condition that cannot be computed yet is judged when everything is there.
        return None
    return None


def clean_or_typed(asked: Asked, form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they will stand in the case; as they were typed while something is wrong with them."""
    try:
        return validate(form, nested(answers), {}, asked.office.world(asked.now))
    except (FormInvalid, FeelError):
        return nested(answers)


def brought_up(
    asked: Asked, form: Form, step: Step, before: Mapping[str, Any], now: Mapping[str, Any]
) -> bool:
    """Whether the answers of a step have brought up further questions in it."""
    world = asked.office.world(asked.now)
    were, are = (set(visible(form, nested(one), {}, world)) & set(step.keys) for one in (before, now))
    return bool(are - were)


def _asked_by(keys: tuple[str, ...], path: str) -> bool:
    return any(path == key or path.startswith(key + ".") for key in keys)


def step_of(form: Form, path: str) -> str:
    """The name of the step that asks what an error is about."""
    for number, section in enumerate(form.sections, 1):
        if _asked_by(tuple(field.key for field in section.fields), path):
            return str(number)
    return PLACE
