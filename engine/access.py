"""Who may do what: casbin holds the policies and decides single actions; lists get the same rights as SQL predicates.

A grant gives an account a role in an area (and a department); it covers every area whose code it is a prefix of.
Three roles need no grant: `anyone`, `signed-in`, and `applicant` (the person whose case it is).
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import casbin
from casbin.model import FastModel

from engine.errors import Forbidden, SignInRequired
from engine.secrecy import EVERYWHERE, KNOW, ON_PROCESS, rules_of, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date

    #: Told of looks that must be remembered: who, at what (id of a case, task or document), and whether it was shown.
    Witness = Callable[["Actor", str, bool], None]

ANYONE, SIGNED_IN, APPLICANT = "anyone", "signed-in", "applicant"
#: Whose case something is: an account, or several ids of which each will do (account, holder of the query code).
Owner = str | tuple[str, ...] | None
#: Position of object and action in both request and policy of policies/model.conf.
_KEY = (1, 2)
# Casbin logs every refused decision as a warning; a refusal is an answer here, not an event.
logging.getLogger("casbin").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Grant:
    """One account's role in an area ("" is everywhere) and, for consulted departments, in one department."""

    role: str
    area: str = ""
    department: str | None = None
    #: The account that this right is really of, where the holder stands in for somebody ("": the holder's own).
    whose: str = ""

    def covers(self, area: str | None) -> bool:
        """Whether a case or task of that area lies inside this grant."""
        return area is None or area.startswith(self.area)


@dataclass(frozen=True)
class Actor:
    """Who gives a command or asks a question; `id` is None for a person without account."""

    id: str | None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    #: The engine itself (timers, connectors' answers): may only give the commands meant for it.
    system: bool = False
    #: Accounts whose affairs the actor conducts as guardian or by letter of authority: their cases are the actor's too.
    represents: frozenset[str] = frozenset()

    @cached_property
    def key(self) -> tuple[str | None, tuple[Grant, ...]]:
        """What decisions about this actor depend on."""
        return (self.id, self.grants)

    def holds(self, role: str, area: str | None, owner: Owner) -> bool:
        """Whether the actor has the role for a case of that area and owner."""
        if role == ANYONE:
            return True
        if role == SIGNED_IN:
            return self.id is not None
        if role == APPLICANT:
            return self.owns(owner)
        return any(grant.role == role and grant.covers(area) for grant in self.grants)

    @cached_property
    def absent(self) -> frozenset[str]:
        """The accounts that the actor stands in for now."""
        return frozenset(grant.whose for grant in self.grants if grant.whose)

    @cached_property
    def acts_for(self) -> frozenset[str]:
        """The accounts whose own tasks the actor may do: absent colleagues', and those of the people represented."""
        return self.absent | self.represents

    def owns(self, owner: Owner) -> bool:
        """Whether the actor, or somebody the actor represents, is one of those whose case it is."""
        if self.id is None:
            return False
        owners = (owner,) if isinstance(owner, str | None) else owner
        return self.id in owners or not self.represents.isdisjoint(owners)


def engine_actor(name: str) -> Actor:
    """The actor of timers, connectors and the worker; `name` stands in the journal."""
    return Actor(id=f"system:{name}", name=name, system=True)


@dataclass(frozen=True, slots=True)
class Reach:
    """One predicate of a worklist: tasks of this object ("<process>/<lane>") below this area code, of this department."""

    object: str
    area: str
    department: str | None


