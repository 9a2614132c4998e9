"""What an actor may do with a task beside completing it, and why not; copies and substitutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.core import verbs
from engine.core.state import restore
from engine.core.verbs_explain import refusal
from engine.core.verbs_offer import batchable, offered, returns_to
from engine.errors import NotFound
from engine.queries.cases import all_rows
from engine.store.followed import followed
from engine.store.rows import CaseRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from engine.access import Access, Actor
    from engine.core.definition import Definition
    from engine.core.state import State
    from engine.package import Packages
    from engine.store.session import Reader, Store


__all__ = ["batchable", "copies", "delegated", "readers_of", "substitutions", "verbs_of"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One verb: `reason` says why it is not offered (a code), None if it is.

    `targets` are the steps to send back to, `straight` those that it can come straight back from, `places` where a
    signer can be added.
    """

    verb: str
    reason: str | None = None
    targets: tuple[str, ...] = ()
    straight: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def offered(self) -> bool:
        """Whether the actor may."""
        return self.reason is None


class Copy(NamedTuple):
    """A case that was copied to somebody."""

    case_id: str
    account: str
    given_name: str
    note: str
    given_at: datetime
    read_at: datetime | None


class Substitution(NamedTuple):
    """Who stands in for whom."""

    id: str
    absent: str
    absent_name: str
    account: str
    role: str
    valid_from: str
    valid_to: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Asked:
    reader: Reader
    access: Access
    actor: Actor
    task: TaskRow
    case: CaseRow
    definition: Definition
    state: State

    @property
    def works(self) -> bool:
        """Whether the actor has the right to work on it."""
        task = self.task
        mine = task.account in (None, self.actor.id, *self.actor.absent)
        return mine and self.access.works(
            self.actor, task.object, task.area, self.case.owner, task.department
        )

    def may(self, action: str) -> bool:
        """Whether the actor may do that in the case."""
        case = self.case
        return self.access.may(self.actor, action, case.process, case.area, case.owner)


def verbs_of(store: Store, access: Access, packages: Packages, actor: Actor, key: str) -> tuple[Offer, ...]:
    """Every verb with whether the actor may use it on the task now; NotFound if the actor may not know of the task.

    What depends on who else is chosen (the receiver's rights, four eyes) is judged when the command is given.
    """
    with store.reading() as reader:
        tasks = all_rows(reader, TaskRow, "task", "id = ?", key)
        if not tasks:
            raise NotFound(kind="task", id=key)
        task = tasks[0]
        case = all_rows(reader, CaseRow, "cases", "id = ?", task.case_id)[0]
        definition = packages.at(case.package).definition
        state = restore(case.marking, case.variables)
        asked = _Asked(reader, access, actor, task, case, definition, state)
        if not asked.works and not asked.may("see"):
            raise NotFound(kind="task", id=key)
        return tuple(_offers(asked))


def copies(store: Store, actor: Actor, limit: int = 100) -> list[Copy]:
    """What was copied to the actor, latest first."""
    where = "account = ? ORDER BY given_at DESC, case_id LIMIT ?"
    with store.reading() as reader:
        return all_rows(reader, Copy, "copy", where, actor.id, limit)


def readers_of(store: Store, case: str) -> list[Copy]:
    """To whom a case was copied, and when they read it; for those who may see the case (ask `case` first)."""
    with store.reading() as reader:
        return all_rows(reader, Copy, "copy", "case_id = ? ORDER BY given_at, account", case)


def delegated(store: Store, actor: Actor, limit: int = 100) -> list[TaskRow]:
    """Open tasks about which the actor was asked, earliest due first."""
    where = "state = 'open' AND delegated_to = ? ORDER BY due, id LIMIT ?"
    with store.reading() as reader:
        return all_rows(reader, TaskRow, "task", where, actor.id, limit)


def substitutions(store: Store, account: str, day: date) -> list[Substitution]:
    """Who stands in for the account, and for whom it stands in, from that day on."""
    where = "(absent = ? OR account = ?) AND valid_to >= ? ORDER BY valid_from, id"
    with store.reading() as reader:
        return all_rows(reader, Substitution, "substitute", where, account, account, day.isoformat())


def _offers(asked: _Asked) -> Iterator[Offer]:
    task = asked.task
    allowed = offered(asked.definition.nodes[task.element])
    closed = "closed" if task.state != "open" else None
    held = task.claimed_by is not None and task.claimed_by == asked.actor.id
    in_hand = closed or (None if held and asked.works else "not-mine") or _waiting(task)
    common = {
        "transfer": None if not closed and asked.may("reassign") and not task.delegated_to else in_hand,
        "delegate": in_hand,
        "copy": None if asked.works else "not-mine",
        "urge": closed or (None if asked.may("see") else "not-mine"),
    }
    for verb, reason in common.items():
        yield Offer(verb, reason if verb in allowed else "model")
    yield _send_back(asked, in_hand) if "send_back" in allowed else Offer("send_back", "model")
    yield Offer("take_back", _take_back(asked) if "take_back" in allowed else "model")
    yield _add_signer(asked, in_hand) if "add_signer" in allowed else Offer("add_signer", "model")
    if task.delegated_to in (asked.actor.id, *asked.actor.absent) or (held and task.delegated_to):
        yield Offer("return_delegated", closed)


def _waiting(task: TaskRow) -> str | None:
    return "delegated" if task.delegated_to is not None else None


def _send_back(asked: _Asked, in_hand: str | None) -> Offer:
    if in_hand is not None:
        return Offer("send_back", in_hand)
    task, node = asked.task, asked.definition.nodes[asked.task.element]
    rows = asked.reader.rows(
        "SELECT DISTINCT element FROM task WHERE case_id = ? AND state = 'done' ORDER BY element",
        (task.case_id,),
    )
    allowed = returns_to(node)
    done = [element for (element,) in rows if allowed is None or element in allowed]

    def fitting(*, straight: bool) -> tuple[str, ...]:
        return tuple(
            element
            for element in done
            if refusal(asked.definition, asked.state, verbs.SendBack(task.token, element, straight)) is None
        )

    targets, straight = fitting(straight=False), fitting(straight=True)
    return Offer("send_back", None if targets or straight else "no-step", targets, straight)


def _take_back(asked: _Asked) -> str | None:
    task = asked.task
    if (
        task.state != "done"
        or task.change != "completed"
        or task.changed_by != asked.actor.id
        or not asked.works
    ):
        return "not-mine"
    if asked.case.state != "open":
        return "closed"
    reason = followed(asked.reader, task.case_id, task.id, asked.actor.id).reason
    if reason is not None:
        return reason
    body = asked.state.tokens.get(task.scope)
    if body is not None and body.extras is not None and body.extras.counts is not None:
        return None
    error = refusal(asked.definition, asked.state, verbs.TakeBack(task.scope, task.element))
    return error.code if error is not None else None


def _add_signer(asked: _Asked, in_hand: str | None) -> Offer:
    if in_hand is not None:
        return Offer("add_signer", in_hand)
    token = asked.task.token
    places = tuple(
        place
        for place in ("parallel", "before", "after")
        if refusal(asked.definition, asked.state, verbs.AddSigner(token, "?", "?", place, "?")) is None
    )
    return Offer("add_signer", None if places else "no-signers", places=places)
