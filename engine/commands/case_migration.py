"""A running case changes to another published version of its process, alone, in one commit, with a journal entry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.commands.tasks import RETURNED
from engine.core.bag import bag_of
from engine.core.faults import CoreError
from engine.core.migrate import migrate
from engine.errors import CannotMigrate, CommandInvalid
from engine.record import OVERDUE
from engine.store.rows import IncidentRow, OutboxRow, TaskRow, TimerRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.core.definition import Definition
    from engine.core.step import Step
    from engine.package import Package
    from engine.store.rows import CaseRow


@dataclass(frozen=True, slots=True)
class MigrateCase(Command):
    """Let the case go on with the version of digest `to`; CannotMigrate says which element keeps it where it is.

    `names`: elements of its version that are called otherwise in the new one.
    """

    case: str
    to: str
    names: Mapping[str, str] = field(default_factory=dict)


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
    return {**bring(moving, target, command.names), "migrated": True}


def bring(moving: Moving, target: Package, names: Mapping[str, str], **body: Any) -> dict[str, Any]:
    """Bring an open case over to another version of its process; CannotMigrate if it must stay, with nothing changed."""
    work, case = moving.work, moving.row
    assert moving.state is not None
    try:
        done = migrate(moving.definition, target.definition, moving.state, work.now, work.world, names)
    except CoreError as error:
        raise CannotMigrate(case=case.id, **error.values) from error
    if names:
        body["names"] = dict(names)
        done = _sent_back(done, names)
        _rename(work, case, names)
    _relabel(moving, target.definition, names)
    moving.adopt(target, done)
    return moving.close("migrated", was=case.package, becomes=target.digest, **body)


def _relabel(moving: Moving, new: Definition, names: Mapping[str, str]) -> None:
    """Open tasks show the new model's words and stand in its lanes; deadlines that run go on as they are.

    Whoever held a task that goes to another lane holds it no longer; a page that shows another task's form is refused.
    """
    work, case = moving.work, moving.row
    for task in work.tx.all(TaskRow, "task", "case_id = ? AND state = 'open'", case.id):
        element = names.get(task.element, task.element)
        node = new.nodes[element]
        lane = node.lane or ""
        told = {"title": node.name or node.id, "lane": lane, "object": f"{case.process}/{lane}"}
        if told["object"] != task.object and task.claimed_by is not None:
            free = {"claimed_by": None, "claimed_name": None, "delegated_to": None, "delegated_name": None}
            moving.record.change_task(task.id, "migrated", revision=task.revision + 1, **free)
        elif element != task.element:
            moving.record.change_task(task.id, "migrated", revision=task.revision + 1)
        if told != {"title": task.title, "lane": task.object.partition("/")[2], "object": task.object}:
            work.tx.update("task", (task.id,), told)


def _rename(work: Work, case: CaseRow, names: Mapping[str, str]) -> None:
    """Rows about elements that are called otherwise now follow them; done tasks too, for four eyes look at them."""
    for task in work.tx.all(TaskRow, "task", "case_id = ?", case.id):
        if task.element in names:
            work.tx.update("task", (task.id,), {"element": names[task.element]})
    for message in work.tx.all(OutboxRow, "outbox", "case_id = ? AND state <> 'done'", case.id):
        if message.element in names:
            work.tx.update("outbox", (message.id,), {"element": names[message.element]})
    for incident in work.tx.all(IncidentRow, "incident", "case_id = ?", case.id):
        if incident.element in names:
            work.tx.update("incident", (case.id, incident.token), {"element": names[incident.element]})
    for timer in work.tx.all(TimerRow, "timer", "case_id = ? AND kind = ?", case.id, OVERDUE):
        if timer.element in names:
            work.tx.delete("timer", (case.id, timer.token, timer.element, OVERDUE))
            row = timer._replace(element=names[timer.element])._asdict()
            work.tx.insert("timer", {**row, "held_until": timer.due})


def _sent_back(done: Step, names: Mapping[str, str]) -> Step:
    """Who sent the case back from where stands in a variable of the shell's own."""
    returned = done.state.variables.get(RETURNED)
    if not isinstance(returned, dict) or not {returned.get("to"), returned.get("from")} & set(names):
        return done
    places = {key: names.get(returned[key], returned[key]) for key in ("to", "from") if returned.get(key)}
    variables = bag_of(done.state.variables).but({RETURNED: {**returned, **places}})
    return replace(done, state=replace(done.state, variables=variables))


VERBS = {MigrateCase: Verb(_find, _handle)}
