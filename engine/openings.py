"""Cases that nobody applies for: one opened by another (outbox kind `case.start`), and those of campaigns.

The new case belongs to the installation, not to a person, unless an applicant is named; its number comes back as the
service task's answer, so that papers can cite it. The message's id makes sure that it is opened once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import engine_actor
from engine.commands import NoteCampaignCase, SubmitApplication
from engine.effects import Answered, LaterError
from engine.errors import CommandInvalid, Conflict, FormInvalid, NotFound, ProcessRetired
from engine.operations import CASE_START
from engine.store import outbox
from engine.store.exact import unpack

__all__ = ["CASE_START", "OPENER", "fault", "open_case", "open_waiting", "opener"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from engine.bus import Bus
    from engine.effects import Effects, Handler, Message
    from engine.store.outbox import Line
    from engine.store.session import Store

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


def open_waiting(
    store: Store, clock: Callable[[], datetime], lease: timedelta, limit: int, take: Callable[[Line], None]
) -> int:
    """Let `take` work on the campaign lines that are due, `limit` at most; how many there were.

    A line is ours as long as the lease; whoever takes it again opens nothing twice.
    """
    now = clock()
    lines = outbox.claim_items(store, now, now + lease, limit)
    for line in lines:
        take(line)
    return len(lines)


def open_case(bus: Bus, line: Line, now: datetime) -> NoteCampaignCase | None:
    """Open the case of one line; what is to be written in the line, or None if it must wait for another attempt.

    The commands' ids are made of the line, so that a second attempt gets the answers of the first.
    """
    wish = SubmitApplication(_name(line, "start"), line.process, line.area, unpack(line.body), "exchange")
    try:
        case = str(bus.execute(wish, OPENER, now)["case"])
    except Conflict:
        return None  # others were faster again and again; its turn comes when the lease is over
    except (CommandInvalid, FormInvalid, NotFound, ProcessRetired) as error:
        return _note(line, "refused", error=error.code)
    return _note(line, "opened", case=case)


def fault(line: Line, error: Exception) -> NoteCampaignCase:
    """What is to be written in a line that failed as nobody thought of; the next campaign of the period tries it again."""
    return _note(line, "fault", error=str(getattr(error, "code", None) or type(error).__name__))


def _note(line: Line, what: str, *, case: str | None = None, error: str | None = None) -> NoteCampaignCase:
    return NoteCampaignCase(
        _name(line, what), line.process, line.period, line.subject, case=case, error=error
    )


def _name(line: Line, what: str) -> str:
    return f"campaign:{line.process}:{line.period}:{line.subject}:{line.campaign}:{what}"
