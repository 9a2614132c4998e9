"""Dossiers of persons and households (一人一档, 一户一档): every case and fact about them that the asker may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.queries.cases import all_rows
from engine.queries.cases import case as read_case
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.access import Access, Actor
    from engine.store.session import Reader, Store

_MOST = 100
_RELEASED = ".released"


class SubjectCase(NamedTuple):
    """A case about somebody."""

    id: str
    process: str
    package: str
    area: str
    applicant: str | None
    title: str
    state: str
    submitted_at: datetime


class Fact(NamedTuple):
    """What a case left behind about somebody: kind, day, and its data."""

    id: str
    kind: str
    case_id: str
    happened_on: str
    data: Mapping[str, Any]


@dataclass(slots=True)
class Dossier:
    """One person: number, name as the cases have it, cases (the asked one left out) and facts, latest first."""

    subject: str
    name: str
    cases: list[SubjectCase] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


def dossiers(store: Store, access: Access, actor: Actor, number: str) -> list[Dossier]:
    """Everybody a case is about, each with the other cases and the facts that the actor may see."""
    read_case(store, access, actor, number)
    with store.reading() as reader:
        people = reader.rows(
            "SELECT subject, name FROM case_subject WHERE case_id = ? ORDER BY name = '', subject LIMIT ?",
            (number, _MOST),
        )
        return [_dossier(reader, access, actor, number, subject, name) for subject, name in people]


def _dossier(reader: Reader, access: Access, actor: Actor, number: str, subject: str, name: str) -> Dossier:
    cases = [one for one in _cases(reader, access, actor, subject) if one.id != number]
    return Dossier(subject, name, cases, _facts(reader, access, actor, subject))


def _cases(reader: Reader, access: Access, actor: Actor, subject: str) -> list[SubjectCase]:
    where = "id IN (SELECT case_id FROM case_subject WHERE subject = ?) ORDER BY submitted_at DESC, id DESC LIMIT ?"
    found = all_rows(reader, SubjectCase, "cases", where, subject, _MOST)
    return [one for one in found if _sees(access, actor, one)]


def _sees(access: Access, actor: Actor, one: SubjectCase) -> bool:
    owner = (one.applicant or "", f"case:{one.id}")
    return access.may(actor, "see", one.process, one.area, owner)


def _facts(reader: Reader, access: Access, actor: Actor, subject: str) -> list[Fact]:
    """Facts of cases that the actor may see; what was released or replaced is left out."""
    rows = reader.rows(
        "SELECT id, kind, case_id, happened_on, body FROM fact WHERE id IN"
        " (SELECT fact FROM fact_subject WHERE subject = ?) ORDER BY happened_on DESC, id DESC LIMIT ?",
        (subject, _MOST),
    )
    told = [Fact._make((*row[:4], unpack(row[4]))) for row in rows]
    over = {one.data.get("of") for one in told if one.kind.endswith(_RELEASED)}
    seen: dict[str, bool] = {}
    for number in {one.case_id for one in told}:
        found = all_rows(reader, SubjectCase, "cases", "id = ?", number)
        seen[number] = bool(found) and _sees(access, actor, found[0])
    return [
        one for one in told if seen[one.case_id] and not one.kind.endswith(_RELEASED) and one.id not in over
    ]
