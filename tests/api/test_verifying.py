"""Public verification in every state: by the code's address, by number and code, by file; what it says, counts and logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from engine.store.tx import Tx
from tests.conftest import office_day

if TYPE_CHECKING:
    import httpx

    from engine.office import Office

NAME, ID_NUMBER = "欧阳锦绣", "142401199003079984"
TODAY = office_day()
STATES = ("genuine", "revoked", "replaced", "expired", "wrong-purpose", "altered", "unknown")
ENDS = {
    "revoked": {"state": "revoked", "state_reason": "内容不实"},
    "replaced": {
        "state": "replaced",
        "state_reason": "文字更正",
        "replaced_by": "140702001001-2026-00099-3",
    },
    "expired": {"valid_until": f"{TODAY - timedelta(days=1)}"},
}


def word(state: str) -> str:
    return f"TEST{state.upper().replace('-', '')}PAPER"


def bytes_of(state: str) -> bytes:
    return f"%PDF-1.7 {state} /ID [({word(state)}) (x)]".encode()


@pytest.fixture(scope="module", autouse=True)
def papers(office: Office) -> None:
    """One certificate in each state; what must not be told stands in the row's case."""
    public = {"item_name": "党员报到情况", "purpose_name": "党组织关系", "person.name": "欧***"}
    with office.store.writing() as session:
        tx = Tx(session, datetime.now(UTC))
        for place, state in enumerate(STATES[:-1]):
            row = {
                "id": f"verify-{state}", "case_id": f"{NAME}{ID_NUMBER}", "code": "CE06", "element": "issue",
                "number": f"140702001001-2026-9000{place}-1", "title": json.dumps({"zh": "证明", "en": "Certificate"}),
                "token": word(state), "sha256": sha256(bytes_of(state)).hexdigest(), "size": 9,
                "media_type": "application/pdf", "public": json.dumps(public), "signed_by": "公章", "state": "valid",
                "issued_on": "2026-03-04", "issued_at": datetime.now(UTC), "purpose": "party",
                "valid_until": f"{TODAY}", "relied": 0, "internal": 0, **ENDS.get(state, {}),
            }  # fmt: skip
            tx.insert("document", row)
        session.flush(tx.writes)


def number(state: str) -> str:
    return f"140702001001-2026-9000{STATES.index(state)}-1" if state != "unknown" else "140702001001-2026-1-1"


def ways(browser: httpx.Client, state: str, language: str) -> dict[str, str]:
    """The page that each way to ask gives for a paper in the state."""
    purpose = "bank" if state == "wrong-purpose" else "party"
    cookies = {"cookie": f"language={language}"}
    content = bytes_of(state) + (b" " if state == "altered" else b"")
    files = {"file": ("a.pdf", content, "application/pdf")}
    told = {"file": browser.post("/verify", data={"purpose": purpose}, files=files, headers=cookies).text}
    if state != "altered":
        told["code"] = browser.get(
            f"/verify/{word(state)}", params={"purpose": purpose}, headers=cookies
        ).text
        given = {"number": number(state), "token": word(state).lower(), "purpose": purpose}
        told["number"] = browser.post("/verify", data=given, headers=cookies).text
    return told


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_with_what_to_do_next(browser: httpx.Client, state: str, language: str) -> None:
    from api.words import say

    for way, page in ways(browser, state, language).items():
        assert f"<h2>{say(language, f'verify.{state}')}</h2>" in page, way
        assert say(language, f"verify.{state}-help") in page, way
        assert say(language, f"verify.{state}-next") in page, way
        assert (say(language, "verify.valid-until") in page) == (state != "unknown"), way
        assert NAME not in page
        assert ID_NUMBER not in page
        if state == "replaced":
            assert "140702001001-2026-00099-3" in page
        if state == "revoked":
            assert "内容不实" in page
        if state == "wrong-purpose":
            assert "银行、贷款、信用" in page
            assert "党组织关系、发展党员" in page


@pytest.mark.parametrize("state", STATES)
def test_programs_are_told_the_same(browser: httpx.Client, state: str) -> None:
    purpose = "bank" if state == "wrong-purpose" else "party"
    content = bytes_of(state) + (b" " if state == "altered" else b"")
    by_file = browser.post("/api/verify", params={"purpose": purpose}, files={"data": ("a.pdf", content)})
    assert by_file.status_code == 200, by_file.text
    answers = [by_file.json()]
    if state != "altered":
        asked: dict[str, Any] = {"token": word(state), "number": number(state), "purpose": purpose}
        answers.append(browser.get("/api/verify", params=asked).json())
    for answer in answers:
        assert answer["state"] == state
        assert set(answer["told"]) == set(answer["next"]) == {"zh", "en"}
        assert all(answer["next"].values())
        assert (answer["valid_until"] is None) == (state == "unknown")


def test_a_number_alone_or_another_papers_number_tells_nothing(browser: httpx.Client) -> None:
    given = {"number": number("expired"), "token": word("genuine")}
    assert "查不到" in browser.post("/verify", data=given).text
    assert "党员报到" not in browser.post("/verify", data={"number": number("genuine"), "token": ""}).text


def test_a_revocation_shows_with_the_next_answer(browser: httpx.Client, office: Office) -> None:
    """However often the page was told before."""
    with office.store.writing() as session:
        tx = Tx(session, datetime.now(UTC))
        (row,) = tx.rows("SELECT * FROM document WHERE id = ?", "verify-genuine")
        names = [one[1] for one in tx.rows("SELECT * FROM pragma_table_info('document')")]
        tx.insert(
            "document",
            dict(zip(names, row, strict=True))
            | {"id": "verify-once", "token": "TESTONCEPAPER", "sha256": "1" * 64, "number": "once"}
            | {"issued_at": datetime.now(UTC)},
        )
        session.flush(tx.writes)
    for _ in range(3):
        assert "真实有效" in browser.get("/verify/TESTONCEPAPER").text
    with office.store.writing() as session:
        tx = Tx(session, datetime.now(UTC))
        tx.update("document", ("verify-once",), ENDS["revoked"], {"state": "valid"})
        session.flush(tx.writes)
    assert "已撤销" in browser.get("/verify/TESTONCEPAPER").text


def test_look_ups_are_counted_without_saying_who_asked(
    browser: httpx.Client, office: Office, app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.edge.tally.flush()
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            browser.get(f"/verify/{word('expired')}")
        app.state.edge.tally.flush()
    with office.store.reading() as reader:
        rows = reader.rows(
            "SELECT case_id, outcome, times FROM verification WHERE document = 'verify-expired'"
        )
    assert [row[:2] for row in rows] == [("", "expired")]
    assert rows[0][2] >= 3
    said = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("api", "engine"))
    )
    assert not any(secret in said for secret in (NAME, ID_NUMBER, word("expired"), "127.0.0.1"))


def test_one_address_is_braked_and_another_is_not(app: Any) -> None:
    from api.brakes import ALLOWANCES, Brakes, TooOften

    brakes = Brakes()
    for _ in range(ALLOWANCES["verify"].burst):
        brakes.use("verify", "10.0.0.1", 1.0)
    with pytest.raises(TooOften):
        brakes.use("verify", "10.0.0.1", 1.0)
    brakes.use("verify", "10.0.0.2", 1.0)
