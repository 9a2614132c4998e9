"""The worklist, one task beside it, and what is done with its form: claim, keep, look ahead, hand in, go on to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked, page
from api.pages import desk, posts
from api.pages.foretell import foretell
from api.pages.task_view import said, task_page
from api.posted import Given
from api.routes import form, get
from api.tasks import act, claim_next
from api.titles import case_title
from engine.commands import ClaimTask, CompleteTask, DropTaskDraft, ReleaseTask, SaveTaskDraft
from engine.errors import EngineError
from engine.queries import copies, delegated
from engine.queries import task as read_task
from engine.queries.desks import task_draft

if TYPE_CHECKING:
    from engine.forms import Form


@get("/tasks", include_in_schema=False)
def show_list(asked: Asked) -> Response[Any]:
    """Open tasks that are mine or that I may claim, grouped by urgency, worst first; what others ask of me on top."""
    asked.require_account()
    wish = desk.wish_of(asked)
    first = not wish.narrowed and not wish.cursor
    return page(
        asked,
        "tasks.html",
        **desk.list_values(asked, wish),
        asked_of_me=_asked_of_me(asked) if first else [],
        copied=_copied(asked) if first else [],
        finished=asked.request.query_params.get("finished") or "",
        distributes=bool(asked.office.bus.access.reaches(asked.actor, "reassign")),
        command=posts.fresh(),
        done=said(asked),
    )


def _asked_of_me(asked: Asked) -> list[dict[str, Any]]:
    versions, store = asked.office.versions, asked.office.store
    found = []
    for row in delegated(store, asked.actor):
        view = read_task(store, asked.office.bus.access, asked.actor, row.id)
        name = case_title(asked, versions.at(view.case.package), view.case.title)
        found.append({"id": row.id, "title": row.title, "name": name, "by": row.claimed_name})
    return found


def _copied(asked: Asked) -> list[dict[str, Any]]:
    return [
        {"case": one.case_id, "by": one.given_name, "note": one.note, "at": one.given_at}
        for one in copies(asked.office.store, asked.actor, 20)
        if one.read_at is None
    ]


@get("/tasks/{task:str}", include_in_schema=False)
def show_task(asked: Asked, task: str) -> Response[Any]:
    """A task with its form, the list beside it, the case so far, and the law it stands on."""
    asked.require_account()
    return task_page(asked, task)


@form("/tasks/next")
def take_next(asked: Asked, given: Given) -> Response[Any]:
    """Take the one that is due first among those nobody holds, inside the filter."""
    return _next(asked, posts.first(given, "command") or posts.fresh())


def _next(asked: Asked, command: str, word: str = "claimed") -> Response[Any]:
    asked.require_account()
    wish = desk.wish_of(asked)
    found = claim_next(asked, desk.filters_of(asked, wish), command)
    if found is None:
        return Redirect(f"/tasks{_with(wish, 'none-left')}", status_code=303)
    return Redirect(f"/tasks/{found}{_with(wish, word)}", status_code=303)


def _with(wish: desk.Wish, word: str) -> str:
    """The filters with what is to be said."""
    query = wish.query(cursor="")
    return f"{query}{'&' if query else '?'}said={word}"


@form("/tasks/{task:str}/claim")
def claim(asked: Asked, task: str, given: Given) -> Response[Any]:
    """Take the task, or say on its page why not."""
    target = f"/tasks/{task}{_with(desk.wish_of(asked), 'claimed')}"
    return _move(asked, ClaimTask(posts.command(asked, given), task), target)


@form("/tasks/{task:str}/release")
def release(asked: Asked, task: str, given: Given) -> Response[Any]:
    """Put the task back."""
    target = f"/tasks{_with(desk.wish_of(asked), 'released')}"
    return _move(asked, ReleaseTask(posts.command(asked, given), task), target)


def _move(asked: Asked, wish: ClaimTask | ReleaseTask, target: str) -> Response[Any]:
    try:
        act(asked, wish)
    except EngineError as refusal:
        return refused(asked, wish.task, refusal)
    return Redirect(target, status_code=303)


def refused(asked: Asked, task: str, refusal: EngineError, **kept: Any) -> Response[Any]:
    """The task's page with the refusal on top and nothing typed lost; refusals about more than the task go on."""
    if problem_of(refusal, asked.language).status not in {400, 403, 409, 422} or asked.actor.id is None:
        raise refusal
    return task_page(asked, task, refusal=refusal, **kept)


@form("/tasks/{task:str}")
def complete(asked: Asked, task: str, given: Given) -> Response[Any]:
    """Finish the task, or show the page again with what was typed and what is wrong."""
    asked.require_account()
    view = read_task(asked.office.store, asked.office.bus.access, asked.actor, task)
    form = asked.office.versions.at(view.case.package).form(view.row.element)
    answers, bad_upload = posts.read_answers(asked, form, given)
    _grounds(form, given, answers)
    kept: dict[str, Any] = {
        "answers": answers,
        "command": posts.first(given, "command"),
        "revision": posts.number(given, "revision"),
    }
    go = posts.first(given, "go")
    if go == "keep":
        return _keep(asked, task, kept)
    changed = form is not None and posts.changed_by_button(asked, form, answers, given)
    if form and (changed or go not in {"complete", "complete-next", "preview"}):
        return task_page(asked, task, **kept)
    if bad_upload is not None:
        return task_page(asked, task, refusal=bad_upload, **kept)
    wish = CompleteTask(posts.command(asked, given), task, kept["revision"], answers)
    try:
        if go == "preview":
            return task_page(asked, task, foretold=foretell(asked, wish, view), **kept)
        act(asked, wish)
    except EngineError as refusal:
        return refused(asked, task, refusal, **kept)
    _forget(asked, task)
    if go == "complete-next":
        return _next(asked, f"{kept['command']}-next", "done-next")
    target = _with(desk.wish_of(asked), "done")
    return Redirect(f"/tasks{target}&finished={task}", status_code=303)


def _grounds(form: Form | None, given: Given, answers: dict[str, Any]) -> None:
    """The articles ticked for a refusal, where the form can refuse and the page showed them."""
    if form is not None and form.may_refuse and "grounds" in given:
        answers["articles"] = [one for one in given.get("articles", ()) if isinstance(one, str)]


def _keep(asked: Asked, task: str, kept: dict[str, Any]) -> Response[Any]:
    command = SaveTaskDraft(asked.command_id(posts.fresh()), task, kept["revision"], kept["answers"])
    try:
        asked.execute(command)
    except EngineError as refusal:
        return refused(asked, task, refusal, **kept)
    return task_page(asked, task, done=asked.say("task.kept"), **kept)


def _forget(asked: Asked, task: str) -> None:
    """What was handed in is no draft any more."""
    if task_draft(asked.office.store, asked.actor, task) is not None:
        asked.execute(DropTaskDraft(asked.command_id(posts.fresh()), task))


routes = (show_list, take_next, show_task, claim, release, complete)
