"""Applying as a browser without scripts does: short steps, nothing lost, nothing twice, nobody else's."""

from __future__ import annotations

import gzip
import hashlib
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from engine.demonstration import PASSWORD
from tests.api.conftest import confirmed, wait_for
from tests.api.test_pages import enter, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from tests.api.conftest import People

PROCESS = "/apply/temporary-assistance"
AREA = "140702001001"
WHO = {"f.for_whom": "self", "f.reporter.name": "张三丰", "f.reporter.phone": "13812345678"}
WHAT = {
    "f.emergency_type": "fire", "f.emergency_at:y": "2026", "f.emergency_at:m": "8", "f.emergency_at:d": "3",
    "f.emergency_at:t": "9:05", "f.place_detail": "家里", "f.persons": "2", "f.description": "起火",
}  # fmt: skip
HELPER = {"helping": "yes", "helper-name": "李四", "helper-relation": "relative", "helper-consent": "present"}


@pytest.fixture
def second(address: str) -> Iterator[httpx.Client]:
    """Another browser."""
    with httpx.Client(
        base_url=address, timeout=30, headers={"accept": "text/html"}, follow_redirects=True
    ) as client:
        yield client


def begin(browser: httpx.Client, **more: str) -> str:
    """Take the first step; the address of the draft."""
    page = browser.get(PROCESS)
    given = {"command": hidden(page.text, "command"), "go": "next", "area": AREA, "phone": "13812345678"}
    told = browser.post(PROCESS, data={**given, **more})
    assert told.status_code == 200, told.text
    assert str(told.url).endswith("/1"), told.text
    return str(told.url.path).rsplit("/", 1)[0]


def save(browser: httpx.Client, draft: str, step: str, answers: dict[str, Any], go: str = "next") -> Any:
    """Post a step as it stands in the browser."""
    page = browser.get(f"{draft}/{step}")
    return browser.post(f"{draft}/{step}", data={"seen": hidden(page.text, "seen"), "go": go, **answers})


def filled(browser: httpx.Client, **more: str) -> str:
    """A draft that can be handed in."""
    draft = begin(browser, **more)
    save(browser, draft, "1", WHO)
    told = save(browser, draft, "3", WHAT)
    assert str(told.url).endswith("/check"), told.text
    return draft


def number_of(page: Any) -> str:
    """The case number on a confirmation."""
    found = re.search(r'id="case-number">([^<]+)', page.text)
    assert found, page.text
    return found[1]


def test_short_steps_lead_to_one_case(browser: httpx.Client, office: Office) -> None:
    page = browser.get(PROCESS)
    wrong = browser.post(
        PROCESS,
        data={"command": hidden(page.text, "command"), "go": "next", "phone": "123", "helping": "yes"},
    )
    assert wrong.status_code == 422
    assert re.findall(r'<li><a href="#([^"]+)">', wrong.text) == [
        "area", "phone", "helper-name", "helper-relation", "helper-consent",
    ]  # fmt: skip
    for anchor in ("area", "phone", "helper-name", "helper-relation", "helper-consent"):
        assert f'id="{anchor}"' in wrong.text, anchor
    assert 'value="123"' in wrong.text
    draft = begin(browser)
    told = save(browser, draft, "1", {"f.reporter.phone": "12"})
    assert told.status_code == 422
    assert re.findall(r'<li><a href="#([^"]+)">', told.text) == ["f.for_whom", "f.reporter.phone"]
    assert 'value="12"' in told.text
    told = browser.get(f"{draft}/check")
    assert "还有几处要填" in told.text
    assert f'href="{draft}/3?back=check#f.place_detail"' in told.text
    early = browser.post(f"{draft}/check", data={"go": "submit"})
    assert "有几处需要改正" in early.text
    save(browser, draft, "1", WHO)
    save(browser, draft, "3", WHAT)
    looked = browser.get(f"{draft}/check").text
    assert WHO["f.reporter.phone"] in looked, "nobody can check what is masked"
    assert WHO["f.reporter.name"] in looked
    done = browser.post(f"{draft}/check", data={"go": "submit"})
    number = number_of(done)
    assert f"/submitted/{number}" in str(done.url)
    assert "承诺办结日期" in done.text
    for address in (f"{draft}/check", f"{draft}/3"):
        again = browser.post(address, data={"go": "submit"})
        assert number in again.text, "the button again, the page of before: the same case"
    assert number_of(browser.get(f"/submitted/{number}")) == number
    with office.store.reading() as reader:
        assert reader.rows("SELECT title FROM cases WHERE id = ?", (number,)) == [
            ("急难型临时救助 · 张三丰",)
        ]


