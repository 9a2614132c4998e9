"""Names of things that come with a package: Chinese from the model, English from its forms where they have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words import knows
from engine.package import START

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.package import Package


def process_name(package: Package) -> str:
    """The name that the model gives the process."""
    definition = package.definition
    return definition.scopes[definition.main].name or package.name


def process_title(asked: Asked, package: Package) -> str:
    """The process's name in the asker's language."""
    return _english(asked, package, START) or process_name(package)


def step_title(asked: Asked, package: Package, element: str, known: str = "") -> str:
    """A step's name in the asker's language; `known` is the model's name, where the caller has it."""
    node = package.definition.nodes.get(element)
    return _english(asked, package, element) or known or (node.name if node and node.name else element)


def case_title(asked: Asked, package: Package, title: str) -> str:
    """What a case is called in lists: the process and, where it is known, for whom."""
    name = process_name(package)
    rest = title.removeprefix(name)
    return f"{process_title(asked, package)}{rest}" if title.startswith(name) else title


def lane_title(asked: Asked, package: Package, element: str) -> str:
    """Who does a step: the role's name in the asker's language."""
    node = package.definition.nodes.get(element)
    if node is None or not node.lane:
        return ""
    return role_name(asked, node.lane)


def role_name(asked: Asked, role: str) -> str:
    """What people call a role; its code where nobody named it."""
    key = f"role.{role}"
    return asked.say(key) if knows(key) else role


def labels(asked: Asked, package: Package) -> dict[str, str]:
    """Words for the codes of choices, where all forms of the package agree on them."""
    found: dict[str, set[str]] = {}
    for form in package.forms.values():
        for field in form.fields():
            for one in (field, *field.fields):
                for option in one.options:
                    found.setdefault(option.value, set()).add(asked.pick(option.label))
    return {value: next(iter(words)) for value, words in found.items() if len(words) == 1}


def _english(asked: Asked, package: Package, element: str) -> str:
    """The English title of the step's form; of a step without form what its operation is called."""
    if asked.language == "zh":
        return ""
    form = package.form(element)
    if form is not None:
        return form.title.get(asked.language, "")
    node = package.definition.nodes.get(element)
    operation = node.settings.operation if node is not None else None
    key = f"operation.{operation}"
    told = asked.say(key) if operation else key
    return "" if told == key else told


def unit_name(asked: Asked, unit: str) -> str:
    """What a unit of the law's parameters is called; itself where nobody named it."""
    key = f"unit.{unit.replace(' ', '-')}"
    told = asked.say(key)
    return unit if told == key else told
