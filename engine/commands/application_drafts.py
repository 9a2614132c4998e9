"""An application filled in step by step: begun, saved at every step, taken to an account, thrown away. Handing it in is `SubmitApplication`.

Answers are kept as they were typed, by full key, each under the step that asks it; they are judged when handed in. A page
that is older than what was saved meanwhile (two windows) empties nothing: what it leaves blank keeps its answer.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine.access import Actor
from engine.commands.frame import Command, Right, Verb
from engine.commands.helpers import helper_text
from engine.commands.moving import WORD_LETTERS
from engine.commands.retirement import require_active
from engine.errors import CommandInvalid, Conflict, NotFound
from engine.store.drafts import read_draft
from engine.store.exact import pack, plain, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.store.rows import ApplicationDraftRow

#: How long a draft is kept after it was saved last (assumed; told on every page of it).
KEPT = timedelta(days=30)
#: Characters of JSON that the answers of one draft may come to.
LONGEST = 200_000
CODE_LENGTH = 8
_ID_LENGTH = 16
#: Drafts too old that each new one clears away.
_SWEPT = 20


@dataclass(frozen=True, slots=True)
class BeginApplication(Command):
    """A draft for `process`; the answer's `code` opens it in any browser. With an account it is the account's, too."""

    process: str
    channel: str = "online"


@dataclass(frozen=True, slots=True)
class KeepApplication(Command):
    """Save what was typed in one step: `answers` by key for the `keys` that it asks.

    `seen` is the draft's revision as the page showed it. `about` brings what is not asked by the form: area, phone, helper.
    """

    draft: str
    step: str
    seen: int
    keys: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KeepFile(Command):
    """A file that lies in the vault answers the question `key` of `step`; the same file twice is one. `most` for one question."""

    draft: str
    step: str
    key: str
    file: Mapping[str, Any]
    most: int


@dataclass(frozen=True, slots=True)
class TakeApplication(Command):
    """A draft begun without account becomes the actor's, who shows with its `code` that they hold it.

    One that was begun with another phone than the account's own stays what it is: `taken` is false.
    """

    draft: str
    code: str


@dataclass(frozen=True, slots=True)
class DropApplication(Command):
    """Throw the draft away."""

    draft: str


class _New(NamedTuple):
    swept: tuple[str, ...]


def require_draft(row: ApplicationDraftRow, work: Work) -> None:
    """Raise unless the draft can still be changed."""
    if row.state != "open":
        raise Conflict("already-submitted", case=row.case_id)
    if row.expires_at <= work.now:
        raise NotFound(kind="draft", id=row.id)


def _find_new(work: Work, command: BeginApplication) -> tuple[Right, _New]:
    work.office.packages.current(work.tx.session, command.process)
    require_active(work, command.process)
    old = work.tx.rows("SELECT id FROM application_draft WHERE expires_at < ? LIMIT ?", work.now, _SWEPT)
    return Right("start", command.process, None), _New(tuple(row[0] for row in old))


def _begin(work: Work, command: BeginApplication, new: _New) -> dict[str, Any]:
    for key in new.swept:
        work.tx.delete("application_draft", (key,))
    key, code = _word(_ID_LENGTH), _word(CODE_LENGTH)
    work.tx.insert(
        "application_draft",
        {
            "id": key,
            "process": command.process,
            "code": code,
            "account": work.actor.id,
            "channel": command.channel,
            "answers": "{}",
            "steps": "{}",
            "state": "open",
            "revision": 1,
            "begun_at": work.now,
            "saved_at": work.now,
            "expires_at": work.now + KEPT,
        },
    )
    return {"draft": key, "code": code}


def _word(length: int) -> str:
    return "".join(secrets.choice(WORD_LETTERS) for _ in range(length))


def _find(
    work: Work, command: KeepApplication | KeepFile | DropApplication
) -> tuple[Right, ApplicationDraftRow]:
    row = read_draft(work.tx.session, work.actor, command.draft)
    return Right("start", row.process, row.area), row


def _keep(work: Work, command: KeepApplication, row: ApplicationDraftRow) -> dict[str, Any]:
    require_draft(row, work)
    held: dict[str, Any] = unpack(row.answers)
    stale = command.seen < orjson.loads(row.steps).get(command.step, 0)
    merged = False
    for key in command.keys:
        given = command.answers.get(key)
        if given not in (None, "", []):
            merged = merged or (stale and key in held and held[key] != given)
            held[key] = given
        elif stale:
            merged = merged or key in held
        else:
            held.pop(key, None)
    about = _about(command.about) if command.about is not None else {}
    told = _save(work, row, command.step, held, about)
    return {**told, "merged": merged}


def _keep_file(work: Work, command: KeepFile, row: ApplicationDraftRow) -> dict[str, Any]:
    require_draft(row, work)
    held: dict[str, Any] = unpack(row.answers)
    known = held.get(command.key) or []
    files = known if isinstance(known, list) else [known]
    if all(one.get("hash") != command.file["hash"] for one in files):
        files = [*files, dict(command.file)] if command.most > 1 else [dict(command.file)]
    if len(files) > command.most:
        raise CommandInvalid("too-many-files", most=command.most)
    held[command.key] = files if command.most > 1 else files[-1]
    return _save(work, row, command.step, held, {})


def _save(
    work: Work, row: ApplicationDraftRow, step: str, held: dict[str, Any], about: dict[str, Any]
) -> dict[str, Any]:
    answers = pack(held)
    if len(answers) > LONGEST:
        raise CommandInvalid(reason="draft-too-long", limit=LONGEST)
    revision = row.revision + 1
    changes = {
        **about,
        "answers": answers,
        "steps": plain({**orjson.loads(row.steps), step: revision}),
        "revision": revision,
        "saved_at": work.now,
        "expires_at": work.now + KEPT,
    }
    work.tx.update("application_draft", (row.id,), changes, {"revision": row.revision})
    return {"draft": row.id, "revision": revision}


def _about(given: Mapping[str, Any]) -> dict[str, Any]:
    """Area, phone and helper, each if it was asked for."""
    about: dict[str, Any] = {
        name: str(given[name])[:40] if given[name] else None for name in ("area", "phone") if name in given
    }
    if "helper" in given:
        about["helper"] = helper_text(given["helper"]) if given["helper"] else None
    return about


def _find_held(work: Work, command: TakeApplication) -> tuple[Right, ApplicationDraftRow]:
    row = read_draft(work.tx.session, Actor(f"draft:{command.draft}"), command.draft)
    if work.actor.id is None or not hmac.compare_digest(row.code.encode(), command.code.encode()):
        raise NotFound(kind="draft", id=command.draft)
    return Right("start", row.process, row.area), row


def _take(work: Work, command: TakeApplication, row: ApplicationDraftRow) -> dict[str, Any]:
    sql = "SELECT subject FROM identity WHERE issuer = 'phone' AND account = ?"
    phones = {one[0] for one in work.tx.rows(sql, work.actor.id)}
    other = row.phone is not None and bool(phones) and row.phone not in phones
    taken = row.account is None and row.state == "open" and row.expires_at > work.now and not other
    if taken:
        work.tx.update("application_draft", (row.id,), {"account": work.actor.id}, {"revision": row.revision})
    return {"draft": command.draft, "taken": taken}


def _drop(work: Work, command: DropApplication, row: ApplicationDraftRow) -> dict[str, Any]:  # noqa: ARG001
    if row.state == "open":
        work.tx.delete("application_draft", (row.id,))
    return {"draft": row.id}


VERBS = {
    BeginApplication: Verb(_find_new, _begin),
    KeepApplication: Verb(_find, _keep),
    KeepFile: Verb(_find, _keep_file),
    TakeApplication: Verb(_find_held, _take),
    DropApplication: Verb(_find, _drop),
}
