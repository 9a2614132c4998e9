"""Who may do what in one process, told line by line of its policies: for the analyst's matrix and for questions.

Every answer is `Access`'s own (engine.access); this module only asks it, and finds the lines that an answer stands on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.access import ANYONE, APPLICANT, SIGNED_IN, Actor
from engine.secrecy import rules_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from engine.access import Access, Grant
    from engine.secrecy import Rule

WORK = "work"
#: Roles that need no grant, in the order in which they are asked about.
UNGRANTED = (ANYONE, SIGNED_IN, APPLICANT)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a policy file: of the process itself, or inherited from the common ones."""

    number: int
    inherited: bool
    #: As the line means it in this process: role, object, action.
    rule: Rule


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that somebody may do: on an object, by a grant (None: by a role that needs none), on these lines.

    Without line: that applicants know of their own cases.
    """

    object: str
    action: str
    #: The role that gives it; of those without grant `anyone`, `signed-in`, or `applicant` for own cases.
    role: str
    grant: Grant | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may do what was asked for, with the grants that give it and the lines they stand on."""

    actor: Actor
    grants: tuple[Grant, ...]
    lines: tuple[Line, ...]


def lines_of(base: str, policies: str, process: str) -> tuple[Line, ...]:
    """The lines that speak of a process, those of its own file first."""
    return (*_lines(policies, process, inherited=False), *_lines(base, process, inherited=True))


def _lines(text: str, process: str, *, inherited: bool) -> Iterator[Line]:
    for number, written in enumerate(text.splitlines(), 1):
        for role, written_object, action in rules_of(written):
            everywhere = written_object == "*" or written_object.startswith("*/")
            obj = process + written_object[1:] if everywhere else written_object
            if obj == process or obj.startswith(f"{process}/"):
                yield Line(number, inherited, (role, obj, action))


def could(access: Access, actor: Actor, process: str, lines: Collection[Line]) -> list[Right]:
    """Everything that somebody may do in the process, by object, action and grant."""
    bare = Actor(actor.id, actor.name)
    found: list[Right] = []
    of_process = {rule[1:] for rule in access.rules if rule[1].partition("/")[0] == process}
    # The steps of the lanes first, then what concerns the whole process.
    for obj, action in sorted(of_process, key=lambda one: ("/" not in one[0], one)):
        for role in UNGRANTED:
            owner = actor.id if role == APPLICANT else None
            on = _on(access, lines, role, obj, action)
            if on is not None and access.may(bare, action, obj, None, owner):
                found.append(Right(obj, action, role, None, on))
        for grant in actor.grants:
            alone = Actor(actor.id, actor.name, (grant,))
            on = _on(access, lines, grant.role, obj, action)
            if on is not None and access.may(alone, action, obj, grant.area):
                found.append(Right(obj, action, grant.role, grant, on))
    return found


def who(
    access: Access,
    actors: Iterable[Actor],
    lines: Collection[Line],
    obj: str,
    action: str,
    area: str | None,
    department: str | None = None,
) -> list[Holder]:
    """Those of the actors who may do the action on the object in the area (None: anywhere) for the department."""
    found: list[Holder] = []
    for actor in actors:
        if not access.may(actor, action, obj, area):
            continue
        if not access.in_department(actor, action, obj, area, department):
            continue
        grants = tuple(
            grant
            for grant in actor.grants
            if grant.covers(area)
            and grant.department in (None, department or grant.department)
            and _on(access, lines, grant.role, obj, action) is not None
        )
        roles = {grant.role for grant in grants} | ({ANYONE, SIGNED_IN} if not grants else set())
        on = tuple(line for role in sorted(roles) for line in _on(access, lines, role, obj, action) or ())
        found.append(Holder(actor, grants, on))
    return found


def _on(access: Access, lines: Iterable[Line], role: str, obj: str, action: str) -> tuple[Line, ...] | None:
    """The lines that give it to the role; None where nothing does that counts.

    In a secret process a line counts for those only who may know of its cases. That applicants know of their own needs
    no line.
    """
    if (role, obj, action) not in access.rules:
        return None
    return tuple(line for line in lines if line.rule == (role, obj, action))


def amended(policies: str, wanted: Collection[Rule], shown: Collection[Rule]) -> str:
    """A process's policy file with just the wanted ones of the rules shown; all other lines and comments stay.

    A new rule stands behind the last line for the same object and action, else for the same action, else at the end.
    """
    kept: list[tuple[str, Rule | None]] = []
    there: set[Rule] = set()
    for written in policies.splitlines():
        rule = next(iter(rules_of(written)), None)
        if rule is not None and rule in shown and rule not in wanted:
            continue
        if rule is not None:
            there.add(rule)
        kept.append((written, rule))
    for rule in sorted(set(wanted) - there):
        kept.insert(_place(kept, rule), (f"p, {rule[0]}, {rule[1]}, {rule[2]}", rule))
    return "".join(f"{written}\n" for written, _ in kept)


def _place(kept: list[tuple[str, Rule | None]], rule: Rule) -> int:
    same = [at for at, (_, other) in enumerate(kept) if other is not None and other[1:] == rule[1:]]
    alike = [
        at
        for at, (_, other) in enumerate(kept)
        if other is not None and other[2] == rule[2] and ("/" in other[1]) == ("/" in rule[1])
    ]
    return (same or alike or [len(kept) - 1])[-1] + 1
