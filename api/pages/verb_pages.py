"""The verbs as plain forms of a task's page: each leads back to the page, or to the list when the task has gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked, page
from api.pages import desk, posts
from api.pages.task_pages import refused
from api.posted import Given
from api.routes import form, get
from api.verbs import give
from api.words import knows
from engine.commands import (
    AddSigner,
    Command,
    CopyTo,
    DelegateTask,
    DropSigner,
    EndSubstitute,
    ReadCopy,
    ReturnDelegated,
    SendBack,
    SetSubstitute,
    TakeBack,
    TransferTask,
    UrgeTask,
)
from engine.errors import EngineError
from engine.queries import case as read_case
from engine.queries import substitutions
from engine.queries.boards import colleagues_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import HTTPRouteHandler

    Making = Callable[[str, str, Given], Command]

#: Verbs after which the task is no longer at this desk.
_GONE = frozenset({"transfer", "send-back"})
_LONGEST = 2000


def _text(given: Given) -> str:
    return posts.first(given, "text").strip()[: _LONGEST + 1]


def _send_back(command: str, task: str, given: Given) -> Command:
    target, _, straight = posts.first(given, "target").partition(":")
    return SendBack(command, task, target, _text(given), _items(given), straight == "straight")


def _items(given: Given) -> list[dict[str, str]]:
    """The lines of what is to be corrected; empty ones are left out."""
    found = []
    for number in range(60):
        reason = posts.first(given, f"item.{number}.reason").strip()
        if reason:
            places = {
                name: posts.first(given, f"item.{number}.{name}").strip() for name in ("field", "material")
            }
            found.append({**{name: text for name, text in places.items() if text}, "reason": reason})
    return found


def _copy(command: str, task: str, given: Given) -> Command:
    accounts = [one for one in given.get("account", ()) if isinstance(one, str) and one]
    return CopyTo(command, task, accounts, _text(given))


_VERBS: dict[str, Making] = {
    "transfer": lambda c, t, g: TransferTask(c, t, posts.first(g, "account"), _text(g)),
    "delegate": lambda c, t, g: DelegateTask(c, t, posts.first(g, "account"), _text(g)),
    "return-delegated": lambda c, t, g: ReturnDelegated(c, t, _text(g)),
    "send-back": _send_back,
    "take-back": lambda c, t, _: TakeBack(c, t),
    "urge": lambda c, t, g: UrgeTask(c, t, _text(g)),
    "copy": _copy,
    "add-signer": lambda c, t, g: AddSigner(
        c, t, posts.first(g, "account"), posts.first(g, "place") or "parallel", _text(g)
    ),
    "drop-signer": lambda c, t, g: DropSigner(c, posts.first(g, "signer") or t, _text(g)),
}


def _route(verb: str, making: Making) -> HTTPRouteHandler:
    def do(asked: Asked, task: str, given: Given) -> Response[Any]:
        return _do(asked, verb, task, making, given)

    do.__name__ = verb.replace("-", "_")
    do.__doc__ = f"The verb {verb} as the page's form gives it."
    return form(f"/tasks/{{task:str}}/{verb}")(do)


def _do(asked: Asked, verb: str, task: str, making: Making, given: Given) -> Response[Any]:
    try:
        give(asked, making(posts.command(asked, given), task, given), task)
    except EngineError as refusal:
        return refused(asked, task, refusal)
    wish = desk.wish_of(asked)
    query = wish.query(cursor="")
    said = f"{query}{'&' if query else '?'}said=verb"
    return Redirect(f"/tasks{said}" if verb in _GONE else f"/tasks/{task}{said}", status_code=303)


@form("/cases/{number:str}/read")
def read_copy(asked: Asked, number: str, given: Given) -> Response[Any]:
    """Acknowledge a copy, and go to the case."""
    return _read(asked, number, posts.command(asked, given))


def _read(asked: Asked, number: str, command: str) -> Response[Any]:
    asked.require_account()
    office = asked.office
    read_case(office.store, office.bus.access, asked.actor, number)
    asked.execute(ReadCopy(command, number))
    return Redirect(f"/cases/{number}", status_code=303)


@get("/substitutes", include_in_schema=False)
def show_substitutes(asked: Asked) -> Response[str]:
    """Who stands in for the asker, and for whom the asker stands in."""
    asked.require_account()
    return _substitutes(asked)


def _substitutes(asked: Asked, refusal: EngineError | None = None) -> Response[str]:
    office, actor = asked.office, asked.actor
    today = asked.today
    problem = problem_of(refusal, asked.language) if refusal else None
    roles = sorted({grant.role for grant in actor.grants if not grant.whose})
    found = substitutions(office.store, str(actor.id), today)
    return page(
        asked,
        "substitutes.html",
        status=problem.status if problem else 200,
        substitutions=found,
        people=colleagues_of(office.store, actor),
        roles=[(role, asked.say(f"role.{role}") if knows(f"role.{role}") else role) for role in roles],
        today=today,
        command=posts.fresh(),
        errors=[{"anchor": "", "label": "", "sentence": problem.sentence}] if problem else [],
        done=asked.say("task.verb") if asked.request.query_params.get("said") and not problem else None,
    )


@form("/substitutes")
def change_substitutes(asked: Asked, given: Given) -> Response[Any]:
    """Name a substitute, or end it."""
    asked.require_account()
    command, ended = posts.command(asked, given), posts.first(given, "end")
    wish: Command = (
        EndSubstitute(command, ended)
        if ended
        else SetSubstitute(
            command,
            str(asked.actor.id),
            posts.first(given, "account"),
            _day(given, "from"),
            _day(given, "to"),
            posts.first(given, "role"),
            posts.first(given, "text").strip()[:500],
        )
    )
    try:
        asked.execute(wish)
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in {400, 403, 404, 409}:
            raise
        return _substitutes(asked, refusal)
    return Redirect("/substitutes?said=verb", status_code=303)


def _day(given: Given, name: str) -> str:
    year, month, day = (posts.first(given, f"{name}:{part}").strip() for part in "ymd")
    return f"{year:0>4}-{month:0>2}-{day:0>2}"


routes = (
    *(_route(verb, making) for verb, making in _VERBS.items()),
    read_copy,
    show_substitutes,
    change_substitutes,
)
