"""A campaign is opened: one waiting line for every fitting item of a register; each becomes a case, once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.campaigns import campaign_of
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.retirement import require_active
from engine.errors import CommandInvalid, NotFound
from engine.store.exact import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.campaigns import Campaign
    from engine.commands.frame import Work

#: Items that one campaign may open cases for; more are opened area by area.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class OpenCampaign(Command):
    """Open a case of the process for every fitting item of its register below `area`, for one period (2025).

    Items that have a case of the period already are left out; those whose case was refused before are tried again.
    """

    process: str
    area: str
    period: str


@dataclass(frozen=True, slots=True)
class NoteCampaignCase(Command):
    """The case of a waiting line was opened, or its application refused with a code."""

    process: str
    period: str
    subject: str
    case: str | None = None
    error: str | None = None


class _Item(NamedTuple):
    key: str
    name: str
    area: str
    data: dict[str, Any]


def _find(work: Work, command: OpenCampaign) -> tuple[Right, Campaign]:
    package = work.office.packages.current(work.tx.session, command.process)
    require_active(work, command.process)
    campaign = campaign_of(package)
    if campaign is None:
        raise NotFound(kind="campaign", id=command.process)
    return Right("campaign", command.process, command.area), campaign


def _open(work: Work, command: OpenCampaign, campaign: Campaign) -> dict[str, Any]:
    if not (command.area.isascii() and command.area.isdigit()):
        raise CommandInvalid(reason="area", area=command.area)
    if not re.fullmatch(campaign.pattern, command.period):
        raise CommandInvalid(reason="campaign-period", period=command.period)
    # Whoever opens the same period waits here, and then sees what the first has opened.
    number = work.tx.next_number(f"campaign:{command.process}:{command.period}")
    sql = "SELECT subject, state FROM campaign_item WHERE process = ? AND period = ?"
    known = dict(work.tx.rows(sql, command.process, command.period))
    fitting = list(_fitting(work, command, campaign))
    fresh = [one for one in fitting if known.get(one.key, "refused") == "refused"]
    told = {"fitting": len(fitting), "opened": len(fresh), "already": len(fitting) - len(fresh)}
    if not fresh:
        return {"campaign": None, **told}
    name = f"{command.process}-{command.period}-{number}"
    _write(work, command, campaign, name, fresh, known)
    work.note(f"campaign:{name}", "campaign-opened", process=command.process, area=command.area, **told)
    return {"campaign": name, **told}


def _fitting(work: Work, command: OpenCampaign, campaign: Campaign) -> Iterator[_Item]:
    sql = (
        "SELECT key, name, status, area, state FROM register_item WHERE register = ? AND area LIKE ?"
        " ORDER BY key LIMIT ?"
    )
    rows = work.tx.rows(sql, campaign.register, f"{command.area}%", _MOST + 1)
    if len(rows) > _MOST:
        raise CommandInvalid(reason="campaign-too-many", most=_MOST)
    for key, name, status, area, state in rows:
        item = {**unpack(state), "key": key, "name": name, "status": status, "area": area}
        data = campaign.chosen(item, command.period, work.world)
        if data is not None:
            yield _Item(key, name, area, data)


def _write(
    work: Work,
    command: OpenCampaign,
    campaign: Campaign,
    name: str,
    fresh: list[_Item],
    known: dict[str, str],
) -> None:
    work.tx.insert(
        "campaign",
        {
            "id": name,
            "process": command.process,
            "area": command.area,
            "period": command.period,
            "result": campaign.result,
            "total": len(fresh),
            "opened_by": work.actor.id,
            "opened_name": work.actor.name,
            "opened_at": work.now,
        },
    )
    for one in fresh:
        key = (command.process, command.period, one.key)
        values = {
            "campaign": name,
            "name": one.name,
            "area": one.area,
            "body": pack(one.data),
            "state": "waiting",
            "case_id": None,
            "error": None,
            "due": work.now,
        }
        if one.key in known:
            work.tx.update("campaign_item", key, values, {"state": "refused"})
        else:
            names = dict(zip(("process", "period", "subject"), key, strict=True))
            work.tx.insert("campaign_item", {**names, **values})


def _find_note(work: Work, command: NoteCampaignCase) -> tuple[Right, str]:
    sql = "SELECT state FROM campaign_item WHERE process = ? AND period = ? AND subject = ?"
    found = work.tx.rows(sql, command.process, command.period, command.subject)
    if not found:
        raise NotFound(kind="campaign", id=command.subject)
    return ENGINE_ONLY, found[0][0]


def _note(work: Work, command: NoteCampaignCase, state: str) -> dict[str, Any]:
    if state == "waiting":
        now = {"state": "refused" if command.error else "opened"}
        values = {**now, "case_id": command.case, "error": command.error}
        key = (command.process, command.period, command.subject)
        work.tx.update("campaign_item", key, values, {"state": "waiting"})
    return {"case": command.case, "error": command.error}


VERBS = {OpenCampaign: Verb(_find, _open), NoteCampaignCase: Verb(_find_note, _note)}
