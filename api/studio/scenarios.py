"""Worked cases of a process: listed with what they came to, run, kept from a play, copied, removed, written as text."""

from __future__ import annotations

import re
import secrets
from typing import Any

import msgspec
from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio import jobs, play_state
from api.studio.frame import Opened, opened, save_file, studio_page
from api.studio.jobs import ask, shown
from api.studio.play_state import Played
from api.studio.scenario_faults import Fault, fault_of
from api.studio.scenario_nod import chosen, nodded, offered
from api.studio.scenario_view import Results, covered, listed, sentences, steps_of
from engine.errors import FormInvalid, NotFound
from engine.scenarios import Rehearsal, differences, read_scenarios, rehearse
from engine.scenarios.around import surroundings_of
from engine.scenarios.model import Cast, ScenarioCase, ScenarioFile
from engine.scenarios.write import remove_case, write_case

#: Ids stand in addresses and on the command line.
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
_replaced = msgspec.structs.replace


def path_of(process: str) -> str:
    """Where the scenarios of a process lie in its package."""
    return f"workflows/scenarios/{process}.yaml"


@get("/studio/{process:str}/scenarios", include_in_schema=False)
def show(asked: Asked, process: str) -> Response[Any]:
    """Every scenario with its last result on both sides, and what all of them pass through."""
    found = opened(asked, process)
    file, broken = _file(found)
    if file is None:
        return _raw(asked, found, (found.package.scenarios or b"").decode(errors="replace"), broken)
    results = Results(asked, found)
    return studio_page(
        asked,
        found,
        "studio/scenarios.html",
        tab="scenarios",
        cases=listed(asked, file, results),
        results=results,
        job=shown(asked, results.running) if results.running else None,
        coverage=covered(asked, found, results),
        command=secrets.token_hex(16),
        said=_said(asked),
    )


@form("/studio/{process:str}/scenarios/run")
def run(asked: Asked, process: str, given: Given) -> Redirect:
    """Play them all in the background."""
    found = opened(asked, process)
    ask(asked, given, found.package, "scenarios", {"cases": [], "published": True})
    return _back(found)


@get("/studio/{process:str}/scenarios/one", include_in_schema=False)
def show_one(asked: Asked, process: str, case: str = "") -> Response[Any]:
    """One scenario in words, played now: its steps, and what came otherwise than expected."""
    found = opened(asked, process)
    file, scenario = _case(found, case)
    played = Played(scenario, dict(file.actors), following=scenario.id)
    wrong: list[dict[str, str]] = []
    refusal, refused_fields = "", []
    with rehearse(found.package, scenario, file.actors, surroundings_of(asked.office)) as rehearsal:
        if rehearsal.refusal is not None:
            refusal = problem_of(rehearsal.refusal, asked.language).sentence
            refused_fields = _refused_fields(asked, found, scenario, rehearsal)
        else:
            found_wrong = differences(rehearsal.outcome, asked.office.settings.zone)
            wrong = sentences(asked, [[one.code, one.values] for one in found_wrong])
        taken, begun = rehearsal.taken, bool(rehearsal.outcome.number)
        outcome = offered(asked, found, rehearsal.outcome, scenario.expect)
    return studio_page(
        asked,
        found,
        "studio/scenario.html",
        tab="scenarios",
        case=scenario,
        steps=steps_of(asked, found, scenario, file.actors),
        wrong=wrong,
        refusal=refusal,
        refused_fields=refused_fields,
        taken=taken,
        begun=begun,
        expected=[one for one in outcome if one["chosen"]],
        play=play_state.write(played),
        command=secrets.token_hex(16),
    )


def _refused_fields(
    asked: Asked, found: Opened, scenario: ScenarioCase, rehearsal: Rehearsal
) -> list[dict[str, Any]]:
    """Which answers of the refused step its form does not take, and why: question and sentence."""
    if not isinstance(rehearsal.refusal, FormInvalid):
        return []
    begun = bool(rehearsal.outcome.number)
    element = scenario.steps[rehearsal.taken].task if begun else "start"
    asked_by = found.package.form(element or "")
    return posts.told_faults(asked, asked_by, rehearsal.refusal)[1] if asked_by is not None else []


