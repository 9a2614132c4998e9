"""Remarks about elements and files of a process: threads beside the diagram, answered and settled; as page and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from api.documents import PRIVATE
from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get, post
from api.studio.frame import Opened, opened, require_sight, studio_page
from engine.commands import Remark, SettleRemark
from engine.compare import labels
from engine.core.load import ModelError
from engine.diagram import Mark, draw, drawn_elements
from engine.drafts import sha_of
from engine.errors import CommandInvalid
from engine.queries.remarks import Thread, remarks

if TYPE_CHECKING:
    from engine.store.rows_remarks import RemarkRow


@get("/studio/{process:str}/remarks", include_in_schema=False)
def show(asked: Asked, process: str, element: str = "", path: str = "", all: str = "") -> Response[Any]:  # noqa: A002 - a word of the address
    """All threads of the process beside its diagrams; with `element` or `path` those of one place."""
    found = opened(asked, process)
    threads = threads_of(asked, process)
    names = names_of(found)
    # A link may name the element alone: what is said about it belongs to the file that draws it.
    said_on = path or (_drawn_in(found, element) if element else "")
    wanted = [
        one
        for one in threads
        if (not element or one.first.element == element) and (not path or one.first.path == path)
    ]
    return studio_page(
        asked,
        found,
        "studio/remarks.html",
        tab="remarks",
        threads=[told(asked, one, names) for one in wanted if all or not one.settled],
        settled=sum(one.settled for one in wanted),
        everything=bool(all),
        pictures=_pictures(asked, found, threads, element),
        files=sorted(found.files),
        element=element,
        path=said_on,
        name=names.get(element, element),
        command=posts.fresh(),
    )


@form("/studio/{process:str}/remarks")
def say(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Say something, answer, settle, or take up again."""
    require_sight(asked, process)
    thread, do = posts.first(given, "thread"), posts.first(given, "do")
    if do in {"settle", "take-up"}:
        asked.execute(SettleRemark(posts.command(asked, given), process, thread, do == "settle"))
    else:
        _remark(asked, process, {name: posts.first(given, name) for name in ("path", "element", "text", "thread")},
                posts.command(asked, given))  # fmt: skip
    kept = {name: text for name in ("element", "path", "all") if (text := posts.first(given, f"kept_{name}"))}
    return Redirect(f"/studio/{process}/remarks{'?' if kept else ''}{urlencode(kept)}", status_code=303)


@get("/studio/{process:str}/remarks/list", include_in_schema=False)
def listed(asked: Asked, process: str) -> Response[Any]:
    """All threads as data, for the marks and the panel of the diagram editor."""
    found = opened(asked, process)
    names = names_of(found)
    threads = threads_of(asked, process)
    values = {
        "threads": [told(asked, one, names) for one in threads],
        "open": Counter(one.first.element for one in threads if one.first.element and not one.settled),
    }
    return Response(values, headers=PRIVATE)


@post("/studio/{process:str}/remarks/say", keyed=False, status_code=200, include_in_schema=False)
def say_data(asked: Asked, process: str, data: dict[str, str]) -> Response[Any]:
    """`path`, `element`, `text`, `thread` (to answer); the thread's id comes back."""
    require_sight(asked, process)
    answer = _remark(asked, process, data, asked.command_id(data.get("command", "")))
    return Response(dict(answer), headers=PRIVATE)


@post("/studio/{process:str}/remarks/settle", keyed=False, status_code=200, include_in_schema=False)
def settle_data(asked: Asked, process: str, data: dict[str, str]) -> Response[Any]:
    """`thread`, and `settled` "no" to take it up again."""
    require_sight(asked, process)
    command = SettleRemark(
        asked.command_id(data.get("command", "")),
        process,
        data.get("thread", ""),
        data.get("settled") != "no",
    )
    return Response(dict(asked.execute(command).values), headers=PRIVATE)


def _remark(asked: Asked, process: str, values: Mapping[str, str], command: str) -> Mapping[str, Any]:
    thread, path = values.get("thread", ""), values.get("path", "")
    content = opened(asked, process).package.files.get(path)
    if not thread and content is None:
        raise CommandInvalid(reason="path")
    sha = sha_of(content) if content is not None else ""
    return asked.execute(
        Remark(command, process, path, values.get("text", ""), values.get("element", ""), sha, thread)
    ).values


def threads_of(asked: Asked, process: str) -> list[Thread]:
    """The threads about a process, open ones first."""
    return remarks(asked.office.store, asked.office.bus.access, asked.actor, process)


def open_remarks(asked: Asked, process: str, limit: int = 5) -> list[dict[str, Any]]:
    """The open threads that were begun last, for the overview."""
    found = opened(asked, process)
    threads = [one for one in threads_of(asked, process) if not one.settled]
    return [told(asked, one, names_of(found)) for one in threads[:limit]]


def told(asked: Asked, thread: Thread, names: Mapping[str, str]) -> dict[str, Any]:
    """A thread as pages and editors show it."""
    first = thread.first
    return {
        "id": first.id,
        "path": first.path,
        "element": first.element,
        "name": names.get(first.element, first.element) if first.element else first.path.rpartition("/")[2],
        "gone": bool(first.element) and first.element not in names,
        "settled": thread.settled,
        "settled_by": first.settled_name or "",
        "said": [_said(asked, one) for one in (first, *thread.answers)],
    }


def _said(asked: Asked, one: RemarkRow) -> dict[str, Any]:
    return {"text": one.text, "by": one.by_name, "at": asked.moment(one.at), "own": one.by == asked.actor.id}


def names_of(found: Opened) -> dict[str, str]:
    """What every element of the process's diagrams is called."""
    names: dict[str, str] = {}
    for path, content in found.package.files.items():
        if path.endswith(".bpmn"):
            try:
                names |= {key: name or key for key, name in labels(content, path).items()}
            except ModelError:
                continue
    return names


def _drawn_in(found: Opened, element: str) -> str:
    """The diagram that draws the element; the process's own one first."""
    main = f"workflows/bpmn/{found.process}.bpmn"
    for path, content in sorted(found.package.files.items(), key=lambda one: (one[0] != main, one[0])):
        if path.endswith(".bpmn") and element in drawn_elements(content):
            return path
    return ""


def _pictures(asked: Asked, found: Opened, threads: list[Thread], chosen: str) -> list[dict[str, str]]:
    """The main diagram, and the parts that somebody said something about, with the number of open threads."""
    main = f"workflows/bpmn/{found.process}.bpmn"
    count = Counter(one.first.element for one in threads if one.first.element and not one.settled)
    pictures = []
    for path, content in sorted(found.package.files.items(), key=lambda one: (one[0] != main, one[0])):
        if not path.endswith(".bpmn") or (
            path != main and not any(one.first.path == path for one in threads)
        ):
            continue
        marks = {
            key: Mark(
                "warning" if key == chosen else "",
                sign="?" if key == chosen else "",
                words=asked.say("remarks.here", count=count[key]),
                href=f"?{urlencode({'element': key, 'path': path})}#say",
                remarks=count[key],
            )
            for key in drawn_elements(content)
        }
        title = asked.pick(found.package.title) if path == main else path.rpartition("/")[2]
        try:
            svg = draw(content, marks=marks, title=asked.say("remarks.picture", name=title), alone=False)
        except ModelError:
            continue
        pictures.append({"title": title, "svg": svg})
    return pictures


routes = (show, say, listed, say_data, settle_data)
