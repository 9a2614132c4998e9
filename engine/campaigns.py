"""Campaigns: one case for every fitting item of a register in one batch, as a process's own file says.

`workflows/campaigns/<process>.json` names the register, says in FEEL which of its items are meant (`who`) and what each
case begins with (`data`), and which case variable tells what it came to (`result`). No item gets two cases for one period.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from engine.errors import CommandInvalid, PackageBroken
from engine.feel import FeelError, compile_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.feel import World
    from engine.package import Package

_FOLDER = "workflows/campaigns"


class Campaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says; texts are FEEL over the item's fields, `key`, `name`, `status`, `area` and `period`."""

    title: dict[str, str]
    register: str
    #: What one period is called (报告年度), and what its name must look like.
    period: dict[str, str]
    pattern: str
    who: str
    data: str
    #: The case variable that tells what a case came to, and how its values are called.
    result: str
    results: dict[str, dict[str, str]] = {}

    def chosen(self, item: Mapping[str, Any], period: str, world: World) -> dict[str, Any] | None:
        """What the item's case begins with; None for an item that is not meant.

        CommandInvalid campaign-who, campaign-data {item} where a text gives nothing that can be used.
        """
        given = {**item, "period": period}
        meant = compile_expression(self.who).evaluate(given, world)
        if not isinstance(meant, bool):
            raise CommandInvalid(reason="campaign-who", item=item["key"])
        if not meant:
            return None
        data = compile_expression(self.data).evaluate(given, world)
        if not isinstance(data, dict):
            raise CommandInvalid(reason="campaign-data", item=item["key"])
        return data


def path_of(process: str) -> str:
    """Where the file of a process lies in its package."""
    return f"{_FOLDER}/{process}.json"


def campaign_of(package: Package) -> Campaign | None:
    """The campaign of a process, if it has one; PackageBroken says what is wrong with its file."""
    path = path_of(package.name)
    content = package.files.get(path)
    if content is None:
        return None
    try:
        campaign = msgspec.json.decode(content, type=Campaign)
        re.compile(campaign.pattern)
        compile_expression(campaign.who)
        compile_expression(campaign.data)
    except (msgspec.DecodeError, msgspec.ValidationError, re.error, FeelError) as fault:
        raise PackageBroken(process=package.name, reason="campaign", path=path, fault=str(fault)) from fault
    return campaign
