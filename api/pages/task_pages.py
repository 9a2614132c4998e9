"""The worklist and one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from api.applications import current
from api.errors import problem_of
from api.frame import Asked, page
from api.pages import posts, reasons, story
from api.routes import get, post
from api.shapes import area_name, chip, urgency
from api.tasks import act
from api.titles import case_title, process_title, step_title
from engine.commands import ClaimTask, CompleteTask, ReleaseTask
from engine.errors import EngineError, FormInvalid, NotFound
from engine.queries import Filters, TaskItem, TaskView, worklist
from engine.queries import case as read_case
from engine.queries import task as read_task

if TYPE_CHECKING:
    from engine.core.faults import CoreError
    from engine.package import Package

_GROUPS = ("late", "today", "soon", "later", "none")
_SAID = ("claimed", "released", "done")


@get("/tasks", include_in_schema=False)
def show_list(
    asked: Asked, process: str = "", whose: str = "", search: str = "", cursor: str | None = None
) -> Response[Any]:
    """Open tasks that are mine or that I may claim, grouped by urgency, worst first."""
    asked.require_account()
    office = asked.office
    filters = Filters(
        process=process or None,
        mine={"mine": True, "free": False}.get(whose),
        search=search.strip()[:60] or None,
    )
    found = worklist(office.store, office.bus.access, asked.actor, filters, cursor=cursor)
    reachable = sorted({reach.object.partition("/")[0] for reach in office.bus.access.reaches(asked.actor)})
    packages = {name: current(asked, name) for name in {*reachable, *(item.process for item in found.items)}}
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in _GROUPS}
    for item in found.items:
        groups[urgency(asked, item.deadline)].append(_line(asked, packages[item.process], item))
    chosen = {
        name: value for name, value in (("process", process), ("whose", whose), ("search", search)) if value
    }
    more = f"/tasks?{urlencode({**chosen, 'cursor': found.cursor})}" if found.cursor else None
    return page(
        asked,
        "tasks.html",
        groups=[
            {"title": asked.say(f"tasks.group-{name}"), "name": name, "tasks": tasks}
            for name, tasks in groups.items()
            if tasks
        ],
        count=len(found.items),
        more=more,
        begun=cursor is not None,
        first=f"/tasks?{urlencode(chosen)}" if chosen else "/tasks",
        filters={"process": process, "whose": whose, "search": search},
        filtered=bool(chosen),
        processes=[{"process": name, "name": process_title(asked, packages[name])} for name in reachable],
        done=_said(asked),
    )


def _line(asked: Asked, package: Package, item: TaskItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": step_title(asked, package, item.element, item.title),
        "name": case_title(asked, package, item.case_title),
        "case": item.case_id,
        "place": area_name(asked.office.law, item.area, asked.now.date()),
        "chip": chip(asked, item.deadline),
        "holder": item.claimed_name,
        "mine": item.claimed_by is not None and item.claimed_by == asked.actor.id,
    }


def _said(asked: Asked) -> str | None:
    said = asked.request.query_params.get("said")
    return asked.say(f"task.{said}") if said in _SAID else None


@get("/tasks/{task:str}", include_in_schema=False)
def show_task(asked: Asked, task: str) -> Response[Any]:
    """A task with its form, the case so far, and the law it stands on."""
    asked.require_account()
    return task_page(asked, task)


def task_page(
    asked: Asked,
    key: str,
    *,
    answers: dict[str, Any] | None = None,
    command: str = "",
    revision: int | None = None,
    refusal: EngineError | CoreError | None = None,
) -> Response[str]:
    """The page of a task, with what was typed and why it was refused, if it was."""
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, key)
    package = office.versions.at(view.case.package)
    invalid = refusal if isinstance(refusal, FormInvalid) else None
    told = posts.question_values(
        asked, package.form(view.row.element), answers or {}, view.variables, invalid
    )
    status = 200
    if refusal is not None:
        problem = problem_of(refusal, asked.language)
        status = problem.status
        if invalid is None:
            told["errors"] = [{"anchor": "", "label": "", "sentence": problem.sentence}]
    head = _head(asked, view, package)
    if revision is not None and (refusal is None or invalid is not None):
        head["revision"] = revision
    return page(
        asked,
        "task.html",
        status=status,
        task=head,
        **told,
        **_side(asked, view, package),
        clear=view.workable,
        command=command or posts.fresh(),
        done=None if refusal else _said(asked),
    )


def _head(asked: Asked, view: TaskView, package: Package) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.id,
        "title": step_title(asked, package, row.element, row.title),
        "name": case_title(asked, package, view.case.title),
        "case": row.case_id,
        "place": area_name(asked.office.law, row.area, asked.now.date()),
        "due": view.deadline,
        "chip": chip(asked, view.deadline),
        "open": row.state == "open",
        "mine": row.claimed_by is not None and row.claimed_by == asked.actor.id,
        "workable": view.workable,
        "holder": row.claimed_name,
        "revision": row.revision,
        "closed_by": row.changed_name,
        "closed_at": row.changed_at,
    }


def _side(asked: Asked, view: TaskView, package: Package) -> dict[str, Any]:
    """What stands beside the form: law, earlier answers, papers, progress; only the law for who may not see the case."""
    office = asked.office
    articles = (office.law.article(one) for one in package.definition.nodes[view.row.element].settings.law)
    law = [one for one in articles if one is not None]
    try:
        case = read_case(office.store, office.bus.access, asked.actor, view.case.id)
    except NotFound:
        return {"law": law, "stages": [], "documents": [], "entries": [], "decisions": []}
    return {
        "law": law,
        "stages": story.stages(asked, package, case),
        "decisions": reasons.decisions(asked, package, case),
        "documents": story.documents(asked, package, case, office=True),
        "entries": story.timeline(asked, package, case, names=True),
    }


@post("/tasks/{task:str}/claim", include_in_schema=False)
async def claim(asked: Asked, task: str) -> Response[Any]:
    """Take the task, or say on its page why not."""
    given = await posts.posted(asked)
    return await sync_to_thread(
        _move, asked, ClaimTask(posts.command(asked, given), task), f"/tasks/{task}?said=claimed"
    )


@post("/tasks/{task:str}/release", include_in_schema=False)
async def release(asked: Asked, task: str) -> Response[Any]:
    """Put the task back."""
    given = await posts.posted(asked)
    return await sync_to_thread(
        _move, asked, ReleaseTask(posts.command(asked, given), task), "/tasks?said=released"
    )


def _move(asked: Asked, wish: ClaimTask | ReleaseTask, target: str) -> Response[Any]:
    try:
        act(asked, wish)
    except EngineError as refusal:
        return _refused(asked, wish.task, refusal)
    return Redirect(target, status_code=303)


def _refused(asked: Asked, task: str, refusal: EngineError, **kept: Any) -> Response[Any]:
    """The task's page with the refusal on top and nothing typed lost; refusals about more than the task go on."""
    if problem_of(refusal, asked.language).status not in {403, 409, 422} or asked.actor.id is None:
        raise refusal
    return task_page(asked, task, refusal=refusal, **kept)


