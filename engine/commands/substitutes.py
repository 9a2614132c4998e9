"""Substitutes (代理): for some days, what one account may do another may do for it; the journal says for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.accounts import OBJECT
from engine.commands.frame import Command, Right, Verb
from engine.commands.people import actor_of
from engine.errors import CommandInvalid, NotFound

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.commands.frame import Work

#: Longer absences are a change of grants.
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class SetSubstitute(Command):
    """From one day to another (ISO text, both included) `account` stands in for `absent`, in one role or all ("").

    Everybody may name the own substitute; for others it takes the right to manage the office.
    """

    absent: str
    account: str
    valid_from: str
    valid_to: str
    role: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndSubstitute(Command):
    """The absent person is back: from today on the substitute has no more of those rights."""

    substitute: str


class SubstituteRow(NamedTuple):
    """Who stands in for whom."""

    id: str
    absent: str
    absent_name: str
    account: str
    role: str
    valid_from: str
    valid_to: str


class _People(NamedTuple):
    absent: Actor
    account: Actor


def _right(work: Work, absent: str) -> Right:
    return Right("substitute" if absent == work.actor.id else "manage", OBJECT, None)


def _find_people(work: Work, command: SetSubstitute) -> tuple[Right, _People]:
    today = work.now.date()
    reader = work.tx.session
    people = _People(actor_of(reader, command.absent, today), actor_of(reader, command.account, today))
    return _right(work, command.absent), people


def _set(work: Work, command: SetSubstitute, people: _People) -> dict[str, Any]:
    if command.absent == command.account:
        raise CommandInvalid(reason="substitute-self")
    try:
        first, last = date.fromisoformat(command.valid_from), date.fromisoformat(command.valid_to)
    except ValueError:
        raise CommandInvalid(reason="substitute-days") from None
    if last < first or last < work.now.date() or (last - first).days > LONGEST_DAYS:
        raise CommandInvalid(reason="substitute-days")
    if command.role and all(g.role != command.role or g.whose for g in people.absent.grants):
        raise CommandInvalid(reason="substitute-role", role=command.role)
    row = {
        "absent": command.absent,
        "absent_name": people.absent.name,
        "account": command.account,
        "role": command.role,
        "valid_from": first.isoformat(),
        "valid_to": last.isoformat(),
        "reason": command.reason,
    }
    work.tx.insert("substitute", {"id": command.id, **row, "set_by": work.actor.id, "set_at": work.now})
    work.note(f"account:{command.absent}", "substitute-set", substitute=command.id, **row)
    return {"substitute": command.id}


def _find_substitute(work: Work, command: EndSubstitute) -> tuple[Right, SubstituteRow]:
    row = work.tx.one(SubstituteRow, "substitute", "id = ?", command.substitute, lock=True)
    if row is None:
        raise NotFound(kind="substitute", id=command.substitute)
    return _right(work, row.absent), row


def _end(work: Work, command: EndSubstitute, row: SubstituteRow) -> dict[str, Any]:
    work.tx.delete("substitute", (row.id,))
    work.note(f"account:{row.absent}", "substitute-ended", **row._asdict())
    return {"substitute": command.substitute}


VERBS = {SetSubstitute: Verb(_find_people, _set), EndSubstitute: Verb(_find_substitute, _end)}
