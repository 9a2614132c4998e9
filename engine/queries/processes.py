"""Processes in work: their drafts, versions, what became of them, and how many cases each version still has.

A process in work is for those who make it (`sees`); what tells that there are cases takes an actor, and knowledge of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from engine.drafts import contents, kept_files, sha_of
from engine.errors import Forbidden, NotFound
from engine.secrecy import KNOW
from engine.store.rows import DraftRow, DraftStepRow, ProcessRow, TrialRow, VersionRow

if TYPE_CHECKING:
    from engine.access import Access, Actor
    from engine.drafts import Kept
    from engine.package import Packages
    from engine.store.session import Reader

R = TypeVar("R", bound=NamedTuple)
#: Rights of which each lets its holder see a process in work.
SIGHT: Final = ("draft", "publish", "migrate")


@dataclass(frozen=True, slots=True)
class ProcessView:
    """One process as the library shows it."""

    name: str
    draft: DraftRow | None
    versions: tuple[VersionRow, ...]
    row: ProcessRow | None
    #: Open cases by the digest that they stand on; None until somebody asks who may know of them (`counted`).
    cases: dict[str, int] | None = None

    @property
    def latest(self) -> VersionRow | None:
        """The version that new cases get; None for a process that was never published."""
        return self.versions[0] if self.versions else None

    @property
    def working(self) -> DraftRow | None:
        """The draft, if there is one now."""
        return self.draft if self.draft is not None and self.draft.open else None

    @property
    def retired(self) -> bool:
        """Whether it takes no new cases any more."""
        return self.row is not None and self.row.state == "retired"

    @property
    def state(self) -> str:
        """Draft | review | published | retired | dropped: what an analyst needs to know first."""
        if self.working is not None:
            return self.working.state
        if self.retired:
            return "retired"
        return "published" if self.versions else "dropped"

    def of_version(self, digest: str) -> VersionRow | None:
        """The newest number that the package had."""
        return next((one for one in self.versions if one.digest == digest), None)


def process_view(reader: Reader, process: str) -> ProcessView:
    """The process; NotFound if it was neither published nor begun."""
    where = "process = ? ORDER BY number DESC"
    versions = tuple(_all(reader, VersionRow, "version", where, process))
    draft = draft_row(reader, process)
    if not versions and draft is None:
        raise NotFound(kind="process", id=process)
    row = next(iter(_all(reader, ProcessRow, "process", "name = ?", process)), None)
    return ProcessView(process, draft, versions, row)


def process_views(reader: Reader) -> list[ProcessView]:
    """Every process, by name."""
    names = reader.rows("SELECT process FROM version UNION SELECT process FROM draft ORDER BY 1")
    return [process_view(reader, name) for (name,) in names]


def draft_row(reader: Reader, process: str) -> DraftRow | None:
    """The draft of a process, also one that was published or dropped."""
    return next(iter(_all(reader, DraftRow, "draft", "process = ?", process)), None)


def retirement(reader: Reader, process: str) -> ProcessRow | None:
    """Who retired the process, when and why; None while it takes cases."""
    where = "name = ? AND state = 'retired'"
    return next(iter(_all(reader, ProcessRow, "process", where, process)), None)


def sees(access: Access, actor: Actor, process: str) -> bool:
    """Whether the actor may see the process in work."""
    return actor.system or any(access.may(actor, action, process, None) for action in SIGHT)


def require_cases(access: Access, actor: Actor, process: str) -> None:
    """Let pass who may see the process in work and know of all its cases; Forbidden for all others."""
    if not (sees(access, actor, process) and access.knows_all(actor, process)):
        raise Forbidden(action=KNOW, object=process)


def counted(reader: Reader, access: Access, actor: Actor, view: ProcessView) -> ProcessView:
    """The process with how many open cases stand on each package, for who may know of all; as it was for others."""
    if not access.knows_all(actor, view.name):
        return view
    sql = "SELECT package, count(*) FROM cases WHERE process = ? AND state = 'open' GROUP BY package"
    return replace(view, cases={digest: int(count) for digest, count in reader.rows(sql, (view.name,))})


def draft_steps(reader: Reader, process: str) -> list[DraftStepRow]:
    """Every step that drafts of the process took, the first one first."""
    return _all(reader, DraftStepRow, "draft_step", "process = ? ORDER BY revision", process)


def hands_on(reader: Reader, draft: DraftRow) -> dict[str, str]:
    """Account -> name of everybody who changed the draft since it began."""
    steps = draft_steps(reader, draft.process)
    return {
        one.by: one.by_name
        for one in steps
        if one.by and one.revision >= draft.begun and one.kind != "returned"
    }


def trial(reader: Reader, digest: str) -> TrialRow | None:
    """What came of playing all scenarios of a package, if they were played."""
    return next(iter(_all(reader, TrialRow, "trial", "digest = ?", digest)), None)


def earlier_content(reader: Reader, packages: Packages, process: str, path: str, sha: str) -> bytes:
    """A content that the file had at some time, in a draft or a version; NotFound if it never had it."""
    found = reader.rows("SELECT content FROM blob WHERE sha = ?", (sha,))
    steps = draft_steps(reader, process)
    if found and any(f'"{sha}"' in one.files and f'"{path}"' in one.files for one in steps):
        return bytes(found[0][0])
    digests = {one.base for one in steps}
    digests |= {row[0] for row in reader.rows("SELECT digest FROM version WHERE process = ?", (process,))}
    for digest in sorted(digests):
        content = packages.at(digest, reader).files.get(path)
        if content is not None and sha_of(content) == sha:
            return content
    raise NotFound(kind="content", id=sha)


def kept_content(reader: Reader, packages: Packages, draft: DraftRow, path: str) -> tuple[bytes, Kept]:
    """One file of the draft, without reading the others; NotFound if it has no such file."""
    kept = kept_files(draft).get(path)
    if kept is None:
        raise NotFound(kind="file", id=path)
    return contents(reader, packages, draft.base, {path: kept.sha})[path], kept


def _all(reader: Reader, kind: type[R], table: str, where: str, *values: Any) -> list[R]:
    sql = f"SELECT {', '.join(kind._fields)} FROM {table} WHERE {where}"  # noqa: S608 - names from our own code
    return [kind._make(row) for row in reader.rows(sql, values)]
