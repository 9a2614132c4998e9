"""A provider of OpenID Connect for tests: authlib's own server side over real HTTP, with every bad habit one can have.

Whoever asks is at once `person`; `lies` change what the next ID tokens say or how they are signed:
    issuer, audience, nonce, age (seconds that the token is over), subject
    foreign    signed by a key that was never published (under a name of its own)
    forged     signed by such a key under the published name
    shared     signed with the client's secret (HS256)
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import OctKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, SECRET = "banjian", "a secret of this test, long enough to sign with it"


@dataclass
class Client(ClientMixin):
    """The one registered client."""

    back: set[str] = field(default_factory=set)
    id_token_signed_response_alg = None

    def get_client_id(self) -> str:
        return CLIENT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.back

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was given out."""

    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str:
        return "0"

    def get_amr(self) -> list[str]:
        return ["pwd"]


class Payload(OAuth2Payload):
    """What a request carries, in its address or its body."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    @property
    def data(self) -> dict[str, str]:
        return self._values

    @cached_property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, {key: [value] for key, value in self._values.items()})


class Asking(OAuth2Request):
    """A request; tests run over plain HTTP, which authlib would refuse."""

    def __init__(self, method: str, path: str, values: dict[str, str], headers: dict[str, str]) -> None:
        super().__init__(method, f"https://provider.test{path}", headers=headers)
        self.payload = Payload(values)
        self._values = values

    @property
    def args(self) -> dict[str, str]:
        return self._values if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        return self._values if self.method == "POST" else {}


class Provider(AuthorizationServer):
    """The provider; `url` is its issuer."""

    def __init__(self) -> None:
        super().__init__(scopes_supported=["openid", "profile"])
        self.url = ""
        self.client = Client()
        self.person: dict[str, Any] | None = {"sub": "42", "name": "李雷", "preferred_username": "li.lei"}
        self.lies: dict[str, Any] = {}
        self.keys: list[RSAKey] = []
        self.codes: dict[str, Code] = {}
        self.asked: defaultdict[str, int] = defaultdict(int)
        self.rotate()
        self.register_token_generator("default", BearerTokenGenerator(lambda *_, **__: generate_token(42)))
        self.register_grant(_Grant, [CodeChallenge(required=True), _Openid(self)])

    def rotate(self) -> None:
        """From now on another key signs, and only that one is published."""
        self.keys = [RSAKey.generate_key(2048, {"use": "sig", "kid": generate_token(8)}, private=True)]

    def query_client(self, client_id: str) -> Client | None:
        return self.client if client_id == CLIENT else None

    def save_token(self, token: object, request: object) -> None:
        """Nobody asks for it again."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Asking) -> Asking:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers


class _Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = ["client_secret_basic"]

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.codes[code] = Code(
            data["redirect_uri"],
            request.scope,
            data.get("nonce", ""),
            data.get("code_challenge", ""),
            data.get("code_challenge_method", ""),
            request.user,
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        codes = self.server.codes
        del codes[next(name for name, one in codes.items() if one is authorization_code)]

    def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
        return authorization_code.person


class _Openid(OpenIDCode):
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: object) -> bool:
        return any(code.nonce == nonce for code in self.provider.codes.values())

    def resolve_client_private_key(self, client: Client) -> Any:
        lies, key = self.provider.lies, self.provider.keys[0]
        if lies.get("shared"):
            return OctKey.import_key(SECRET)
        if lies.get("foreign"):
            return RSAKey.generate_key(2048, {"kid": "nobody-knows"}, private=True)
        if lies.get("forged"):
            return RSAKey.generate_key(2048, {"kid": key.kid}, private=True)
        return key

    def get_client_algorithm(self, client: Client) -> str:
        return "HS256" if self.provider.lies.get("shared") else "RS256"

    def get_encode_header(self, client: Client) -> dict[str, str]:
        kid = "nobody-knows" if self.provider.lies.get("foreign") else self.provider.keys[0].kid
        return {"alg": self.get_client_algorithm(client), "kid": str(kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        lies, now = self.provider.lies, int(time.time())
        age = lies.get("age", 0)
        return {
            "iss": lies.get("issuer", self.provider.url),
            "aud": lies.get("audience", [CLIENT]),
            "iat": now - age,
            "exp": now + 300 - age,
        }

    def get_authorization_code_claims(self, code: Code) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_authorization_code_claims(code)
        return claims | ({"nonce": self.provider.lies["nonce"]} if "nonce" in self.provider.lies else {})

    def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
        return UserInfo(**user)


class _Door(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        provider = self.provider
        provider.asked[parts.path] += 1
        match parts.path:
            case "/.well-known/openid-configuration":
                places = {"authorization": "authorize", "token": "token"}
                told = {f"{name}_endpoint": f"{provider.url}/{path}" for name, path in places.items()}
                self.tell(200, {"issuer": provider.url, "jwks_uri": f"{provider.url}/jwks", **told})
            case "/jwks":
                self.tell(200, {"keys": [key.as_dict(private=False) for key in provider.keys]})
            case "/authorize":
                asking = Asking("GET", self.path, dict(parse_qsl(parts.query)), dict(self.headers))
                grant = provider.get_consent_grant(asking, end_user=provider.person)
                self.tell(*provider.create_authorization_response(asking, provider.person, grant=grant))
            case _:
                self.tell(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        self.provider.asked[self.path] += 1
        asking = Asking("POST", self.path, dict(parse_qsl(body)), dict(self.headers))
        self.tell(*self.provider.create_token_response(asking))

    def tell(self, status: int, body: Any, headers: Any = ()) -> None:
        content = json.dumps(body).encode() if isinstance(body, dict) else str(body).encode()
        self.send_response(status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a free port of this machine."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"provider": provider}))
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
