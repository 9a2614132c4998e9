"""Open cases moved to another version, by plan: tried first, asked for by one, started by another, followed to the end."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.response import Redirect

from api.frame import Asked, again
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio.attachment import attachment
from api.studio.frame import Opened, knows_of_cases, opened, studio_page
from api.studio.migration_names import choices, missing_steps, names_given, version_with, wished
from api.studio.migration_view import (
    MOST_SHOWN,
    MOST_TRIED,
    Wording,
    lines_of,
    plan_of,
    steps_standing,
)
from api.studio.sheets import csv_of
from engine.commands import EndMigration, ProposeMigration, ResumeMigration, StartMigration, StopMigration
from engine.errors import CommandInvalid, Forbidden
from engine.queries.migration import migration_lines, migration_standing, migrations, per_second

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.access import Access, Actor
    from engine.queries.migration import Standing
    from engine.store.session import Store

_SPAN = timedelta(minutes=1)
_STATES = ("waiting", "moved", "blocked", "ended")


@get("/studio/{process:str}/migrate", include_in_schema=False)
def plan_page(asked: Asked, process: str) -> Response[str]:
    """What would happen to the open cases, and the migrations there were."""
    return _plan(asked, process, asked.request.query_params)


@form("/studio/{process:str}/migrate")
def propose(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Ask for it; the page of the new migration says what comes next."""
    _opened(asked, process)
    told = {name: posts.first(given, name) for name in given}
    wording = Wording(asked, process)
    names, wrong = names_given(asked, wording, told, wished(wording, told))
    if wrong:
        return _plan(asked, process, told)
    wish = ProposeMigration(
        posts.command(asked, given),
        process,
        wished(wording, told),
        names,
        posts.first(given, "note").strip(),
    )
    return Redirect(f"/studio/{process}/migrate/{asked.execute(wish)['migration']}", status_code=303)


@get("/studio/{process:str}/migrate-plan.csv", include_in_schema=False)
def plan_table(asked: Asked, process: str) -> Response[bytes]:
    """The plan, case by case."""
    _opened(asked, process)
    wording, given = Wording(asked, process), asked.request.query_params
    to = wished(wording, given)
    names, _ = names_given(asked, wording, given, to, missing_steps(asked, wording, to))
    plan = plan_of(asked, wording, to, names)
    say = asked.say
    heads = [say("case.number"), say("migration.area"), say("migration.version"), say("migration.fate")]
    rows = (
        [
            one["case"],
            one["area"],
            one["version"],
            say("migration.stays") if one["reasons"] else say("migration.goes"),
            "；".join(one["reasons"]),
            " ".join(one["elements"]),
        ]
        for one in plan.cases
    )
    return _file(f"{process}-plan", [*heads, say("migration.why"), say("migration.element")], rows)


@get("/studio/{process:str}/migrate/{key:str}", include_in_schema=False)
def migration_page(asked: Asked, process: str, key: str, at: str = "") -> Response[str]:
    """One migration: what was asked for, how far it is, and what may be done with it."""
    shown = _opened(asked, process)
    wording, standing = Wording(asked, process), _standing(asked, process, key)
    row = standing.row
    wanted = at if at in _STATES else None
    lines = migration_lines(*_asking(asked), process, key, wanted, limit=MOST_SHOWN)
    may = asked.office.bus.access.may
    return studio_page(
        asked,
        shown,
        "studio/migration.html",
        tab="migrate",
        wording=wording,
        at=at,
        names=[
            (wording.step(version_with(wording, row.target, was), was), wording.step(row.target, becomes))
            for was, becomes in standing.names.items()
        ],
        lines=lines_of(asked, wording, row.target, lines),
        may_migrate=may(asked.actor, "migrate", process, None),
        may_plan=may(asked.actor, "plan-migration", process, None),
        own=row.asked_by == asked.actor.id,
        command=posts.fresh(),
        **_progress(asked, wording, standing),
    )


@get("/studio/{process:str}/migrate/{key:str}/progress", include_in_schema=False)
def progress(asked: Asked, process: str, key: str) -> Response[str]:
    """The part of the page that changes."""
    _opened(asked, process)
    wording, standing = Wording(asked, process), _standing(asked, process, key)
    text = asked.edge.pages.get_template("studio/_migration.html").render(
        t=asked.say, moment=asked.moment, **_progress(asked, wording, standing)
    )
    return again(text)


