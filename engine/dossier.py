"""One dossier per person, household or organisation (一人一档): facts that cases leave behind for later cases.

A fact has a kind (`aid`), the day it happened on, the subjects it is about (identity numbers, credit codes) and data
that only models interpret. Facts are added, never changed; what they mean is for a decision table to say.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import CommandInvalid
from engine.store.exact import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.commands.frame import Work

#: Subjects that one fact may have, or one question may ask about; a household is far below.
_MOST_SUBJECTS = 200
#: Facts that one question may be answered with.
_MOST_FACTS = 1000


def record(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add a fact {kind, subjects, on, data}; without subjects it is about a person not yet known."""
    kind, subjects, on = _kind(given), _subjects(given), _day(given, "on")
    data = given.get("data")
    if not isinstance(data, dict):
        raise CommandInvalid(reason="dossier-data", case=case)
    area = work.tx.rows("SELECT area FROM cases WHERE id = ?", case)
    entry = f"{case}.f{_count(work, case) + 1}"
    work.tx.insert(
        "fact",
        {
            "id": entry,
            "kind": kind,
            "case_id": case,
            "happened_on": on.isoformat(),
            "area": area[0][0] if area else "",
            "body": pack(data),
            "recorded_at": work.now,
        },
    )
    for subject in subjects:
        work.tx.insert(
            "fact_subject", {"subject": subject, "kind": kind, "happened_on": on.isoformat(), "fact": entry}
        )
    return {"ok": True, "entry": entry}


def find(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a kind about any of the subjects, of other cases, on or after `since`: {entries}, earliest first."""
    kind, subjects, since = _kind(given), _subjects(given), _day(given, "since")
    if not subjects:
        return {"entries": []}
    marks = ", ".join("?" * len(subjects))
    rows = work.tx.rows(
        "SELECT id, case_id, happened_on, area, body FROM fact WHERE case_id <> ? AND id IN"  # noqa: S608 - only marks
        f" (SELECT fact FROM fact_subject WHERE kind = ? AND happened_on >= ? AND subject IN ({marks}))"
        " ORDER BY happened_on, id LIMIT ?",
        case,
        kind,
        since.isoformat(),
        *subjects,
        _MOST_FACTS,
    )
    return {"entries": [_told(*row) for row in rows]}


def _told(entry: str, case: str, on: str, area: str, body: str) -> dict[str, Any]:
    return {**unpack(body), "entry": entry, "case": case, "on": date.fromisoformat(on), "area": area}


def _count(work: Work, case: str) -> int:
    """Facts of this case so far, those of the running command included."""
    stored = work.tx.rows("SELECT count(*) FROM fact WHERE case_id = ?", case)[0][0]
    pending = work.tx.writes.get("fact", {})
    mine = [change for change in pending.values() if change.values.get("case_id") == case]
    return int(stored) + len(mine)


def _kind(given: Mapping[str, Any]) -> str:
    kind = given.get("kind")
    if not isinstance(kind, str) or not kind:
        raise CommandInvalid(reason="dossier-kind")
    return kind


def _subjects(given: Mapping[str, Any]) -> Sequence[str]:
    subjects = given.get("subjects") or []
    if not isinstance(subjects, list) or len(subjects) > _MOST_SUBJECTS:
        raise CommandInvalid(reason="dossier-subjects")
    return list(dict.fromkeys(str(one) for one in subjects if one))


def _day(given: Mapping[str, Any], name: str) -> date:
    day = given.get(name)
    if isinstance(day, datetime) or not isinstance(day, date):
        raise CommandInvalid(reason=f"dossier-{name}")
    return day


OPERATIONS = {"dossier.record": record, "dossier.find": find}
