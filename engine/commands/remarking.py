"""People who work on a process say something about an element or a file, answer, and settle what is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.errors import CommandInvalid, NotFound
from engine.store.rows_remarks import RemarkRow

if TYPE_CHECKING:
    from engine.commands.frame import Work

LONGEST_REMARK = 2_000
#: Of a path or an element's id.
_LONGEST_PLACE = 300


@dataclass(frozen=True, slots=True)
class Remark(Command):
    """Say something about `element` of the file at `path` ("": the file as a whole).

    `sha` is the content that it is said about; with `thread` it answers what somebody said there before.
    """

    process: str
    path: str
    text: str
    element: str = ""
    sha: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class SettleRemark(Command):
    """A thread is settled, or (`settled` false) taken up again."""

    process: str
    thread: str
    settled: bool = True


def _find(work: Work, command: Remark | SettleRemark) -> tuple[Right, RemarkRow | None]:
    thread = work.tx.one(RemarkRow, "remark", "id = ?", command.thread, lock=True) if command.thread else None
    return Right("remark", command.process, None), thread


def _remark(work: Work, command: Remark, thread: RemarkRow | None) -> dict[str, Any]:
    text = command.text.strip()
    if not text or len(text) > LONGEST_REMARK:
        raise CommandInvalid(reason="remark-text", limit=LONGEST_REMARK)
    if max(len(command.path), len(command.element), len(command.sha)) > _LONGEST_PLACE:
        raise CommandInvalid(reason="remark-place")
    if command.thread:
        thread = _thread(command, thread)
        where = {"thread": thread.id, "path": thread.path, "element": thread.element}
        place = 1 + work.tx.rows("SELECT max(place) FROM remark WHERE thread = ?", thread.id)[0][0]
    else:
        if not _known(work, command.process):
            raise NotFound(kind="process", id=command.process)
        where = {"thread": command.id, "path": command.path, "element": command.element}
        place = 1
    said = {"process": command.process, **where, "place": place, "sha": command.sha, "text": text}
    who = {"by": work.actor.id, "by_name": work.actor.name, "at": work.now}
    nobody = {"settled_by": None, "settled_name": None, "settled_at": None}
    work.tx.insert("remark", {"id": command.id, **said, **who, **nobody})
    work.note(f"process:{command.process}", "remarked", remark=command.id, **where, text=text)
    return {"remark": command.id, "thread": where["thread"]}


def _settle(work: Work, command: SettleRemark, thread: RemarkRow | None) -> dict[str, Any]:
    thread = _thread(command, thread)
    if command.settled != (thread.settled_at is not None):
        who = {
            "settled_by": work.actor.id,
            "settled_name": work.actor.name,
            "settled_at": work.now,
        }
        work.tx.update("remark", (thread.id,), who if command.settled else dict.fromkeys(who), {})
        kind = "remark-settled" if command.settled else "remark-taken-up"
        work.note(f"process:{command.process}", kind, thread=thread.id)
    return {"thread": thread.id, "settled": command.settled}


def _thread(command: Remark | SettleRemark, thread: RemarkRow | None) -> RemarkRow:
    """The thread's first remark; NotFound for an answer, or a thread about another process."""
    if thread is None or thread.process != command.process or thread.thread != thread.id:
        raise NotFound(kind="remark", id=command.thread)
    return thread


def _known(work: Work, process: str) -> bool:
    sql = "SELECT 1 FROM version WHERE process = ? UNION SELECT 1 FROM draft WHERE process = ? LIMIT 1"
    return bool(work.tx.rows(sql, process, process))


VERBS = {Remark: Verb(_find, _remark), SettleRemark: Verb(_find, _settle)}