def test_the_first_page_sent_twice_makes_one_draft(browser: httpx.Client, office: Office) -> None:
    page = browser.get(PROCESS)
    data = {"command": hidden(page.text, "command"), "go": "next", "area": AREA}
    drafts = {str(browser.post(PROCESS, data=data).url.path) for _ in range(2)}
    assert len(drafts) == 1


def test_two_windows_lose_nothing(browser: httpx.Client) -> None:
    draft = begin(browser)
    old = browser.get(f"{draft}/3").text
    save(browser, draft, "3", {"f.place_detail": "车站", "f.description": "第一个窗口写的"}, go="update")
    told = browser.post(
        f"{draft}/3", data={"seen": hidden(old, "seen"), "go": "next", "f.description": "第二个窗口写的"}
    )
    assert "又保存过" in told.text
    assert "第二个窗口写的" in told.text
    assert 'value="车站"' in told.text


def test_going_on_elsewhere_with_phone_and_code(browser: httpx.Client, second: httpx.Client) -> None:
    draft = begin(browser)
    later = save(browser, draft, "1", {"f.reporter.name": "张三丰"}, go="later")
    assert "已经保存" in later.text
    code = re.search(r'id="continue-code">([^<]+)', later.text)
    assert code
    assert second.get(f"{draft}/1").status_code == 404
    assert second.post(f"{draft}/1", data={"f.reporter.name": "别人"}).status_code == 404
    wrong = second.post("/continue", data={"phone": "13812345678", "code": "AAAA2222"})
    assert wrong.status_code == 404
    assert "不对" in wrong.text
    assert second.post("/continue", data={"phone": "13912345678", "code": code[1]}).status_code == 404
    told = second.post("/continue", data={"phone": " 138 1234 5678", "code": code[1].lower()})
    assert told.status_code == 200
    assert str(told.url.path).startswith(draft)
    assert 'value="张三丰"' in second.get(f"{draft}/1").text
    assert "继续填写" in browser.get("/").text
    assert f'href="{draft}"' in browser.get(PROCESS).text
    browser.post(f"{draft}/check/drop")
    assert second.get(f"{draft}/1").status_code == 404


def test_the_draft_survives_the_end_of_a_session(browser: httpx.Client, office: Office) -> None:
    enter(browser, "li.xiuying")
    draft = begin(browser)
    assert draft.rsplit("/", 1)[1] in browser.get("/my").text
    browser.cookies.delete("banjian")
    save(browser, draft, "1", WHO)
    save(browser, draft, "3", WHAT)
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    with office.store.reading() as reader:
        assert reader.rows("SELECT applicant, channel FROM cases WHERE id = ?", (number,)) == [
            ("li.xiuying", "online")
        ]


def test_script_in_every_field_stays_text(browser: httpx.Client) -> None:
    evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
    draft = begin(browser, **{**HELPER, "helper-name": evil[:50], "helper-unit": evil[:50]})
    texts = {"f.reporter.name": evil[:30], "f.place_detail": evil, "f.description": evil}
    save(browser, draft, "1", {**WHO, **texts})
    save(browser, draft, "3", {**WHAT, **texts})
    pages = [browser.get(f"{draft}/{step}") for step in ("place", "1", "3", "check")]
    done = browser.post(f"{draft}/check", data={"go": "submit"})
    number = number_of(done)
    for page in (
        *pages,
        done,
        browser.get(f"/track/{number}"),
        browser.get("/?q=" + "<script>alert(1)</script>"),
    ):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


