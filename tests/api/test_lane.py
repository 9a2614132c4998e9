"""The emergency lane over the JSON API, from the report to the money, its papers and their verification."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.api.conftest import confirmed, wait_for

if TYPE_CHECKING:
    from tests.api.conftest import People


def test_from_report_to_verified_paper(people: People, case: dict[str, str]) -> None:
    number, code = case["case"], case["query_code"]
    confirmed(people, number)
    leader, anyone = people("beiguan.leader"), people()
    before = {one["fund"]: Decimal(one["balance"]) for one in leader.get("/api/funds").json()}
    told = leader.work(number, "approve_small", {"decision": "approve", "amount": 605})
    assert told.status_code == 200, told.text
    wait_for(lambda: leader.get(f"/api/cases/{number}").json()["open_tasks"] == ["record_end"])
    # The papers as the applicant finds them: by number and code, without account.
    documents = anyone.get(f"/api/cases/{number}?code={code}").json()["documents"]
    assert {one["code"] for one in documents} == {"D17"}  # the fund's ledger (D19) stays in the office
    assert {one["code"] for one in leader.get(f"/api/cases/{number}").json()["documents"]} == {"D17", "D19"}
    after = {one["fund"]: Decimal(one["balance"]) for one in leader.get("/api/funds").json()}
    assert before["140702001"] - after["140702001"] == 605

    paper = next(one for one in documents if one["code"] == "D17")
    pdf = anyone.get(f"/api/documents/{paper['id']}?case={number}&code={code}")
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF-")
    verdict = anyone.post("/api/verify", files={"data": ("a.pdf", pdf.content, "application/pdf")})
    assert verdict.json()["state"] == "genuine", verdict.text
    assert verdict.json()["number"] == paper["number"]
    altered = pdf.content.replace(b"%%EOF", b"%%E0F", 1)
    assert altered != pdf.content
    verdict = anyone.post("/api/verify", files={"data": ("a.pdf", altered, "application/pdf")})
    assert verdict.json()["state"] == "altered", verdict.text
    foreign = anyone.post("/api/verify", files={"data": ("a.pdf", b"%PDF-1.7 x %%EOF", "application/pdf")})
    told = foreign.json()
    for words in (told.pop("told"), told.pop("next")):
        assert set(words) == {"zh", "en"}
        assert all(words.values())
    assert told == {
        "state": "unknown", "code": None, "title": {}, "number": None, "issued_on": None, "sealed": False,
        "sha256": None, "facts": {}, "valid_until": None, "purpose": None, "reason": None, "replaced_by": None,
        "duplicate": None, "seal": "none",
    }  # fmt: skip


def test_supplementary_statement_ends_the_case(people: People, case: dict[str, str]) -> None:
    number = case["case"]
    confirmed(people, number)
    people("beiguan.leader").work(number, "approve_small", {"decision": "approve", "amount": 605})
    investigator = people("beiguan.investigator")
    wait_for(
        lambda: any(
            one["element"] == "record_end"
            for one in investigator.get(f"/api/tasks?search={number}").json()["tasks"]
        )
    )
    told = investigator.work(number, "record_end", {"emergency_end": "2026-11-01"})
    assert told.status_code == 200, told.text
    told = investigator.work(number, "supplement", {"findings": "属实", "result": "consistent"})
    assert told.status_code == 200, told.text
    wait_for(lambda: investigator.get(f"/api/cases/{number}").json()["state"] == "ended")
    codes = {one["code"] for one in investigator.get(f"/api/cases/{number}").json()["documents"]}
    assert "D18" in codes


def test_withdrawal_by_number_and_code(people: People, case: dict[str, str]) -> None:
    number, code = case["case"], case["query_code"]
    told = people().post(
        f"/api/cases/{number}/messages/withdrawal?code={code}", {"data": {"reason": "已经解决"}}
    )
    assert told.status_code == 200, told.text
    wait_for(
        lambda: people("beiguan.window").get(f"/api/cases/{number}").json()["state"] in {"ended", "cancelled"}
    )
    again = people().post(f"/api/cases/{number}/messages/withdrawal?code={code}", {"data": {}})
    assert again.status_code == 409
    assert again.json()["code"] == "case-ended"


def test_whoever_confirms_does_not_approve(people: People, case: dict[str, str], office: object) -> None:
    from datetime import UTC, datetime

    from api.auth import hash_password
    from engine.commands import AddAccount, GrantLine
    from engine.demonstration import PASSWORD
    from engine.office import SYSTEM

    account = f"both.{case['case'][-4:]}"
    grants = [GrantLine("town_investigator", "140702001"), GrantLine("town_leader", "140702001")]
    office.bus.execute(  # type: ignore[attr-defined]
        AddAccount(account, account, "双岗", hash_password(PASSWORD), grants=grants),
        SYSTEM,
        datetime.now(UTC),
    )
    number = case["case"]
    from tests.api.conftest import CONFIRMED, registered

    people("beiguan.window").work(number, "register", registered())
    both = people(account)
    assert both.work(number, "confirm_report", CONFIRMED).status_code == 200
    task = both.task_of(number, "approve_small")
    refused = both.post(f"/api/tasks/{task['id']}/claim")
    assert refused.status_code == 403
    assert refused.json()["code"] == "four-eyes"
    assert "核实急难情况" in refused.json()["title"]
