"""What every page of a draft shows around its content, and the page of one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.applications import current
from api.frame import Asked, page
from api.pages import posts
from api.pages.apply_about import about_page
from api.pages.apply_steps import CHECK, PLACE, Step, before, nested, steps_of
from api.titles import process_title
from engine.errors import FormInvalid, NotFound

if TYPE_CHECKING:
    from litestar import Response

    from engine.forms import Form
    from engine.queries import DraftView

#: Pages of a draft may be gone back to: the browser keeps them for itself, and asks again when it goes forward.
_KEPT = "private, no-cache"


def step_named(asked: Asked, form: Form, view: DraftView, name: str) -> Step:
    """The step of that name; also one that the answers hide now, for an old page."""
    if name.isascii() and name.isdigit() and 0 < int(name) <= len(form.sections):
        section = form.sections[int(name) - 1]
        title = asked.pick(section.title) if section.title else asked.say("apply.step-more")
        return Step(str(int(name)), title, tuple(field.key for field in section.fields))
    if name != PLACE:
        raise NotFound(kind="step", id=name)
    return steps_of(asked, form, view.answers)[0]


def around(asked: Asked, form: Form, view: DraftView, step: Step | None) -> dict[str, Any]:
    """What every page of a draft shows around its content."""
    row = view.row
    steps = steps_of(asked, form, view.answers)
    name = step.name if step is not None else CHECK
    names = [one.name for one in steps]
    back = before(steps, name)
    return {
        "process": row.process,
        "name": process_title(asked, current(asked, row.process)),
        "base": f"/apply/{row.process}/{row.id}",
        "step": step,
        "at": names.index(name) + 1 if name in names else len(names),
        "count": len(names),
        "back": f"/apply/{row.process}/{row.id}/{back}" if back else None,
        "saved": row.saved_at,
        "until": row.expires_at,
        "code": row.code,
        "phone": row.phone,
        "seen": row.revision,
    }


def step_page(
    asked: Asked,
    form: Form,
    view: DraftView,
    step: Step,
    *,
    invalid: FormInvalid | None = None,
    over: dict[str, Any] | None = None,
    merged: bool = False,
    more: bool = False,
) -> Response[Any]:
    """One step. `over`: answers not saved yet; `merged`: another window saved meanwhile; `more`: further questions came up."""
    if step.name == PLACE:
        told = about_page(asked, view.row.process, form, view, {})
        return kept(page(asked, "apply_about.html", **told, earlier=[]))
    answers = {**nested(view.answers), **(over or {})}
    told = posts.question_values(asked, form, answers, {}, invalid)
    # Computed answers are worth a button; further questions come up by themselves when the person goes on.
    told["depends"] = any(one.readonly for one in form.fields() if one.key in step.keys)
    told["shown_keys"] = [key for key in told["shown_keys"] if key in step.keys]
    back_to = asked.request.query_params.get("back", "")
    answer = page(
        asked,
        "apply_step.html",
        status=422 if invalid else 200,
        **around(asked, form, view, step),
        **told,
        merged=merged,
        more=more,
        script_words=script_words(asked),
        back_to=CHECK if back_to == CHECK else "",
        upload=f"/apply/{view.row.process}/{view.row.id}/{step.name}/files",
    )
    return kept(answer)


def script_words(asked: Asked) -> dict[str, str]:
    """The sentences that `applicant.js` says, with gaps that it fills."""
    names = ("saved", "unsaved", "offline", "sending", "sent", "failed", "stopped", "again", "left", "stay")
    gaps = {gap: f"{{{gap}}}" for gap in ("at", "name", "share", "minutes")}
    return {name: asked.say(f"script.{name}", **gaps) for name in names}


def kept(answer: Response[Any]) -> Response[Any]:
    """Let the browser keep the page, so that going back shows what was typed."""
    answer.headers["cache-control"] = _KEPT
    return answer
