"""Reading a form file, and everything that is wrong with one: each fault with the place that it lies at.

Whoever runs a form wants the first fault raised (`read_form`); whoever writes one wants all of them (`faults_in`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import re2

from engine.errors import FormBroken
from engine.feel import FeelError
from engine.forms.model import Field, Form, feel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Answers nest by dots; each part is a name that FEEL can say without quotes.
_KEY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
#: The library would write every pattern that it cannot read to the error stream, too.
_QUIET = re2.Options()
_QUIET.log_errors = False
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_PLACE = re.compile(r" - at `\$([^`]*)`$")


class Fault(NamedTuple):
    """One thing wrong with a form: where (section, field, inner field from 1; 0 for none), which property, and what."""

    code: str
    reason: str
    place: tuple[int, int, int] = (0, 0, 0)
    field: str = ""
    named: str = ""
    values: Mapping[str, Any] = {}


def read_form(content: bytes, file: str = "") -> Form:
    """The form in a file; FormBroken names the file, the field and the reason."""
    try:
        form = msgspec.json.decode(content, type=Form)
    except msgspec.DecodeError as fault:
        raise FormBroken(file=file, reason=str(fault)) from fault
    for found in _faults(form):
        told = {"field": found.field} if found.field else {}
        if "feel" in found.values:
            told["feel"] = found.values["feel"]
        raise FormBroken(file=file, reason=found.reason, **told)
    return form


def faults_in(content: bytes) -> list[Fault]:
    """All faults of a form file; only the first of those that keep it from being taken apart at all."""
    try:
        form = msgspec.json.decode(content, type=Form)
    except msgspec.ValidationError as fault:
        return [_misshapen(content, str(fault))]
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        return [_unreadable(content, str(fault))]
    return list(_faults(form))


def _unreadable(content: bytes, reason: str) -> Fault:
    """Where the text stops being JSON, by line and column."""
    try:
        json.loads(content)
    except json.JSONDecodeError as fault:
        values = {"line": fault.lineno, "column": fault.colno, "reason": fault.msg}
        return Fault("json-broken", reason, values=values)
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        return Fault("json-broken", reason, values={"line": line, "column": 1, "reason": "UTF-8"})
    except RecursionError:
        pass
    return Fault("json-broken", reason, values={"line": 1, "column": 1, "reason": reason})


def _misshapen(content: bytes, reason: str) -> Fault:
    """The place of what is no form, from the reader's path (`$.sections[0].fields[2].type`)."""
    found = _PLACE.search(reason)
    place, named, at = [0, 0, 0], "", 0
    value: Any = json.loads(content)
    key = ""
    for word, number in _STEP.findall(found[1] if found else ""):
        if number:
            value = value[int(number)] if isinstance(value, list) and int(number) < len(value) else None
            if named in {"sections", "fields"} and at < len(place):
                place[at] = int(number) + 1
                at += 1
                key = str(value.get("key", "")) if isinstance(value, dict) else ""
                named = ""
        else:
            named = word if not named or word in {"sections", "fields"} else named
            value = value.get(word) if isinstance(value, dict) else None
    bare = reason[: found.start()] if found else reason
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", bare)
    missing = re.fullmatch(r"Object missing required field `(.+)`", bare)
    code = "property-unknown" if unknown else "property-missing" if missing else "property-wrong"
    one = unknown or missing
    values = {"name": one[1] if one else named, "reason": bare}
    return Fault(code, reason, (place[0], place[1], place[2]), key, values["name"], values)


def _faults(form: Form) -> Iterator[Fault]:
    seen: set[str] = set()
    yield from _feel_fault(form.about, form, (0, 0, 0), "", "about")
    for number, section in enumerate(form.sections, 1):
        yield from _feel_fault(section.visible_when, form, (number, 0, 0), "", "visible_when")
        for count, field in enumerate(section.fields, 1):
            place = (number, count, 0)
            if field.key in seen:
                yield Fault("key-twice", "the key stands twice", place, field.key, "key")
            seen.add(field.key)
            yield from _field_faults(field, form, place)
    yield from _nested(form, seen)
    if form.variables != "all" and (strange := set(form.variables) - form.names()):
        reason = "listed in variables, but no such field"
        yield Fault("variable-unknown", reason, field=min(strange), named="variables")


