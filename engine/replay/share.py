"""Decided cases through a draft on several processors: who asks shares numbers out, processes of its own read and play.

Each process is begun from nothing (no fork of a server's threads), opens the database for itself, and ends when whoever
began it is gone. Nothing is kept between two cases but the compiled versions.
"""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final

from engine.clock import ClockError
from engine.commands.versions import Versions
from engine.core.faults import CoreError
from engine.errors import EngineError, NotFound, StoreUnavailable
from engine.office import read_jurisdiction
from engine.package import BROKEN, pack, unpack
from engine.replay.archive import archive_path
from engine.replay.measure import PAID, Compared, Summary, Trial
from engine.replay.story import decided, stories_of
from engine.replay.suppose import Supposed, supposing
from engine.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import date
    from pathlib import Path

    from engine.package import Package
    from engine.settings import Settings

#: Cases given out at once.
_SHARE: Final = 40
#: So many cases are not worth beginning processes for.
_FEW: Final = 120


@dataclass(frozen=True, slots=True)
class Question:
    """What is tried: the cases of `database` that ended in [since, until), and the draft. Can be sent to another process."""

    database: str
    process: str
    since: datetime
    until: datetime
    draft: bytes
    root: Path
    jurisdiction: str
    now: datetime
    measure: str = PAID
    supposed: tuple[Supposed, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Answer:
    """Every case that was tried, by number, and their sums; fewer than `of` if it was ended early."""

    rows: Sequence[Compared]
    summary: Summary
    of: int


def question_of(
    settings: Settings,
    draft: Package,
    since: date,
    until: date,
    *,
    archived: bool = False,
    measure: str = PAID,
    supposed: Sequence[Supposed] = (),
) -> Question:
    """What is asked of the cases that ended on the days from `since` to `until`, both counted.

    Those of this office, or of the demonstration archive (NotFound of kind archive if there is none).
    """
    database, zone = settings.database_url, settings.zone
    if archived:
        path = archive_path(settings.data, draft.name)
        if not path.is_file():
            raise NotFound(kind="archive", id=draft.name, hint="make one: archive-example")
        database = f"sqlite:///{path}"
    return Question(
        database=database,
        process=draft.name,
        since=datetime.combine(since, time(), zone),
        until=datetime.combine(until + timedelta(days=1), time(), zone),
        draft=pack(draft),
        root=settings.root,
        jurisdiction=settings.jurisdiction,
        now=datetime.now(UTC).astimezone(zone),
        measure=measure,
        supposed=tuple(supposed),
    )


def answered(
    question: Question, processes: int = 2, told: Callable[[int, int], bool] = lambda _done, _of: True
) -> Answer:
    """All cases tried and summed up. `told` hears how many of how many are done, and ends it early by False."""
    numbers = numbers_of(question)
    found: dict[int, list[Compared]] = {}
    done, shares = 0, compare_all(question, numbers, processes)
    going = told(0, len(numbers))
    while going and (share := next(shares, None)) is not None:
        found[share[0]] = share[1]
        done += len(share[1])
        going = told(done, len(numbers))
    shares.close()
    rows = [one for first in sorted(found) for one in found[first]]
    summary = Summary()
    for one in rows:
        summary.count(one)
    return Answer(rows, summary, len(numbers))


class _Desk:
    """One process's own database, versions and law."""

    def __init__(self, question: Question) -> None:
        self.store = open_store(question.database)
        law, calendar = read_jurisdiction(question.root, question.jurisdiction)
        world = law.as_world(calendar, question.now)
        self.trial = Trial(
            Versions(self.store).at,
            unpack(question.process, question.draft),
            world,
            question.measure,
            supposing(world, question.supposed),
        )

    def compare(self, numbers: list[str]) -> list[Compared]:
        with self.store.reading() as reader:
            stories = list(stories_of(reader, numbers))
        return [self.trial.compared(story) for story in stories]


def numbers_of(question: Question) -> list[str]:
    """The cases that the question is about, in order."""
    store = open_store(question.database)
    try:
        with store.reading() as reader:
            return decided(reader, question.process, question.since, question.until)
    finally:
        store.close()


def compare_all(
    question: Question, numbers: list[str], processes: int = 2
) -> Generator[tuple[int, list[Compared]], None, None]:
    """Every case, share by share as they come: the place of its first number, and the cases in order.

    Raises the error of a draft that cannot run or of a measure that is none (from another process: an EngineError with
    its code and values; share-died if that process ended). A share that is not asked for any more (the
    iterator is closed) ends the processes.
    """
    shares = [(first, numbers[first : first + _SHARE]) for first in range(0, len(numbers), _SHARE)]
    if processes < 1 or len(numbers) <= _FEW:
        desk = _Desk(question)
        try:
            for first, share in shares:
                yield first, desk.compare(share)
        finally:
            desk.store.close()
        return
    shares.reverse()
    context = multiprocessing.get_context("spawn")
    busy: dict[Connection[Any, Any], int] = {}
    children = []
    try:
        for _ in range(min(processes, len(shares))):
            ours, theirs = context.Pipe()
            child = context.Process(target=_work, args=(theirs, question), daemon=True)
            child.start()
            theirs.close()
            children.append(child)
            _give(ours, shares, busy)
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                answer = _answer(ready)
                first = busy.pop(ready)
                _give(ready, shares, busy)
                yield first, answer
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.join()


def _give(pipe: Connection[Any, Any], shares: list[tuple[int, list[str]]], busy: dict[Any, int]) -> None:
    if not shares:
        return
    first, share = shares.pop()
    busy[pipe] = first
    with suppress(OSError):  # it has died already: its answer, which never comes, tells so
        pipe.send(share)


def _answer(pipe: Connection[Any, Any]) -> list[Compared]:
    """What a process came to; what it refused is raised here, and EngineError share-died if it is there no more."""
    try:
        answer: list[Compared] | EngineError = pipe.recv()
    except (EOFError, OSError):
        raise EngineError("share-died") from None
    if isinstance(answer, EngineError):
        raise answer
    return answer


def _work(pipe: Connection[Any, Any], question: Question) -> None:
    """A process: shares in, compared cases out, until nobody sends any more."""
    try:
        desk = _Desk(question)
        while True:
            pipe.send(desk.compare(pipe.recv()))
    except (EngineError, CoreError, ClockError, *BROKEN) as fault:
        # Not all of them survive being sent; code and values are what is told anyway. (No database: try again.)
        kind = StoreUnavailable if isinstance(fault, StoreUnavailable) else EngineError
        pipe.send(kind(fault.code, **fault.values))
    except (EOFError, BrokenPipeError):
        return