def test_somebody_elses_addresses_tell_nothing(browser: httpx.Client, second: httpx.Client) -> None:
    draft = filled(browser)
    for address in (draft, f"{draft}/place", f"{draft}/1", f"{draft}/check"):
        assert second.get(address).status_code == 404
    assert second.post(f"{draft}/check", data={"go": "submit"}).status_code == 404
    assert second.post(f"{draft}/check/drop").status_code == 404
    assert (
        second.post(
            f"{draft}/3/files", files={"file": ("a.png", b"x")}, data={"field": "f.evidence"}
        ).status_code
        == 404
    )
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    assert "查询码" in second.get(f"/submitted/{number}").text
    assert "pdf" not in second.get(f"/track/{number}/receipt").headers["content-type"]
    assert browser.get("/apply/community-certificate" + draft.removeprefix(PROCESS) + "/1").status_code == 404


def png(width: int = 1, height: int = 1) -> bytes:
    """A PNG that says it is so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def pdf(pages: int, *, packed: bool = False, zeros: int = 0) -> bytes:
    """A PDF that declares so many pages, in the open or packed; or one whose packed part unfolds to zeros."""
    tree = b"".join(b"<< /Type /Page /Parent 2 0 R >>\n" for _ in range(pages)) + b"\0" * zeros
    if not packed:
        return b"%PDF-1.7\n" + tree + b"%%EOF\n"
    body = zlib.compress(tree, 9)
    return (
        b"%PDF-1.7\n5 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >> stream\n"
        + body
        + b"\nendstream\n%%EOF\n"
    )


def send(browser: httpx.Client, draft: str, content: bytes, name: str = "照片.png") -> httpx.Response:
    """Send one file as the page's script does."""
    return browser.post(f"{draft}/3/files", data={"field": "f.evidence"}, files={"file": (name, content)})


def test_photos_are_kept_one_by_one_and_counted(browser: httpx.Client) -> None:
    draft = begin(browser)
    told = send(browser, draft, png()).json()
    assert (told["name"], told["type"]) == ("照片.png", "image/png")
    assert send(browser, draft, png()).json()["hash"] == told["hash"]
    page = browser.get(f"{draft}/3").text
    assert page.count('name="f.evidence:kept"') == 1
    for content, code in (
        (b"MZ nothing", "unreadable"),
        (png(20_000, 20_000), "unreadable"),
        (pdf(201), "too-many-pages"),
        (pdf(300, packed=True), "too-many-pages"),
        (pdf(1, packed=True, zeros=80_000_000), "too-many-pages"),
        (b"%PDF-1.7 cut off", "unreadable"),
    ):
        refused = send(browser, draft, content)
        assert refused.status_code in (413, 415), code
        assert refused.json()["code"] == code
        assert refused.json()["sentence"]
    assert send(browser, draft, pdf(200), "200.pdf").status_code == 200
    for height in range(2, 20):
        assert send(browser, draft, png(1, height), f"{height}.png").status_code == 200
    many = send(browser, draft, png(1, 20))
    assert (many.status_code, many.json()["code"]) == (400, "too-many-files")
    assert (
        browser.post(
            f"{draft}/3/files", data={"field": "f.description"}, files={"file": ("a.png", png())}
        ).status_code
        == 404
    )


def test_a_helper_and_both_names(browser: httpx.Client, office: Office, people: People) -> None:
    page = browser.get(f"{PROCESS}?helper=1").text
    assert "您的姓名（代办人）" in page
    draft = filled(browser, **HELPER)
    assert "李四（亲属，本人在旁边，同意）" in browser.get(f"{draft}/check").text
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    assert "李四（亲属" in browser.get(f"/track/{number}").text
    with office.store.reading() as reader:
        body = reader.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'submitted'", (number,))[0][0]
    assert '"name":"李四"' in body
    receipt = browser.get(f"/track/{number}/receipt")
    assert receipt.status_code == 200
    assert receipt.content.startswith(b"%PDF-")
    again = browser.get(f"/track/{number}/receipt")
    assert again.content == receipt.content
    assert "收件凭证" in browser.get(f"/track/{number}").text
    told = people("beiguan.window").post("/api/verify", files={"data": ("r.pdf", receipt.content)}).json()
    assert told["state"] == "genuine"


