"""What handing in would bring about: the command is rehearsed, and its papers are printed without number and seal."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from api.pages import posts
from api.shapes import money
from api.titles import lane_title, step_title
from engine.documents.leaves import leaf
from engine.documents.preview import preview
from engine.effects import Message
from engine.errors import Unreadable
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.frame import Asked
    from engine.commands import CompleteTask
    from engine.package import Package
    from engine.queries import TaskView

#: Papers and pages of each that are shown; more would make a page too heavy to be looked at.
_MOST_PAPERS, _MOST_PAGES, _WIDTH = 3, 3, 900


def foretell(asked: Asked, wish: CompleteTask, view: TaskView) -> dict[str, Any]:
    """The steps, papers, payments and notices that would follow; raises what handing in would raise."""
    rehearsed = asked.office.bus.rehearse(wish, asked.actor, asked.now)
    package = asked.office.versions.at(view.case.package)
    tasks = [one.values for one in rehearsed.get("task", {}).values() if one.verb == "insert"]
    sent = [one.values for one in rehearsed.get("outbox", {}).values() if one.verb == "insert"]
    case = [one.values for one in rehearsed.get("cases", {}).values()]
    return {
        "steps": [
            (
                step_title(asked, package, row["element"], row["title"]),
                lane_title(asked, package, row["element"]),
            )
            for row in tasks
            if row.get("state") == "open"
        ],
        "payments": [_payment(asked, row) for row in sent if row["kind"] == "pay"],
        "asks": [
            step_title(asked, package, row["element"])
            for row in sent
            if row["kind"] not in {"pay", "document", "notice"}
        ],
        "notices": sum(row["kind"] == "notice" for row in sent),
        "ended": any(row.get("state") == "ended" for row in case),
        "papers": list(_papers(asked, package, view, [row for row in sent if row["kind"] == "document"])),
    }


def _payment(asked: Asked, row: Mapping[str, Any]) -> str:
    amount = unpack(row["body"])["input"].get("amount")
    return asked.say("yuan", amount=money(amount)) if amount is not None else ""


def _papers(
    asked: Asked, package: Package, view: TaskView, rows: list[Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    for row in rows[:_MOST_PAPERS]:
        made = preview(asked.office.settings, package.files, _message(view, row, asked))
        yield {
            "title": asked.pick(dict(made.title)),
            "refusal": made.refusal,
            "pages": _pages(made.pdf) if made.pdf else [],
        }


def _message(view: TaskView, row: Mapping[str, Any], asked: Asked) -> Message:
    case = view.variables.get("case") or {}
    return Message(
        id=posts.fresh(),
        kind="document",
        name=row["name"],
        element=row["element"],
        package=view.case.package,
        case={**case, "number": view.case.id, "process": view.case.process, "area": view.case.area},
        input=unpack(row["body"])["input"],
        asked_at=asked.now,
        token="",
    )


def _pages(pdf: bytes) -> list[str]:
    """The pages as addresses that hold the pictures themselves."""
    found: list[str] = []
    while len(found) < _MOST_PAGES:
        try:
            drawn = leaf(pdf, len(found) + 1, _WIDTH)
        except Unreadable:
            break
        found.append(f"data:image/jpeg;base64,{base64.b64encode(drawn.picture).decode()}")
        if len(found) >= drawn.pages:
            break
    return found
