"""Photos sent one by one, while the person is still filling in: each is kept at once, and may be sent again without harm.

A large one comes in pieces (`upload`: its name, `offset`, `total`): each is answered with how far the file has come, the
last with the file. After a lost line the sender asks how far it came and goes on there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.datastructures import UploadFile

from api.drafting import open_draft
from api.errors import problem_of
from api.frame import Asked
from api.pages import posts
from api.pages.apply_frame import step_named
from api.pages.apply_pages import start_form
from api.partial import MOST_PIECE, Partials
from api.posted import Given
from api.routes import form, get
from api.uploads import MOST_FILES, Material, keep, plain_name
from engine.commands import KeepFile
from engine.errors import EngineError, NotFound, TooLarge, Unreadable
from engine.queries import case as read_case

if TYPE_CHECKING:
    from engine.forms import Field, Form


@form("/apply/{process:str}/{key:str}/{name:str}/files", home="/apply/{process}/{key}/{name}")
def add_to_draft(asked: Asked, process: str, key: str, name: str, given: Given) -> Response[Any]:
    """Keep one file for a question of a draft; the answer is what the page needs to show and post it."""
    return _answered(asked, lambda: _add(asked, process, key, name, given))


def _add(asked: Asked, process: str, key: str, name: str, given: Given) -> dict[str, Any]:
    actor, view = open_draft(asked, process, key)
    form = start_form(asked, process)
    step = step_named(asked, form, view, name)
    question = posts.first(given, "field").removeprefix("f.")
    if question not in step.keys:
        raise NotFound(kind="field", id=question)
    field = _of_files(form, question)
    most = min(field.max_files or MOST_FILES, MOST_FILES) if field.type == "files" else 1
    kept = _kept(asked, f"draft:{key}", given, field.max_megabytes)
    if isinstance(kept, int):
        return {"offset": kept}
    file = {"hash": kept.hash, "name": kept.name, "size": kept.size, "type": kept.type}
    told = asked.execute(KeepFile(posts.fresh(), key, step.name, question, file, most), actor=actor)
    return {**file, "revision": told["revision"]}


def _of_files(form: Form, key: str) -> Field:
    found = next((one for one in form.fields() if one.key == key and one.type in {"file", "files"}), None)
    if found is None:
        raise NotFound(kind="field", id=key)
    return found


@form("/track/{number:str}/files", home="/track/{number}")
def add_to_case(asked: Asked, number: str, given: Given) -> Response[Any]:
    """Keep one file for a step that waits for the applicant; it belongs to the case once the step is handed in."""
    return _answered(asked, lambda: _add_to_case(asked, number, given))


def _add_to_case(asked: Asked, number: str, given: Given) -> dict[str, Any]:
    read_case(asked.office.store, asked.office.bus.access, asked.owner_of(number), number)
    kept = _kept(asked, f"case:{number}", given)
    if isinstance(kept, int):
        return {"offset": kept}
    return {"hash": kept.hash, "name": kept.name, "size": kept.size, "type": kept.type}


@get("/apply/{process:str}/{key:str}/{name:str}/files", include_in_schema=False)
def reached_in_draft(asked: Asked, process: str, key: str, name: str, upload: str) -> Response[Any]:  # noqa: ARG001 - one shape for all addresses
    """How far a file came of which only a part was sent."""
    open_draft(asked, process, key)
    return _answered(asked, lambda: {"offset": _partials(asked).reached(f"draft:{key}", upload)})


@get("/track/{number:str}/files", include_in_schema=False)
def reached_in_case(asked: Asked, number: str, upload: str) -> Response[Any]:
    """How far a file came of which only a part was sent."""
    read_case(asked.office.store, asked.office.bus.access, asked.owner_of(number), number)
    return _answered(asked, lambda: {"offset": _partials(asked).reached(f"case:{number}", upload)})


def _partials(asked: Asked) -> Partials:
    return Partials(asked.office.settings.data / "partial")


def _kept(asked: Asked, owner: str, given: Given, megabytes: int | None = None) -> Material | int:
    """The file, once it is whole; until then how many bytes of it are there."""
    upload = next((one for one in given.get("file", ()) if isinstance(one, UploadFile)), None)
    if upload is None:
        raise NotFound(kind="file", id="")
    limit = min(asked.office.settings.upload_limit, (megabytes or 1 << 20) << 20)
    name, offset = posts.first(given, "upload"), posts.number(given, "offset")
    if offset == 0 or not name:
        asked.brake_strangers("upload")
    if not name:
        return keep(asked.office.vault, upload.file.read(limit + 1), upload.filename, limit)
    total = posts.number(given, "total")
    if total > limit:
        raise TooLarge(limit=limit)
    partials = _partials(asked)
    reached = partials.add(owner, name, offset, upload.file.read(MOST_PIECE + 1), total)
    if reached < total or total == 0:
        return reached
    content = partials.take(owner, name)
    if content is None:
        raise Unreadable(name=plain_name(upload.filename))
    if not content:
        return 0
    return keep(asked.office.vault, content, upload.filename, limit)


def _answered(asked: Asked, done: Any) -> Response[Any]:
    """The answer as JSON; a refusal with the sentence that the page shows beside the file."""
    headers = {"cache-control": "no-store"}
    try:
        return Response(done(), headers=headers)
    except EngineError as refusal:
        problem = problem_of(refusal, asked.language, asked.office.settings.upload_limit)
        body = {"code": problem.code, "sentence": problem.sentence}
        return Response(body, status_code=problem.status, headers={**headers, **problem.headers})


routes = (add_to_draft, reached_in_draft, add_to_case, reached_in_case)