def _nested(form: Form, keys: set[str]) -> Iterator[Fault]:
    """A key that is an answer itself cannot hold other answers."""
    for number, section in enumerate(form.sections, 1):
        for count, field in enumerate(section.fields, 1):
            parts = field.key.split(".")
            for length in range(1, len(parts)):
                if (above := ".".join(parts[:length])) in keys:
                    reason = f"{above} is an answer itself and cannot hold others"
                    values = {"above": above}
                    yield Fault("key-inside", reason, (number, count, 0), field.key, "key", values)


def _field_faults(
    field: Field, form: Form, place: tuple[int, int, int], *, asked: bool = False
) -> Iterator[Fault]:
    def fault(code: str, told: str, named: str, **values: Any) -> Fault:
        return Fault(code, told, place, field.key, named, values)

    if not _KEY.fullmatch(field.key):
        yield fault("key-wrong", "the key is no name", "key")
    if "zh" not in field.label:
        yield fault("label-missing", "the Chinese label is missing", "label")
    if field.type in {"choice", "choices"} and not field.options:
        yield fault("options-missing", "a choice needs options", "options")
    values = [one.value for one in field.options]
    for twice in sorted({one for one in values if values.count(one) > 1}):
        yield fault("option-twice", f"the option {twice} stands twice", "options", value=twice)
    if (field.type == "list") != bool(field.fields):
        yield fault("rows-missing", "a list, and only a list, has fields", "fields")
    if field.readonly and field.value is None and not asked:
        yield fault("value-missing", "a readonly field needs a value", "value")
    if field.pattern is not None and (reason := no_pattern(field.pattern)):
        yield fault("pattern-wrong", f"the pattern cannot be read: {reason}", "pattern", reason=reason)
    yield from _bounds(field, place)
    for named, text in _texts(field):
        yield from _feel_fault(text, form, place, field.key, named)
    inner_keys = [one.key for one in field.fields]
    for count, inner in enumerate(field.fields, 1):
        at = (place[0], place[1], count)
        if inner.key in inner_keys[: count - 1]:
            yield Fault("key-twice", "the key stands twice", at, inner.key, "key")
        yield from _field_faults(inner, form, at, asked=field.rows is not None or field.readonly)


def _bounds(field: Field, place: tuple[int, int, int]) -> Iterator[Fault]:
    pairs = (("min", field.min, field.max), ("min_rows", field.min_rows, field.max_rows))
    for named, low, high in pairs:
        if isinstance(low, int) and isinstance(high, int) and low > high:
            reason = f"{named} is more than the upper bound"
            yield Fault("bounds-crossed", reason, place, field.key, named, {"min": low, "max": high})


def _texts(field: Field) -> Iterator[tuple[str, str | None]]:
    """The FEEL of a field by the property that it stands in."""
    yield "required_when", field.required_when
    yield "visible_when", field.visible_when
    yield "value", field.value
    yield "rows", field.rows
    for number, check in enumerate(field.valid_when, 1):
        yield f"valid_when.{number}", check.test
    for named, bound in (("min", field.min), ("max", field.max)):
        if isinstance(bound, str):
            yield named, bound


def no_pattern(pattern: str) -> str | None:
    """Why a pattern cannot be read; None for one that can."""
    try:
        re2.compile(pattern, _QUIET)
    except re2.error as fault:
        return str(fault)
    return None


def _feel_fault(
    text: str | None, form: Form, place: tuple[int, int, int], key: str, named: str
) -> Iterator[Fault]:
    if text is None:
        return
    try:
        feel(text, form.names())
    except FeelError as fault:
        values = {"feel": text, "code": fault.code, "position": fault.position, **fault.values}
        yield Fault("feel-broken", str(fault), place, key, named, values)
