"""One process at a glance: its state, its versions, its files, and what comes next."""

from __future__ import annotations

from litestar import Response

from api.frame import Asked
from api.routes import get
from api.studio.frame import opened, studio_page


@get("/studio/{process:str}", include_in_schema=False)
def overview(asked: Asked, process: str) -> Response[str]:
    """The process."""
    return studio_page(asked, opened(asked, process), "studio/overview.html", tab="overview")


routes = (overview,)
