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
from engine.errors import Forbidden
from engine.package import Package, pack
from tests.engine.small import RULES, open_small, person, relief

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
    for number, job in enumerate((mine, played)):
        assert small.do(StopJob(f"t{number}", job), HERE)["state"] == "stopped"
    assert small.do(StopJob("t", theirs), ANA)["state"] == "stopped"