class Access:
    """The policies of all current packages, as one enforcer with a decision cache.

    Rebuilt when a package is published (policies are part of the package); grants come with the actor.
    """

    def __init__(
        self, model: str, base: str, policies: Mapping[str, str], begun: Collection[str] = ()
    ) -> None:
        """`begun` are processes without version: of the common rules only those about making them count there.

        Their own rules do not: whoever writes a draft would give rights by it.
        """
        every: list[tuple[str, str, str]] = []
        for process in begun:
            every += [
                _expand(rule, process) for rule in rules_of(base) if rule[1] == "*" and rule[2] in ON_PROCESS
            ]
        for process, text in policies.items():
            every += [_expand(rule, process) for rule in (*rules_of(base), *rules_of(text))]
        every += [rule for rule in rules_of(base) if "*" not in rule[1]]
        #: The rules that count, and the processes of whose cases only some may know (engine.secrecy).
        self.rules, self.secret = standing(every)
        self.witness: Witness = lambda _actor, _key, _shown: None
        fast = FastModel(_KEY)
        fast.load_model_from_text(model)
        self._enforcer = casbin.FastEnforcer(fast, cache_key_order=_KEY)
        self._enforcer.add_function("holds", lambda sub, role, area, owner: sub.holds(role, area, owner))
        known = sorted(set(self.rules))
        self._objects_of: dict[tuple[str, str], list[str]] = {}
        for role, obj, act in known:
            fast.add_policy("p", "p", [role, obj, act])
            self._objects_of.setdefault((role, act), []).append(obj)
        self._deciding = threading.Lock()
        self._decided: dict[tuple[object, ...], bool] = {}
        self._reaches: dict[tuple[object, ...], tuple[Reach, ...]] = {}

    def may(self, actor: Actor, action: str, obj: str, area: str | None, owner: Owner = None) -> bool:
        """Whether the actor may do the action on the object in the area."""
        key = (actor.key, action, obj, area, actor.owns(owner))
        known = self._decided.get(key)
        if known is None:
            if len(self._decided) > 100_000:
                self._decided.clear()
            # The matcher is parsed at every call, and Python 3.11's parser of trees fails when two threads are in it.
            with self._deciding:
                known = bool(self._enforcer.enforce(actor, obj, action, area, owner))
            self._decided[key] = known
        return known

    def allow(self, actor: Actor, action: str, obj: str, area: str | None, owner: Owner = None) -> None:
        """Return if the actor may; otherwise Forbidden, or SignInRequired for a person without account."""
        if self.may(actor, action, obj, area, owner):
            return
        if actor.id is None:
            raise SignInRequired(action=action, object=obj)
        raise Forbidden(action=action, object=obj, area=area)

    def works(
        self, actor: Actor, obj: str, area: str | None, owner: Owner = None, department: str | None = None
    ) -> bool:
        """Whether the actor may work tasks of that lane, area and department."""
        return self.may(actor, "work", obj, area, owner) and self.in_department(
            actor, "work", obj, area, department
        )

    def in_department(
        self, actor: Actor, action: str, obj: str, area: str | None, department: str | None
    ) -> bool:
        """Whether one of the grants behind the action reaches into the department (None: it is nobody's)."""
        return department is None or any(
            reach.object == obj
            and (area or "").startswith(reach.area)
            and reach.department in (None, department)
            for reach in self.reaches(actor, action)
        )

    def knows(self, actor: Actor, process: str, area: str | None, owner: Owner = None) -> bool:
        """Whether the actor may know that a case of this process, area and owner exists."""
        return process not in self.secret or actor.system or self.may(actor, KNOW, process, area, owner)

    def knows_all(self, actor: Actor, process: str) -> bool:
        """Whether the actor may know of every case of the process, wherever it is: what a count of them takes."""
        return self.knows(actor, process, EVERYWHERE)

    def looked(self, actor: Actor, process: str, key: str) -> None:
        """Have it remembered that the actor was shown something of a case, if its process is secret."""
        if process in self.secret:
            self.witness(actor, key, True)

    def on_behalf(
        self, actor: Actor, action: str, obj: str, area: str | None, owner: Owner = None
    ) -> str | None:
        """Whose right it is that the actor uses: None for the actor's own, else the account stood in for or represented."""
        for whose in ("", *sorted(actor.absent)):
            grants = tuple(grant for grant in actor.grants if grant.whose == whose)
            alone = replace(actor, grants=grants, represents=frozenset())
            if self.may(alone, action, obj, area, owner):
                return whose or None
        for whose in sorted(actor.represents):
            alone = replace(actor, grants=(), represents=frozenset({whose}))
            if alone.owns(owner) and self.may(alone, action, obj, area, owner):
                return whose
        return None

    def reaches(self, actor: Actor, action: str = "work") -> tuple[Reach, ...]:
        """The actor's grants compiled for SQL: every (object, area, department) on which `may` says yes by a grant.

        Held equal to `may` by a property test (tests/access). Wider grants swallow narrower ones.
        """
        key = (actor.key, action)
        known = self._reaches.get(key)
        if known is None:
            found = {
                Reach(obj, grant.area, grant.department)
                for grant in actor.grants
                for obj in self._objects_of.get((grant.role, action), ())
            }
            known = tuple(
                sorted((r for r in found if not _swallowed(r, found)), key=lambda r: (r.object, r.area))
            )
            if len(self._reaches) > 10_000:
                self._reaches.clear()
            self._reaches[key] = known
        return known

    def roles(self, action: str, obj: str) -> tuple[str, ...]:
        """The roles that have the action on the object, for screens and lint."""
        return tuple(sorted({role for role, o, a in self.rules if o == obj and a == action}))


def valid_grants(rows: Iterable[tuple[Grant, date | None, date | None]], on: date) -> tuple[Grant, ...]:
    """The grants in force on a day; both ends count."""
    return tuple(g for g, start, end in rows if (start is None or start <= on) and (end is None or on <= end))


def _expand(rule: tuple[str, str, str], process: str) -> tuple[str, str, str]:
    role, obj, act = rule
    return (
        role,
        process if obj == "*" else obj.replace("*", process, 1) if obj.startswith("*/") else obj,
        act,
    )


def _swallowed(reach: Reach, others: set[Reach]) -> bool:
    return any(
        other != reach
        and other.object == reach.object
        and reach.area.startswith(other.area)
        and other.department in (None, reach.department)
        for other in others
    )
