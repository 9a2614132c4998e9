"""The rights of fields over steps: read off the forms of the house, changed without breaking one."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import FormInvalid
from engine.forms import prefill, read_form, validate
from engine.forms.edit import taken_apart, written
from engine.forms.read import faults_in
from engine.forms.steps import Refused, rows, with_level
from tests.conftest import ROOT
from tests.forms.test_forms import WORLD


def forms() -> dict[str, Any]:
    def one(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        return {"key": key, "type": kind, "label": {"zh": key}, **more}

    def made(*fields: dict[str, Any]) -> dict[str, Any]:
        return {"id": "f", "title": {"zh": "f"}, "variables": "all", "sections": [{"fields": list(fields)}]}

    return {
        "start": made(
            one("person.name", required=True, max_length=9), one("person.age", "integer"), one("sum", "money")
        ),
        "check": made(one("fine", "boolean"), one("sum", "money", readonly=True, value="sum")),
        "visit": made(one("person.phone")),
    }


def test_rights_are_read_off_the_forms() -> None:
    found = {row.key: row.levels for row in rows(forms())}
    assert found["sum"] == {"start": "write", "check": "read"}
    assert found["person.name"] == {"start": "write"}
    assert found["fine"] == {"check": "write"}


def test_a_field_that_a_step_may_read_shows_what_was_answered_and_takes_nothing() -> None:
    known = forms()
    tree = with_level(known, "check", "person.name", "read")
    form = read_form(written(tree))
    shown = prefill(form, {"person": {"name": "李秀英"}, "sum": 5}, WORLD)
    assert shown["person"] == {"name": "李秀英"}
    kept = validate(
        form, {"fine": True, "person": {"name": "别人"}}, {"person": {"name": "李秀英"}, "sum": 5}, WORLD
    )
    assert kept["person"]["name"] == "李秀英"
    field = tree["sections"][0]["fields"][-1]
    assert "required" not in field
    assert (field["readonly"], field["value"], field["max_length"]) == (True, "person.name", 9)


def test_levels_go_round_and_come_back() -> None:
    known = forms()
    known["check"] = with_level(known, "check", "sum", "write")
    assert validate(read_form(written(known["check"])), {"fine": True, "sum": 3}, {}, WORLD)["sum"] == 3
    known["check"] = with_level(known, "check", "sum", "read")
    assert known == forms()
    known["check"] = with_level(known, "check", "sum", "hidden")
    assert [field["key"] for field in known["check"]["sections"][0]["fields"]] == ["fine"]
    with pytest.raises(FormInvalid):
        validate(read_form(written(known["check"])), {"fine": True, "sum": 3}, {}, WORLD)
    known["check"] = with_level(known, "check", "sum", "write")
    assert known["check"]["sections"][0]["fields"][1] == known["start"]["sections"][0]["fields"][2]


def test_what_would_hide_an_earlier_answer_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        with_level(forms(), "visit", "person.name", "read")
    assert (refused.value.code, refused.value.values["other"]) == ("same-root", "person.phone")
    with pytest.raises(Refused):
        with_level(forms(), "visit", "nothing", "read")


def test_every_field_of_a_real_process_may_be_shown_in_every_step() -> None:
    known = {
        path.stem: tree
        for path in sorted((ROOT / "forms" / "temporary-assistance").glob("*.json"))
        if (tree := taken_apart(path.read_bytes())) is not None
    }
    given = 0
    for row in rows(known):
        for name in known:
            if name not in row.levels:
                try:
                    tree = with_level(known, name, row.key, "read")
                except Refused:
                    continue
                assert faults_in(written(tree)) == [], (name, row.key)
                given += 1
    assert given > 100
