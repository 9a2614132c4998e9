"""Long work: asked for once, claimed by one, told how far it is, stopped, taken up again when its process dies, given up."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest

from engine.access import Actor, Grant
from engine.commands import AskJob, StopJob
from engine.commands import jobs as asking
from engine.errors import CommandInvalid, Forbidden, NotFound, StoreUnavailable
from engine.jobs import carry as carrying
from engine.jobs import progress as telling
from engine.jobs.launch import Launcher
from engine.jobs.progress import Progress
from engine.package import Package, pack
from engine.queries.jobs import job, job_result, jobs
from engine.settings import Settings
from engine.store.jobs import archive_of, beat, claim, finish, let_go
from tests.engine.small import NOON, open_small, person, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from tests.engine.small import Small

LEASE = timedelta(seconds=30)


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    office = open_small(store_url, relief())
    yield office
    office.close()


ANNE = Actor("anne", "安妮", (Grant("analyst"),))


def asked(small: Small, name: str = "one", **wish: Any) -> str:
    command = AskJob(name, "relief", "scenarios", {"cases": [], **wish}, pack(relief()))
    return str(small.bus.execute(command, ANNE, NOON)["job"])


def test_the_same_work_is_not_done_twice(small: Small) -> None:
    first = asked(small)
    assert asked(small, "two") == first
    other = asked(small, "three", published=True)
    assert other != first
    assert [row.id for row in jobs(small.bus.store, small.bus.access, ANNE, "relief", "scenarios")] == [
        other,
        first,
    ]
    with pytest.raises(CommandInvalid):
        small.bus.execute(AskJob("x", "relief", "dance", {}, pack(relief())), ANNE, NOON)
    with pytest.raises(Forbidden):
        small.bus.execute(AskJob("y", "relief", "scenarios", {}, pack(relief())), person("bob"), NOON)


def test_one_claims_it_and_tells_what_came(small: Small) -> None:
    store = small.bus.store
    key = asked(small)
    mine = claim(store, NOON, NOON + LEASE)
    assert mine is not None
    assert mine.job == key
    assert claim(store, NOON, NOON + LEASE) is None
    assert beat(store, mine, NOON + LEASE, 3, 7) is False
    row = job(store, small.bus.access, ANNE, "relief", key)
    assert (row.state, row.done, row.total) == ("running", 3, 7)
    assert finish(store, mine, NOON, "done", {"answer": 42})
    assert job_result(store, row) == {"answer": 42}
    assert not finish(store, mine, NOON, "done", {"answer": 43})
    assert asked(small, "again") != key


def test_it_is_told_to_stop(small: Small) -> None:
    store = small.bus.store
    key = asked(small)
    mine = claim(store, NOON, NOON + LEASE)
    assert mine is not None
    with Progress(store, mine, lambda: NOON) as progress:
        before = progress.stopped
        small.bus.execute(StopJob("stop", key), ANNE, NOON)
        progress.tell()
        assert (before, progress.stopped) == (False, True)
    # One that nobody has begun ends at once; who may not draft may not stop it.
    waiting = asked(small, "two", published=True)
    with pytest.raises(Forbidden):
        small.bus.execute(StopJob("no", waiting), person("bob"), NOON)
    small.bus.execute(StopJob("yes", waiting), ANNE, NOON)
    assert job(store, small.bus.access, ANNE, "relief", waiting).state == "stopped"
    with pytest.raises(NotFound):
        small.bus.execute(StopJob("none", "nothing"), ANNE, NOON)


def test_it_is_begun_again_when_its_process_dies_and_given_up_then(small: Small) -> None:
    store = small.bus.store
    key = asked(small)
    first = claim(store, NOON, NOON + LEASE)
    assert first is not None
    # Its lease runs out: the next one takes it, and the first has lost it.
    later = NOON + 2 * LEASE
    second = claim(store, later, later + LEASE)
    assert second is not None
    assert (second.job, second.tries) == (key, 2)
    assert beat(store, first, later, 0, 0) is None
    assert not finish(store, first, later, "done", {})
    let_go(store, second, later)
    assert claim(store, later, later + LEASE) is None
    row = job(store, small.bus.access, ANNE, "relief", key)
    assert row.state == "broken"
    assert "job-died" in str(row.error)


def test_old_results_go(small: Small) -> None:
    for number in range(24):
        asked(small, f"n{number}", number=number)
        mine = claim(small.bus.store, NOON, NOON + LEASE)
        assert mine is not None
        finish(small.bus.store, mine, NOON + timedelta(seconds=number), "done", {})
    assert len(jobs(small.bus.store, small.bus.access, ANNE, "relief", "scenarios")) == 20


def test_what_has_ended_keeps_no_copy_of_its_package(small: Small) -> None:
    store = small.bus.store
    done, stopped, died = asked(small), asked(small, "two", number=2), asked(small, "three", number=3)
    mine = claim(store, NOON, NOON + LEASE)
    assert mine is not None
    with store.reading() as reader:
        assert archive_of(reader, done) == pack(relief())
    finish(store, mine, NOON, "done", {})
    small.bus.execute(StopJob("stop", stopped), ANNE, NOON)
    for number in range(3):
        claim(store, NOON + 2 * number * LEASE, NOON + (2 * number + 1) * LEASE)
    assert job(store, small.bus.access, ANNE, "relief", died).state == "broken"
    with store.reading() as reader:
        assert [archive_of(reader, key) for key in (done, stopped, died)] == [b""] * 3


def test_a_process_that_dies_is_noticed(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher begins a process, sees it die, lets it be begun once more, and no more."""
    launcher = Launcher(Settings(), small.bus.store)
    monkeypatch.setattr("engine.jobs.launch.sys.executable", "/bin/false")
    key = asked(small)
    for moment in range(3):
        launcher.look(NOON + timedelta(seconds=moment))
        for child, _ in launcher._running:
            child.wait()
    row = job(small.bus.store, small.bus.access, ANNE, "relief", key)
    assert (row.state, row.tries) == ("broken", 2)
    launcher.stop()


