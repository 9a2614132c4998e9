"""What an applicant can do with an own case: tell it something, push it, rate it, name a helper, show a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import segno
from litestar import Response
from litestar.response import Redirect

from api.cases import deliver
from api.errors import problem_of
from api.following import HELPER_COOKIE
from api.frame import Asked, page
from api.pages import posts
from api.pages.case_pages import letter, sendable
from api.pages.track_pages import case_page, owner_named
from api.posted import Given
from api.routes import form, get
from engine.commands import RateCase, RecordHelper, UrgeTask
from engine.errors import EngineError, FormInvalid, NotFound
from engine.queries import case as read_case
from engine.queries.contents import token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.access import Actor
    from engine.commands import Command
    from engine.queries import CaseView

#: Refusals that belong on the case's page; everything else is a page of its own.
_TOLD = frozenset({400, 403, 409})


def _view(asked: Asked, actor: Actor, number: str) -> CaseView:
    return read_case(asked.office.store, asked.office.bus.access, actor, number)


def _done(asked: Asked, number: str, said: str, wish: Callable[[Actor], Command]) -> Response[Any]:
    """Give the command as the case's owner; refused, the case's page says why."""
    actor = owner_named(asked, number)
    view = _view(asked, actor, number)
    try:
        asked.execute(wish(actor), actor=actor)
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in _TOLD:
            raise
        return case_page(asked, actor, view, refusal)
    return Redirect(f"/track/{number}?said={said}", status_code=303)


@get("/track/{number:str}/messages/{message:str}", include_in_schema=False)
def ask_message(asked: Asked, number: str, message: str) -> Response[Any]:
    """What a message asks, where it has a form of its own."""
    return _message_page(asked, number, message)


def _message_page(
    asked: Asked,
    number: str,
    message: str,
    answers: dict[str, Any] | None = None,
    invalid: FormInvalid | None = None,
) -> Response[Any]:
    actor = owner_named(asked, number)
    view = _view(asked, actor, number)
    package = asked.office.versions.at(view.row.package)
    form = package.form(f"message-{message}")
    offered = {one["name"]: one["title"] for one in sendable(asked, package, view, actor)}
    if form is None or message not in offered:
        return Redirect(f"/track/{number}", status_code=303)
    told = posts.question_values(asked, form, answers or {}, view.variables, invalid)
    return page(
        asked,
        "own_message.html",
        status=422 if invalid else 200,
        number=number,
        message=message,
        title=offered[message],
        command=posts.fresh(),
        upload=f"/track/{number}/files",
        **told,
    )


@form("/track/{number:str}/messages/{message:str}")
def send(asked: Asked, number: str, message: str, given: Given) -> Response[Any]:
    """Tell the case something: that it is withdrawn, that one objects, that the handler should stand aside."""
    actor = owner_named(asked, number)
    view = _view(asked, actor, number)
    form = asked.office.versions.at(view.row.package).form(f"message-{message}")
    answers: dict[str, Any] = letter(given)
    if form is not None:
        answers, bad_upload = posts.read_answers(asked, form, given)
        if posts.changed_by_button(asked, form, answers, given) or posts.first(given, "go") == "update":
            return _message_page(asked, number, message, answers)
        if bad_upload is not None:
            return _message_page(asked, number, message, answers, bad_upload)
    try:
        deliver(asked, actor, number, message, answers, posts.command(asked, given))
    except FormInvalid as invalid:
        return _message_page(asked, number, message, answers, invalid)
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in _TOLD:
            raise
        return case_page(asked, actor, view, refusal)
    return Redirect(f"/track/{number}?said=reported", status_code=303)


@form("/track/{number:str}/urge")
def urge(asked: Asked, number: str, given: Given) -> Response[Any]:
    """Push the desk that has the case."""
    task, command = posts.first(given, "task"), posts.command(asked, given)
    if not task.startswith(f"{number}."):
        raise NotFound(kind="task", id=task)
    return _done(asked, number, "urged", lambda _: UrgeTask(command, task))


@form("/track/{number:str}/rating")
def rate(asked: Asked, number: str, given: Given) -> Response[Any]:
    """Rate how the case was handled, once."""
    reasons = tuple(dict.fromkeys(one for one in given.get("reasons", ()) if isinstance(one, str)))
    comment = posts.first(given, "comment").strip()[:500]
    wish = RateCase(posts.command(asked, given), number, posts.number(given, "grade"), reasons, comment)
    return _done(asked, number, "rated", lambda _: wish)


@form("/track/{number:str}/helper")
def help_out(asked: Asked, number: str, given: Given) -> Response[Any]:
    """Say that one acts for the applicant from now on, and by which consent."""
    names = ("name", "relation", "consent", "phone", "unit")
    helper = {name: text for name in names if (text := posts.first(given, f"helper-{name}").strip()[:60])}
    wish = RecordHelper(posts.command(asked, given), number, helper)
    answer = _done(asked, number, "helper", lambda _: wish)
    if isinstance(answer, Redirect):
        secure = asked.office.settings.base_url.startswith("https")
        answer.set_cookie(HELPER_COOKIE, number, httponly=True, samesite="lax", secure=secure)
    return answer


@get("/track/{number:str}/papers/{document:str}", include_in_schema=False)
def show_paper(asked: Asked, number: str, document: str) -> Response[Any]:
    """A paper to hold out: its title, and a code as large as the screen that a stranger's phone reads."""
    actor = owner_named(asked, number)
    view = _view(asked, actor, number)
    row = next((one for one in view.documents if one.id == document), None)
    if row is None:
        raise NotFound(kind="document", id=document)
    with asked.office.store.reading() as reader:
        token = token_of(reader, document)
    address = f"{asked.office.settings.base_url}/verify/{token}"
    code = segno.make(address, error="m", micro=False)
    return page(
        asked,
        "show_paper.html",
        number=number,
        paper=row,
        title=asked.pick(orjson.loads(row.title)),
        address=address,
        word=" ".join(token[place : place + 4] for place in range(0, len(token), 4)),
        code=code.svg_inline(scale=8, border=2, omitsize=True, svgclass=None, lineclass=None),
    )


routes = (ask_message, send, urge, rate, help_out, show_paper)
