"""A migration is killed at random moments while clerks complete tasks: every case is decided once, and none is wrong.

Eight kills per database in the ordinary run, 100 with BANJIAN_THOROUGH=1.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import ClaimTask, CompleteTask, ProposeMigration, StartMigration, SubmitApplication
from engine.errors import Conflict, StoreUnavailable
from engine.verify import verify
from tests.conftest import THOROUGH
from tests.crash import migration_process as process
from tests.engine.migrated import faults
from tests.engine.small import AREA, open_small, person

if TYPE_CHECKING:
    from tests.engine.small import Small

KILLS, CASES = (100, 1_500) if THOROUGH else (8, 120)
CLERKS = 2
SEED = 20261124
ANA, PAM = person("ana", "analyst", ""), person("pam", "process_admin", "")


def give(office: Small, command: Any, actor: Any) -> Any:
    """Send until answered: what a page or another system does when the database is busy."""
    while True:
        try:
            return office.bus.execute(command, actor, datetime.now(UTC))
        except StoreUnavailable:
            time.sleep(0.01)


def work(office: Small, cases: list[str], number: int, done: list[str], stop: threading.Event) -> None:
    """One clerk with two hats goes through the cases; what somebody else changed meanwhile is left for the next round."""
    clerk, leader = person(f"clerk{number}"), person(f"leader{number}", "leader")
    for case in cases:
        if stop.is_set():
            return
        for key, element in office.rows(
            "SELECT id, element FROM task WHERE case_id = ? AND state = 'open'", case
        ):
            actor = clerk if element in ("register", "look", "remind") else leader
            data = {"amount": "5.10"} if element == "register" else {}
            try:
                revision = give(office, ClaimTask(f"c-{key}-{element}", key), actor)["revision"]
                give(office, CompleteTask(f"d-{key}-{element}-{revision}", key, revision, data), actor)
            except Conflict:
                continue
            done.append(key)


@pytest.mark.timeout(1800 if THOROUGH else 200)
def test_killed_half_way(store_url: str) -> None:
    chance = random.Random(SEED)
    office = open_small(store_url, process.OLD, process.NEW)
    cases = []
    for number in range(CASES):
        submit = SubmitApplication(f"s{number}", "relief", AREA, {"reason": "fire"})
        opened = office.bus.execute(submit, person("ann"), datetime.now(UTC))
        cases.append(opened["case"])
    # New cases got the newer version; all begin on the old one here, half of them one step further.
    office.bus.store.run("UPDATE cases SET package = ?", (process.OLD.digest,))
    done: list[str] = []
    work(office, cases[::2], 9, done, threading.Event())
    asked = give(office, ProposeMigration("p", "relief", process.NEW.digest, process.NAMES), ANA)
    give(office, StartMigration("s", asked["migration"], asked["revision"]), PAM)

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.migration_process"])

    def start() -> Any:
        ready = context.Event()
        child = context.Process(target=process.carry, args=(store_url, ready), daemon=True)
        child.start()
        assert ready.wait(60)
        return child

    stop = threading.Event()
    clerks = [
        threading.Thread(target=work, args=(office, cases[number::CLERKS], number, done, stop))
        for number in range(CLERKS)
    ]
    for clerk in clerks:
        clerk.start()
    child, between = start(), 0
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.12))
        child.kill()
        child.join()
        between += office.rows("SELECT count(*) FROM migration_case WHERE state = 'waiting'")[0][0] > 0
        child = start()
    for clerk in clerks:
        clerk.join(120)
        assert not clerk.is_alive()
    end = time.monotonic() + 120
    while office.rows("SELECT state FROM migration") != [("ended",)]:
        assert time.monotonic() < end, office.rows(
            "SELECT state, reason, element, count(*) FROM migration_case GROUP BY 1, 2, 3"
        )
        time.sleep(0.05)
    while office.rows("SELECT count(*) FROM outbox WHERE state = 'open'") != [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.05)
    child.kill()
    child.join()
    check(office, cases, done)
    lines = Counter(row[0] for row in office.rows("SELECT state FROM migration_case"))
    print(
        f"{KILLS} kills ({between} half-way), {dict(lines)}, {len(done)} tasks completed meanwhile, seed {SEED}"
    )
    office.close()


def check(office: Small, cases: list[str], done: list[str]) -> None:
    """Nothing is lost, nothing is there twice, and every case stands as its model says."""
    assert [row[0] for row in office.rows("SELECT id FROM cases ORDER BY id")] == sorted(cases)
    lines = dict(office.rows("SELECT case_id, state FROM migration_case"))
    assert set(lines.values()) <= {"moved", "ended"}
    moved = sorted(case for case, state in lines.items() if state == "moved")
    entries = office.rows(
        "SELECT chain, count(*) FROM journal WHERE kind = 'migrated' GROUP BY chain ORDER BY chain"
    )
    assert entries == [(case, 1) for case in moved]
    packages = dict(office.rows("SELECT id, package FROM cases"))
    assert {packages[case] for case in moved} == {process.NEW.digest}
    # Whoever was not moved had ended before: on the old version, or never listed.
    states = dict(office.rows("SELECT id, state FROM cases"))
    assert {states[case] for case in cases if case not in moved} <= {"ended"}
    closed = [row[0] for row in office.rows("SELECT id FROM task WHERE state = 'done'")]
    assert sorted(closed) == sorted(done)
    assert len(done) == len(set(done))
    assert faults(office.bus.store, office.bus.office.packages) == []
    assert list(verify(office.bus.store)) == []
