"""Signing in with a provider of OpenID Connect: authorization code with PKCE, state and nonce, and a judged ID token.

`BANJIAN_PROVIDERS` maps a name to {"issuer", "client", "secret"?, "title": {"zh", "en"}?, "people": "staff" | "public",
"claim"?}. Staff must have an account: `claim` (usually `preferred_username`) names the claim that holds its id, which is
believed at the first sign-in only. The public gets an account at the first sign-in.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from engine.codes import seal, sealed
from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: Only signatures with a key pair: a provider's secret must not be able to sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPE = "openid profile"
TIMEOUT = httpx.Timeout(8.0, connect=3.0)
#: Answers larger than this are not read.
LIMIT = 512 * 1024
#: Seconds: how long a way to the provider and back may take, how long its addresses and keys are believed, how often
#: its keys are asked for again when a token names one that is not known, how far clocks may differ.
PATIENCE, BELIEVED, ASK_AGAIN, LEEWAY = 600, 3600, 5, 60
_PURPOSE = "login"
T = TypeVar("T")


class ElsewhereAway(EngineError):
    """The provider does not answer, or not as one."""

    code = "elsewhere-away"


class ElsewhereRefused(EngineError):
    """What came back from the provider cannot be believed, or the person said no; `reason` is for the log."""

    code = "elsewhere-refused"


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider, as the settings tell it."""

    issuer: str
    client: str
    people: Literal["staff", "public"]
    secret: str = ""
    title: dict[str, str] = {}
    claim: str = ""


class Kept(msgspec.Struct, frozen=True):
    """What the browser carries while the person is at the provider; sealed, so that nobody else can write it."""

    provider: str
    state: str
    nonce: str
    verifier: str
    wished: str
    until: int


class _Described(msgspec.Struct, frozen=True):
    """What we need of a provider's description (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class Elsewhere:
    """The way to one provider and back. Thread-safe."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name = name
        self.provider = provider
        self._lock = threading.Lock()
        self._described: tuple[float, _Described] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def begin(self, back: str, wished: str, now: datetime) -> tuple[str, Kept]:
        """The address to send the person to, and what their browser keeps meanwhile."""
        kept = Kept(
            provider=self.name,
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            wished=wished,
            until=int(now.timestamp()) + PATIENCE,
        )
        address = prepare_grant_uri(
            self._description().authorization_endpoint,
            client_id=self.provider.client,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=kept.state,
            nonce=kept.nonce,
            code_challenge=create_s256_code_challenge(kept.verifier),
            code_challenge_method="S256",
        )
        return str(address), kept

    def finish(
        self, told: Mapping[str, str], kept: Kept | None, back: str, now: datetime
    ) -> Mapping[str, Any]:
        """The claims about whoever came back; ElsewhereRefused unless everything fits."""
        if kept is None or kept.provider != self.name or kept.until < now.timestamp():
            raise ElsewhereRefused(reason="not-begun-here")
        if not secrets.compare_digest(told.get("state", ""), kept.state):
            raise ElsewhereRefused(reason="state")
        if told.get("iss", self.provider.issuer) != self.provider.issuer:  # RFC 9207
            raise ElsewhereRefused(reason="iss")
        if "error" in told or not told.get("code"):
            raise ElsewhereRefused(reason="denied")
        tokens = self._tokens(told["code"], kept.verifier, back)
        return self._judged(tokens, kept.nonce, now)

    def _tokens(self, code: str, verifier: str, back: str) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.provider.client,
            "code_verifier": verifier,
        }
        auth = (self.provider.client, self.provider.secret) if self.provider.secret else None
        return self._ask(
            _Tokens, "POST", self._description().token_endpoint, data=form, auth=auth, refusing=True
        )

    def _judged(self, tokens: _Tokens, nonce: str, now: datetime) -> Mapping[str, Any]:
        try:
            token = self._opened(tokens.id_token)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self.provider.client,
                    "access_token": tokens.access_token,
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError) as error:
            raise ElsewhereRefused(reason=type(error).__name__) from error
        return dict(claims)

    def _opened(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            # The provider may have changed its keys; a foreign key is refused after this look.
            return jwt.decode(token, self._key_set(again=True), algorithms=ALGORITHMS)

    def _key_set(self, *, again: bool = False) -> KeySet:
        now = time.monotonic()
        with self._lock:
            held = self._keys
        if held is not None and now - held[0] < (ASK_AGAIN if again else BELIEVED):
            return held[1]
        told = self._ask(dict[str, Any], "GET", self._description().jwks_uri)
        try:
            keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ElsewhereAway(reason="keys") from error
        with self._lock:
            self._keys = (now, keys)
        return keys

    def _description(self) -> _Described:
        now = time.monotonic()
        with self._lock:
            held = self._described
        if held is not None and now - held[0] < BELIEVED:
            return held[1]
        address = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._ask(_Described, "GET", address)
        if found.issuer != self.provider.issuer:
            raise ElsewhereAway(reason="issuer")
        with self._lock:
            self._described = (now, found)
        return found

    def _ask(self, kind: type[T], method: str, address: str, *, refusing: bool = False, **more: Any) -> T:
        """One request; with `refusing` an answer 4xx is a refusal, else whatever is no answer means that it is away."""
        try:
            answer = httpx.request(method, address, timeout=TIMEOUT, trust_env=False, **more)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ElsewhereAway(reason=type(error).__name__) from error
        if refusing and 400 <= answer.status_code < 500:
            raise ElsewhereRefused(reason=f"token-{answer.status_code}")
        if not answer.is_success or len(answer.content) > LIMIT:
            raise ElsewhereAway(reason=f"status-{answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as error:
            raise ElsewhereAway(reason="unreadable") from error


def providers(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Elsewhere]:
    """The providers of the settings; a ValueError of msgspec names what is wrong with one."""
    return {name: Elsewhere(name, msgspec.convert(dict(one), Provider)) for name, one in told.items()}


def wrapped(key: bytes, kept: Kept) -> str:
    """As the browser's cookie carries it."""
    text = base64.urlsafe_b64encode(msgspec.json.encode(kept)).decode()
    return f"{text}.{seal(key, _PURPOSE, text)}"


def unwrapped(key: bytes, cookie: str) -> Kept | None:
    """What we wrote into a cookie; None for anything else."""
    text, _, mark = cookie.partition(".")
    if not mark.isascii() or not sealed(key, _PURPOSE, text, mark):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=Kept)
    except (msgspec.DecodeError, binascii.Error):
        return None
