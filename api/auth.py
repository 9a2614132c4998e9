"""Who asks: a session cookie or a bearer token becomes an Actor; passwords are compared here and nowhere else."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.access import Actor, engine_actor
from engine.commands.accounts import MOST_FAILURES, REST, SignIn, SignOut
from engine.commands.people import grants_of
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.office import Office

COOKIE = "banjian"
ANONYMOUS = Actor(None)
#: Seconds for which a session is believed without asking the database; a sign-out in the same process counts at once.
_BELIEVED = 3.0
_hasher = PasswordHasher()
#: Compared when the account does not exist, so that the answer takes as long.
_NOBODY = _hasher.hash(secrets.token_hex())
_EDGE = engine_actor("sign-in")


class SignInWrong(EngineError):
    """Account or password is not right; which of the two is not told."""

    code = "sign-in-wrong"


class SignInLocked(EngineError):
    """Too many wrong passwords in a row: `until` says when the account may try again."""

    code = "sign-in-locked"


def hash_password(password: str) -> str:
    """The argon2id hash that is stored."""
    return _hasher.hash(password)


class Sessions:
    """Sessions of people, kept in the database, remembered for a moment."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[str, tuple[float, Actor]] = {}
        #: Names that are no account, tried in vain: told and locked like accounts, so that nobody can list them.
        self._strangers: dict[str, tuple[int, datetime | None]] = {}
        self._lock = threading.Lock()

    def remembered(self, token: str | None) -> Actor | None:
        """The actor of a token without asking the database; None when it must be asked."""
        if not token:
            return ANONYMOUS
        known = self._known.get(_fingerprint(token))
        return known[1] if known is not None and known[0] > time.monotonic() else None

    def actor(self, token: str | None) -> Actor:
        """The actor of a token; nobody for none, an unknown or an expired one."""
        known = self.remembered(token)
        if known is not None:
            return known
        assert token
        key = _fingerprint(token)
        actor = self._read(key)
        with self._lock:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[key] = (time.monotonic() + _BELIEVED, actor)
        return actor

    def begin(self, account: str, password: str, now: datetime) -> tuple[str, datetime]:
        """Compare the password and begin a session: its secret token and when it ends."""
        stored = self._stored(account)
        locked = stored[1] if stored else self._strangers.get(account, (0, None))[1]
        if locked is not None and locked > now:
            seconds = int((locked - now).total_seconds()) + 1
            until = locked.astimezone(self._office.settings.zone).strftime("%H:%M")
            raise SignInLocked(until=until, seconds=seconds)
        right = _matches(stored[0] if stored and stored[0] else _NOBODY, password) and stored is not None
        if not right:
            if stored is not None:
                self._office.bus.execute(SignIn(secrets.token_hex(16), account, right=False), _EDGE, now)
            else:
                self._count_stranger(account, now)
            raise SignInWrong
        token = secrets.token_urlsafe(32)
        expires = now + timedelta(hours=self._office.settings.session_hours)
        command = SignIn(
            secrets.token_hex(16), account, right=True, token=_fingerprint(token), expires_at=expires
        )
        self._office.bus.execute(command, _EDGE, now)
        return token, expires

    def end(self, token: str | None, now: datetime) -> None:
        """End the session, if it is one."""
        if token:
            key = _fingerprint(token)
            self._known.pop(key, None)
            self._office.bus.execute(SignOut(secrets.token_hex(16), key), _EDGE, now)

    def _count_stranger(self, name: str, now: datetime) -> None:
        with self._lock:
            failures = self._strangers.pop(name, (0, None))[0] + 1
            rest = now + REST if failures >= MOST_FAILURES else None
            self._strangers[name] = (0 if rest else failures, rest)
            if len(self._strangers) > 10_000:
                del self._strangers[next(iter(self._strangers))]

    def _stored(self, account: str) -> tuple[str | None, datetime | None] | None:
        with self._office.store.reading() as reader:
            found = reader.rows(
                "SELECT password, locked_until FROM account WHERE id = ? AND state = 'active'", (account,)
            )
        return (found[0][0], found[0][1]) if found else None

    def _read(self, key: str) -> Actor:
        now = datetime.now(UTC)
        with self._office.store.reading() as reader:
            found = reader.rows(
                "SELECT a.id, a.name, s.expires_at FROM session s JOIN account a ON a.id = s.account"
                " WHERE s.token = ? AND a.state = 'active'",
                (key,),
            )
            if not found or found[0][2] <= now:
                return ANONYMOUS
            account, name, _ = found[0]
            day = now.astimezone(self._office.settings.zone).date()
            return Actor(account, name, grants_of(reader, account, day))


def _fingerprint(token: str) -> str:
    """What the database keeps of a token, so that a stolen database opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
