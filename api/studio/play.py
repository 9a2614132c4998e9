"""Playing a case on the diagram, moved by the engine's own mover.

A play is an unfinished scenario that its page carries along: every press of a button adds a step, and all steps are
played again on a stage of their own. Nothing is written to the office, and a step back is a step less.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from api.errors import problem_of
from api.frame import Asked
from api.pages import posts
from api.posted import Given
from api.routes import form, get
from api.studio import play_acts as acts
from api.studio import play_verbs
from api.studio.frame import Opened, opened, studio_page
from api.studio.play_opening import Opening, starters
from api.studio.play_state import Played, Samples, following, read, scenarios_of, write
from api.studio.play_view import scene_values, shadow
from engine.package import BROKEN
from engine.scenarios import Rehearsal, rehearse
from engine.scenarios.around import surroundings_of


@get("/studio/{process:str}/play", include_in_schema=False)
def show(asked: Asked, process: str, scenario: str = "", steps: int = 0) -> Response[Any]:
    """The application of a new play, or a scenario that is followed from its beginning or some steps on."""
    found = opened(asked, process)
    if (broken := _broken(asked, found)) is not None:
        return broken
    played = following(found.package, scenario, steps=max(0, steps)) if scenario else None
    if played is None:
        return _beginning(asked, found, Opening.of_sample(asked, found.package))
    return _played(asked, found, played)


@form("/studio/{process:str}/play")
def act(asked: Asked, process: str, given: Given) -> Response[Any]:
    """One press of a button: the application, a step, a step back, or another look at the same scene."""
    found = opened(asked, process)
    if (broken := _broken(asked, found)) is not None:
        return broken
    played = read(posts.first(given, "play"))
    if played is None:
        return _begin(asked, found, given)
    do = posts.first(given, "do")
    if do == "back" and played.case.steps:
        return _played(asked, found, played.back())
    if do in {"back", "again"}:
        return _beginning(asked, found, Opening.of_play(played))
    return _step(asked, found, played, given)


def _broken(asked: Asked, found: Opened) -> Response[str] | None:
    """The page that says why nothing can be played, where the files cannot run."""
    try:
        _ = found.package.definition, found.package.forms
    except BROKEN as fault:
        sentence = problem_of(fault, asked.language).sentence
        return studio_page(asked, found, "studio/play_broken.html", tab="play", sentence=sentence)
    return None


def _begin(asked: Asked, found: Opened, given: Given) -> Response[str]:
    opening = Opening.posted(asked, found.package, given)
    if posts.first(given, "do") != "start":
        return _beginning(asked, found, opening)
    played = opening.play(asked, found.package)
    with rehearse(found.package, played.case, played.cast, surroundings_of(asked.office)) as rehearsal:
        if rehearsal.refusal is not None:
            return _beginning(asked, found, opening, rehearsal.refusal)
        return _scene(asked, found, played, rehearsal)


def _beginning(
    asked: Asked, found: Opened, opening: Opening, refusal: Exception | None = None
) -> Response[str]:
    """The page of the application."""
    told, status = acts.questions(shadow(asked), found.package.form("start"), opening.answers, {}, refusal)
    return studio_page(
        asked,
        found,
        "studio/play_start.html",
        tab="play",
        status=status,
        opening=opening,
        address=_here(asked, found),
        version=asked.request.query_params.get("version"),
        starters=starters(asked, found.package),
        scenarios=[(one.id, one.title) for one in scenarios_of(found.package).cases],
        **told,
    )


def _here(asked: Asked, found: Opened) -> str:
    """The page's own address; the version that is looked at stays."""
    version = asked.request.query_params.get("version")
    return f"/studio/{found.process}/play" + (f"?{urlencode({'version': version})}" if version else "")


def _step(asked: Asked, found: Opened, played: Played, given: Given) -> Response[str]:
    """Carry out what was pressed; what the engine refuses leaves the scene as it was, and says so."""
    around = surroundings_of(asked.office)
    with rehearse(found.package, played.case, played.cast, around) as rehearsal:
        pressed = acts.press(shadow(asked, rehearsal), found.package, played, rehearsal, given)
        if pressed.played is None:
            return _scene(asked, found, played, rehearsal, pressed, pressed.refusal)
    with rehearse(found.package, pressed.played.case, pressed.played.cast, around) as after:
        if after.refusal is None:
            return _scene(asked, found, pressed.played, after)
        refusal = after.refusal
    with rehearse(found.package, played.case, played.cast, around) as rehearsal:
        return _scene(asked, found, played, rehearsal, pressed, refusal)


def _played(asked: Asked, found: Opened, played: Played) -> Response[str]:
    """The scene that a play comes to, as far as it goes; the beginning, where not even the application is taken."""
    with rehearse(found.package, played.case, played.cast, surroundings_of(asked.office)) as rehearsal:
        if rehearsal.scene() is None:
            return _beginning(asked, found, Opening.of_play(played), rehearsal.refusal)
        if rehearsal.refusal is None:
            return _scene(asked, found, played, rehearsal)
        stuck = asked.say("play.stuck", number=rehearsal.taken + 1)
        goes = played.until(rehearsal.taken)
        return _scene(asked, found, goes, rehearsal, refusal=rehearsal.refusal, stuck=stuck)


def _scene(
    asked: Asked,
    found: Opened,
    played: Played,
    rehearsal: Rehearsal,
    pressed: acts.Pressed | None = None,
    refusal: Exception | None = None,
    stuck: str = "",
) -> Response[str]:
    """The page of a scene; `pressed` says which task or message is filled in, with what."""
    scene = rehearsal.scene()
    assert scene is not None, "a play without a case has no scene"
    stage = shadow(asked, rehearsal)
    samples = Samples(tuple(scenarios_of(found.package).cases))
    item = acts.item_of(stage, found.package, played, scene, pressed, samples)
    told, status = acts.questions(
        stage,
        item["form"] if item else None,
        item["answers"] if item else {},
        item["variables"] if item else {},
        refusal,
    )
    values = scene_values(stage, found.package, rehearsal, scene)
    # The verbs come last: to be offered them, somebody claims the task, and the stage is not what it was.
    returns = play_verbs.returns(stage, found.package, played, rehearsal)
    work = next((one for one in scene.work if item and item["key"] == f"task:{one.token}"), None)
    verbs = []
    if work is not None and item is not None:
        chosen = next((one["person"] for one in item["people"] if one["chosen"]), "")
        verbs = play_verbs.offered(stage, found.package, played, rehearsal, work, chosen)
    return studio_page(
        asked,
        found,
        "studio/play.html",
        tab="play",
        status=status,
        address=_here(asked, found),
        play=write(played),
        steps=len(played.case.steps),
        item=item,
        following=acts.followed(stage, found.package, played),
        stuck=stuck,
        verbs=verbs,
        returns=returns,
        **values,
        **told,
    )


routes = (show, act)
