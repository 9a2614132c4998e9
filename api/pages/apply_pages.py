"""Applying step by step: saved at every step, taken up again anywhere, handed in once."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.applications import current, retired
from api.drafting import begun, forget, open_draft, remember
from api.frame import Asked, page
from api.pages import posts
from api.pages.apply_about import about_page, read_about
from api.pages.apply_check import check_page, handed_in, submit
from api.pages.apply_frame import around, kept, step_named, step_page
from api.pages.apply_steps import CHECK, PLACE, Step, after, brought_up, faults_in, flat, step_of, steps_of
from api.posted import Given
from api.routes import form, get, post
from engine.access import Actor
from engine.commands import BeginApplication, DropApplication, KeepApplication
from engine.commands.applications import ONLINE
from engine.errors import NotFound
from engine.forms import Form
from engine.package import START
from engine.queries import DraftView, draft, draft_holder


def start_form(asked: Asked, process: str) -> Form:
    """The start form, for whoever may start the process; ProcessRetired if it takes no cases any more."""
    asked.office.bus.access.allow(asked.actor, "start", process, None)
    if (over := retired(asked, process)) is not None:
        raise over
    form = current(asked, process).form(START)
    if form is None:
        raise NotFound(kind="form", id=START)
    return form


def first_page(asked: Asked, process: str) -> Response[Any]:
    """Where and for whom, before anything is saved; drafts begun earlier are offered."""
    form = start_form(asked, process)
    told = about_page(asked, process, form, None, {})
    earlier = [
        {"href": f"/apply/{row.process}/{row.id}", "saved": row.saved_at} for row in begun(asked, process)
    ]
    return kept(page(asked, "apply_about.html", **told, earlier=earlier))


def begin(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Begin a draft with the first step's answers, and go on to the next."""
    asked.brake_strangers("apply")
    form = start_form(asked, process)
    about, faults = read_about(asked, given)
    command = posts.first(given, "command") or posts.fresh()
    if faults:
        told = about_page(asked, process, form, None, about, faults=faults, command=command)
        return kept(page(asked, "apply_about.html", status=422, **told, earlier=[]))
    # A clerk's own draft is entered for somebody at the window.
    channel = "window" if asked.actor.grants else ONLINE
    begun_ = asked.execute(BeginApplication(asked.command_id(command), process, channel))
    key, code = str(begun_["draft"]), str(begun_["code"])
    actor = draft_holder(asked.office.store, key, code)
    prefilled = _prefilled(form, given)
    asked.execute(
        KeepApplication(posts.fresh(), key, PLACE, 1, tuple(prefilled), prefilled, about), actor=actor
    )
    answer = Redirect(
        f"/apply/{process}/{key}/{after(steps_of(asked, form, prefilled), PLACE)}", status_code=303
    )
    remember(asked, answer, key, code)
    return answer


def _prefilled(form: Form, given: Given) -> dict[str, Any]:
    """What the person typed into the search box, for the form's first question that takes as many words."""
    words = posts.first(given, "words").strip()[:300]
    first = next((field.key for field in form.fields() if field.type == "longtext"), None)
    return {first: words} if first is not None and words else {}


@get("/apply/{process:str}/{key:str}", include_in_schema=False)
def go_on(asked: Asked, process: str, key: str) -> Response[Any]:
    """Where the draft was left: the first step with a fault, else the last look."""
    _, view = open_draft(asked, process, key)
    if view.row.state != "open":
        return handed_in(asked, view)
    form = start_form(asked, process)
    if not view.row.area:
        return Redirect(f"/apply/{process}/{key}/{PLACE}", status_code=303)
    invalid = faults_in(asked, form, view.answers)
    name = step_of(form, invalid.errors[0].path) if invalid else CHECK
    return Redirect(f"/apply/{process}/{key}/{name}", status_code=303)


