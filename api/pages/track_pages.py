"""A case as its applicant sees it, with or without account: progress, own steps, papers, messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from api.cases import deliver
from api.errors import problem_of
from api.frame import CASE_COOKIE, Asked, page
from api.pages import posts, story
from api.pages.case_pages import by_office, head, letter, sendable
from api.routes import get, post
from api.shapes import chip
from api.titles import step_title
from engine.access import APPLICANT, Actor
from engine.commands import ClaimTask, CompleteTask
from engine.errors import EngineError, FormInvalid, NotFound, SignInRequired
from engine.queries import CaseView, holder
from engine.queries import case as read_case
from engine.queries import task as read_task
from engine.store.columns import NEVER


@get("/track", include_in_schema=False)
def ask(asked: Asked, number: str = "", code: str = "") -> Response[Any]:
    """The question for number and code; an address that brings both is answered at once."""
    return _look(asked, number, code) if number and code else _ask(asked, number)


@post("/track", status_code=200, include_in_schema=False)
async def look(asked: Asked) -> Response[Any]:
    """Check number and code, remember them until the browser is closed, and show the case."""
    given = await posts.posted(asked)
    return await sync_to_thread(_look, asked, posts.first(given, "number"), posts.first(given, "code"))


def _ask(asked: Asked, number: str = "", wrong: str = "", status: int = 200) -> Response[Any]:
    errors = [{"anchor": "number", "label": asked.say("track.title"), "sentence": wrong}] if wrong else []
    return page(asked, "track_ask.html", status=status, number=number, errors=errors)


def _look(asked: Asked, number: str, code: str) -> Response[Any]:
    asked.brake("track")
    number, code = "".join(number.split()).upper(), "".join(code.split()).lower()
    try:
        holder(asked.office.store, number, code)
    except NotFound:
        return _ask(asked, number, asked.say("track.wrong"), 404)
    answer = Redirect(f"/track/{number}", status_code=303)
    secure = asked.office.settings.base_url.startswith("https")
    answer.set_cookie(CASE_COOKIE, f"{number}.{code}", httponly=True, samesite="lax", secure=secure)
    return answer


@post("/track/leave", include_in_schema=False)
def leave() -> Redirect:
    """Forget number and code (for people at a computer that is not theirs)."""
    answer = Redirect("/", status_code=303)
    answer.delete_cookie(CASE_COOKIE)
    return answer


@get("/track/{number:str}", include_in_schema=False)
def show(asked: Asked, number: str) -> Response[Any]:
    """The case, for whoever may see it as its applicant; otherwise the question for the code."""
    try:
        actor = asked.owner_of(number)
        view = read_case(asked.office.store, asked.office.bus.access, actor, number)
    except (NotFound, SignInRequired):
        return _ask(asked, number)
    if actor is asked.actor and by_office(asked, view):
        return Redirect(f"/cases/{number}", status_code=303)
    return _case_page(asked, actor, view)


def _case_page(
    asked: Asked, actor: Actor, view: CaseView, refusal: EngineError | None = None
) -> Response[str]:
    number = view.row.id
    package = asked.office.versions.at(view.row.package)
    done = asked.say("case.reported") if asked.request.query_params.get("said") == "reported" else None
    told: dict[str, Any] = {"done": done}
    status = 200
    if refusal is not None:
        problem = problem_of(refusal, asked.language)
        status = problem.status
        told = {"errors": [{"anchor": "", "label": "", "sentence": problem.sentence}]}
    return page(
        asked,
        "track.html",
        status=status,
        case=head(asked, package, view),
        work=[
            {
                "href": f"/track/{number}/tasks/{task.id}",
                "title": step_title(asked, package, task.element, task.title),
                "chip": None if task.due == NEVER else chip(asked, task.due),
                "holder": "",
            }
            for task in view.tasks
            if task.state == "open" and task.object.partition("/")[2] == APPLICANT
        ],
        entries=story.timeline(asked, package, view, names=False),
        stages=story.stages(asked, package, view, applied_only=True),
        clear=True,
        documents=story.documents(asked, package, view, office=False, suffix=f"?case={number}"),
        notices=story.notices(asked, number),
        messages=sendable(asked, package, view, actor),
        by_code=asked.actor.id is None,
        **told,
    )


@post("/track/{number:str}/messages/{message:str}", include_in_schema=False)
async def send(asked: Asked, number: str, message: str) -> Response[Any]:
    """Tell the case something: that it is withdrawn, that the handler should stand aside."""
    given = await posts.posted(asked)
    return await sync_to_thread(_send, asked, number, message, given)


def _send(asked: Asked, number: str, message: str, given: Mapping[str, list[Any]]) -> Response[Any]:
    actor = asked.owner_of(number)
    try:
        deliver(asked, actor, number, message, letter(given), posts.command(asked, given))
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in {403, 409}:
            raise
        view = read_case(asked.office.store, asked.office.bus.access, actor, number)
        return _case_page(asked, actor, view, refusal)
    return Redirect(f"/track/{number}?said=reported", status_code=303)


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
    actor = asked.owner_of(number)
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


@post("/track/{number:str}/tasks/{task:str}", status_code=200, include_in_schema=False)
async def complete(asked: Asked, number: str, task: str) -> Response[Any]:
    """Hand in the step, or show the page again with what was typed and what is wrong."""
    given = await posts.posted(asked)
    return await sync_to_thread(_complete, asked, number, task, given)


def _complete(asked: Asked, number: str, key: str, given: dict[str, list[Any]]) -> Response[Any]:
    """An applicant does not claim: the step is theirs; the command for it is given on the way."""
    office = asked.office
    actor = asked.owner_of(number)
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


routes = (ask, look, leave, show, send, show_task, complete)
