"""What people answered, judged again by the form at hand, as the office would judge it.

Two things follow from how people work. Where an answer was what the form proposed, its writer took the proposal, and takes
the one that is made now. Where the form at hand refuses an answer that was good before (beyond a new limit, or something
new is asked), nobody knows what would have been answered: the task stays open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import FormInvalid
from engine.feel import FeelError
from engine.forms.validate import flatten_known, get, prefill, put, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.feel import World
    from engine.forms import Form
    from engine.replay.story import Act


@dataclass
class Habits:
    """What the first replay, with the version that the answers were given to, tells of them; tasks by element and turn."""

    #: Questions whose answer was the form's proposal.
    followed: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    #: Tasks whose answers can be judged here at all: their own form took them again.
    judged: set[tuple[str, int]] = field(default_factory=set)


def learn(
    habits: Habits, form: Form, act: Act, variables: Mapping[str, Any], world: World
) -> Mapping[str, Any]:
    """The answers as they were given, remembering what was proposed."""
    key = (act.element, act.turn)
    given = _known(form, act.data)
    try:
        proposed = prefill(form, variables, world)
        validate(form, given, variables, world)
    except (FormInvalid, FeelError):
        return act.data
    habits.judged.add(key)
    habits.followed[key] = frozenset(
        one.key
        for one in form.fields()
        if one.value is not None
        and not one.readonly
        and get(given, one.key) is not None
        and get(given, one.key) == get(proposed, one.key)
    )
    return act.data


def again(
    habits: Habits, form: Form, act: Act, variables: Mapping[str, Any], world: World
) -> Mapping[str, Any] | None:
    """The answers as they would be given now; None if the form refuses them."""
    key = (act.element, act.turn)
    if key not in habits.judged:
        return act.data
    given = _known(form, act.data)
    try:
        if followed := habits.followed[key]:
            proposed = prefill(form, variables, world)
            for one in form.fields():
                if one.key in followed and (value := get(proposed, one.key)) is not None:
                    put(given, one.key, value)
        clean = validate(form, given, variables, world)
    except (FormInvalid, FeelError):
        return None
    # What is beside the questions (the articles of a refusal) stays.
    beside = {name: value for name, value in act.data.items() if not _asked(form, name)}
    return {**beside, **clean}


def _known(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to questions that the form asks, without those it fills in itself."""
    shown = {one.key for one in form.fields() if one.readonly}
    kept: dict[str, Any] = {}
    for key, value in flatten_known(form, data, []).items():
        if key not in shown:
            put(kept, key, value)
    return kept


def _asked(form: Form, name: str) -> bool:
    return any(key == name or key.startswith(f"{name}.") for key in form.keys)
