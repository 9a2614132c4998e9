"""A case as its applicant sees it, with or without account: progress, own steps, papers, messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.following import HELPER_COOKIE, keep_case
from api.frame import CASE_COOKIE, Asked, page
from api.pages import posts, progress, story
from api.pages.apply_frame import script_words
from api.pages.case_pages import head, sendable
from api.pages.service_pages import promised
from api.posted import Given
from api.routes import form, get, post
from api.shapes import chip
from api.titles import step_title
from engine.access import Actor
from engine.commands import ClaimTask, CompleteTask
from engine.commands.helpers import CONSENTS, RELATIONS
from engine.errors import EngineError, FormInvalid, NotFound, SignInRequired
from engine.package import Package
from engine.queries import CaseView, holder
from engine.queries import case as read_case
from engine.queries import task as read_task
from engine.queries.contents import helper_of
from engine.store.columns import NEVER

#: What a page may be told to say once something was done.
_SAID = frozenset({"reported", "rated", "urged", "helper"})


@get("/track", include_in_schema=False)
def ask(asked: Asked, number: str = "", code: str = "") -> Response[Any]:
    """The question for number and code; an address that brings both is answered at once."""
    return _look(asked, number, code) if number and code else _ask(asked, number)


@form("/track")
def look(asked: Asked, given: Given) -> Response[Any]:
    """Check number and code, remember them until the browser is closed, and show the case."""
    return _look(asked, posts.first(given, "number"), posts.first(given, "code"))


def _ask(asked: Asked, number: str = "", wrong: str = "", status: int = 200) -> Response[Any]:
    errors = [{"anchor": "number", "label": asked.say("track.title"), "sentence": wrong}] if wrong else []
    return page(asked, "track_ask.html", status=status, number=number, errors=errors)


def _look(asked: Asked, number: str, code: str) -> Response[Any]:
    asked.brake("track")
    number, code = "".join(number.split()).upper(), "".join(code.split()).lower()
    try:
        holder(asked.office.store, number, code, asked.office.bus.access)
    except NotFound:
        return _ask(asked, number, asked.say("track.wrong"), 404)
    answer = Redirect(f"/track/{number}", status_code=303)
    keep_case(asked, answer, number, code)
    return answer


@post("/track/leave", include_in_schema=False)
def leave() -> Redirect:
    """Forget number and code (for people at a computer that is not theirs)."""
    answer = Redirect("/", status_code=303)
    for cookie in (CASE_COOKIE, HELPER_COOKIE):
        answer.delete_cookie(cookie)
    # What the browser kept of these pages goes with them.
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@get("/track/{number:str}", include_in_schema=False)
def show(asked: Asked, number: str) -> Response[Any]:
    """The case, for whoever may see it as its applicant; otherwise the question for the code."""
    try:
        actor = owner_named(asked, number)
        view = read_case(asked.office.store, asked.office.bus.access, actor, number)
    except (NotFound, SignInRequired):
        return _ask(asked, number)
    if view.office:
        return Redirect(f"/cases/{number}", status_code=303)
    return case_page(asked, actor, view)


def owner_named(asked: Asked, number: str) -> Actor:
    """As whom the asker looks at an own case; somebody who said to be the helper acts under that name."""
    actor = asked.owner_of(number)
    if actor is asked.actor or asked.request.cookies.get(HELPER_COOKIE) != number:
        return actor
    with asked.office.store.reading() as reader:
        helper = helper_of(reader, number)
    return replace(actor, name=str(helper["name"])) if helper else actor


def case_page(
    asked: Asked, actor: Actor, view: CaseView, refusal: EngineError | None = None
) -> Response[str]:
    """Everything about the case that its applicant wants to know and can do."""
    number = view.row.id
    package = asked.office.versions.at(view.row.package)
    said = asked.request.query_params.get("said", "")
    told: dict[str, Any] = {"done": asked.say(f"track.said-{said}") if said in _SAID else None}
    status = 200
    if refusal is not None:
        problem = problem_of(refusal, asked.language)
        status = problem.status
        told = {"errors": [{"anchor": "", "label": "", "sentence": problem.sentence}]}
    entries = story.timeline(asked, package, view, names=False)
    return page(
        asked,
        "track.html",
        status=status,
        case=head(asked, package, view),
        work=_own_work(asked, package, view),
        now=progress.now(asked, package, view, actor),
        clocks=progress.clocks(asked, view),
        **promised(asked, package, view),
        entries=[entry for entry in entries if entry["past"]],
        stages=story.stages(asked, package, view, applied_only=True),
        clear=True,
        documents=story.documents(asked, package, view, office=False, suffix=f"?case={number}"),
        notices=story.notices(asked, number),
        messages=sendable(asked, package, view, actor),
        rating=progress.rated(asked, view),
        helper=orjson.loads(view.row.helper) if view.row.helper else None,
        relations=RELATIONS,
        consents=CONSENTS,
        command=posts.fresh(),
        by_code=asked.actor.id is None,
        **told,
    )


def _own_work(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """The steps that wait for the applicant."""
    return [
        {
            "href": f"/track/{view.row.id}/tasks/{task.id}",
            "title": step_title(asked, package, task.element, task.title),
            "chip": None if task.due == NEVER else chip(asked, task.due),
            "holder": "",
        }
        for task in view.tasks
        if task.state == "open" and progress.is_own(task)
    ]


@get("/track/{number:str}/tasks/{task:str}", include_in_schema=False)
def show_task(asked: Asked, number: str, task: str) -> Response[Any]:
    """A step that waits for the applicant: its questions, and until when."""
    return _task_page(asked, number, task)


def _task_page(
    asked: Asked,
    number: str,
    key: str,
    *,
    answers: dict[str, Any] | None = None,
    command: str = "",
    refusal: EngineError | None = None,
) -> Response[Any]:
    office = asked.office
    actor = owner_named(asked, number)
    view = read_task(office.store, office.bus.access, actor, key)
    if view.case.id != number or not view.workable or view.row.state != "open":
        return Redirect(f"/track/{number}", status_code=303)
    package = office.versions.at(view.case.package)
    invalid = refusal if isinstance(refusal, FormInvalid) else None
    told = posts.question_values(
        asked, package.form(view.row.element), answers or {}, view.variables, invalid
    )
    problem = problem_of(refusal, asked.language) if refusal is not None else None
    if problem is not None and invalid is None:
        told["errors"] = [{"anchor": "", "label": "", "sentence": problem.sentence}]
    return page(
        asked,
        "own_task.html",
        status=problem.status if problem else 200,
        number=number,
        task={
            "id": view.row.id,
            "title": step_title(asked, package, view.row.element, view.row.title),
            "due": view.deadline,
            "chip": chip(asked, view.deadline),
            "revision": view.row.revision,
        },
        command=command or posts.fresh(),
        script_words=script_words(asked),
        documents=story.documents(
            asked,
            package,
            read_case(office.store, office.bus.access, actor, number),
            office=False,
            suffix=f"?case={number}",
        ),
        notices=story.notices(asked, number)[-1:],
        **told,
    )


@form("/track/{number:str}/tasks/{task:str}")
def complete(asked: Asked, number: str, task: str, given: Given) -> Response[Any]:
    """Hand in the step, or show the page again with what was typed and what is wrong."""
    return _complete(asked, number, task, given)


def _complete(asked: Asked, number: str, key: str, given: Given) -> Response[Any]:
    """An applicant does not claim: the step is theirs; the command for it is given on the way."""
    office = asked.office
    actor = owner_named(asked, number)
    view = read_task(office.store, office.bus.access, actor, key)
    form = office.versions.at(view.case.package).form(view.row.element)
    answers, bad_upload = posts.read_answers(asked, form, given)
    more = posts.first(given, "more")
    typed = posts.first(given, "command") or posts.fresh()
    if form and (more or posts.first(given, "go") != "complete"):
        posts.add_row(form, answers, more)
        return _task_page(asked, number, key, answers=answers, command=typed)
    if bad_upload is not None:
        return _task_page(asked, number, key, answers=answers, command=typed, refusal=bad_upload)
    try:
        claimed = asked.execute(ClaimTask(asked.command_id(f"{typed}-claim"), key), actor=actor)
        revision = int(claimed["revision"])
        asked.execute(CompleteTask(asked.command_id(typed), key, revision, answers), actor=actor)
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in {403, 409, 422}:
            raise
        return _task_page(asked, number, key, answers=answers, command=typed, refusal=refusal)
    return Redirect(f"/track/{number}?said=reported", status_code=303)


routes = (ask, look, leave, show, show_task, complete)
