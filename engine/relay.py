"""The relay carries out what commands left in the outbox, and fires the timers that fall due.

Handlers run outside every transaction; what they return comes back as a command whose id is the message's, so a message
carried out twice takes effect once. On one machine `Relay` threads do the work; in production Celery does
(`engine.worker`), over the same `Carrier`.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.access import engine_actor
from engine.commands import AnswerCall, IssueDocument, SendMessage, SendSignal, SettleLetter
from engine.commands.timers import firing
from engine.effects import Broken, Effects, Issued, LaterError, Message, Sent, message_of
from engine.errors import (
    CaseEnded,
    CommandReused,
    Conflict,
    EngineError,
    NotFound,
    NotWaiting,
    StoreUnavailable,
)
from engine.migrating import blame, bring_over, carry_migrations
from engine.openings import CASE_START, OPENER, fault, open_case, open_waiting, opener
from engine.store import outbox

if TYPE_CHECKING:
    from engine.bus import Bus
    from engine.chores import Chore
    from engine.commands import Command
    from engine.effects import Register, Result
    from engine.store.outbox import Line, MigrationLine, Posted

log = logging.getLogger(__name__)

RELAY, TIMER = engine_actor("relay"), engine_actor("timer")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the relay holds on."""

    #: A claimed row belongs to its worker this long; must exceed the slowest handler.
    lease: timedelta = timedelta(seconds=60)
    #: First pause after a failed try; each further one doubles it, up to `longest`.
    pause: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=10)
    #: After so many tries the message becomes an incident.
    tries: int = 10
    #: Rows claimed at once.
    batch: int = 20


def system_clock() -> datetime:
    """The present moment; the relay is one of the few places that look at the clock."""
    return datetime.now(UTC)


