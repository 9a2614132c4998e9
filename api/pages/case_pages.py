"""One case as the office sees it, its diagram, its papers and materials, and the reserve funds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.cases import deliver
from api.documents import PRIVATE, download
from api.errors import problem_of
from api.frame import Asked, page
from api.pages import clock_view, posts, reasons, story
from api.posted import Given
from api.routes import form, get
from api.shapes import area_name, chip, money
from api.titles import case_title, process_title, step_title
from api.words import knows
from engine.access import Actor
from engine.core.definition import Cause, Kind
from engine.diagram import draw
from engine.errors import EngineError
from engine.package import Package
from engine.queries import CaseView
from engine.queries import case as read_case
from engine.queries import fund as read_fund
from engine.queries import funds as read_funds
from engine.store.columns import NEVER


@get("/cases/{number:str}", include_in_schema=False)
def show(asked: Asked, number: str) -> Response[Any]:
    """A case for the office; its owner, and whoever has no account, goes to the page for applicants."""
    if asked.actor.id is None:
        return Redirect(_track(asked, number), status_code=303)
    view = read_case(asked.office.store, asked.office.bus.access, asked.actor, number)
    if not by_office(asked, view):
        return Redirect(_track(asked, number), status_code=303)
    return _case_page(asked, view)


def _track(asked: Asked, number: str) -> str:
    """The applicant's page of the case; language and size chosen in the address go along."""
    query = asked.request.url.query
    return f"/track/{number}{'?' if query else ''}{query}"


def by_office(asked: Asked, view: CaseView) -> bool:
    """Whether the asker sees the case by a role, not only because it is the asker's own."""
    return asked.office.bus.access.may(asked.actor, "see", view.row.process, view.row.area, None)


def _case_page(asked: Asked, view: CaseView, refusal: EngineError | None = None) -> Response[str]:
    package = asked.office.versions.at(view.row.package)
    told: dict[str, Any] = {"done": _said(asked)}
    status = 200
    if refusal is not None:
        problem = problem_of(refusal, asked.language)
        status = problem.status
        told = {"errors": [{"anchor": "", "label": "", "sentence": problem.sentence}]}
    return page(
        asked,
        "case.html",
        status=status,
        case=head(asked, package, view),
        work=_work(asked, package, view),
        clear=_works_here(asked, package, view),
        stages=story.stages(asked, package, view),
        decisions=reasons.decisions(asked, package, view),
        clocks=clock_view.clocks(asked, view),
        entries=story.timeline(asked, package, view, names=True),
        documents=story.documents(asked, package, view, office=True),
        notices=story.notices(asked, view.row.id),
        messages=sendable(asked, package, view, asked.actor),
        incidents=[
            {
                "element": step_title(asked, package, one.element),
                "sentence": f"{incident_words(asked, one.code)} {asked.say('case.incident', code=one.code)}".strip(),
            }
            for one in view.incidents
        ],
        **told,
    )


def incident_words(asked: Asked, code: str) -> str:
    """What stopped a step, where the code has a sentence that needs no values."""
    sentence = asked.say(f"error.{code}") if knows(f"error.{code}") else ""
    return "" if "…" in sentence else sentence


def _said(asked: Asked) -> str | None:
    return asked.say("case.reported") if asked.request.query_params.get("said") == "reported" else None


def head(asked: Asked, package: Package, view: CaseView) -> dict[str, Any]:
    """What a case is: name, number, state, place, when."""
    row = view.row
    return {
        "number": row.id,
        "name": case_title(asked, package, row.title) if row.title else process_title(asked, package),
        "state": asked.say(f"case.state-{row.state}"),
        "kind": {"open": "fine", "ended": "stopped"}.get(row.state, "stopped"),
        "place": area_name(asked.office.law, row.area, asked.today),
        "submitted_at": row.submitted_at,
        "ended_at": view.ended_at,
        "package": row.package,
    }


def _work(asked: Asked, package: Package, view: CaseView) -> list[dict[str, Any]]:
    """The open tasks of the case that the asker may work."""
    access = asked.office.bus.access
    return [
        {
            "href": f"/tasks/{task.id}",
            "title": step_title(asked, package, task.element, task.title),
            "chip": None if task.due == NEVER else chip(asked, task.due),
            "holder": task.claimed_name,
        }
        for task in view.tasks
        if task.state == "open"
        and task.account in (None, asked.actor.id)
        and access.may(asked.actor, "work", task.object, task.area, view.row.owner)
    ]


