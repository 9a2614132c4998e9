"""Campaigns as pages: open one, follow its progress, look through its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from api.frame import Asked, page
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.shapes import area_name
from api.titles import step_title
from engine import queries
from engine.campaigns import campaign_of
from engine.commands import OpenCampaign
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.campaigns import Campaign

_PAGE = 200
_LOOKS = {"waiting": "", "open": "warn", "ended": "done", "refused": "error"}


@get("/campaigns", include_in_schema=False)
def campaign_list(asked: Asked) -> Response[str]:
    """What may be opened, and what was."""
    return _list(asked)


@form("/campaigns")
def campaign_open(asked: Asked, given: Given) -> Response[Any]:
    """Open one and show it; when there was nothing new, say so."""
    asked.require_account()
    process, _, area = posts.first(given, "what").partition("@")
    wish = OpenCampaign(posts.command(asked, given), process, area, posts.first(given, "period").strip())
    answer = asked.execute(wish)
    if answer["campaign"] is None:
        return _list(asked, asked.say("campaign.nothing-new", fitting=answer["fitting"]))
    return Redirect(f"/campaigns/{answer['campaign']}", status_code=303)


@get("/campaigns/{key:str}", include_in_schema=False)
def campaign_one(asked: Asked, key: str, at: str = "", result: str = "", skip: int = 0) -> Response[str]:
    """Progress, results, and the lines."""
    asked.require_account()
    office = asked.office
    skip = max(0, skip)
    view = queries.campaign(
        office.store,
        office.bus.access,
        asked.actor,
        key,
        state=at or None,
        result=result or None,
        skip=skip,
    )
    campaign = _campaign(asked, view.row.process)
    words = campaign.results if campaign else {}
    kept = {"at": at, "result": result}
    return page(
        asked,
        "campaign.html",
        view=view,
        title=asked.pick(campaign.title) if campaign else view.row.process,
        period=asked.pick(campaign.period) if campaign else "",
        place=_place(asked, view.row.area),
        done_share=round(100 * view.states["ended"] / view.row.total) if view.row.total else 100,
        looks=_LOOKS,
        results=[
            (code, asked.pick(words.get(code)) or code, number) for code, number in view.results.items()
        ],
        named={code: asked.pick(one) for code, one in words.items()},
        steps=_steps(asked, view),
        more=f"?{urlencode({**kept, 'skip': skip + _PAGE})}" if view.fitting > skip + _PAGE else "",
        first=skip + 1,
        at=at,
        result=result,
    )


def _list(asked: Asked, said: str | None = None) -> Response[str]:
    asked.require_account()
    office = asked.office
    rows = queries.campaigns(office.store, office.bus.access, asked.actor)
    return page(
        asked,
        "campaigns.html",
        rows=[
            {"row": row, "place": _place(asked, row.area), "title": _title(asked, row.process)}
            for row in rows
        ],
        offers=list(_offers(asked)),
        command=posts.fresh(),
        done=said,
    )


def _offers(asked: Asked) -> Any:
    """(value, words) of every process with a campaign that the asker may open, in each area of the asker's grants."""
    access = asked.office.bus.access
    with asked.office.store.reading() as reader:
        names = sorted(asked.office.versions.policies(reader))
    for name in names:
        campaign = _campaign(asked, name)
        if campaign is None:
            continue
        areas = {g.area for g in asked.actor.grants if access.may(asked.actor, "campaign", name, g.area)}
        for area in sorted(areas):
            title = f"{asked.pick(campaign.title)} · {_place(asked, area)}"
            yield {"value": f"{name}@{area}", "title": title, "period": asked.pick(campaign.period)}


def _campaign(asked: Asked, process: str) -> Campaign | None:
    office = asked.office
    try:
        with office.store.reading() as reader:
            return campaign_of(office.versions.current(reader, process))
    except NotFound:
        return None


def _title(asked: Asked, process: str) -> str:
    campaign = _campaign(asked, process)
    return asked.pick(campaign.title) if campaign else process


def _steps(asked: Asked, view: queries.CampaignView) -> list[tuple[str, int]]:
    office = asked.office
    with office.store.reading() as reader:
        package = office.versions.current(reader, view.row.process)
    return [(step_title(asked, package, element), number) for element, number in view.steps.items()]


def _place(asked: Asked, code: str) -> str:
    day = asked.today
    found = asked.office.law.area(code, day)
    return found.name if found is not None and len(code) <= 4 else area_name(asked.office.law, code, day)


routes = (campaign_list, campaign_open, campaign_one)
