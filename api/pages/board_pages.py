"""The board of whoever distributes work: who has how much, what is late, and giving it to somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.applications import current
from api.errors import problem_of
from api.frame import Asked, page
from api.pages import desk, posts
from api.posted import Given
from api.routes import form, get
from api.titles import process_title, step_title
from engine.commands import TransferTask
from engine.errors import EngineError, Forbidden, NotFound
from engine.queries.boards import Board, Load, board, colleagues, tasks_of

if TYPE_CHECKING:
    from engine.queries import TaskItem

_MOST = 100


@get("/board", include_in_schema=False)
def show(asked: Asked, who: str | None = None, step: str = "") -> Response[str]:
    """Workload by person and by step; with `who` (empty: nobody's) or `step` the tasks behind a number."""
    asked.require_account()
    return _page(asked, who, step)


def _page(
    asked: Asked, who: str | None, step: str, results: list[dict[str, Any]] | None = None
) -> Response[str]:
    office = asked.office
    if not office.bus.access.reaches(asked.actor, "reassign"):
        raise Forbidden(action="reassign", object="board")
    today = desk.day_end(asked)
    found = board(office.store, office.bus.access, asked.actor, asked.now, today, today + timedelta(days=7))
    lines = _lines(asked, who, step) if who is not None or step else []
    return page(
        asked,
        "board.html",
        people=_people(asked, found),
        steps=_steps(asked, found),
        chosen=_chosen(asked, found, who, step),
        who=who,
        step=step,
        lines=lines,
        receivers=_receivers(asked, lines),
        command=posts.fresh(),
        results=results,
    )


def _people(asked: Asked, found: Board) -> list[dict[str, Any]]:
    """Most late first; what nobody holds comes before all."""
    loads = sorted(found.people.values(), key=lambda one: (one.key != "", -one.late, -one.open))
    return [{"load": one, "name": one.name or asked.say("board.nobody")} for one in loads]


def _steps(asked: Asked, found: Board) -> list[dict[str, Any]]:
    loads = sorted(found.steps.items(), key=lambda one: (-one[1].late, -one[1].open))
    packages = {process: current(asked, process) for process, _ in found.steps}
    return [
        {
            "load": load,
            "process": process_title(asked, packages[process]),
            "name": step_title(asked, packages[process], element, load.name),
        }
        for (process, element), load in loads
    ]


def _chosen(asked: Asked, found: Board, who: str | None, step: str) -> str:
    if step:
        load: Load | None = next((one for (_, key), one in found.steps.items() if key == step), None)
        return load.name if load else step
    if who is None:
        return ""
    person = found.people.get(who)
    return (person.name if person else who) or asked.say("board.nobody")


def _lines(asked: Asked, who: str | None, step: str) -> list[dict[str, Any]]:
    office = asked.office
    items = tasks_of(office.store, office.bus.access, asked.actor, who or "", step, _MOST)
    packages = {process: current(asked, process) for process in {item.process for item in items}}
    return [{**desk.line_of(asked, packages[item.process], item), "item": item} for item in items]


def _receivers(asked: Asked, lines: list[dict[str, Any]]) -> list[Any]:
    """Who may work on every line shown."""
    office = asked.office
    day = asked.today.isoformat()
    items: list[TaskItem] = [line["item"] for line in lines]
    places = {(f"{item.process}/{item.lane}", item.area) for item in items}
    found = [set(colleagues(office.store, office.bus.access, obj, area, day)) for obj, area in places]
    return sorted(set.union(*found), key=lambda one: one.name) if found else []


@form("/board")
def reassign(asked: Asked, given: Given) -> Response[Any]:
    """Give the ticked tasks to somebody; each is one command, and each refusal is told beside its task."""
    asked.require_account()
    tasks = [one for one in given.get("task", ()) if isinstance(one, str)][:_MOST]
    account, reason = posts.first(given, "account"), posts.first(given, "text").strip()
    command = posts.first(given, "command") or posts.fresh()
    results = []
    for task in tasks:
        try:
            asked.execute(TransferTask(asked.command_id(f"{command}:{task}"), task, account, reason))
            results.append({"task": task, "ok": True, "sentence": asked.say("board.given")})
        except (EngineError, NotFound) as refusal:
            sentence = problem_of(refusal, asked.language).sentence
            results.append({"task": task, "ok": False, "sentence": sentence})
    who, step = posts.first(given, "who"), posts.first(given, "step")
    if results and all(one["ok"] for one in results):
        asked_for = f"step={step}" if step else f"who={who}"
        return Redirect(f"/board?{asked_for}&said=given", status_code=303)
    return _page(asked, None if step else who, step, results)


routes = (show, reassign)
