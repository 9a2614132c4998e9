"""The file in which the scenarios of a process stand: where it lies, what is in it, and which ids are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.scenarios import read_scenarios
from engine.scenarios.faults import Fault, fault_of
from engine.scenarios.model import ScenarioCase, ScenarioFile

if TYPE_CHECKING:
    from api.studio.frame import Opened


def path_of(process: str) -> str:
    """Where the scenarios of a process lie in its package."""
    return f"workflows/scenarios/{process}.yaml"


def file_of(found: Opened) -> tuple[ScenarioFile | None, Fault | None]:
    """The scenarios that can be read, else what is wrong with their file."""
    content = found.package.scenarios
    if content is None:
        return ScenarioFile(process=found.process, cases=[]), None
    fault = fault_of(content.decode(errors="replace"))
    return (read_scenarios(content), None) if fault is None else (None, fault)


def case_of(found: Opened, name: str) -> tuple[ScenarioFile, ScenarioCase]:
    """The file and its case of that id; NotFound if it has none."""
    file, _ = file_of(found)
    for case in file.cases if file is not None else ():
        if case.id == name and file is not None:
            return file, case
    raise NotFound(kind="scenario", id=name)


def free_id(found: Opened, wish: str) -> str:
    """An id like the wish that no case has yet."""
    file, _ = file_of(found)
    known = {case.id for case in file.cases} if file is not None else set()
    head, _, tail = wish.rpartition("-") if "-" in wish else (wish.rstrip("0123456789"), "", "")
    number = 1
    while (
        name := f"{head}-{tail if number == 1 else number + 1}" if tail else f"{head}{number:02}"
    ) in known:
        number += 1
    return name
