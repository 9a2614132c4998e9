"""The library of processes: every process with its versions, what is in work, and how to begin a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response

from api.frame import Asked, page
from api.routes import get
from api.studio.frame import known, packages
from engine.queries.processes import process_views, sees

if TYPE_CHECKING:
    from engine.package import Package
    from engine.queries.processes import ProcessView
    from engine.store.session import Reader

_STATES = ("draft", "review", "published", "retired", "dropped")


@get("/studio", include_in_schema=False)
def library(asked: Asked, q: str = "", at: str = "") -> Response[str]:
    """All processes that the asker may see here; `q` looks in names and titles, `at` in what is in work."""
    asked.require_account()
    office = asked.office
    office.refresh()
    access = office.bus.access
    with office.store.reading() as reader:
        lines = [
            _line(asked, reader, known(asked, reader, view))
            for view in process_views(reader)
            if sees(access, asked.actor, view.name)
        ]
    words = q.strip().lower()
    shown = [
        one
        for one in lines
        if (not words or words in f"{one['name']} {' '.join(one['titles'])}".lower())
        and (not at or one["state"] == at)
    ]
    return page(
        asked,
        "studio/library.html",
        lines=sorted(shown, key=lambda one: (_rank(one), one["name"])),
        total=len(lines),
        q=q,
        at=at,
        states=[name for name in _STATES if any(one["state"] == name for one in lines)],
        may_begin=access.may(asked.actor, "begin", "process", None),
    )


def _rank(line: dict[str, Any]) -> int:
    """What waits for somebody first, then what is in work, then the rest."""
    return {"review": 0, "draft": 1}.get(line["state"], 2)


def _line(asked: Asked, reader: Reader, view: ProcessView) -> dict[str, Any]:
    package = _shown(asked, reader, view)
    latest, draft = view.latest, view.working
    counts = [
        (one.number, (view.cases or {}).get(one.digest, 0))
        for one in view.versions
        if view.of_version(one.digest) == one and (view.cases or {}).get(one.digest)
    ]
    return {
        "name": view.name,
        "title": asked.pick(package.title),
        "titles": list(package.title.values()),
        "state": view.state,
        "retired": view.retired,
        "latest": latest,
        "why": latest.note.partition("\n")[0] if latest else "",
        "draft": draft,
        "cases": None if view.cases is None else sum(view.cases.values()),
        "counts": counts,
    }


def _shown(asked: Asked, reader: Reader, view: ProcessView) -> Package:
    if view.latest is not None:
        return asked.office.versions.at(view.latest.digest, reader)
    assert view.draft is not None
    return packages(asked).draft(reader, view.draft)


routes = (library,)
