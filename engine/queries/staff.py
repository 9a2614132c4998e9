"""Whose rights can be asked about: everybody who holds a role, also those who only stand in for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import ANYONE

if TYPE_CHECKING:
    from engine.access import Access, Actor
    from engine.store.session import Reader

#: The right, and the object it is held on, to see by name who may do what.
SEE_RIGHTS, OBJECT = "see-rights", "office"
_STAFF = (
    "SELECT id FROM account WHERE state = 'active' AND (id IN (SELECT account FROM grant_)"
    " OR id IN (SELECT account FROM substitute)) ORDER BY id"
)


def sees_names(access: Access, actor: Actor) -> bool:
    """Whether the actor may see which people hold which rights; without it only how many there are."""
    return actor.id is not None and access.may(actor, SEE_RIGHTS, OBJECT, None)


def staff(reader: Reader) -> list[str]:
    """The accounts that hold a role or stand in for somebody, by name of the account."""
    return [str(row[0]) for row in reader.rows(_STAFF)]


def roles_held(reader: Reader) -> list[str]:
    """The roles that anybody holds, in the order of the alphabet."""
    rows = reader.rows("SELECT DISTINCT role FROM grant_ ORDER BY role")
    return [str(row[0]) for row in rows if row[0] != ANYONE]


def place_of_role(reader: Reader, role: str) -> str:
    """The first area that a holder of the role has it for; empty where it counts everywhere or nobody has it."""
    rows = reader.rows("SELECT area FROM grant_ WHERE role = ? ORDER BY area", (role,))
    return str(rows[0][0] or "") if rows else ""
