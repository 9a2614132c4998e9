"""The published list answers people's own words with the right door, before a form is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("words", "code", "kind", "door"),
    [
        ("开个证明说我没房", "N17", "negative", "不动产登记机构"),
        ("開個證明說我沒房", "N17", "negative", "不动产登记机构"),
        ("wu fang zheng ming", "N17", "negative", "不动产登记机构"),
        ("no criminal record certificate", "N05", "negative", "公安派出所"),
        ("学校要租住证明", "U01", "unlisted", "居住地公安派出所"),
        ("党员到社区报到，要个回执", "P1", "positive", ""),
    ],
)
def test_the_right_door_is_named_with_its_law(
    browser: httpx.Client, words: str, code: str, kind: str, door: str
) -> None:
    first = browser.get("/api/lists/certificates/search", params={"words": words}).json()[0]
    assert (first["code"], first["kind"], first["sure"]) == (code, kind, True)
    assert door in first["office"]
    assert bool(first["instead"]) == (kind != "positive")
    assert all(one["title"].startswith("《") for one in first["law"])
    assert first["law"]


def test_a_guess_is_told_as_one_and_other_concerns_not_at_all(browser: httpx.Client) -> None:
    path = "/api/lists/certificates/search"
    guessed = browser.get(path, params={"words": "出个材料，关于丧事"}).json()
    assert [one["sure"] for one in guessed] == [False]
    assert browser.get(path, params={"words": "公园几点开门"}).json() == []
    assert browser.get("/api/lists/nothing/search", params={"words": "x"}).status_code == 404
