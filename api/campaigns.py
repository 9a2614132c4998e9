"""Campaigns: open one case for every fitting item of a register, and see how they stand (JSON; for clerks)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.frame import Asked
from api.routes import get, post
from engine import queries
from engine.commands import OpenCampaign


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose campaign, where, and for which period."""

    process: str
    area: str
    period: str


class Opened(msgspec.Struct, frozen=True):
    """The campaign (null if there was nothing new) and how many items fit, get a case, have one already."""

    campaign: str | None
    fitting: int
    opened: int
    already: int


class Line(msgspec.Struct, frozen=True):
    """One subject: waiting, refused, open or ended, and what its case came to."""

    subject: str
    name: str
    area: str
    state: str
    case: str | None
    error: str | None
    result: str | None


class Summary(msgspec.Struct, frozen=True):
    """A campaign as it was opened."""

    id: str
    process: str
    area: str
    period: str
    total: int
    opened_by: str
    opened_at: datetime


class Standing(msgspec.Struct, frozen=True):
    """A campaign with its progress; `fitting` lines fit the filter, `lines` are a page of them."""

    campaign: Summary
    states: dict[str, int]
    steps: dict[str, int]
    results: dict[str, int]
    fitting: int
    lines: list[Line]


@post("/api/campaigns", tags=["campaigns"], summary="Open a campaign")
def open_campaign(asked: Asked, data: Wish) -> Opened:
    """One case for every fitting item that has none of the period yet; the cases are opened in the background."""
    asked.require_account()
    answer = asked.execute(OpenCampaign(asked.command_id(), data.process, data.area, data.period))
    return Opened(answer["campaign"], answer["fitting"], answer["opened"], answer["already"])


@get("/api/campaigns", tags=["campaigns"], summary="The campaigns that the asker may see")
def list_campaigns(asked: Asked) -> list[Summary]:
    """Newest first."""
    asked.require_account()
    return [
        _summary(row) for row in queries.campaigns(asked.office.store, asked.office.bus.access, asked.actor)
    ]


@get("/api/campaigns/{key:str}", tags=["campaigns"], summary="How a campaign stands")
def standing(asked: Asked, key: str, at: str = "", result: str = "", skip: int = 0) -> Standing:
    """Progress, results, and a page of the lines that stand `at` a state (waiting, refused, open, ended) or have a result."""
    asked.require_account()
    office = asked.office
    narrow = {"state": at or None, "result": result or None, "skip": max(0, skip)}
    view = queries.campaign(office.store, office.bus.access, asked.actor, key, **narrow)  # type: ignore[arg-type]
    lines = [Line(**one._asdict()) for one in view.lines]
    return Standing(_summary(view.row), view.states, view.steps, view.results, view.fitting, lines)


def _summary(row: queries.CampaignRow) -> Summary:
    return Summary(row.id, row.process, row.area, row.period, row.total, row.opened_name, row.opened_at)


routes = (open_campaign, list_campaigns, standing)
