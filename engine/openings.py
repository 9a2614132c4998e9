"""Cases that nobody applies for: one opened by another (outbox kind `case.start`), and those of campaigns.

The new case belongs to the installation, not to a person, unless an applicant is named; its number comes back as the
service task's answer, so that papers can cite it. The message's id makes sure that it is opened once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import engine_actor
from engine.commands import NoteCampaignCase, SubmitApplication
from engine.effects import Answered, LaterError
from engine.errors import CommandInvalid, FormInvalid, NotFound, ProcessRetired
from engine.operations import CASE_START
from engine.store import outbox
from engine.store.exact import unpack

__all__ = ["CASE_START", "OPENER", "open_waiting", "opener"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

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
        except (CommandInvalid, FormInvalid, NotFound, ProcessRetired) as error:
            raise LaterError("case-not-started", final=True, cause=error.code, **error.values) from error
        return Answered({"case": opened["case"], "process": command.process})

    return handle


def open_waiting(bus: Bus, clock: Callable[[], datetime], lease: timedelta, limit: int) -> int:
    """Open the cases of waiting campaign lines that are due, `limit` at most; how many lines were taken.

    A line is ours as long as the lease; the command's id is made of the line, so that whoever takes it again opens nothing twice.
    """
    now = clock()
    lines = outbox.claim_items(bus.store, now, now + lease, limit)
    for line in lines:
        name = f"campaign:{line.process}:{line.period}:{line.subject}:{line.campaign}"
        data = unpack(line.body)
        wish = SubmitApplication(f"{name}:start", line.process, line.area, data, channel="exchange")
        key = (line.process, line.period, line.subject)
        try:
            case = str(bus.execute(wish, OPENER, clock())["case"])
            note = NoteCampaignCase(f"{name}:opened", *key, case=case)
        except (CommandInvalid, FormInvalid, NotFound, ProcessRetired) as error:
            note = NoteCampaignCase(f"{name}:refused", *key, error=error.code)
        bus.execute(note, OPENER, clock())
    return len(lines)
