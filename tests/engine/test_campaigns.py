"""Campaigns: one case for each fitting item and period, on both databases, also when two people open them at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine import register
from engine.access import Actor, Grant
from engine.campaigns import campaign_of
from engine.commands import NoteCampaignCase, OpenCampaign, SubmitApplication
from engine.commands.frame import Work
from engine.errors import CommandInvalid, Conflict, Forbidden, NotFound, PackageBroken
from engine.openings import OPENER
from engine.package import Package
from engine.queries import campaign, campaigns
from engine.store.exact import unpack
from engine.store.tx import Tx
from tests.engine.small import ENGINE, NOON, ends, form, model, open_small, package, person, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small

WHO = 'status = "active" and founded.year <= number(period)'
DATA = "{name: name, size: size}"


def visits(who: str = WHO, data: str = DATA) -> Package:
    """look (clerk) -> end; every active house is visited once a year."""
    elements = ends() + task("userTask", "look")
    bpmn = model("visit", {"clerk": "look"}, elements, "begin>look look>done")
    fields = {"key": "name", "type": "text", "required": True}, {"key": "size", "type": "integer", "max": 100}
    forms = {"start": form("start", *fields), "look": form("look", {"key": "result", "type": "text"})}
    rules = "p, clerk, visit, start\np, clerk, visit/clerk, work\np, clerk, visit, see\np, leader, visit, campaign\n"
    title = {"zh": "走访", "en": "Visits"}
    file = {
        "title": title,
        "register": "houses",
        "period": title,
        "pattern": "20[0-9]{2}",
        "result": "result",
    }
    content = json.dumps({**file, "who": who, "data": data}).encode()
    found = package("visit", bpmn, rules, forms)
    return Package("visit", {**found.files, "workflows/campaigns/visit.json": content})


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    office = open_small(store_url, visits())
    with office.bus.store.writing() as session:
        tx = Tx(session, NOON)
        work = Work(tx, ENGINE, NOON, OpenCampaign("entering", "", "", ""), office.bus.office)
        for number in range(6):
            given = {
                "register": "houses",
                "key": f"H{number}",
                "event": "built",
                "on": date(2020, 1, 1),
                "name": f"第{number}院",
                "status": "closed" if number == 1 else "active",
                "area": "140702" if number < 5 else "140728",
                "data": {
                    "founded": date(2026 if number == 2 else 2020, 1, 1),
                    "size": 500 if number == 3 else 9,
                },
            }
            register.record(work, "entering", given)
        tx.commit()
    yield office
    office.close()


LEADER = Actor("leader", "LEADER", (Grant("leader", "140702"),))


def opened(small: Small, name: str = "first", period: str = "2025", area: str = "140702") -> Any:
    return small.bus.execute(OpenCampaign(name, "visit", area, period), LEADER, NOON)


def test_fitting_items_get_one_case_each(small: Small) -> None:
    answer = opened(small)
    assert dict(answer.values) == {"campaign": "visit-2025-1", "fitting": 3, "opened": 3, "already": 0}
    small.carrier.drain()
    view = campaign(small.bus.store, small.bus.access, LEADER, "visit-2025-1")
    assert [(line.subject, line.state, line.error) for line in view.lines] == [
        ("H0", "open", None),
        ("H3", "refused", "form-invalid"),
        ("H4", "open", None),
    ]
    assert view.states == {"waiting": 0, "refused": 1, "open": 2, "ended": 0}
    assert view.steps == {"look": 2}
    assert view.results == {}


def test_a_second_campaign_of_the_period_tries_only_what_was_refused(small: Small) -> None:
    opened(small)
    small.carrier.drain()
    again = opened(small, "second")
    assert dict(again.values) == {"campaign": "visit-2025-2", "fitting": 3, "opened": 1, "already": 2}
    small.carrier.drain()
    rows = small.rows("SELECT subject, campaign, state FROM campaign_item ORDER BY subject")
    assert rows == [
        ("H0", "visit-2025-1", "opened"),
        ("H3", "visit-2025-2", "refused"),
        ("H4", "visit-2025-1", "opened"),
    ]
    assert small.rows("SELECT count(*) FROM cases") == [(2,)]
    other = opened(small, "next", "2026")
    assert other["fitting"] == 4  # the house founded in 2026, too


def test_the_same_command_opens_nothing_twice(small: Small) -> None:
    first, second = opened(small), opened(small)
    assert second.again
    assert second.values == first.values
    small.carrier.drain()
    small.carrier.drain()
    assert small.rows("SELECT count(*) FROM cases") == [(2,)]


def test_a_relay_that_dies_between_case_and_note_opens_one_case(small: Small) -> None:
    opened(small)
    data = unpack(small.rows("SELECT body FROM campaign_item WHERE subject = 'H0'")[0][0])
    wish = SubmitApplication(
        "campaign:visit:2025:H0:visit-2025-1:start", "visit", "140702", data, channel="exchange"
    )
    first = small.bus.execute(wish, OPENER, NOON)
    small.carrier.drain()
    assert small.rows("SELECT count(*) FROM cases") == [(2,)]
    assert small.rows("SELECT state, case_id FROM campaign_item WHERE subject = 'H0'") == [
        ("opened", first["case"])
    ]


def test_a_line_that_fails_oddly_hinders_no_other(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(small)
    really = small.bus.execute

    def fragile(command: Any, actor: Any, now: Any) -> Any:
        if isinstance(command, SubmitApplication) and ":H0:" in command.id:
            raise KeyError("gone")
        return really(command, actor, now)

    with monkeypatch.context() as patch:
        patch.setattr(small.bus, "execute", fragile)
        assert small.carrier.drain()
    sql = "SELECT subject, state, error FROM campaign_item ORDER BY subject"
    assert small.rows(sql) == [
        ("H0", "refused", "KeyError"),
        ("H3", "refused", "form-invalid"),
        ("H4", "opened", None),
    ]
    assert opened(small, "second")["opened"] == 2
    small.carrier.drain()
    assert small.rows("SELECT state, error FROM campaign_item WHERE subject = 'H0'") == [("opened", None)]
    assert small.rows("SELECT count(*) FROM cases") == [(2,)]


def test_a_line_whose_note_is_lost_opens_no_second_case(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(small)
    really = small.bus.execute

    def slower(command: Any, actor: Any, now: Any) -> Any:
        if isinstance(command, NoteCampaignCase):
            raise Conflict(command=command.id)
        return really(command, actor, now)

    with monkeypatch.context() as patch:
        patch.setattr(small.bus, "execute", slower)
        small.carrier.drain()
    assert {row[0] for row in small.rows("SELECT state FROM campaign_item")} == {"waiting"}
    small.later(minutes=2)
    small.carrier.drain()
    states = small.rows("SELECT state, count(*) FROM campaign_item GROUP BY state ORDER BY state")
    assert states == [("opened", 2), ("refused", 1)]
    assert small.rows("SELECT count(*) FROM cases") == [(2,)]


def test_two_people_at_once_open_each_case_once(small: Small) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: opened(small, f"wish{n}"), range(4)))
    assert sum(answer["opened"] for answer in answers) == 3
    small.carrier.drain()
    assert small.rows("SELECT count(*) FROM campaign_item") == [(3,)]


def test_rights_and_what_is_no_campaign(small: Small) -> None:
    with pytest.raises(Forbidden):
        small.bus.execute(OpenCampaign("no", "visit", "140702", "2025"), person("c"), NOON)
    with pytest.raises(Forbidden):
        opened(small, "elsewhere", area="1407")
    with pytest.raises(CommandInvalid):
        opened(small, "period", period="last year")
    with pytest.raises(NotFound):
        small.bus.execute(OpenCampaign("none", "missing", "140702", "2025"), LEADER, NOON)
    opened(small)
    stranger = Actor("x", "X", (Grant("leader", "140728"),))
    assert campaigns(small.bus.store, small.bus.access, stranger) == []
    with pytest.raises(NotFound):
        campaign(small.bus.store, small.bus.access, stranger, "visit-2025-1")
    assert [row.id for row in campaigns(small.bus.store, small.bus.access, LEADER)] == ["visit-2025-1"]


@pytest.mark.parametrize(("who", "data"), [("status =", DATA), (WHO, "{")])
def test_a_file_that_cannot_be_read_says_so(who: str, data: str) -> None:
    with pytest.raises(PackageBroken):
        campaign_of(visits(who, data))


def test_texts_that_give_nothing_are_refused(store_url: str) -> None:
    office = open_small(store_url, visits("null", DATA))
    with office.bus.store.writing() as session:
        tx = Tx(session, NOON)
        work = Work(tx, ENGINE, NOON, OpenCampaign("entering", "", "", ""), office.bus.office)
        given = {"register": "houses", "key": "H", "event": "built", "on": date(2020, 1, 1), "name": "院"}
        register.record(work, "entering", {**given, "status": "active", "area": "140702"})
        tx.commit()
    with pytest.raises(CommandInvalid) as refused:
        opened(office)
    assert refused.value.values["reason"] == "campaign-who"
    office.close()
