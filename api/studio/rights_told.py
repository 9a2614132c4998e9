"""Answers about rights in words: lanes nobody can work, what a person could do, who could do a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import APPLICANT
from engine.rights import UNGRANTED, WORK, could, who

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.studio.rights_view import Sight
    from engine.clock import Area
    from engine.rights import Line

#: Areas without anybody that are named; more are counted.
MOST_NAMED = 6
#: Digits of the codes of a city and of a county.
_CITY, _COUNTY = 4, 6


def findings(sight: Sight) -> list[dict[str, str]]:
    """Lanes that nobody can work: in the file, in the office, or in some areas of it."""
    found: list[dict[str, str]] = []
    process = sight.opened.process
    leaves = _leaves(sight)
    for lane, name in sight.lanes.items():
        if lane == APPLICANT:
            continue
        obj = f"{process}/{lane}"
        say = sight.asked.say
        if not sight.access.roles(WORK, obj):
            found.append(
                {"severity": "error", "lane": lane, "sentence": say("rights.lane-without-role", lane=name)}
            )
        elif not any(sight.access.may(actor, WORK, obj, None) for actor in sight.people):
            found.append(
                {
                    "severity": "warning",
                    "lane": lane,
                    "sentence": say("rights.lane-without-people", lane=name),
                }
            )
        else:
            empty = [
                one
                for one in leaves
                if not any(sight.access.may(actor, WORK, obj, one.code) for actor in sight.people)
            ]
            if empty and len(empty) < len(leaves):
                named = sight.asked.say("rights.comma").join(one.name for one in empty[:MOST_NAMED])
                words = {"lane": name, "areas": named, "count": len(empty)}
                found.append(
                    {"severity": "info", "lane": lane, "sentence": say("rights.lane-without-area", **words)}
                )
    return found


def _leaves(sight: Sight) -> list[Area]:
    """The villages in force today where this office works: in whose county somebody holds a role."""
    day = sight.asked.today
    worked = {grant.area for actor in sight.people for grant in actor.grants if len(grant.area) > _CITY}
    return [
        one
        for one in sight.asked.office.law.areas
        if one.level == "village"
        and one.in_force(day)
        and any(one.code.startswith(code[:_COUNTY]) for code in worked)
    ]


def told_lines(sight: Sight, lines: Collection[Line]) -> str:
    """The lines an answer stands on, in words."""
    if not lines:
        return sight.asked.say("rights.by-secrecy")
    return sight.asked.say("rights.comma").join(
        sight.asked.say(
            "rights.line-base" if line.inherited else "rights.line-own",
            number=line.number,
            role=sight.role_name(line.rule[0]),
        )
        for line in lines
    )


def what_could(sight: Sight, account: str) -> dict[str, Any] | None:
    """Everything that an account may do on the process, with areas and lines; None for nobody who holds a role."""
    actor = next((one for one in sight.people if one.id == account), None)
    if actor is None:
        return None
    rights = could(sight.access, actor, sight.opened.process, sight.lines)
    return {
        "actor": actor,
        "rights": [
            {
                "doing": sight.doing(one.object, one.action),
                "area": sight.area_name(one.grant.area)
                if one.grant is not None
                else sight.asked.say(f"rights.through-{one.role}"),
                "department": (one.grant.department or "") if one.grant is not None else "",
                "whose": one.grant.whose if one.grant is not None else "",
                "lines": told_lines(sight, one.lines),
            }
            for one in rights
        ],
    }


def who_could(
    sight: Sight, obj: str, action: str, area: str | None, department: str | None
) -> dict[str, Any]:
    """The accounts that may do it there; without the right to see names only how many."""
    found = who(sight.access, sight.people, sight.lines, obj, action, area, department)
    everybody = [role for role in UNGRANTED if (role, obj, action) in sight.access.rules]
    return {
        "doing": sight.doing(obj, action),
        "count": len(found),
        "everybody": [sight.role_name(role) for role in everybody],
        "people": [
            {
                "actor": one.actor,
                "areas": sight.asked.say("rights.comma").join(
                    sight.area_name(grant.area) for grant in one.grants
                ),
                "departments": sight.asked.say("rights.comma").join(
                    grant.department for grant in one.grants if grant.department
                ),
                "lines": told_lines(sight, one.lines),
            }
            for one in found
        ]
        if sight.names
        else [],
    }
