"""Analysts of a secret process draw it, and learn nothing of its cases: neither that there are some nor how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import Caller
from tests.studio.conftest import SHORT

HTML = {"accept": "text/html"}
PAGES = (f"/studio/{SHORT}", f"/studio/{SHORT}/publish", "/studio")


@pytest.fixture
def secret(bureau: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short process, as if its rights named who may know."""
    access = bureau.bus.access
    monkeypatch.setattr(access, "secret", frozenset({*access.secret, SHORT}))


def counts(page: str) -> list[str]:
    """What stands in the columns of open cases."""
    return [part.partition("</td>")[0] for part in page.split('class="sum num" data-label="在办件">')[1:]]


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
