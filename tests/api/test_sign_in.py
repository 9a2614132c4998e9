"""Signing in by a code sent to a phone, sessions on several devices, and the pages of one's own account."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from api.auth import CodeOver, CodeWrong, Sessions, fingerprint
from api.brakes import Allowance, Brakes
from engine.codes import code_of, key_of
from engine.connectors.sms import FILE, DemonstrationGateway
from engine.errors import CodeTooSoon
from tests.api.conftest import wait_for
from tests.api.serving import browser_at, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from engine.office import Office

_phones = count(13800000001)


@pytest.fixture
def phone() -> str:
    return str(next(_phones))


@pytest.fixture(scope="module")
def address(office: Office) -> Iterator[str]:
    app = create_app(office)
    app.state.edge.brakes = Brakes(dict.fromkeys(("sign-in", "code"), Allowance(10_000, 1.0)))
    with served(app) as url:
        yield url


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with browser_at(address) as client:
        yield client


def received(office: Office, phone: str) -> list[str]:
    """The messages that the demonstration's gateway has for a phone, first ones first."""
    messages = DemonstrationGateway(office.settings.data / FILE).messages(1000)
    return [text for to, text, _ in reversed(messages) if to == phone]


def asked(browser: httpx.Client, phone: str, wished: str = "") -> Any:
    return browser.post("/sign-in/code", data={"phone": phone, "next": wished})


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def sign_in(browser: httpx.Client, office: Office, phone: str, wished: str = "") -> httpx.Response:
    """Ask for a code, read it on the phone, type it."""
    before = len(received(office, phone))
    form = browser.get(asked(browser, phone, wished).headers["location"])
    text = wait_for(lambda: received(office, phone)[before:])[-1]
    digits = re.search(r"\d{6}", text).group()  # type: ignore[union-attr]
    return browser.post("/sign-in/code/enter", data={**fields(form.text), "digits": digits})


def me(browser: httpx.Client) -> Any:
    return browser.get("/api/me", headers={"accept": "application/json"}).json()["account"]


def test_a_phone_gets_an_account_at_the_first_code_and_the_same_later(
    browser: httpx.Client, office: Office, phone: str
) -> None:
    first = sign_in(browser, office, phone)
    assert first.headers["location"] == "/account?said=welcome"
    account = me(browser)
    assert account.startswith("p-")
    browser.cookies.clear()
    with office.store.reading() as reader:
        assert reader.rows("SELECT name, phone FROM account WHERE id = ?", (account,)) == [
            (f"{phone[:3]}****{phone[-4:]}", phone)
        ]
    forget_codes(office, phone)
    again = sign_in(browser, office, phone, "/my?x=1")
    assert again.headers["location"] == "/my?x=1"
    assert me(browser) == account


def forget_codes(office: Office, phone: str) -> None:
    """As if nobody had asked for a code of this phone in this minute or before."""
    with office.store.reading() as reader:
        names = [row[0] for row in reader.rows("SELECT id FROM code WHERE phone = ?", (phone,))]
    for name in names:
        office.store.run("DELETE FROM code WHERE id = ?", (name,))
        office.store.run("DELETE FROM command WHERE id = ?", (f"ask-code:{name}",))
        office.store.run("DELETE FROM command WHERE id = ?", (f"code:{name}",))
        office.store.run("DELETE FROM outbox WHERE id = ?", (f"code:{name}",))
    with closing(sqlite3.connect(office.settings.data / FILE)) as gateway, gateway:
        gateway.execute("DELETE FROM message WHERE phone = ?", (phone,))


def test_nothing_that_is_kept_tells_the_code(browser: httpx.Client, office: Office, phone: str) -> None:
    name = fields(browser.get(asked(browser, phone).headers["location"]).text)["code"]
    text = wait_for(lambda: received(office, phone))[0]
    digits = code_of(key_of(office.settings.data / "keys"), name)
    assert digits in text

    def settled() -> Any:
        with office.store.reading() as reader:
            return reader.rows(
                "SELECT body, answer FROM outbox WHERE id = ? AND state = 'done'", (f"code:{name}",)
            )

    body, answer = wait_for(settled)[0]
    assert body == '{"input":{}}'  # whom it was for is forgotten once it is sent
    assert phone not in answer
    with office.store.reading() as reader:
        rows = [
            *reader.rows("SELECT * FROM code"),
            *reader.rows("SELECT id, answer FROM command WHERE kind LIKE '%Code'"),
        ]
        journal = reader.rows("SELECT body FROM journal WHERE chain LIKE 'account:%'")
    assert digits not in str(rows)
    assert phone not in str(journal)


