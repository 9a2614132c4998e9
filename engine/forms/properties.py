"""Every property that a form file may have, for whoever edits one: how it is typed, and which fields have it.

A test holds this table against the structs, so that a property the engine learns cannot be missing in an editor.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

from engine.forms.model import FieldType, Level, Mask

#: The types of fields, as an editor offers them.
TYPES: tuple[str, ...] = get_args(FieldType)
MASKS: tuple[str, ...] = get_args(Mask)
LEVELS: tuple[str, ...] = get_args(Level)

_TEXTS = frozenset({"text", "longtext"})
_NUMBERS = frozenset({"integer", "number", "money"})
_ORDERED = _NUMBERS | {"date", "datetime"}
_CHOICES = frozenset({"choice", "choices"})
_MASKED = frozenset({"text", "id_number", "phone", "account"})
_ALL = frozenset(TYPES)


class Property(NamedTuple):
    """One property: its name in the file, how it is typed, where it stands in an editor, and the types that have it.

    `typed` is one of key, type, words, text, flag, feel, number, bound, options, checks, level, mask, fields, variables,
    keywords. `inner`: whether fields of rows have it, too.
    """

    name: str
    typed: str
    group: str
    types: frozenset[str] = _ALL
    inner: bool = True


FIELD: tuple[Property, ...] = (
    Property("label", "words", "question"),
    Property("key", "key", "question"),
    Property("type", "type", "question"),
    Property("help", "words", "question"),
    Property("options", "options", "question", _CHOICES),
    Property("fields", "fields", "question", frozenset({"list"}), inner=False),
    Property("required", "flag", "rules", inner=True),
    Property("required_when", "feel", "rules"),
    Property("visible_when", "feel", "rules"),
    Property("valid_when", "checks", "rules", inner=False),
    Property("min", "bound", "limits", _ORDERED, inner=False),
    Property("max", "bound", "limits", _ORDERED, inner=False),
    Property("decimals", "number", "limits", frozenset({"number", "money"})),
    Property("max_length", "number", "limits", _TEXTS),
    Property("pattern", "text", "limits", _TEXTS),
    Property("min_rows", "number", "limits", frozenset({"list"}), inner=False),
    Property("max_rows", "number", "limits", frozenset({"list"}), inner=False),
    Property("max_files", "number", "limits", frozenset({"files"})),
    Property("max_megabytes", "number", "limits", frozenset({"file", "files"})),
    Property("places", "levels", "limits", frozenset({"area"})),
    Property("readonly", "flag", "computed"),
    Property("value", "feel", "computed", _ALL - {"file", "files", "list"}, inner=False),
    Property("rows", "feel", "computed", frozenset({"list"}), inner=False),
    Property("mask", "mask", "privacy", _MASKED),
    Property("purpose", "words", "privacy"),
)
SECTION: tuple[Property, ...] = (
    Property("title", "words", "question"),
    Property("visible_when", "feel", "rules"),
    Property("fields", "fields", "question"),
)
FORM: tuple[Property, ...] = (
    Property("title", "words", "question"),
    Property("help", "words", "question"),
    Property("variables", "variables", "rules"),
    Property("id", "key", "question"),
    Property("about", "feel", "start"),
    Property("topic", "words", "start"),
    Property("keywords", "keywords", "start"),
    Property("order", "number", "start"),
    Property("places", "levels", "start"),
    Property("sections", "fields", "question"),
)


def of_field(kind: str, *, inner: bool = False) -> tuple[Property, ...]:
    """The properties that a field of this type has, in the order of an editor; of an unknown type those of all."""
    return tuple(one for one in FIELD if (kind in one.types or kind not in _ALL) and (one.inner or not inner))


def new_field(kind: str, key: str, label: str) -> dict[str, object]:
    """A field of this type as an editor begins it, whole enough to be published."""
    field: dict[str, object] = {"key": key, "type": kind, "label": {"zh": label}}
    if kind in _CHOICES:
        field["options"] = [{"value": f"option_{n}", "label": {"zh": f"选项{n}"}} for n in (1, 2)]
    if kind == "list":
        field["fields"] = [{"key": "item", "type": "text", "label": {"zh": "内容"}}]
    return field
