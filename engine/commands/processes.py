"""What new cases get: a version published by a second person, an old one published again, or nothing any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.draft_frame import find_draft, move, open_draft, stale_draft
from engine.commands.frame import Command, Right, Verb
from engine.commands.reviewing import hands, newest, number_version, require_note
from engine.drafts import draft_package
from engine.errors import (
    CommandInvalid,
    FourEyes,
    NotFound,
    NothingChanged,
    NotInReview,
    ScenariosNotGreen,
)
from engine.package import Package, unpack
from engine.store.rows import DraftRow, TrialRow, VersionRow

if TYPE_CHECKING:
    from engine.commands.frame import Work


@dataclass(frozen=True, slots=True)
class Publish(Command):
    """The draft of that revision becomes the version that new cases get, with the publisher as its second person.

    The engine itself may publish an `archive` from the tree instead, at installation.
    """

    process: str
    revision: int = 0
    note: str = ""
    archive: bytes | None = None


@dataclass(frozen=True, slots=True)
class PublishAgain(Command):
    """New cases get version `number` again, under a new number: the way back from a version that proved wrong."""

    process: str
    number: int
    note: str


class _Place(NamedTuple):
    draft: DraftRow | None
    latest: VersionRow | None


def _find(work: Work, command: Publish | PublishAgain) -> tuple[Right, _Place]:
    right, place = find_draft("publish")(work, command)
    return right, _Place(place.draft, newest(work, command.process))


def _publish(work: Work, command: Publish, place: _Place) -> dict[str, Any]:
    if command.archive is not None:
        return _install(work, command, command.archive, place.latest)
    draft = open_draft(place, command.process)  # type: ignore[arg-type]  # it has a draft too
    if draft.revision != command.revision:
        raise stale_draft(draft)
    if draft.state != "review":
        raise NotInReview(process=command.process)
    if work.actor.id in hands(work, draft):
        raise FourEyes(task="draft", title=command.process)
    package = draft_package(work.tx.session, work.office.packages, draft)
    if place.latest is not None and place.latest.digest == package.digest:
        raise NothingChanged(process=command.process, number=place.latest.number)
    work.office.check(package)
    _require_green(work, package)
    move(work, draft, "published", {}, state="published", step_note=command.note)
    note = "\n".join(text for text in (draft.note, command.note.strip()) if text)
    made = {"published_by": draft.saved_by, "published_name": draft.saved_name}
    return number_version(work, package, place.latest, origin="studio", note=note, **made)


def _install(work: Work, command: Publish, archive: bytes, latest: VersionRow | None) -> dict[str, Any]:
    """Publish files of the tree; the newest version again is nothing new."""
    if not work.actor.system:
        raise CommandInvalid(reason="archive")
    package = unpack(command.process, archive)
    if latest is not None and latest.digest == package.digest:
        return {"process": command.process, "digest": package.digest, "number": latest.number}
    work.office.check(package)
    made = {"published_by": str(work.actor.id), "published_name": work.actor.name}
    return number_version(work, package, latest, origin="tree", note=command.note, **made)


def _require_green(work: Work, package: Package) -> None:
    """ScenariosNotGreen unless exactly these files were played, and every scenario came out as written."""
    trial = work.tx.one(TrialRow, "trial", "digest = ?", package.digest)
    if trial is None or trial.failed:
        told = {"cases": trial.cases, "failed": trial.failed} if trial else {"cases": None, "failed": None}
        raise ScenariosNotGreen(process=package.name, **told)


def _publish_again(work: Work, command: PublishAgain, place: _Place) -> dict[str, Any]:
    where = "process = ? AND number = ?"
    wanted = work.tx.one(VersionRow, "version", where, command.process, command.number)
    if wanted is None or place.latest is None:
        raise NotFound(kind="version", id=f"{command.process} {command.number}")
    if wanted.digest == place.latest.digest:
        raise NothingChanged(process=command.process, number=place.latest.number)
    if wanted.published_by == work.actor.id:
        raise FourEyes(task="draft", title=command.process)
    package = work.office.packages.at(wanted.digest, work.tx.session)
    work.office.check(package)
    made = {"published_by": wanted.published_by, "published_name": wanted.published_name}
    return number_version(
        work, package, place.latest, origin="again", note=require_note(command.note), **made
    )


VERBS: dict[type[Command], Verb[Any, Any]] = {
    Publish: Verb(_find, _publish),
    PublishAgain: Verb(_find, _publish_again),
}
