"""Ten thousand rows in one answer: told once and at the question, without judging each, and nothing is left out in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from api.posted import MOST_ANSWERS
from engine.errors import FormInvalid
from engine.forms import validate
from engine.forms.read import read_form
from tests.api.test_pages import hidden

if TYPE_CHECKING:
    import httpx

    from engine.office import Office
    from tests.api.conftest import People

PROCESS = "expenditure-assistance"
MANY = 10_000
SENTENCE = "请填 0 到 19 项"


def rows(count: int) -> list[dict[str, str]]:
    """So many members of a household."""
    return [{"name": f"成员{number}", "relation": "other"} for number in range(count)]


def test_a_program_is_told_once(people: People, office: Office) -> None:
    body = {"process": PROCESS, "area": "140702001001", "data": {"members": rows(MANY)}}
    told = people().post("/api/applications", body)
    assert told.status_code == 422
    faults = {one["path"]: one["detail"] for one in told.json()["errors"]}
    assert SENTENCE in faults["members"]
    assert not [path for path in faults if path.startswith("members.")]
    with office.store.reading() as reader:
        assert reader.rows("SELECT count(*) FROM cases WHERE process = ?", (PROCESS,)) == [(0,)]


@pytest.mark.parametrize("count", [20, 101, MANY])
def test_a_page_keeps_what_fits_and_says_what_is_wrong(browser: httpx.Client, count: int) -> None:
    page = browser.get(f"/apply/{PROCESS}")
    first = {
        "command": hidden(page.text, "command"),
        "go": "next",
        "area": "140702001001",
        "phone": "13812345678",
    }
    draft = str(browser.post(f"/apply/{PROCESS}", data=first).url.path).rsplit("/", 1)[0]
    page = browser.get(f"{draft}/2")
    given = {"seen": hidden(page.text, "seen"), "go": "next"}
    for number, row in enumerate(rows(count)):
        given |= {f"f.members.{number}.{key}": value for key, value in row.items()}
    told = browser.post(f"{draft}/2", files={name: (None, value) for name, value in given.items()})
    assert told.status_code == 422
    assert SENTENCE in told.text
    assert "成员19" in told.text
    assert len(told.content) < 300_000


def test_more_than_anybody_types_is_refused_in_plain_words(browser: httpx.Client) -> None:
    page = browser.get(f"/apply/{PROCESS}")
    first = {"command": hidden(page.text, "command"), "go": "next", "area": "140702001001"}
    draft = str(browser.post(f"/apply/{PROCESS}", data=first).url.path).rsplit("/", 1)[0]
    parts = [(f"f.members.{number}.name", (None, "x")) for number in range(MOST_ANSWERS + 1)]
    told = browser.post(f"{draft}/2", files=parts)
    assert told.status_code == 413
    assert "什么都没有保存" in told.text


def test_a_long_list_that_a_form_allows_is_judged_row_by_row(office: Office) -> None:
    """Every one of them is wrong in two ways: twenty thousand faults, each at its place."""
    inner = [
        {"key": "name", "type": "text", "label": {"zh": "姓名"}, "required": True},
        {"key": "age", "type": "integer", "label": {"zh": "年龄"}},
    ]
    field = {"key": "people", "type": "list", "label": {"zh": "人"}, "max_rows": MANY, "fields": inner}
    form = read_form(
        json.dumps({"id": "f", "title": {"zh": "表"}, "sections": [{"fields": [field]}]}).encode()
    )
    with pytest.raises(FormInvalid) as wrong:
        validate(form, {"people": [{"age": "x"}] * MANY}, {}, office.world(datetime.now(UTC)))
    assert len(wrong.value.errors) == 2 * MANY
    assert {wrong.value.errors[-1].path, wrong.value.errors[-2].path} == {
        f"people.{MANY - 1}.name",
        f"people.{MANY - 1}.age",
    }
