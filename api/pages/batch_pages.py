"""One step for many cases at once: select, look at what will be done, do it one by one; every refusal stays with its row.

Each row is a decision of its own: claimed and completed by its own commands, whose ids are made of the batch's and the
task's, so that a batch sent twice, or again for the rows that failed, does nothing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from litestar import Response

from api.errors import problem_of
from api.frame import Asked, page
from api.pages import desk, posts
from api.posted import Given
from api.routes import form
from api.shapes import area_name
from api.titles import case_title, step_title
from engine.commands import ClaimTask, CompleteTask
from engine.errors import CommandInvalid, EngineError, FormInvalid, NotFound
from engine.queries import TaskView
from engine.queries import task as read_task
from engine.queries.verbs import batchable

if TYPE_CHECKING:
    from engine.forms import Form
    from engine.package import Package

#: Rows of one batch.
MOST = 200


class Row(msgspec.Struct, frozen=True):
    """What came of one row."""

    task: str
    ok: bool
    sentence: str
    invalid: bool = False


class _Batch(NamedTuple):
    package: Package
    element: str
    form: Form | None
    rows: list[TaskView]
    #: Rows that cannot be part of it, with the reason.
    left: list[Row]


@form("/tasks/batch")
def batch(asked: Asked, given: Given) -> Response[Any]:
    """Show the batch, or carry it out; with `only` one row is carried out and answered for the page's progress."""
    asked.require_account()
    tasks = list(dict.fromkeys(one for one in given.get("task", ()) if isinstance(one, str)))
    if len(tasks) > MOST:
        raise CommandInvalid(reason="batch-too-many", limit=MOST)
    found = _read(asked, tasks)
    command = posts.first(given, "command") or posts.fresh()
    if found is None:
        return _page(asked, None, {}, command, [], left=[])
    answers, bad_upload = posts.read_answers(asked, found.form, given)
    only = posts.first(given, "only")
    if only and bad_upload is None:
        row = next((one for one in found.rows if one.row.id == only), None)
        told = _do(asked, row, answers, command) if row is not None else _left(found, only)
        return Response(told, media_type="application/json", headers={"cache-control": "no-store"})
    if posts.first(given, "go") != "run" or bad_upload is not None:
        return _page(asked, found, answers, command, [], refusal=bad_upload, left=found.left)
    results = [_do(asked, one, answers, command) for one in found.rows]
    return _page(asked, found, answers, command, results, left=found.left)


def _read(asked: Asked, tasks: list[str]) -> _Batch | None:
    """The tasks that go together with the first one: same step of the same version, marked as batchable, and open."""
    office = asked.office
    rows: list[TaskView] = []
    left: list[Row] = []
    for key in tasks:
        try:
            view = read_task(office.store, office.bus.access, asked.actor, key)
        except NotFound as missing:
            left.append(Row(key, ok=False, sentence=problem_of(missing, asked.language).sentence))
            continue
        reason = _misfit(asked, view, rows)
        if reason:
            left.append(Row(key, ok=False, sentence=reason))
        else:
            rows.append(view)
    if not rows:
        return None
    package = office.versions.at(rows[0].case.package)
    element = rows[0].row.element
    return _Batch(package, element, package.form(element), rows, left)


def _misfit(asked: Asked, view: TaskView, rows: list[TaskView]) -> str:
    """Why a task cannot be part of the batch, in words; nothing if it can. A closed one may be one done already."""
    package = asked.office.versions.at(view.case.package)
    if not batchable(package.definition.nodes[view.row.element]):
        return asked.say("batch.not-batchable")
    if rows and (rows[0].row.element, rows[0].case.package) != (view.row.element, view.case.package):
        return asked.say("batch.other-step")
    return ""


def _left(found: _Batch, task: str) -> Row:
    return next((one for one in found.left if one.task == task), Row(task, ok=False, sentence=""))


def _do(asked: Asked, view: TaskView, answers: dict[str, Any], command: str) -> Row:
    """Claim and complete one row; what was done by the same batch before counts as done."""
    key = view.row.id
    try:
        claimed = asked.execute(ClaimTask(asked.command_id(f"{command}:{key}:claim"), key))
        revision = int(claimed["revision"])
        asked.execute(CompleteTask(asked.command_id(f"{command}:{key}"), key, revision, answers))
    except EngineError as refusal:
        problem = problem_of(refusal, asked.language)
        words = "；".join(problem.faults.values()) or problem.sentence
        return Row(key, ok=False, sentence=words, invalid=isinstance(refusal, FormInvalid))
    return Row(key, ok=True, sentence=asked.say("batch.done-row"))


def _page(
    asked: Asked,
    found: _Batch | None,
    answers: dict[str, Any],
    command: str,
    results: list[Row],
    *,
    left: list[Row],
    refusal: FormInvalid | None = None,
) -> Response[str]:
    by_task = {one.task: one for one in results}
    told = _questions(asked, found, answers, refusal) if found else {"form": None, "shown_keys": []}
    failed = sum(not one.ok for one in results)
    return page(
        asked,
        "batch.html",
        status=422 if refusal else 200,
        title=step_title(asked, found.package, found.element) if found else asked.say("batch.title"),
        rows=[_row(asked, found, view, by_task.get(view.row.id)) for view in found.rows] if found else [],
        left=left,
        counted={"done": len(results) - failed, "failed": failed} if results else None,
        command=command,
        query=desk.wish_of(asked).query(),
        **told,
    )


def _questions(
    asked: Asked, found: _Batch, answers: dict[str, Any], refusal: FormInvalid | None
) -> dict[str, Any]:
    return posts.question_values(asked, found.form, answers, {}, refusal)


def _row(asked: Asked, found: _Batch, view: TaskView, result: Row | None) -> dict[str, Any]:
    return {
        "id": view.row.id,
        "case": view.case.id,
        "name": case_title(asked, found.package, view.case.title),
        "place": area_name(asked.office.law, view.row.area, asked.today),
        "chip": desk.deadline_chip(asked, view.deadline),
        "result": result,
        "open": view.row.state == "open" if result is None else not result.ok,
    }


routes = (batch,)