def _works_here(asked: Asked, package: Package, view: CaseView) -> bool:
    """Whether the asker works any lane of the process here: who must call people may read their numbers."""
    access = asked.office.bus.access
    lanes = {node.lane for node in package.definition.nodes.values() if node.lane}
    return any(
        access.may(asked.actor, "work", f"{view.row.process}/{lane}", view.row.area, None) for lane in lanes
    )


def sendable(asked: Asked, package: Package, view: CaseView, actor: Actor) -> list[dict[str, str]]:
    """The messages that the actor may send to this case while it runs."""
    row = view.row
    if row.state != "open":
        return []
    names = {
        trigger.ref
        for node in package.definition.nodes.values()
        if node.kind in {Kind.START, Kind.CATCH, Kind.BOUNDARY}
        for trigger in node.triggers
        if trigger.cause is Cause.MESSAGE and trigger.ref
    }
    access = asked.office.bus.access
    return [
        {
            "name": name,
            "title": asked.say(f"message.{name}"),
            "command": posts.fresh(),
            "form": "yes" if package.form(f"message-{name}") else "",
        }
        for name in sorted(names)
        if access.may(actor, f"message:{name}", row.process, row.area, row.owner)
    ]


@form("/cases/{number:str}/messages/{message:str}")
def send(asked: Asked, number: str, message: str, given: Given) -> Response[Any]:
    """Report an event to a case."""
    asked.require_account()
    try:
        deliver(
            asked,
            asked.actor,
            number,
            message,
            letter(given),
            asked.command_id(posts.first(given, "command")),
        )
    except EngineError as refusal:
        if problem_of(refusal, asked.language).status not in {403, 409}:
            raise
        view = read_case(asked.office.store, asked.office.bus.access, asked.actor, number)
        return _case_page(asked, view, refusal)
    return Redirect(f"/cases/{number}?said=reported", status_code=303)


def letter(given: Mapping[str, list[Any]]) -> dict[str, Any]:
    """What a page's message carries: the reason, if one was written."""
    reason = posts.first(given, "reason").strip()[:500]
    return {"reason": reason} if reason else {}


@get("/cases/{number:str}/diagram.svg", include_in_schema=False)
def diagram(asked: Asked, number: str) -> Response[str]:
    """The process with the case's way through it, for whoever may see the case."""
    asked.require_account()
    office = asked.office
    view = read_case(office.store, office.bus.access, asked.actor, number)
    package = office.versions.at(view.row.package)
    picture = draw(
        package.files[f"workflows/bpmn/{package.name}.bpmn"],
        story.states(asked, view),
        title=process_title(asked, package),
    )
    return Response(picture, media_type="image/svg+xml", headers=PRIVATE)


@get("/documents/{document:str}", include_in_schema=False)
def open_document(asked: Asked, document: str, case: str = "") -> Response[bytes]:
    """The PDF of a document, in the browser's own reader; `case` says through whose case the asker came."""
    actor = (asked.holds(case) if case else None) or asked.actor
    if actor.id is None:
        asked.require_account()
    return download(asked, document, actor)


@get("/funds", include_in_schema=False)
def funds(asked: Asked) -> Response[str]:
    """The reserve funds that the asker may see."""
    asked.require_account()
    office = asked.office
    found = [
        {
            "code": one.code,
            "name": one.name,
            "place": area_name(office.law, one.area, asked.today),
            "balance": money(one.balance),
            "reserved": money(one.reserved),
            "annual": money(one.annual),
        }
        for one in read_funds(office.store, office.bus.access, asked.actor)
    ]
    return page(asked, "funds.html", funds=found)


@get("/funds/{code:str}", include_in_schema=False)
def show_fund(asked: Asked, code: str) -> Response[str]:
    """One fund with its ledger, latest first."""
    asked.require_account()
    office = asked.office
    found = read_fund(office.store, office.bus.access, asked.actor, code)
    lines = [
        {
            "at": line.at,
            "kind": asked.say(f"ledger.{line.kind}"),
            "state": asked.say(f"ledger.state-{line.state}"),
            "amount": money(line.amount),
            "balance": money(line.balance),
            "case": line.case_id,
            "reason": line.reason,
        }
        for line in reversed(found.lines)
    ]
    told = {
        "name": found.name,
        "place": area_name(office.law, found.area, asked.today),
        "balance": money(found.balance),
        "reserved": money(found.reserved),
        "annual": money(found.annual),
    }
    return page(asked, "fund.html", fund=told, lines=lines)


routes = (show, send, diagram, open_document, funds, show_fund)
