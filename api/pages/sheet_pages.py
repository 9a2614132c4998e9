"""The approval sheet of a case for printing: application, every step with its answers and signer, decisions, the whole trail."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.frame import Asked, page
from api.pages import reasons, story
from api.pages.case_pages import by_office, head
from api.pages.trail import trail
from api.routes import get
from engine.queries import case as read_case


@get("/cases/{number:str}/sheet", include_in_schema=False)
def show(asked: Asked, number: str) -> Response[Any]:
    """For the office; whoever only owns the case goes to the applicant's page."""
    asked.require_account()
    view = read_case(asked.office.store, asked.office.bus.access, asked.actor, number)
    if not by_office(asked, view):
        return Redirect(f"/track/{number}", status_code=303)
    package = asked.office.versions.at(view.row.package)
    return page(
        asked,
        "sheet.html",
        case=head(asked, package, view),
        stages=story.stages(asked, package, view),
        decisions=reasons.decisions(asked, package, view),
        documents=story.documents(asked, package, view, office=True),
        trail=trail(asked, package, view),
        printed_at=asked.now,
        journal_head=view.row.journal_head.hex(),
        clear=True,
    )


routes = (show,)
