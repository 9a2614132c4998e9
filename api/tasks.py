"""The worklist and the work on a task (JSON)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar.params import QueryParameter

from api.frame import Asked
from api.routes import get, post
from api.shapes import area_name
from engine.commands import ClaimTask, CompleteTask, ReleaseTask
from engine.errors import Conflict, Forbidden
from engine.forms import prefill
from engine.queries import Filters, TaskItem, worklist
from engine.queries import task as read_task
from engine.queries.desks import claimed_under


class TaskLine(msgspec.Struct, frozen=True):
    """One open task. `due` is the exclusive end of the last permitted moment."""

    id: str
    case: str
    element: str
    process: str
    lane: str
    area: str
    place: str
    title: str
    case_title: str
    revision: int
    opened_at: datetime
    due: datetime | None
    claimed_by: str | None
    claimed_name: str | None
    department: str | None = None


class TaskPage(msgspec.Struct, frozen=True):
    """Tasks, earliest due first; `next` continues behind the last one (null: that was all)."""

    tasks: list[TaskLine]
    next: str | None


class TaskDetail(msgspec.Struct, frozen=True):
    """A task with its form and the values so far."""

    task: TaskLine
    state: str
    workable: bool
    form: dict[str, Any] | None
    values: dict[str, Any]
    filed: dict[str, Any] | None


class Completion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers of the task's form, and the task's revision as it was read."""

    revision: int
    data: dict[str, Any] = {}


class Moved(msgspec.Struct, frozen=True):
    """What came of the command: the case, and the task's revision or what followed."""

    case: str
    task: str | None = None
    revision: int | None = None
    ended: bool | None = None
    opened: list[str] = []


def line(asked: Asked, item: TaskItem) -> TaskLine:
    """A task as it is told."""
    return TaskLine(
        id=item.id,
        case=item.case_id,
        element=item.element,
        process=item.process,
        lane=item.lane,
        area=item.area,
        place=area_name(asked.office.law, item.area, asked.today),
        title=item.title,
        case_title=item.case_title,
        revision=item.revision,
        opened_at=item.opened_at,
        due=item.deadline,
        claimed_by=item.claimed_by,
        claimed_name=item.claimed_name,
        department=item.department,
    )


@get("/api/tasks", tags=["tasks"], refuses=(400,), summary="The worklist")
def list_tasks(
    asked: Asked,
    process: str | None = None,
    element: str | None = None,
    area: str | None = None,
    whose: Literal["mine", "free"] | None = None,
    due_before: datetime | None = None,
    search: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> TaskPage:
    """Open tasks that the asker may work, earliest due first, page by page."""
    asked.require_account()
    mine = {"mine": True, "free": False}.get(whose or "")
    filters = Filters(
        process=process, element=element, area=area, mine=mine, due_before=due_before, search=search
    )
    office = asked.office
    page = worklist(office.store, office.bus.access, asked.actor, filters, cursor=cursor, limit=limit)
    return TaskPage([line(asked, item) for item in page.items], page.cursor)


@get("/api/tasks/{task:str}", tags=["tasks"], summary="A task with its form")
def show_task(asked: Asked, task: str) -> TaskDetail:
    """A task that the asker may work or whose case may be seen; 404 otherwise."""
    asked.require_account()
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, task)
    row = view.row
    package = office.versions.at(view.case.package)
    form = package.form(row.element)
    world = asked.office.world(asked.now)
    values = prefill(form, view.variables, world) if form and row.state == "open" else {}
    told = TaskLine(
        id=row.id,
        case=row.case_id,
        element=row.element,
        process=row.process,
        lane=row.object.partition("/")[2],
        area=row.area,
        place=area_name(office.law, row.area, asked.today),
        title=row.title,
        case_title=view.case.title,
        revision=row.revision,
        opened_at=row.changed_at,
        due=view.deadline,
        claimed_by=row.claimed_by,
        claimed_name=row.claimed_name,
        department=row.department,
    )
    return TaskDetail(
        told,
        row.state,
        view.workable,
        msgspec.to_builtins(form) if form else None,
        values,
        dict(view.filed) if view.filed else None,
    )


def act(asked: Asked, command: ClaimTask | ReleaseTask | CompleteTask) -> Moved:
    """Give the command; a task that the asker may not even see is not found, whether it exists or not."""
    asked.require_account()
    office = asked.office
    answer = asked.execute(
        command, lambda: read_task(office.store, office.bus.access, asked.actor, command.task)
    )
    return msgspec.convert(dict(answer.values), Moved)


#: Tasks that are tried before "there is none left": others may be faster, and four eyes may bar some.
_TRIED = 40


def claim_next(asked: Asked, filters: Filters, command: str) -> str | None:
    """Claim the task that is due first inside the filters among those nobody holds; its id, None if there is none.

    `command` names the wish: repeated, it leads to the same task.
    """
    office = asked.office
    if (earlier := claimed_under(office.store, asked.command_id(f"{command}:"))) is not None:
        return earlier
    free = replace(filters, mine=False)
    for item in worklist(office.store, office.bus.access, asked.actor, free, limit=_TRIED).items:
        try:
            asked.execute(ClaimTask(asked.command_id(f"{command}:{item.id}"), item.id))
        except (Conflict, Forbidden):
            continue
        return item.id
    return None


@post("/api/tasks/next", tags=["tasks"], status_code=200, summary="Claim the task that is due first")
def take_next(asked: Asked, process: str | None = None, element: str | None = None) -> Moved:
    """Claim the first task that nobody holds; `task` is null when there is none."""
    asked.require_account()
    key = asked.request.headers.get("idempotency-key") or secrets.token_hex(16)
    found = claim_next(asked, Filters(process=process, element=element), key)
    if found is None:
        return Moved(case="", task=None)
    view = read_task(asked.office.store, asked.office.bus.access, asked.actor, found)
    return Moved(case=view.case.id, task=found, revision=view.row.revision)


@post("/api/tasks/{task:str}/claim", tags=["tasks"], status_code=200, summary="Claim a task")
def claim(asked: Asked, task: str) -> Moved:
    """Take the task; 409 with the holder's name if somebody else has it."""
    return act(asked, ClaimTask(asked.command_id(), task))


@post("/api/tasks/{task:str}/release", tags=["tasks"], status_code=200, summary="Put a task back")
def release(asked: Asked, task: str) -> Moved:
    """Give a claimed task back to the others of its lane."""
    return act(asked, ReleaseTask(asked.command_id(), task))


@post("/api/tasks/{task:str}/complete", tags=["tasks"], status_code=200, summary="Complete a task")
def complete(asked: Asked, task: str, data: Completion) -> Moved:
    """Finish a claimed task; 409 if it changed since it was read, 422 with every wrong field."""
    return act(asked, CompleteTask(asked.command_id(), task, data.revision, data.data))


routes = (list_tasks, take_next, show_task, claim, release, complete)
