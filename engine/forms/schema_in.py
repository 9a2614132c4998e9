"""JSON Schema (2020-12 and before) to a form: objects become sections and dotted keys, arrays of objects become rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.forms.taken import Taken, at_least, key_of, options_of, whole, words

if TYPE_CHECKING:
    from engine.forms.edit import Tree

_FORMATS = {
    "date": "date",
    "date-time": "datetime",
    "email": "text",
    "uri": "text",
    "time": "text",
    "uuid": "text",
    "data-url": "file",
    "textarea": "longtext",
}
_SIMPLE = {"integer": "integer", "number": "number", "boolean": "boolean", "string": "text"}
#: Keywords that a form says in its own way or need not say; whatever else stands in a schema is told as left.
_SAID = frozenset(
    [
        "type",
        "title",
        "description",
        "format",
        "enum",
        "const",
        "oneOf",
        "anyOf",
        "items",
        "properties",
        "required",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "readOnly",
        "default",
        "multipleOf",
        "$ref",
        "$schema",
        "$id",
        "id",
        "$defs",
        "definitions",
        "additionalProperties",
        "$comment",
        "examples",
        "deprecated",
        "writeOnly",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ]
)
_DEEPEST = 6
#: How our own publisher (`engine.forms.schema`) writes types that JSON has no word for.
_OWN = {
    r"^-?\d{1,12}(\.\d{1,2})?$": "money",
    r"^\d{17}[\dXx]$": "id_number",
    r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$": "area",
    r"^[\d ]{16,23}$": "account",
}


def from_json_schema(schema: Tree, form_id: str) -> Taken:
    """The form that asks for what the schema describes, and what of it no form can say."""
    taken = Taken(form_id, str(schema.get("title") or ""))
    taken.section()
    _Reader(schema, taken).object(schema, "", "$", 0)
    return taken


class _Reader:
    def __init__(self, root: Tree, taken: Taken) -> None:
        self.root = root
        self.taken = taken

    def object(self, schema: Tree, prefix: str, where: str, depth: int) -> None:
        """The properties of an object, one after another; the fields go to the section that is open."""
        properties = schema.get("properties")
        self._left_over(schema, where)
        if not isinstance(properties, dict):
            self.taken.lacks(where, "object", "no-properties")
            return
        required = schema.get("required")
        needed = required if isinstance(required, list) else []
        for name, given in properties.items():
            part = self.resolved(given, f"{where}.{name}")
            if part is None:
                continue
            key = f"{prefix}{key_of(name)}"
            nested = part.get("type") == "object" or ("properties" in part and "type" not in part)
            if nested and "hash" not in _object(part.get("properties")):
                self._group(part, key, f"{where}.{name}", depth)
            elif (field := self.field(part, key, f"{where}.{name}", required=name in needed)) is not None:
                self.taken.add(field)

    def _group(self, part: Tree, key: str, where: str, depth: int) -> None:
        if depth >= _DEEPEST:
            self.taken.lacks(where, "object", "too-deep")
            return
        self.taken.section(str(part.get("title") or ""))
        self.object(part, f"{key}.", where, depth + 1)
        self.taken.section()

    def resolved(self, part: Any, where: str) -> Tree | None:
        """The part itself, or what its `$ref` within the same file names; None if there is nothing to read."""
        for _ in range(_DEEPEST):
            if not isinstance(part, dict):
                self.taken.lacks(where, json.dumps(part)[:60], "no-schema")
                return None
            reference = part.get("$ref")
            if reference is None:
                return part
            found: Any = self.root if str(reference).startswith("#/") else None
            for name in str(reference).removeprefix("#/").split("/"):
                found = (
                    found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
                )
            if found is None:
                self.taken.lacks(where, str(reference), "reference")
                return None
            part = (
                {**found, **{name: value for name, value in part.items() if name != "$ref"}}
                if isinstance(found, dict)
                else found
            )
        self.taken.lacks(where, "$ref", "reference")
        return None

    def field(self, part: Tree, key: str, where: str, *, required: bool) -> Tree | None:
        """One question; None for what no question can ask."""
        kind = self._kind(part, where)
        if kind is None:
            return None
        field: Tree = {
            "key": key,
            "type": kind,
            "label": words(str(part.get("title") or key.rpartition(".")[2])),
        }
        if part.get("description"):
            field["help"] = words(str(part["description"]))
        if required:
            field["required"] = True
        if kind in {"choice", "choices"}:
            source = (
                part if kind == "choice" else self.resolved(part.get("items", {}), f"{where}.items") or {}
            )
            field["options"] = options_of(
                source.get("enum") or source.get("oneOf") or source.get("anyOf"), where, self.taken
            )
            if not field["options"]:
                self.taken.lacks(where, "enum", "options")
                return None
        if kind == "list":
            field["fields"] = self._rows(part, where)
            if not field["fields"]:
                return None
        self._limits(part, field, where)
        self._left_over(part, where)
        return field

    def _kind(self, part: Tree, where: str) -> str | None:
        types = part.get("type")
        kinds = [
            one
            for one in (types if isinstance(types, list) else [types])
            if isinstance(one, str) and one != "null"
        ]
        pattern, format_ = part.get("pattern"), part.get("format")
        if isinstance(pattern, str) and pattern in _OWN:
            return _OWN[pattern]
        if "enum" in part or _constants(part.get("oneOf")) or _constants(part.get("anyOf")):
            return "choice"
        if "array" in kinds:
            return self._array(part, where)
        if "hash" in _object(part.get("properties")):
            return "file"
        if isinstance(format_, str) and format_ in _FORMATS and "string" in (kinds or ["string"]):
            return _FORMATS[format_]
        found = next((_SIMPLE[one] for one in kinds if one in _SIMPLE), None)
        if found == "text" and isinstance(part.get("maxLength"), int) and part["maxLength"] > 200:
            return "longtext"
        if found is None:
            self.taken.lacks(where, str(types or "oneOf" if "oneOf" in part else types or "?"), "type")
        return found

    def _array(self, part: Tree, where: str) -> str | None:
        items = self.resolved(part.get("items", {}), f"{where}.items") or {}
        if "enum" in items or _constants(items.get("oneOf")) or _constants(items.get("anyOf")):
            return "choices"
        if "hash" in _object(items.get("properties")) or items.get("format") == "data-url":
            return "files"
        return "list"

    def _rows(self, part: Tree, where: str) -> list[Tree]:
        """The fields of a row: of an object its properties, of anything else the one value."""
        items = self.resolved(part.get("items", {}), f"{where}.items") or {}
        inner = Taken("")
        reader = _Reader(self.root, inner)
        if items.get("type") == "object" or "properties" in items:
            needed = items.get("required") if isinstance(items.get("required"), list) else []
            for name, given in _object(items.get("properties")).items():
                one = self.resolved(given, f"{where}[].{name}")
                if one is None:
                    continue
                if one.get("type") == "object" or (
                    one.get("type") == "array" and self._array(one, where) == "list"
                ):
                    self.taken.lacks(f"{where}[].{name}", str(one.get("type")), "rows-in-rows")
                elif field := reader.field(
                    one, key_of(name).replace(".", "_"), f"{where}[].{name}", required=name in (needed or [])
                ):
                    inner.add(field)
        elif field := reader.field({"title": "内容", **items}, "item", f"{where}[]", required=True):
            inner.add(field)
        self.taken.left += inner.left
        return [one for section in inner.sections for one in section["fields"]]

    def _limits(self, part: Tree, field: Tree, where: str) -> None:
        kind = field["type"]
        numbers = {"max_length": "maxLength"} if kind in {"text", "longtext"} else {}
        if kind == "list":
            numbers |= {"min_rows": "minItems", "max_rows": "maxItems"}
        if kind == "files":
            numbers |= {"max_files": "maxItems"}
        for own, theirs in numbers.items():
            if (count := whole(part.get(theirs))) is not None:
                field[own] = count
        if kind in {"text", "longtext"} and isinstance(part.get("pattern"), str):
            self.taken.pattern(field, part["pattern"], where)
        if kind in {"integer", "number", "money"}:
            for own, theirs, limit in (
                ("min", "minimum", "exclusiveMinimum"),
                ("max", "maximum", "exclusiveMaximum"),
            ):
                self.taken.bound(field, own, part.get(theirs), where)
                if limit in part:
                    self.taken.lacks(where, limit, "keyword")
        if kind in {"text", "longtext"}:
            at_least(field, part.get("minLength"))

    def _left_over(self, part: Tree, where: str) -> None:
        for name in part:
            if name not in _SAID:
                self.taken.lacks(where, name, "keyword")
        if "default" in part:
            self.taken.lacks(where, "default", "default")
        if part.get("readOnly"):
            self.taken.lacks(where, "readOnly", "read-only")


def _object(value: Any) -> Tree:
    return value if isinstance(value, dict) else {}


def _constants(options: Any) -> bool:
    return (
        isinstance(options, list)
        and bool(options)
        and all(isinstance(one, dict) and "const" in one for one in options)
    )
