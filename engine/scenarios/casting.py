"""Who acts in a rehearsal: for every role a first and a second person, made when they are wanted, so that four eyes can be tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import ANYONE, APPLICANT, SIGNED_IN
from engine.scenarios.model import Cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.scenarios.rehearsal import Work

#: Whoever is the applicant of a rehearsal.
RESIDENT = "resident"
_NO_GRANT = frozenset({ANYONE, APPLICANT, SIGNED_IN})


def worker(
    cast: Mapping[str, Cast],
    work: Work,
    owner: str | None,
    called: Callable[[str, int], str],
    role: str = "",
    place: int = 1,
) -> tuple[str, dict[str, Cast]]:
    """The alias of the first or second person (`place`) of a role who may do the work, and the cast with that person in it.

    `owner` is the alias of the applicant, who does what the applicant is asked; `called` names a new person.
    """
    if work.account is not None or work.holder is not None:
        return str(work.holder or work.account), dict(cast)
    role = role if role in work.roles else work.roles[0]
    if role in _NO_GRANT:
        return owner or RESIDENT, {**cast, owner or RESIDENT: cast.get(owner or RESIDENT, Cast())}
    found = dict(cast)
    while True:
        fitting = [alias for alias, one in found.items() if _holds(one, role, work.area, work.department)]
        if len(fitting) >= place:
            return fitting[place - 1], found
        person = Cast(
            role=role, area=work.area, department=work.department, name=called(role, len(fitting) + 1)
        )
        found = _new(found, person, role)[1]


def starter(cast: Mapping[str, Cast], role: str, area: str, name: str) -> tuple[str, dict[str, Cast]]:
    """The alias of somebody of the role who hands in the application, and the cast with that person in it."""
    if not role:
        return RESIDENT, {**cast, RESIDENT: cast.get(RESIDENT, Cast())}
    fitting = [alias for alias, one in cast.items() if _holds(one, role, area, None)]
    if fitting:
        return fitting[0], dict(cast)
    return _new(cast, Cast(role=role, area=area, name=name), role)


def _new(cast: Mapping[str, Cast], person: Cast, role: str) -> tuple[str, dict[str, Cast]]:
    number = 1
    while (alias := role if number == 1 else f"{role}_{number}") in cast:
        number += 1
    return alias, {**cast, alias: person}


def _holds(one: Cast, role: str, area: str, department: str | None) -> bool:
    roles = [one.role] if isinstance(one.role, str) else one.role
    return role in roles and area.startswith(one.area) and one.department == department
