"""The last look at an application, and handing it in: once, however often the button is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.response import Redirect

from api.drafting import holder_of
from api.errors import problem_of
from api.following import keep_case
from api.frame import Asked, page
from api.pages import posts
from api.pages.apply_about import about_page
from api.pages.apply_frame import around, kept
from api.pages.apply_steps import CHECK, PLACE, clean_or_typed, faults_in, step_of, steps_of
from engine.commands import SubmitApplication
from engine.errors import CommandInvalid, Conflict, EngineError, FormInvalid
from engine.queries import DraftView, draft

if TYPE_CHECKING:
    from litestar import Response

    from engine.access import Actor
    from engine.forms import Form


def check_page(
    asked: Asked, form: Form, view: DraftView, refusal: EngineError | None = None
) -> Response[Any]:
    """Everything that was answered, with the way back to each step; posted, also what still stands against it."""
    row = view.row
    values = posts.with_computed(asked, form, clean_or_typed(asked, form, view.answers), {})
    errors = _missing(asked, form, view)
    if refusal is not None:
        problem = problem_of(refusal, asked.language)
        errors.append({"label": "", "sentence": problem.sentence, "anchor": ""})
    told = about_page(asked, row.process, form, view, {})
    parts = [
        {"step": step, "keys": [key for key in posts.shown_keys(asked, form, values, {}) if key in step.keys]}
        for step in steps_of(asked, form, view.answers)[1:]
    ]
    answer = page(
        asked,
        "apply_check.html",
        status=422 if refusal is not None else 200,
        **around(asked, form, view, None),
        form=form,
        answers=values,
        clear=True,  # whoever typed it must be able to check it
        parts=parts,
        helper=view.helper,
        place=told["place"],
        errors=errors if asked.request.method == "POST" or refusal else [],
        missing=errors,
        minor=told["minor"] and not (view.helper and view.helper.get("relation") == "guardian"),
    )
    return kept(answer)


def submit(asked: Asked, form: Form, view: DraftView) -> Response[Any]:
    """Hand in; the same draft a second time leads to the same case."""
    row = view.row
    asked.brake_strangers("apply")
    if asked.office.law.area(row.area or "", asked.today) is None or faults_in(asked, form, view.answers):
        return check_page(asked, form, view)
    try:
        return _hand_in(asked, view)
    except Conflict as conflict:
        if conflict.code != "already-submitted":
            raise
        return handed_in(asked, draft(asked.office.store, _hands(asked, view), row.id, asked.now))
    except (FormInvalid, CommandInvalid) as refusal:
        return check_page(asked, form, view, refusal)


def handed_in(asked: Asked, view: DraftView) -> Response[Any]:
    """The draft became a case already: to its confirmation, or to its progress where it was not handed in here.

    The same command says again what it said at first. So the button pressed twice leads to the same page twice, also
    where the second press was sent before the first was answered, and its browser holds no code yet.
    """
    try:
        return _hand_in(asked, view)
    except Conflict:
        return Redirect(f"/track/{view.row.case_id or ''}", status_code=303)


def _hand_in(asked: Asked, view: DraftView) -> Response[Any]:
    key, actor = view.row.id, _hands(asked, view)
    wish = SubmitApplication(f"edge:{actor.id or ''}:draft:{key}", view.row.process, "", draft=key)
    told = asked.execute(wish, actor=actor)
    answer = Redirect(f"/submitted/{told['case']}", status_code=303)
    # The browser goes on holding the draft: whoever goes back and presses again is led to the case.
    keep_case(asked, answer, str(told["case"]), str(told["query_code"]))
    return answer


def _hands(asked: Asked, view: DraftView) -> Actor:
    """Who hands in: the account where it is the account's, for a draft's own holder represents nobody."""
    own = view.row.account is not None and view.row.account == asked.actor.id
    return asked.actor if own else holder_of(asked, view.row.id)


def _missing(asked: Asked, form: Form, view: DraftView) -> list[dict[str, str]]:
    """What is not right yet, each with the address of the question."""
    base = f"/apply/{view.row.process}/{view.row.id}"
    errors: list[dict[str, str]] = []
    if asked.office.law.area(view.row.area or "", asked.today) is None:
        told = {"label": asked.say("apply.area"), "sentence": asked.say("field.area-wrong")}
        errors.append({**told, "anchor": "area", "href": f"{base}/{PLACE}#area"})
    invalid = faults_in(asked, form, view.answers)
    if invalid is not None:
        _, found = posts.told_faults(asked, form, invalid)
        for one in found:
            path = one["anchor"].removeprefix("f.")
            href = f"{base}/{step_of(form, path)}?back={CHECK}#{one['anchor']}"
            errors.append({**one, "href": href})
    return errors
