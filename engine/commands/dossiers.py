"""Closed cases go to the archive: who did so and when stands in the journal, and so does what the file was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import ENGINE_ONLY, Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.errors import CommandInvalid, Conflict

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

#: How long a dossier is kept: for ever, or so many years (国家档案局令第8号: 10 or 30; adoption: 100).
RETENTION = re.compile(r"permanent|[1-9][0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class ArchiveCase(Command):
    """A closed case is put into one file for the archive."""

    case: str
    retention: str = "30"


@dataclass(frozen=True, slots=True)
class KeepDossier(Command):
    """The file lies in the vault."""

    case: str
    sha256: str
    size: int
    #: Hash of the manifest, which is signed; the file may be packed differently, the manifest may not.
    manifest: str


def _find(work: Work, command: ArchiveCase) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("archive", case.process, case.area), case


def _find_kept(work: Work, command: KeepDossier) -> tuple[Right, CaseRow]:
    return ENGINE_ONLY, read_case(work, command.case)


def _archive(work: Work, command: ArchiveCase, case: CaseRow) -> dict[str, Any]:
    if not RETENTION.fullmatch(command.retention):
        raise CommandInvalid(reason="retention")
    if case.state == "open":
        raise Conflict("case-open", case=case.id)
    waiting = work.tx.rows("SELECT count(*) FROM outbox WHERE case_id = ? AND state = 'open'", case.id)[0][0]
    if waiting:
        raise Conflict("case-open", case=case.id, messages=waiting)
    Moving(work, case).record.close("archived", retention=command.retention)
    return {
        "case": case.id,
        "retention": command.retention,
        "at": work.now.isoformat(),
        "entries": case.journal_seq + 1,
    }


def _keep(work: Work, command: KeepDossier, case: CaseRow) -> dict[str, Any]:
    facts: dict[str, Any] = {"sha256": command.sha256, "size": command.size, "manifest": command.manifest}
    Moving(work, case).record.close("kept-dossier", **facts)
    return {"case": case.id, **facts}


VERBS = {ArchiveCase: Verb(_find, _archive), KeepDossier: Verb(_find_kept, _keep)}
