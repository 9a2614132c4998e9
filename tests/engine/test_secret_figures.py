"""Figures of a secret process: whoever may not know of all its cases neither asks for what counts them, nor reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands import (
    AskJob,
    EndMigration,
    ProposeMigration,
    ResumeMigration,
    StartMigration,
    StopJob,
    StopMigration,
)
from engine.errors import Forbidden, NotFound
from engine.package import Package, pack
from engine.queries.jobs import decided_count, job, jobs
from engine.queries.migration import migration_lines, migration_standing, migrations, plan_migration
from engine.queries.processes import counted, process_view, sees
from tests.engine.small import ENGINE, NOON, RULES, open_small, person, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.access import Actor
    from engine.commands import Command
    from tests.engine.small import Small

#: Who may know of its cases; `RULES` gives nobody else a role in it.
KNOWING = "".join(f"p, {role}, relief, know\n" for role in ("clerk", "leader", "analyst", "process_admin"))
#: In one county, and everywhere.
HERE, PAM_HERE = person("anna", "analyst", "140702"), person("paul", "process_admin", "140702")
ANA, PAM, ADA = (
    person(name, role, "")
    for name, role in (("ana", "analyst"), ("pam", "process_admin"), ("ada", "administrator"))
)


def secret() -> Package:
    """`relief`, whose cases only some may know of."""
    path = "policies/relief.csv"
    return Package("relief", {**relief().files, path: (RULES.format("relief") + KNOWING).encode()})


def later() -> Package:
    """The same with another rule, so that there is something to migrate to."""
    return Package(
        "relief", {**secret().files, "policies/relief.csv": secret().files["policies/relief.csv"] + b"# 2\n"}
    )


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    office = open_small(store_url, later(), secret())
    yield office
    office.close()


def refused(small: Small, command: Command, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        small.do(command, actor)


def test_a_migration_takes_to_know_everywhere(small: Small) -> None:
    wish = ProposeMigration("p", "relief", later().digest)
    for actor in (HERE, PAM_HERE, ADA):
        refused(small, wish, actor)
    name = small.do(wish, ANA)["migration"]
    refused(small, StartMigration("s", name, 1), PAM_HERE)
    refused(small, EndMigration("drop", name), HERE)
    small.do(StartMigration("s", name, 1), PAM)
    for command in (StopMigration("x", name), ResumeMigration("y", name), EndMigration("z", name)):
        refused(small, command, PAM_HERE)
    small.do(StopMigration("x", name), PAM)
    small.do(ResumeMigration("y", name), PAM)
    small.carrier.drain()
    assert small.rows("SELECT state FROM migration") == [("ended",)]


def test_decided_cases_are_replayed_for_who_knows_everywhere(small: Small) -> None:
    archive = pack(secret())
    # Without a word about the source it is the office's own cases that are replayed.
    for number, wish in enumerate(({"source": "decided"}, {}, {"source": "Archive"})):
        refused(small, AskJob(f"d{number}", "relief", "simulation", wish, archive), HERE)
    mine = small.do(AskJob("a", "relief", "simulation", {"source": "archive"}, archive), HERE)["job"]
    played = small.do(AskJob("b", "relief", "scenarios", {"cases": []}, archive), HERE)["job"]
    theirs = small.do(AskJob("c", "relief", "simulation", {"source": "decided"}, archive), ANA)["job"]
    refused(small, StopJob("t", theirs), HERE)
    for number, own in enumerate((mine, played)):
        assert small.do(StopJob(f"t{number}", own), HERE)["state"] == "stopped"
    assert small.do(StopJob("t", theirs), ANA)["state"] == "stopped"


def test_what_tells_of_cases_is_asked_by_who_knows_everywhere(small: Small) -> None:
    store, access = small.bus.store, small.bus.access
    for _ in range(2):
        small.submit()
    name = small.do(ProposeMigration("p", "relief", later().digest), ANA)["migration"]
    small.do(StartMigration("s", name, 1), PAM)
    small.carrier.drain()

    def figures(actor: Actor) -> tuple[int, int, int, int]:
        plan = plan_migration(store, access, actor, small.bus.office.packages, "relief", secret().digest)
        told = migration_standing(store, access, actor, "relief", name, NOON)
        lines = migration_lines(store, access, actor, "relief", name)
        return len(list(plan)), told.total, len(lines), len(migrations(store, access, actor, "relief"))

    assert figures(ANA) == figures(PAM) == figures(ENGINE) == (2, 2, 2, 1)
    for actor in (HERE, PAM_HERE, ADA, person("lea", "leader", "")):
        for ask in (
            lambda who: plan_migration(store, access, who, small.bus.office.packages, "relief", "x"),
            lambda who: migration_standing(store, access, who, "relief", name, NOON),
            lambda who: migration_lines(store, access, who, "relief", name),
            lambda who: migrations(store, access, who, "relief"),
        ):
            with pytest.raises(Forbidden):
                ask(actor)
    assert migration_lines(store, access, ANA, "relief", "other-1") == []
    with store.reading() as reader:
        view = process_view(reader, "relief")
        assert counted(reader, access, ANA, view).cases == {later().digest: 2}
        assert {counted(reader, access, actor, view).cases for actor in (HERE, ADA)} == {None}
    assert [sees(access, actor, "relief") for actor in (HERE, PAM, ADA)] == [True, True, False]


def test_work_over_decided_cases_is_followed_by_who_knows_everywhere(small: Small) -> None:
    store, access, archive = small.bus.store, small.bus.access, pack(secret())
    key = small.do(AskJob("c", "relief", "simulation", {"source": "decided"}, archive), ANA)["job"]
    mine = small.do(AskJob("a", "relief", "simulation", {"source": "archive"}, archive), HERE)["job"]
    assert {row.id for row in jobs(store, access, ANA, "relief", "simulation")} == {key, mine}
    assert job(store, access, PAM, "relief", key).id == key
    for actor, seen in ((HERE, [mine]), (PAM_HERE, [mine]), (person("bob"), [])):
        assert [row.id for row in jobs(store, access, actor, "relief", "simulation")] == seen
        with pytest.raises(NotFound):
            job(store, access, actor, "relief", key)
    assert [decided_count(store, access, actor, "relief") for actor in (ANA, HERE)] == [0, 0]
    case = small.submit()["case"]
    store.run("UPDATE cases SET state = 'ended' WHERE id = ? RETURNING id", (case,))
    assert [decided_count(store, access, actor, "relief") for actor in (ANA, HERE)] == [1, 0]