def test_a_helper_who_comes_later_signs_what_follows(browser: httpx.Client, office: Office) -> None:
    draft = filled(browser)
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    told = browser.post(
        f"/track/{number}/helper",
        data={
            "command": "h1",
            "helper-name": "王五",
            "helper-relation": "worker",
            "helper-consent": "telephone",
        },
    )
    assert "已登记" in told.text
    browser.post(
        f"/track/{number}/messages/withdrawal",
        data={"command": "withdrawn-after-applying", "reason": "本人要求"},
    )
    with office.store.reading() as reader:
        rows = reader.rows("SELECT actor_name FROM journal WHERE chain = ? AND kind = 'message'", (number,))
    assert rows == [("王五",)]
    wrong = browser.post(f"/track/{number}/helper", data={"command": "h2", "helper-name": "王五"})
    assert wrong.status_code in (400, 409)


def test_minors_are_told_about_guardians(browser: httpx.Client) -> None:
    page = browser.get("/apply/expenditure-assistance")
    told = browser.post(
        "/apply/expenditure-assistance",
        data={"command": hidden(page.text, "command"), "go": "next", "area": AREA},
    )
    draft = str(told.url.path).rsplit("/", 1)[0]
    save(browser, draft, "1", {"f.applicant.name": "小明", "f.applicant.id_no": "140781201306019977"})
    check = browser.get(f"{draft}/check").text
    assert "未满 18 周岁" in check
    assert f"{draft}/place?helper=1" in check


def rated_case(browser: httpx.Client, office: Office) -> str:
    """A case that its applicant withdrew."""
    draft = filled(browser)
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    browser.post(f"/track/{number}/messages/withdrawal", data={"command": f"w{number}", "reason": "不用了"})
    wait_for(lambda: "请您评价" in browser.get(f"/track/{number}").text)
    return number


def test_a_bad_rating_is_looked_into_and_answered(
    browser: httpx.Client, office: Office, people: People
) -> None:
    number = rated_case(browser, office)
    page = browser.get(f"/track/{number}").text
    data = {
        "command": hidden(page, "command"),
        "grade": "1",
        "reasons": ["slow", "unclear"],
        "comment": "没人联系我",
    }
    assert "谢谢您的评价" in browser.post(f"/track/{number}/rating", data=data).text
    again = browser.post(f"/track/{number}/rating", data={"command": "other", "grade": "5"})
    assert again.status_code == 409
    assert "已经评价过" in again.text
    told = browser.get(f"/track/{number}").text
    assert "非常不满意" in told
    assert "已转专人核实" in told
    leader = people("beiguan.leader")

    def opened() -> str | None:
        with office.store.reading() as reader:
            rows = reader.rows(
                "SELECT id FROM cases WHERE process = 'service-rating' AND application LIKE ?",
                (f"%{number}%",),
            )
        return str(rows[0][0]) if rows else None

    case = wait_for(opened)
    assert (
        leader.work(
            case, "call_back", {"reached": True, "findings": "确实没有联系", "outcome": "justified"}
        ).status_code
        == 200
    )
    assert (
        leader.work(case, "fix", {"measures": "已批评", "answer": "对不起，现在就联系您。"}).status_code
        == 200
    )
    assert "对不起，现在就联系您。" in browser.get(f"/track/{number}").text
    # Whoever handled the case reads that it was rated, not how.
    page = people("beiguan.window").get(f"/cases/{number}", headers={"accept": "text/html"}).text
    assert "没人联系我" not in page
    assert "非常不满意" not in page


def test_a_late_desk_can_be_pushed(browser: httpx.Client, office: Office) -> None:
    from datetime import UTC, datetime, timedelta

    draft = filled(browser)
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    page = browser.get(f"/track/{number}").text
    assert "由乡镇窗口办理：登记急难情况" in page
    assert "催一下" not in page
    office.store.run(
        "UPDATE task SET due = ? WHERE case_id = ?", (datetime.now(UTC) - timedelta(hours=1), number)
    )
    page = browser.get(f"/track/{number}").text
    assert "催一下" in page
    task = hidden(page, "task")
    told = browser.post(f"/track/{number}/urge", data={"command": "u1", "task": task})
    assert "已经催办" in told.text
    assert browser.post(f"/track/{number}/urge", data={"command": "u2", "task": task}).status_code == 409
    assert browser.post(f"/track/{number}/urge", data={"command": "u3", "task": "other.1"}).status_code == 404


