"""Acting for others over the pages: a mother and her child, somebody who was entrusted, the window that confirms."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from api.app import create_app
from api.brakes import Allowance, Brakes
from tests.api.serving import browser_at, served
from tests.api.test_sign_in import me, sign_in
from tests.conftest import office_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from engine.office import Office

MOTHER, AUNT = "13700000001", "13700000002"
CHILD = {"name": "小明", "born-y": "2018", "born-m": "5", "born-d": "1", "basis": "母亲，户口簿"}


@pytest.fixture(scope="module")
def address(office: Office) -> Iterator[str]:
    app = create_app(office)
    app.state.edge.brakes = Brakes(dict.fromkeys(("sign-in", "code"), Allowance(10_000, 1.0)))
    with served(app) as url:
        yield url


@pytest.fixture(scope="module")
def mother(address: str, office: Office) -> Iterator[httpx.Client]:
    with browser_at(address) as browser:
        sign_in(browser, office, MOTHER)
        yield browser


def test_a_child_gets_an_account_and_a_window_confirms_it(mother: httpx.Client, address: str) -> None:
    told = mother.post("/account/wards", data=CHILD | {"born-y": "1990"})
    assert told.status_code == 422
    assert 'value="小明"' in told.text
    assert mother.post("/account/wards", data=CHILD | {"basis": ""}).status_code == 422
    assert mother.post("/account/wards", data=CHILD).headers["location"].endswith("said=ward")
    page = mother.get("/account/representations").text
    assert "小明" in page
    assert "待窗口核实" in page
    assert mother.get("/representations", params={"phone": MOTHER}).status_code == 403
    with browser_at(address) as window:
        window.post("/sign-in", data={"account": "beiguan.window", "password": "banjian"})
        found = window.get("/representations", params={"phone": MOTHER}).text
        assert "母亲，户口簿" in found
        assert "小明" not in window.get("/representations", params={"phone": AUNT}).text
        key = re.search(r'name="representation" value="([^"]+)"', found).group(1)  # type: ignore[union-attr]
        assert (
            window.post(
                "/representations/confirm", data={"representation": key, "papers": "户口簿"}
            ).status_code
            == 303
        )
    assert "有效" in mother.get("/account/representations").text


def test_who_was_entrusted_sees_the_cases_and_no_longer_when_it_ended(
    mother: httpx.Client, address: str, office: Office
) -> None:
    until = office_day() + timedelta(days=30)
    form = {"phone": AUNT, "until-y": str(until.year), "until-m": str(until.month), "until-d": str(until.day)}
    assert mother.post("/account/entrust", data=form).status_code == 422  # nobody there yet
    with browser_at(address) as aunt:
        sign_in(aunt, office, AUNT)
        late = form | {"until-y": str(until.year + 3)}
        assert mother.post("/account/entrust", data=late).status_code == 422
        assert mother.post("/account/entrust", data=form).status_code == 303
        assert me(mother) is not None
        told = aunt.get("/account/representations").text
        assert "受委托" in told
        key = re.search(r'name="representation" value="([^"]+)"', told).group(1)  # type: ignore[union-attr]
        ended = aunt.post("/account/representations/end", data={"representation": key})
        assert ended.headers["location"].endswith("said=ended")
        assert "受委托" not in aunt.get("/account/representations").text


def test_strangers_are_sent_away(address: str) -> None:
    with browser_at(address) as browser:
        for path in ("/account/representations", "/representations"):
            assert browser.get(path).status_code == 303
        for path in ("/account/wards", "/account/entrust", "/representations/confirm"):
            assert browser.post(path, data=CHILD).status_code == 401


def test_a_mother_applies_for_her_child_in_steps(mother: httpx.Client, office: Office) -> None:
    from tests.api.test_applying import PROCESS, filled, number_of

    with office.store.reading() as reader:
        child = reader.rows(
            "SELECT represented FROM representation WHERE kind = 'guardian' ORDER BY declared_at"
        )[0][0]
    mother.follow_redirects = True
    try:
        page = mother.get(f"{PROCESS}?helper=1").text
        assert f'value="{child}"' in page
        draft = filled(mother, **{"helping": "yes", "helper-account": child, "helper-name": "王芳"})
        number = number_of(mother.post(f"{draft}/check", data={"go": "submit"}))
        assert number in mother.get("/my").text
    finally:
        mother.follow_redirects = False
    with office.store.reading() as reader:
        assert reader.rows("SELECT applicant FROM cases WHERE id = ?", (number,)) == [(child,)]
        body = reader.rows("SELECT body FROM journal WHERE chain = ? AND kind = 'submitted'", (number,))[0][0]
    assert f'"on_behalf":"{child}"' in body
    assert '"consent":"by-law"' in body
