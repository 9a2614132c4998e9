"""Files that come into a draft from the diagram: the form of a task, what a called part needs, ready pieces of processes."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar import post as litestar_post
from litestar.concurrency import sync_to_thread

from api.frame import Asked
from api.routes import get, marked, post
from api.studio.files import MOST_TYPED, told
from api.studio.frame import opened, save_file
from engine.commands import AddDraftFiles
from engine.core.load import ModelError
from engine.errors import CommandInvalid, NotFound
from engine.fitting import drawn, element_ids, fitted, piece, pieces, shared_parts

if TYPE_CHECKING:
    from api.studio.frame import Opened

#: A model comes as data: no browser may run it as a page of ours.
_RAW = {"cache-control": "no-store", "content-security-policy": "sandbox; default-src 'none'"}
_EMPTY: dict[str, Any] = {
    "variables": [],
    "sections": [{"title": {"zh": "办理", "en": "Work"}, "fields": []}],
}
_ID = re.compile(r"[A-Za-z_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Wished:
    """What a new form is called, and the form that it begins as ("": an empty one)."""

    title: str = ""
    like: str = ""


@post("/studio/{process:str}/diagram/forms/{task:str}", keyed=False, status_code=200, include_in_schema=False)
def make_form(asked: Asked, process: str, task: str, data: Wished) -> Response[Any]:
    """A form for a task, under the task's own id."""

    def make() -> Response[Any]:
        shown = opened(asked, process)
        if not _ID.fullmatch(task):
            raise CommandInvalid(reason="task")
        path = f"forms/{process}/{task}.json"
        form = _like(shown, data.like) if data.like else dict(_EMPTY)
        title: dict[str, str] = {**form.get("title", {}), "zh": data.title or task}
        content = {
            "id": task,
            "title": {"zh": title["zh"], "en": title.get("en", "")},
            **{k: v for k, v in form.items() if k not in {"id", "title"}},
        }
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        save_file(asked, process, path, text.encode(), "")
        return _answer(path=path, sentence=asked.say("diagram.form-made", title=title["zh"]))

    return told(asked, make)


def _like(shown: Opened, path: str) -> dict[str, Any]:
    if not path.startswith("forms/") or path not in shown.package.files:
        raise NotFound(kind="form", id=path)
    try:
        form = json.loads(shown.package.files[path])
    except ValueError:
        form = None
    if not isinstance(form, dict):
        raise CommandInvalid(reason="form")
    return form


@post("/studio/{process:str}/diagram/parts/{part:str}", keyed=False, status_code=200, include_in_schema=False)
def add_part(asked: Asked, process: str, part: str) -> Response[Any]:
    """What a called part needs: its files, the papers that it issues, rights for its lanes and messages."""

    def add() -> Response[Any]:
        shown = opened(asked, process)
        if part not in {one.id for one in shared_parts(asked.office.settings.root, shown.package)}:
            raise NotFound(kind="part", id=part)
        calling = f'<x calledElement="{part}"/>'.encode()
        count = _add(asked, shown, {"call": calling}, {})
        return _answer(sentence=asked.say("diagram.part-added", count=count) if count else "")

    return told(asked, add)


@get("/studio/{process:str}/diagram/templates", include_in_schema=False)
def list_pieces(asked: Asked, process: str) -> Response[Any]:
    """Ready pieces that can be put into the process."""
    opened(asked, process)
    found = pieces(asked.office.settings.root)
    return _answer(
        templates=[
            {"id": one.name, "title": asked.pick(one.title), "about": asked.pick(one.about)} for one in found
        ]
    )


@post(
    "/studio/{process:str}/diagram/templates/{name:str}",
    keyed=False,
    status_code=200,
    include_in_schema=False,
)
def add_piece(asked: Asked, process: str, name: str) -> Response[Any]:
    """The model of a piece under ids that are free here; the files that it needs are in the draft afterwards."""

    def add() -> Response[Any]:
        shown = opened(asked, process)
        taken = {one for ids in element_ids(shown.package).values() for one in ids}
        chosen = piece(asked.office.settings.root, name).renamed(taken)
        forms = {f"forms/{process}/{task}.json": content for task, content in chosen.forms.items()}
        count = _add(asked, shown, {f"{name}.bpmn": chosen.model}, forms)
        return _answer(fragment=chosen.model.decode(), title=asked.pick(chosen.title), count=count)

    return told(asked, add)


async def _draw_model(asked: Asked, process: str) -> Response[Any]:
    """The posted model with a picture, for models that came without one; nothing is saved."""
    content = await asked.request.body()

    def draw() -> Response[Any]:
        opened(asked, process)
        try:
            picture = drawn(content)
        except ModelError as fault:
            raise CommandInvalid(reason=fault.code) from None
        return Response(picture, media_type="application/xml", headers=dict(_RAW))

    return await sync_to_thread(told, asked, draw)


def _add(asked: Asked, shown: Opened, models: dict[str, bytes], more: dict[str, bytes]) -> int:
    """Put into the draft what models need and it lacks; how many files."""
    files = {**fitted(asked.office.settings.root, shown.package, models), **more}
    rights = f"policies/{shown.process}.csv"
    new = {path: content for path, content in files.items() if path not in shown.package.files}
    if new:
        asked.execute(AddDraftFiles(asked.command_id(secrets.token_hex(16)), shown.process, new))
    if rights in files and rights not in new:
        save_file(asked, shown.process, rights, files[rights], shown.files[rights])
    return len(files)


def _answer(**values: Any) -> Response[Any]:
    return Response(values, headers={"cache-control": "no-store"})


_DRAWN = "/studio/{process:str}/diagram/drawn"
draw_model = litestar_post(
    _DRAWN, status_code=200, include_in_schema=False, request_max_body_size=MOST_TYPED
)(marked(_draw_model, _DRAWN))

routes: tuple[Any, ...] = (make_form, add_part, list_pieces, add_piece, draw_model)