def test_the_offices_ledger_is_not_the_applicants(
    browser: httpx.Client, people: People, case: dict[str, str]
) -> None:
    number, code = case["case"], case["query_code"]
    confirmed(people, number)
    leader = people("beiguan.leader")
    assert leader.work(number, "approve_small", {"decision": "approve", "amount": "605"}).status_code == 200
    wait_for(lambda: len(leader.get(f"/api/cases/{number}").json()["documents"]) >= 2)
    whole = leader.get(f"/api/cases/{number}").json()
    internal = [one for one in whole["documents"] if "台账" in one["title"]["zh"]]
    assert internal
    own = people().get(f"/api/cases/{number}?code={code}").json()
    assert own["documents"]
    assert not [one for one in own["documents"] if "台账" in one["title"]["zh"]]
    assert "booked" in {one["kind"] for one in whole["timeline"]}
    assert "booked" not in {one["kind"] for one in own["timeline"]}
    assert {one["by"] for one in own["timeline"]} <= {""}
    assert "balance" not in str(own)
    assert people().get(f"/api/documents/{internal[0]['id']}?case={number}&code={code}").status_code == 404
    browser.post("/track", data={"number": number, "code": code})
    assert browser.get(f"/documents/{internal[0]['id']}?case={number}").status_code == 404
    notice = own["documents"][0]["id"]
    shown = browser.get(f"/track/{number}/papers/{notice}").text
    assert "<svg" in shown
    assert browser.get(f"/track/{number}/papers/{internal[0]['id']}").status_code == 404


def test_services_are_found_in_plain_words(browser: httpx.Client) -> None:
    for words, first in (
        ("家里着火了怎么办", "temporary-assistance"),
        ("房子着火", "temporary-assistance"),
        ("看病花钱太多", "expenditure-assistance"),
        ("robbed at the station", "temporary-assistance"),
    ):
        text = browser.get("/", params={"q": words}).text
        found = re.findall(r'href="/services/([^"]+)"', text)
        assert found[0] == first, words
        assert "这种证明" not in text, "who asks for help gets no lecture on papers"
    text = browser.get("/", params={"q": "开亲属关系证明"}).text
    assert "社区不出具这种证明" in text
    assert "公证" in text
    assert "没有找到" in browser.get("/", params={"q": "zzzz"}).text
    for path in ("temporary-assistance", "expenditure-assistance", "community-certificate"):
        guide = browser.get(f"/services/{path}")
        assert guide.status_code == 200
        for word in ("承诺办结", "不收费", "谁能申请", "要准备什么", "怎么办、要多久"):
            assert word in guide.text, (path, word)
    assert "5 个工作日" in browser.get("/services/temporary-assistance").text
    assert browser.get("/services/no-such").status_code == 404
    assert "/sign-in" in str(browser.get("/services/reserve-fund").url)


