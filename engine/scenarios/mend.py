"""What an administrator does in a scenario: load a year's calendar, and let what stopped be tried again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.clock import Calendar, read_calendar
from engine.commands import RetryIncident
from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.access import Actor
    from engine.scenarios.model import Action
    from engine.scenarios.stage import Stage


def mend(stage: Stage, action: Action, case: str, actor: Actor, command: str) -> None:
    """Carry out a step that loads a calendar or tries again."""
    if action.calendar is not None:
        load_year(stage, action.calendar, action.data)
    if action.retry is not None:
        retry(stage, case, action.retry, actor, command)


def load_year(stage: Stage, year: int, table: Mapping[str, Any]) -> None:
    """From now on the office knows that year's working days; ClockError if the table contradicts itself."""
    text = json.dumps({"year": year, "source": "scenario", "off": [], "working": [], **table})
    new = read_calendar({f"calendar/{year}.json": text})
    office = stage.bus.office
    known = office.world.calendar
    assert isinstance(known, Calendar)
    joined = Calendar(known.years | new.years, known.off | new.off, known.working | new.working)
    stage.bus.office = replace(office, world=replace(office.world, calendar=joined))


def retry(stage: Stage, case: str, element: str, actor: Actor, command: str) -> None:
    """Try again what stopped at an element; EngineError no-such-incident if nothing did."""
    sql = "SELECT token FROM incident WHERE case_id = ? AND element = ? ORDER BY token"
    stopped = [row[0] for row in stage.rows(sql, case, element)]
    if not stopped:
        raise EngineError("no-such-incident", element=element)
    for token in stopped:
        stage.bus.execute(RetryIncident(f"{command}.{token}", case, token), actor, stage.now)
