"""The list of issued papers, their prints, and public verification: over HTTP, with the real process and press."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from engine.demonstration import PASSWORD
from engine.documents.jobs import Sealing
from engine.documents.press import Press
from tests.api.conftest import PROCESS, confirmed, wait_for
from tests.documents.conftest import make_job

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from engine.office import Office
    from tests.api.conftest import People


def test_the_list_the_prints_and_the_verdicts(
    people: People, case: dict[str, str], office: Office, browser: httpx.Client, app: Any
) -> None:
    number = case["case"]
    confirmed(people, number)
    people("beiguan.leader").work(number, "approve_small", {"decision": "approve", "amount": 605})
    window, stranger = people("beiguan.window"), people()

    def papers(**query: Any) -> list[dict[str, Any]]:
        told = window.get("/api/documents", params={"search": number, **query})
        assert told.status_code == 200, told.text
        return list(told.json()["items"])

    wait_for(lambda: {one["code"] for one in papers()} >= {"D17", "D19"})
    assert [one["code"] for one in papers(code="D17")] == ["D17"]
    assert papers(standing="revoked") == []
    assert stranger.get("/api/documents").status_code == 401
    paper = papers(code="D17")[0]["id"]

    wish = {"reason": "发证", "original": True, "serial": f"S-{number}"}
    path = f"/api/documents/{paper}/prints"
    original = window.post(path, wish, headers={"idempotency-key": "one"})
    assert original.status_code == 201, original.text
    assert window.post(path, wish, headers={"idempotency-key": "one"}).content == original.content
    assert window.post(path, {**wish, "serial": None}).status_code == 409
    duplicate = window.post(path, {"reason": "原件遗失"})
    assert duplicate.status_code == 201, duplicate.text
    assert "副本" in "".join(PdfReader(io.BytesIO(duplicate.content)).pages[0].extract_text().split())
    assert [(one["n"], one["kind"]) for one in window.get(path).json()] == [(1, "original"), (2, "duplicate")]
    assert window.post(f"/api/prints/{paper}.p2/serial", {"serial": f"T-{number}"}).status_code == 200
    assert papers(serial=f"T-{number}")[0]["id"] == paper
    assert stranger.post(path, {"reason": "x"}).status_code in (401, 404)
    assert people("beiguan.investigator").post(path, {"reason": "x"}).status_code == 403

    told = stranger.post(
        "/api/verify", files={"data": ("a.pdf", duplicate.content, "application/pdf")}
    ).json()
    assert (told["state"], told["duplicate"]) == ("genuine", 2)
    assert (
        stranger.post("/api/verify", files={"data": ("a.pdf", original.content)}).json()["duplicate"] is None
    )
    app.state.edge.tally.flush()
    with office.store.reading() as reader:
        counts = reader.rows("SELECT outcome, times FROM verification WHERE document = ?", (paper,))
    assert counts == [("genuine", 2)], "counted, and nothing about who asked"

    batch = window.post("/api/prints", {"documents": [one["id"] for one in papers()], "reason": "集中归档"})
    assert batch.status_code == 201, batch.text
    pages = PdfReader(io.BytesIO(batch.content)).pages
    assert "批量打印清单" in pages[0].extract_text()
    assert len(pages) >= 3
    assert window.post("/api/prints", {"documents": [], "reason": "x"}).status_code == 400


def test_the_offline_page_is_served_with_its_own_policy(browser: httpx.Client) -> None:
    answer = browser.get("/verify/offline")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert '"keys": [{' in answer.text
    assert "/verify/offline" in browser.get("/verify").text
    assert "查不到" in browser.post("/verify", data={"token": "BJ1:ABC"}).text


def test_a_file_that_is_none_of_ours_is_told_by_its_own_signature(
    browser: httpx.Client, office: Office, sealed_elsewhere: bytes
) -> None:
    def told(content: bytes) -> tuple[str, str | None]:
        answer = browser.post("/api/verify", files={"data": ("a.pdf", content, "application/pdf")}).json()
        return answer["state"], answer["seal"]

    assert told(b"just a text") == ("unknown", "none")
    assert told(b"%PDF-1.7\nnothing more") == ("unknown", "none")
    assert told(sealed_elsewhere) == ("unknown", "foreign")
    changed = bytearray(sealed_elsewhere)
    changed[200] ^= 1
    assert told(bytes(changed))[1] in ("broken", "none")
    (office.settings.data / "keys").mkdir(exist_ok=True)
    page = browser.post("/verify", files={"file": ("a.pdf", sealed_elsewhere, "application/pdf")}).text
    assert "不是本系统信任的机构" in page
    assert "某某市公安局" not in page, "what a stranger calls itself is not repeated"


@pytest.fixture
def sealed_elsewhere(tmp_path: Path) -> bytes:
    """A paper of another house, sealed by a key of its own under a name that impresses."""
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    with Press(tmp_path / "press") as press:
        return press.work(make_job(sealing=Sealing(f"file:{tmp_path}", moment, "某某市公安局", "x"))).content


def test_the_pages_list_print_and_record(people: People, case: dict[str, str], browser: httpx.Client) -> None:
    number = case["case"]
    confirmed(people, number)
    people("beiguan.leader").work(number, "approve_small", {"decision": "approve", "amount": 605})
    window = people("beiguan.window")
    path = {"search": number, "code": "D17"}
    wait_for(lambda: window.get("/api/documents", params=path).json()["items"])
    paper = window.get("/api/documents", params=path).json()["items"][0]["id"]

    assert browser.get("/issued").url.path == "/sign-in"
    assert (
        browser.post("/sign-in", data={"account": "beiguan.window", "password": PASSWORD}).status_code == 200
    )
    found = browser.get("/issued", params={"search": number})
    assert f'href="/issued/{paper}"' in found.text
    assert "小额快救登记表" in found.text
    assert "没有符合条件的文书" in browser.get("/issued", params={"search": number, "state": "revoked"}).text
    wrong = browser.get("/issued", params={"since": "yesterday", "search": number})
    assert wrong.status_code == 422
    assert '<a href="#since">签发日期自' in wrong.text
    assert 'value="yesterday"' in wrong.text
    assert f'href="/issued/{paper}"' in wrong.text, "the rest of the question is answered"
    assert (
        f'href="/issued/{paper}"'
        in browser.get("/issued", params={"process": PROCESS, "search": number}).text
    )

    one = browser.get(f"/issued/{paper}")
    assert "还没有打印过" in one.text
    wish = {"command": "page-1", "kind": "original", "reason": "发证", "serial": f"P{number}"}
    first = browser.post(f"/issued/{paper}/print", data=wish)
    assert first.headers["content-type"] == "application/pdf"
    assert browser.post(f"/issued/{paper}/print", data=wish).content == first.content, (
        "the same post, sent twice"
    )
    again = browser.post(f"/issued/{paper}/print", data={"command": "page-2", "reason": "遗失"})
    assert "副本" in "".join(PdfReader(io.BytesIO(again.content)).pages[0].extract_text().split())
    serial = {"command": "page-3", "impression": f"{paper}.p2", "serial": f"Q{number}", "spoiled": "yes"}
    assert "作废" in browser.post(f"/issued/{paper}/serial", data=serial).text
    assert browser.post("/issued/x.7/serial", data={**serial, "command": "page-4"}).status_code == 404
    assert f'href="/issued/{paper}"' in browser.get("/issued", params={"serial": f"P{number}"}).text
    batch = {"command": "page-5", "document": [paper], "reason": "归档", "kind": "duplicate"}
    printed = browser.post("/issued/print", data=batch)
    assert "批量打印清单" in PdfReader(io.BytesIO(printed.content)).pages[0].extract_text()
    assert (
        browser.post("/issued/print", data={**batch, "command": "page-6", "document": []}).status_code == 400
    )
    assert "Issued papers" in browser.get("/issued", params={"language": "en"}).text
