"""Drafts: begun from a version or from files, saved file by file, dropped and taken up again.

Two people may work on one draft. Each saves the file that they edited, saying which content they had seen; a file that
somebody else saved meanwhile is refused with who and when. Whatever was saved once stays readable for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.commands.draft_frame import Place, find_draft, keep_package, move, open_draft, stale_draft
from engine.commands.frame import Command, Right, Verb
from engine.drafts import MOST_FILES, Kept, kept_files, listed, require_path, require_size, sha_of, state_at
from engine.errors import (
    CommandInvalid,
    DraftInReview,
    DraftOpen,
    NameTaken,
    NotFound,
    PackageBroken,
    Stale,
)
from engine.package import Package, unpack
from engine.store.rows import DraftRow, DraftStepRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.frame import Work

#: What a process may be called.
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_NAME = 60
#: Names that are words of the studio's own addresses.
_RESERVED = frozenset({"new", "import", "process", "office", "fund", "register"})


@dataclass(frozen=True, slots=True)
class BeginDraft(Command):
    """Begin to work on a process: from the version `source` (a digest), or from the files of `archive` (zip).

    A `new` process must have a name that nobody has used.
    """

    process: str
    source: str = ""
    archive: bytes | None = None
    note: str = ""
    new: bool = False


@dataclass(frozen=True, slots=True)
class SaveDraftFile(Command):
    """Keep one file of the draft, even if nothing can run with it; `seen` is the hash of what was edited ("": new)."""

    process: str
    path: str
    seen: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AddDraftFiles(Command):
    """Put files into the draft that it does not have yet (a called part); those that it has stay as they are."""

    process: str
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoveDraftFile(Command):
    """Take a file out of the draft."""

    process: str
    path: str
    seen: str


@dataclass(frozen=True, slots=True)
class DropDraft(Command):
    """Give the draft of that revision up; it can be taken up again."""

    process: str
    revision: int


@dataclass(frozen=True, slots=True)
class RestoreDraft(Command):
    """Take the draft up again as it was at a revision (0: when it was given up)."""

    process: str
    revision: int = 0


def _find_begin(work: Work, command: BeginDraft) -> tuple[Right, Place]:
    right, place = find_draft("draft")(work, command)
    known = place.draft is not None or work.tx.rows(
        "SELECT 1 FROM version WHERE process = ? LIMIT 1", command.process
    )
    if known and command.new:
        raise NameTaken(name=command.process)
    return (right if known else Right("begin", "process", None)), place


def _begin(work: Work, command: BeginDraft, place: Place) -> dict[str, Any]:
    if place.draft is not None and place.draft.open:
        saved = place.draft
        raise DraftOpen(process=command.process, by=saved.saved_name, at=saved.saved_at.isoformat())
    if (
        not NAME.fullmatch(command.process)
        or command.process in _RESERVED
        or len(command.process) > _LONGEST_NAME
    ):
        raise CommandInvalid(reason="name", name=command.process[:_LONGEST_NAME])
    package, number = _source(work, command)
    keep_package(work, package)
    shas = {path: sha_of(content) for path, content in package.files.items()}
    files = {path: Kept(sha, str(work.actor.id), work.actor.name, work.now) for path, sha in shas.items()}
    before = place.draft.revision if place.draft else 0
    fresh = _fresh(work, command.process, before)
    begun = {
        "state": "draft",
        "base": package.digest,
        "number": number,
        "begun": before + 1,
        "files": listed(files),
        "note": command.note,
        **_saved(work),
    }
    if place.draft is None:
        work.tx.insert("draft", {**fresh._asdict(), **begun, "revision": before})
    revision = move(work, place.draft or fresh, "begun", dict(shas), **{**_CLEAR, **begun})
    work.note(
        f"process:{command.process}", "draft-begun", revision=revision, base=package.digest, number=number
    )
    return {"process": command.process, "revision": revision}


_CLEAR: dict[str, Any] = {"asked_by": None, "asked_name": "", "returned": "", "returned_name": ""}


def _fresh(work: Work, process: str, revision: int) -> DraftRow:
    return DraftRow(
        process, revision, "draft", "", None, 1, "{}", "", None, "", "", "", str(work.actor.id), "", work.now
    )


def _source(work: Work, command: BeginDraft) -> tuple[Package, int | None]:
    """The package to begin from, and the number of the version that it is."""
    if command.archive is None:
        sql = "SELECT max(number) FROM version WHERE process = ? AND digest = ?"
        number = work.tx.rows(sql, command.process, command.source)[0][0]
        if number is None:
            raise NotFound(kind="version", id=command.source)
        return work.office.packages.at(command.source, work.tx.session), number
    package = unpack(command.process, command.archive)
    for path, content in package.files.items():
        try:
            require_path(command.process, path)
        except CommandInvalid:
            raise PackageBroken(process=command.process, reason="path-unknown", path=path[:200]) from None
        require_size(path, content)
    if not package.files or len(package.files) > MOST_FILES:
        raise PackageBroken(process=command.process, reason="files", count=len(package.files))
    sql = "SELECT max(number) FROM version WHERE process = ?"
    return package, work.tx.rows(sql, command.process)[0][0]


def _save(work: Work, command: SaveDraftFile, place: Place) -> dict[str, Any]:
    draft, files = _editable(place, command.process)
    require_path(command.process, command.path)
    require_size(command.path, command.content)
    sha, known = sha_of(command.content), files.get(command.path)
    if known is not None and known.sha == sha:
        # Saved already, maybe by this very request whose answer was lost on the way.
        return _told(command.process, command.path, sha, draft.revision, known.at.isoformat())
    _require_seen(draft, files, command.path, command.seen)
    return _put(work, draft, files, {command.path: command.content})


def _add(work: Work, command: AddDraftFiles, place: Place) -> dict[str, Any]:
    draft, files = _editable(place, command.process)
    added = {path: content for path, content in command.files.items() if path not in files}
    for path, content in added.items():
        require_path(command.process, path)
        require_size(path, content)
    if not added:
        return _told(command.process, "", "", draft.revision, draft.saved_at.isoformat())
    return _put(work, draft, files, added)


def _put(work: Work, draft: DraftRow, files: dict[str, Kept], added: Mapping[str, bytes]) -> dict[str, Any]:
    shas = {path: sha_of(content) for path, content in added.items()}
    contents = {shas[path]: content for path, content in added.items()}
    for sha, content in contents.items():
        if not work.tx.rows("SELECT 1 FROM blob WHERE sha = ?", sha):
            work.tx.insert("blob", {"sha": sha, "content": content})
    for path, sha in shas.items():
        files[path] = Kept(sha, str(work.actor.id), work.actor.name, work.now)
    if len(files) > MOST_FILES:
        raise PackageBroken(process=draft.process, reason="files", count=len(files))
    revision = move(work, draft, "saved", dict(shas), files=listed(files), step_note="", **_saved(work))
    work.note(f"process:{draft.process}", "draft-saved", revision=revision, files=shas)
    path, sha = next(iter(shas.items()))
    return _told(draft.process, path, sha, revision, work.now.isoformat())


def _remove(work: Work, command: RemoveDraftFile, place: Place) -> dict[str, Any]:
    draft, files = _editable(place, command.process)
    if command.path not in files:
        raise NotFound(kind="file", id=command.path)
    _require_seen(draft, files, command.path, command.seen)
    del files[command.path]
    gone = {command.path: None}
    revision = move(work, draft, "removed", gone, files=listed(files), step_note="", **_saved(work))
    work.note(f"process:{command.process}", "draft-file-removed", revision=revision, path=command.path)
    return _told(command.process, command.path, "", revision, work.now.isoformat())


def _drop(work: Work, command: DropDraft, place: Place) -> dict[str, Any]:
    draft = open_draft(place, command.process)
    if draft.revision != command.revision:
        raise stale_draft(draft)
    revision = move(work, draft, "dropped", {}, state="dropped", step_note="")
    work.note(f"process:{command.process}", "draft-dropped", revision=revision)
    return {"process": command.process, "revision": revision}


def _restore(work: Work, command: RestoreDraft, place: Place) -> dict[str, Any]:
    if (draft := place.draft) is None:
        raise NotFound(kind="draft", id=command.process)
    if draft.state == "review":
        raise DraftInReview(process=command.process, by=draft.asked_name)
    if draft.open and not command.revision:
        raise DraftOpen(process=command.process, by=draft.saved_name, at=draft.saved_at.isoformat())
    steps = work.tx.all(DraftStepRow, "draft_step", "process = ? ORDER BY revision", command.process)
    base, shas = state_at(steps, command.revision or draft.revision)
    files = {path: _earlier(work, draft, path, sha) for path, sha in shas.items()}
    gone: dict[str, str | None] = dict.fromkeys(set(kept_files(draft)) - set(files))
    values = {
        "state": "draft",
        "base": base,
        "files": listed(files),
        "step_note": "",
        **_CLEAR,
        **_saved(work),
    }
    if not draft.open:
        values["begun"] = _begun(steps, command.revision or draft.revision)
    revision = move(work, draft, "restored", {**gone, **shas}, **values)
    work.note(f"process:{command.process}", "draft-restored", revision=revision, of=command.revision)
    return {"process": command.process, "revision": revision}


def _begun(steps: list[DraftStepRow], revision: int) -> int:
    """At which revision the draft began that had this one: all who worked on it since then count as its makers."""
    return max((one.revision for one in steps if one.kind == "begun" and one.revision <= revision), default=1)


def _earlier(work: Work, draft: DraftRow, path: str, sha: str) -> Kept:
    known = kept_files(draft).get(path)
    mine = Kept(sha, str(work.actor.id), work.actor.name, work.now)
    return known if known is not None and known.sha == sha else mine


def _editable(place: Place, process: str) -> tuple[DraftRow, dict[str, Kept]]:
    draft = open_draft(place, process)
    if draft.state == "review":
        raise DraftInReview(process=process, by=draft.asked_name)
    return draft, kept_files(draft)


def _require_seen(draft: DraftRow, files: Mapping[str, Kept], path: str, seen: str) -> None:
    """Stale where the file is not as the editor saw it: `by` and `at` say who changed it, `sha` what it is now."""
    known = files.get(path)
    now = known.sha if known else ""
    if now == seen:
        return
    by, at = (known.by_name, known.at) if known else (draft.saved_name, draft.saved_at)
    raise Stale(process=draft.process, kind="file", path=path, sha=now, by=by, at=at.isoformat())


def _saved(work: Work) -> dict[str, Any]:
    return {"saved_by": str(work.actor.id), "saved_name": work.actor.name, "saved_at": work.now}


def _told(process: str, path: str, sha: str, revision: int, at: str) -> dict[str, Any]:
    return {"process": process, "path": path, "sha": sha, "revision": revision, "at": at}


VERBS: dict[type[Command], Verb[Any, Any]] = {
    BeginDraft: Verb(_find_begin, _begin),
    SaveDraftFile: Verb(find_draft("draft"), _save),
    AddDraftFiles: Verb(find_draft("draft"), _add),
    RemoveDraftFile: Verb(find_draft("draft"), _remove),
    DropDraft: Verb(find_draft("draft"), _drop),
    RestoreDraft: Verb(find_draft("draft"), _restore),
}
