"""A page that answers a post is read in the other language under an address that can be opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from litestar.routes import HTTPRoute

from api.app import create_app
from api.homes import homes_of
from tests.studio.conftest import SHORT

if TYPE_CHECKING:
    from engine.office import Office
    from tests.api.conftest import People


def test_every_page_that_takes_a_post_has_a_home_that_opens(bureau: Office) -> None:
    app = create_app(bureau)
    opens = {one.path_format for one in app.routes if isinstance(one, HTTPRoute) and "GET" in one.methods}
    homes = {path: home for path, home in homes_of(app.routes).items() if not path.startswith("/api/")}
    assert len(homes) > 50
    assert {path: home for path, home in homes.items() if home not in opens} == {}
    unfilled = {
        path
        for path, home in homes.items()
        if not set(re.findall(r"\{\w+\}", home)) <= set(re.findall(r"\{\w+\}", path))
    }
    assert unfilled == set()


@pytest.mark.parametrize(
    ("account", "path", "home"),
    [
        ("analyst", f"/studio/{SHORT}/scenarios/copy", f"/studio/{SHORT}/scenarios"),
        ("analyst", f"/studio/{SHORT}/scenarios/keep", f"/studio/{SHORT}/scenarios"),
        ("analyst", f"/studio/{SHORT}/publish/retire", f"/studio/{SHORT}/publish"),
        ("analyst", f"/studio/{SHORT}/migrate/no%20such", f"/studio/{SHORT}/migrate/no%20such"),
        ("analyst", "/studio/import", "/studio/new"),
        ("beiguan.window", "/tasks/no such/claim", "/tasks/no%20such"),
        ("beiguan.window", "/cases/none/messages/withdrawal", "/cases/none"),
        ("beiguan.window", "/issued/none/serial", "/issued/none"),
        (None, "/track/none/rating", "/track/none"),
        (None, "/nowhere", "/nowhere"),
    ],
)
def test_the_switch_of_a_refusal_leads_home(staff: People, account: str | None, path: str, home: str) -> None:
    caller = staff(account)
    told = caller.client.post(
        f"{path}?kept=1", data={"x": "1"}, headers={**caller.headers, "accept": "text/html"}
    )
    assert 400 <= told.status_code < 500, told.text
    assert f'href="{home}?kept=1&amp;language=en"' in told.text
