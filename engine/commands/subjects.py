"""Whom a case is about: every identity number in its application and its completed forms, to find it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.commands.frame import Work
    from engine.forms import Field, Form

#: Most people of one case that can be found by number; a household is far below.
_MOST = 200


def note_subjects(work: Work, case: str, form: Form | None, clean: Mapping[str, Any]) -> None:
    """Remember the identity numbers among the answers, each once per case, with the name that stands beside it."""
    if form is None or not form.asks_identity:
        return
    found = dict(_people(form, clean))
    if not found:
        return
    known = {row[0] for row in work.tx.rows("SELECT subject FROM case_subject WHERE case_id = ?", case)}
    for subject in list(found.keys() - known)[: max(0, _MOST - len(known))]:
        work.tx.insert("case_subject", {"subject": subject, "case_id": case, "name": found[subject]})


def _people(form: Form, clean: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in form.fields():
        value = _at(clean, field.key)
        if field.type == "id_number":
            yield from _one(value, _beside(clean, field.key))
        elif field.type == "list" and isinstance(value, list | tuple):
            for row in value:
                yield from _of_row(field, row)


def _of_row(field: Field, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for inner in field.fields:
        if inner.type == "id_number":
            yield from _one(_at(row, inner.key), _beside(row, inner.key))


def _one(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield value.upper(), name


def _beside(data: Mapping[str, Any], key: str) -> str:
    """The name in the same group as the number: `applicant.name` beside `applicant.id_no`."""
    group = key.rpartition(".")[0]
    name = _at(data, f"{group}.name" if group else "name")
    return name[:100] if isinstance(name, str) else ""


def _at(data: Any, key: str) -> Any:
    for part in key.split("."):
        data = data.get(part) if hasattr(data, "get") else None
    return data
