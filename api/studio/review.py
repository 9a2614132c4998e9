"""Asking for a review, returning a draft, publishing it with a second person, rolling back, retiring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio.checks import FRESH, checks_of, play_all
from api.studio.frame import known, opened, require_sight, studio_page
from api.studio.jobs import shown as shown_job
from engine.commands import (
    AskReview,
    Publish,
    PublishAgain,
    Reinstate,
    Retire,
    ReturnDraft,
    TakeBackDraft,
)
from engine.errors import EngineError, Forbidden, FourEyes, ScenariosNotGreen, SignInRequired
from engine.package import BROKEN
from engine.queries.processes import hands_on, process_view, trial

if TYPE_CHECKING:
    from engine.commands import Command

#: What publishing may be refused for; all are told on the page, nothing was changed.
_REFUSALS = (EngineError, *BROKEN)


@get("/studio/{process:str}/publish", include_in_schema=False)
def review(asked: Asked, process: str, said: str = "") -> Response[str]:
    """What stands between the draft and new cases, and who does the next step."""
    done = asked.say(f"studio.said-{said}") if said in _SAID else None
    return _page(asked, process, done=done)


_SAID = frozenset({"asked", "returned", "taken-back", "published", "again", "retired", "reinstated"})


@form("/studio/{process:str}/publish/try")
def try_scenarios(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Have every scenario of what is shown played beside the server; the page follows it."""
    seen = opened(asked, process)
    try:
        play_all(asked, given, seen.package)
    except _REFUSALS as refusal:
        return _page(asked, process, refusal=refusal)
    return Redirect(f"/studio/{process}/publish#scenarios", status_code=303)


@form("/studio/{process:str}/publish/ask")
def ask(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Hand the draft to a second person."""
    note = posts.first(given, "note")
    wish = AskReview(posts.command(asked, given), process, posts.number(given, "revision"), note)
    return _do(asked, process, wish, "asked", note=note)


@form("/studio/{process:str}/publish/return")
def give_back(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Send the draft back with a reason."""
    note = posts.first(given, "note")
    return _do(asked, process, ReturnDraft(posts.command(asked, given), process, note), "returned", note=note)


@form("/studio/{process:str}/publish/take-back")
def take_back(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Go on working on the own draft."""
    return _do(asked, process, TakeBackDraft(posts.command(asked, given), process), "taken-back")


@form("/studio/{process:str}/publish")
def publish(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Make the draft what new cases get; law, calendar or other processes may have changed since an old trial."""
    note = posts.first(given, "note")
    with asked.office.store.reading() as reader:
        played = trial(reader, opened(asked, process).digest)
    if played is not None and asked.now - played.at > FRESH:
        return _page(asked, process, refusal=ScenariosNotGreen("trial-stale"), note=note)
    wish = Publish(posts.command(asked, given), process, posts.number(given, "revision"), note)
    return _do(asked, process, wish, "published", note=note)


@form("/studio/{process:str}/publish/again")
def publish_again(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Go back to an old version."""
    number, note = posts.number(given, "number"), posts.first(given, "note")
    return _do(
        asked, process, PublishAgain(posts.command(asked, given), process, number, note), "again", note=note
    )


@form("/studio/{process:str}/publish/retire")
def retire(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Take no new cases any more."""
    note = posts.first(given, "note")
    return _do(asked, process, Retire(posts.command(asked, given), process, note), "retired", note=note)


@form("/studio/{process:str}/publish/reinstate")
def reinstate(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Take new cases again."""
    note = posts.first(given, "note")
    return _do(asked, process, Reinstate(posts.command(asked, given), process, note), "reinstated", note=note)


def _do(asked: Asked, process: str, wish: Command, said: str, *, note: str = "") -> Response[Any]:
    """Give the command, and say on the page what came of it; a refusal keeps what was written."""
    require_sight(asked, process)
    try:
        asked.execute(wish)
    except _REFUSALS as refusal:
        if isinstance(refusal, SignInRequired) or (
            isinstance(refusal, Forbidden) and not isinstance(refusal, FourEyes)
        ):
            raise
        return _page(asked, process, refusal=refusal, note=note)
    asked.office.refresh()
    return _back(process, said)


def _back(process: str, said: str) -> Redirect:
    return Redirect(f"/studio/{process}/publish?said={said}", status_code=303)


def _page(
    asked: Asked,
    process: str,
    *,
    done: str | None = None,
    refusal: Exception | None = None,
    note: str = "",
) -> Response[str]:
    shown = opened(asked, process)
    with asked.office.store.reading() as reader:
        view = known(asked, reader, process_view(reader, process))
        hands = hands_on(reader, view.working) if view.working else {}
    checks = checks_of(asked, shown) if view.working else None
    problem = problem_of(refusal, asked.language) if refusal is not None else None
    errors = []
    if problem is not None:
        four = isinstance(refusal, FourEyes)
        wrong_note = problem.code == "command-invalid" and problem.values.get("reason") == "note"
        key = "studio.four-eyes" if four else "studio.note-missing" if wrong_note else ""
        errors = [{"anchor": None, "label": "", "sentence": asked.say(key) if key else problem.sentence}]
    return studio_page(
        asked,
        shown,
        "studio/publish.html",
        tab="publish",
        status=problem.status if problem else 200,
        view=view,
        checks=checks,
        job=shown_job(asked, checks.run) if checks and checks.run else None,
        hands=list(hands.values()),
        mine=asked.actor.id in hands,
        note=note,
        errors=errors,
        done=done,
        command=posts.fresh(),
    )


routes = (
    review,
    try_scenarios,
    ask,
    give_back,
    take_back,
    publish,
    publish_again,
    retire,
    reinstate,
)
