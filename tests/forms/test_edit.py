"""Changing a form tree: nothing is lost, every place is reached, and the table of properties is whole."""

from __future__ import annotations

import json
import random
from itertools import chain
from typing import Any

import msgspec
import pytest

from engine.forms import Field, Form, Section, read_form
from engine.forms import edit as change
from engine.forms import properties as known
from engine.forms.edit import NoSuchPlace, added, at, copied, moved, removed, stepped, taken_apart, written
from engine.forms.read import faults_in
from tests.conftest import ROOT

FILES = sorted((ROOT / "forms").rglob("*.json"))


def tree() -> dict[str, Any]:
    return {
        "id": "f",
        "title": {"zh": "表"},
        "sections": [
            {"title": {"zh": "一"}, "fields": [one("a"), one("b"), one("c")]},
            {"fields": [one("d"), {**one("e", "list"), "fields": [one("x"), one("y")]}]},
        ],
    }


def one(key: str, kind: str = "text") -> dict[str, Any]:
    return {"key": key, "type": kind, "label": {"zh": key}}


def keys(of: dict[str, Any]) -> list[list[str]]:
    return [[field["key"] for field in section["fields"]] for section in of["sections"]]


@pytest.mark.parametrize(
    ("struct", "table"), [(Field, known.FIELD), (Section, known.SECTION), (Form, known.FORM)]
)
def test_every_property_of_the_engine_is_in_the_table(
    struct: type, table: tuple[known.Property, ...]
) -> None:
    assert sorted(one.name for one in table) == sorted(one.name for one in msgspec.structs.fields(struct))


def test_every_form_of_the_house_comes_apart_and_together_again() -> None:
    for path in FILES:
        content = path.read_bytes()
        apart = taken_apart(content)
        assert apart is not None, path
        assert json.loads(written(apart)) == json.loads(content)
        assert read_form(written(apart)) == read_form(content)
        assert faults_in(content) == []


@pytest.mark.parametrize("kind", known.TYPES)
def test_a_new_field_of_each_type_can_be_published(kind: str) -> None:
    grown = added(tree(), (1, 2, 0), known.new_field(kind, "new", "新"))  # type: ignore[arg-type]
    assert faults_in(written(grown)) == []
    assert keys(grown)[0] == ["a", "new", "b", "c"]


def test_steps_go_over_the_edge_of_a_section() -> None:
    up, place = stepped(tree(), (2, 1, 0), -1)
    assert (keys(up), place) == ([["a", "b", "c", "d"], ["e"]], (1, 4, 0))
    back, place = stepped(up, place, 1)
    assert (back, place) == (tree(), (2, 1, 0))
    assert stepped(tree(), (1, 1, 0), -1) == (tree(), (1, 1, 0))
    inner, place = stepped(tree(), (2, 2, 1), 1)
    assert [field["key"] for field in at(inner, (2, 2, 0))["fields"]] == ["y", "x"]
    assert place == (2, 2, 2)
    sections, place = stepped(tree(), (1, 0, 0), 1)
    assert (keys(sections), place) == ([["d", "e"], ["a", "b", "c"]], (2, 0, 0))


def test_a_drop_counts_places_before_it_was_taken_up() -> None:
    assert keys(moved(tree(), (1, 1, 0), (1, 3, 0)))[0] == ["b", "a", "c"]
    assert keys(moved(tree(), (1, 1, 0), (1, 4, 0)))[0] == ["b", "c", "a"]
    assert keys(moved(tree(), (1, 1, 0), (2, 3, 0))) == [["b", "c"], ["d", "e", "a"]]
    with pytest.raises(NoSuchPlace):
        moved(tree(), (1, 1, 0), (2, 0, 0))
    with pytest.raises(NoSuchPlace):
        moved(tree(), (1, 1, 0), (1, 9, 0))


def test_copies_have_keys_of_their_own() -> None:
    assert keys(copied(copied(tree(), (1, 1, 0)), (1, 1, 0)))[0] == ["a", "a_3", "a_2", "b", "c"]
    assert keys(copied(tree(), (1, 0, 0)))[1] == ["a_2", "b_2", "c_2"]
    inner = copied(tree(), (2, 2, 1))
    assert [field["key"] for field in at(inner, (2, 2, 0))["fields"]] == ["x", "x_2", "y"]
    assert faults_in(written(inner)) == []


