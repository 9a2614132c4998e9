"""Long work of the studio is asked for and stopped; `engine.jobs` carries it out beside the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb, knowing_all
from engine.errors import CommandInvalid, NotFound
from engine.package import unpack as unpack_package
from engine.store.exact import pack, unpack
from engine.store.jobs import NO_PACKAGE, tells_of_cases
from engine.store.rows_jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work

KINDS = frozenset({"scenarios", "simulation"})
#: Jobs of one kind that a process keeps, with what came of them; older ones go when a new one is asked for.
_KEPT = 20


@dataclass(frozen=True, slots=True)
class AskJob(Command):
    """Have long work done over a package (a zip file, as `engine.package.pack` writes it); `input` says what.

    The same work that waits or runs already is not done twice: its job is answered.
    """

    process: str
    kind: str
    input: Mapping[str, Any]
    archive: bytes


@dataclass(frozen=True, slots=True)
class StopJob(Command):
    """Let the job end with what it has; one that has ended stays as it is."""

    job: str


def _find(work: Work, command: AskJob) -> tuple[Right, list[JobRow]]:
    if command.kind not in KINDS:
        raise CommandInvalid(reason="job-kind", kind=command.kind)
    where = "process = ? AND kind = ? ORDER BY asked_at DESC, id DESC"
    known = work.tx.all(JobRow, "job", where, command.process, command.kind)
    return _right(work, command.process, command.kind, command.input), known


def _right(work: Work, process: str, kind: str, wish: Mapping[str, Any]) -> Right:
    """Whoever draws the process; scenarios are also for who publishes it, decided cases for who may know of them all."""
    also = knowing_all(work.actor, process) if tells_of_cases(kind, wish) else ()
    return Right("draft", process, None, instead=("publish",) if kind == "scenarios" else (), also=also)


def _ask(work: Work, command: AskJob, known: list[JobRow]) -> dict[str, Any]:
    package = unpack_package(command.process, command.archive)
    text = pack({**command.input, "digest": package.digest})
    for row in known:
        if row.state in {"waiting", "running"} and not row.stopping and row.input == text:
            return {"job": row.id, "fresh": False}
    for row in known[_KEPT - 1 :]:
        if row.state not in {"waiting", "running"}:
            work.tx.delete("job", (row.id,))
    values: dict[str, Any] = {
        "id": f"{command.process}-{work.tx.next_number(f'job:{command.process}')}",
        "process": command.process,
        "kind": command.kind,
        "input": text,
        "archive": command.archive,
        "state": "waiting",
        "asked_by": work.actor.id,
        "asked_name": work.actor.name,
        "asked_at": work.now,
        "due": work.now,
        "tries": 0,
        "done": 0,
        "total": 0,
        "stopping": 0,
    }
    work.tx.insert("job", values)
    work.note(f"process:{command.process}", "job-asked", job=values["id"], work=command.kind)
    return {"job": values["id"], "fresh": True}


def _find_job(work: Work, command: StopJob) -> tuple[Right, JobRow]:
    row = work.tx.one(JobRow, "job", "id = ?", command.job, lock=True)
    if row is None:
        raise NotFound(kind="job", id=command.job)
    return _right(work, row.process, row.kind, unpack(row.input)), row


def _stop(work: Work, command: StopJob, row: JobRow) -> dict[str, Any]:
    if row.state == "waiting":
        ended = {"state": "stopped", "ended_at": work.now, "archive": NO_PACKAGE}
        work.tx.update("job", (command.job,), ended, {"state": "waiting"})
    elif row.state == "running":
        work.tx.update("job", (command.job,), {"stopping": 1}, {"state": "running"})
    return {"job": command.job, "state": "stopped" if row.state == "waiting" else row.state}


VERBS = {AskJob: Verb(_find, _ask), StopJob: Verb(_find_job, _stop)}
