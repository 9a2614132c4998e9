"""What stands on a clerk's desk: the draft of a task, saved views, ready phrases, who else is there, judged papers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.queries.cases import all_rows
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.access import Actor
    from engine.store.session import Store

#: Somebody who has shown no sign for so long has gone.
GONE_AFTER = timedelta(minutes=3)
_LEVELS = (4, 6, 9, 12)


class TaskDraft(NamedTuple):
    """What somebody has typed; `revision` is the task's at that time."""

    answers: Mapping[str, Any]
    revision: int
    saved_at: datetime


class SavedView(NamedTuple):
    """A worklist's filters under a name."""

    id: str
    name: str
    query: str


class Phrase(NamedTuple):
    """A ready sentence; `account` is None for an office's."""

    id: str
    account: str | None
    area: str
    process: str
    element: str
    field: str
    text: str


class Present(NamedTuple):
    """Somebody who has the case open."""

    account: str
    name: str
    seen_at: datetime


class Judgement(NamedTuple):
    """What was said of a paper."""

    sha256: str
    state: str
    reason: str
    by_name: str
    at: datetime


def task_draft(store: Store, actor: Actor, key: str) -> TaskDraft | None:
    """The actor's own draft of a task."""
    sql = "SELECT answers, revision, saved_at FROM task_draft WHERE task = ? AND account = ?"
    with store.reading() as reader:
        found = reader.rows(sql, (key, actor.id))
    return TaskDraft(unpack(found[0][0]), found[0][1], found[0][2]) if found else None


def saved_views(store: Store, actor: Actor) -> list[SavedView]:
    """The actor's own views, oldest first, so that their places stay."""
    with store.reading() as reader:
        return all_rows(reader, SavedView, "saved_view", "account = ? ORDER BY saved_at, id", actor.id)


def phrases(store: Store, actor: Actor, process: str, element: str, area: str) -> list[Phrase]:
    """Sentences for a step in an area: the actor's own first, then those of the offices around it."""
    around = ["", *(area[:level] for level in _LEVELS if len(area) >= level)]
    marks = ", ".join("?" * len(around))
    where = (
        f"(account = ? OR (account IS NULL AND area IN ({marks})))"
        " AND process IN ('', ?) AND element IN ('', ?) ORDER BY account IS NULL, added_at, id LIMIT 200"
    )
    with store.reading() as reader:
        return all_rows(reader, Phrase, "phrase", where, actor.id, *around, process, element)


def phrases_of(store: Store, actor: Actor) -> list[Phrase]:
    """The actor's own sentences, and those of the areas where the actor has a grant and of the areas around."""
    areas = {grant.area for grant in actor.grants}
    around = sorted({"", *(area[:level] for area in areas for level in _LEVELS if len(area) >= level)})
    marks = ", ".join("?" * len(around))
    where = f"account = ? OR (account IS NULL AND area IN ({marks})) ORDER BY account IS NULL, added_at, id LIMIT 400"
    with store.reading() as reader:
        return all_rows(reader, Phrase, "phrase", where, actor.id, *around)


def phrase(store: Store, actor: Actor, key: str) -> str | None:
    """The text of a ready sentence, if it is the actor's own or an office's."""
    with store.reading() as reader:
        found = reader.rows(
            "SELECT text FROM phrase WHERE id = ? AND (account IS NULL OR account = ?)", (key, actor.id)
        )
    return found[0][0] if found else None


def claimed_under(store: Store, prefix: str) -> str | None:
    """The task that a claim whose command id begins so has claimed, if there was one."""
    sql = "SELECT answer FROM command WHERE id >= ? AND id < ? AND kind = 'ClaimTask' LIMIT 1"
    with store.reading() as reader:
        found = reader.rows(sql, (prefix, prefix + "\uffff"))
    return str(unpack(found[0][0])["task"]) if found else None


def present(store: Store, number: str, now: datetime) -> list[Present]:
    """Who has a case open now, the latest sign first; for those who may see the case (ask `case` first)."""
    where = "case_id = ? AND seen_at > ? ORDER BY seen_at DESC LIMIT 20"
    with store.reading() as reader:
        return all_rows(reader, Present, "presence", where, number, now - GONE_AFTER)


def judgements(store: Store, number: str) -> dict[str, Judgement]:
    """What was said of the papers of a case, by hash; for those who may see the case (ask `case` first)."""
    with store.reading() as reader:
        found = all_rows(reader, Judgement, "judgement", "case_id = ?", number)
    return {one.sha256: one for one in found}
