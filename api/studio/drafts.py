"""Beginning a draft, giving it up, taking it up again: the buttons on every page of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.response import Redirect

from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form
from api.studio.frame import require_sight
from engine.commands import BeginDraft, DropDraft, RestoreDraft
from engine.queries.processes import process_view

if TYPE_CHECKING:
    from engine.queries.processes import ProcessView


@form("/studio/{process:str}/begin")
def begin(asked: Asked, process: str, given: Given) -> Redirect:
    """Begin to work on the newest version, or on the one that was looked at."""
    view = _view(asked, process)
    source = posts.first(given, "version") or (view.latest.digest if view.latest else "")
    asked.execute(BeginDraft(posts.command(asked, given), process, source))
    asked.office.refresh()
    return back(asked, process, given)


@form("/studio/{process:str}/drop")
def drop(asked: Asked, process: str, given: Given) -> Redirect:
    """Give the draft up, as it was seen."""
    require_sight(asked, process)
    asked.execute(DropDraft(posts.command(asked, given), process, posts.number(given, "revision")))
    return Redirect(f"/studio/{process}", status_code=303)


@form("/studio/{process:str}/restore")
def restore(asked: Asked, process: str, given: Given) -> Redirect:
    """Take up again what was given up, or go back to an earlier state of the draft."""
    require_sight(asked, process)
    revision = max(0, posts.number(given, "revision"))
    asked.execute(RestoreDraft(posts.command(asked, given), process, revision))
    return back(asked, process, given)


def back(asked: Asked, process: str, given: Given) -> Redirect:
    """To the page of this process that the button stood on."""
    del asked
    wished: Any = posts.first(given, "next")
    home = f"/studio/{process}"
    inside = wished == home or wished.startswith((f"{home}/", f"{home}?"))
    return Redirect(wished if inside else home, status_code=303)


def _view(asked: Asked, process: str) -> ProcessView:
    require_sight(asked, process)
    with asked.office.store.reading() as reader:
        return process_view(reader, process)


routes = (begin, drop, restore)
