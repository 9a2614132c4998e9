"""What every route has at hand: the office, who asks, in which language, and the way to answer with a page."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.enums import MediaType

from api import shapes
from api.assets import asset
from api.auth import ANONYMOUS, COOKIE, Sessions
from api.brakes import Brakes
from api.choices import CHOICES, REMEMBER
from api.drafts import Drafts
from api.elsewhere import providers
from api.homes import home_of
from api.looks import Looks
from api.menu import navigation
from api.tally import Kept, Tally
from api.words import LANGUAGES, accepted, pick, say
from engine.errors import CommandInvalid, Forbidden, SignInRequired
from engine.queries import holder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from engine.access import Actor
    from engine.commands import Answer, Command
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
#: Remembers number and query code of the case that somebody without account follows, until the browser is closed.
CASE_COOKIE = "banjian-case"
_LONGEST_KEY = 120


class Edge:
    """What the application keeps for all requests."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.sessions = Sessions(office)
        self.brakes = Brakes()
        self.tally = Tally(office)
        self.drafts = Drafts(office.versions)
        self.looks = Looks(office)
        #: What stands around the answers to strangers, by all that it depends on (`api.pages.verify_pages`).
        self.told = Kept(1000)
        self.elsewhere = providers(office.settings.providers)
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
            "display": shapes.display,
            "files_of": shapes.files_of,
            "asset": asset,
        }


class Asked:
    """One request, understood: who, when, in which language.

    A plain class, because Litestar takes dataclasses apart to validate them.
    """

    __slots__ = ("_language", "actor", "edge", "now", "request")

    def __init__(self, edge: Edge, request: Request[Any, Any, Any], actor: Actor, now: datetime) -> None:
        self.edge = edge
        self.request = request
        self.actor = actor
        self.now = now
        self._language = ""

    @property
    def language(self) -> str:
        """The asker's language; looked for when the first sentence is wanted, for many answers have none."""
        if not self._language:
            self._language = language_of(self.request)
        return self._language

    def speaking(self, language: str) -> Asked:
        """The same request as somebody who reads that language asks it; unchanged for one that we do not speak."""
        if language not in LANGUAGES:
            return self
        other = Asked(self.edge, self.request, self.actor, self.now)
        other._language = language
        return other

    @property
    def today(self) -> date:
        """The office's day, which in UTC is still yesterday until its morning is well begun."""
        return self.now.astimezone(self.office.settings.zone).date()

    @property
    def session_ends(self) -> datetime | None:
        """When the session in use is over; None without one."""
        return self.edge.sessions.known(token_of(self.request)).ends

    @property
    def large(self) -> bool:
        """Whether pages come in large print."""
        return _remembered(self.request, "size") == "large"

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

    def command_id(self, given: str = "") -> str:
        """The sender's own id for a command (Idempotency-Key, or a page's hidden one), or a fresh one.

        It counts for this account: nobody can use up the ids of another, or those of the engine itself. People without
        account share one set, since nothing about them lasts from one click to the next; their pages draw ids by lot.
        """
        key = given or self.request.headers.get("idempotency-key") or secrets.token_hex(16)
        if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise CommandInvalid(reason="Idempotency-Key")
        return f"edge:{self.actor.id or ''}:{key}"

    def brake(self, purpose: str) -> None:
        """Count an attempt of this address; TooOften when there were too many."""
        client = self.request.client
        self.edge.brakes.use(purpose, client.host if client else "")

    def brake_strangers(self, purpose: str) -> None:
        """`brake`, but for people without account only: a window enters many applications in an hour."""
        if self.actor.id is None:
            self.brake(purpose)

    def require_account(self) -> None:
        """SignInRequired for a person without account, whatever they ask about."""
        if self.actor.id is None:
            raise SignInRequired

    def execute(
        self, command: Command, seen: Callable[[], object] | None = None, actor: Actor | None = None
    ) -> Answer:
        """Give a command to the bus.

        `seen` reads what the command is about with the actor's eyes: where a right is missing it raises NotFound for
        what the actor may not even know of, so that a refusal never tells that something exists.
        """
        try:
            return self.office.bus.execute(command, actor or self.actor, self.now)
        except (Forbidden, SignInRequired) as refusal:
            if seen is not None and type(refusal) in (Forbidden, SignInRequired):
                seen()
            raise

    def holds(self, number: str) -> Actor | None:
        """Whoever the cookie of a followed case shows to be its owner; None when there is none for this case."""
        known, _, code = (self.request.cookies.get(CASE_COOKIE) or "").partition(".")
        return holder(self.office.store, number, code) if code and known == number else None

    def owner_of(self, number: str) -> Actor:
        """As whom the asker looks at an own case: by number and query code, else by account."""
        actor = self.holds(number)
        if actor is None:
            self.require_account()
            return self.actor
        return actor


