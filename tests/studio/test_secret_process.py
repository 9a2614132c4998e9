"""Analysts of a secret process draw it, and learn nothing of its cases: neither that there are some nor how many."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from engine.access import Actor, Grant
from engine.commands import AskJob
from engine.package import pack, read_package
from tests.studio.conftest import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from tests.api.conftest import Caller

HTML = {"accept": "text/html"}
PAGES = (f"/studio/{SHORT}", f"/studio/{SHORT}/publish", "/studio")


@pytest.fixture
def secret(bureau: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short process, as if its rights named who may know."""
    access = bureau.bus.access
    monkeypatch.setattr(access, "secret", frozenset({*access.secret, SHORT}))


def counts(page: str) -> list[str]:
    """What stands in the columns of open cases."""
    return re.findall(r'<td class="sum num[^"]*" data-label="在办件">(.*?)</td>', page)


@pytest.mark.usefixtures("secret")
def test_no_page_counts_cases(analyst: Caller, publisher: Caller) -> None:
    for caller in (analyst, publisher):
        for path in PAGES[:2]:
            told = counts(caller.get(path, headers=HTML).text)
            assert told
            assert set(told) == {"—"}, path
        assert "—" in counts(caller.get(PAGES[2], headers=HTML).text)


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(
    "place", ["migrate", "migrate-plan.csv", "migrate/nothing", "migrate/nothing/progress"]
)
def test_migrations_are_for_those_who_know(publisher: Caller, place: str) -> None:
    assert publisher.get(f"/studio/{SHORT}/{place}", headers=HTML).status_code == 403


def test_others_are_counted(analyst: Caller) -> None:
    # A package that was published again is counted under its newest number only.
    assert any(one.isdigit() for one in counts(analyst.get(PAGES[0], headers=HTML).text))


def asked_for(office: Office, process: str, source: str) -> str:
    """A simulation that waits, asked for when it was allowed."""
    wish = {"source": source, "since": date(2026, 1, 1), "until": date(2026, 12, 31), "measure": ""}
    package = read_package(office.settings.root, process)
    knowing = Actor("analyst", "路遥", (Grant("analyst"),))
    command = AskJob(f"ask:{secrets.token_hex(8)}", process, "simulation", wish, pack(package))
    return str(office.bus.execute(command, knowing, datetime.now(UTC))["job"])


@pytest.fixture
def simulations(bureau: Office) -> Iterator[tuple[str, str]]:
    """Two that wait, of decided cases and of the archive; none is left for other tests to come upon."""
    keys = asked_for(bureau, SHORT, "decided"), asked_for(bureau, SHORT, "archive")
    yield keys
    for key in keys:
        bureau.store.run("DELETE FROM job WHERE id = ?", (key,))


def test_no_progress_counts_cases(
    simulations: tuple[str, str], analyst: Caller, request: pytest.FixtureRequest
) -> None:
    of_cases, of_archive = simulations
    places = [f"/studio/{SHORT}/jobs/{key}" for key in (of_cases, of_archive)]
    assert [analyst.get(place, headers=HTML).status_code for place in places] == [200, 200]
    request.getfixturevalue("secret")
    assert [analyst.get(place, headers=HTML).status_code for place in places] == [404, 200]
    stopped = analyst.client.post(f"{places[0]}/stop", data={"command": "stop-1"}, headers=analyst.headers)
    assert stopped.status_code == 404
    page = analyst.get(f"/studio/{SHORT}/simulator", headers=HTML).text
    assert of_archive in page
    assert of_cases not in page
    table = f"/studio/{SHORT}/simulator/{of_cases}/cases.csv"
    assert analyst.get(table, headers=HTML).status_code == 404
