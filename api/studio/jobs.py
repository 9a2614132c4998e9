"""Long work as pages show it: asked for, followed, stopped."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import orjson
from litestar import Response
from litestar.response import Redirect

from api.frame import Asked, page
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio.drafts import back
from api.studio.frame import require_sight
from api.words import knows, pick
from engine.commands import AskJob, StopJob
from engine.package import pack
from engine.queries.jobs import job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.package import Package
    from engine.store.rows_jobs import JobRow

#: States in which there is something to wait for.
UNDER_WAY = ("waiting", "running")


def ask(asked: Asked, given: Given, package: Package, kind: str, wish: Mapping[str, Any]) -> str:
    """Ask for work over the package as it is now; the job's id."""
    command = AskJob(posts.command(asked, given), package.name, kind, wish, pack(package))
    return str(asked.execute(command)["job"])


def shown(asked: Asked, row: JobRow) -> dict[str, Any]:
    """One piece of work in words."""
    return {
        "id": row.id,
        "process": row.process,
        "kind": row.kind,
        "state": row.state,
        "under_way": row.state in UNDER_WAY,
        "stopping": bool(row.stopping),
        "done": row.done,
        "total": row.total,
        "by": row.asked_name,
        "at": row.asked_at,
        "fault": _fault(asked, row),
        "again": row.tries > 1 and row.state in UNDER_WAY,
        "command": secrets.token_hex(16),
    }


def _fault(asked: Asked, row: JobRow) -> str:
    if row.error is None:
        return ""
    told = orjson.loads(row.error)
    if "words" in told:
        return pick(told["words"], asked.language)
    for key in (f"job.error-{told['code']}", f"error.{told['code']}"):
        if knows(key):
            return asked.say(key, **told["values"])
    return asked.say(
        "job.error", code=told["code"], values=" ".join(f"{one}" for one in told["values"].values())
    )


@get("/studio/{process:str}/jobs/{key:str}", include_in_schema=False)
def progress(asked: Asked, process: str, key: str) -> Response[str]:
    """How far it is, as a piece of a page."""
    row = _followed(asked, process, key)
    return page(asked, "studio/_job_piece.html", job=shown(asked, row))


@form("/studio/{process:str}/jobs/{key:str}/stop", home="/studio/{process}")
def stop(asked: Asked, process: str, key: str, given: Given) -> Redirect:
    """Let it end with what it has."""
    _followed(asked, process, key)
    asked.execute(StopJob(posts.command(asked, given), key))
    return back(asked, process, given)


def _followed(asked: Asked, process: str, key: str) -> JobRow:
    """The work; NotFound also where the asker may not know of it."""
    require_sight(asked, process)
    return job(asked.office.store, asked.office.bus.access, asked.actor, process, key)


routes = (progress, stop)
