"""New versions are published while clerks complete cases: nobody is disturbed, and every case keeps the version it began with."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from engine.commands import Publish
from engine.package import pack
from engine.verify import verify
from tests.engine.migrated import faults
from tests.engine.small import open_small, paid, person, relief
from tests.engine.test_migrating import version

if TYPE_CHECKING:
    from tests.engine.small import Small

CLERKS, CASES, VERSIONS = 4, 8, 6


def test_publishing_while_cases_complete(store_url: str) -> None:
    office = open_small(store_url, relief(), handlers={"pay": paid}, size=8)
    began: dict[str, str] = {}
    broken: list[Exception] = []
    done = threading.Event()

    def clerk(number: int) -> None:
        try:
            for turn in range(CASES):
                work(office, began, f"{number}-{turn}", number)
        except Exception as error:  # noqa: BLE001 - the test looks at every kind
            broken.append(error)

    def publisher() -> None:
        packages = [version(approve=f"sign{number}") for number in range(VERSIONS)]
        for number in range(10_000):
            package = packages[number % VERSIONS]
            office.do(Publish(f"publish-again-{number}", "relief", archive=pack(package)))
            if done.is_set():
                return

    clerks = [threading.Thread(target=clerk, args=(number,)) for number in range(CLERKS)]
    boss = threading.Thread(target=publisher)
    for each in (*clerks, boss):
        each.start()
    for each in clerks:
        each.join(60)
    done.set()
    boss.join(60)
    office.carrier.drain()
    assert broken == []
    rows = dict(office.rows("SELECT id, package FROM cases"))
    assert rows == began
    assert len(set(began.values())) > 1
    assert office.rows("SELECT DISTINCT state FROM cases") == [("ended",)]
    assert faults(office.bus.store, office.bus.office.packages) == []
    assert list(verify(office.bus.store)) == []
    office.close()


def work(office: Small, began: dict[str, str], key: str, number: int) -> None:
    """Open a case and do what it asks, step by step, whatever version it got."""
    clerk, leader = person(f"clerk{number}"), person(f"leader{number}", "leader")
    answer: Any = office.submit(actor=person(f"ann{key}"))
    case = answer["case"]
    began[case] = office.rows("SELECT package FROM cases WHERE id = ?", case)[0][0]
    opened = answer["opened"]
    while opened:
        element = office.rows("SELECT element FROM task WHERE id = ?", opened[0])[0][0]
        actor = clerk if element in ("register", "look") else leader
        data = {"amount": "5.00"} if element == "register" else {}
        opened = office.work(opened[0], actor, data)["opened"]
