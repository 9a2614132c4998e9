"""The public register and campaigns over HTTP: what strangers see, what they do not, and who may open a campaign."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands import EnterItem
from engine.office import SYSTEM
from tests.conftest import office_day

if TYPE_CHECKING:
    from engine.office import Office

CODE = "51140700MJ0799017B"
SECRET = {
    "bank": "中国银行晋中分行6222021234567890128",
    "phone": "13803541234",
    "legal_rep_id": "142401199003079984",
}


@pytest.fixture(scope="module")
def entered(office: Office) -> None:
    day = office_day()
    data = {"type": "ST", "legal_rep": "张三丰", "registered_on": day, "lists": ["abnormal"], **SECRET}
    command = EnterItem(
        "enter-a-test", "organisations", CODE, "晋中市%测试_协会", "active", "1407", day, data
    )
    office.bus.execute(command, SYSTEM, datetime.now(UTC))


def texts(item: Any) -> dict[str, str]:
    return {one["key"]: one["value"] for one in item["fields"]}


def test_strangers_see_only_what_the_publication_names(people: Any, entered: None) -> None:
    told = people().get(f"/api/registers/organisations/{CODE}", headers={"accept-language": "zh-CN"})
    assert told.status_code == 200
    assert texts(told.json()) == {
        "type": "社会团体",
        "legal_rep": "张三丰",
        "registered_on": office_day().isoformat(),
        "lists": "活动异常名录",
    }
    page = people().get(f"/registers/organisations/{CODE}")
    assert page.status_code == 200
    for secret in SECRET.values():
        assert secret not in told.text
        assert secret not in page.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [("晋中市%测试", True), (CODE, True), (CODE.lower(), True), ("晋中市x测试", False), ("协会%", False)],
)
def test_search_takes_text_as_it_is(people: Any, entered: None, asked: str, found: bool) -> None:
    told = people().get("/api/registers/organisations", params={"text": asked})
    assert (CODE in [item["key"] for item in told.json()["items"]]) is found


def test_narrowing_by_status_and_kind(people: Any, entered: None) -> None:
    gone = people().get("/api/registers/organisations", params={"status": "deregistered"}).json()["items"]
    assert {item["status"] for item in gone} == {"已注销"}
    funds = people().get("/api/registers/organisations", params={"kind": "JJ"}).json()["items"]
    assert {texts(item)["type"] for item in funds} == {"基金会"}


def test_what_is_not_published_is_not_there(people: Any) -> None:
    for path in ("organisation-names", "organisations/none", "..%2Forganisations", "nothing"):
        assert people().get(f"/api/registers/{path}").status_code == 404


def test_campaigns_are_for_those_who_may(people: Any) -> None:
    wish = {"process": "so-annual", "area": "1407", "period": "2025"}
    assert people().post("/api/campaigns", wish).status_code == 401
    assert people("so.window").post("/api/campaigns", wish).status_code == 403
    chief = people("so.chief")
    refused = chief.post("/api/campaigns", {**wish, "period": "now"})
    assert refused.status_code == 400
    opened = chief.post("/api/campaigns", {**wish, "area": "140799"}).json()
    assert opened == {"campaign": None, "fitting": 0, "opened": 0, "already": 0}
    assert chief.get("/campaigns").status_code == 200
    assert chief.get("/api/campaigns").json() == []
    assert chief.get("/api/campaigns/so-annual-2025-9").status_code == 404
