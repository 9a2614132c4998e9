"""Materials: files that people hand in. Their bytes lie in the vault before the command that adds them is given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AddMaterial(Command):
    """A file of `size` bytes with that hash belongs to the case from now on; `field` is the form field it answers."""

    case: str
    name: str
    sha256: str
    size: int
    media_type: str
    field: str | None = None


def _find(work: Work, command: AddMaterial) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("see", case.process, case.area, case.owner), case


def _add(work: Work, command: AddMaterial, case: CaseRow) -> dict[str, Any]:
    if not _SHA256.fullmatch(command.sha256) or command.size < 0 or not command.name:
        raise CommandInvalid(reason="material")
    moving = Moving(work, case)
    moving.require_open()
    key = f"{case.id}.m{case.revision + 1}"
    work.tx.insert(
        "material",
        {
            "id": key,
            "case_id": case.id,
            "name": command.name,
            "field": command.field,
            "sha256": command.sha256,
            "size": command.size,
            "media_type": command.media_type,
            "added_by": work.actor.id,
            "added_at": work.now,
        },
    )
    moving.record.close("material", material=key, name=command.name, sha256=command.sha256)
    return {"case": case.id, "material": key}


VERBS = {AddMaterial: Verb(_find, _add)}
