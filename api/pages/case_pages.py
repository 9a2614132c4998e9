"""One case: for the office by right, for the applicant by account, for anybody with number and query code."""

from __future__ import annotations

import secrets
from typing import Any

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from api.applications import process_name
from api.documents import download
from api.errors import problem_of
from api.frame import Asked, page
from api.pages import posts, story
from api.routes import get, post
from api.shapes import area_name, money
from engine.commands import SendMessage
from engine.core.definition import Cause, Kind
from engine.diagram import draw
from engine.errors import EngineError
from engine.package import Package
from engine.queries import CaseView, holder
from engine.queries import case as read_case
from engine.queries import funds as read_funds


@get("/cases/{number:str}", include_in_schema=False)
def show(asked: Asked, number: str) -> Response[str]:
    """A case that the asker may see."""
    office = asked.office
    view = read_case(office.store, office.bus.access, asked.actor, number)
    package = office.versions.at(view.row.package)
    return page(
        asked,
        "case.html",
        case=_head(asked, package, view),
        stages=story.stages(asked, package, view),
        decisions=story.decisions(asked, view),
        entries=story.timeline(asked, package, view, names=bool(asked.actor.grants)),
        documents=story.documents(asked, view),
        notices=story.notices(asked, number),
        messages=_sendable(asked, package, view),
        done=asked.say("case.reported") if asked.request.query_params.get("reported") else None,
    )


def _head(asked: Asked, package: Package, view: CaseView) -> dict[str, Any]:
    row = view.row
    return {
        "number": row.id,
        "name": row.title or process_name(package),
        "state": asked.say(f"case.state-{row.state}"),
        "place": area_name(asked.office.law, row.area, asked.now.date()),
        "submitted_at": row.submitted_at,
        "package": row.package,
    }


def _sendable(asked: Asked, package: Package, view: CaseView) -> list[dict[str, str]]:
    """The messages that the asker may send to this case while it runs."""
    row = view.row
    if row.state != "open":
        return []
    names = {
        trigger.ref: node.name
        for node in package.definition.nodes.values()
        if node.kind in {Kind.START, Kind.CATCH, Kind.BOUNDARY}
        for trigger in node.triggers
        if trigger.cause is Cause.MESSAGE and trigger.ref
    }
    access = asked.office.bus.access
    return [
        {"name": name, "title": title or asked.say(f"message.{name}"), "command": secrets.token_hex(16)}
        for name, title in names.items()
        if access.may(asked.actor, f"message:{name}", row.process, row.area, row.owner)
    ]


@post("/cases/{number:str}/messages/{message:str}", include_in_schema=False)
async def send(asked: Asked, number: str, message: str) -> Redirect:
    """Report an event to a case."""
    given = await posts.posted(asked)
    data = {"reason": posts.first(given, "reason")} if posts.first(given, "reason") else {}
    command = SendMessage(posts.first(given, "command") or secrets.token_hex(16), number, message, data)
    await sync_to_thread(asked.office.bus.execute, command, asked.actor, asked.now)
    return Redirect(f"/cases/{number}?reported=1", status_code=303)


@get("/cases/{number:str}/diagram.svg", include_in_schema=False)
def diagram(asked: Asked, number: str) -> Response[str]:
    """The process with the case's way through it, for whoever may see the case."""
    office = asked.office
    view = read_case(office.store, office.bus.access, asked.actor, number)
    package = office.versions.at(view.row.package)
    picture = draw(
        package.files[f"workflows/bpmn/{package.name}.bpmn"],
        story.states(asked, view),
        title=process_name(package),
    )
    return Response(picture, media_type="image/svg+xml", headers={"cache-control": "private, no-store"})


@get("/track", include_in_schema=False)
def track(asked: Asked, number: str = "", code: str = "") -> Response[str]:
    """A case for whoever knows its number and query code; nothing that the applicant did not say or receive."""
    office = asked.office
    number, code = number.strip(), code.strip().lower()
    try:
        actor = holder(office.store, number, code)
        view = read_case(office.store, office.bus.access, actor, number)
    except EngineError as refusal:
        status = problem_of(refusal, asked.language).status
        sentence = asked.say("track.wrong")
        return page(
            asked,
            "problem.html",
            status=status,
            title=asked.say("track.title"),
            sentence=sentence,
            code=refusal.code,
            back="/",
        )
    package = office.versions.at(view.row.package)
    return page(
        asked,
        "track.html",
        case=_head(asked, package, view),
        entries=story.timeline(asked, package, view, names=False),
        documents=story.documents(asked, view, f"?case={number}&code={code}"),
        notices=story.notices(asked, number),
    )


@get("/documents/{document:str}", include_in_schema=False)
def open_document(
    asked: Asked, document: str, case: str | None = None, code: str | None = None
) -> Response[bytes]:
    """The PDF of a document, in the browser's own reader."""
    return download(asked, document, code, case)


@get("/funds", include_in_schema=False)
def funds(asked: Asked) -> Response[str]:
    """The reserve funds that the asker may see."""
    office = asked.office
    found = [
        {
            "name": one.name,
            "balance": money(one.balance),
            "reserved": money(one.reserved),
            "annual": money(one.annual),
        }
        for one in read_funds(office.store, office.bus.access, asked.actor)
    ]
    return page(asked, "funds.html", funds=found)


routes = (show, send, diagram, track, open_document, funds)