def test_five_wrong_ones_use_a_code_up(browser: httpx.Client, office: Office, phone: str) -> None:
    form = fields(browser.get(asked(browser, phone).headers["location"]).text)
    right = code_of(key_of(office.settings.data / "keys"), form["code"])
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for attempt in range(5):
        told = browser.post("/sign-in/code/enter", data={**form, "digits": wrong})
        assert told.status_code == 401
        assert ("验证码不对" in told.text) == (attempt < 4)
        assert f'value="{form["code"]}"' in told.text  # the page can be tried again
    told = browser.post("/sign-in/code/enter", data={**form, "digits": right})
    assert told.status_code == 401
    assert "已经失效" in told.text
    assert me(browser) is None


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "<script>alert(1)</script>"])
def test_rubbish_is_a_wrong_code(browser: httpx.Client, phone: str, digits: str) -> None:
    form = fields(browser.get(asked(browser, phone).headers["location"]).text)
    told = browser.post("/sign-in/code/enter", data={**form, "digits": digits})
    assert told.status_code == 401
    assert "<script>alert" not in told.text


def test_full_width_digits_are_digits(office: Office, phone: str) -> None:
    sessions, now = Sessions(office), datetime.now(UTC)
    name = sessions.ask_code(phone, now)
    digits = code_of(key_of(office.settings.data / "keys"), name)
    wide = digits.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert sessions.begin_by_code(name, f" {wide} ", now).new


def test_a_code_is_good_for_five_minutes_and_once(office: Office, phone: str) -> None:
    sessions, now = Sessions(office), datetime.now(UTC)
    name = sessions.ask_code(phone, now)
    digits = code_of(key_of(office.settings.data / "keys"), name)
    with pytest.raises(CodeOver):
        sessions.begin_by_code(name, digits, now + timedelta(minutes=5))
    assert sessions.check_code(name, digits, now + timedelta(minutes=4, seconds=59)) == phone
    with pytest.raises(CodeOver):
        sessions.begin_by_code(name, digits, now)
    with pytest.raises(CodeOver):
        sessions.begin_by_code("no-such-code", digits, now)


def test_a_phone_rings_once_a_minute_five_times_an_hour_ten_times_a_day(office: Office, phone: str) -> None:
    sessions, begin = Sessions(office), datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
    now, sent, waits = begin, set(), []
    while now < begin + timedelta(days=1):
        try:
            sent.add(sessions.ask_code(phone, now))  # in the same minute it is the same code
            now += timedelta(seconds=30)
        except CodeTooSoon as soon:
            waits.append(soon.values["seconds"])
            now += timedelta(seconds=soon.values["seconds"])
    assert len(sent) == 10
    assert max(waits) > 3000  # five in an hour
    with office.store.reading() as reader:
        rung = [
            row[0]
            for row in reader.rows("SELECT asked_at FROM code WHERE phone = ? ORDER BY asked_at", (phone,))
        ]
    assert all(later - earlier >= timedelta(seconds=60) for earlier, later in pairwise(rung))
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in zip(rung, rung[5:], strict=False))
    other = Sessions(office)
    assert other.ask_code(str(int(phone) + 500_000), begin)


def test_one_address_cannot_ring_many_phones(office: Office) -> None:
    with served(create_app(office)) as url, browser_at(url) as client:
        codes = [asked(client, str(13900000000 + number)).status_code for number in range(25)]
    assert codes == [303] * 20 + [429] * 5


@pytest.mark.parametrize(
    "number", ["", "12345678901", "1380000000", "138000000012", "１３８００００００01", "' OR 1=1 --"]
)
def test_what_is_no_phone(browser: httpx.Client, number: str) -> None:
    told = asked(browser, number)
    assert told.status_code == 422
    assert "11 位手机号" in told.text


def test_two_codes_asked_for_at_once_are_one(office: Office, phone: str) -> None:
    import threading

    sessions, now = Sessions(office), datetime.now(UTC)
    told: list[Any] = []

    def ask() -> None:
        try:
            told.append(sessions.ask_code(phone, now))
        except CodeTooSoon as soon:
            told.append(soon)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for one in told if isinstance(one, str)}) == 1
    with office.store.reading() as reader:
        assert reader.rows("SELECT count(*) FROM code WHERE phone = ?", (phone,)) == [(1,)]