@form("/studio/{process:str}/scenarios/keep")
def keep(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Ask for the analyst's nod to what came of a play; with the nod, put it into the file."""
    found = opened(asked, process)
    played = play_state.read(posts.first(given, "play"))
    if played is None:
        raise NotFound(kind="case", id="play")
    saving = posts.first(given, "do") == "save"
    title = posts.first(given, "title") if saving else played.case.title
    name = posts.first(given, "id").strip() if saving else played.following or _free(found, "S01")
    fault = _fault(asked, found, name, played) if saving else ""
    with rehearse(found.package, played.case, played.cast, surroundings_of(asked.office)) as rehearsal:
        outcome = rehearsal.outcome
        scene = rehearsal.scene()
    if saving and not fault:
        expect = nodded(outcome, chosen(given), played.case.expect, asked.office.settings.zone)
        # A play lets a person answer for every other system; the scenario only waits for what is still unanswered.
        held = sorted({one.operation for one in scene.calls}) if scene else []
        case = _replaced(played.case, id=name, title=title, expect=expect, held=held)
        return _save(
            asked,
            found,
            write_case(found.package.scenarios, process, case, _acting(found, played)),
        )
    return studio_page(
        asked,
        found,
        "studio/scenario_keep.html",
        tab="scenarios",
        status=422 if fault else 200,
        name=name,
        title=title,
        fault=fault,
        play=play_state.write(played),
        offered=offered(
            asked,
            found,
            outcome,
            played.case.expect if played.following else None,
            chosen(given) if saving else None,
        ),
        following=played.following,
        seen=found.files.get(path_of(process), ""),
        command=secrets.token_hex(16),
    )


@form("/studio/{process:str}/scenarios/copy")
def copy(asked: Asked, process: str, given: Given) -> Redirect:
    """The same case once more under another id, to be changed."""
    found = opened(asked, process)
    _, case = _case(found, posts.first(given, "case"))
    name = _free(found, f"{case.id}-2")
    return _save(asked, found, write_case(found.package.scenarios, process, _replaced(case, id=name), {}))


@form("/studio/{process:str}/scenarios/remove")
def remove(asked: Asked, process: str, given: Given) -> Redirect:
    """Take a case out of the file; its earlier content stays with the draft."""
    found = opened(asked, process)
    _, case = _case(found, posts.first(given, "case"))
    return _save(asked, found, remove_case(found.package.scenarios or b"", case.id))


@get("/studio/{process:str}/scenarios/text", include_in_schema=False)
def text(asked: Asked, process: str) -> Response[str]:
    """The file as it is written."""
    found = opened(asked, process)
    content = (found.package.scenarios or f"process: {process}\ncases: []\n".encode()).decode(
        errors="replace"
    )
    return _raw(asked, found, content, _file(found)[1])


@form("/studio/{process:str}/scenarios/text")
def keep_text(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Save the file as it was typed; faults are told at their line, and may be saved nevertheless."""
    found = opened(asked, process)
    typed = posts.first(given, "text").replace("\r\n", "\n")
    fault = fault_of(typed)
    if fault is not None and posts.first(given, "do") != "nevertheless":
        return _raw(asked, found, typed, fault, seen=posts.first(given, "seen"), offer=True)
    save_file(asked, process, path_of(process), typed.encode(), posts.first(given, "seen"))
    return Redirect(f"/studio/{process}/scenarios" + ("/text" if fault else "?said=saved"), status_code=303)


def _raw(
    asked: Asked,
    found: Opened,
    content: str,
    fault: Fault | None,
    *,
    seen: str | None = None,
    offer: bool = False,
) -> Response[str]:
    known = found.files.get(path_of(found.process), "")
    return studio_page(
        asked,
        found,
        "studio/scenarios_text.html",
        tab="scenarios",
        status=422 if offer else 200,
        text=content,
        fault=fault,
        offer=offer,
        lines=content.count("\n") + 1,
        path=path_of(found.process),
        seen=known if seen is None else seen,
    )


def _file(found: Opened) -> tuple[ScenarioFile | None, Fault | None]:
    """The scenarios that can be read, else what is wrong with their file."""
    content = found.package.scenarios
    if content is None:
        return ScenarioFile(process=found.process, cases=[]), None
    fault = fault_of(content.decode(errors="replace"))
    return (read_scenarios(content), None) if fault is None else (None, fault)


def _case(found: Opened, name: str) -> tuple[ScenarioFile, ScenarioCase]:
    file, _ = _file(found)
    for case in file.cases if file is not None else ():
        if case.id == name and file is not None:
            return file, case
    raise NotFound(kind="scenario", id=name)


def _free(found: Opened, wish: str) -> str:
    """An id like the wish that no case has yet."""
    file, _ = _file(found)
    known = {case.id for case in file.cases} if file is not None else set()
    head, _, tail = wish.rpartition("-") if "-" in wish else (wish.rstrip("0123456789"), "", "")
    number = 1
    while (
        name := f"{head}-{tail if number == 1 else number + 1}" if tail else f"{head}{number:02}"
    ) in known:
        number += 1
    return name


def _fault(asked: Asked, found: Opened, name: str, played: Played) -> str:
    """Why the case cannot be kept under that id."""
    if not _ID.fullmatch(name):
        return asked.say("scenarios.id-wrong")
    file, _ = _file(found)
    if file is None:
        return asked.say("scenarios.file-broken")
    if name != played.following and any(case.id == name for case in file.cases):
        return asked.say("scenarios.id-taken", id=name)
    return ""


def _acting(found: Opened, played: Played) -> dict[str, Cast]:
    """Those of the play's people who do something, as far as the file does not know them as they are."""
    file, _ = _file(found)
    known = file.actors if file is not None else {}
    acting = {played.case.start.actor, *(step.actor for step in played.case.steps)}
    return {name: one for name, one in played.cast.items() if name in acting and known.get(name) != one}


def _save(asked: Asked, found: Opened, content: bytes) -> Redirect:
    path = path_of(found.process)
    save_file(asked, found.process, path, content, found.files.get(path, ""))
    return Redirect(f"/studio/{found.process}/scenarios?said=saved", status_code=303)


def _back(found: Opened) -> Redirect:
    return Redirect(f"/studio/{found.process}/scenarios", status_code=303)


def _said(asked: Asked) -> str:
    return asked.say("scenarios.saved") if asked.request.query_params.get("said") == "saved" else ""


routes = (show, run, show_one, keep, copy, remove, text, keep_text, *jobs.routes)
