"""Worked cases of a process: listed with what they came to, run, kept from a play, copied, removed, written as text."""

from __future__ import annotations

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
from api.studio import jobs, play_state, scenario_keep
from api.studio.attachment import attachment
from api.studio.conflict import save_or_tell
from api.studio.frame import Opened, opened, save_file, studio_page
from api.studio.jobs import ask, shown
from api.studio.play_state import Played
from api.studio.scenario_file import case_of, file_of, free_id, path_of
from api.studio.scenario_nod import offered
from api.studio.scenario_view import Results, covered, listed, sentences, steps_of
from api.studio.scenario_words import told
from engine.errors import FormInvalid
from engine.scenarios import Rehearsal, differences, rehearse
from engine.scenarios.around import surroundings_of
from engine.scenarios.faults import Fault, fault_of
from engine.scenarios.model import ScenarioCase
from engine.scenarios.write import remove_case, write_case

_replaced = msgspec.structs.replace


@get("/studio/{process:str}/scenarios", include_in_schema=False)
def show(asked: Asked, process: str) -> Response[Any]:
    """Every scenario with its last result on both sides, and what all of them pass through."""
    found = opened(asked, process)
    file, broken = file_of(found)
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
    file, scenario = case_of(found, case)
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


@form("/studio/{process:str}/scenarios/copy")
def copy(asked: Asked, process: str, given: Given) -> Redirect:
    """The same case once more under another id, to be changed."""
    found = opened(asked, process)
    _, case = case_of(found, posts.first(given, "case"))
    name = free_id(found, f"{case.id}-2")
    return _save(asked, found, write_case(found.package.scenarios, process, _replaced(case, id=name), {}))


@form("/studio/{process:str}/scenarios/remove")
def remove(asked: Asked, process: str, given: Given) -> Redirect:
    """Take a case out of the file; its earlier content stays with the draft."""
    found = opened(asked, process)
    _, case = case_of(found, posts.first(given, "case"))
    return _save(asked, found, remove_case(found.package.scenarios or b"", case.id))


@get("/studio/{process:str}/scenarios/text", include_in_schema=False)
def text(asked: Asked, process: str) -> Response[str]:
    """The file as it is written."""
    found = opened(asked, process)
    content = (found.package.scenarios or f"process: {process}\ncases: []\n".encode()).decode(
        errors="replace"
    )
    return _raw(asked, found, content, file_of(found)[1])


@form("/studio/{process:str}/scenarios/text")
def keep_text(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Save the file as it was typed; faults are told at their line, and may be saved nevertheless."""
    found = opened(asked, process)
    do, seen, path = posts.first(given, "do"), posts.first(given, "seen"), path_of(process)
    # From the page of a conflict the text comes as `mine`.
    typed = posts.first(given, "mine" if do in {"overwrite", "download"} else "text").replace("\r\n", "\n")
    if do == "download":
        return attachment(typed.encode(), path.rpartition("/")[2])
    fault = fault_of(typed)
    if fault is not None and do not in {"nevertheless", "overwrite"}:
        return _raw(asked, found, typed, fault, seen=seen, offer=True)
    back = f"/studio/{process}/scenarios/text"
    if told := save_or_tell(asked, process, path, typed.encode(), seen, tab="scenarios", back=back):
        return told
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
        why=told(asked, fault.words) if fault else "",
        offer=offer,
        lines=content.count("\n") + 1,
        path=path_of(found.process),
        seen=known if seen is None else seen,
    )


def _save(asked: Asked, found: Opened, content: bytes) -> Redirect:
    path = path_of(found.process)
    save_file(asked, found.process, path, content, found.files.get(path, ""))
    return Redirect(f"/studio/{found.process}/scenarios?said=saved", status_code=303)


def _back(found: Opened) -> Redirect:
    return Redirect(f"/studio/{found.process}/scenarios", status_code=303)


def _said(asked: Asked) -> str:
    return asked.say("scenarios.saved") if asked.request.query_params.get("said") == "saved" else ""


routes = (show, run, show_one, copy, remove, text, keep_text, *scenario_keep.routes, *jobs.routes)
