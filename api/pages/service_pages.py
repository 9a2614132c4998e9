"""What one can apply for, told before applying; taking up again what was begun; the confirmation and its receipt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from api.applications import current, retired, startable
from api.documents import download
from api.drafting import begun, remember
from api.errors import problem_of
from api.following import code_of
from api.frame import Asked, page
from api.guide import guide
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.seeking import seek
from api.shapes import last_moment
from api.titles import lane_title, process_title, step_title
from engine.commands import AskReceipt
from engine.errors import NotFound
from engine.package import START
from engine.promises import promises
from engine.queries import case as read_case
from engine.queries import drafts_of_phone
from engine.queries.contents import application_of
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.package import Package
    from engine.queries import CaseView


@get("/", include_in_schema=False)
def home(asked: Asked, q: str = "") -> Response[Any]:
    """What can be applied for, sought in plain words, and the ways in without an account."""
    known = startable(asked)
    found, hints = seek(asked, q, known) if q.strip() else ([], [])
    words = f"?{urlencode({'words': q.strip()[:100]})}" if q.strip() else ""
    by_name = {package.name: (package, name) for package, name in known}
    picked = [_card(asked, *by_name[name], words) for name in found]
    said = asked.request.query_params.get("said")
    done = asked.say("apply.dropped") if said == "dropped" else None
    return page(
        asked,
        "home.html",
        picked=picked,
        topics=_topics(asked, [one for one in known if one[0].name not in found]),
        q=q.strip()[:100],
        hints=hints,
        begun=begun_lines(asked),
        done=done,
    )


def _card(asked: Asked, package: Package, name: str, words: str = "") -> dict[str, str]:
    form = package.form(START)
    told = asked.pick(form.help) if form and form.help else ""
    return {"process": package.name, "name": name, "help": told, "words": words}


def _topics(asked: Asked, known: list[tuple[Package, str]]) -> list[dict[str, Any]]:
    """The services under their headings, the most urgent first."""
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for package, name in known:
        form = package.form(START)
        topic = asked.pick(form.topic) if form and form.topic else asked.say("home.other-topic")
        found.setdefault(topic, []).append((form.order if form else 1000, _card(asked, package, name)))
    ranked = sorted(found.items(), key=lambda one: min(order for order, _ in one[1]))
    return [
        {"title": topic, "items": [card for _, card in sorted(cards, key=lambda one: one[0])]}
        for topic, cards in ranked
    ]


def begun_lines(asked: Asked) -> list[dict[str, Any]]:
    """The drafts of this browser and account for a list."""
    return [
        {
            "href": f"/apply/{row.process}/{row.id}",
            "name": process_title(asked, current(asked, row.process)),
            "saved": row.saved_at,
        }
        for row in begun(asked)
    ]


@get("/services/{process:str}", include_in_schema=False)
def service(asked: Asked, process: str) -> Response[Any]:
    """The guide of one service."""
    package = current(asked, process)
    may = asked.office.bus.access.may(asked.actor, "start", process, None)
    if not may and "anyone" not in asked.office.bus.access.roles("start", process):
        asked.require_account()
        raise NotFound(kind="process", id=process)
    limit = asked.office.settings.upload_limit >> 20
    over = retired(asked, process)
    told = problem_of(over, asked.language).sentence if over else None
    return page(
        asked,
        "guide.html",
        process=process,
        guide=guide(asked, package),
        may=may and over is None,
        limit=limit,
        retired=told,
    )


@get("/continue", include_in_schema=False)
def ask_draft(asked: Asked) -> Response[Any]:
    """The question for phone and continue code."""
    return page(asked, "continue.html", begun=begun_lines(asked), phone="")


@form("/continue")
def find_draft(asked: Asked, given: Given) -> Response[Any]:
    """Open the draft in this browser."""
    asked.brake("track")
    phone = re.sub(r"[\s-]", "", posts.first(given, "phone"))
    code = re.sub(r"[\s-]", "", posts.first(given, "code")).upper()
    rows = drafts_of_phone(asked.office.store, phone, code, asked.now)
    if not rows:
        told = [
            {"anchor": "phone", "label": asked.say("continue.title"), "sentence": asked.say("continue.wrong")}
        ]
        lines = begun_lines(asked)
        return page(asked, "continue.html", status=404, begun=lines, phone=phone[:20], errors=told)
    answer = Redirect(f"/apply/{rows[0].process}/{rows[0].id}", status_code=303)
    remember(asked, answer, rows[0].id, rows[0].code)
    return answer


@get("/submitted/{number:str}", include_in_schema=False)
def submitted(asked: Asked, number: str) -> Response[Any]:
    """The confirmation, for the browser that handed in; it may be loaded again."""
    code = code_of(asked, number)
    if not code:
        return Redirect(f"/track/{number}", status_code=303)
    actor = asked.owner_of(number)
    view = read_case(asked.office.store, asked.office.bus.access, actor, number)
    package = asked.office.versions.at(view.row.package)
    return page(
        asked,
        "submitted.html",
        number=number,
        code=code,
        **promised(asked, package, view),
        next=_next(asked, package, view),
    )


def promised(asked: Asked, package: Package, view: CaseView) -> dict[str, Any]:
    """By when it is promised, and by when the law wants it."""
    with asked.office.store.reading() as reader:
        answers = application_of(reader, view.row.id)
    told = promises(package, answers, view.row.submitted_at, asked.office.world(asked.now))
    return {
        name: day.isoformat() if day else None
        for name, day in (("promised", told.promised), ("statutory", told.statutory))
    }


def _next(asked: Asked, package: Package, view: CaseView) -> str:
    """Who has it now, to do what, by when."""
    task = next((one for one in view.tasks if one.state == "open"), None)
    if task is None:
        return ""
    values = {
        "who": lane_title(asked, package, task.element),
        "what": step_title(asked, package, task.element, task.title),
    }
    if task.due == NEVER:
        return asked.say("submitted.next-who", **values)
    due = last_moment(task.due, asked.office.settings.zone)
    return asked.say("submitted.next-due", due=due, **values)


@get("/track/{number:str}/receipt", include_in_schema=False)
def receipt(asked: Asked, number: str) -> Response[Any]:
    """The receipt as a sealed PDF, printed the first time that it is asked for."""
    actor = asked.owner_of(number)
    read_case(asked.office.store, asked.office.bus.access, actor, number)
    document = _printed(asked, actor, number)
    if document is None:
        return Redirect(f"/track/{number}", status_code=303)
    return download(asked, document, actor)


def _printed(asked: Asked, actor: Actor, number: str) -> str | None:
    """The receipt's document; what was not printed yet is printed now rather than at the relay's leisure."""
    told = asked.execute(AskReceipt(posts.fresh(), number), actor=actor)
    message = told.values.get("message")
    if message is not None:
        asked.office.relay.carrier.carry(str(message))
        told = asked.execute(AskReceipt(posts.fresh(), number), actor=actor)
    document = told.values.get("document")
    return str(document) if document else None


routes = (home, service, ask_draft, find_draft, submitted, receipt)
