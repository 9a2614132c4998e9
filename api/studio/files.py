"""The files of a process as data: listed, read, and saved one by one by whoever edits them."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from litestar import Response, delete, put
from litestar.concurrency import sync_to_thread

from api.errors import problem_of
from api.frame import Asked
from api.routes import MOST_JSON, get, marked, threaded
from api.studio.frame import Saved, opened, remove_file, require_sight, save_file
from engine.drafts import LARGEST_FILE
from engine.errors import CommandInvalid, EngineError, NotFound, Stale
from engine.package import SHARED
from engine.queries.processes import draft_row, kept_content

if TYPE_CHECKING:
    from collections.abc import Callable

#: Ends of file names -> what the file is for.
_KINDS = (
    ("workflows/bpmn/", "diagram"),
    ("workflows/dmn/", "table"),
    ("workflows/scenarios/", "scenarios"),
    ("workflows/campaigns/", "campaign"),
    ("forms/", "form"),
    ("policies/", "rights"),
    ("templates/", "letter"),
)
#: What a file is for -> the tab on which it is edited.
EDITORS = {
    "diagram": "diagram",
    "table": "tables",
    "test-rows": "tables",
    "form": "forms",
    "letter": "letters",
    "rights": "rights",
    "scenarios": "scenarios",
}
#: Bytes that an editor posts: a file (refused by its own size) with the test rows beside it, and the JSON around them.
MOST_TYPED = 2 * LARGEST_FILE + MOST_JSON
_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
#: Contents come as data: no browser may run what an analyst wrote as a page of ours.
_RAW = {**_PRIVATE, "content-security-policy": "sandbox; default-src 'none'"}


def kind_of(path: str) -> str:
    """What a file of a package is for."""
    if path.endswith(".tests.json"):
        return "test-rows"
    return next((kind for folder, kind in _KINDS if path.startswith(folder)), "other")


@get("/studio/{process:str}/files", include_in_schema=False)
def list_files(asked: Asked, process: str) -> Response[Any]:
    """The files of what is shown, in path order."""
    shown = opened(asked, process)
    return _json(
        {
            "process": process,
            "revision": shown.revision,
            "state": shown.state,
            "editable": shown.editable,
            "files": [
                {
                    "path": path,
                    "kind": kind_of(path),
                    "sha": sha,
                    "size": len(shown.package.files[path]),
                    "shared": f"/{SHARED}/" in path,
                }
                for path, sha in sorted(shown.files.items())
            ],
        }
    )


@get("/studio/{process:str}/file", include_in_schema=False)
def read_file(asked: Asked, process: str, path: str, version: str = "") -> Response[Any]:
    """One file's bytes, with the hash of its content as ETag."""
    return told(asked, lambda: _read(asked, process, path, version))


def _read(asked: Asked, process: str, path: str, version: str) -> Response[Any]:
    require_sight(asked, process)
    office = asked.office
    with office.store.reading() as reader:
        draft = draft_row(reader, process) if not version else None
        if draft is not None and draft.open:
            content, kept = kept_content(reader, office.versions, draft, path)
            return _bytes(path, content, kept.sha)
    shown = opened(asked, process)
    if path not in shown.files:
        raise NotFound(kind="file", id=path)
    return _bytes(path, shown.package.files[path], shown.files[path])


def _bytes(path: str, content: bytes, sha: str) -> Response[Any]:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if path.endswith((".bpmn", ".dmn")):
        kind = "application/xml"
    return Response(content, media_type=kind, headers={**_RAW, "etag": f'"{sha}"'})


async def _write_file(asked: Asked, process: str, path: str) -> Response[Any]:
    """Save one file; `If-Match` says which content was edited, `If-None-Match: *` that there was none."""
    content = await asked.request.body()
    return await sync_to_thread(
        told,
        asked,
        lambda: _saved(asked, save_file(asked, process, path, content, _seen(asked))),
    )


def _remove_file(asked: Asked, process: str, path: str) -> Response[Any]:
    """Take one file out of the draft; `If-Match` as when saving."""
    return told(asked, lambda: _saved(asked, remove_file(asked, process, path, _seen(asked))))


def _seen(asked: Asked) -> str:
    """The hash that the editor had seen; nothing for a new file."""
    headers = asked.request.headers
    if headers.get("if-none-match") == "*":
        return ""
    seen = headers.get("if-match", "").removeprefix("W/").strip().strip('"')
    if not seen:
        raise CommandInvalid(reason="If-Match")
    return seen


def _saved(asked: Asked, saved: Saved) -> Response[Any]:
    return _json(
        {
            "sha": saved.sha,
            "revision": saved.revision,
            "at": saved.at.isoformat(),
            "text": asked.moment(saved.at).rpartition(" ")[2],
        },
        headers={"etag": f'"{saved.sha}"'} if saved.sha else {},
    )


def told(asked: Asked, work: Callable[[], Response[Any]]) -> Response[Any]:
    """The answer, or the refusal as data: code, a sentence, and who was faster when."""
    try:
        return work()
    except EngineError as refusal:
        problem = problem_of(refusal, asked.language, LARGEST_FILE)
        refused: dict[str, Any] = {"code": problem.code, "sentence": problem.sentence}
        if isinstance(refusal, Stale):
            refused |= {name: refusal.values.get(name) for name in ("by", "at", "sha")}
        return _json(refused, status=problem.status)


def _json(
    values: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[Any]:
    return Response(values, status_code=status, headers={**_PRIVATE, **(headers or {})})


_FILE = "/studio/{process:str}/file"
write_file = put(_FILE, status_code=200, include_in_schema=False, request_max_body_size=MOST_TYPED)(
    marked(_write_file, _FILE)
)
drop_file = delete(_FILE, status_code=200, include_in_schema=False)(threaded(marked(_remove_file, _FILE)))

routes = (list_files, read_file, write_file, drop_file)
