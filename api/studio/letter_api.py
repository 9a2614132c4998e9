"""Previews for programs: what a document or notice of a process would be, on data, a scenario or a case, as JSON or PDF."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from litestar import Response

from api.frame import Asked
from api.routes import post
from api.studio.frame import opened
from api.studio.letter_preview import Looks, Wish, looks
from api.studio.letter_view import Letter
from engine.documents.sidecar import folder_of
from engine.package import SHARED, Package

_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Asking:
    """What to preview: `document` or `notice` by its name, on whose data, and templates that are not saved yet."""

    name: str
    kind: str = "document"
    #: A scenario of the process; without it and without `case` and `data` the first that makes the letter.
    scenario: str = ""
    #: The number of a real case that the asker may see; the look is journalled.
    case: str = ""
    #: The data itself.
    data: dict[str, Any] | None = None
    #: Language of a notice: zh or en.
    language: str = "zh"
    #: Path -> text of templates to be tried without saving them (below templates/ only).
    files: dict[str, str] = field(default_factory=dict)


@post(
    "/api/studio/{process:str}/preview",
    tags=["processes"],
    summary="Print a letter on sample data",
    keyed=False,
    status_code=200,
    refuses=(404, 422),
)
def preview_letter(asked: Asked, process: str, data: Asking) -> Response[Any]:
    """Print a letter as its template now is, missing fields marked; `Accept: application/pdf` gives the PDF alone."""
    shown = opened(asked, process)
    typed = {path: text.encode() for path, text in data.files.items() if path.startswith("templates/")}
    package = Package(shown.package.name, {**shown.package.files, **typed})
    folder = folder_of(package.files, process, data.name) if data.kind == "document" else process
    if data.kind == "notice" and f"templates/{process}/notice-{data.name}.txt" not in package.files:
        folder = SHARED
    letter = Letter("notice" if data.kind == "notice" else "document", data.name, folder)
    told = looks(
        asked, package, letter, Wish(data.scenario, data.case, data.data), data.language, pictures=False
    )
    if told.pdf and "application/pdf" in asked.request.headers.get("accept", ""):
        return pdf(told.pdf, data.name)
    return Response(_told(data, told), headers=_PRIVATE, status_code=422 if _refused(told) else 200)


def _refused(told: Looks) -> bool:
    return not told.pdf and not told.text


def _told(asking: Asking, told: Looks) -> dict[str, Any]:
    return {
        "name": asking.name,
        "kind": asking.kind,
        "source": told.source,
        "faults": [{**one, "line": int(Decimal(one["line"]))} for one in told.faults],
        "missing": [{"name": one["name"], "lines": one["lines"]} for one in told.missing],
        "text": told.text,
        "sms": told.sms,
        "pdf": base64.b64encode(told.pdf).decode() if told.pdf else None,
    }


def pdf(content: bytes, name: str) -> Response[bytes]:
    """A preview as a file."""
    headers = {**_PRIVATE, "content-disposition": f'inline; filename="preview-{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


routes = (preview_letter,)
