"""Who asks: a session cookie or a bearer token becomes an Actor; passwords and codes are compared here and nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.access import Actor, engine_actor
from engine.codes import code_of, key_of, name_of
from engine.commands import AskCode, EnterCode, Opening, SignIn, SignInElsewhere, SignOut
from engine.commands.accounts import MOST_FAILURES, REST
from engine.commands.people import actor_of
from engine.errors import EngineError, NotFound
from engine.queries.signing import Locked, password_of, phone_of_code, session_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.elsewhere import Provider
    from engine.office import Office

COOKIE = "banjian"
ANONYMOUS = Actor(None)
#: Seconds for which a session is believed without asking the database; a sign-out in the same process counts at once.
_BELIEVED = 3.0
_hasher = PasswordHasher()
#: Compared when the account does not exist, so that the answer takes as long.
_NOBODY = _hasher.hash(secrets.token_hex())
_EDGE = engine_actor("sign-in")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_CODE = re.compile(r"[0-9]{6}")


class SignInWrong(EngineError):
    """Account or password is not right; which of the two is not told."""

    code = "sign-in-wrong"


class SignInLocked(EngineError):
    """Too many wrong passwords in a row: `until` says when the account may try again."""

    code = "sign-in-locked"


class PhoneWrong(EngineError):
    """Not the number of a mobile phone."""

    code = "phone-wrong"


class CodeWrong(EngineError):
    """Not the code that was sent."""

    code = "code-wrong"


class CodeOver(EngineError):
    """The code was used, is too old, or was tried too often: another must be asked for."""

    code = "code-over"


class Known(NamedTuple):
    """Whoever a session token belongs to, and when that session ends (None: nobody, or not asked)."""

    actor: Actor
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that began: its secret token, when it ends, whose it is."""

    token: str
    expires: datetime
    account: str
    #: The account began with it.
    new: bool = False


def hash_password(password: str) -> str:
    """The argon2id hash that is stored."""
    return _hasher.hash(password)