def test_every_kind_that_can_be_asked_can_be_done() -> None:
    assert set(carrying.KINDS) == asking.KINDS


MAIN = "workflows/bpmn/relief.bpmn"
BROKEN_FILES = {
    "model": (MAIN, b'sourceRef="begin"', b'sourceRef="nowhere"'),
    "text": (MAIN, b"</", b"<"),
    "form": ("forms/relief/register.json", b"money", b"gold"),
    "rules": ("workflows/dmn/relief/rules.dmn", b"", b"<nothing/>"),
}


@pytest.mark.parametrize("kind", sorted(asking.KINDS))
@pytest.mark.parametrize("part", sorted(BROKEN_FILES))
def test_files_that_cannot_run_are_told_at_the_first_try(small: Small, kind: str, part: str) -> None:
    path, good, bad = BROKEN_FILES[part]
    content = relief().files.get(path, b"")
    assert good in content
    broken = Package("relief", {**relief().files, path: content.replace(good, bad) if good else bad})
    command = AskJob("broken", "relief", kind, {}, pack(broken))
    key = str(small.bus.execute(command, ANNE, NOON)["job"])
    mine = claim(small.bus.store, NOON, NOON + LEASE)
    assert mine is not None
    carrying.carry(cast("Office", SimpleNamespace(store=small.bus.store)), mine, lambda: NOON)
    row = job(small.bus.store, small.bus.access, ANNE, "relief", key)
    assert (row.state, row.tries) == ("broken", 1)
    told = orjson.loads(row.error or "")
    assert told["code"] != "job-died"
    assert (set(told.get("words", ())) == {"zh", "en"}) == (part != "form")


def test_a_database_that_is_away_does_not_end_the_telling(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work goes on, and is told of again as soon as there is somebody to tell."""
    store = small.bus.store
    key = asked(small)
    mine = claim(store, NOON, NOON + LEASE)
    assert mine is not None
    away, back, refused = Event(), Event(), Event()

    def sometimes(*given: Any) -> bool | None:
        if away.is_set():
            away.clear()
            refused.set()
            raise StoreUnavailable
        told = beat(*given)
        if refused.is_set() and given[3] == 5:
            back.set()
        return told

    monkeypatch.setattr(telling.jobs, "beat", sometimes)
    monkeypatch.setattr(telling, "_EVERY_SECONDS", 0.01)
    with Progress(store, mine, lambda: NOON) as progress:
        away.set()
        assert refused.wait(30)
        progress.done = 5
        assert back.wait(30)
    assert job(store, small.bus.access, ANNE, "relief", key).done == 5
