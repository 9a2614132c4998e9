"""One dossier per person, household or organisation (一人一档): facts that cases leave behind for later cases.

A fact has a kind (`aid`), the day it happened on, the subjects it is about (identity numbers, credit codes) and data
that only models interpret. Facts are added, never changed; what they mean is for a decision table to say.

A claim is a fact that is about to come true (aid that was decided and not yet paid). It is refused where it would break
a limit on its subjects, whichever office made the others: whoever claims for the same subject waits until the first is
through. A claim ends by a fact that replaces it, or by its release; both are facts too (`<kind>.released`).
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.errors import CommandInvalid
from engine.secrecy import hidden_from
from engine.store.exact import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from engine.commands.frame import Work

#: Subjects that one fact may have, or one question may ask about; a household is far below.
_MOST_SUBJECTS = 200
#: Facts that one question may be answered with.
_MOST_FACTS = 1000
#: Facts that one list may have; more are a fault to be seen, never a list cut short.
_MOST_LISTED = 20_000
_RELEASED = ".released"
_EVER = date(1, 1, 1)


def record(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add a fact {kind, subjects, on, data}; without subjects it is about a person not yet known.

    `replaces` names the claim that has come true with it.
    """
    kind, subjects, on = _kind(given), _subjects(given), _day(given, "on")
    entry = _add(work, case, kind, subjects, on, _data(given))
    if given.get("replaces") is not None:
        _add(work, case, kind + _RELEASED, subjects, on, {"of": str(given["replaces"])})
    return {"ok": True, "entry": entry}