def test_parallel_guesses_are_counted(office: Office, phone: str) -> None:
    import threading

    sessions, now = Sessions(office), datetime.now(UTC)
    name = sessions.ask_code(phone, now)
    right = int(code_of(key_of(office.settings.data / "keys"), name))
    said: list[str] = []

    def guess(number: int) -> None:
        try:
            sessions.begin_by_code(name, f"{(right + 1 + number) % 1_000_000:06d}", now)
        except (CodeWrong, CodeOver) as error:
            said.append(type(error).__name__)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("CodeWrong") == 4
    assert said.count("CodeOver") == 8
    with office.store.reading() as reader:
        assert reader.rows("SELECT tries FROM code WHERE id = ?", (name,)) == [(5,)]


# ---- sessions --------------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_one_by_one_or_everywhere(
    address: str, office: Office, phone: str
) -> None:
    with browser_at(address) as desk, browser_at(address) as mobile:
        desk.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/156 Safari/537"
        mobile.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/156 Mobile Safari/537"
        sign_in(desk, office, phone)
        forget_codes(office, phone)
        sign_in(mobile, office, phone)
        listed = desk.get("/account").text
        assert "Chrome · Windows" in listed
        assert "Chrome · Android" in listed
        assert listed.count("就是这台") == 1
        token = fingerprint(mobile.cookies["banjian"])
        assert desk.cookies["banjian"] not in listed
        assert (
            desk.post("/account/sessions", data={"only": token}).headers["location"] == "/account?said=ended"
        )
        assert me(mobile) is None
        assert me(desk) is not None
        forget_codes(office, phone)
        sign_in(mobile, office, phone)
        assert desk.post("/account/sessions").headers["location"] == "/sign-in"
        assert me(desk) is None
        assert me(mobile) is None


def test_nobody_ends_the_sessions_of_others(address: str, office: Office, phone: str) -> None:
    with browser_at(address) as mine, browser_at(address) as other:
        sign_in(mine, office, phone)
        other.post("/sign-in", data={"account": "jinlun.village", "password": "banjian"})
        other.post("/account/sessions", data={"only": fingerprint(mine.cookies["banjian"])})
        assert me(mine) is not None


def test_a_new_password_ends_the_other_sessions(address: str, office: Office, phone: str) -> None:
    with browser_at(address) as desk, browser_at(address) as other:
        sign_in(desk, office, phone)
        account = me(desk)
        assert desk.post("/account/password", data={"new": "short"}).status_code == 422
        assert (
            desk.post("/account/password", data={"new": "一句好记的长话"}).status_code == 422
        )  # 7 characters
        assert desk.post("/account/password", data={"new": "一句好记的长话呀"}).status_code == 303
        told = other.post("/sign-in", data={"account": account, "password": "一句好记的长话呀"})
        assert told.status_code == 303
        wrong = desk.post("/account/password", data={"old": "nonsense", "new": "another sentence"})
        assert wrong.status_code == 422
        right = desk.post("/account/password", data={"old": "一句好记的长话呀", "new": "another sentence"})
        assert right.status_code == 303
        assert me(other) is None
        assert me(desk) == account


def test_the_own_profile_is_changed_and_what_is_wrong_is_said(
    browser: httpx.Client, office: Office, phone: str
) -> None:
    sign_in(browser, office, phone)
    told = browser.post("/account", data={"name": "王小二", "email": "nonsense", "language_of": "en"})
    assert told.status_code == 422
    assert 'value="nonsense"' in told.text
    assert 'href="#email"' in told.text
    good = {"name": "王小二", "email": "wang@example.com", "notify": ["sms", "email"], "language_of": "en"}
    assert browser.post("/account", data=good).status_code == 303
    with office.store.reading() as reader:
        row = reader.rows("SELECT name, email, notify, language FROM account WHERE id = ?", (me(browser),))
    assert row == [("王小二", "wang@example.com", "sms email", "en")]
    assert "王小二" in browser.get("/account").text
    assert browser.post("/account", data={**good, "name": " "}).status_code in (303, 422)
    assert browser.post("/account", data={**good, "name": "x" * 51}).status_code == 422


def test_staff_do_not_rename_themselves(browser: httpx.Client) -> None:
    browser.post("/sign-in", data={"account": "beiguan.window", "password": "banjian"})
    assert browser.post("/account", data={"name": "局长", "language_of": "zh"}).status_code == 403
    assert browser.post("/account", data={"email": "w@example.com", "language_of": "zh"}).status_code == 303


def test_strangers_are_sent_to_sign_in(browser: httpx.Client) -> None:
    for path in ("/account", "/inbox"):
        told = browser.get(path)
        assert told.status_code == 303
        assert told.headers["location"].startswith("/sign-in?next=")
    assert browser.post("/account/sessions").status_code == 401
