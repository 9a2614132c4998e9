"""The diagram editor: its page and what can be chosen in it. Files are read and saved through `api.studio.files`."""

from __future__ import annotations

from typing import Any

from litestar import Response

from api.frame import Asked
from api.routes import get
from api.studio import diagram_files
from api.studio.choices import choices
from api.studio.frame import EDITOR_STYLES, opened, studio_page, words_of
from engine.errors import NotFound
from engine.fitting import Diagram, diagrams

#: Keys of the canvas in the order of their sentences `diagram.key-1` and so on.
KEYS = (
    "Tab",
    "Ctrl+F",
    "Ctrl+Z",
    "Ctrl+Y",
    "Ctrl+C / Ctrl+V",
    "Ctrl+A",
    "Delete",
    "E",
    "← ↑ → ↓",
    "Ctrl+← ↑ → ↓",
    "H / L / S / C",
)
#: Areas whose sentences the editor's scripts say.
_AREAS = ("studio-diagram", "studio-feel", "studio-saving", "studio-play")


@get("/studio/{process:str}/diagram", include_in_schema=False)
def diagram(asked: Asked, process: str, path: str = "") -> Response[Any]:
    """The editor on the process's own diagram, or on the one named by `path`."""
    shown = opened(asked, process)
    known = diagrams(shown.package)
    main = f"workflows/bpmn/{process}.bpmn"
    wished = path or (main if main in shown.package.files else next((one.path for one in known), main))
    if path and path not in shown.package.files:
        raise NotFound(kind="file", id=path)
    answer = studio_page(
        asked,
        shown,
        "studio/diagram.html",
        tab="diagram",
        diagrams=known or [Diagram(main, shown.title, shared=False)],
        path=wished,
        keys=KEYS,
        words={key: text for area in _AREAS for key, text in words_of(asked, area).items()},
        studio={
            "process": process,
            "path": wished,
            "editable": shown.editable,
            "state": shown.state,
            "version": asked.request.query_params.get("version") or "",
            "language": asked.language,
            "title": shown.title,
        },
    )
    return framed(answer)


def framed(answer: Response[Any]) -> Response[Any]:
    """The page with the policy of editors: styles on elements are allowed, because canvases are placed by them."""
    answer.headers["content-security-policy"] += EDITOR_STYLES
    return answer


@get("/studio/{process:str}/diagram/choices", include_in_schema=False)
def chosen(asked: Asked, process: str) -> Response[dict[str, Any]]:
    """What may be chosen in settings, by kind."""
    return Response(choices(asked, opened(asked, process).package), headers={"cache-control": "no-store"})


routes: tuple[Any, ...] = (diagram, chosen, *diagram_files.routes)
