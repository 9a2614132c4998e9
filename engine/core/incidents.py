"""Incidents: a token that cannot go on stays where it is, is visible, and can be tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.faults import CoreError, Fault
from engine.core.packing import pack
from engine.core.state import Incident
from engine.core.step import IncidentCleared, IncidentRaised

if TYPE_CHECKING:
    from engine.core.walk import Walk


def raise_incident(walk: Walk, number: int, job: str, fault: Fault) -> None:
    """Keep the token where it is and say why it cannot go on."""
    number = number if number in walk.tokens else min(walk.tokens)
    token = walk.tokens[number]
    if token.extras is not None and token.extras.incident is not None:
        walk.emit(IncidentCleared(number, token.element))
    walk.extend(number, incident=Incident(fault.code, job, pack(fault.values)))
    walk.emit(IncidentRaised(number, token.element, fault.code, fault.values))


def retry(walk: Walk, number: int) -> None:
    """Clear a token's incident and queue the micro-step that failed."""
    token = walk.tokens.get(number)
    if token is None:
        raise CoreError("no-such-token", token=number)
    incident = token.extras.incident if token.extras is not None else None
    if incident is None:
        raise CoreError("no-incident", token=number)
    walk.extend(number, incident=None)
    walk.emit(IncidentCleared(number, token.element))
    walk.later(incident.job, number)
