"""New processes: from nothing, from a zip archive, from a model of another tool; and archives to take away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked, page
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio.attachment import attachment
from api.studio.drafts import back
from api.studio.frame import opened, save_file
from engine.clock import ClockError
from engine.commands import BeginDraft
from engine.core.load import ModelError
from engine.errors import EngineError, Forbidden
from engine.founding import Founding, found
from engine.importing import cleaned, is_archive, take_archive, take_model
from engine.package import Package, common_templates, pack
from engine.queries.processes import process_views
from engine.queries.staff import place_of_role, roles_held

#: Roles that nobody has to be given, who may apply.
_STARTERS = ("anyone", "signed-in")


@get("/studio/new", include_in_schema=False)
def new(asked: Asked) -> Response[str]:
    """The page on which a process is begun."""
    return _page(asked, {})


@form("/studio/new")
def found_process(asked: Asked, given: Given) -> Response[Any]:
    """Begin a process from nothing."""
    told = {
        name: posts.first(given, name).strip()
        for name in ("name", "title", "title_en", "owner", "role", "starter")
    }
    missing = [name for name in ("name", "title", "role", "starter") if not told[name]]
    if missing:
        errors = [_wrong(asked, name, asked.say("field.required")) for name in missing]
        return _page(asked, told, errors=errors, status=422)
    roles = {code for code, _ in _roles(asked)}
    if told["role"] not in roles or told["starter"] not in {*roles, *_STARTERS}:
        return _page(
            asked, told, errors=[_wrong(asked, "role", asked.say("field.not-an-option"))], status=422
        )
    wish = Founding(
        name=told["name"],
        title={"zh": told["title"][:80], "en": (told["title_en"] or told["title"])[:120]},
        owner=told["owner"][:80],
        role=told["role"],
        role_name=asked.say(f"role.{told['role']}"),
        starter=told["starter"],
        area=_area(asked, told["role"]),
        day=_working_day(asked),
    )
    try:
        _begin(asked, found(wish), posts.command(asked, given), new=True)
    except EngineError as refusal:
        if isinstance(refusal, Forbidden):
            raise
        place = "name" if refusal.code in {"name-taken", "command-invalid", "draft-open"} else "title"
        return _refused(asked, told, refusal, place)
    return Redirect(f"/studio/{wish.name}", status_code=303)


@form("/studio/import", home="/studio/new")
def take(asked: Asked, given: Given) -> Response[Any]:
    """Begin a draft from an archive, or a new process from a model of any tool."""
    asked.require_account()
    limit = asked.office.settings.upload_limit
    upload = next(
        (one for one in given.get("file", ()) if isinstance(one, UploadFile) and one.filename), None
    )
    told = {"import_name": posts.first(given, "import_name").strip()}
    if upload is None:
        return _page(asked, told, errors=[_wrong(asked, "file", asked.say("field.required"))], status=422)
    content = upload.file.read(limit + 1)
    try:
        if is_archive(content):
            package, fresh = take_archive(content), False
        elif not told["import_name"]:
            wrong = _wrong(asked, "import_name", asked.say("studio.import-name-missing"))
            return _page(asked, told, errors=[wrong], status=422)
        else:
            package, fresh = take_model(content, told["import_name"]), True
        _begin(asked, package, posts.command(asked, given), new=fresh)
    except (EngineError, ModelError) as refusal:
        if isinstance(refusal, Forbidden):
            raise
        place = "import_name" if refusal.code in {"name-taken", "command-invalid"} else "file"
        return _refused(asked, told, refusal, place)
    return Redirect(f"/studio/{package.name}#findings", status_code=303)


@get("/studio/{process:str}/archive", include_in_schema=False)
def archive(asked: Asked, process: str) -> Response[bytes]:
    """All files of what is shown as a zip file; the same files give the same bytes."""
    shown = opened(asked, process)
    mark = f"draft-{shown.revision}" if shown.revision else f"v{shown.number}"
    return attachment(pack(shown.package), f"{process}-{mark}.zip", "application/zip")


@form("/studio/{process:str}/clean")
def clean(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Remove the settings of other tools from a model of the draft."""
    shown = opened(asked, process)
    path = posts.first(given, "path")
    content = shown.package.files.get(path)
    if content is not None and path.endswith(".bpmn"):
        save_file(asked, process, path, cleaned(content), shown.files[path])
    return back(asked, process, given)


def _begin(asked: Asked, package: Package, command: str, *, new: bool) -> None:
    """Begin the draft; a new process gets what all papers are built on, an archive stays as it is."""
    asked.require_account()
    if new:
        shared = common_templates(asked.office.settings.root)
        package = Package(package.name, {**shared, **package.files})
    asked.execute(BeginDraft(command, package.name, archive=pack(package), new=new))
    asked.office.refresh()


def _page(
    asked: Asked, told: dict[str, str], *, errors: list[dict[str, str]] | None = None, status: int = 200
) -> Response[str]:
    asked.require_account()
    asked.office.bus.access.allow(asked.actor, "begin", "process", None)
    return page(
        asked,
        "studio/new.html",
        status=status,
        told=told,
        roles=_roles(asked),
        starters=[(one, asked.say(f"studio.starter-{one}")) for one in _STARTERS],
        errors=errors or [],
        faults={one["anchor"]: one["sentence"] for one in errors or ()},
        command=posts.fresh(),
        limit=asked.office.settings.upload_limit >> 20,
    )


def _wrong(asked: Asked, anchor: str, sentence: str) -> dict[str, str]:
    return {"anchor": anchor, "label": asked.say(f"studio.new-{anchor}"), "sentence": sentence}


def _refused(asked: Asked, told: dict[str, str], refusal: Exception, place: str) -> Response[str]:
    problem = problem_of(refusal, asked.language, asked.office.settings.upload_limit)
    reason = str(problem.values.get("reason", ""))
    key = f"studio.refused-{reason}"
    said = asked.say(key, **problem.values)
    sentence = problem.sentence if said == key else said
    return _page(asked, told, errors=[_wrong(asked, place, sentence)], status=problem.status)


def _roles(asked: Asked) -> list[tuple[str, str]]:
    """Roles that somebody here has or some process knows, with what people call them."""
    with asked.office.store.reading() as reader:
        known = set(roles_held(reader))
        lanes = {view.name for view in process_views(reader)}
    known |= {
        obj.partition("/")[2] for _, obj, _ in asked.office.bus.access.rules if obj.partition("/")[0] in lanes
    }
    named = [(code, asked.say(f"role.{code}")) for code in known - {"", "applicant", *_STARTERS}]
    return sorted((one for one in named if not one[1].startswith("role.")), key=lambda one: one[1])


def _area(asked: Asked, role: str) -> str:
    """Where the first scenario plays: the first place that the role's holders cover."""
    with asked.office.store.reading() as reader:
        whole = place_of_role(reader, role)
    return asked.office.law.example_area(asked.today, whole) or "0000"


def _working_day(asked: Asked) -> date:
    """The next working day, where the calendar knows it."""
    first: date = asked.today
    try:
        days = (first + timedelta(days=number) for number in range(1, 15))
        return next(one for one in days if asked.office.calendar.is_working_day(one))
    except (ClockError, StopIteration):
        return first


routes = (new, found_process, take, archive, clean)
