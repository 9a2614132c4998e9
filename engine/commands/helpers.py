"""Who acts for the applicant: a relative, a guardian or a worker, with the consent that was given.

Both names stay: the applicant's in the form, the helper's with the case (`case.helper` for models and papers) and in
its journal. An account's lasting representatives are another thing (`representation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.commands.frame import Command, Right, Verb
from engine.commands.moving import Moving, read_case
from engine.errors import CommandInvalid
from engine.store.exact import plain

if TYPE_CHECKING:
    from engine.commands.frame import Work
    from engine.store.rows import CaseRow

RELATIONS = ("relative", "guardian", "worker", "other")
#: How the person agreed: standing by, by telephone, in writing; a guardian acts by law.
CONSENTS = ("present", "telephone", "written", "by-law")
#: `account`: the applicant's, where the helper is a lasting representative of theirs.
_KNOWN = frozenset({"name", "relation", "consent", "phone", "unit", "account"})
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class RecordHelper(Command):
    """From now on somebody acts for the applicant of a running case; `helper` as in `helper_text`."""

    case: str
    helper: Mapping[str, Any] = field(default_factory=dict)


def helper_text(given: Any) -> str:
    """The canonical JSON of {name, relation, consent, phone?, unit?}; CommandInvalid if it does not say who and by which consent."""
    if not isinstance(given, Mapping) or set(given) - _KNOWN:
        raise CommandInvalid(reason="helper")
    clean = {name: str(value).strip() for name, value in given.items() if value and str(value).strip()}
    if any(len(value) > _LONGEST for value in clean.values()) or not clean.get("name"):
        raise CommandInvalid(reason="helper-name")
    if clean.get("relation") not in RELATIONS or clean.get("consent") not in CONSENTS:
        raise CommandInvalid(reason="helper-consent")
    if clean["consent"] == "by-law" and clean["relation"] != "guardian":
        raise CommandInvalid(reason="helper-consent")
    return plain(clean)


def _find(work: Work, command: RecordHelper) -> tuple[Right, CaseRow]:
    case = read_case(work, command.case)
    return Right("see", case.process, case.area, case.owner), case


def _record(work: Work, command: RecordHelper, case: CaseRow) -> dict[str, Any]:
    moving = Moving(work, case)
    moving.require_open()
    text = helper_text(command.helper)
    moving.record.change_case(helper=text)
    moving.record.close("helper", **dict(command.helper))
    return {"case": case.id}


VERBS = {RecordHelper: Verb(_find, _record)}
