"""The menu above every page: where the asker may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.publication import published
from engine.queries.funds import OBJECT as FUNDS
from engine.queries.processes import SIGHT

if TYPE_CHECKING:
    from api.asker import Asker


def navigation(asked: Asker) -> list[dict[str, Any]]:
    """The ways (address, key of the words, whether it is this page's) that the asker's rights open to him."""
    actor = asked.actor
    access = asked.office.bus.access
    items = [("/", "nav.home")]
    if access.reaches(actor):
        items.append(("/tasks", "nav.tasks"))
    if access.reaches(actor, "reprint"):
        items.append(("/issued", "nav.issued"))
    if any(access.may(actor, "see", FUNDS, grant.area) for grant in actor.grants):
        items.append(("/funds", "nav.funds"))
    if access.reaches(actor, "campaign"):
        items.append(("/campaigns", "nav.campaigns"))
    if any(access.reaches(actor, action) for action in SIGHT):
        items.append(("/studio", "nav.studio"))
    if actor.id:
        items += [("/my", "nav.my"), ("/inbox", "nav.inbox")]
    items += [(f"/registers/{name}", "nav.registers") for name in published(asked.office.settings.root)]
    items.append(("/verify", "nav.verify"))
    path = asked.request.url.path
    return [
        {"href": href, "key": key, "current": path == href or (href != "/" and path.startswith(href + "/"))}
        for href, key in items
    ]
