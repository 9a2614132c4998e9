"""One case opens another: the outbox kind `case.start`, which a service task names as its operation.

The new case belongs to the installation, not to a person, unless an applicant is named; its number comes back as the
service task's answer, so that papers can cite it. The message's id makes sure that it is opened once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import engine_actor
from engine.commands import SubmitApplication
from engine.effects import Answered, LaterError
from engine.errors import CommandInvalid, FormInvalid, NotFound
from engine.operations import CASE_START

__all__ = ["CASE_START", "OPENER", "opener"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.bus import Bus
    from engine.effects import Effects, Handler, Message

OPENER = engine_actor("opener")


def opener(bus: Bus, clock: Callable[[], datetime]) -> Handler:
    """The handler of `case.start`. What the new case's start form refuses is an incident in the asking case."""

    def handle(message: Message, _effects: Effects, /) -> Answered:
        given = message.input
        data = given.get("data")
        command = SubmitApplication(
            f"{message.id}:start",
            str(given.get("process")),
            str(given.get("area") or message.case["area"]),
            data if isinstance(data, dict) else {},
            channel="exchange",
            applicant=str(given["applicant"]) if given.get("applicant") else None,
        )
        try:
            opened = bus.execute(command, OPENER, clock())
        except (CommandInvalid, FormInvalid, NotFound) as error:
            raise LaterError("case-not-started", final=True, cause=error.code, **error.values) from error
        return Answered({"case": opened["case"], "process": command.process})

    return handle
