"""What every route has at hand: the office, who asks, in which language, and the way to answer with a page."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType

from api import shapes
from api.auth import COOKIE, Sessions
from api.words import LANGUAGES, accepted, pick, say

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.office import Office

UI = Path(__file__).parent / "ui"
#: What keeps browsers from doing anything that no page of ours needs.
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
#: A year; language and print size are remembered, nothing else is.
_REMEMBER = 365 * 24 * 3600


class Edge:
    """What the application keeps for all requests."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.sessions = Sessions(office)
        self.pages = Environment(
            loader=FileSystemLoader(UI / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.pages.globals |= {
            "value_of": shapes.value_of,
            "rows_of": shapes.rows_of,
            "date_parts": shapes.date_parts,
            "shown": shapes.shown,
        }
        self.style = hashlib.sha256((UI / "static" / "banjian.css").read_bytes()).hexdigest()[:12]


class Asked:
    """One request, understood: who, when, in which language.

    A plain class, because Litestar takes dataclasses apart to validate them.
    """

    __slots__ = ("actor", "edge", "language", "large", "now", "request")

    def __init__(
        self,
        edge: Edge,
        request: Request[Any, Any, Any],
        actor: Actor,
        language: str,
        *,
        large: bool,
        now: datetime,
    ) -> None:
        self.edge = edge
        self.request = request
        self.actor = actor
        self.language = language
        self.large = large
        self.now = now

    @property
    def office(self) -> Office:
        """The installation."""
        return self.edge.office

    def say(self, key: str, **values: Any) -> str:
        """A sentence in the asker's language."""
        return say(self.language, key, **values)

    def pick(self, words: dict[str, str] | None) -> str:
        """A package's own words in the asker's language."""
        return pick(words, self.language)

    def moment(self, at: datetime) -> str:
        """A moment in the office's zone, to the minute."""
        return at.astimezone(self.office.settings.zone).strftime("%Y-%m-%d %H:%M")

    def command_id(self) -> str:
        """The caller's own id for a command (Idempotency-Key), or a fresh one."""
        return self.request.headers.get("idempotency-key") or secrets.token_hex(16)


async def understand(request: Request[Any, Any, Any]) -> Asked:
    """Read cookie or bearer token, language and print size of a request (a dependency of every route)."""
    edge: Edge = request.app.state.edge
    header = request.headers.get("authorization", "")
    token = header[7:].strip() if header.lower().startswith("bearer ") else request.cookies.get(COOKIE)
    return Asked(
        edge=edge,
        request=request,
        actor=edge.sessions.actor(token),
        language=language_of(request),
        large=_remembered(request, "size") == "large",
        now=datetime.now(UTC),
    )


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language asked for: in the address, remembered, or by Accept-Language."""
    wished = _remembered(request, "language")
    return wished if wished in LANGUAGES else accepted(request.headers.get("accept-language"))


def _remembered(request: Request[Any, Any, Any], name: str) -> str | None:
    return request.query_params.get(name) or request.cookies.get(name)


def page(asked: Asked, template: str, *, status: int = 200, **values: Any) -> Response[str]:
    """A page in the asker's language; choices of language and size in the address are remembered."""
    request = asked.request

    def switch(name: str, value: str) -> str:
        kept = {key: text for key, text in request.query_params.items() if key != name}
        path = request.url.path if request.method == "GET" else "/"
        return f"{path}?{urlencode({**kept, name: value})}"

    text = asked.edge.pages.get_template(template).render(
        {
            "t": asked.say,
            "pick": asked.pick,
            "moment": asked.moment,
            "last_moment": lambda due: shapes.last_moment(due, asked.office.settings.zone),
            "display": lambda field, value: shapes.display(asked, field, value),
            "switch": switch,
            "language": asked.language,
            "large": asked.large,
            "actor": asked.actor,
            "navigation": _navigation(asked),
            "style_digest": asked.edge.style,
            "errors": [],
            "done": None,
            "faults": {},
            "areas": shapes.area_groups(
                asked.office.law, asked.now.astimezone(asked.office.settings.zone).date()
            ),
            **values,
        }
    )
    answer = Response(text, media_type=MediaType.HTML, status_code=status, headers=dict(_HEADERS))
    for name in ("language", "size"):
        if chosen := request.query_params.get(name):
            answer.set_cookie(name, chosen[:10], max_age=_REMEMBER, httponly=True, samesite="lax")
    return answer


def _navigation(asked: Asked) -> list[dict[str, Any]]:
    items = [("/", "nav.home")]
    if asked.actor.grants:
        items.append(("/tasks", "nav.tasks"))
    if asked.actor.id:
        items.append(("/my", "nav.my"))
    if any(
        grant.role in {"county_finance", "county_officer", "town_leader", "city_supervisor"}
        for grant in asked.actor.grants
    ):
        items.append(("/funds", "nav.funds"))
    items.append(("/verify", "nav.verify"))
    path = asked.request.url.path
    return [
        {"href": href, "key": key, "current": path == href or (href != "/" and path.startswith(href + "/"))}
        for href, key in items
    ]