def claim(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add a fact {kind, subjects, on, data} unless it breaks one of `limits`.

    A limit {name, since, where, sum, most} looks at the facts and open claims of all cases about any of the subjects on
    or after `since` whose data equal `where`: with this one they may be `most` at the most, counted, or summed over the
    number that `sum` names. The answer's `ok` is false, and `broken` and `entries` say why, when one is broken.
    """
    kind, subjects, on, data = _kind(given), _subjects(given), _day(given, "on"), _data(given)
    for subject in sorted(subjects):
        # The counter's row is held until this command is through; others about the same subject wait here.
        work.tx.next_number(f"dossier:{hashlib.sha256(subject.encode()).hexdigest()}")
    known = _facts(work, case, kind, subjects, _EVER)
    for limit in given.get("limits") or []:
        counted = [one for one in known if one["on"] >= _day(limit, "since") and _fits(one, limit)]
        total = _measure(limit, [*counted, data])
        if total > Decimal(str(limit["most"])):
            broken = {"name": str(limit.get("name")), "total": total, "most": limit["most"]}
            return {"ok": False, "entry": None, "broken": broken, "entries": counted}
    entry = _add(work, case, kind, subjects, on, {**data, "claimed": True, "claimed_for": subjects})
    return {"ok": True, "entry": entry, "broken": None, "entries": []}


def release(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give up the case's claims of a kind that have not come true, or only the one named by `entry`."""
    kind = _kind(given)
    mine = {entry: body for entry, of, body in _own(work, case) if of == kind and body.get("claimed")}
    over = {body.get("of") for _, of, body in _own(work, case) if of == kind + _RELEASED}
    wanted = [str(given["entry"])] if given.get("entry") is not None else list(mine)
    ended = [entry for entry in wanted if entry in mine and entry not in over]
    for entry in ended:
        _add(work, case, kind + _RELEASED, mine[entry]["claimed_for"], work.now.date(), {"of": entry})
    return {"ok": True, "released": ended}


def _fits(fact: Mapping[str, Any], limit: Mapping[str, Any]) -> bool:
    return all(fact.get(name) == value for name, value in (limit.get("where") or {}).items())


def _measure(limit: Mapping[str, Any], facts: Sequence[Mapping[str, Any]]) -> Decimal:
    if limit.get("sum") is None:
        return Decimal(len(facts))
    return sum((Decimal(str(one.get(limit["sum"]) or 0)) for one in facts), Decimal(0))


def _add(work: Work, case: str, kind: str, subjects: Iterable[str], on: date, data: Mapping[str, Any]) -> str:
    area = work.tx.rows("SELECT area FROM cases WHERE id = ?", case)
    entry = f"{case}.f{len(_own(work, case)) + 1}"
    work.tx.insert(
        "fact",
        {
            "id": entry,
            "kind": kind,
            "case_id": case,
            "happened_on": on.isoformat(),
            "area": area[0][0] if area else "",
            "body": pack(dict(data)),
            "recorded_at": work.now,
        },
    )
    for subject in subjects:
        work.tx.insert(
            "fact_subject", {"subject": subject, "kind": kind, "happened_on": on.isoformat(), "fact": entry}
        )
    return entry


def find(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a kind about any of the subjects, of other cases, on or after `since`: {entries}, earliest first."""
    kind, subjects, since = _kind(given), _subjects(given), _day(given, "since")
    return {"entries": [one for one in _facts(work, case, kind, subjects, since) if one["case"] != case]}


def listed(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a kind of an area and all below it between two days, both included: {entries}, earliest first."""
    kind, area, first, last = _kind(given), given.get("area"), _day(given, "from"), _day(given, "to")
    if not isinstance(area, str) or not area.isdigit():
        raise CommandInvalid(reason="dossier-area")
    rows = work.tx.rows(
        "SELECT id, kind, case_id, happened_on, area, body FROM fact WHERE kind IN (?, ?)"
        " AND happened_on BETWEEN ? AND ? AND area LIKE ? ORDER BY happened_on, id LIMIT ?",
        kind,
        kind + _RELEASED,
        first.isoformat(),
        last.isoformat(),
        f"{area}%",
        _MOST_LISTED + 1,
    )
    if len(rows) > _MOST_LISTED:
        raise CommandInvalid(reason="dossier-too-many", area=area)
    return {"entries": _standing(kind, _open_to(work, case, rows))}


def _open_to(work: Work, case: str, rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """Those of the rows that the asking case may know of."""
    every = list(rows)
    hidden = {
        other for other in {row[2] for row in every} if hidden_from(work.tx, work.policies, case, other)
    }
    return [row for row in every if row[2] not in hidden]


def _facts(work: Work, case: str, kind: str, subjects: Sequence[str], since: date) -> list[dict[str, Any]]:
    """What stands of a kind about any of the subjects: facts and open claims, one each even if several subjects match."""
    if not subjects:
        return []
    marks = ", ".join("?" * len(subjects))
    rows = work.tx.rows(
        "SELECT id, kind, case_id, happened_on, area, body FROM fact WHERE id IN"  # noqa: S608 - only marks
        f" (SELECT fact FROM fact_subject WHERE kind IN (?, ?) AND happened_on >= ? AND subject IN ({marks}))"
        " ORDER BY happened_on, id LIMIT ?",
        kind,
        kind + _RELEASED,
        since.isoformat(),
        *subjects,
        _MOST_FACTS,
    )
    return _standing(kind, _open_to(work, case, [*rows, *_pending(work, subjects)]))


def _pending(work: Work, subjects: Collection[str]) -> list[tuple[str, str, str, str, str, str]]:
    """Facts about any of the subjects that the running command has added, as rows."""
    mine = {entry for subject, _, _, entry in work.tx.writes.get("fact_subject", {}) if subject in subjects}
    names = ("id", "kind", "case_id", "happened_on", "area", "body")
    rows = [change.values for key, change in work.tx.writes.get("fact", {}).items() if key[0] in mine]
    return [tuple(row[name] for name in names) for row in rows]


def _standing(kind: str, rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """The rows of the kind itself, without what was released or replaced."""
    told = [(row[1], _told(row[0], *row[2:])) for row in rows]
    over = {fact.get("of") for of, fact in told if of != kind}
    return [fact for of, fact in told if of == kind and fact["entry"] not in over]


def _own(work: Work, case: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The case's facts so far, those of the running command included: (entry, kind, data)."""
    stored = work.tx.rows("SELECT id, kind, body FROM fact WHERE case_id = ?", case)
    pending = [change.values for change in work.tx.writes.get("fact", {}).values()]
    mine = [(row["id"], row["kind"], row["body"]) for row in pending if row.get("case_id") == case]
    return [(entry, kind, unpack(body)) for entry, kind, body in [*stored, *mine]]


def _told(entry: str, case: str, on: str, area: str, body: str) -> dict[str, Any]:
    data = {name: value for name, value in unpack(body).items() if name != "claimed_for"}
    return {**data, "entry": entry, "case": case, "on": date.fromisoformat(on), "area": area}


def _data(given: Mapping[str, Any]) -> dict[str, Any]:
    data = given.get("data")
    if not isinstance(data, dict):
        raise CommandInvalid(reason="dossier-data")
    return data


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


OPERATIONS = {
    "dossier.record": record,
    "dossier.claim": claim,
    "dossier.release": release,
    "dossier.find": find,
    "dossier.list": listed,
}
