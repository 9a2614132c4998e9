"""From draft to version: one person asks for a review, another returns the draft or publishes it.

What is published never changes; a version is a number for a package, so that an old package can be published again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.draft_frame import Place, find_draft, keep_package, move, open_draft, stale_draft
from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.drafts import draft_package
from engine.errors import CommandInvalid, DraftInReview, NothingChanged, NotInReview
from engine.store.rows import DraftStepRow, TrialRow, VersionRow

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.package import Package
    from engine.store.rows import DraftRow

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class AskReview(Command):
    """Hand the draft of that revision to a second person, saying what changed and why."""

    process: str
    revision: int
    note: str


@dataclass(frozen=True, slots=True)
class ReturnDraft(Command):
    """Send the draft back to those who work on it, saying why."""

    process: str
    note: str


@dataclass(frozen=True, slots=True)
class TakeBackDraft(Command):
    """Take the own draft out of review to go on working on it."""

    process: str


@dataclass(frozen=True, slots=True)
class NoteTrial(Command):
    """The engine played all scenarios of a package: how many there are, how many came out otherwise than written."""

    process: str
    digest: str
    cases: int
    failed: int
    told: str


def _ask(work: Work, command: AskReview, place: Place) -> dict[str, Any]:
    draft = open_draft(place, command.process)
    if draft.state == "review":
        raise DraftInReview(process=command.process, by=draft.asked_name)
    if draft.revision != command.revision:
        raise stale_draft(draft)
    note = require_note(command.note)
    latest = newest(work, command.process)
    package = draft_package(work.tx.session, work.office.packages, draft)
    if latest is not None and latest.digest == package.digest:
        raise NothingChanged(process=command.process, number=latest.number)
    asked = {"state": "review", "note": note, "asked_by": work.actor.id, "asked_name": work.actor.name}
    revision = move(work, draft, "asked", {}, returned="", returned_name="", **asked)
    work.note(f"process:{command.process}", "review-asked", revision=revision, note=note)
    return {"process": command.process, "revision": revision}


def _return(work: Work, command: ReturnDraft, place: Place) -> dict[str, Any]:
    draft = _in_review(place, command.process)
    note = require_note(command.note)
    revision = move(
        work,
        draft,
        "returned",
        {},
        state="draft",
        returned=note,
        returned_name=work.actor.name,
        step_note=note,
    )
    work.note(f"process:{command.process}", "draft-returned", revision=revision, note=note)
    return {"process": command.process, "revision": revision}


def _take_back(work: Work, command: TakeBackDraft, place: Place) -> dict[str, Any]:
    draft = _in_review(place, command.process)
    revision = move(work, draft, "taken-back", {}, state="draft", step_note="")
    work.note(f"process:{command.process}", "review-taken-back", revision=revision)
    return {"process": command.process, "revision": revision}


def _in_review(place: Place, process: str) -> DraftRow:
    draft = open_draft(place, process)
    if draft.state != "review":
        raise NotInReview(process=process)
    return draft


def _find_trial(work: Work, command: NoteTrial) -> tuple[Right, TrialRow | None]:
    return ENGINE_ONLY, work.tx.one(TrialRow, "trial", "digest = ?", command.digest, lock=True)


def _note_trial(work: Work, command: NoteTrial, known: TrialRow | None) -> dict[str, Any]:
    values = {"cases": command.cases, "failed": command.failed, "told": command.told, "at": work.now}
    if known is None:
        work.tx.insert("trial", {"digest": command.digest, "process": command.process, **values})
    else:
        work.tx.update("trial", (command.digest,), values)
    return {"process": command.process, "digest": command.digest, "failed": command.failed}


def require_note(text: str) -> str:
    """What somebody gives as a reason; CommandInvalid without one."""
    note = text.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise CommandInvalid(reason="note", most=LONGEST_NOTE)
    return note


def newest(work: Work, process: str) -> VersionRow | None:
    """The version that new cases get."""
    where = "process = ? ORDER BY number DESC LIMIT 1"
    return work.tx.one(VersionRow, "version", where, process, lock=True)


def hands(work: Work, draft: DraftRow) -> set[str | None]:
    """Everybody who changed the draft since it began: none of them can be its second person."""
    where = "process = ? AND revision >= ? ORDER BY revision"
    steps = work.tx.all(DraftStepRow, "draft_step", where, draft.process, draft.begun)
    return {one.by for one in steps if one.kind != "returned"}


def number_version(work: Work, package: Package, latest: VersionRow | None, **values: Any) -> dict[str, Any]:
    """Give the package the next number; the answer to whoever asked for it."""
    keep_package(work, package)
    number = latest.number + 1 if latest else 1
    row = {"process": package.name, "number": number, "digest": package.digest, "published_at": work.now}
    work.tx.insert(
        "version", {**row, "approved_by": work.actor.id, "approved_name": work.actor.name, **values}
    )
    work.note(
        f"process:{package.name}",
        "published",
        digest=package.digest,
        number=number,
        saved_by=values["published_by"],
        origin=values["origin"],
        note=values["note"],
    )
    return {"process": package.name, "digest": package.digest, "number": number}


VERBS: dict[type[Command], Verb[Any, Any]] = {
    AskReview: Verb(find_draft("draft"), _ask),
    ReturnDraft: Verb(find_draft("publish"), _return),
    TakeBackDraft: Verb(find_draft("draft"), _take_back),
    NoteTrial: Verb(_find_trial, _note_trial),
}