@post("/tasks/{task:str}", status_code=200, include_in_schema=False)
async def complete(asked: Asked, task: str) -> Response[Any]:
    """Finish the task, or show the page again with what was typed and what is wrong."""
    given = await posts.posted(asked)
    return await sync_to_thread(_complete, asked, task, given)


def _complete(asked: Asked, task: str, given: dict[str, list[Any]]) -> Response[Any]:
    asked.require_account()
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, task)
    form = office.versions.at(view.case.package).form(view.row.element)
    answers, bad_upload = posts.read_answers(asked, form, given)
    revision = posts.number(given, "revision")
    more = posts.first(given, "more")
    kept: dict[str, Any] = {
        "answers": answers,
        "command": posts.first(given, "command"),
        "revision": revision,
    }
    if form and (more or posts.first(given, "go") != "complete"):
        if more:
            posts.add_row(form, answers, more)
        return task_page(asked, task, **kept)
    if bad_upload is not None:
        return task_page(asked, task, refusal=bad_upload, **kept)
    try:
        act(asked, CompleteTask(posts.command(asked, given), task, revision, answers))
    except EngineError as refusal:
        return _refused(asked, task, refusal, **kept)
    return Redirect("/tasks?said=done", status_code=303)


routes = (show_list, show_task, claim, release, complete)
