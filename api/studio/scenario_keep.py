"""A play that becomes a scenario: the analyst nods to what came of it, and the case is put into the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response
from litestar.response import Redirect

from api.errors import problem_of
from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form
from api.studio import play_state
from api.studio.conflict import REFUSED
from api.studio.frame import earlier, opened, save_file, studio_page
from api.studio.play_state import Played
from api.studio.scenario_file import file_of, free_id, path_of
from api.studio.scenario_nod import chosen, offered
from engine.drafts import LARGEST_FILE
from engine.errors import NotFound
from engine.scenarios import read_scenarios, rehearse
from engine.scenarios.around import surroundings_of
from engine.scenarios.model import Cast, ScenarioBroken, ScenarioCase
from engine.scenarios.nod import nodded
from engine.scenarios.write import write_case

if TYPE_CHECKING:
    from api.studio.frame import Opened
    from engine.scenarios import Rehearsal

#: Ids stand in addresses and on the command line.
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")


@form("/studio/{process:str}/scenarios/keep")
def keep(asked: Asked, process: str, given: Given) -> Response[Any]:
    """Ask for the analyst's nod to what came of a play; with the nod, put it into the file.

    Whatever stands against it is told on the same page, with everything typed and nodded to.
    """
    found = opened(asked, process)
    played = play_state.read(posts.first(given, "play"))
    if played is None:
        raise NotFound(kind="case", id="play")
    saving = posts.first(given, "do") == "save"
    name = posts.first(given, "id").strip() if saving else played.following or free_id(found, "S01")
    with rehearse(found.package, played.case, played.cast, surroundings_of(asked.office)) as rehearsal:
        fault, status = "", 200
        if saving:
            fault, status = _fault(asked, found, name, played, posts.first(given, "seen"))
            if not fault:
                case = _case(asked, given, played, name, rehearsal)
                fault, status = _put(asked, found, case, _acting(found, played))
            if not fault:
                return Redirect(f"/studio/{process}/scenarios?said=saved", status_code=303)
            found = opened(asked, process)
        known = played.case.expect if played.following else None
        lines = offered(asked, found, rehearsal.outcome, known, chosen(given) if saving else None)
    return studio_page(
        asked,
        found,
        "studio/scenario_keep.html",
        tab="scenarios",
        status=status,
        name=name,
        title=posts.first(given, "title") if saving else played.case.title,
        fault=fault,
        play=play_state.write(played),
        offered=lines,
        following=played.following,
        seen=found.files.get(path_of(process), ""),
    )


def _case(asked: Asked, given: Given, played: Played, name: str, rehearsal: Rehearsal) -> ScenarioCase:
    """The scenario as it goes into the file."""
    scene = rehearsal.scene()
    return msgspec.structs.replace(
        played.case,
        id=name,
        title=posts.first(given, "title"),
        expect=nodded(rehearsal.outcome, chosen(given), played.case.expect, asked.office.settings.zone),
        # A play lets a person answer for every other system; the scenario only waits for what is still unanswered.
        held=sorted({one.operation for one in scene.calls}) if scene else [],
    )


def _put(asked: Asked, found: Opened, case: ScenarioCase, acting: dict[str, Cast]) -> tuple[str, int]:
    """Save the file with the case in it; the sentence and status of a refusal, if there is one."""
    path = path_of(found.process)
    content = write_case(found.package.scenarios, found.process, case, acting)
    try:
        save_file(asked, found.process, path, content, found.files.get(path, ""))
    except REFUSED as refusal:
        problem = problem_of(refusal, asked.language, LARGEST_FILE)
        return problem.sentence, problem.status
    return "", 200


def _fault(asked: Asked, found: Opened, name: str, played: Played, seen: str) -> tuple[str, int]:
    """Why the case cannot be kept under that id: sentence and status; `seen` is the file that the page was made on."""
    if not _ID.fullmatch(name):
        return asked.say("scenarios.id-wrong"), 422
    file, _ = file_of(found)
    if file is None:
        return asked.say("scenarios.file-broken"), 422
    there = next((case for case in file.cases if case.id == name), None)
    if there is None:
        return "", 200
    if name != played.following:
        return asked.say("scenarios.id-taken", id=name), 422
    path = path_of(found.process)
    if seen and seen != found.files.get(path):
        try:
            before = read_scenarios(earlier(asked, found.process, path, seen)).cases
        except ScenarioBroken:
            before = []
        if there not in before:
            return asked.say("scenarios.changed-meanwhile", id=name), 409
    return "", 200


def _acting(found: Opened, played: Played) -> dict[str, Cast]:
    """Those of the play's people who do something, as far as the file does not know them as they are."""
    file, _ = file_of(found)
    known = file.actors if file is not None else {}
    acting = {played.case.start.actor}.union(*(step.people for step in played.case.steps))
    return {name: one for name, one in played.cast.items() if name in acting and known.get(name) != one}


routes = (keep,)
