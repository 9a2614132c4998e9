"""By when an application is decided: what the office promises, and what the law allows.

The model says both in FEEL on its start event (properties `promised` and `statutory`, each a date), over the start form's
answers and `case`. A model that says neither promises nothing; a promise that cannot be computed is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.core.definition import Kind
from engine.feel import FeelError, compile_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.core.definition import Node
    from engine.feel import World
    from engine.package import Package

_PARAMETER = re.compile(r'law\(\s*"([a-z0-9_]+)"')


@dataclass(frozen=True, slots=True)
class Promises:
    """Last permitted days; None where the model says nothing."""

    promised: date | None = None
    statutory: date | None = None


def start_of(package: Package) -> Node | None:
    """The event by which an application begins the process."""
    definition = package.definition
    main = definition.scopes[definition.main]
    found = (definition.nodes[one] for one in main.starts if one in definition.nodes)
    return next((node for node in found if node.kind is Kind.START), None)


def promises(package: Package, answers: Mapping[str, Any], submitted_at: datetime, world: World) -> Promises:
    """Both days for an application handed in at that moment with these answers."""
    node = start_of(package)
    if node is None:
        return Promises()
    at = replace(world, now=submitted_at.astimezone(world.zone))
    context = {**answers, "case": {"submitted_at": at.now}}
    raw = node.settings.raw
    return Promises(*(_day(raw.get(name), context, at) for name in ("promised", "statutory")))


def parameters_of(text: str | None) -> tuple[str, ...]:
    """The parameters of the law that a FEEL text reads, in order."""
    return tuple(dict.fromkeys(_PARAMETER.findall(text or "")))


def _day(text: str | None, context: Mapping[str, Any], world: World) -> date | None:
    if not text:
        return None
    try:
        value = _compiled(text, tuple(sorted(context))).evaluate(context, world)
    except FeelError:
        return None
    match value:
        case datetime():
            return value.astimezone(world.zone).date()
        case date():
            return value
        case _:
            return None


@lru_cache(maxsize=512)
def _compiled(text: str, names: tuple[str, ...]) -> Any:
    return compile_expression(text, names)
