"""Which version cases go over to, and which of its elements stand for those that it lacks: as the page asks, and is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.queries.migration import misfits_in, missing_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.frame import Asked
    from api.studio.migration_view import Wording
    from engine.core.mapping import Missing

#: Names of fields that say which element becomes which.
_NAME = "name."


def wished(wording: Wording, given: Mapping[str, str]) -> str:
    """The version wished for, the newest without a wish; NotFound for one that was never published."""
    wish = given.get("to") or ""
    found = next((one for one in wording.view.versions if str(one.number) == wish or not wish), None)
    if found is None:
        raise NotFound(kind="version", id=f"{wording.process} {wish[:20]}".strip())
    return found.digest


def missing_steps(asked: Asked, wording: Wording, to: str) -> list[Missing]:
    """Elements that the target lacks, of the versions on which open cases stand."""
    olds = [digest for digest in wording.view.cases or {} if digest != to]
    return missing_in(asked.office.versions, olds, to)


def names_given(
    asked: Asked, wording: Wording, given: Mapping[str, str], to: str, steps: Iterable[Missing] = ()
) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """What was chosen to stand for what, and what of it cannot be; the likely ones of `steps` if nothing was asked yet."""
    if not any(name.startswith(_NAME) for name in given):
        return {step.element: step.likely for step in steps if step.likely}, []
    chosen = {name.removeprefix(_NAME): one for name, one in given.items() if name.startswith(_NAME) and one}
    olds = [one.digest for one in wording.view.versions if one.digest != to]
    wrong = []
    for misfit in misfits_in(asked.office.versions, olds, to, chosen):
        label = wording.step(version_with(wording, to, misfit.element), misfit.element)
        wrong.append((misfit.element, label, asked.say(f"migration.{misfit.code}")))
    return chosen, wrong


def version_with(wording: Wording, to: str, element: str) -> str:
    """The newest version, other than the target, that has the element."""
    at = wording.asked.office.versions.at
    others = [one.digest for one in wording.view.versions if one.digest != to]
    return next((digest for digest in others if element in at(digest).definition.nodes), to)


def choices(
    asked: Asked, wording: Wording, gone: list[Missing], to: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A choice for every missing element that has something to choose."""
    return [
        {
            "element": one.element,
            "title": wording.step(version_with(wording, to, one.element), one.element),
            "kind": asked.say(f"migration.kind-{one.kind.value}"),
            "chosen": names.get(one.element, ""),
            "likely": one.likely,
            "options": [(name, wording.step(to, name)) for name in one.candidates],
        }
        for one in gone
        if one.candidates
    ]
