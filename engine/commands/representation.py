"""Who acts for whom before the office: a guardian for a child, somebody entrusted for an adult; declared, confirmed, ended.

Whoever declares a child's account is its guardian from that moment, and sees only what they entered there; the window
confirms the guardianship when it has seen the papers. On the day the child is of age the right ends by itself. What a
representative does is done `on_behalf` in the journal, both accounts named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.codes import add_account
from engine.commands.frame import Command, Right, Verb
from engine.commands.people import actor_of
from engine.commands.profiles import LONGEST_NAME
from engine.errors import CommandInvalid, NotFound, NotOffered

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.commands.frame import Work

_OBJECT = "office"
#: Civil Code, article 17: of age at eighteen.
OF_AGE = 18
#: More wards than that is a matter for the window.
MOST = 10
LONGEST_BASIS = 200
#: A letter of authority does not hold longer than that.
LONGEST = timedelta(days=366)
GUARDIAN, ENTRUSTED = "guardian", "entrusted"
DECLARED, CONFIRMED, ENDED = "declared", "confirmed", "ended"


@dataclass(frozen=True, slots=True)
class AddWard(Command):
    """The actor is the guardian of a child, who gets an account of the id `account`; `basis` says by what right."""

    account: str
    name: str
    born_on: str
    basis: str


@dataclass(frozen=True, slots=True)
class Entrust(Command):
    """Somebody else may act for the actor from one day to another (ISO, both included)."""

    account: str
    valid_from: str
    valid_to: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmRepresentation(Command):
    """An office has seen the papers: household register, birth certificate, decision of a court."""

    representation: str
    papers: str


@dataclass(frozen=True, slots=True)
class EndRepresentation(Command):
    """It is over, at the wish of either side or of the office; what was done stays done."""

    representation: str
    reason: str = ""


class RepresentationRow(NamedTuple):
    """Who acts for whom."""

    id: str
    represented: str
    representative: str
    kind: str
    state: str


def last_day_of_childhood(born_on: date) -> date:
    """The day before the eighteenth birthday; who was born on 29 February is of age on 1 March."""
    try:
        of_age = born_on.replace(year=born_on.year + OF_AGE)
    except ValueError:
        of_age = date(born_on.year + OF_AGE, 3, 1)
    return of_age - timedelta(days=1)


def _self(work: Work) -> str:
    if work.actor.id is None:
        raise CommandInvalid(reason="no-account")
    return work.actor.id


def _find_guardian(work: Work, _: AddWard) -> tuple[Right, list[RepresentationRow]]:
    where = "representative = ? AND state <> 'ended'"
    return Right("own-account", _OBJECT, None), work.tx.all(
        RepresentationRow, "representation", where, _self(work)
    )


def _add_ward(work: Work, command: AddWard, known: list[RepresentationRow]) -> dict[str, Any]:
    today = work.now.date()
    name, basis = command.name.strip(), command.basis.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise CommandInvalid(reason="name")
    if not basis or len(basis) > LONGEST_BASIS:
        raise CommandInvalid(reason="basis")
    born_on = _day(command.born_on)
    if born_on > today or last_day_of_childhood(born_on) < today:
        raise CommandInvalid(reason="not-a-child")
    if len(known) >= MOST:
        raise NotOffered(verb="add-ward", reason="too-many")
    add_account(work, command.account, name=name, born_on=born_on.isoformat())
    until = last_day_of_childhood(born_on).isoformat()
    _insert(work, command.account, _self(work), GUARDIAN, basis, (today.isoformat(), until), DECLARED)
    return {"account": command.account, "representation": command.id}


def _find_entrusted(work: Work, command: Entrust) -> tuple[Right, Actor]:
    return Right("own-account", _OBJECT, None), actor_of(work.tx.session, command.account, work.now.date())


def _entrust(work: Work, command: Entrust, to: Actor) -> dict[str, Any]:
    first, last = _day(command.valid_from), _day(command.valid_to)
    if last < first or last < work.now.date() or last - first > LONGEST or len(command.basis) > LONGEST_BASIS:
        raise CommandInvalid(reason="representation-days")
    if to.id == work.actor.id or to.id in work.actor.represents:
        raise CommandInvalid(reason="representation-self")
    if to.grants:
        raise NotOffered(verb="entrust", reason="staff")
    days = (first.isoformat(), last.isoformat())
    _insert(work, _self(work), str(to.id), ENTRUSTED, command.basis.strip(), days, CONFIRMED)
    return {"representation": command.id}


def _insert(
    work: Work, represented: str, by: str, kind: str, basis: str, days: tuple[str, str], state: str
) -> None:
    row = {
        "id": work.command.id,
        "represented": represented,
        "representative": by,
        "kind": kind,
        "basis": basis,
        "valid_from": days[0],
        "valid_to": days[1],
        "state": state,
        "declared_by": work.actor.id,
    }
    work.tx.insert("representation", {**row, "declared_at": work.now})
    work.note(f"account:{represented}", "representation-begun", representation=row)


def _read(work: Work, key: str) -> RepresentationRow:
    row = work.tx.one(RepresentationRow, "representation", "id = ?", key, lock=True)
    if row is None:
        raise NotFound(kind="representation", id=key)
    return row


def _find_declared(work: Work, command: ConfirmRepresentation) -> tuple[Right, RepresentationRow]:
    return Right("confirm-representation", _OBJECT, None), _read(work, command.representation)


def _confirm(work: Work, command: ConfirmRepresentation, row: RepresentationRow) -> dict[str, Any]:
    papers = command.papers.strip()
    if not papers or len(papers) > LONGEST_BASIS:
        raise CommandInvalid(reason="papers")
    if row.state != DECLARED or work.actor.id in (row.representative, row.represented):
        raise NotOffered(verb="confirm-representation", reason=row.state)
    seen = {"state": CONFIRMED, "confirmed_by": work.actor.id, "confirmed_at": work.now}
    work.tx.update("representation", (row.id,), seen, {"state": DECLARED})
    work.note(f"account:{row.represented}", "representation-confirmed", representation=row.id, papers=papers)
    return {"representation": row.id, "state": CONFIRMED}


def _find_ending(work: Work, command: EndRepresentation) -> tuple[Right, RepresentationRow]:
    row = _read(work, command.representation)
    own = work.actor.id in (row.represented, row.representative)
    return Right("own-account" if own else "confirm-representation", _OBJECT, None), row


def _end(work: Work, command: EndRepresentation, row: RepresentationRow) -> dict[str, Any]:
    if row.state != ENDED:
        ended = {"state": ENDED, "ended_at": work.now}
        work.tx.update("representation", (row.id,), ended, {"state": row.state})
        reason = command.reason[:LONGEST_BASIS]
        work.note(f"account:{row.represented}", "representation-ended", representation=row.id, reason=reason)
    return {"representation": row.id, "state": ENDED}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandInvalid(reason="date") from None


VERBS = {
    AddWard: Verb(_find_guardian, _add_ward),
    Entrust: Verb(_find_entrusted, _entrust),
    ConfirmRepresentation: Verb(_find_declared, _confirm),
    EndRepresentation: Verb(_find_ending, _end),
}