class Sessions:
    """Sessions of people, kept in the database, remembered for a moment."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[str, tuple[float, Known]] = {}
        #: Names that are no account, tried in vain: told and locked like accounts, so that nobody can list them.
        self._strangers: dict[str, tuple[int, datetime | None]] = {}
        self._lock = threading.Lock()

    def remembered(self, token: str | None) -> Actor | None:
        """The actor of a token without asking the database; None when it must be asked."""
        if not token:
            return ANONYMOUS
        known = self._known.get(fingerprint(token))
        return known[1].actor if known is not None and known[0] > time.monotonic() else None

    def actor(self, token: str | None) -> Actor:
        """The actor of a token; nobody for none, an unknown or an expired one."""
        return self.known(token).actor

    def known(self, token: str | None) -> Known:
        """The actor of a token, and when its session ends."""
        if not token:
            return Known(ANONYMOUS)
        key = fingerprint(token)
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = self._read(key)
        with self._lock:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[key] = (time.monotonic() + _BELIEVED, found)
        return found

    def begin(self, account: str, password: str, now: datetime, agent: str = "") -> Begun:
        """Compare the password and begin a session."""
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
        token, opening = self._opening("password", agent, now)
        command = SignIn(secrets.token_hex(16), account, right=True, opening=opening)
        self._office.bus.execute(command, _EDGE, now)
        return Begun(token, opening.expires_at, account)

    def begin_by_code(
        self, name: str, code: str, now: datetime, *, agent: str = "", language: str = "zh"
    ) -> Begun:
        """Compare the code and begin a session for the phone's account, which begins too if there was none."""
        token, opening = self._opening("code", agent, now)
        told = self._enter(name, code, now, opening, language)
        return Begun(token, opening.expires_at, told["account"], told["new"])

    def begin_elsewhere(
        self,
        way: str,
        provider: Provider,
        claims: Mapping[str, Any],
        now: datetime,
        agent: str,
        language: str,
    ) -> Begun:
        """Begin a session for whoever these judged claims of a provider are about."""
        token, opening = self._opening(way, agent, now)
        public = provider.people == "public"
        command = SignInElsewhere(
            secrets.token_hex(16),
            provider.issuer,
            str(claims["sub"]),
            opening,
            claimed="" if public else str(claims.get(provider.claim) or ""),
            fresh=f"p-{secrets.token_hex(6)}" if public else "",
            name=str(claims.get("name") or ""),
            language=language,
        )
        told = self._office.bus.execute(command, _EDGE, now)
        return Begun(token, opening.expires_at, told["account"], told["new"])

    def ask_code(self, phone: str, now: datetime, language: str = "zh") -> str:
        """Have a code sent to the phone; the name under which it is entered. The answer tells nothing about accounts."""
        if not _PHONE.fullmatch(phone):
            raise PhoneWrong
        name = name_of(self._key(), phone, int(now.timestamp()) // 60)
        self._office.bus.execute(AskCode(f"ask-code:{name}", phone, name, language), _EDGE, now)
        return name

    def check_code(self, name: str, code: str, now: datetime) -> str:
        """The phone that has shown itself by this code; no session, and the code is used up."""
        with self._office.store.reading() as reader:
            phone = phone_of_code(reader, name)
        self._enter(name, code, now, None, "zh")
        if phone is None:
            raise CodeOver
        return phone

    def proves(self, account: str, password: str) -> bool:
        """Whether the password is the account's; for changing it."""
        stored = self._stored(account)
        return stored is not None and stored[0] is not None and _matches(stored[0], password)

    def end(self, token: str | None, now: datetime) -> None:
        """End the session, if it is one."""
        if token:
            key = fingerprint(token)
            self._known.pop(key, None)
            self._office.bus.execute(SignOut(secrets.token_hex(16), key), _EDGE, now)

    def forget(self) -> None:
        """Ask the database about every token anew: sessions were ended."""
        with self._lock:
            self._known.clear()

    def _enter(self, name: str, code: str, now: datetime, opening: Opening | None, language: str) -> Any:
        digits = code.strip().translate(_FULL_WIDTH)
        right = bool(_CODE.fullmatch(digits)) and hmac.compare_digest(digits, code_of(self._key(), name))
        fresh = f"p-{secrets.token_hex(6)}"
        command = EnterCode(secrets.token_hex(16), name, right, fresh, opening, language)
        try:
            told = self._office.bus.execute(command, _EDGE, now)
        except NotFound as error:
            raise CodeOver from error
        if not told["right"]:
            raise CodeOver if told["over"] else CodeWrong
        return told

    def _opening(self, way: str, agent: str, now: datetime) -> tuple[str, Opening]:
        token = secrets.token_urlsafe(32)
        expires = now + timedelta(hours=self._office.settings.session_hours)
        return token, Opening(fingerprint(token), expires, way, agent)

    def _key(self) -> bytes:
        return key_of(self._office.settings.data / "keys")

    def _count_stranger(self, name: str, now: datetime) -> None:
        with self._lock:
            failures = self._strangers.pop(name, (0, None))[0] + 1
            rest = now + REST if failures >= MOST_FAILURES else None
            self._strangers[name] = (0 if rest else failures, rest)
            if len(self._strangers) > 10_000:
                del self._strangers[next(iter(self._strangers))]

    def _stored(self, account: str) -> Locked | None:
        with self._office.store.reading() as reader:
            return password_of(reader, account)

    def _read(self, key: str) -> Known:
        now = datetime.now(UTC)
        with self._office.store.reading() as reader:
            found = session_of(reader, key)
            if found is None or found.ends <= now:
                return Known(ANONYMOUS)
            account, ends = found
            day = now.astimezone(self._office.settings.zone).date()
            try:
                return Known(actor_of(reader, account, day), ends)
            except NotFound:
                return Known(ANONYMOUS)


#: Digits as a Chinese keyboard may type them.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def fingerprint(token: str) -> str:
    """What the database keeps of a token, so that a stolen database opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
