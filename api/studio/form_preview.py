"""The true page of a form that is being edited: the template that applicants or clerks get, filled with sample answers.

It is shown in a frame of the editor. It runs no script and posts nowhere; the editor sends what is typed into it back
here, so that further questions come up as they would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response

from api.auth import ANONYMOUS
from api.frame import Asked, page
from api.pages import posts
from api.posted import Given, read_posted
from api.routes import form, get
from api.studio.form_view import FOLDER, definition_of
from api.studio.frame import opened
from api.studio.previewed import framed, sample_around
from engine.clock import ClockError
from engine.errors import EngineError, FormBroken, FormInvalid, NotFound
from engine.feel import FeelError
from engine.forms import Form, read_form, validate
from engine.package import BROKEN, START
from engine.scenarios.model import ScenarioBroken
from engine.scenarios.samples import StepSample, reaching, step_sample

if TYPE_CHECKING:
    from api.studio.frame import Opened

#: Samples that no scenario gives: nothing answered, or every question shown whatever its condition.
EMPTY, EVERY = "", "*"
_MOST_OFFERED = 40


def samples(asked: Asked, shown: Opened, rest: str) -> dict[str, Any]:
    """The scenarios that an editor offers for a form, and the one that it begins with."""
    name = rest.rpartition("/")[2].removesuffix(".json")
    try:
        found = reaching(shown.package, name)[:_MOST_OFFERED]
    except ScenarioBroken:
        found = []
    return {
        "samples": [{"id": one.id, "title": one.title or one.id} for one in found],
        "sample": asked.request.query_params.get("sample") or (found[0].id if found else EMPTY),
    }


@get("/studio/{process:str}/form-preview/{rest:path}", include_in_schema=False)
def preview_form(
    asked: Asked, process: str, rest: str, sample: str = "", spoken: str = "", step: str = ""
) -> Response[str]:
    """The page with the answers of a sample."""
    return _preview(asked, process, rest.strip("/"), sample, spoken, step, None)


@form("/studio/{process:str}/form-preview/{rest:path}")
def try_form(
    asked: Asked, process: str, rest: str, given: Given, sample: str = "", spoken: str = "", step: str = ""
) -> Response[str]:
    """The page with what was typed into it; with `check`, told what the engine would refuse."""
    return _preview(asked, process, rest.strip("/"), sample, spoken, step, given)


def _preview(
    asked: Asked, process: str, rest: str, sample: str, spoken: str, step: str, given: Given | None
) -> Response[str]:
    shown = opened(asked, process)
    path = FOLDER + rest
    if path not in shown.files or not path.endswith(".json"):
        raise NotFound(kind="file", id=path)
    speaker = asked.speaking(spoken)
    try:
        of = read_form(shown.package.files[path], path)
    except FormBroken:
        return framed(page(speaker, "studio/preview_broken.html", what="form"))
    name = rest.rpartition("/")[2].removesuffix(".json")
    met = _met(asked, shown, name, sample)
    if name == START or name.startswith("message-"):
        # Whoever applies has another navigation than whoever draws.
        speaker = Asked(speaker.edge, asked.request, ANONYMOUS, asked.now).speaking(speaker.language)
    answers = dict(met.answers)
    if given is not None:
        # A page shows one section at a time; what the others were answered stays.
        answers = {**answers, **read_posted(of, posts.texts(given))}
    values, status = _values(speaker, of, answers, dict(met.variables), sample, given)
    return framed(_page(speaker, shown, name, of, values, step, status))


def _met(asked: Asked, shown: Opened, name: str, sample: str) -> StepSample:
    """What the form meets in the sample; nothing where the model cannot be played."""
    if sample in (EMPTY, EVERY):
        return StepSample(sample)
    try:
        found = step_sample(shown.package, name, sample, sample_around(asked))
    except (EngineError, ClockError, *BROKEN):
        found = None
    return found or StepSample(sample)


def _values(
    asked: Asked,
    of: Form,
    answers: dict[str, Any],
    variables: dict[str, Any],
    sample: str,
    given: Given | None,
) -> tuple[dict[str, Any], int]:
    invalid: FormInvalid | None = None
    if given is not None and given.get("check"):
        try:
            validate(of, answers, variables, asked.office.world(asked.now))
        except FormInvalid as found:
            invalid = found
        except FeelError:
            invalid = None
    try:
        values = posts.question_values(asked, of, answers, variables, invalid)
    except (FeelError, ClockError):
        values = posts.question_values(asked, of, {}, {})
    if sample == EVERY:
        values["shown_keys"] = [field.key for field in of.fields()]
    return values, 422 if invalid else 200


def _page(
    asked: Asked, shown: Opened, name: str, of: Form, values: dict[str, Any], step: str, status: int
) -> Response[str]:
    if name == START:
        return page(asked, "apply_step.html", status=status, **_start(asked, shown, of, values, step))
    title = asked.pick(of.title)
    if name.startswith("message-"):
        message = name.removeprefix("message-")
        return page(
            asked,
            "own_message.html",
            status=status,
            title=title,
            number="…",
            message=message,
            **_bare(values),
        )
    definition = definition_of(shown.package)
    node = definition.nodes.get(name) if definition else None
    if node is not None and node.lane == "applicant":
        more = {"number": "…", "notices": [], "documents": [], "task": _task(asked, title, "")}
        return page(asked, "own_task.html", status=status, **more, **_bare(values))
    lane = node.lane if node is not None and node.lane else ""
    return page(asked, "task.html", status=status, **_clerk(asked, title, lane), **_bare(values))


def _bare(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "command": "preview", "clear": True}


def _start(asked: Asked, shown: Opened, of: Form, values: dict[str, Any], step: str) -> dict[str, Any]:
    """The page of one step of an application: a section with questions that are shown."""
    keys = set(values["shown_keys"])
    numbers = [n for n, one in enumerate(of.sections, 1) if keys & {field.key for field in one.fields}] or [1]
    number = int(step) if step.isdigit() and int(step) in numbers else numbers[0]
    section = of.sections[number - 1] if of.sections else None
    own = {field.key for field in section.fields} if section else set()
    title = asked.pick(section.title) if section and section.title else asked.say("apply.step-more")
    return {
        **values,
        "shown_keys": [key for key in values["shown_keys"] if key in own],
        "depends": any(one.readonly for one in of.fields() if one.key in own),
        "name": asked.pick(of.title) or shown.title,
        "base": "#",
        "step": {"name": str(number), "title": title},
        "at": numbers.index(number) + 2,
        "count": len(numbers) + 1,
        "back": None,
        "saved": asked.now,
        "until": asked.now,
        "code": "········",
        "phone": "",
        "seen": 0,
        "merged": False,
        "more": False,
        "script_words": {},
        "back_to": "",
        "upload": "",
    }


def _task(asked: Asked, title: str, lane: str) -> dict[str, Any]:
    return {
        "id": "preview",
        "title": title,
        "name": asked.say("forms.preview-case"),
        "case": "140702MZ202600000000",
        "element": "",
        "lane": lane,
        "place": "",
        "due": None,
        "chip": {"kind": "fine", "text": asked.say("chip.days", days=3), "title": ""},
        "open": True,
        "mine": True,
        "workable": True,
        "holder": None,
        "revision": 1,
        "closed_by": None,
        "closed_at": None,
        "delegated_to": None,
        "urged": 0,
        "urged_at": None,
        "returned": None,
    }


def _clerk(asked: Asked, title: str, lane: str) -> dict[str, Any]:
    """The clerk's page around the form, with nobody else's work on it."""
    return {
        "task": _task(asked, title, lane),
        "query": "",
        "groups": [],
        "more": "",
        "first": "",
        "begun": False,
        "before": None,
        "after": None,
        "draft": None,
        "stale": False,
        "phrases": [],
        "foretold": None,
        "grounds": [],
        "grounds_wrong": None,
        "verbs": None,
        "others": [],
        "tabs": ("law",),
        "tab": "law",
        "law": [],
        "decisions": [],
        "paper_count": 0,
    }


routes = (preview_form, try_form)
