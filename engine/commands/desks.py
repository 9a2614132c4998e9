"""A clerk's desk: what was typed and not handed in, filters under a name, sentences written often, who has a case open.

None of it moves a case or counts as its record; only phrases of an office, which others read, are journalled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.accounts import OBJECT
from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import read_case
from engine.commands.tasks import FoundTask, read_task, require_holder, right_to_work
from engine.errors import CommandInvalid, NotFound
from engine.store.exact import pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

#: Characters of a draft as it is stored; a form's own limits are far below.
MOST_DRAFT = 500_000
#: Views of one account, phrases of one account or area.
MOST_VIEWS, MOST_PHRASES = 30, 200
_LONGEST_NAME, _LONGEST_QUERY, _LONGEST_PHRASE = 40, 1000, 500
_AREA = re.compile(r"(?:\d{4}|\d{6}|\d{9}|\d{12})")
_OWN = Right("own-account", OBJECT, None)


@dataclass(frozen=True, slots=True)
class SaveTaskDraft(Command):
    """Keep what the holder has typed so far into the task's form; the last text counts."""

    task: str
    revision: int
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropTaskDraft(Command):
    """The draft is handed in, or given up."""

    task: str


@dataclass(frozen=True, slots=True)
class SaveView(Command):
    """Keep a worklist's filters (`query` as in the address) under a name; the same name again replaces it."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class DropView(Command):
    """Forget a saved view of one's own."""

    view: str


@dataclass(frozen=True, slots=True)
class AddPhrase(Command):
    """A sentence for later: the actor's own, or with `area` that of everybody below it, by who may distribute work there.

    `process`, `element` and `field` narrow where it is offered ("" is anywhere).
    """

    text: str
    process: str = ""
    element: str = ""
    field: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class DropPhrase(Command):
    """Take a phrase away: one's own, or an office's by who may distribute work there."""

    phrase: str


@dataclass(frozen=True, slots=True)
class BePresent(Command):
    """The actor has the case open now; whoever else opens it is told."""

    case: str


class _Key(NamedTuple):
    account: str


class _View(NamedTuple):
    id: str
    account: str
    name: str


class _Phrase(NamedTuple):
    id: str
    account: str | None
    area: str
    process: str


def _find_task(work: Work, command: SaveTaskDraft | DropTaskDraft) -> tuple[Right, FoundTask]:
    found = read_task(work, command.task)
    return right_to_work(found), found


def _save_draft(work: Work, command: SaveTaskDraft, found: FoundTask) -> dict[str, Any]:
    require_holder(work, found.task)
    text = pack(dict(command.answers))
    if len(text) > MOST_DRAFT:
        raise CommandInvalid(reason="draft-too-long", limit=MOST_DRAFT)
    values = {"answers": text, "revision": command.revision, "saved_at": work.now}
    put_row(work, "task_draft", {"task": command.task, "account": work.actor.id}, values)
    return {"case": found.case.id, "task": command.task, "saved_at": work.now.isoformat()}


def _drop_draft(work: Work, command: DropTaskDraft, found: FoundTask) -> dict[str, Any]:
    if work.tx.one(_Key, "task_draft", "task = ? AND account = ?", command.task, work.actor.id):
        work.tx.delete("task_draft", (command.task, work.actor.id))
    return {"case": found.case.id, "task": command.task}