@get("/apply/{process:str}/{key:str}/{name:str}", include_in_schema=False)
def show(asked: Asked, process: str, key: str, name: str) -> Response[Any]:
    """One step with what is saved of it."""
    _, view = open_draft(asked, process, key)
    if view.row.state != "open":
        return handed_in(asked, view)
    form = start_form(asked, process)
    if name == CHECK:
        return check_page(asked, form, view)
    return step_page(asked, form, view, step_named(asked, form, view, name))


@form("/apply/{process:str}/{key:str}/{name:str}")
def save(asked: Asked, process: str, key: str, name: str, given: Given) -> Response[Any]:
    """Save the step; go on, stay, or leave, as the button says."""
    actor, view = open_draft(asked, process, key)
    if view.row.state != "open":
        return handed_in(asked, view)
    form = start_form(asked, process)
    if name == CHECK:
        return submit(asked, form, view)
    step = step_named(asked, form, view, name)
    if step.name == PLACE:
        return _save_place(asked, actor, form, view, given)
    answers, bad_upload = posts.read_answers(asked, form, given)
    more = posts.first(given, "more")
    go = "update" if more else posts.first(given, "go")
    seen = posts.number(given, "seen")
    command = KeepApplication(posts.fresh(), key, step.name, seen, step.keys, flat(step, answers))
    told = asked.execute(command, actor=actor)
    earlier, view = view, draft(asked.office.store, actor, key, asked.now)
    if go == "save":
        return Response({"revision": told["revision"], "saved": asked.moment(view.row.saved_at)[11:]})
    if told.values.get("merged"):
        return step_page(asked, form, view, step, merged=True)
    if bad_upload is not None:
        return step_page(asked, form, view, step, invalid=bad_upload)
    if go == "update":
        posts.add_row(form, answers, more)
        return step_page(asked, form, view, step, over=answers if more else None)
    if go == "next" and brought_up(asked, form, step, earlier.answers, view.answers):
        return step_page(asked, form, view, step, more=True)
    return _onward(asked, form, view, step, go, posts.first(given, "back"))


def _save_place(asked: Asked, actor: Actor, form: Form, view: DraftView, given: Given) -> Response[Any]:
    about, faults = read_about(asked, given)
    if faults:
        told = about_page(asked, view.row.process, form, view, about, faults=faults)
        return kept(page(asked, "apply_about.html", status=422, **told, earlier=[]))
    key, seen = view.row.id, posts.number(given, "seen")
    asked.execute(KeepApplication(posts.fresh(), key, PLACE, seen, about=about), actor=actor)
    view = draft(asked.office.store, actor, key, asked.now)
    step = steps_of(asked, form, view.answers)[0]
    return _onward(asked, form, view, step, posts.first(given, "go"), posts.first(given, "back"))


def _onward(asked: Asked, form: Form, view: DraftView, step: Step, go: str, back: str) -> Response[Any]:
    """To the next step once this one is in order; to the last look if the person came from there."""
    if go == "later":
        return page(asked, "apply_later.html", **around(asked, form, view, step))
    invalid = faults_in(asked, form, view.answers, step.keys) if step.keys else None
    if invalid is not None:
        return step_page(asked, form, view, step, invalid=invalid)
    onward = after(steps_of(asked, form, view.answers), step.name)
    if back == CHECK and not faults_in(asked, form, view.answers):
        onward = CHECK
    return Redirect(f"/apply/{view.row.process}/{view.row.id}/{onward}", status_code=303)


@post("/apply/{process:str}/{key:str}/{name:str}/drop", include_in_schema=False)
def drop(asked: Asked, process: str, key: str, name: str) -> Response[Any]:  # noqa: ARG001 - one shape for all addresses
    """Throw the draft away."""
    actor, _ = open_draft(asked, process, key)
    asked.execute(DropApplication(posts.fresh(), key), actor=actor)
    answer = Redirect("/?said=dropped", status_code=303)
    forget(asked, answer, key)
    return answer


routes = (go_on, show, save, drop)
