"""Applying on one page, and one's own cases."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.applications import current
from api.following import keep_case
from api.frame import Asked, page
from api.pages import apply_pages, posts
from api.pages.service_pages import begun_lines
from api.posted import Given
from api.routes import form, get
from api.titles import case_title, process_title
from engine.commands import SubmitApplication
from engine.errors import FormInvalid
from engine.forms import Form, validate
from engine.queries import applications


def _apply_page(
    asked: Asked,
    process: str,
    form: Form,
    answers: dict[str, Any],
    *,
    command: str,
    area: str = "",
    invalid: FormInvalid | None = None,
    area_missing: bool = False,
) -> Response[str]:
    told = posts.question_values(asked, form, answers, {}, invalid)
    if area_missing:
        sentence = asked.say("field.area-wrong")
        told["faults"]["area"] = sentence
        told["errors"].insert(0, {"label": asked.say("apply.area"), "sentence": sentence, "anchor": "area"})
    return page(
        asked,
        "apply.html",
        status=422 if told["errors"] else 200,
        process=process,
        name=process_title(asked, current(asked, process)),
        area=area,
        command=command,
        **told,
    )


@get("/apply/{process:str}", include_in_schema=False)
def apply_form(asked: Asked, process: str, whole: str = "") -> Response[Any]:
    """The first of a few short steps; for whoever enters many (`whole`, an office) the form on one page."""
    if not (whole or asked.actor.grants):
        return apply_pages.first_page(asked, process)
    return _apply_page(asked, process, apply_pages.start_form(asked, process), {}, command=posts.fresh())


@form("/apply/{process:str}")
def apply(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Submit, or show the page again with what was typed and what is wrong."""
    if posts.first(given, "go") == "next":
        return apply_pages.begin(asked, process, given)
    asked.brake_strangers("apply")
    form = apply_pages.start_form(asked, process)
    answers, bad_upload = posts.read_answers(asked, form, given)
    command = posts.first(given, "command") or posts.fresh()
    area = posts.first(given, "area")
    more = posts.first(given, "more")
    if more or posts.first(given, "go") != "submit":
        posts.add_row(form, answers, more)
        return _apply_page(asked, process, form, answers, command=command, area=area)
    if bad_upload is not None:
        return _apply_page(asked, process, form, answers, command=command, area=area, invalid=bad_upload)
    channel = "window" if asked.actor.grants else "online"
    wish = SubmitApplication(asked.command_id(command), process, area, answers, channel)
    known = asked.office.law.area(area, asked.today) is not None
    try:
        if not known:
            validate(form, answers, {}, asked.office.world(asked.now))
            return _apply_page(asked, process, form, answers, command=command, area=area, area_missing=True)
        told = asked.execute(wish)
    except FormInvalid as invalid:
        return _apply_page(
            asked, process, form, answers, command=command, area=area, invalid=invalid, area_missing=not known
        )
    answer = Redirect(f"/submitted/{told['case']}", status_code=303)
    keep_case(asked, answer, str(told["case"]), str(told["query_code"]))
    return answer


@get("/my", include_in_schema=False)
def my(asked: Asked) -> Response[str]:
    """The asker's own cases."""
    asked.require_account()
    cases = [
        {
            "number": one.id,
            "name": case_title(asked, current(asked, one.process), one.title),
            "state": asked.say(f"case.state-{one.state}"),
            "submitted_at": one.submitted_at,
        }
        for one in applications(asked.office.store, asked.actor)
    ]
    return page(asked, "my.html", cases=cases, begun=begun_lines(asked))


routes = (apply_form, apply, my)
