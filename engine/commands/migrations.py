"""A running case changes to another published version of its process, alone, in one commit, with a journal entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.core.faults import CoreError
from engine.core.migrate import migrate
from engine.errors import CannotMigrate, CommandInvalid
from engine.store.rows import TaskRow

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.core.definition import Definition
    from engine.store.rows import CaseRow


@dataclass(frozen=True, slots=True)
class MigrateCase(Command):
    """Let the case go on with the version of digest `to`; CannotMigrate says which element keeps it where it is."""

    case: str
    to: str


def _find(work: Work, command: MigrateCase) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("migrate", case.process, case.area, case.owner), case


def _handle(work: Work, command: MigrateCase, case: CaseRow) -> dict[str, Any]:
    moving = Moving(work, case)
    moving.require_open()
    if case.package == command.to:
        return {"case": case.id, "migrated": False}
    target = work.office.packages.at(command.to, work.tx.session)
    if target.name != case.process or moving.state is None:
        raise CommandInvalid(reason="other-process", process=target.name)
    try:
        done = migrate(moving.definition, target.definition, moving.state, work.now, work.world)
    except CoreError as error:
        raise CannotMigrate(case=case.id, **error.values) from error
    _relabel(work, case, target.definition)
    moving.adopt(target, done)
    facts = moving.close("migrated", was=case.package, becomes=command.to)
    return {**facts, "migrated": True}


def _relabel(work: Work, case: CaseRow, new: Definition) -> None:
    """Open tasks show the new model's words and stand in its lanes; deadlines that run go on as they are."""
    for task in work.tx.all(TaskRow, "task", "case_id = ? AND state = 'open'", case.id):
        node = new.nodes[task.element]
        lane = node.lane or ""
        told = {"title": node.name or node.id, "lane": lane, "object": f"{case.process}/{lane}"}
        if told != {"title": task.title, "lane": task.object.partition("/")[2], "object": task.object}:
            work.tx.update("task", (task.id,), told)


VERBS = {MigrateCase: Verb(_find, _handle)}
