"""One's own account: how one is reached, password, where one is signed in; the inbox; the demonstration's telephones."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.auth import COOKIE, SignInWrong, fingerprint, hash_password
from api.errors import problem_of
from api.frame import Asked, page, token_of
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from engine.commands import ChangePassword, ChangeProfile, EndSessions, ReadNotices
from engine.commands.codes import masked
from engine.commands.notices import STANDARD
from engine.commands.profiles import CHANNELS
from engine.connectors.sms import FILE, DemonstrationGateway
from engine.connectors.sms import SMS as TEXTING
from engine.errors import CommandInvalid, EngineError, NotFound
from engine.queries import known
from engine.queries.accounts import inbox, own_account, own_sessions

#: Shortest password that is taken (GB/T 22239 asks for length before variety).
SHORTEST, LONGEST = 8, 128
_SAID = ("saved", "password", "ended", "welcome")


def _account_page(asked: Asked, errors: list[dict[str, str]] | None = None, **typed: Any) -> Response[str]:
    account = own_account(asked.office.store, asked.actor)
    said = asked.request.query_params.get("said", "")
    here = fingerprint(token_of(asked.request) or "")
    sessions = [
        {
            "token": one.token,
            "way": one.way or "password",
            "agent": one.agent,
            "at": one.created_at,
            "here": one.token == here,
        }
        for one in own_sessions(asked.office.store, asked.actor, asked.now)
    ]
    shown = {
        "name": account.name,
        "email": account.email or "",
        "notify": list(STANDARD) if account.notify is None else account.notify.split(),
        "language_of": account.language,
    } | typed
    return page(
        asked,
        "account.html",
        status=422 if errors else 200,
        account=account,
        phone=masked(account.phone) if account.phone else "",
        renames=not asked.actor.grants,
        channels=[(one, one in asked.office.bus.office.lines) for one in CHANNELS],
        sessions=sessions,
        ways={name: asked.pick(one.provider.title) or name for name, one in asked.edge.elsewhere.items()},
        shortest=SHORTEST,
        errors=errors or [],
        faults={error["anchor"]: error["sentence"] for error in errors or []},
        done=asked.say(f"account.said-{said}") if said in _SAID and not errors else None,
        **shown,
    )


def _fault(asked: Asked, anchor: str, label: str, sentence: str) -> list[dict[str, str]]:
    return [{"anchor": anchor, "label": asked.say(label), "sentence": sentence}]


@get("/account", include_in_schema=False)
def account_form(asked: Asked) -> Response[str]:
    """The own account."""
    return _account_page(asked)


@form("/account")
def change_account(asked: Asked, given: Given) -> Response[Any]:
    """Change name, address of e-mail, channels, language."""
    asked.require_account()
    known = own_account(asked.office.store, asked.actor)
    language = posts.first(given, "language_of") or known.language
    typed: dict[str, Any] = {
        "name": (posts.first(given, "name") or known.name).strip(),
        "email": posts.first(given, "email").strip(),
        "notify": [one for one in posts.texts(given).get("notify", []) if one in CHANNELS],
    }
    command = ChangeProfile(
        posts.command(asked, given), **(typed | {"notify": tuple(typed["notify"])}), language=language
    )
    try:
        asked.execute(command)
    except CommandInvalid as refusal:
        field = {"name": "name", "email": "email"}.get(str(refusal.values.get("reason")))
        if field is None:
            raise
        errors = _fault(asked, field, f"account.{field}", asked.say(f"account.wrong-{field}"))
        return _account_page(asked, errors, **typed, language_of=language)
    asked.edge.sessions.forget()
    return Redirect("/account?said=saved", status_code=303)


@form("/account/password")
def change_password(asked: Asked, given: Given) -> Response[Any]:
    """Change the password; every other session ends."""
    asked.require_account()
    account = own_account(asked.office.store, asked.actor)
    old, new = posts.first(given, "old"), posts.first(given, "new")
    asked.brake("sign-in")
    if account.password is not None and not asked.edge.sessions.proves(account.id, old):
        sentence = problem_of(SignInWrong(), asked.language).sentence
        return _account_page(asked, _fault(asked, "old", "account.password-old", sentence))
    if not SHORTEST <= len(new) <= LONGEST:
        sentence = asked.say("account.wrong-password", shortest=SHORTEST)
        return _account_page(asked, _fault(asked, "new", "account.password-new", sentence))
    keep = fingerprint(token_of(asked.request) or "")
    asked.execute(ChangePassword(posts.command(asked, given), hash_password(new), keep))
    asked.edge.sessions.forget()
    return Redirect("/account?said=password", status_code=303)


@form("/account/sessions")
def end_sessions(asked: Asked, given: Given) -> Response[Any]:
    """End one session, or all of them everywhere."""
    asked.require_account()
    only = posts.first(given, "only") or None
    asked.execute(EndSessions(posts.command(asked, given), only))
    asked.edge.sessions.forget()
    if only is None or only == fingerprint(token_of(asked.request) or ""):
        answer = Redirect("/sign-in", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer
    return Redirect("/account?said=ended", status_code=303)


@get("/inbox", include_in_schema=False)
def inbox_page(asked: Asked) -> Response[str]:
    """The own notices, latest first; those that were new are marked on this page, and read afterwards."""
    asked.require_account()
    letters = inbox(asked.office.store, asked.actor)
    fresh = [one for one, _ in letters if one.read_at is None]
    if fresh:
        try:
            asked.execute(ReadNotices(f"read:{asked.actor.id}:{fresh[0].id}", fresh[0].id))
        except EngineError:
            # Reading goes on when it cannot be noted.
            fresh = []
    return page(asked, "inbox.html", letters=letters)


@get("/demonstration/messages", include_in_schema=False)
def demonstration_messages(asked: Asked) -> Response[str]:
    """What the demonstration would have sent by SMS; nowhere else is there such a page."""
    settings = asked.office.settings
    if not settings.demonstration or TEXTING in settings.connectors:
        raise NotFound(kind="page", id="demonstration")
    store, access = asked.office.store, asked.office.bus.access
    messages = DemonstrationGateway(settings.data / FILE).messages(
        shown=lambda key: known(store, access, asked.actor, key)
    )
    return page(asked, "demonstration_messages.html", messages=messages)


routes = (
    account_form,
    change_account,
    change_password,
    end_sessions,
    inbox_page,
    demonstration_messages,
)