def test_pages_are_light(browser: httpx.Client) -> None:
    """At most 10 kB on the wire, styles and scripts apart; most are under 4."""
    draft = filled(browser)
    paths = ["/", "/continue", "/track", "/services/temporary-assistance", PROCESS]
    paths += [f"{draft}/{step}" for step in ("place", "1", "3", "check")]
    number = number_of(browser.post(f"{draft}/check", data={"go": "submit"}))
    paths += [f"/submitted/{number}", f"/track/{number}"]
    sizes = {path: len(gzip.compress(browser.get(path).content, 9)) for path in paths}
    assert all(size < 10_000 for size in sizes.values()), sizes
    assert sorted(sizes.values())[len(sizes) // 2] < 4000, sizes


def piece(
    browser: httpx.Client, draft: str, content: bytes, offset: int, size: int, **changes: object
) -> httpx.Response:
    """Send one piece of a file as the page's script does."""
    told = {
        "field": "f.evidence",
        "upload": hashlib.sha256(content).hexdigest(),
        "offset": str(offset),
        "total": str(len(content)),
    }
    data = {**told, **{name: str(value) for name, value in changes.items()}}
    return browser.post(
        f"{draft}/3/files", data=data, files={"file": ("大.png", content[offset : offset + size])}
    )


def test_a_large_photo_goes_on_where_the_line_broke(browser: httpx.Client, office: Office) -> None:
    draft, content = begin(browser), png() + b"\0" * 3_000_000 + png()
    name = hashlib.sha256(content).hexdigest()

    def reached() -> int:
        return int(browser.get(f"{draft}/3/files", params={"upload": name}).json()["offset"])

    assert reached() == 0
    assert piece(browser, draft, content, 0, 1_000_000).json() == {"offset": 1_000_000}
    # The answer was lost: the same piece once more, and one that leaves a hole, change nothing.
    assert piece(browser, draft, content, 0, 1_000_000).json() == {"offset": 1_000_000}
    assert piece(browser, draft, content, 2_000_000, 9).json() == {"offset": 1_000_000}
    assert reached() == 1_000_000
    with httpx.Client(base_url=browser.base_url, trust_env=False) as stranger:
        assert stranger.get(f"{draft}/3/files", params={"upload": name}).status_code == 404
    told = piece(browser, draft, content, 1_000_000, 4_000_000).json()
    assert (told["hash"], told["size"], told["name"]) == (name, len(content), "大.png")
    assert office.vault.get(name) == content
    assert reached() == 0
    assert browser.get(f"{draft}/3").text.count('name="f.evidence:kept"') == 1


def test_pieces_have_limits(browser: httpx.Client) -> None:
    draft, content = begin(browser), png() + b"\0" * 1000
    for changes, status, code in (
        ({"total": 21 << 20}, 413, "too-large"),
        ({"total": 10}, 413, "too-large"),
        ({"upload": "../../keys"}, 404, "not-found"),
        ({"upload": "0" * 64}, 415, "unreadable"),
    ):
        refused = piece(browser, draft, content, 0, 2000, **changes)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    for number in range(20):
        assert piece(browser, draft, content, 0, 9, upload=f"{number:032x}").json() == {"offset": 9}
    refused = piece(browser, draft, content, 0, 9, upload="f" * 32)
    assert (refused.status_code, refused.json()["code"]) == (400, "too-many-files")


def test_a_language_chosen_on_the_way_is_kept_behind_a_redirect(browser: httpx.Client) -> None:
    draft = begin(browser)
    told = browser.get(f"{draft}?language=en&size=large")
    assert "language" not in str(told.url)
    assert '<html lang="en" class="large">' in told.text
    assert '<html lang="en"' in browser.get("/verify").text
    assert '<html lang="zh-CN"' in browser.get(f"{draft}?language=zh").text
    odd = browser.get(f"{draft}?language=%0d%0aset-cookie:x=1", follow_redirects=False)
    assert "x" not in odd.cookies


def test_what_was_begun_without_account_goes_along_at_sign_in(browser: httpx.Client, office: Office) -> None:
    draft = begin(browser, phone="")
    assert browser.post("/sign-in", data={"account": "li.xiuying", "password": PASSWORD}).status_code == 200
    assert draft in browser.get("/my").text
    with httpx.Client(base_url=browser.base_url, trust_env=False, follow_redirects=True) as elsewhere:
        elsewhere.post("/sign-in", data={"account": "li.xiuying", "password": PASSWORD})
        assert draft in elsewhere.get("/my").text
    browser.cookies.delete("banjian")
    # A clerk's browser holds the applications of other people.
    other = begin(browser, phone="")
    browser.post("/sign-in", data={"account": "beiguan.window", "password": PASSWORD})
    with office.store.reading() as reader:
        found = reader.rows("SELECT account FROM application_draft WHERE id = ?", (other.rsplit("/", 1)[1],))
    assert found == [(None,)]
