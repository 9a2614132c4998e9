"""Accounts as actors: with their own grants, and those of the people they stand in for on that day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.access import Actor, Grant, valid_grants
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.store.session import Reader

_GRANTS = "SELECT role, area, department, valid_from, valid_to FROM grant_ WHERE account = ?"
_ABSENT = "SELECT absent, role FROM substitute WHERE account = ? AND valid_from <= ? AND valid_to >= ? ORDER BY absent"

_REPRESENTED = (
    "SELECT represented FROM representation WHERE representative = ? AND state <> 'ended'"
    " AND valid_from <= ? AND (valid_to IS NULL OR valid_to >= ?)"
)


def grants_of(reader: Reader, account: str, day: date) -> tuple[Grant, ...]:
    """The grants in force on a day; those of an absent person are marked with whose they are, and not passed on."""
    found = _own(reader, account, day)
    for absent, role in reader.rows(_ABSENT, (account, day.isoformat(), day.isoformat())):
        found += tuple(
            Grant(grant.role, grant.area, grant.department, absent)
            for grant in _own(reader, absent, day)
            if role in ("", grant.role)
        )
    return found


def represented_by(reader: Reader, account: str, day: date) -> frozenset[str]:
    """The accounts for which this one acts on that day, as guardian or by letter of authority."""
    today = day.isoformat()
    return frozenset(row[0] for row in reader.rows(_REPRESENTED, (account, today, today)))


def actor_of(reader: Reader, account: str, day: date) -> Actor:
    """The account as it could act on that day; NotFound if there is no such active account."""
    found = reader.rows("SELECT name FROM account WHERE id = ? AND state = 'active'", (account,))
    if not found:
        raise NotFound(kind="account", id=account)
    represents = represented_by(reader, account, day)
    return Actor(account, found[0][0], grants_of(reader, account, day), represents=represents)


def _own(reader: Reader, account: str, day: date) -> tuple[Grant, ...]:
    rows = reader.rows(_GRANTS, (account,))
    parsed = [
        (
            Grant(role, area, department or None),
            date.fromisoformat(start) if start else None,
            date.fromisoformat(end) if end else None,
        )
        for role, area, department, start, end in rows
    ]
    return valid_grants(parsed, day)
