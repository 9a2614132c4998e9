"""One process at a glance: its state, its versions, its files, and what comes next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from litestar import Response

from api.frame import Asked
from api.pages import posts
from api.routes import get
from api.studio.comments import open_remarks
from api.studio.files import EDITORS, kind_of
from api.studio.findings import findings_of, worst
from api.studio.frame import known, opened, studio_page
from engine.compare import compare
from engine.drafts import kept_files
from engine.lint import Severity
from engine.package import SHARED
from engine.queries.processes import draft_steps, process_view

if TYPE_CHECKING:
    from api.studio.frame import Opened
    from engine.queries.processes import ProcessView
    from engine.store.rows import DraftStepRow

#: Steps of the draft that the page lists; all are kept.
_STEPS = 30


@get("/studio/{process:str}", include_in_schema=False)
def overview(asked: Asked, process: str) -> Response[str]:
    """The process."""
    shown = opened(asked, process)
    office = asked.office
    with office.store.reading() as reader:
        view = known(asked, reader, process_view(reader, process))
        steps = draft_steps(reader, process)
        current = office.versions.at(view.latest.digest, reader) if view.latest else None
    found = findings_of(asked, shown.package)
    changed = {one.file for one in compare(current, shown.package)} if current is not None else set()
    return studio_page(
        asked,
        shown,
        "studio/overview.html",
        tab="overview",
        view=view,
        next_step=_next(view, worst(found)["error"], same=current is not None and not changed),
        counts=worst(found),
        findings=[one for one in found if one["severity"] != Severity.INFO.value],
        foreign=sorted({one["path"] for one in found if one["code"].startswith("foreign-")}),
        files=_files(shown, view, changed),
        remarks=open_remarks(asked, process),
        steps=[_step(one) for one in reversed(steps[-_STEPS:])],
        command=posts.fresh(),
    )


def _next(view: ProcessView, errors: int, *, same: bool) -> str:
    """What somebody should do now, as the last part of a key."""
    if view.working is None:
        return "retired" if view.retired else "begin" if view.versions else "restore"
    if view.working.state == "review":
        return "review"
    if view.working.returned:
        return "returned"
    return "mend" if errors else "nothing" if same else "ask"


def _files(shown: Opened, view: ProcessView, changed: set[str]) -> list[dict[str, Any]]:
    """The files by kind; those of shared parts behind the process's own."""
    kept = kept_files(view.working) if view.working is not None and shown.revision else {}
    lines = []
    for path, content in shown.package.files.items():
        kind = kind_of(path)
        who = kept.get(path)
        begun = who is not None and view.working is not None and path not in changed
        lines.append(
            {
                "path": path,
                "kind": kind,
                "size": len(content),
                "shared": f"/{SHARED}/" in path,
                "changed": path in changed and bool(shown.revision),
                "by": "" if who is None or begun else who.by_name,
                "at": None if who is None or begun else who.at,
                "editor": EDITORS.get(kind),
            }
        )
    return sorted(lines, key=lambda one: (one["shared"], one["path"]))


def _step(row: DraftStepRow) -> dict[str, Any]:

    files = list(json.loads(row.files)) if row.kind in {"saved", "removed"} else []
    return {
        "revision": row.revision,
        "kind": row.kind,
        "files": files[:5],
        "more": max(0, len(files) - 5),
        "note": row.note,
        "by": row.by_name,
        "at": row.at,
    }


routes = (overview,)
