"""From a resident's request to the sealed PDF, as people's programs do it: what each desk has to do, and that it verifies.

A clerk's minute is counted, not timed: how often somebody at a desk acts, and how many answers they give themselves (the
rest stands in the form already). The figures are printed; what holds them down is asserted.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.documents.verify import file_tokens
from engine.store.tx import Tx
from tests.api.conftest import VILLAGE, Caller, identity, wait_for
from tests.conftest import office_day

if TYPE_CHECKING:
    import httpx

    from engine.office import Office
    from tests.api.conftest import People

REQUEST = {
    "asked": "党员到社区报到，要个报到回执",
    "purpose": "party",
    "for_whom": "self",
    "applicant": {"name": "赵敏", "phone": "13812345678"},
    "hukou_here": True,
    "unit": {"name": "某局机关党委", "kind": "party_organisation", "place": "here", "paper": True},
}
#: What the clerk answers; everything else comes from the request or the form itself.
CLASSIFIED = {
    "identity_checked": True,
    "facts": ["party_report"],
    "recipient": {"kind": "party_organisation", "name": "某局机关党委", "place": "here"},
    "relative": "none",
    "complete": True,
}
FROM_THE_REQUEST = {
    "purpose": "party",
    "hukou_here": True,
    "public_interest": False,
    "must_have": False,
    "checkable": False,
    "legal_risk": False,
}
SIGNED = {"decision": "issue", "detail": "2026年11月24日到本社区报到，认领服务岗位一个"}
SEALED = {"kept": True}


class Desk:
    """One account that counts what it does."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.acts = 0
        self.answers = 0

    def work(self, case: str, element: str, own: dict[str, Any], ready: dict[str, Any] | None = None) -> None:
        """Claim the step and complete it: two acts, and as many answers as the desk gives itself."""
        wait_for(lambda: any(one["element"] == element for one in self._tasks(case)))
        told = self.caller.work(case, element, {**(ready or {}), **own})
        assert told.status_code == 200, told.text
        self.acts += 2
        self.answers += sum(len(one) if isinstance(one, dict) else 1 for one in own.values())

    def _tasks(self, case: str) -> list[dict[str, Any]]:
        return list(self.caller.get(f"/api/tasks?search={case}").json()["tasks"])


def asked_three_ways(browser: httpx.Client, word: str, number: str, pdf: bytes) -> list[dict[str, Any]]:
    """What anybody is told about the paper who scans its code, types its number, or hands in its file."""
    return [
        browser.get("/api/verify", params={"token": word, "purpose": "party"}).json(),
        browser.get("/api/verify", params={"token": word, "number": number}).json(),
        browser.post("/api/verify", files={"data": ("a.pdf", pdf)}).json(),
    ]


def revoke(people: People, number: str) -> None:
    """Have the certificate revoked as it is done: the director proposes, the township signs too."""
    told = people("jinlun.clerk").post(
        "/api/applications",
        {
            "process": "certificate-revocation",
            "area": VILLAGE,
            "data": {
                "number": number,
                "ground": "changed",
                "found_on": f"{office_day()}",
                "findings": "已经转走组织关系",
            },
        },
    )
    assert told.status_code == 201, told.text
    for account, element in (("jinlun.director", "propose"), ("beiguan.officer", "co_sign")):
        decision = {"decision": "revoke", "reason": "事实已经变化"}
        Desk(people(account)).work(told.json()["case"], element, decision)


def test_a_certificate_in_one_minute_of_clerk_time(
    people: People, browser: httpx.Client, office: Office
) -> None:
    resident = people()
    data = {**REQUEST, "applicant": {**REQUEST["applicant"], "id_no": identity()}}  # type: ignore[dict-item]
    begun = time.perf_counter()
    told = resident.post(
        "/api/applications", {"process": "community-certificate", "area": VILLAGE, "data": data}
    )
    assert told.status_code == 201, told.text
    case = told.json()["case"]
    clerk, director, keeper = (Desk(people(f"jinlun.{name}")) for name in ("clerk", "director", "seal"))
    clerk.work(case, "classify", CLASSIFIED, FROM_THE_REQUEST)
    director.work(case, "sign", SIGNED)
    keeper.work(case, "affix_seal", SEALED)

    def issued() -> list[dict[str, Any]]:
        found = clerk.caller.get("/api/documents", params={"search": case, "code": "CE06"}).json()["items"]
        return [one for one in found if one["number"]]

    wait_for(lambda: bool(issued()))
    paper = issued()[0]
    pdf = clerk.caller.get(f"/api/documents/{paper['id']}").content
    elapsed = time.perf_counter() - begun
    assert pdf.startswith(b"%PDF-")

    desks = (clerk, director, keeper)
    acts, answers = sum(one.acts for one in desks), sum(one.answers for one in desks)
    print(f"request to PDF: {acts} acts at three desks, {answers} answers, machine time {elapsed:.1f} s")
    assert clerk.acts == 2
    assert acts == 6
    assert answers <= 12

    (word,) = list(file_tokens(pdf))[:1]
    ways = asked_three_ways(browser, word, paper["number"], pdf)
    by_code = ways[0]
    altered = browser.post("/api/verify", files={"data": ("a.pdf", pdf[:-1] + b"x")}).json()
    wrong = browser.get("/api/verify", params={"token": word, "purpose": "bank"}).json()
    states = [one["state"] for one in (*ways, altered, wrong)]
    assert states == ["genuine", "genuine", "genuine", "altered", "wrong-purpose"]
    assert by_code["facts"]["item_name"] == "在职党员干部到居住地报到情况反馈"
    assert by_code["facts"]["person.name"] == "赵*"
    assert by_code["facts"]["person.id_no"] != data["applicant"]["id_no"]

    # Its last day is over: a month goes by in the register, not on the clock.
    with office.store.writing() as session:
        tx = Tx(session, datetime.now(UTC))
        (key,) = tx.rows("SELECT id, valid_until FROM document WHERE number = ?", paper["number"])
        over = {"valid_until": f"{office_day() - timedelta(days=1)}"}
        tx.update("document", (key[0],), over, {"state": "valid"})
        session.flush(tx.writes)
    assert [one["state"] for one in asked_three_ways(browser, word, paper["number"], pdf)] == ["expired"] * 3

    # Revoked stands before expired.
    revoke(people, paper["number"])

    def states_now() -> list[str]:
        return [str(one["state"]) for one in asked_three_ways(browser, word, paper["number"], pdf)]

    wait_for(lambda: states_now() == ["revoked"] * 3)
    late = browser.get("/api/verify", params={"token": word, "purpose": "bank"}).json()
    assert late["state"] == "revoked"
    assert late["facts"].get("person.name", "赵*") == "赵*"