async def understand(request: Request[Any, Any, Any]) -> Asked:
    """Read cookie or bearer token, language and print size of a request (a dependency of every route)."""
    edge: Edge = request.app.state.edge
    if edge.looks.due:
        await sync_to_thread(edge.looks.look)
    token = token_of(request)
    actor = edge.sessions.remembered(token)
    if actor is None:
        actor = await sync_to_thread(edge.sessions.actor, token)
    return asked_of(request, actor)


def token_of(request: Request[Any, Any, Any]) -> str | None:
    """The session's secret: a bearer token, else the cookie."""
    header = request.headers.get("authorization", "")
    return header[7:].strip() if header.lower().startswith("bearer ") else request.cookies.get(COOKIE)


def asked_of(request: Request[Any, Any, Any], actor: Actor = ANONYMOUS) -> Asked:
    """The request as its routes see it, for an actor that is known already."""
    return Asked(request.app.state.edge, request, actor, datetime.now(UTC))


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language asked for: in the address, remembered, or by Accept-Language."""
    wished = _remembered(request, "language")
    return wished if wished in LANGUAGES else accepted(request.headers.get("accept-language"))


def _remembered(request: Request[Any, Any, Any], name: str) -> str | None:
    return request.query_params.get(name) or request.cookies.get(name)


def page(asked: Asked, template: str, *, status: int = 200, **values: Any) -> Response[str]:
    """A page in the asker's language; choices of language and size in the address are remembered."""
    request = asked.request
    zone = asked.office.settings.zone
    text = asked.edge.pages.get_template(template).render(
        {
            "t": asked.say,
            "pick": asked.pick,
            "moment": asked.moment,
            "last_moment": lambda due: shapes.last_moment(due, zone),
            "switch": lambda name, value: _switch(request, name, value),
            "language": asked.language,
            "large": asked.large,
            "actor": asked.actor,
            "navigation": navigation(asked),
            "errors": [],
            "done": None,
            "faults": {},
            "clear": False,
            "asked": asked,
            "areas": lambda levels=("village",): shapes.area_groups(
                asked.office.law, asked.today, tuple(levels)
            ),
            **values,
        }
    )
    answer = Response(text, media_type=MediaType.HTML, status_code=status, headers=dict(_HEADERS))
    for name in CHOICES:
        if chosen := request.query_params.get(name):
            answer.set_cookie(name, chosen[:10], max_age=REMEMBER, httponly=True, samesite="lax")
    return answer


def again(text: str) -> Response[str]:
    """A page that was made before, for somebody to whom it would look the same."""
    return Response(text, media_type=MediaType.HTML, headers=dict(_HEADERS))


def _switch(request: Request[Any, Any, Any], name: str, value: str) -> str:
    """The address of this page in another language or size; after a post, of the page that the post belongs to."""
    kept = {key: text for key, text in request.query_params.items() if key not in {name, "said"}}
    return f"{home_of(request)}?{urlencode({**kept, name: value})}"
