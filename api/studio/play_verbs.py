"""The verbs beside completing (docs/verbs.md) in a play: what the engine offers whoever is chosen, and the step that a press makes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec

from api.pages import posts
from api.posted import Given
from api.studio.play_opening import person, roles_for
from api.titles import lane_title, step_title
from engine.commands import ClaimTask
from engine.errors import EngineError
from engine.queries import verbs_of
from engine.scenarios.casting import starter, worker
from engine.scenarios.model import Action, Cast
from engine.scenarios.run import REFUSALS
from engine.scenarios.stage import actor_of
from engine.scenarios.verbs import Row, signers_beside, tasks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.frame import Asked
    from api.studio.play_state import Played
    from engine.package import Package
    from engine.queries import Offer
    from engine.scenarios import Rehearsal
    from engine.scenarios.rehearsal import Work

#: In the order of the page.
_ORDER = ("send_back", "transfer", "delegate", "return_delegated", "add_signer", "copy", "urge")
#: What the text that goes with a verb is called in a step.
_TEXT = {
    "send_back": "reason",
    "transfer": "reason",
    "delegate": "question",
    "return_delegated": "answer",
    "add_signer": "reason",
    "copy": "note",
    "urge": "note",
}
_WORKERS = frozenset({"transfer", "add_signer"})
_READERS = frozenset({"delegate", "copy"})
_NOBODY = frozenset({"anyone", "signed-in", "applicant"})
#: Lines of what is to be corrected.
_ITEMS = 3
#: The last steps that are tried whether they can be taken back.
_LAST = 3

Chosen = tuple[str, dict[str, Cast]]


def who(asked: Asked, played: Played, work: Work, chosen: str) -> Chosen:
    """The alias of who does the work (`chosen`: role, colon, 1 or 2), and the cast with that person in it."""
    role, _, place = chosen.partition(":")
    called = partial(person, asked)
    return worker(played.cast, work, played.case.start.actor, called, role, 2 if place == "2" else 1)


def returns(asked: Asked, package: Package, played: Played, rehearsal: Rehearsal) -> list[dict[str, str]]:
    """The last completed steps that whoever did them could take back now. Ask before `offered`, which claims."""
    stage, found = rehearsal.stage, []
    done = [one for one in tasks_of(stage, rehearsal.outcome.number) if one.change == "completed"]
    for row in done[-_LAST:]:
        alias = str(row.changed_by)
        offers = _offers(rehearsal, row, alias, played.cast)
        if any(one.verb == "take_back" and one.offered for one in offers):
            element = row.element
            name = _name(alias, played.cast)
            found.append(
                {
                    "key": f"take_back:{element}:{alias}",
                    "title": step_title(asked, package, element),
                    "name": name,
                }
            )
    return found


def offered(
    asked: Asked, package: Package, played: Played, rehearsal: Rehearsal, work: Work, chosen: str
) -> list[dict[str, Any]]:
    """What the chosen person may do with the task beside completing it. The stage is used up: the task is claimed on it."""
    alias, cast = who(asked, played, work, chosen)
    stage, number = rehearsal.stage, rehearsal.outcome.number
    row = next(one for one in tasks_of(stage, number, work.element) if one.token == work.token)
    if work.holder is None:
        try:
            stage.bus.execute(ClaimTask("offered", row.id), actor_of(alias, cast), stage.now)
        except REFUSALS:
            return []  # whoever must stand aside here does none of it
    offers = {one.verb: one for one in _offers(rehearsal, row, alias, cast) if one.offered}
    told = [_told(asked, package, played, work, alias, offers[verb]) for verb in _ORDER if verb in offers]
    beside = [(str(one.account), _name(str(one.account), cast)) for one in signers_beside(stage, number, row)]
    if beside and offers:
        told.append(_form(asked, "drop_signer", people=beside))
    return told


def _offers(rehearsal: Rehearsal, row: Row, alias: str, cast: Mapping[str, Cast]) -> tuple[Offer, ...]:
    stage = rehearsal.stage
    try:
        return verbs_of(stage.store, stage.bus.access, stage.shelf, actor_of(alias, cast), row.id)
    except EngineError:
        return ()  # they may not see the case any more


def _form(asked: Asked, verb: str, **values: Any) -> dict[str, Any]:
    """What the page asks for a verb."""
    blank: dict[str, Any] = {
        "people": [],
        "several": False,
        "places": [],
        "targets": [],
        "fields": [],
        "by": [],
    }
    return {
        "verb": verb,
        "title": asked.say(f"verb.{verb}"),
        "text": asked.say(f"verb.text-{verb}") if verb in _TEXT else "",
        "who": asked.say(f"verb.to-{verb}") if verb in _WORKERS | _READERS else asked.say("play.whom"),
        "items": range(_ITEMS) if verb == "send_back" else (),
        **blank,
        **values,
    }


def _told(
    asked: Asked, package: Package, played: Played, work: Work, alias: str, offer: Offer
) -> dict[str, Any]:
    values: dict[str, Any] = {"places": [(one, asked.say(f"verb.place-{one}")) for one in offer.places]}
    if offer.verb in _WORKERS | _READERS:
        several = offer.verb in _READERS
        found = _people(asked, package, played, work, readers=several)
        values["people"] = [(value, name) for value, name, one in found if one != alias]
        values["several"] = offer.verb == "copy"
    if offer.verb == "send_back":
        for element in dict.fromkeys((*offer.targets, *offer.straight)):
            title = f"{step_title(asked, package, element)} · {lane_title(asked, package, element)}"
            if element in offer.targets:
                values.setdefault("targets", []).append((element, title))
            if element in offer.straight:
                straight = f"{title} · {asked.say('verb.straight')}"
                values.setdefault("targets", []).append((f"{element}:straight", straight))
        values["fields"] = _fields(asked, package)
    if offer.verb == "return_delegated":
        values["by"] = [(one, _name(one, played.cast)) for one in (work.asked, work.holder) if one]
    return _form(asked, offer.verb, **values)


def _fields(asked: Asked, package: Package) -> list[tuple[str, str]]:
    found = {
        field.key: asked.pick(field.label)
        for form in package.forms.values()
        for field in form.fields()
        if not field.readonly
    }
    return list(found.items())[:80]


def _people(
    asked: Asked, package: Package, played: Played, work: Work, *, readers: bool
) -> list[tuple[str, str, str]]:
    """Who can be chosen: (value, name, alias) of a first and a second person of each role."""
    roles = dict.fromkeys((*work.roles, *(roles_for(package, "see") if readers else ())))
    found: dict[str, tuple[str, str, str]] = {}
    for role, place in product(roles, (1, 2)):
        if role in _NOBODY or (place == 2 and role not in work.roles):
            continue
        alias, cast = _met(asked, played, work, f"{role}:{place}")
        found.setdefault(alias, (f"{role}:{place}", _name(alias, cast), alias))
    return list(found.values())


def _met(asked: Asked, played: Played, work: Work, chosen: str) -> Chosen:
    """Somebody else of a role, who need not be there yet."""
    free = replace(work, holder=None, account=None)
    role = chosen.partition(":")[0]
    if role in work.roles:
        return who(asked, played, free, chosen)
    return starter(played.cast, role, work.area, person(asked, role, 1))


def _name(alias: str, cast: Mapping[str, Cast]) -> str:
    return (cast[alias].name if alias in cast else "") or alias


def step(
    asked: Asked,
    package: Package,
    played: Played,
    work: Work | None,
    given: Given,
    key: str,
    *,
    several: bool,
) -> tuple[Action, dict[str, Cast]]:
    """The step that the pressed button makes, and the cast with everybody who is named in it."""
    verb, _, rest = key.partition(":")
    if verb == "take_back":
        element, _, alias = rest.partition(":")
        return Action(verb="take_back", step=element, actor=alias), dict(played.cast)
    if work is None or verb not in {*_TEXT, "drop_signer"}:
        raise EngineError("play-choose")
    alias, cast = who(asked, played, work, posts.first(given, "person"))
    now = replace_cast(played, cast)
    data = _data(given, verb)
    for name in ("account", "accounts"):
        if name not in data or verb == "drop_signer":
            continue
        met = []
        for value in [data[name]] if name == "account" else data[name]:
            if value.partition(":")[0] not in {*work.roles, *roles_for(package, "see")}:
                raise EngineError("play-choose")
            other, cast = _met(asked, now, work, value)
            now = replace_cast(played, cast)
            met.append(other)
        data[name] = met[0] if name == "account" else met
    if verb == "return_delegated" and posts.first(given, "v.return_delegated.by") == work.asked:
        alias = str(work.asked)
    where = dict(work.local) if several else {}
    made: Any = Action(verb=verb, step=work.element, actor=alias, data=data, where=where)  # type: ignore[arg-type]
    return made, cast


def replace_cast(played: Played, cast: dict[str, Cast]) -> Played:
    """The play with these people."""
    return msgspec.structs.replace(played, cast=cast)


def _data(given: Given, verb: str) -> dict[str, Any]:
    """What was typed for the verb; EngineError play-choose where the choice is missing."""

    def typed(name: str) -> str:
        return posts.first(given, f"v.{verb}.{name}").strip()

    data: dict[str, Any] = {}
    if verb == "copy":
        data["accounts"] = [str(one) for one in given.get("v.copy.account", []) if one]
    elif verb in {"transfer", "delegate", "add_signer", "drop_signer"}:
        data["account"] = typed("account")
    elif verb == "send_back":
        data["target"], _, straight = typed("target").partition(":")
        data |= {"straight": True} if straight else {}
        items = [
            {name: value for name in ("field", "reason") if (value := typed(f"item.{number}.{name}"))}
            for number in range(_ITEMS)
        ]
        data |= {"items": found} if (found := [one for one in items if one]) else {}
    if any(not value for value in data.values()):
        raise EngineError("play-choose")
    if place := typed("place"):
        data["place"] = place
    if verb in _TEXT and (text := typed("text")):
        data[_TEXT[verb]] = text
    return data
