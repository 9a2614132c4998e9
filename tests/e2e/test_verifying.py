"""Verification on a phone: a certificate is looked up by its code, for the wrong purpose, after its end, altered, unknown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from engine.documents.verify import file_tokens
from tests.api.conftest import VILLAGE, identity
from tests.api.test_certificate_minute import CLASSIFIED, FROM_THE_REQUEST, REQUEST, SEALED, SIGNED
from tests.e2e.checks import at_widths
from tests.e2e.people import PHONE, open_page
from tests.e2e.serving import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.e2e.serving import Serving


@pytest.fixture(scope="module")
def paper(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, Path]:
    """A certificate issued by the committee: (word, number, file)."""
    with httpx.Client(base_url=serving.url, timeout=60) as client:

        def signed_in(account: str) -> dict[str, str]:
            told = client.post("/api/sessions", json={"account": account, "password": PASSWORD})
            client.cookies.clear()
            return {"authorization": f"Bearer {told.json()['token']}"}

        def wait(path: str, headers: dict[str, str], key: str) -> Any:
            for _ in range(600):
                found = client.get(path, headers=headers).json()[key]
                if found:
                    return found[0]
                time.sleep(0.1)
            raise AssertionError(path)

        data = {**REQUEST, "applicant": {"name": "赵敏", "phone": "13812345678", "id_no": identity()}}
        asked = {"process": "community-certificate", "area": VILLAGE, "data": data}
        case = client.post("/api/applications", json=asked).json()["case"]
        steps = (("clerk", {**FROM_THE_REQUEST, **CLASSIFIED}), ("director", SIGNED), ("seal", SEALED))
        for desk, answers in steps:
            me = signed_in(f"jinlun.{desk}")
            task = wait(f"/api/tasks?search={case}", me, "tasks")
            revision = client.post(f"/api/tasks/{task['id']}/claim", headers=me).json()["revision"]
            body = {"revision": revision, "data": answers}
            told = client.post(f"/api/tasks/{task['id']}/complete", headers=me, json=body)
            assert told.status_code == 200, told.text
        issued = wait(f"/api/documents?search={case}&code=CE06", me, "items")
        pdf = client.get(f"/api/documents/{issued['id']}", headers=me).content
    file = tmp_path_factory.mktemp("paper") / "certificate.pdf"
    file.write_bytes(pdf)
    return next(iter(file_tokens(pdf))), issued["number"], file


def test_a_phone_is_told_what_holds_and_what_to_do(
    paper: tuple[str, str, Path], serving: Serving, chromium: Browser, tmp_path: Path
) -> None:
    word, number, file = paper
    page = open_page(chromium, PHONE)
    page.goto(f"{serving.url}/verify/{word}")  # where the QR code leads
    found = at_widths(page, 320, 390)
    text = page.inner_text("main")
    for part in ("真实有效", "有效期至", "接下来怎么办", "党组织关系、发展党员", "赵*", number):
        assert part in text, part
    assert "赵敏" not in text

    page.select_option("#purpose-here", "bank")
    page.click("form:has(#purpose-here) button")
    page.wait_for_url("**purpose=bank**")
    assert "用途不符" in page.inner_text("main .alert h2")
    assert "银行" in page.inner_text("main .alert")
    found += at_widths(page, 320, 390)

    page.fill("#number", number)
    page.fill("#token", word.lower())
    page.select_option("#purpose-number", "party")
    page.click("form:has(#token) button")
    page.wait_for_selector(".alert.done")
    assert "真实有效" in page.inner_text("main .alert h2")

    altered = tmp_path / "altered.pdf"
    altered.write_bytes(file.read_bytes()[:-1] + b"x")
    for given, verdict in ((file, "真实有效"), (altered, "内容被改动"), (__file__, "查不到")):
        page.goto(f"{serving.url}/verify?language=zh")
        page.set_input_files("#file", given)
        page.click("form:has(#file) button")
        page.wait_for_selector("main .alert")
        assert verdict in page.inner_text("main .alert h2")
        found += at_widths(page, 390)
    assert not found, "\n".join(found)
    assert page.troubles == []  # type: ignore[attr-defined]
