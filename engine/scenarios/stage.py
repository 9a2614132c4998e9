"""The stage on which a scenario plays: a database of its own, the real bus and relay, and a clock that it moves."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.access import Access, Actor, Grant, engine_actor
from engine.bus import Bus
from engine.commands import Office as Frame
from engine.commands import OpenFund
from engine.effects import Answered, Effects, Issued, LaterError, Refused, Sent
from engine.errors import NotFound
from engine.openings import CASE_START
from engine.operations import OPERATIONS
from engine.relay import Carrier
from engine.replay.suppose import Supposed, supposing
from engine.store import migrate, open_store, outbox
from engine.store.columns import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.clock import Calendar, Law
    from engine.commands.frame import Operation, Work
    from engine.effects import Message, Register, Result
    from engine.package import Package
    from engine.scenarios.model import Cast, ScenarioCase
    from engine.store.outbox import Posted
    from engine.store.session import Reader

STAGE = engine_actor("scenario")
#: Why an operation is not carried out: a step will say what came of it.
HOLDS = "scenario-holds"
#: Operations that FEEL names (`="check." + source`): the whole family answers.
_FAMILY = re.compile(rb"""name="operation"\s+value='="([a-z_]+)\.""")
_OPERATION = re.compile(rb"""name="operation"\s+value="([^"=]+)\"""")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every case of a file shares: the law in force, the common policies, how documents are made."""

    law: Law
    calendar: Calendar
    model: str
    base: str
    document: Any  # the handler of kind "document"
    template: Path  # a migrated, empty database
    tree: Mapping[str, Package] = field(default_factory=dict)  # the other processes, which a case may open


class Shelf:
    """The package under test and those of the tree around it, as the commands read versions."""

    def __init__(self, package: Package, tree: Mapping[str, Package]) -> None:
        self.packages = {**tree, package.name: package}

    def at(self, digest: str, reader: Reader | None = None) -> Package:  # noqa: ARG002 - as the commands ask
        """The package with that digest."""
        for package in self.packages.values():
            if package.digest == digest:
                return package
        raise NotFound(kind="version", id=digest)

    def current(self, reader: Reader, process: str) -> Package:  # noqa: ARG002 - one form for all sources
        """The package of that process."""
        if process not in self.packages:
            raise NotFound(kind="process", id=process)
        return self.packages[process]


class _Patient(Carrier):
    """Carries out the outbox, but waits without end for an answer that only a step will give."""

    def _later(self, posted: Posted, code: str, values: dict[str, object], *, final: bool) -> bool:
        if code != HOLDS:
            return super()._later(posted, code, values, final=final)
        outbox.later(self.store, posted.id, NEVER, code)
        return False


@dataclass
class Stage:
    """Everything one scenario touches; use as a context manager."""

    package: Package
    case: ScenarioCase
    around: Surroundings
    now: datetime
    payments: list[tuple[str | None, Any]] = field(default_factory=list)
    inputs: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Copy the empty database, set up the bus, open the funds."""
        self._folder = Path(tempfile.mkdtemp(prefix="banjian-scenario-"))
        shutil.copy(self.around.template, self._folder / "case.sqlite3")
        self.store = open_store(f"sqlite:///{self._folder / 'case.sqlite3'}")
        self.held = {step.answer for step in self.case.steps if step.answer} | set(self.case.held)
        preset = {
            name: _preset(name, value) for name, value in self.case.answers.items() if name in OPERATIONS
        }
        self.shelf = Shelf(self.package, self.around.tree)
        world = self.around.law.as_world(self.around.calendar, self.now)
        if self.case.law:
            world = supposing(world, [Supposed(name, value) for name, value in self.case.law.items()])
        frame = Frame(self.shelf, world, presets=preset)
        policies = {name: one.policies for name, one in self.shelf.packages.items()}
        access = Access(self.around.model, self.around.base, policies)
        self.bus = Bus(self.store, frame, access)
        self.carrier = _Patient(self.bus, self._register(), Effects(frame.packages, now=lambda: self.now))
        for number, fund in enumerate(self.case.funds):
            opened = OpenFund(
                f"fund{number}", fund.code, fund.code, fund.code, fund.opening, fund.annual or fund.opening
            )
            self.bus.execute(opened, STAGE, self.now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a select."""
        with self.store.reading() as reader:
            return list(reader.rows(sql, values))

    def settle(self) -> None:
        """Carry out everything that is due at this moment."""
        self.carrier.drain()

    def advance(self, until: datetime) -> None:
        """Let time pass; whatever falls due on the way happens at its own moment, in order."""
        while True:
            due = [
                row[0]
                for row in self.rows(
                    "SELECT due FROM timer UNION ALL SELECT due FROM outbox WHERE state = 'open' ORDER BY 1 LIMIT 1"
                )
            ]
            if not due or due[0] > until:
                break
            self.now = max(self.now, due[0].astimezone(self.now.tzinfo))
            before = self.now
            self.settle()
            if self.now == before:
                self.now += timedelta(seconds=1)
        self.now = max(self.now, until)
        self.settle()

    @property
    def folder(self) -> Path:
        """A place of its own for whatever the stage must put down; it goes with the stage."""
        return self._folder

    def _register(self) -> Register:
        register: Register = {"document": self._document, "notice": self._notice, "pay": self._pay}
        for package in self.shelf.packages.values():
            for path, content in package.files.items():
                named = _OPERATION.findall(content) if path.endswith(".bpmn") else ()
                for operation in {one.decode() for one in named} - OPERATIONS.keys() - {CASE_START}:
                    register.setdefault(operation, self._other)
                for family in _FAMILY.findall(content) if path.endswith(".bpmn") else ():
                    register.setdefault(f"{family.decode()}.*", self._other)
        return register

    def _holds(self, operation: str) -> bool:
        return "*" in self.held or operation in self.held

    def _document(self, message: Message, effects: Effects, /) -> Result:
        self.inputs[message.id] = message
        result: Result = self.around.document(message, effects)
        return result

    def _notice(self, message: Message, _effects: Effects, /) -> Result:
        self.inputs[message.id] = message
        return Sent("scenario", str(message.case.get("applicant") or ""), message.name or "")

    def _pay(self, message: Message, _effects: Effects, /) -> Result:
        if self._holds("pay"):
            raise LaterError(HOLDS)
        fund = message.input.get("fund")
        self.payments.append((str(fund) if fund else None, message.input.get("amount")))
        given: Mapping[str, Any] = self.case.answers.get("pay") or {}
        receipt = {
            "receipt": f"R{len(self.payments)}",
            "paid_at": self.now,
            "amount": message.input.get("amount"),
        }
        return Answered({**receipt, **given})

    def _other(self, message: Message, _effects: Effects, /) -> Result:
        if self._holds(message.kind):
            raise LaterError(HOLDS)
        given = self.case.answers.get(message.kind)
        return Answered(given if isinstance(given, dict) else {})


def actor_of(alias: str | None, cast: Mapping[str, Cast]) -> Actor:
    """The actor behind an alias; an unknown alias is a person with an account and no roles."""
    if alias is None:
        return Actor(None)
    part = cast.get(alias)
    if part is None:
        return Actor(alias, alias)
    roles = [part.role] if isinstance(part.role, str) else part.role
    grants = tuple(Grant(role, part.area, part.department) for role in roles if role)
    return Actor(alias, part.name or alias, grants)


def make_template(folder: Path) -> Path:
    """An empty database with the schema, to be copied for every case."""
    path = folder / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


def issued_unread(message: Message, _effects: Effects, /) -> Issued:
    """A handler of documents for papers that nobody will read: it looks at no template, they count as issued."""
    content = message.id.encode()
    name, day = str(message.name), message.asked_at.date()
    titles = {"zh": name, "en": name}
    return Issued(hashlib.sha256(content).hexdigest(), len(content), titles, day, "text/plain")


def _preset(operation: str, value: Any) -> Operation:
    """What the building itself answers: always the same; or, of a list, one after the other, and then the real thing."""
    if not isinstance(value, list):
        return lambda _work, _case, _given: value
    turns = iter(value)

    def answer(work: Work, case: str, given: Mapping[str, Any]) -> Any:
        told = next(turns, None)
        if told is None:
            return OPERATIONS[operation](work, case, given)
        return Refused(told["fail"], {}) if told.get("fail") else told

    return answer
