"""What the page of a task sends by itself (drafts, signs of life), and the small things of a desk: views and phrases."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked, page
from api.pages import desk, posts
from api.pages.presence import others
from api.pages.task_pages import refused
from api.pages.task_view import task_page
from api.posted import Given
from api.routes import form, get, post
from engine.commands import (
    AddPhrase,
    DropPhrase,
    DropTaskDraft,
    DropView,
    JudgeMaterial,
    SaveTaskDraft,
    SaveView,
)
from engine.errors import EngineError
from engine.queries import case as read_case
from engine.queries import task as read_task
from engine.queries.desks import phrases_of


class Kept(msgspec.Struct, frozen=True):
    """When a draft was kept, as people read it, and in words for the page."""

    at: str
    text: str


class Here(msgspec.Struct, frozen=True):
    """Who else has the case open, in words; empty when nobody."""

    text: str


@form("/tasks/{task:str}/draft")
def keep(asked: Asked, task: str, given: Given) -> Kept:
    """Keep what was typed; files are left out, they go with the form."""
    asked.require_account()
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, task)
    form = office.versions.at(view.case.package).form(view.row.element)
    answers, _ = posts.read_answers(asked, form, posts.texts(given))
    revision = posts.number(given, "revision")
    asked.execute(SaveTaskDraft(asked.command_id(posts.fresh()), task, revision, answers))
    at = asked.now.astimezone(office.settings.zone).strftime("%H:%M:%S")
    return Kept(at, asked.say("draft.saved", at=at))


@form("/tasks/{task:str}/draft/drop")
def drop(asked: Asked, task: str, given: Given) -> Response[Any]:
    """Give up the draft and begin anew."""
    wish = DropTaskDraft(posts.command(asked, given), task)
    query = desk.wish_of(asked).query(said="draft-dropped")
    return _do(asked, task, wish, f"/tasks/{task}{query}")


def _do(asked: Asked, task: str, wish: DropTaskDraft | JudgeMaterial, target: str) -> Response[Any]:
    asked.require_account()
    try:
        asked.execute(wish)
    except EngineError as refusal:
        return refused(asked, task, refusal)
    return Redirect(target, status_code=303)


@post("/tasks/{task:str}/here", status_code=200, include_in_schema=False)
def here(asked: Asked, task: str) -> Here:
    """A sign of life from an open page, answered with who else is there."""
    asked.require_account()
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, task)
    found = others(asked, read_case(office.store, office.bus.access, asked.actor, view.case.id))
    names = asked.say("list-mark").join(found)
    return Here(asked.say("task.others", names=names) if found else "")


@form("/tasks/{task:str}/papers")
def judge(asked: Asked, task: str, given: Given) -> Response[Any]:
    """Say of a paper that it is accepted, or not and why; the next one is shown."""
    first = {
        name: posts.first(given, name).strip() for name in ("sha256", "reason", "name", "state", "after")
    }
    wish = JudgeMaterial(
        posts.command(asked, given), task, first["sha256"], first["state"], first["reason"], first["name"]
    )
    shown = first["after"] or first["sha256"]
    query = desk.wish_of(asked).query(tab="papers", paper=shown, said="judged")
    return _do(asked, task, wish, f"/tasks/{task}{query}#side")


@form("/tasks/views")
def views(asked: Asked, given: Given) -> Response[Any]:
    """Keep the filters under a name, or forget a view."""
    asked.require_account()
    wish = desk.wish_from(posts.first(given, "query"))
    dropped = posts.first(given, "drop")
    command = posts.command(asked, given)
    if dropped:
        asked.execute(DropView(command, dropped))
    else:
        asked.execute(SaveView(command, posts.first(given, "name"), wish.query()))
    return Redirect(f"/tasks{wish.query()}", status_code=303)


@get("/phrases", include_in_schema=False)
def show_phrases(asked: Asked) -> Response[str]:
    """The asker's own ready sentences, and those of the offices around."""
    asked.require_account()
    return _phrases_page(asked)


def _phrases_page(asked: Asked, refusal: EngineError | None = None) -> Response[str]:
    office = asked.office
    problem = problem_of(refusal, asked.language) if refusal else None
    offices = {
        (reach.object, reach.area)
        for reach in office.bus.access.reaches(asked.actor, "reassign")
        if reach.area
    }
    return page(
        asked,
        "phrases.html",
        status=problem.status if problem else 200,
        phrases=phrases_of(office.store, asked.actor),
        offices=sorted(offices),
        command=posts.fresh(),
        errors=[{"anchor": "", "label": "", "sentence": problem.sentence}] if problem else [],
    )


@form("/phrases")
def change_phrases(asked: Asked, given: Given) -> Response[Any]:
    """Add or drop a ready sentence; from a task's page it leads back there with the form as it was."""
    asked.require_account()
    command, dropped = posts.command(asked, given), posts.first(given, "drop")
    process, _, area = posts.first(given, "office").partition(" ")
    wish = (
        DropPhrase(command, dropped)
        if dropped
        else AddPhrase(command, posts.first(given, "text"), process=process, area=area)
    )
    try:
        asked.execute(wish)
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in {400, 403, 404, 409}:
            raise
        return _phrases_page(asked, refusal)
    return Redirect("/phrases", status_code=303)


@form("/tasks/{task:str}/phrase")
def keep_phrase(asked: Asked, task: str, given: Given) -> Response[Any]:
    """Keep what stands in a long text as a ready sentence for this step; the form stays as it was typed."""
    asked.require_account()
    office = asked.office
    view = read_task(office.store, office.bus.access, asked.actor, task)
    form = office.versions.at(view.case.package).form(view.row.element)
    answers, _ = posts.read_answers(asked, form, given)
    kept: dict[str, Any] = {"answers": answers, "revision": posts.number(given, "revision")}
    key = posts.first(given, "phrase-of")
    text = posts.first(given, f"f.{key}").strip()
    wish = AddPhrase(asked.command_id(posts.fresh()), text, view.row.process, view.row.element, key)
    try:
        asked.execute(wish)
    except EngineError as refusal:
        return refused(asked, task, refusal, **kept)
    return task_page(asked, task, done=asked.say("phrase.kept"), **kept)


routes = (keep, drop, here, judge, views, show_phrases, change_phrases, keep_phrase)
