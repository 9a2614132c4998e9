"""The same form as JSON Schema 2020-12, for integrators; conditions that only FEEL can judge stay on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.forms.model import Field, Form

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "longtext": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": ["number", "string"]},
    "money": {"type": ["number", "string"], "pattern": r"^-?\d{1,12}(\.\d{1,2})?$"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "choices": {"type": "array", "uniqueItems": True},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "id_number": {"type": "string", "pattern": r"^\d{17}[\dXx]$"},
    "phone": {"type": "string"},
    "area": {"type": "string", "pattern": r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$"},
    "account": {"type": "string", "pattern": r"^[\d ]{16,23}$"},
    "file": {"$ref": "#/$defs/file"},
    "files": {"type": "array", "items": {"$ref": "#/$defs/file"}},
}
_FILE = {
    "type": "object",
    "required": ["hash"],
    "properties": {
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "type": {"type": "string"},
    },
}


def json_schema(form: Form, language: str = "zh") -> dict[str, Any]:
    """JSON Schema 2020-12 of what `validate` accepts, titles in the language (Chinese where it has none)."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"forms/{form.id}",
        "title": _words(form.title, language),
        **_object(list(form.fields()), language),
        "$defs": {"file": _FILE},
    }
    return schema


def _object(fields: list[Field], language: str) -> dict[str, Any]:
    """An object schema; dotted keys open inner objects."""
    root: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    for field in fields:
        *path, last = field.key.split(".")
        place = root
        for name in path:
            place = place["properties"].setdefault(
                name, {"type": "object", "properties": {}, "additionalProperties": False}
            )
        place["properties"][last] = _field(field, language)
        if field.required and field.visible_when is None and not field.readonly:
            place.setdefault("required", []).append(last)
    return root


def _field(field: Field, language: str) -> dict[str, Any]:
    if field.type == "list":
        schema: dict[str, Any] = {
            "type": "array",
            "items": _object(field.fields, language),
            "minItems": field.min_rows,
            "maxItems": field.max_rows,
        }
    else:
        schema = dict(_TYPES[field.type])
    schema["title"] = _words(field.label, language)
    if field.help:
        schema["description"] = _words(field.help, language)
    if field.readonly:
        schema["readOnly"] = True
    if field.type == "choice":
        schema["oneOf"] = [{"const": o.value, "title": _words(o.label, language)} for o in field.options]
    if field.type == "choices":
        schema["items"] = {
            "oneOf": [{"const": o.value, "title": _words(o.label, language)} for o in field.options]
        }
    if field.max_length is not None:
        schema["maxLength"] = field.max_length
    if field.pattern is not None:
        schema["pattern"] = field.pattern
    if field.type in {"integer", "number", "money"}:
        schema |= {
            name: bound
            for name, bound in (("minimum", field.min), ("maximum", field.max))
            if isinstance(bound, int)
        }
    return schema


def _words(words: dict[str, str], language: str) -> str:
    return words.get(language) or words["zh"]
