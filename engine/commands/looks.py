"""Looks at secret cases, and looks in vain at whatever was asked for, are entries of a chain of their own.

The chain belongs to the number that was asked for, whether a case has it or not: so nothing, not even the time that an
answer takes, tells which of the two it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.access import Actor
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.errors import CommandInvalid
from engine.journal import Chain
from engine.secrecy import looks_chain

if TYPE_CHECKING:
    from engine.commands.frame import Work

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class NoteLook(Command):
    """`account` was shown what `key` names, or was told that there is no such thing."""

    key: str
    account: str | None
    name: str
    shown: bool


def _find(work: Work, command: NoteLook) -> tuple[Right, None]:  # noqa: ARG001 - one form for all verbs
    return ENGINE_ONLY, None


def _note(work: Work, command: NoteLook, found: None) -> dict[str, Any]:  # noqa: ARG001
    if len(command.key) > _LONGEST:
        raise CommandInvalid(reason="key")
    chain = Chain.read(work.tx, looks_chain(command.key))
    who = Actor(command.account, command.name)
    chain.append(work.tx, who, command.id, "looked", {"key": command.key, "shown": command.shown})
    return {}


VERBS = {NoteLook: Verb(_find, _note)}
