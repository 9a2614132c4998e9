"""The worklist and one task."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from api.applications import process_name, startable
from api.frame import Asked, page
from api.pages import posts, story
from api.routes import get, post
from api.shapes import area_name, chip, urgency
from engine.commands import ClaimTask, CompleteTask, ReleaseTask
from engine.errors import FormInvalid
from engine.queries import Filters, TaskView, worklist
from engine.queries import case as read_case
from engine.queries import task as read_task

if TYPE_CHECKING:
    from engine.forms import Form

_GROUPS = ("late", "today", "soon", "later", "none")
_DONE = ("claimed", "released", "done")


@get("/tasks", include_in_schema=False)
def show_list(
    asked: Asked, process: str = "", whose: str = "", search: str = "", cursor: str | None = None
) -> Response[Any]:
    """Open tasks that are mine or that I may claim, grouped by urgency, worst first."""
    if asked.actor.id is None:
        return Redirect("/sign-in?next=/tasks", status_code=303)
    office = asked.office
    mine = {"mine": True, "free": False}.get(whose)
    filters = Filters(process=process or None, mine=mine, search=search.strip() or None)
    found = worklist(office.store, office.bus.access, asked.actor, filters, cursor=cursor)
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in _GROUPS}
    for item in found.items:
        groups[urgency(asked, item.deadline)].append(
            {
                "id": item.id,
                "title": item.title,
                "name": item.case_title,
                "case": item.case_id,
                "place": area_name(office.law, item.area, asked.now.date()),
                "chip": chip(asked, item.deadline),
                "holder": item.claimed_name,
            }
        )
    chosen = {
        name: value for name, value in (("process", process), ("whose", whose), ("search", search)) if value
    }
    more = f"/tasks?{urlencode({**chosen, 'cursor': found.cursor})}" if found.cursor else None
    said = asked.request.query_params.get("said")
    return page(
        asked,
        "tasks.html",
        groups=[
            {"title": asked.say(f"tasks.group-{name}"), "tasks": tasks}
            for name, tasks in groups.items()
            if tasks
        ],
        count=len(found.items),
        more=more,
        filters={"process": process, "whose": whose, "search": search},
        filtered=bool(chosen),
        processes=[{"process": package.name, "name": name} for package, name in startable(asked)],
        done=asked.say(f"task.{said}") if said in _DONE else None,
    )


@get("/tasks/{task:str}", include_in_schema=False)
def show_task(asked: Asked, task: str) -> Response[Any]:
    """A task with its form, the case so far, and the law it stands on."""
    if asked.actor.id is None:
        return Redirect(f"/sign-in?next=/tasks/{task}", status_code=303)
    return _task_page(asked, task)


def _task_page(
    asked: Asked,
    key: str,
    *,
    answers: dict[str, Any] | None = None,
    command: str = "",
    status: int = 200,
    invalid: FormInvalid | None = None,
) -> Response[str]:
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, key)
    case = read_case(office.store, office.bus.access, asked.actor, view.case.id)
    package = office.versions.at(view.case.package)
    form = package.form(view.row.element)
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    keys: list[str] = []
    if form is not None:
        values = posts.with_computed(asked, form, answers or {}, view.variables)
        keys = posts.shown_keys(asked, form, values, view.variables)
        if invalid is not None:
            faults, errors = posts.told_faults(asked, form, invalid)
    said = asked.request.query_params.get("said")
    return page(
        asked,
        "task.html",
        status=status,
        task=_head(asked, view, process_name(package)),
        form=form,
        answers=values,
        shown_keys=keys,
        faults=faults,
        errors=errors,
        law=_law(asked, package.definition.nodes[view.row.element].settings.law),
        stages=story.stages(asked, package, case),
        documents=story.documents(asked, case),
        entries=story.timeline(asked, package, case, names=True),
        command=command or secrets.token_hex(16),
        done=asked.say(f"task.{said}") if said in _DONE else None,
    )


def _head(asked: Asked, view: TaskView, name: str) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.id,
        "title": row.title,
        "name": view.case.title or name,
        "case": row.case_id,
        "place": area_name(asked.office.law, row.area, asked.now.date()),
        "due": view.deadline,
        "chip": chip(asked, view.deadline),
        "open": row.state == "open",
        "mine": row.claimed_by is not None and row.claimed_by == asked.actor.id,
        "holder": row.claimed_name,
        "revision": row.revision,
        "closed_by": row.changed_name,
        "closed_at": row.changed_at,
    }


def _law(asked: Asked, ids: tuple[str, ...]) -> list[Any]:
    found = (asked.office.law.article(one) for one in ids)
    return [one for one in found if one is not None]


@post("/tasks/{task:str}/claim", include_in_schema=False)
async def claim(asked: Asked, task: str) -> Redirect:
    """Take the task."""
    given = await posts.posted(asked)
    command = ClaimTask(posts.first(given, "command") or secrets.token_hex(16), task)
    await sync_to_thread(asked.office.bus.execute, command, asked.actor, asked.now)
    return Redirect(f"/tasks/{task}?said=claimed", status_code=303)


@post("/tasks/{task:str}/release", include_in_schema=False)
async def release(asked: Asked, task: str) -> Redirect:
    """Put the task back."""
    given = await posts.posted(asked)
    command = ReleaseTask(posts.first(given, "command") or secrets.token_hex(16), task)
    await sync_to_thread(asked.office.bus.execute, command, asked.actor, asked.now)
    return Redirect("/tasks?said=released", status_code=303)


@post("/tasks/{task:str}", status_code=200, include_in_schema=False)
async def complete(asked: Asked, task: str) -> Response[Any]:
    """Finish the task, or show the page again with what was typed and what is wrong."""
    given = await posts.posted(asked)
    return await sync_to_thread(_complete, asked, task, given)


def _complete(asked: Asked, task: str, given: dict[str, list[Any]]) -> Response[Any]:
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, task)
    form: Form | None = office.versions.at(view.case.package).form(view.row.element)
    answers = posts.read_answers(asked, form, given) if form else {}
    command = posts.first(given, "command") or secrets.token_hex(16)
    more = posts.first(given, "more")
    if form and (more or posts.first(given, "go") != "complete"):
        if more:
            posts.add_row(form, answers, more)
        return _task_page(asked, task, answers=answers, command=command)
    revision = posts.first(given, "revision")
    wish = CompleteTask(command, task, int(revision) if revision.isdigit() else -1, answers)
    try:
        office.bus.execute(wish, asked.actor, asked.now)
    except FormInvalid as invalid:
        return _task_page(asked, task, answers=answers, command=command, status=422, invalid=invalid)
    return Redirect("/tasks?said=done", status_code=303)


routes = (show_list, show_task, claim, release, complete)