def test_any_walk_of_moves_keeps_every_field() -> None:
    seed = 20261124
    print(f"seed {seed}")
    rolls = random.Random(seed)
    for path in rolls.sample(FILES, 20):
        was = taken_apart(path.read_bytes())
        assert was is not None
        now = was
        for _ in range(30):
            section = rolls.randint(1, len(now["sections"]))
            fields = now["sections"][section - 1]["fields"]
            if fields:
                now, _ = stepped(now, (section, rolls.randint(1, len(fields)), 0), rolls.choice((-1, 1)))
        assert sorted(chain(*keys(now))) == sorted(chain(*keys(was)))


def test_what_is_removed_is_gone_and_only_that() -> None:
    assert keys(removed(tree(), (1, 2, 0))) == [["a", "c"], ["d", "e"]]
    assert keys(removed(tree(), (2, 0, 0))) == [["a", "b", "c"]]
    with pytest.raises(NoSuchPlace):
        removed(tree(), (1, 7, 0))
    assert change.changed(tree(), (1, 1, 0), {"label": {"zh": "甲"}, "type": None})["sections"][0]["fields"][
        0
    ] == {
        "key": "a",
        "label": {"zh": "甲"},
    }


@pytest.mark.parametrize(
    ("content", "code", "place", "named"),
    [
        (b'{"id": "f",\n "title": {"zh": "f"}\n "sections": []}', "json-broken", (0, 0, 0), ""),
        ('{"id": "f"'.encode("utf-16"), "json-broken", (0, 0, 0), ""),
        (b'{"id": "f", "title": {"zh": "f"}}', "property-missing", (0, 0, 0), "sections"),
        (b"[1]", "property-wrong", (0, 0, 0), ""),
    ],
)
def test_broken_files_are_told_by_place(content: bytes, code: str, place: Any, named: str) -> None:
    fault = faults_in(content)[0]
    assert (fault.code, fault.place, fault.named) == (code, place, named)


def test_the_line_of_broken_json_is_told() -> None:
    assert faults_in(b'{"id": "f",\n "title": {"zh": "f"}\n "sections": []}')[0].values["line"] == 3


@pytest.mark.parametrize(
    ("part", "code", "named"),
    [
        ({"requird": True}, "property-unknown", "requird"),
        ({"type": "texte"}, "property-wrong", "type"),
        ({"required": "yes"}, "property-wrong", "required"),
        ({"visible_when": "a = "}, "feel-broken", "visible_when"),
        ({"valid_when": [{"test": "a >", "message": {"zh": "不行"}}]}, "feel-broken", "valid_when.1"),
        ({"pattern": "(["}, "pattern-wrong", "pattern"),
        ({"type": "choice"}, "options-missing", "options"),
        ({"readonly": True}, "value-missing", "value"),
        ({"key": "1 b"}, "key-wrong", "key"),
        ({"key": "a"}, "key-twice", "key"),
        ({"key": "a.b"}, "key-inside", "key"),
        ({"label": {"en": "b"}}, "label-missing", "label"),
        ({"min": 5, "max": 2, "type": "integer"}, "bounds-crossed", "min"),
        (
            {"type": "choice", "options": [{"value": "x", "label": {"zh": "x"}}] * 2},
            "option-twice",
            "options",
        ),
    ],
)
def test_faults_are_told_at_field_and_property(part: dict[str, Any], code: str, named: str) -> None:
    faulty = change.changed(tree(), (1, 2, 0), part)
    found = faults_in(written(faulty))
    assert [(one.code, one.place, one.named) for one in found] == [(code, (1, 2, 0), named)]


def test_all_faults_are_told_at_once() -> None:
    faulty = change.changed(tree(), (1, 1, 0), {"visible_when": "("})
    faulty = change.changed(faulty, (2, 2, 2), {"required_when": ")"})
    assert [(one.place, one.named) for one in faults_in(written(faulty))] == [
        ((1, 1, 0), "visible_when"),
        ((2, 2, 2), "required_when"),
    ]


@pytest.mark.parametrize(
    "text", [b"{}", b"[]", b'{"sections": 3}', b'{"sections": [{"fields": [{"key": 1}]}]}', b"{"]
)
def test_what_has_not_the_outline_of_a_form_is_left_to_the_text_editor(text: bytes) -> None:
    assert taken_apart(text) is None
