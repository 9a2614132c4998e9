"""What every command is made of: its fields, the right it needs, and its two functions.

`find` reads what the command is about and says which right it takes; the bus asks `access`; `handle` then does it.
So no handler can forget to ask, and none can be asked before it is known what for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from engine.journal import Chain
from engine.package import Packages
from engine.secrecy import EVERYWHERE, KNOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.access import Actor, Owner
    from engine.effects import Refused
    from engine.feel import World
    from engine.package import Package
    from engine.store.session import Reader
    from engine.store.tx import Tx

    #: An operation inside the building: (work, case number, evaluated input) -> answer, or a refusal the model may catch.
    Operation = Callable[["Work", str, Mapping[str, Any]], dict[str, Any] | Refused]


@dataclass(frozen=True, slots=True)
class Command:
    """A wish with an id that its sender chose; the same id again gets the first answer."""

    id: str


@dataclass(frozen=True, slots=True)
class Right:
    """The right a command takes: `action` on `object` in `area`; `owner` is the case's applicant.

    `account` is set for a task given to one person: nobody else may act, whatever their role.
    """

    action: str
    object: str
    area: str | None
    owner: Owner = None
    account: str | None = None
    department: str | None = None
    #: Somebody else who must have a right too: to whom a task is handed, who is asked, who is to read.
    also: tuple[tuple[Actor, Right], ...] = ()
    #: Other actions on the object that allow it just as well.
    instead: tuple[str, ...] = ()


def knowing_all(actor: Actor, process: str) -> tuple[tuple[Actor, Right], ...]:
    """For `Right.also`: that the actor may know of every case of the process, as what counts its cases takes."""
    return ((actor, Right(KNOW, process, EVERYWHERE)),)


def subject_of(command: Command) -> tuple[str, str] | None:
    """(kind, id) of the one thing of a case that the command is about, if it is about one."""
    for kind in _SUBJECTS:
        key = getattr(command, kind, None)
        if isinstance(key, str):
            return kind, key
    return None


#: Fields that name what a command is about; ids of tasks, documents and prints begin with the case's number.
_SUBJECTS = ("task", "document", "impression", "case")
#: Commands that only the engine itself gives (timers, answers).
ENGINE_ONLY = Right("engine", "", None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: plain JSON values. `again` marks the repetition of an earlier answer."""

    values: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


@dataclass(frozen=True, slots=True)
class Office:
    """What is the same for every command of an installation."""

    packages: Versions
    #: Calendar and law as FEEL sees them; `now` is put in per command.
    world: World
    #: Raises if a package may not be published (its findings); by default it must at least load.
    check: Callable[[Package], object] = attrgetter("definition")
    #: Two letters of the department in case numbers.
    department: str = "MZ"
    #: Operations inside the building that answer otherwise than `engine.operations` says (scenarios, tests).
    presets: Mapping[str, Operation] = field(default_factory=dict)
    #: Lines by which notices can go out beside the inbox (`sms`, `email`).
    lines: frozenset[str] = frozenset()


class Versions(Packages, Protocol):
    """Published versions (`commands.versions.Versions` reads them from the database)."""

    def current(self, reader: Reader, process: str) -> Package:
        """The version that new cases of the process get; NotFound if none is published."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler has at hand."""

    tx: Tx
    actor: Actor
    now: datetime
    command: Command
    office: Office
    #: The account whose right the actor uses as a substitute (None: the actor's own). Known once it is allowed.
    behalf: str | None = None

    @property
    def world(self) -> World:
        """FEEL's surroundings at this moment."""
        return replace(self.office.world, now=self.now)

    def policies(self, package: str) -> str:
        """The casbin lines of a version by its digest."""
        return self.office.packages.at(package, self.tx.session).policies

    def note(self, chain: str, kind: str, **body: Any) -> None:
        """Write a journal entry on a chain that belongs to no case."""
        Chain.read(self.tx, chain).append(self.tx, self.actor, self.command.id, kind, body)


C = TypeVar("C", bound=Command)
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Verb(Generic[C, F]):
    """How one kind of command is carried out."""

    find: Callable[[Work, C], tuple[Right, F]]
    handle: Callable[[Work, C, F], Mapping[str, Any]]
