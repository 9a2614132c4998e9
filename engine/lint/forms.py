"""The FEEL of forms against the process: whatever a form asks for must be answered or made by somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.feel import FeelError
from engine.forms.model import feel
from engine.lint.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.forms import Field, Form
    from engine.package import Package


def form_names(package: Package, known: Collection[str]) -> Iterator[Finding]:
    """Names in the conditions and values of the process's forms that nothing gives a value to."""
    for name, form in package.forms.items():
        own = f"forms/{package.name}/{name}.json"
        if own not in package.files:
            continue
        for key, text in _texts(form):
            for unknown in _unknown(text, form, known):
                yield Finding(own, "name-unknown", key, Severity.WARNING, {"name": unknown, "feel": text})


def _unknown(text: str, form: Form, known: Collection[str]) -> list[str]:
    try:
        names = feel(text, form.names()).names
    except FeelError:
        return []
    rows = {inner.key for field in form.fields() for inner in field.fields}
    return sorted(
        one for one in names if one not in known and one not in rows and one.partition(".")[0] not in known
    )


def _texts(form: Form) -> Iterator[tuple[str | None, str]]:
    for section in form.sections:
        if section.visible_when:
            yield None, section.visible_when
        for field in section.fields:
            yield from ((field.key, text) for text in _of_field(field))


def _of_field(field: Field) -> Iterator[str]:
    texts = [
        field.required_when,
        field.visible_when,
        field.value,
        field.rows,
        *(one.test for one in field.valid_when),
    ]
    texts += [bound for bound in (field.min, field.max) if isinstance(bound, str)]
    yield from (text for text in texts if text)
    for inner in field.fields:
        yield from _of_field(inner)
