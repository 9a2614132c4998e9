"""The verbs beside completing, as the task's page offers them: who can be chosen, which steps, and why one is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.pages import posts
from api.titles import lane_title, step_title
from api.words import knows
from engine.queries import readers_of, verbs_of
from engine.queries.boards import colleagues

if TYPE_CHECKING:
    from api.frame import Asked
    from engine.package import Package
    from engine.queries import CaseView, Offer, TaskView

#: In the order of the page.
ORDER = ("send_back", "transfer", "delegate", "return_delegated", "add_signer", "copy", "urge", "take_back")
#: Lines for items of what is to be corrected, beside the papers that were not accepted.
ITEM_LINES = 4
_CHOOSING = frozenset({"transfer", "delegate", "add_signer"})


def verbs(
    asked: Asked, package: Package, view: TaskView, case: CaseView | None, items: list[dict[str, str]]
) -> dict[str, Any]:
    """What the actor may do with the task now, and what not and why."""
    office = asked.office
    offers = {
        one.verb: one
        for one in verbs_of(office.store, office.bus.access, office.versions, asked.actor, view.row.id)
    }
    offered = [
        _told(asked, package, view, offers[verb], items)
        for verb in ORDER
        if verb in offers and offers[verb].offered
    ]
    return {
        "offered": offered,
        "signers": _signers(asked, view, case),
        "readers": readers_of(office.store, view.case.id) if case else [],
        "withheld": [
            (asked.say(f"verb.{verb}"), _why(asked, str(offers[verb].reason)))
            for verb in ORDER
            if verb in offers and not offers[verb].offered
        ],
    }


def _told(
    asked: Asked, package: Package, view: TaskView, offer: Offer, items: list[dict[str, str]]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "verb": offer.verb,
        "action": f"/tasks/{view.row.id}/{offer.verb.replace('_', '-')}",
        "title": asked.say(f"verb.{offer.verb}"),
        "command": posts.fresh(),
        "places": [(place, asked.say(f"verb.place-{place}")) for place in offer.places],
    }
    if offer.verb in _CHOOSING:
        told["people"] = people(asked, view, "work")
    if offer.verb in {"copy", "delegate"}:
        told["people"] = people(asked, view, "see")
    if offer.verb == "send_back":
        told |= _send_back(asked, package, offer, items)
    return told


def _send_back(asked: Asked, package: Package, offer: Offer, items: list[dict[str, str]]) -> dict[str, Any]:
    targets = [
        {
            "id": element,
            "title": step_title(asked, package, element),
            "who": lane_title(asked, package, element),
            "straight": element in offer.straight,
            "again": element in offer.targets,
        }
        for element in dict.fromkeys((*offer.targets, *offer.straight))
    ]
    blank = [{"field": "", "label": "", "material": "", "reason": ""} for _ in range(ITEM_LINES)]
    fields = [
        (field.key, asked.pick(field.label))
        for form in package.forms.values()
        for field in form.fields()
        if not field.readonly
    ]
    return {"targets": targets, "items": [*items, *blank], "fields": list(dict(fields).items())[:80]}


def people(asked: Asked, view: TaskView, action: str) -> list[Any]:
    """Who can be chosen: those who may do the task (`work`), or may see its case (`see`), without the actor."""
    office = asked.office
    row, day = view.row, asked.today.isoformat()
    obj = row.object if action == "work" else row.process
    found = colleagues(office.store, office.bus.access, obj, row.area, day, action=action)
    return [one for one in found if one.id != asked.actor.id]


def _signers(asked: Asked, view: TaskView, case: CaseView | None) -> list[dict[str, Any]]:
    """Others who sign the same step and have not acted, whom the actor could let go."""
    row = view.row
    if case is None or row.claimed_by != asked.actor.id:
        return []
    return [
        {"task": one.id, "account": one.account, "command": posts.fresh()}
        for one in case.tasks
        if one.state == "open"
        and one.id != row.id
        and one.element == row.element
        and one.scope == row.scope
        and one.account is not None
        and one.claimed_by is None
    ]


def _why(asked: Asked, reason: str) -> str:
    for key in (f"verb.why-{reason}", f"error.{reason}"):
        if knows(key):
            return asked.say(key)
    return reason
