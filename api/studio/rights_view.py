"""The matrix of rights as a page shows it: lanes, messages and actions of a process by role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from api.titles import role_name
from engine.access import Actor
from engine.commands.people import actor_of
from engine.core.definition import Cause, Kind
from engine.office import read_access
from engine.package import BROKEN
from engine.queries.staff import roles_held, sees_names, staff
from engine.rights import UNGRANTED, WORK, lines_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.frame import Asked
    from api.studio.frame import Opened
    from engine.access import Access
    from engine.core.definition import Definition
    from engine.rights import Line
    from engine.secrecy import Rule

#: What may be given on a process beside the steps of its lanes and its messages, in the order in which it is shown.
ACTIONS = (
    "start",
    "see",
    "reassign",
    "sign",
    "reprint",
    "archive",
    "repair",
    "cancel",
    "rate",
    "looks",
    "know",
)
_HUMAN = {Kind.USER, Kind.MANUAL}


@dataclass
class Sight:
    """The rights of a process as they stand in a policy file, as somebody looks at them."""

    asked: Asked
    opened: Opened
    policies: str

    @cached_property
    def base(self) -> str:
        """The lines of all processes."""
        return (self.asked.office.settings.root / "policies" / "base.csv").read_text()

    @cached_property
    def access(self) -> Access:
        """Who may do what if this file were in force."""
        return read_access(self.asked.office.settings.root, {self.opened.process: self.policies})

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines that speak of the process."""
        return lines_of(self.base, self.policies, self.opened.process)

    @cached_property
    def people(self) -> list[Actor]:
        """Everybody who holds a role today."""
        day = self.asked.today
        with self.asked.office.store.reading() as reader:
            return [actor_of(reader, account, day) for account in staff(reader)]

    @cached_property
    def held(self) -> list[str]:
        """The roles that anybody holds."""
        with self.asked.office.store.reading() as reader:
            return roles_held(reader)

    @cached_property
    def names(self) -> bool:
        """Whether the asker may see people by name."""
        return sees_names(self.asked.office.bus.access, self.asked.actor)

    @cached_property
    def definition(self) -> Definition | None:
        """The model; None while it cannot be read."""
        try:
            return self.opened.package.definition
        except BROKEN:
            return None

    @cached_property
    def lanes(self) -> dict[str, str]:
        """The lanes in which people work, with their names."""
        written = {
            line.rule[1].partition("/")[2]: ""
            for line in self.lines
            if "/" in line.rule[1] and not line.inherited
        }
        nodes = self.definition.nodes.values() if self.definition is not None else ()
        drawn = {node.lane: "" for node in nodes if node.lane and node.kind in _HUMAN}
        return {
            lane: self.role_name(lane) for lane in (*drawn, *(one for one in written if one not in drawn))
        }

    @cached_property
    def messages(self) -> list[str]:
        """The messages that cases wait for."""
        nodes = self.definition.nodes.values() if self.definition is not None else ()
        silent = {Kind.THROW, Kind.END, Kind.SEND}
        found = {
            trigger.ref
            for node in nodes
            for trigger in node.triggers
            if trigger.cause is Cause.MESSAGE and node.kind not in silent and trigger.ref
        }
        return sorted(str(one) for one in found)

    def role_name(self, role: str) -> str:
        """What people call a role."""
        return role_name(self.asked, role)

    def area_name(self, code: str) -> str:
        """An area by its name; everywhere for none."""
        day = self.asked.today
        if not code:
            return self.asked.say("rights.everywhere")
        found = self.asked.office.law.area(code, day)
        return found.name if found is not None else code

    def doing(self, obj: str, action: str) -> str:
        """What an action on an object is, in words."""
        lane = obj.partition("/")[2]
        if action.startswith("message:"):
            key = f"message.{action.removeprefix('message:')}"
            said = self.asked.say(key)
            return self.asked.say(
                "rights.message", name=action.removeprefix("message:") if said == key else said
            )
        key = f"rights.action.{action}"
        said = self.asked.say(key)
        name = action if said == key else said
        return (
            self.asked.say("rights.in-lane", lane=self.lanes.get(lane) or self.role_name(lane), action=name)
            if lane
            else name
        )


def rows_of(sight: Sight) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rows of the matrix in groups: objects with actions."""
    process = sight.opened.process
    known = [(line.rule[1], line.rule[2]) for line in sight.lines]
    work = [(f"{process}/{lane}", WORK) for lane in sight.lanes]
    messages = [(process, f"message:{name}") for name in sight.messages]
    messages += [one for one in known if one[1].startswith("message:")]
    usual = [(process, action) for action in ACTIONS]
    rest = [one for one in known if one not in work and one not in messages and one not in usual]
    return [
        ("lanes", work),
        ("messages", list(dict.fromkeys(messages))),
        ("process", usual),
        ("others", list(dict.fromkeys(rest))),
    ]


def roles_of(sight: Sight, more: Collection[str] = ()) -> list[str]:
    """The columns: the process's own roles in the order of its file, those wished for, then the inherited ones."""
    own = [line.rule[0] for line in sight.lines if not line.inherited]
    inherited = [line.rule[0] for line in sight.lines if line.inherited]
    rank = {role: place for place, role in enumerate(UNGRANTED)}
    found = dict.fromkeys([*own, *more, *inherited])
    return sorted(found, key=lambda role: rank.get(role, len(rank)))


def matrix(sight: Sight, roles: list[str], ticked: Collection[Rule], area: str | None) -> dict[str, Any]:
    """The matrix for a template; `ticked` are the process's own rules as they stand on the page."""
    counts = {role: sum(actor.holds(role, area, None) for actor in sight.people) for role in roles}
    inherited = {line.rule: line for line in sight.lines if line.inherited}
    own = {line.rule: line for line in sight.lines if not line.inherited}

    def cell(role: str, obj: str, action: str) -> dict[str, Any]:
        rule = (role, obj, action)
        from_base = inherited.get(rule)
        return {
            "key": "|".join(rule),
            "inherited": from_base.number if from_base is not None else 0,
            "ticked": rule in ticked,
            "was": rule in own,
            "idle": (rule in own or from_base is not None) and rule not in sight.access.rules,
            "label": sight.asked.say(
                "rights.cell", role=sight.role_name(role), doing=sight.doing(obj, action)
            ),
        }

    groups = [
        {
            "name": name,
            "rows": [
                {
                    "object": obj,
                    "action": action,
                    "name": sight.doing(obj, action)
                    if name != "lanes"
                    else sight.lanes.get(obj.partition("/")[2], obj),
                    "cells": [cell(role, obj, action) for role in roles],
                }
                for obj, action in rows
            ],
        }
        for name, rows in rows_of(sight)
        if rows
    ]
    heads = [
        {"id": role, "name": sight.role_name(role), "people": None if role in UNGRANTED else counts[role]}
        for role in roles
    ]
    return {"roles": heads, "groups": groups}
