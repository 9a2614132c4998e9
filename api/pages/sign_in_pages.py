"""Ways in: a code sent to the phone, a password, a provider elsewhere; and the way out."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.auth import COOKIE
from api.devices import agent_of
from api.drafting import take_along
from api.elsewhere import PATIENCE, ElsewhereRefused, unwrapped, wrapped
from api.errors import problem_of
from api.frame import CASE_COOKIE, Asked, page, token_of
from api.pages import posts
from api.posted import Given
from api.routes import form, get, post
from engine.codes import key_of
from engine.commands.codes import LIFE, masked
from engine.commands.notices import SMS
from engine.demonstration import PASSWORD, people
from engine.errors import EngineError, NotFound

if TYPE_CHECKING:
    from api.auth import Begun
    from api.elsewhere import Elsewhere

log = logging.getLogger("banjian")
#: Carries what is needed when a person comes back from a provider.
LOGIN_COOKIE = "banjian-login"
_MASKED = re.compile(r"\d{3}\*{4}\d{4}")
#: What a refusal stands at, and how that is called.
_LABELS = {"account": "sign-in.account", "phone": "sign-in.phone", "elsewhere": "sign-in.elsewhere"}


def _sign_in_page(
    asked: Asked,
    *,
    account: str = "",
    phone: str = "",
    wished: str = "",
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    settings = asked.office.settings
    return page(
        asked,
        "sign_in.html",
        status=status,
        account=account,
        phone=phone,
        next=wished or asked.request.query_params.get("next", ""),
        errors=errors or [],
        faults={error["anchor"]: error["sentence"] for error in errors or []},
        by_phone=SMS in asked.office.bus.office.lines,
        providers=[
            {"name": name, "title": asked.pick(one.provider.title) or name}
            for name, one in asked.edge.elsewhere.items()
        ],
        demonstration=_demonstration(asked) if settings.demonstration else [],
        demonstration_password=PASSWORD,
    )


def _demonstration(asked: Asked) -> list[dict[str, str]]:
    settings = asked.office.settings
    places = {area.code: area.name for area in asked.office.law.areas}
    shown: dict[str, dict[str, str]] = {}
    for one in people(settings.root, settings.jurisdiction):
        entry = shown.setdefault(
            one.account, {"id": one.account, "name": one.name, "roles": "", "place": places.get(one.area, "")}
        )
        role = asked.say(f"role.{one.role or 'resident'}")
        entry["roles"] = f"{entry['roles']} {role}".strip()
    return list(shown.values())


def _refused(asked: Asked, refusal: EngineError, anchor: str, **shown: Any) -> Response[str]:
    problem = problem_of(refusal, asked.language)
    label = asked.say(_LABELS[anchor])
    errors = [{"anchor": anchor, "label": label, "sentence": problem.sentence}]
    answer = _sign_in_page(asked, errors=errors, status=problem.status, **shown)
    answer.headers.update({name: value for name, value in problem.headers.items() if name == "retry-after"})
    return answer


def _admitted(asked: Asked, begun: Begun, wished: str) -> Redirect:
    """Give the browser its session and send it on: to where the person was going, to the work, or to the own cases."""
    # Only a path of ours: an address from outside must not be able to send people elsewhere after signing in.
    actor = asked.edge.sessions.actor(begun.token)
    take_along(asked, actor)
    ours = wished.startswith("/") and not wished.startswith(("//", "/\\")) and wished.isprintable()
    if not ours or wished == "/tasks":
        works = asked.office.bus.access.reaches(actor)
        wished = "/account?said=welcome" if begun.new else "/tasks" if works else "/my"
    answer = Redirect(wished, status_code=303)
    secure = asked.office.settings.base_url.startswith("https")
    answer.set_cookie(COOKIE, begun.token, httponly=True, samesite="lax", secure=secure)
    return answer


def _agent(asked: Asked) -> str:
    return agent_of(asked.request.headers.get("user-agent", ""))


@get("/sign-in", include_in_schema=False)
def sign_in_form(asked: Asked) -> Response[str]:
    """The sign-in page; a demonstration lists its accounts."""
    return _sign_in_page(asked)


@form("/sign-in")
def sign_in(asked: Asked, given: Given) -> Response[Any]:
    """Begin a session by password and go on to where the person was going."""
    account, wished = posts.first(given, "account").strip(), posts.first(given, "next")
    try:
        asked.brake("sign-in")
        begun = asked.edge.sessions.begin(account, posts.first(given, "password"), asked.now, _agent(asked))
    except EngineError as refusal:
        return _refused(asked, refusal, "account", account=account, wished=wished)
    return _admitted(asked, begun, wished)


@form("/sign-in/code")
def ask_code(asked: Asked, given: Given) -> Response[Any]:
    """Send a code to a phone and go on to the page where it is entered."""
    phone = re.sub(r"[\s-]", "", posts.first(given, "phone")).removeprefix("+86")
    wished = posts.first(given, "next")
    if SMS not in asked.office.bus.office.lines:
        raise NotFound(kind="page", id="code")
    try:
        asked.brake("code")
        name = asked.edge.sessions.ask_code(phone, asked.now, asked.language)
    except EngineError as refusal:
        return _refused(asked, refusal, "phone", phone=phone[:20], wished=wished)
    return Redirect(
        "/sign-in/code", status_code=303, query_params={"code": name, "to": masked(phone), "next": wished}
    )


@get("/sign-in/code", include_in_schema=False)
def code_form(asked: Asked) -> Response[Any]:
    """The page where a code is entered; reloading it sends none."""
    given = {name: [value] for name, value in asked.request.query_params.items()}
    if not posts.first(given, "code"):
        return Redirect("/sign-in", status_code=303)
    return _code_page(asked, given)


def _code_page(asked: Asked, given: Given, refusal: EngineError | None = None) -> Response[str]:
    problem = problem_of(refusal, asked.language) if refusal is not None else None
    to = posts.first(given, "to")
    return page(
        asked,
        "sign_in_code.html",
        status=problem.status if problem else 200,
        code=posts.first(given, "code")[:64],
        to=to if _MASKED.fullmatch(to) else "",
        next=posts.first(given, "next"),
        minutes=int(LIFE.total_seconds()) // 60,
        wrong=problem.sentence if problem else "",
        errors=[{"anchor": "digits", "label": asked.say("sign-in.code"), "sentence": problem.sentence}]
        if problem
        else [],
        demonstration=asked.office.settings.demonstration,
    )


@form("/sign-in/code/enter")
def enter_code(asked: Asked, given: Given) -> Response[Any]:
    """Begin a session by the code that was sent."""
    try:
        asked.brake("sign-in")
        begun = asked.edge.sessions.begin_by_code(
            posts.first(given, "code"),
            posts.first(given, "digits"),
            asked.now,
            agent=_agent(asked),
            language=asked.language,
        )
    except EngineError as refusal:
        return _code_page(asked, given, refusal)
    return _admitted(asked, begun, posts.first(given, "next"))


def _elsewhere(asked: Asked, provider: str) -> tuple[Elsewhere, str]:
    """The provider, and the address to which it sends people back."""
    found = asked.edge.elsewhere.get(provider)
    if found is None:
        raise NotFound(kind="provider", id=provider)
    return found, f"{asked.office.settings.base_url}/sign-in/with/{provider}/back"


@get("/sign-in/with/{provider:str}", include_in_schema=False)
def go_elsewhere(asked: Asked, provider: str) -> Response[Any]:
    """Send the person to the provider."""
    way, back = _elsewhere(asked, provider)
    wished = asked.request.query_params.get("next", "")
    try:
        asked.brake("sign-in")
        address, kept = way.begin(back, wished[:500], asked.now)
    except EngineError as refusal:
        return _refused(asked, refusal, "elsewhere", wished=wished)
    answer = Redirect(address, status_code=303)
    answer.set_cookie(
        LOGIN_COOKIE,
        wrapped(key_of(asked.office.settings.data / "keys"), kept),
        max_age=PATIENCE,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=asked.office.settings.base_url.startswith("https"),
    )
    return answer


@get("/sign-in/with/{provider:str}/back", include_in_schema=False)
def come_back(asked: Asked, provider: str) -> Response[Any]:
    """The person comes back from the provider: judge what it says, and begin a session."""
    way, back = _elsewhere(asked, provider)
    cookie = asked.request.cookies.get(LOGIN_COOKIE) or ""
    kept = unwrapped(key_of(asked.office.settings.data / "keys"), cookie)
    answer: Response[Any]
    try:
        asked.brake("sign-in")
        claims = way.finish(dict(asked.request.query_params), kept, back, asked.now)
        begun = asked.edge.sessions.begin_elsewhere(
            way.name, way.provider, claims, asked.now, _agent(asked), asked.language
        )
        answer = _admitted(asked, begun, kept.wished if kept else "")
    except EngineError as refusal:
        if isinstance(refusal, ElsewhereRefused):
            log.warning("sign-in with %s refused: %s", provider, refusal.values.get("reason"))
        answer = _refused(asked, refusal, "elsewhere")
    answer.delete_cookie(LOGIN_COOKIE, path="/sign-in")
    return answer


@post("/sign-out", include_in_schema=False)
def sign_out(asked: Asked) -> Redirect:
    """End the session."""
    asked.edge.sessions.end(token_of(asked.request), asked.now)
    answer = Redirect("/", status_code=303)
    answer.delete_cookie(COOKIE)
    answer.delete_cookie(CASE_COOKIE)
    return answer


routes = (
    sign_in_form,
    sign_in,
    ask_code,
    code_form,
    enter_code,
    go_elsewhere,
    come_back,
    sign_out,
)
