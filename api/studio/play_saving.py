"""A play kept as a scenario: what was pressed becomes its steps, what came out becomes what must come out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from api.studio.frame import save_file
from engine.errors import EngineError
from engine.scenarios.write import expected, write_case

if TYPE_CHECKING:
    from api.frame import Asked
    from api.studio.frame import Opened
    from api.studio.play_state import Played
    from engine.scenarios import Rehearsal
    from engine.scenarios.model import Cast, ScenarioCase
    from engine.scenarios.rehearsal import Scene

_ID = re.compile(r"[\w.-]{1,40}")
_LONGEST_TITLE = 200


def scenario(played: Played, rehearsal: Rehearsal, scene: Scene, name: str, title: str) -> ScenarioCase:
    """The play as a scenario of that id; EngineError `play-name` for an id that is none."""
    if not _ID.fullmatch(name) or not title or len(title) > _LONGEST_TITLE:
        raise EngineError("play-name")
    return msgspec.structs.replace(
        played.case,
        id=name,
        title=title,
        source="",
        held=sorted({one.operation for one in scene.calls}),
        expect=expected(rehearsal.outcome, rehearsal.zone),
    )


def keep(asked: Asked, found: Opened, case: ScenarioCase, cast: dict[str, Cast]) -> None:
    """Put it into the draft's scenario file; Stale if somebody saved that file meanwhile."""
    path = f"workflows/scenarios/{found.process}.yaml"
    content = found.package.files.get(path)
    if content is not None and re.search(
        rb"- id: *['\"]?" + re.escape(case.id.encode()) + rb"['\"]?\s", content
    ):
        raise EngineError("play-name-taken", name=case.id)
    acting = {case.start.actor, *(step.actor for step in case.steps)}
    actors: dict[str, Any] = {alias: one for alias, one in cast.items() if alias in acting}
    save_file(
        asked,
        found.process,
        path,
        write_case(content, found.process, case, actors),
        found.files.get(path, ""),
    )