@get("/studio/{process:str}/migrate/{key:str}/cases.csv", include_in_schema=False)
def cases_table(asked: Asked, process: str, key: str) -> Response[bytes]:
    """What became of every case."""
    _opened(asked, process)
    wording, standing = Wording(asked, process), _standing(asked, process, key)
    say = asked.say

    def rows() -> Any:
        after = ""
        while lines := migration_lines(*_asking(asked), process, key, after=after, limit=1_000):
            after = lines[-1].case_id
            for one in lines_of(asked, wording, standing.row.target, lines):
                state = say(f"migration.line-{one['state']}")
                yield [
                    one["case"],
                    one["area"],
                    one["version"],
                    state,
                    one["reason"],
                    one["element"],
                    one["at"],
                ]

    heads = [
        say("case.number"),
        say("migration.area"),
        say("migration.version-before"),
        say("migration.fate"),
    ]
    heads += [say("migration.why"), say("migration.element"), say("migration.tried")]
    return _file(key, heads, rows())


@form("/studio/{process:str}/migrate/{key:str}")
def decide(asked: Asked, process: str, key: str, given: Given) -> Response[Any]:
    """Start, stop, resume or end it."""
    _opened(asked, process)
    _standing(asked, process, key)  # NotFound for what another process migrates
    name = posts.command(asked, given)
    match posts.first(given, "what"):
        case "start":
            asked.execute(StartMigration(name, key, posts.number(given, "revision")))
        case "stop":
            asked.execute(StopMigration(name, key))
        case "resume":
            asked.execute(ResumeMigration(name, key))
        case "end":
            asked.execute(EndMigration(name, key))
        case other:
            raise CommandInvalid(reason=f"what: {other[:20]}")
    return Redirect(f"/studio/{process}/migrate/{key}", status_code=303)


def _plan(asked: Asked, process: str, given: Mapping[str, str]) -> Response[str]:
    shown = _opened(asked, process)
    wording = Wording(asked, process)
    to = wished(wording, given) if wording.view.versions else ""
    steps = missing_steps(asked, wording, to) if to else []
    names, wrong = names_given(asked, wording, given, to, steps) if to else ({}, [])
    plan = plan_of(asked, wording, to, {} if wrong else names) if to else None
    rows = migrations(*_asking(asked), process)
    now = [row for row in rows if row.state in ("proposed", "running", "stopped")]
    answer = studio_page(
        asked,
        shown,
        "studio/migrate.html",
        tab="migrate",
        wording=wording,
        versions=list({one.digest: one for one in reversed(wording.view.versions)}.values())[::-1],
        to=to,
        latest=wording.view.latest.digest if wording.view.latest else "",
        plan=plan,
        gone=choices(asked, wording, steps, to, names),
        standing=steps_standing(plan) if plan else {},
        shown_cases=MOST_SHOWN,
        most=MOST_TRIED,
        rows=rows,
        now=now,
        note=given.get("note", ""),
        query=str(asked.request.url.query),
        may_plan=asked.office.bus.access.may(asked.actor, "plan-migration", process, None),
        command=posts.fresh(),
        errors=[
            {"anchor": f"name-{element}", "label": label, "sentence": said} for element, label, said in wrong
        ],
    )
    answer.status_code = 422 if wrong else 200
    return answer


def _opened(asked: Asked, process: str) -> Opened:
    """The process, for who may know of its cases: every figure here would tell that there are some."""
    shown = opened(asked, process)
    if not knows_of_cases(asked, process):
        raise Forbidden(action="migrate", object=process)
    return shown


def _asking(asked: Asked) -> tuple[Store, Access, Actor]:
    """What every question about migrations takes."""
    return asked.office.store, asked.office.bus.access, asked.actor


def _standing(asked: Asked, process: str, key: str) -> Standing:
    return migration_standing(*_asking(asked), process, key, asked.now - _SPAN)


def _progress(asked: Asked, wording: Wording, standing: Standing) -> dict[str, Any]:
    row, states = standing.row, standing.states
    decided = standing.total - states["waiting"]
    rate = per_second(standing, _SPAN, asked.now)
    return {
        "row": row,
        "process": wording.process,
        "target": wording.version(row.target),
        "states": states,
        "total": standing.total,
        "decided": decided,
        "running": row.state == "running" and bool(states["waiting"] or not row.listed),
        "following": row.state == "running" and not states["waiting"] and bool(row.listed),
        "rate": f"{rate:.1f}",
        "left": f"{states['waiting'] / rate:.0f}" if rate >= 0.1 and states["waiting"] else "",
        "reasons": [
            {
                "version": wording.version(was),
                "sentence": wording.why(was, row.target, code, element, values),
                "help": wording.help(code),
                "element": element,
                "count": count,
            }
            for was, code, element, count, values in standing.reasons
        ],
    }


def _file(name: str, heads: list[str], rows: Iterable[list[str]]) -> Response[bytes]:
    return attachment(csv_of([("", chain([heads], rows))]), f"{name}.csv", "text/csv; charset=utf-8")


routes = (plan_page, propose, plan_table, migration_page, progress, cases_table, decide)
