"""form-js JSON (Camunda, bpmn.io) to a form: components become fields, groups become sections, FEEL stays FEEL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.forms.taken import Taken, at_least, key_of, options_of, readable, whole, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.forms.edit import Tree

_KINDS = {
    "textfield": "text",
    "textarea": "longtext",
    "number": "number",
    "checkbox": "boolean",
    "radio": "choice",
    "select": "choice",
    "checklist": "choices",
    "taglist": "choices",
    "datetime": "date",
    "dynamiclist": "list",
    "filepicker": "files",
    "expression": "text",
}
#: Components that show something and ask nothing.
_SHOWN = {
    "text": "text",
    "html": "html",
    "image": "image",
    "iframe": "iframe",
    "table": "table",
    "documentPreview": "documentPreview",
}
_SPACE = frozenset({"spacer", "separator", "button"})
#: What the editor of form-js writes beside, which a form here does not need.
_SAID = frozenset(
    [
        "id",
        "type",
        "key",
        "label",
        "description",
        "components",
        "values",
        "validate",
        "conditional",
        "properties",
        "layout",
        "path",
        "isRepeating",
        "readonly",
        "disabled",
        "subtype",
        "valuesKey",
        "valuesExpression",
        "defaultValue",
        "dateLabel",
        "timeLabel",
        "defaultRepetitions",
        "allowAddRemove",
        "repetitions",
        "verticalAlignment",
        "showOutline",
        "text",
        "content",
        "source",
        "alt",
        "computeOn",
        "expression",
        "decimalDigits",
        "increment",
        "searchable",
        "multiple",
        "accept",
        "appearance",
        "timeSerializingFormat",
        "timeInterval",
        "disallowPassedDates",
        "use24h",
        "action",
        "serializeToString",
    ]
)


def from_formjs(source: Tree, form_id: str) -> Taken:
    """The form that asks for what the form-js schema asks, and what of it stays behind."""
    taken = Taken(form_id, str(source.get("name") or source.get("title") or ""))
    taken.section()
    _components(source.get("components"), "", taken, depth=0)
    return taken


def is_formjs(source: Mapping[str, Any]) -> bool:
    """Whether it looks like form-js: a list of components with types."""
    parts = source.get("components")
    return isinstance(parts, list) and all(isinstance(one, dict) and "type" in one for one in parts)


def _components(parts: Any, prefix: str, taken: Taken, *, depth: int) -> None:
    for number, one in enumerate(parts if isinstance(parts, list) else [], 1):
        if not isinstance(one, dict):
            taken.lacks(f"{number}", str(one)[:60], "no-component")
            continue
        where = str(one.get("key") or one.get("id") or number)
        kind = str(one.get("type"))
        if kind == "group" and depth < 6:
            path = key_of(one["path"]) + "." if one.get("path") else ""
            taken.section(str(one.get("label") or ""))
            before = len(taken.sections)
            _components(one.get("components"), prefix + path, taken, depth=depth + 1)
            _hidden(one, taken.sections[before - 1], where, taken)
            taken.section()
        elif kind in _SPACE:
            continue
        elif (field := _field(one, kind, prefix, where, taken)) is not None:
            taken.add(field)


def _field(one: Tree, kind: str, prefix: str, where: str, taken: Taken) -> Tree | None:
    own = _KINDS.get(kind)
    if own is None:
        text = str(one.get("text") or one.get("content") or one.get("source") or one.get("label") or "")
        taken.lacks(where, f"{kind} {text[:60]}".strip(), "shown" if kind in _SHOWN else "component")
        return None
    if kind == "datetime":
        own = {"datetime": "datetime", "time": "text"}.get(str(one.get("subtype")), "date")
        if one.get("subtype") == "time":
            taken.lacks(where, "time", "as-text")
    key = prefix + key_of(one.get("key") or one.get("path") or one.get("id"))
    label = str(one.get("label") or one.get("dateLabel") or one.get("timeLabel") or key)
    field: Tree = {"key": key, "type": own, "label": words(label)}
    if one.get("description"):
        field["help"] = words(str(one["description"]))
    if own in {"choice", "choices"}:
        field["options"] = options_of(one.get("values"), where, taken)
        if not field["options"]:
            taken.lacks(
                where, str(one.get("valuesKey") or one.get("valuesExpression") or "values"), "options"
            )
            field["options"] = [{"value": "option_1", "label": {"zh": "选项1"}}]
    if own == "list" and not _rows(one, field, where, taken):
        return None
    _rules(one, field, where, taken)
    _hidden(one, field, where, taken)
    _computed(one, field, kind, where, taken)
    for name in sorted(set(one) - _SAID):
        taken.lacks(where, name, "keyword")
    return field


def _rows(one: Tree, field: Tree, where: str, taken: Taken) -> bool:
    inner = Taken("")
    _components(one.get("components"), "", inner, depth=6)
    taken.left += inner.left
    fields = [row for section in inner.sections for row in section["fields"]]
    for row in [row for row in fields if row["type"] == "list"]:
        fields.remove(row)
        taken.lacks(f"{where}.{row['key']}", "dynamiclist", "rows-in-rows")
    field["fields"] = [{**row, "key": row["key"].replace(".", "_")} for row in fields]
    if not fields:
        taken.lacks(where, "dynamiclist", "no-rows")
    return bool(fields)


def _rules(one: Tree, field: Tree, where: str, taken: Taken) -> None:
    rules = one.get("validate")
    rules = rules if isinstance(rules, dict) else {}
    if rules.get("required"):
        field["required"] = True
    if field["type"] in {"text", "longtext"}:
        if (most := whole(rules.get("maxLength"))) is not None:
            field["max_length"] = most
        if isinstance(rules.get("pattern"), str) and rules["pattern"]:
            taken.pattern(field, rules["pattern"], where)
        at_least(field, rules.get("minLength"))
    for name in ("min", "max"):
        if field["type"] == "number":
            taken.bound(field, name, rules.get(name), where)
    if field["type"] == "number" and whole(one.get("decimalDigits")) is not None:
        field["decimals"] = one["decimalDigits"]
        if one["decimalDigits"] == 0:
            field["type"] = "integer"
            del field["decimals"]
    kind = rules.get("validationType")
    if kind == "phone":
        field["type"] = "phone"
        field.pop("pattern", None)
    elif kind == "email":
        field["pattern"] = r"[^@\s]+@[^@\s]+\.[^@\s]+"
    elif kind not in (None, "", "custom"):
        taken.lacks(where, f"validationType {kind}", "keyword")


def _hidden(one: Tree, part: Tree, where: str, taken: Taken) -> None:
    """form-js says when a component is hidden, a form here when it is shown."""
    rule = one.get("conditional")
    hide = rule.get("hide") if isinstance(rule, dict) else None
    if not hide:
        return
    text = f"not({str(hide).removeprefix('=').strip()})"
    if readable(text):
        part["visible_when"] = text
    else:
        taken.lacks(where, str(hide)[:80], "feel")


def _computed(one: Tree, field: Tree, kind: str, where: str, taken: Taken) -> None:
    if kind == "expression":
        text = str(one.get("expression") or "").removeprefix("=").strip()
        if text and readable(text):
            field |= {"readonly": True, "value": text}
        else:
            taken.lacks(where, text[:80] or "expression", "feel")
    elif one.get("readonly") or one.get("disabled"):
        taken.lacks(where, "readonly", "read-only")
    if one.get("defaultValue") not in (None, "", [], False):
        taken.lacks(where, f"defaultValue {one['defaultValue']}"[:80], "default")
