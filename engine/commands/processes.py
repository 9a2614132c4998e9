"""A process is drafted by one person and published by another; what is published never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Command, Right, Verb
from engine.errors import CommandInvalid, FourEyes, NotFound, Stale
from engine.package import Package, pack, unpack
from engine.store.rows import DraftRow, VersionRow

if TYPE_CHECKING:
    from engine.commands.frame import Work


@dataclass(frozen=True, slots=True)
class SaveDraft(Command):
    """Keep the work in progress, even if the model cannot run yet; `revision` is that of the draft edited (0: none)."""

    process: str
    revision: int
    archive: bytes


@dataclass(frozen=True, slots=True)
class Publish(Command):
    """The draft of that revision becomes the version that new cases get, with the publisher as its second person.

    The engine itself may publish an `archive` from the tree instead, at installation.
    """

    process: str
    revision: int = 0
    archive: bytes | None = None


class _Place(NamedTuple):
    draft: DraftRow | None
    latest: VersionRow | None


def _find(work: Work, command: SaveDraft | Publish) -> tuple[Right, _Place]:
    draft = work.tx.one(DraftRow, "draft", "process = ?", command.process, lock=True)
    latest = work.tx.one(
        VersionRow, "version", "process = ? ORDER BY number DESC LIMIT 1", command.process, lock=True
    )
    action = "draft" if isinstance(command, SaveDraft) else "publish"
    return Right(action, command.process, None), _Place(draft, latest)


def _save(work: Work, command: SaveDraft, place: _Place) -> dict[str, Any]:
    unpack(command.process, command.archive)
    draft = place.draft
    if command.revision != (draft.revision if draft else 0):
        assert draft is not None or command.revision
        by = draft.saved_name if draft else ""
        raise Stale(process=command.process, revision=draft.revision if draft else 0, by=by, kind="draft")
    values = {
        "revision": command.revision + 1,
        "archive": command.archive,
        "saved_by": work.actor.id,
        "saved_name": work.actor.name,
        "saved_at": work.now,
    }
    if draft is None:
        work.tx.insert("draft", {"process": command.process, **values})
    else:
        work.tx.update("draft", (command.process,), values, {"revision": draft.revision})
    work.note(f"process:{command.process}", "draft-saved", revision=command.revision + 1)
    return {"process": command.process, "revision": command.revision + 1}


def _publish(work: Work, command: Publish, place: _Place) -> dict[str, Any]:
    package, saved_by = _source(work, command, place)
    if place.latest is not None and place.latest.digest == package.digest:
        return {"process": command.process, "digest": package.digest, "number": place.latest.number}
    work.office.check(package)
    number = place.latest.number + 1 if place.latest else 1
    work.tx.insert(
        "version",
        {
            "digest": package.digest,
            "process": command.process,
            "number": number,
            "archive": pack(package),
            "published_by": saved_by,
            "approved_by": work.actor.id,
            "published_at": work.now,
        },
    )
    if place.draft is not None and command.archive is None:
        work.tx.delete("draft", (command.process,))
    work.note(
        f"process:{command.process}", "published", digest=package.digest, number=number, saved_by=saved_by
    )
    return {"process": command.process, "digest": package.digest, "number": number}


def _source(work: Work, command: Publish, place: _Place) -> tuple[Package, str]:
    """The package to publish and who made it."""
    if command.archive is not None:
        if not work.actor.system:
            raise CommandInvalid(reason="archive")
        return unpack(command.process, command.archive), str(work.actor.id)
    draft = place.draft
    if draft is None:
        raise NotFound(kind="draft", id=command.process)
    if draft.revision != command.revision:
        raise Stale(process=command.process, revision=draft.revision, by=draft.saved_name, kind="draft")
    if draft.saved_by == work.actor.id:
        raise FourEyes(task="draft", title=command.process)
    return unpack(command.process, draft.archive), draft.saved_by


VERBS = {SaveDraft: Verb(_find, _save), Publish: Verb(_find, _publish)}
