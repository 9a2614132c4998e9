"""`case show`: one case as an administrator sees it: state, tasks, timers, incidents, journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.access import Actor, Grant
from engine.cli import show
from engine.office import open_office
from engine.queries import CaseView
from engine.queries import case as read_case
from engine.settings import read_settings
from engine.store.columns import NEVER

if TYPE_CHECKING:
    import argparse
    from datetime import tzinfo

#: Whoever sits at the machine's console has the administrator's eyes.
CONSOLE = Actor("console", "console", (Grant("administrator"),))


def add(verbs: argparse._SubParsersAction[Any]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser("case", help="look at one case")
    inner = parser.add_subparsers(dest="what", required=True)
    shown = inner.add_parser("show", help="state, tasks, timers, documents and journal of a case")
    shown.add_argument("number")
    shown.add_argument("--json", action="store_true")
    shown.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the case; NotFound if there is none."""
    office = open_office(read_settings())
    try:
        view = read_case(office.store, office.bus.access, CONSOLE, options.number)
    finally:
        office.close()
    if options.json:
        _as_json(view)
    else:
        _as_tables(view, office.settings.zone)
    return 0


def _as_json(view: CaseView) -> None:
    row = view.row
    bare = {**row._asdict(), "marking": len(row.marking), "variables": dict(view.variables)}
    parts = {
        "tasks": view.tasks,
        "timers": view.timers,
        "incidents": view.incidents,
        "documents": view.documents,
    }
    show.json({"case": bare, **parts, "journal": [entry._asdict() for entry in view.timeline]})


def _as_tables(view: CaseView, zone: tzinfo) -> None:
    row = view.row
    show.line(
        f"{row.id} · {row.title} · {row.state} · revision {row.revision} · version {row.package[:12]}", "bold"
    )
    tasks = [
        (t.element, t.title, t.state, t.claimed_name, None if t.due == NEVER else t.due.astimezone(zone))
        for t in view.tasks
    ]
    show.table("tasks", ["task", "title", "state", "holder", "due"], tasks)
    show.table(
        "timers",
        ["element", "kind", "due"],
        [(t.element, t.kind, t.due.astimezone(zone)) for t in view.timers],
    )
    show.table(
        "incidents", ["element", "code", "token"], [(i.element, i.code, i.token) for i in view.incidents]
    )
    papers = [(d.code, d.number, d.state, d.issued_on) for d in view.documents]
    show.table("documents", ["code", "number", "state", "issued"], papers)
    values = [
        (name, orjson.dumps(value, default=str).decode()[:200]) for name, value in view.variables.items()
    ]
    show.table("variables", ["name", "value"], values)
    lines = [
        (e.seq, e.at.astimezone(zone), e.actor_name or e.actor, e.kind, orjson.dumps(e.body).decode()[:160])
        for e in view.timeline
    ]
    show.table("journal", ["#", "at", "who", "what", ""], lines)
