"""Decided cases replayed through a draft: asked for with its suppositions, followed, shown, taken along as files."""

from __future__ import annotations

import html
import re
import secrets
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from litestar import Response
from litestar.response import Redirect

from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.shapes import area_name
from api.studio.attachment import attachment
from api.studio.frame import Opened, knows_of_cases, opened, studio_page
from api.studio.jobs import UNDER_WAY, ask, shown
from api.studio.sheets import csv_of, xlsx_of
from api.studio.simulator_view import SHOWN, files, tell
from api.titles import unit_name
from engine.errors import Forbidden, NotFound
from engine.feel import FeelError, compile_expression
from engine.feel.messages import chinese, english
from engine.queries.jobs import decided_count, job, jobs
from engine.replay.archive import archived_count

_LAW = re.compile(r'\blaw\(\s*"([a-z0-9_]+)"')
#: How far back the page looks at first.
_USUAL = timedelta(days=365)
_FILES = {
    "cases.csv": ("text/csv; charset=utf-8", csv_of),
    "cases.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
}


@get("/studio/{process:str}/simulator", include_in_schema=False)
def show(asked: Asked, process: str) -> Response[str]:
    """The wish, the simulation that goes on, and what the last one came to."""
    return _page(asked, opened(asked, process), _first_wish(asked))


@form("/studio/{process:str}/simulator")
def run(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Ask for a simulation in the background."""
    found = opened(asked, process)
    typed = {name: posts.first(given, name).strip() for name in given}
    wish, faults = _wish(asked, found, typed)
    if faults:
        return _page(asked, found, typed, faults)
    ask(asked, given, found.package, "simulation", wish)
    return Redirect(f"/studio/{process}/simulator", status_code=303)


@get("/studio/{process:str}/simulator/{key:str}/{name:str}", include_in_schema=False)
def export(asked: Asked, process: str, key: str, name: str) -> Response[bytes]:
    """What it came to as a file for a spreadsheet."""
    found = opened(asked, process)
    row = job(asked.office.store, asked.office.bus.access, asked.actor, process, key)
    wanted = row.kind == "simulation" and name in _FILES
    told = tell(asked, found, row) if wanted else None
    if told is None:
        raise NotFound(kind="file", id=name)
    kind, write = _FILES[name]
    return attachment(write(files(asked, told)), f"simulation-{row.id}.{name.rpartition('.')[2]}", kind)


def _page(
    asked: Asked, found: Opened, wish: dict[str, str], faults: dict[str, str] | None = None
) -> Response[str]:
    given = (asked.office.store, asked.office.bus.access, asked.actor, found.process)
    rows = jobs(*given, "simulation")
    running = rows[0] if rows and rows[0].state in (*UNDER_WAY, "broken") else None
    finished = next((row for row in rows if row.state in {"done", "stopped"}), None)
    told = tell(asked, found, finished) if finished else None
    settings = asked.office.settings
    return studio_page(
        asked,
        found,
        "studio/simulator.html",
        tab="simulator",
        status=422 if faults else 200,
        wish=wish,
        supposing=any(name.startswith("value:") and text for name, text in wish.items()),
        faults=faults or {},
        job=shown(asked, running) if running else None,
        told=told,
        fresh=told is not None and told.wish["digest"] == found.package.digest,
        shown_rows=[one for one in told.rows if one["verdict"] != "same"][:SHOWN] if told else [],
        other_rows=sum(one["verdict"] != "same" for one in told.rows) if told else 0,
        parameters=parameters(asked, found),
        decided=decided_count(*given),
        archived=archived_count(settings.data, found.process),
        command=secrets.token_hex(16),
    )


def _first_wish(asked: Asked) -> dict[str, str]:
    today = asked.today
    return {"since": (today - _USUAL).isoformat(), "until": today.isoformat(), "measure": "", "source": ""}


def parameters(asked: Asked, found: Opened) -> list[dict[str, str]]:
    """The parameters of the law that the files read, with what holds today (and where, if not everywhere)."""
    texts = (
        html.unescape(content.decode(errors="replace"))
        for path, content in found.package.files.items()
        if path.endswith((".bpmn", ".dmn", ".json"))
    )
    names = sorted({name for text in texts for name in _LAW.findall(text.replace('\\"', '"'))})
    today = asked.today
    law = asked.office.law
    found_now = {
        name: [one for one in law.parameters if one.id == name and one.in_force(today)] for name in names
    }
    return [
        {
            "id": name,
            "now": asked.say("list-mark").join(
                asked.say(
                    "simulator.value-of", value=one.value, area=area_name(law, one.area, today) or one.area
                )
                if one.area
                else f"{one.value}"
                for one in there
            ),
            "unit": unit_name(asked, there[0].unit) if there else "",
            "source": there[0].source if there else "",
        }
        for name, there in found_now.items()
    ]


def _wish(asked: Asked, found: Opened, typed: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the job is asked, and what is wrong with what was typed."""
    faults: dict[str, str] = {}
    since, until = _day(typed.get("since", "")), _day(typed.get("until", ""))
    if since is None or until is None or since > until:
        faults["since"] = asked.say("simulator.day-wrong")
    measure = typed.get("measure", "")
    if measure:
        try:
            compile_expression(measure, found.package.names)
        except FeelError as fault:
            words = chinese if asked.language == "zh" else english
            faults["measure"] = words(fault.code, fault.values, fault.position)
    supposed = []
    for name in (one["id"] for one in parameters(asked, found)):
        if text := typed.get(f"value:{name}", ""):
            value = _like(asked, name, text)
            start = typed.get(f"from:{name}", "")
            if value is None or (start and _day(start) is None):
                wrong = text if value is None else start
                faults[f"value:{name}"] = asked.say("simulator.value-wrong", parameter=name, text=wrong)
            supposed.append({"parameter": name, "value": value, "since": _day(start)})
    source = "archive" if typed.get("source") == "archive" else "decided"
    if source == "decided" and not knows_of_cases(asked, found.process):
        raise Forbidden(action="know", object=found.process)
    wish = {"since": since, "until": until, "source": source, "measure": measure, "supposed": supposed}
    return wish, faults


def _like(asked: Asked, parameter: str, text: str) -> Any:
    """The typed value as the law writes that parameter; None if it is none."""
    known = next((one.value for one in asked.office.law.parameters if one.id == parameter), None)
    match known:
        case bool():
            return {"true": True, "是": True, "false": False, "否": False}.get(text.lower())
        case Decimal():
            try:
                value = Decimal(text.replace(",", ""))
            except InvalidOperation:
                return None
            return value if value.is_finite() else None
        case date():
            return _day(text)
        case _:
            return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


routes = (show, run, export)
