"""What all commands on drafts share: the draft that they find, and the one way in which it moves on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.frame import Right
from engine.errors import DraftGone, Stale
from engine.package import pack
from engine.store.rows import DraftRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work
    from engine.package import Package


class Place(NamedTuple):
    """What a command on a draft finds."""

    draft: DraftRow | None


def find_draft(action: str) -> Any:
    """The `find` of commands on a draft that take this right on the process."""

    def find(work: Work, command: Any) -> tuple[Right, Place]:
        draft = work.tx.one(DraftRow, "draft", "process = ?", command.process, lock=True)
        return Right(action, command.process, None), Place(draft)

    return find


def open_draft(place: Place, process: str) -> DraftRow:
    """The draft, if there is one now; DraftGone otherwise."""
    if place.draft is None or not place.draft.open:
        raise DraftGone(kind="draft", id=process, state=place.draft.state if place.draft else "none")
    return place.draft


def move(work: Work, draft: DraftRow, kind: str, changes: Mapping[str, str | None], **values: Any) -> int:
    """Write the next step of a draft, and what becomes of its row; the new revision."""
    revision = draft.revision + 1
    note = str(values.pop("step_note", values.get("note", "")))
    work.tx.insert(
        "draft_step",
        {
            "process": draft.process,
            "revision": revision,
            "kind": kind,
            "base": values.get("base", draft.base),
            "files": json.dumps(changes),
            "note": note,
            "by": work.actor.id,
            "by_name": work.actor.name,
            "at": work.now,
        },
    )
    work.tx.update("draft", (draft.process,), {"revision": revision, **values}, {"revision": draft.revision})
    return revision


def keep_package(work: Work, package: Package) -> None:
    """Have the package readable by its digest."""
    if not work.tx.rows("SELECT 1 FROM package WHERE digest = ?", package.digest):
        values = {"digest": package.digest, "process": package.name, "archive": pack(package)}
        work.tx.insert("package", values)


def stale_draft(draft: DraftRow) -> Stale:
    """What somebody is told whose draft moved on meanwhile."""
    at = draft.saved_at.isoformat()
    return Stale(process=draft.process, revision=draft.revision, by=draft.saved_name, at=at, kind="draft")