def put_row(work: Work, table: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert the row, or change it if it is there."""
    where = " AND ".join(f"{name} = ?" for name in key)
    if work.tx.rows(f"SELECT 1 FROM {table} WHERE {where}", *key.values()):  # noqa: S608 - our own names
        work.tx.update(table, tuple(key.values()), values)
    else:
        work.tx.insert(table, {**key, **values})


def _find_own(_work: Work, _command: Command) -> tuple[Right, None]:
    return _OWN, None


def _save_view(work: Work, command: SaveView, _: None) -> dict[str, Any]:
    name = command.name.strip()
    if not name or len(name) > _LONGEST_NAME or len(command.query) > _LONGEST_QUERY:
        raise CommandInvalid(reason="view", limit=_LONGEST_NAME)
    mine = work.tx.all(_View, "saved_view", "account = ?", work.actor.id)
    known = next((one for one in mine if one.name == name), None)
    if known is None and len(mine) >= MOST_VIEWS:
        raise CommandInvalid(reason="too-many-views", limit=MOST_VIEWS)
    values = {"account": work.actor.id, "name": name, "query": command.query, "saved_at": work.now}
    if known is not None:
        work.tx.update("saved_view", (known.id,), values)
    else:
        work.tx.insert("saved_view", {"id": command.id, **values})
    return {"view": known.id if known is not None else command.id}


def _drop_view(work: Work, command: DropView, _: None) -> dict[str, Any]:
    if work.tx.one(_View, "saved_view", "id = ? AND account = ?", command.view, work.actor.id) is None:
        raise NotFound(kind="view", id=command.view)
    work.tx.delete("saved_view", (command.view,))
    return {"view": command.view}


def _find_new_phrase(_work: Work, command: AddPhrase) -> tuple[Right, None]:
    return (Right("reassign", command.process, command.area) if command.area else _OWN), None


def _add_phrase(work: Work, command: AddPhrase, _: None) -> dict[str, Any]:
    text = command.text.strip()
    if not text or len(text) > _LONGEST_PHRASE:
        raise CommandInvalid(reason="phrase", limit=_LONGEST_PHRASE)
    if command.area and not _AREA.fullmatch(command.area):
        raise CommandInvalid(reason="area", area=command.area)
    account = None if command.area else work.actor.id
    whose, key = ("area = ? AND account IS NULL", command.area) if command.area else ("account = ?", account)
    known = work.tx.rows(f"SELECT text, field, element FROM phrase WHERE {whose}", key)  # noqa: S608
    if (text, command.field, command.element) in {tuple(row) for row in known}:
        raise CommandInvalid(reason="phrase-known")
    if len(known) >= MOST_PHRASES:
        raise CommandInvalid(reason="too-many-phrases", limit=MOST_PHRASES)
    place = {"process": command.process, "element": command.element, "field": command.field}
    row = {"account": account, "area": command.area, **place, "text": text}
    work.tx.insert("phrase", {"id": command.id, **row, "added_by": work.actor.id, "added_at": work.now})
    if command.area:
        work.note(f"phrases:{command.area}", "phrase-added", phrase=command.id, **row)
    return {"phrase": command.id}


def _find_phrase(work: Work, command: DropPhrase) -> tuple[Right, _Phrase]:
    row = work.tx.one(_Phrase, "phrase", "id = ?", command.phrase)
    if row is None or row.account not in (None, work.actor.id):
        raise NotFound(kind="phrase", id=command.phrase)
    return (Right("reassign", row.process, row.area) if row.account is None else _OWN), row


def _drop_phrase(work: Work, command: DropPhrase, row: _Phrase) -> dict[str, Any]:
    work.tx.delete("phrase", (command.phrase,))
    if row.account is None:
        work.note(f"phrases:{row.area}", "phrase-dropped", phrase=row.id)
    return {"phrase": command.phrase}


def _find_case(work: Work, command: BePresent) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("see", case.process, case.area, case.owner), case


def _be_present(work: Work, command: BePresent, _: CaseRow) -> dict[str, Any]:
    key = {"case_id": command.case, "account": work.actor.id}
    put_row(work, "presence", key, {"name": work.actor.name, "seen_at": work.now})
    return {"case": command.case}


VERBS = {
    SaveTaskDraft: Verb(_find_task, _save_draft),
    DropTaskDraft: Verb(_find_task, _drop_draft),
    SaveView: Verb(_find_own, _save_view),
    DropView: Verb(_find_own, _drop_view),
    AddPhrase: Verb(_find_new_phrase, _add_phrase),
    DropPhrase: Verb(_find_phrase, _drop_phrase),
    BePresent: Verb(_find_case, _be_present),
}
