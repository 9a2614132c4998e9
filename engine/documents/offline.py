"""Codes that prove a paper without network: the facts that it shows, signed, as characters of a QR code.

`BJ1:` and base45 of a COSE_Sign1 whose payload is a CWT claims set (RFC 8392): iss(1) the issuer, exp(4) and iat(6) as
seconds, cti(7) the verification word that is printed on the paper, and of our own title(-1), number(-2), facts(-3, what
the public page may show, masked as on the paper), code(-4), how many facts found no room (-6), and purpose(-7). A list of revoked
papers is signed the same way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from engine.documents.base45 import decode45, encode45
from engine.documents.cose import MALFORMED, NotSigned, Signed, claims_of, open1, sign1

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.documents.cose import PrivateKey, PublicKey

PREFIX = "BJ1:"
ISS, EXP, IAT, CTI = 1, 4, 6, 7
TITLE, NUMBER, FACTS, CODE, LIST, LEFT_OUT, PURPOSE = -1, -2, -3, -4, -5, -6, -7
ZONE = ZoneInfo("Asia/Shanghai")
#: Characters of a QR code of 97 modules at level M: at 30 mm the densest that a phone still reads from a folded sheet.
LONGEST = 970
#: No text longer than the largest QR code is looked into.
_MOST = 4296
_LONGEST_WORD = 300

Outcome = Literal["genuine", "altered", "foreign", "struck", "expired", "revoked", "replaced", "unreadable"]
#: States as the list of revoked papers writes them.
STATES = {"revoked": 1, "replaced": 2, "expired": 3}


@dataclass(frozen=True, slots=True)
class Carried:
    """What a code says. `expires_on` is the last valid day."""

    issuer: str
    title: str
    token: str
    issued_on: date
    code: str = ""
    number: str | None = None
    expires_on: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    #: The one purpose that the paper proves something for, as a code.
    purpose: str | None = None
    #: Facts of the paper that found no room in the code.
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Coding:
    """How one paper gets its code: the ring that signs, the moment that chooses the key, and what is said."""

    ring: str
    at: datetime
    carried: Carried


@dataclass(frozen=True, slots=True)
class Reading:
    """The judgement on a code; `carried` is None where nothing of it may be believed."""

    outcome: Outcome
    carried: Carried | None = None
    key: str | None = None


class TooLong(ValueError):
    """The facts do not fit into a code that a paper can carry."""


def shown(value: Any) -> str:
    """A fact as the code carries it."""
    match value:
        case bool():
            return "是" if value else "否"
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def write_code(carried: Carried, key: PrivateKey) -> str:
    """The characters of the QR code. Facts without room are left out from the end, and counted in the code."""
    facts = list(carried.facts.items())
    while True:
        left_out = len(carried.facts) - len(facts)
        text = PREFIX + encode45(sign1(_claims(replace(carried, facts=dict(facts), left_out=left_out)), key))
        if len(text) <= LONGEST:
            return text
        if not facts:
            raise TooLong(f"{len(text)} characters")
        facts.pop()


def _claims(carried: Carried) -> dict[int, Any]:
    claims: dict[int, Any] = {
        ISS: carried.issuer,
        IAT: _begin(carried.issued_on),
        CTI: carried.token.encode(),
        TITLE: carried.title,
        FACTS: dict(carried.facts),
        CODE: carried.code,
    }
    if carried.left_out:
        claims[LEFT_OUT] = carried.left_out
    if carried.purpose is not None:
        claims[PURPOSE] = carried.purpose
    if carried.number is not None:
        claims[NUMBER] = carried.number
    if carried.expires_on is not None:
        claims[EXP] = _begin(carried.expires_on + timedelta(days=1))
    return claims


def _begin(day: date) -> int:
    return int(datetime.combine(day, time(), ZONE).timestamp())


def read_code(
    text: str,
    keys: Mapping[bytes, PublicKey],
    now: datetime,
    *,
    revoked: RevocationList | None = None,
    struck: Iterable[bytes] = (),
) -> Reading:
    """Judge a code against pinned keys, a moment and a list of revoked papers. Nothing unsigned is ever returned."""
    try:
        signed = _open(text)
    except (NotSigned, ValueError):
        return Reading("unreadable")
    key = signed.key.hex()
    if signed.key in set(struck):
        return Reading("struck", key=key)
    public = keys.get(signed.key)
    if public is None:
        return Reading("foreign", key=key)
    if not signed.holds(public):
        return Reading("altered", key=key)
    try:
        carried = _carried(claims_of(signed))
    except MALFORMED:
        return Reading("unreadable", key=key)
    state = revoked.state_of(carried.token) if revoked is not None else None
    if state in ("revoked", "replaced"):
        return Reading(state, carried, key)  # type: ignore[arg-type] # of the two
    over = carried.expires_on is not None and now.timestamp() >= _begin(
        carried.expires_on + timedelta(days=1)
    )
    return Reading("expired" if over or state == "expired" else "genuine", carried, key)


def _open(text: str) -> Signed:
    if not text.startswith(PREFIX) or len(text) > _MOST:
        raise ValueError("no code of ours")
    return open1(decode45(text.removeprefix(PREFIX)))


def _carried(claims: Mapping[Any, Any]) -> Carried:
    facts = claims.get(FACTS, {})
    expires = claims.get(EXP)
    carried = Carried(
        issuer=_word(claims[ISS]),
        title=_word(claims[TITLE]),
        token=claims[CTI].decode("ascii"),
        issued_on=_day(claims[IAT]),
        code=_word(claims.get(CODE, "")),
        number=None if claims.get(NUMBER) is None else _word(claims[NUMBER]),
        expires_on=None if expires is None else _day(expires) - timedelta(days=1),
        facts={_word(name): _word(value) for name, value in facts.items()},
        purpose=None if claims.get(PURPOSE) is None else _word(claims[PURPOSE]),
        left_out=int(claims.get(LEFT_OUT, 0)),
    )
    if len(carried.token) > 64:
        raise ValueError("word")
    return carried


def _word(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_WORD:
        raise ValueError("no text")
    return value


def _day(seconds: Any) -> date:
    if type(seconds) is not int or not 0 <= seconds < 2**40:
        raise ValueError("no moment")
    return datetime.fromtimestamp(seconds, ZONE).date()


@dataclass(frozen=True, slots=True)
class RevocationList:
    """Papers that hold no more, by the beginning of the hash of their word; says nothing to whoever lacks the paper."""

    made_at: datetime
    states: Mapping[bytes, str]

    def state_of(self, token: str) -> str | None:
        """`revoked`, `replaced`, `expired`, or None."""
        return self.states.get(word_print(token))


def word_print(token: str) -> bytes:
    """Ten bytes that stand for a verification word."""
    return hashlib.sha256(token.encode()).digest()[:10]


def write_list(states: Mapping[str, str], made_at: datetime, key: PrivateKey) -> bytes:
    """The signed list of words and their states."""
    groups = {
        number: b"".join(sorted(word_print(token) for token, state in states.items() if state == name))
        for name, number in STATES.items()
    }
    return sign1({IAT: int(made_at.timestamp()), LIST: groups}, key)


def read_list(content: bytes, keys: Mapping[bytes, PublicKey]) -> RevocationList:
    """The list, if one of the keys signed it; NotSigned otherwise."""
    signed = open1(content)
    public = keys.get(signed.key)
    if public is None or not signed.holds(public):
        raise NotSigned("signature")
    claims = claims_of(signed)
    names = {number: name for name, number in STATES.items()}
    states: dict[bytes, str] = {}
    for number, prints in claims[LIST].items():
        for at in range(0, len(prints), 10):
            states[prints[at : at + 10]] = names[number]
    return RevocationList(datetime.fromtimestamp(claims[IAT], UTC), states)
