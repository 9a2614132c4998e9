"""Answers in, clean values out: types, bounds, conditions. The one place where submitted data is judged."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.errors import FieldError, FormInvalid
from engine.feel import FeelError, World
from engine.forms.model import Field, Form, feel
from engine.forms.types import Wrong, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Data = dict[str, Any]


class _Judge:
    """One validation: the form's names, the case's variables, the answers so far, and the errors in field order."""

    def __init__(self, form: Form, variables: Mapping[str, Any], world: World) -> None:
        self.form = form
        self.variables = variables
        self.world = world
        self.errors: list[FieldError] = []

    @cached_property
    def names(self) -> frozenset[str]:
        """What FEEL may be told about; put together only for a form that asks it something."""
        return self.form.names() | frozenset(self.variables)

    def holds(self, text: str | None, answers: Data, row: Data | None = None) -> bool:
        """Whether a condition is true; null and faults count as not true (a hidden question asks nobody)."""
        if text is None:
            return True
        try:
            return self.value(text, answers, row) is True
        except FeelError:
            return False

    def value(self, text: str, answers: Data, row: Data | None = None) -> Any:
        """A FEEL value over variables, answers and the row at hand."""
        return feel(text, self.names).evaluate({**self.variables, **answers, **(row or {})}, self.world)


def validate(form: Form, data: Mapping[str, Any], variables: Mapping[str, Any], world: World) -> Data:
    """The clean answers: FEEL values under nested keys, hidden questions dropped, computed ones filled in.

    Raises FormInvalid with every error, in the order of the form. Nothing unknown is accepted.
    """
    judge = _Judge(form, variables, world)
    given = flatten_known(form, data, judge.errors)
    answers: Data = {}
    fields = list(form.fields())
    for field in fields:
        _take(judge, field, given.get(field.key), answers, field.key)
    shown = set(visible(form, answers, variables, world))
    kept: Data = {}
    for field in fields:
        if field.key not in shown:
            continue
        if field.readonly and field.value is not None:
            put(kept, field.key, judge.value(field.value, answers))
        elif (value := get(answers, field.key)) is not None:
            put(kept, field.key, value)
    for field in fields:
        if field.key in shown:
            _judge_field(judge, field, get(kept, field.key), kept)
    errors = [e for e in judge.errors if e.code == "unknown-field" or _root(fields, e.path) in shown]
    if errors:
        order = {field.key: place for place, field in enumerate(fields)}
        raise FormInvalid(tuple(sorted(errors, key=lambda e: order.get(_root(fields, e.path), len(order)))))
    return kept


def visible(form: Form, answers: Data, variables: Mapping[str, Any], world: World) -> list[str]:
    """The keys of the questions that are asked, given the answers so far."""
    judge = _Judge(form, variables, world)
    return [
        field.key
        for section in form.sections
        if judge.holds(section.visible_when, answers)
        for field in section.fields
        if judge.holds(field.visible_when, answers)
    ]


def about(form: Form, answers: Data, world: World) -> str | None:
    """The name of whom a case begun with these answers is about, where the form asks for it."""
    if form.about is None:
        name = get(answers, "applicant.name")
    else:
        try:
            name = _Judge(form, {}, world).value(form.about, answers)
        except FeelError:
            name = None
    return name if isinstance(name, str) and name else None


def prefill(form: Form, variables: Mapping[str, Any], world: World) -> Data:
    """What the form starts with: computed values, and case variables of the same name."""
    judge = _Judge(form, variables, world)
    answers: Data = {}
    for field in form.fields():
        if field.rows is not None:
            put(
                answers,
                field.key,
                with_rows(field, judge.value(field.rows, answers), get(variables, field.key)),
            )
            continue
        own = field.value
        value = judge.value(own, answers) if own is not None else get(variables, field.key)
        if value is not None:
            put(answers, field.key, value)
    return answers


def flatten_known(form: Form, data: Mapping[str, Any], errors: list[FieldError]) -> Data:
    """The given answers by full key; anything that is no field of the form becomes an error."""
    keys = form.keys
    found: Data = {}

    def walk(prefix: str, value: Any) -> None:
        if prefix in keys:
            found[prefix] = value
        elif isinstance(value, dict) and any(key.startswith(prefix + ".") for key in keys):
            for name, inner in value.items():
                walk(f"{prefix}.{name}", inner)
        else:
            errors.append(FieldError(prefix, "unknown-field"))

    for name, value in data.items():
        walk(str(name), value)
    return found


def _take(judge: _Judge, field: Field, raw: Any, answers: Data, path: str) -> None:
    if field.rows is not None:
        put(
            answers,
            path,
            _rows(judge, field, with_rows(field, judge.value(field.rows, answers), raw), answers, path),
        )
        return
    if field.readonly or raw is None or raw in ("", []):
        return
    if field.type == "list":
        put(answers, path, _rows(judge, field, raw, answers, path))
        return
    try:
        put(answers, path, clean(field, raw))
    except Wrong as wrong:
        judge.errors.append(FieldError(path, wrong.code, wrong.values))


def with_rows(field: Field, asked: Any, given: Any) -> list[Data]:
    """The rows that are asked for, with what was answered in each; what is readonly in them cannot be answered."""
    shown = [inner.key for inner in field.fields if inner.readonly]
    answered = given if isinstance(given, list) else []
    rows: list[Data] = []
    for number, context in enumerate(asked if isinstance(asked, list) else []):
        row = dict(answered[number]) if number < len(answered) and isinstance(answered[number], dict) else {}
        rows.append({**row, **{key: context[key] for key in shown if context.get(key) is not None}})
    return rows


def _rows(judge: _Judge, field: Field, raw: Any, answers: Data, path: str) -> list[Data]:
    if not isinstance(raw, list):
        judge.errors.append(FieldError(path, "wrong-type", {"expected": "list"}))
        return []
    if field.rows is None and len(raw) > field.max_rows:
        # Told once, before ten thousand rows are judged one by one.
        judge.errors.append(FieldError(path, "wrong-rows", {"min": field.min_rows, "max": field.max_rows}))
        return []
    rows: list[Data] = []
    known = {inner.key for inner in field.fields}
    for number, given in enumerate(raw):
        row: Data = {}
        if not isinstance(given, dict):
            judge.errors.append(FieldError(f"{path}.{number}", "wrong-type", {"expected": "object"}))
            continue
        judge.errors += [
            FieldError(f"{path}.{number}.{name}", "unknown-field") for name in given if name not in known
        ]
        for inner in field.fields:
            value = given.get(inner.key)
            place = f"{path}.{number}.{inner.key}"
            if value not in (None, "", []):
                try:
                    row[inner.key] = clean(inner, value)
                except Wrong as wrong:
                    judge.errors.append(FieldError(place, wrong.code, wrong.values))
                    continue
            if inner.key not in row and judge.holds(inner.visible_when, answers, row):
                needed = inner.required or (
                    inner.required_when and judge.holds(inner.required_when, answers, row)
                )
                if needed:
                    judge.errors.append(FieldError(place, "required"))
        rows.append(row)
    return rows


def _judge_field(judge: _Judge, field: Field, value: Any, answers: Data) -> None:
    if any(e.path == field.key for e in judge.errors):
        return
    if value is None or (field.type == "list" and not value):
        if field.required or (field.required_when is not None and judge.holds(field.required_when, answers)):
            judge.errors.append(FieldError(field.key, "required"))
        return
    if field.type == "list" and not field.min_rows <= len(value) <= field.max_rows:
        judge.errors.append(
            FieldError(field.key, "wrong-rows", {"min": field.min_rows, "max": field.max_rows})
        )
        return
    if fault := _out_of_bounds(judge, field, value, answers):
        judge.errors.append(fault)
        return
    for check in field.valid_when:
        if not judge.holds(check.test, answers):
            judge.errors.append(FieldError(field.key, "not-valid", {"message": check.message}))
            return


def _out_of_bounds(judge: _Judge, field: Field, value: Any, answers: Data) -> FieldError | None:
    for bound, code in ((field.min, "too-small"), (field.max, "too-large")):
        if bound is None:
            continue
        limit = judge.value(bound, answers) if isinstance(bound, str) else Decimal(bound)
        if limit is None:
            if field.type == "money":
                # An amount without its limit must not pass: the limit was meant, and is not known.
                return FieldError(field.key, "limit-unknown")
            continue
        below = value < limit if code == "too-small" else value > limit
        if below:
            return FieldError(field.key, code, {"limit": str(limit)})
    return None


def get(data: Mapping[str, Any], key: str) -> Any:
    """The value under a dotted key, or None."""
    value: Any = data
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) or hasattr(value, "get") else None
        if value is None:
            return None
    return value


def put(data: Data, key: str, value: Any) -> None:
    """Set the value under a dotted key."""
    *path, last = key.split(".")
    for name in path:
        data = data.setdefault(name, {})
    data[last] = value


def _root(fields: Iterable[Field], path: str) -> str:
    return next((f.key for f in fields if path == f.key or path.startswith(f.key + ".")), path)
