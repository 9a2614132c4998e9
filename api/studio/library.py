"""The library of processes: every process with its versions, what is in work, and how to begin a new one."""

from __future__ import annotations

from litestar import Response

from api.frame import Asked, page
from api.routes import get


@get("/studio", include_in_schema=False)
def library(asked: Asked) -> Response[str]:
    """All processes that the asker may draft or publish."""
    asked.require_account()
    access = asked.office.bus.access
    names = {reach.object for action in ("draft", "publish") for reach in access.reaches(asked.actor, action)}
    return page(asked, "studio/library.html", names=sorted(names))


routes = (library,)
