"""Signing in with a provider of OpenID Connect, against a real one: the way there and back, and every lie it may tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api import elsewhere
from api.app import create_app
from api.brakes import Allowance, Brakes
from engine.codes import key_of
from tests.api.serving import browser_at, served
from tests.oidc import CLIENT, SECRET, running_provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.office import Office
    from tests.oidc import Provider

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        running.client.back = {f"{BASE}/sign-in/with/{name}/back" for name in ("staff", "public")}
        yield running


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> None:
    provider.lies = {}
    provider.person = {"sub": "42", "name": "李雷", "preferred_username": "beiguan.window"}


@pytest.fixture(scope="module")
def wired(office: Office, provider: Provider) -> Iterator[str]:
    """A server over the common office, with the provider once for staff and once for the public."""
    common = {"issuer": provider.url, "client": CLIENT, "secret": SECRET}
    told = {
        "staff": {
            **common,
            "people": "staff",
            "claim": "preferred_username",
            "title": {"zh": "统一身份", "en": "One"},
        },
        "public": {**common, "people": "public"},
    }
    app = create_app(replace(office, settings=replace(office.settings, providers=told)))
    # One address asks more often here than anybody would.
    app.state.edge.brakes = Brakes({"sign-in": Allowance(10_000, 1.0)})
    with served(app) as address:
        yield address


@pytest.fixture
def browser(wired: str) -> Iterator[httpx.Client]:
    with browser_at(wired) as client:
        yield client


def leave(browser: httpx.Client, name: str = "staff", wished: str = "/tasks") -> str:
    """Begin at our page; the address at the provider."""
    answer = browser.get(f"/sign-in/with/{name}", params={"next": wished})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def back_from(address: str) -> str:
    """What the provider sends the browser back with."""
    answer = httpx.get(address, trust_env=False)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"]).removeprefix(BASE)


def come(browser: httpx.Client, name: str = "staff", wished: str = "/tasks") -> httpx.Response:
    return browser.get(back_from(leave(browser, name, wished)))


def who(browser: httpx.Client) -> Any:
    return browser.get("/api/me").json()["account"]


def test_a_clerk_comes_in_with_the_account_that_the_provider_names(
    browser: httpx.Client, office: Office
) -> None:
    assert "统一身份" in browser.get("/sign-in?language=zh").text
    answer = come(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tasks")
    assert who(browser) == "beiguan.window"
    assert "banjian-login" not in browser.cookies
    with office.store.reading() as reader:
        kinds = [
            row[0]
            for row in reader.rows(
                "SELECT kind FROM journal WHERE chain = 'account:beiguan.window' ORDER BY seq"
            )
        ]
        ways = {row[0] for row in reader.rows("SELECT way FROM session WHERE account = 'beiguan.window'")}
    assert "identity-linked" in kinds
    assert "staff" in ways


def test_a_subject_stays_who_it_was(browser: httpx.Client, provider: Provider) -> None:
    come(browser)
    provider.person = {"sub": "42", "preferred_username": "beiguan.leader"}  # another name, the same person
    come(browser)
    assert who(browser) == "beiguan.window"


def test_the_way_there_carries_pkce_state_and_nonce(browser: httpx.Client) -> None:
    first, second = (parse_qs(urlsplit(leave(browser)).query) for _ in range(2))
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 32
        assert first[name] != second[name]


def test_nobody_of_that_name_works_here(browser: httpx.Client, provider: Provider) -> None:
    provider.person = {"sub": "77", "preferred_username": "no.such.clerk"}
    answer = come(browser)
    assert answer.status_code == 403
    assert who(browser) is None


def test_the_public_gets_an_account_at_the_first_sign_in_and_the_same_one_later(
    browser: httpx.Client, provider: Provider
) -> None:
    provider.person = {"sub": "900", "name": "韩梅梅"}
    answer = come(browser, "public", "")
    assert answer.headers["location"] == "/account?said=welcome"
    account = who(browser)
    assert account.startswith("p-")
    assert "韩梅梅" in browser.get("/account").text
    browser.cookies.clear()
    assert come(browser, "public", "/my").headers["location"] == "/my"
    assert who(browser) == account


def test_the_wish_is_kept_and_never_leads_elsewhere(browser: httpx.Client) -> None:
    assert come(browser, wished="/funds?x=1").headers["location"] == "/funds?x=1"
    for wished in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert come(browser, wished=wished).headers["location"] == "/tasks"


@pytest.mark.parametrize(
    "lies",
    [
        {"audience": ["somebody-else"]},
        {"audience": [CLIENT, "somebody-else"]},  # without azp
        {"age": 3600},
        {"nonce": "another"},
        {"issuer": "https://evil.example"},
        {"foreign": True},
        {"forged": True},
        {"shared": True},
    ],
    ids=str,
)
def test_a_token_that_does_not_fit_is_refused(browser: httpx.Client, provider: Provider, lies: Any) -> None:
    provider.lies = lies
    answer = come(browser)
    assert answer.status_code == 403, lies
    assert "没有登录成功" in answer.text
    assert who(browser) is None


def test_new_keys_are_asked_for_when_a_token_names_one(
    browser: httpx.Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert come(browser).status_code == 303
    provider.rotate()
    asked = provider.asked["/jwks"]
    assert (
        come(browser).status_code == 403
    )  # the keys were read a moment ago; nobody makes us ask without end
    monkeypatch.setattr(elsewhere, "ASK_AGAIN", 0)
    assert come(browser).status_code == 303
    assert provider.asked["/jwks"] == asked + 1
    provider.lies = {"foreign": True}
    assert come(browser).status_code == 403


def test_a_way_back_that_was_not_begun_here(browser: httpx.Client, wired: str, office: Office) -> None:
    with browser_at(wired) as other:
        address = back_from(leave(other))
    assert browser.get(address).status_code == 403  # no cookie
    leave(browser)
    assert browser.get(address).status_code == 403  # the state of another browser
    back = back_from(leave(browser))
    cookie = browser.cookies["banjian-login"]
    browser.cookies.clear()
    browser.cookies.set(
        "banjian-login",
        cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        domain="127.0.0.1",
        path="/sign-in",
    )
    assert browser.get(back).status_code == 403  # a cookie that was changed
    assert elsewhere.unwrapped(key_of(office.settings.data / "keys"), "rubbish") is None
    assert who(browser) is None


def test_a_code_is_good_once_and_for_its_own_verifier(browser: httpx.Client) -> None:
    back = back_from(leave(browser))
    kept = browser.cookies["banjian-login"]
    assert browser.get(back).status_code == 303
    browser.cookies.clear()
    browser.cookies.set("banjian-login", kept, domain="127.0.0.1", path="/sign-in")
    assert browser.get(back).status_code == 403  # the provider knows the code no more
    first = parse_qs(urlsplit(back_from(leave(browser))).query)["code"][0]
    second = back_from(leave(browser))
    mixed = second.replace(parse_qs(urlsplit(second).query)["code"][0], first)
    assert browser.get(mixed).status_code == 403  # PKCE: a code of another way


def test_who_says_no_is_told_so(browser: httpx.Client, provider: Provider) -> None:
    provider.person = None
    answer = come(browser)
    assert answer.status_code == 403
    assert who(browser) is None


def test_a_provider_that_is_away(office: Office) -> None:
    gone = {"issuer": "http://127.0.0.1:9", "client": CLIENT, "people": "public"}
    app = create_app(replace(office, settings=replace(office.settings, providers={"gone": gone})))
    with served(app) as address, browser_at(address) as client:
        answer = client.get("/sign-in/with/gone")
        assert answer.status_code == 502
        assert "连不上" in answer.text
        assert client.get("/sign-in/with/nobody").status_code == 404