class Carrier:
    """Carries out single messages and timers, and reports through the bus."""

    def __init__(
        self,
        bus: Bus,
        register: Register,
        effects: Effects | None = None,
        *,
        patience: Patience = Patience(),
    ) -> None:
        self.bus = bus
        self.store = bus.store
        self.patience = patience
        self._effects = effects or Effects(bus.office.packages, system_clock)
        self.clock = self._effects.now
        own: Register = {"message": self._deliver, "signal": self._spread}
        own[CASE_START] = opener(bus, self.clock)
        self._register = {**own, **register}
        #: What is done now and then besides; each is looked at no more often than it says.
        self.chores: list[Chore] = []

    def claim(self) -> list[str]:
        """Take a batch of messages that are due."""
        now = self.clock()
        return outbox.claim(self.store, now, now + self.patience.lease, self.patience.batch)

    def carry(self, message: str) -> bool:
        """Carry one message out. False if it must be tried again later; one already answered counts as done."""
        posted = outbox.take(self.store, message, self.clock() + self.patience.lease)
        if posted is None:
            return True
        try:
            return self._report(posted, self._handle(posted))
        except LaterError as error:
            return self._later(posted, error.code, error.values, final=error.final)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("handler of %s failed on %s", posted.kind, posted.id)
            return self._later(
                posted, "handler-fault", {"fault": f"{type(error).__name__}: {error}"}, final=False
            )

    def fire_timers(self) -> int:
        """Fire the timers that are due, earliest first; how many there were."""
        now = self.clock()
        due = outbox.claim_timers(self.store, now, now + self.patience.lease, self.patience.batch)
        for timer in due:
            try:
                self.bus.execute(firing(timer), TIMER, self.clock())
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("timer %s of %s failed", timer.element, timer.case_id)
        return len(due)

    def carry_lines(self) -> int:
        """Work on the lines that wait: of campaigns, whose cases are opened, and of migrations; how many there were."""
        given = (self.clock, self.patience.lease, self.patience.batch)
        opened = open_waiting(self.store, *given, self.open_line)
        return opened + carry_migrations(self.bus, *given, self.bring_over)

    def open_line(self, line: Line) -> None:
        """Open the case of a campaign's line; whatever goes wrong with it stands in the line and hinders no other."""
        try:
            note = open_case(self.bus, line, self.clock())
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("line %s of campaign %s fails", line.subject, line.campaign)
            note = fault(line, error)
        if note is not None:
            # If that is lost, the next attempt gets the answer of this one.
            with suppress(Conflict):
                self.bus.execute(note, OPENER, self.clock())

    def bring_over(self, line: MigrationLine) -> None:
        """Decide about one case of a migration; whatever goes wrong with it stands in its line and hinders no other."""
        try:
            bring_over(self.bus, line, self.clock())
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("case %s fails in migration %s", line.case, line.migration)
            blame(self.bus, line, error, self.clock())

    def do_chores(self) -> int:
        """Do the chores whose time has come; how much that was. A chore that fails is tried again at its next time."""
        return sum(chore.look(self.clock()) for chore in self.chores)

    def round(self) -> int:
        """Do what is due now; how much that was."""
        messages = self.claim()
        for message in messages:
            self.carry(message)
        return len(messages) + self.fire_timers() + self.carry_lines() + self.do_chores()

    def drain(self, limit: int = 10_000) -> int:
        """Do everything that is due, and what follows from it; how much that was."""
        total = 0
        while total < limit and (done := self.round()):
            total += done
        return total

    def _handle(self, posted: Posted) -> Result:
        # One line may serve a whole family of operations (`check.*`); a line of an operation's own goes before.
        family = f"{posted.kind.partition('.')[0]}.*"
        handler = self._register.get(posted.kind) or self._register.get(family)
        if handler is None:
            raise LaterError("no-handler", final=True, operation=posted.kind)
        return handler(message_of(posted), self._effects)

    def _report(self, posted: Posted, result: Result) -> bool:
        command: Command
        if not posted.case_id:
            assert isinstance(result, Sent), f"{posted.kind} belongs to a case"
            command = SettleLetter(posted.id, posted.id, result)
        elif isinstance(result, Issued):
            command = IssueDocument(posted.id, posted.id, result)
        else:
            command = AnswerCall(posted.id, posted.id, result)
        try:
            self.bus.execute(command, RELAY, self.clock())
        except CommandReused:
            # Another worker was faster with the same message; its answer, taken at another moment, stands.
            log.info("message %s was answered meanwhile", posted.id)
        return True

    def _later(self, posted: Posted, code: str, values: dict[str, object], *, final: bool) -> bool:
        if not final and posted.tries < self.patience.tries:
            pause = min(self.patience.pause * 2 ** max(posted.tries - 1, 0), self.patience.longest)
            outbox.later(self.store, posted.id, self.clock() + pause, code)
            return False
        settle = AnswerCall if posted.case_id else SettleLetter
        command = settle(f"{posted.id}:broken:{posted.tries}", posted.id, Broken(code, values))
        self.bus.execute(command, RELAY, self.clock())
        return True

    def _deliver(self, message: Message, _effects: Effects) -> Sent:
        """Bring a message thrown by one case to another, whose number is the key it was thrown with."""
        target = str(message.input["to"])
        name = str(message.input["message"])
        command = SendMessage(f"{message.id}:deliver", target, name, message.input["data"])
        try:
            self.bus.execute(command, RELAY, self.clock())
        except (NotWaiting, NotFound, CaseEnded) as error:
            return Sent("case", target, name, receipt=error.code)
        return Sent("case", target, name, receipt="taken")

    def _spread(self, message: Message, _effects: Effects) -> Sent:
        """Tell a signal to every other open case whose model can wait for it."""
        signal, sender = str(message.input["signal"]), message.case["number"]
        with self.store.reading() as reader:
            cases = outbox.open_cases(reader)
        packages = self.bus.office.packages
        told = [
            number
            for digest, numbers in cases.items()
            if packages.at(digest).definition.waits_for(signal)
            for number in numbers
            if number != sender
        ]
        for number in told:
            command = SendSignal(f"{message.id}:{number}", number, signal, message.input["data"])
            self.bus.execute(command, RELAY, self.clock())
        return Sent("case", f"{len(told)} cases", signal)


class Relay:
    """Threads in the serving process that keep carrying; `wake` makes them look at once, polling makes it certain."""

    def __init__(
        self,
        bus: Bus,
        register: Register,
        effects: Effects | None = None,
        *,
        patience: Patience = Patience(),
        threads: int = 2,
        poll_seconds: float = 1.0,
    ) -> None:
        self.carrier = Carrier(bus, register, effects, patience=patience)
        self._poll = poll_seconds
        self._wake = threading.Condition()
        self._calls = 0
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name=f"relay-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something to do (`Bus.committed`)."""
        with self._wake:
            self._calls += 1
            self._wake.notify()

    def stop(self, timeout: float = 10) -> None:
        """Finish what is in hand and end."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout)

    def _run(self) -> None:
        seen = 0
        while not self._stopping:
            try:
                while not self._stopping and self.carrier.round():
                    pass
            except EngineError as error:
                # The database is away; nothing is lost, the rows wait.
                log.warning("relay pauses: %s", error)
            except Exception:
                log.exception("relay stumbles")
            with self._wake:
                if self._calls == seen and not self._stopping:
                    self._wake.wait(self._poll)
                seen = self._calls
