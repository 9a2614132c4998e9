"""Items that were there before the installation are entered into a register, one by one, by whoever may."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine import register
from engine.commands.frame import Command, Right, Verb
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.commands.frame import Work

#: What right it takes to enter items, and the journal chain that remembers them.
OBJECT = "register"
EVENT = "entered"


@dataclass(frozen=True, slots=True)
class EnterItem(Command):
    """Enter an item that no case has made; one that the register knows already is left as it is."""

    register: str
    key: str
    name: str
    status: str
    area: str
    on: date
    data: Mapping[str, Any] = field(default_factory=dict)


def _find(work: Work, command: EnterItem) -> tuple[Right, None]:  # noqa: ARG001 - one form for all
    return Right("enter", OBJECT, command.area), None


def _enter(work: Work, command: EnterItem, _found: None) -> dict[str, Any]:
    if not (command.register and command.key and command.name and command.status):
        raise CommandInvalid(reason="register-item")
    given = {
        "register": command.register,
        "key": command.key,
        "event": EVENT,
        "on": command.on,
        "name": command.name,
        "status": command.status,
        "area": command.area,
        "data": dict(command.data),
        "new": True,
    }
    answer = register.record(work, "", given)
    if answer["ok"]:
        work.note(f"register:{command.register}", EVENT, key=command.key, area=command.area)
    return {"entered": answer["ok"]}


VERBS = {EnterItem: Verb(_find, _enter)}
