"""What stands between somebody and a session: codes, passwords, sessions, as whoever lets people in reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from engine.store.session import Reader


class Locked(NamedTuple):
    """The fingerprint of an account's password, and until when nobody may try it."""

    password: str | None
    until: datetime | None


class Session(NamedTuple):
    """Whose a session is, and when it is over."""

    account: str
    ends: datetime


def phone_of_code(reader: Reader, name: str) -> str | None:
    """The phone that a code was sent to; None for a name that no code has."""
    found = reader.rows("SELECT phone FROM code WHERE id = ?", (name,))
    return str(found[0][0]) if found else None


def password_of(reader: Reader, account: str) -> Locked | None:
    """What guards an account; None for one that is not there or not in use."""
    sql = "SELECT password, locked_until FROM account WHERE id = ? AND state = 'active'"
    found = reader.rows(sql, (account,))
    return Locked(*found[0]) if found else None


def session_of(reader: Reader, key: str) -> Session | None:
    """The session with that fingerprint, also where it is over; None where there never was one or it was ended."""
    found = reader.rows("SELECT account, expires_at FROM session WHERE token = ?", (key,))
    return Session(*found[0]) if found else None
