"""The one road by which anything changes: one command, one transaction, one commit.

    find -> allow -> handle -> journal -> outbox -> commit

A handler only collects rows; they are written together at the end, under the revision of what was read. So an attempt
that loses a race has changed nothing, and is simply made again, this time holding the rows. Whether a command was done
before is asked only when something stands in its way: its id is a key that cannot be written twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from engine.commands import VERBS
from engine.commands.frame import ENGINE_ONLY, Answer, Command, Office, Right, Work, subject_of
from engine.errors import (
    CommandInvalid,
    CommandReused,
    Conflict,
    EngineError,
    Forbidden,
    NotFound,
    StoreUnavailable,
)
from engine.secrecy import KNOW
from engine.store.exact import plain
from engine.store.tx import LostRaceError, Tx

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.access import Access, Actor
    from engine.commands.frame import Verb
    from engine.store.session import Reader, Store
    from engine.store.tx import WriteSet

#: The first attempt takes no locks, the second holds the case; more are needed only for rows nobody can hold yet.
_ATTEMPTS = 8
_LONGEST_ID = 200
#: Tables whose new rows are work for the relay.
_WAKES = frozenset({"outbox", "timer", "campaign_item", "migration", "migration_case", "job"})


class Bus:
    """Executes commands against one database. Thread-safe."""

    def __init__(
        self, store: Store, office: Office, access: Access, *, committed: Callable[[], None] = lambda: None
    ) -> None:
        self.store = store
        self.office = office
        #: Replaced as a whole when policies change.
        self.access = access
        #: Called after a commit that left work for the relay.
        self.committed = committed

    def execute(self, command: Command, actor: Actor, now: datetime) -> Answer:
        """Carry the command out, or say what the same command (same id, same content, same actor) answered before.

        `now` is aware. Raises an EngineError, or an error of the core, with nothing changed; giving the command again
        is always safe.
        """
        verb = VERBS[type(command)]
        if not command.id or len(command.id) > _LONGEST_ID:
            raise CommandInvalid(reason="id")
        now = now.astimezone(self.office.world.zone)
        digest = _digest(command, actor)
        lost: LostRaceError | None = None
        for attempt in range(_ATTEMPTS):
            try:
                return self._attempt(verb, command, digest, actor, now, locking=attempt > 0)
            except LostRaceError as error:
                lost = error
                if earlier := self._earlier(command, digest):
                    return earlier
            except StoreUnavailable:
                # A restart cuts connections that were fine; whether the commit got through, the id will tell.
                if attempt:
                    raise
            except Exception as error:
                if earlier := self._earlier(command, digest):
                    return earlier
                self._witness(command, actor, error)
                raise
        raise Conflict(command=command.id) from lost

    def _attempt(
        self,
        verb: Verb[Any, Any],
        command: Command,
        digest: bytes,
        actor: Actor,
        now: datetime,
        *,
        locking: bool,
    ) -> Answer:
        with self.store.writing(locking=locking) as session:
            tx = Tx(session, now)
            text = self._carry(tx, verb, command, actor)
            values = orjson.loads(text)
            tx.insert(
                "command",
                {
                    "id": command.id,
                    "kind": type(command).__name__,
                    "digest": digest,
                    "actor": actor.id,
                    "case_id": values.get("case"),
                    "answer": text,
                    "at": now,
                },
            )
            tx.commit()
        if not _WAKES.isdisjoint(tx.writes):
            self.committed()
        return Answer(values)

    def rehearse(self, command: Command, actor: Actor, now: datetime) -> WriteSet:
        """What the command would write now, by table; nothing is written, and nobody waits for it.

        Raises what `execute` would raise.
        """
        now = now.astimezone(self.office.world.zone)
        with self.store.writing() as session:
            tx = Tx(session, now)
            self._carry(tx, VERBS[type(command)], command, actor)
        return tx.writes

    def _carry(self, tx: Tx, verb: Verb[Any, Any], command: Command, actor: Actor) -> str:
        """Find, allow, handle; the answer as JSON."""
        work = Work(tx, actor, tx.now, command, self.office)
        try:
            right, found = verb.find(work, command)
            right = self._as_held(actor, right)
            self._allow(actor, right)
        except EngineError as refusal:
            if (missing := self._concealed(tx.session, command, actor)) is not None:
                raise missing from None
            raise refusal from None
        if actor.acts_for:
            work = replace(work, behalf=self._behalf(actor, right))
        return plain(verb.handle(work, command, found))

    def _as_held(self, actor: Actor, right: Right) -> Right:
        """The right by the first of its actions that the actor may do; as it is where there is none."""
        for action in (right.action, *right.instead) if right.instead else ():
            if self.access.may(actor, action, right.object, right.area, right.owner):
                return replace(right, action=action)
        return right

    def _allow(self, actor: Actor, right: Right) -> None:
        """Ask the policies, and hold a task to the department or the one person it was given to."""
        if actor.system:
            return
        if right is ENGINE_ONLY:
            raise Forbidden(action=right.action, object=right.object)
        if right.action == KNOW:
            if not self.access.knows(actor, right.object, right.area, right.owner):
                raise Forbidden(action=right.action, object=right.object)
            return
        self.access.allow(actor, right.action, right.object, right.area, right.owner)
        for other, needed in right.also:
            self._allow(other, needed)
        if right.account is not None and right.account not in (actor.id, *actor.acts_for):
            raise Forbidden(action=right.action, object=right.object, reason="account")
        if not self.access.in_department(actor, right.action, right.object, right.area, right.department):
            raise Forbidden(action=right.action, object=right.object, reason="department")

    def _concealed(self, reader: Reader, command: Command, actor: Actor) -> NotFound | None:
        """What whoever may not know of a case is told instead of a refusal: the same as of one that does not exist."""
        subject = subject_of(command)
        if subject is None or actor.system:
            return None
        kind, key = subject
        case = key.partition(".")[0]
        found = reader.rows("SELECT process, area, applicant FROM cases WHERE id = ?", (case,))
        for process, area, applicant in found:
            if self.access.knows(actor, process, area, (applicant or "", f"case:{case}")):
                return None
        return NotFound(kind=kind, id=key)

    def _witness(self, command: Command, actor: Actor, error: Exception) -> None:
        """Have it remembered that somebody was told that there is no such thing, whether there is or not."""
        subject = subject_of(command)
        if subject is not None and isinstance(error, NotFound) and error.values.get("id") == subject[1]:
            self.access.witness(actor, subject[1], False)

    def _behalf(self, actor: Actor, right: Right) -> str | None:
        """For whom a substitute or a representative acts here."""
        if right.account in actor.acts_for:
            return right.account
        return self.access.on_behalf(actor, right.action, right.object, right.area, right.owner)

    def _earlier(self, command: Command, digest: bytes) -> Answer | None:
        """The answer given before, if this command was done; CommandReused if its id meant something else."""
        with self.store.reading() as reader:
            found = reader.rows("SELECT digest, answer FROM command WHERE id = ?", (command.id,))
        if not found:
            return None
        first, answer = found[0]
        if first != digest:
            raise CommandReused(id=command.id)
        return Answer(orjson.loads(answer), again=True)


def _digest(command: Command, actor: Actor) -> bytes:
    """What makes two commands the same: kind, content and sender."""
    total = hashlib.sha256(f"{type(command).__name__}\0{actor.id}\0".encode())
    total.update(msgspec.json.encode(command, enc_hook=dict, order="sorted"))
    return total.digest()
