"""Forms of other makers: what comes over means the same, what does not is told, and the result can always be published."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.forms import json_schema, read_form
from engine.forms.edit import written
from engine.forms.formjs import from_formjs, is_formjs
from engine.forms.read import faults_in
from engine.forms.schema_in import from_json_schema
from engine.forms.taken import Taken  # noqa: TC001 - beside its importers
from tests.conftest import ROOT

FILES = sorted((ROOT / "forms").rglob("*.json"))


def fields(taken: Taken) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for section in taken.tree()["sections"] for field in section["fields"]}


def lost(taken: Taken) -> set[tuple[str, str]]:
    return {(one.where, one.code) for one in taken.left}


def test_what_we_publish_comes_back() -> None:
    """Every form of the house: its JSON Schema asks for the same answers when it is taken over."""
    for path in FILES:
        form = read_form(path.read_bytes(), str(path))
        taken = from_json_schema(json_schema(form), form.id)
        again = read_form(written(taken.tree()))
        wanted = {field.key for field in form.fields()}
        assert {field.key for field in again.fields()} == wanted, path
        kinds = {field.key: field.type for field in again.fields()}
        texts = {"text", "longtext"}
        same = {"longtext": texts, "text": texts, "phone": texts}
        for field in form.fields():
            assert kinds[field.key] in same.get(field.type, {field.type}), (path, field.key)
            if field.type in {"choice", "choices"}:
                other = next(one for one in again.fields() if one.key == field.key)
                assert [one.value for one in other.options] == [one.value for one in field.options]


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Request",
    "type": "object",
    "required": ["person", "kind"],
    "$defs": {"money": {"type": "number", "minimum": 0.5}},
    "properties": {
        "person": {
            "type": "object",
            "title": "申请人",
            "required": ["full name"],
            "properties": {
                "full name": {
                    "type": "string",
                    "minLength": 2,
                    "maxLength": 30,
                    "description": "as on the card",
                },
                "born": {"type": ["string", "null"], "format": "date"},
            },
        },
        "kind": {"enum": ["a", "b", 3]},
        "amount": {"$ref": "#/$defs/money"},
        "far": {"$ref": "https://example.org/x.json"},
        "agree": {"type": "boolean", "default": False},
        "list": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"n": {"type": "integer"}}},
        },
        "tags": {"type": "array", "items": {"enum": ["x", "y"]}},
        "code": {"type": "string", "pattern": "(?=x)y"},
        "either": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    },
    "if": {"properties": {"kind": {"const": "a"}}},
}


def test_a_json_schema_becomes_a_form_with_a_list_of_what_stayed_behind() -> None:
    taken = from_json_schema(SCHEMA, "request")
    found = fields(taken)
    assert faults_in(written(taken.tree())) == []
    assert list(found) == [
        "person.full_name",
        "person.born",
        "kind",
        "amount",
        "agree",
        "list",
        "tags",
        "code",
    ]
    assert found["person.full_name"] | {"help": 0, "label": 0} == {
        "key": "person.full_name",
        "type": "text",
        "label": 0,
        "help": 0,
        "required": True,
        "max_length": 30,
        "valid_when": [
            {
                "test": "string length(person.full_name) >= 2",
                "message": {"zh": "至少2个字", "en": "At least 2 characters"},
            }
        ],
    }
    assert (found["person.born"]["type"], found["amount"]["type"], found["amount"]["min"]) == (
        "date",
        "number",
        "0.5",
    )
    assert [one["value"] for one in found["kind"]["options"]] == ["a", "b", "3"]
    assert found["list"]["min_rows"] == 1
    assert found["list"]["fields"][0]["type"] == "integer"
    assert found["tags"]["type"] == "choices"
    assert taken.tree()["sections"][0]["title"] == {"zh": "申请人"}
    assert lost(taken) == {
        ("$", "keyword"),
        ("$.far", "reference"),
        ("$.agree", "default"),
        ("$.code", "pattern"),
        ("$.either", "type"),
    }


FORMJS = {
    "schemaVersion": 18,
    "components": [
        {"type": "text", "text": "# Hello"},
        {
            "type": "textfield",
            "key": "name",
            "label": "Name",
            "validate": {"required": True, "minLength": 2, "maxLength": 9},
        },
        {
            "type": "number",
            "key": "children",
            "label": "子女",
            "decimalDigits": 0,
            "validate": {"min": 0, "max": "=max"},
        },
        {"type": "datetime", "key": "when", "subtype": "datetime", "dateLabel": "何时"},
        {
            "type": "group",
            "label": "地址",
            "path": "home",
            "conditional": {"hide": "=children = 0"},
            "components": [
                {"type": "textfield", "key": "street", "label": "街道"},
                {"type": "select", "key": "town", "label": "镇", "values": [{"label": "甲", "value": "a"}]},
                {"type": "select", "key": "from", "label": "库", "valuesKey": "towns"},
            ],
        },
        {
            "type": "dynamiclist",
            "path": "rows",
            "label": "成员",
            "components": [{"type": "textfield", "key": "who", "label": "谁"}],
        },
        {
            "type": "checkbox",
            "key": "ok",
            "label": "同意",
            "defaultValue": True,
            "conditional": {"hide": "=a >"},
        },
        {"type": "expression", "key": "sum", "expression": "=children * 2"},
        {"type": "textfield", "key": "tel", "label": "电话", "validate": {"validationType": "phone"}, "x": 1},
        {"type": "iframe", "label": "map", "url": "https://example.org"},
        {"type": "spacer"},
    ],
}


def test_form_js_becomes_a_form_with_a_list_of_what_stayed_behind() -> None:
    assert is_formjs(FORMJS)
    assert not is_formjs(SCHEMA)
    taken = from_formjs(FORMJS, "f")
    found = fields(taken)
    assert faults_in(written(taken.tree())) == []
    kinds = {key: field["type"] for key, field in found.items()}
    assert kinds == {
        "name": "text",
        "children": "integer",
        "when": "datetime",
        "home.street": "text",
        "home.town": "choice",
        "home.from": "choice",
        "rows": "list",
        "ok": "boolean",
        "sum": "text",
        "tel": "phone",
    }
    assert (found["children"]["min"], found["children"]["max"]) == (0, "max")
    group = next(one for one in taken.tree()["sections"] if one.get("title") == {"zh": "地址"})
    assert group["visible_when"] == "not(children = 0)"
    assert found["sum"] | {"label": 0} == {
        "key": "sum",
        "type": "text",
        "label": 0,
        "readonly": True,
        "value": "children * 2",
    }
    assert lost(taken) == {
        ("1", "shown"),
        ("from", "options"),
        ("ok", "default"),
        ("ok", "feel"),
        ("tel", "keyword"),
        ("10", "shown"),
    }


_PARTS: tuple[Any, ...] = (
    None,
    3,
    "x",
    [],
    {},
    True,
    "(((",
    "a b",
    2.5,
    "$",
    -1,
    ["string", "null"],
    "object",
    "array",
)
_SCHEMA_WORDS = ("type", "properties", "items", "enum", "oneOf", "required", "format", "pattern", "title", "minimum", "maximum", "maxLength", "minItems", "$ref", "default")  # fmt: skip
_FORMJS_WORDS = ("type", "key", "label", "components", "values", "validate", "conditional", "path", "expression", "decimalDigits", "subtype", "defaultValue")  # fmt: skip


@pytest.mark.parametrize(("take", "said"), [(from_json_schema, _SCHEMA_WORDS), (from_formjs, _FORMJS_WORDS)])
def test_whatever_comes_the_result_is_a_form(take: Any, said: tuple[str, ...]) -> None:
    """Nonsense of the right outline never breaks an importer, and never comes out as a form that cannot be read."""
    seed = 424242
    print(f"seed {seed}")
    rolls = random.Random(seed)
    base = SCHEMA if take is from_json_schema else FORMJS

    def spoilt(part: Any, depth: int = 0) -> Any:
        if depth > 1 and rolls.random() < 0.15:
            return rolls.choice(_PARTS)
        if isinstance(part, dict):
            new = {key: spoilt(value, depth + 1) for key, value in part.items()}
            if rolls.random() < 0.3:
                new[rolls.choice(said)] = rolls.choice(_PARTS)
            return new
        return [spoilt(one, depth + 1) for one in part] if isinstance(part, list) else part

    for _ in range(300):
        source = spoilt(base)
        taken = take(source, "f")
        assert [one for one in faults_in(written(taken.tree())) if one.code != "bounds-crossed"] == [], source
