"""Reading what a page posts: answers, uploads put into the vault, rows added; and showing faults at their questions."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from litestar.datastructures import UploadFile

from api.errors import faults_of
from api.posted import read_posted
from api.shapes import value_of
from api.uploads import MOST_FILES, keep, plain_name
from engine.errors import FieldError, FormInvalid, TooLarge, Unreadable
from engine.feel import FeelError
from engine.forms import prefill, visible
from engine.queries.desks import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.frame import Asked
    from engine.forms import Field, Form


def texts(given: Mapping[str, list[Any]]) -> dict[str, list[str]]:
    """The text values only."""
    return {name: [one for one in values if isinstance(one, str)] for name, values in given.items()}


def first(given: Mapping[str, list[Any]], name: str) -> str:
    """The first text under a name, or nothing."""
    return next((one for one in given.get(name, ()) if isinstance(one, str)), "")


def fresh() -> str:
    """An id for the command that a page will give, so that sending it twice does nothing twice."""
    return secrets.token_hex(16)


def command(asked: Asked, given: Mapping[str, list[Any]]) -> str:
    """The id of the page's command."""
    return asked.command_id(first(given, "command"))


def number(given: Mapping[str, list[Any]], name: str) -> int:
    """A posted whole number; -1, which fits nothing, for anything else."""
    text = first(given, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def read_answers(
    asked: Asked, form: Form | None, given: Mapping[str, list[Any]]
) -> tuple[dict[str, Any], FormInvalid | None]:
    """The answers of a posted form, and which uploads cannot be taken; the others go into the vault as references."""
    if form is None:
        return {}, None
    answers = read_posted(form, texts(given))
    faults: list[FieldError] = []
    for field in form.fields():
        if field.type in {"file", "files"}:
            files = _files(asked, field, field.key, given, faults)
            if files is not None:
                _put(answers, field.key, files)
        for inner in field.fields:
            if inner.type in {"file", "files"}:
                _files_of_rows(asked, field, inner, given, answers, faults)
    return answers, FormInvalid(tuple(faults)) if faults else None


def _files_of_rows(
    asked: Asked,
    field: Field,
    inner: Field,
    given: Mapping[str, list[Any]],
    answers: dict[str, Any],
    faults: list[FieldError],
) -> None:
    rows = answers.get(field.key) or []
    for number in range(max(len(rows), field.max_rows if field.rows else 0)):
        files = _files(asked, inner, f"{field.key}.{number}.{inner.key}", given, faults)
        if files is not None:
            rows += [{} for _ in range(number + 1 - len(rows))]
            rows[number][inner.key] = files
    if rows:
        answers[field.key] = rows


def _files(
    asked: Asked, field: Field, path: str, given: Mapping[str, list[Any]], faults: list[FieldError]
) -> Any:
    """The files that answer one question: those that the page kept, and new ones."""
    name = f"f.{path}"
    kept = {
        one["hash"]: one
        for text in given.get(f"{name}:kept", ())
        if isinstance(text, str) and (one := _kept(text))
    }
    for upload in given.get(name, ()):
        if not isinstance(upload, UploadFile) or not upload.filename:
            continue
        try:
            taken = _taken(asked, upload, field.max_megabytes)
            kept[taken["hash"]] = taken
        except (TooLarge, Unreadable) as fault:
            values = {
                "name": plain_name(upload.filename),
                "limit_mb": field.max_megabytes or asked.office.settings.upload_limit >> 20,
            }
            faults.append(FieldError(path, f"file-{fault.code}", {**values, **fault.values}))
    most = min(field.max_files or MOST_FILES, MOST_FILES)
    if len(kept) > most and field.type == "files":
        faults.append(FieldError(path, "file-too-many", {"most": most}))
    files = list(kept.values())[:MOST_FILES]
    if not files:
        return None
    return files if field.type == "files" else files[-1]


def _taken(asked: Asked, upload: UploadFile, megabytes: int | None) -> dict[str, Any]:
    asked.brake_strangers("upload")
    limit = min(asked.office.settings.upload_limit, (megabytes or 1 << 20) << 20)
    found = keep(asked.office.vault, upload.file.read(limit + 1), upload.filename, limit)
    return {"hash": found.hash, "name": found.name, "size": found.size, "type": found.type}


def _kept(text: str) -> dict[str, Any]:
    """An earlier upload as the page carries it: hash, size, type and name, apart by blanks."""
    parts = text.split(" ", 3)
    if len(parts) != 4 or not parts[1].isdigit():
        return {"hash": parts[0]}
    return {"hash": parts[0], "size": int(parts[1]), "type": parts[2], "name": parts[3]}


def question_values(
    asked: Asked,
    form: Form | None,
    answers: dict[str, Any],
    variables: Mapping[str, Any],
    invalid: FormInvalid | None = None,
) -> dict[str, Any]:
    """What the page of a form needs: answers, questions shown, faults, and the list of them for the head."""
    if form is None:
        return {"form": None, "answers": {}, "shown_keys": [], "faults": {}, "errors": [], "depends": False}
    values = with_computed(asked, form, answers, variables)
    faults, errors = told_faults(asked, form, invalid) if invalid is not None else ({}, [])
    return {
        "form": form,
        "answers": values,
        "shown_keys": shown_keys(asked, form, values, variables),
        "faults": faults,
        "errors": errors,
        "depends": _depends(form),
    }


def _depends(form: Form) -> bool:
    """Whether answers bring up further questions or computed values, so that the page must be asked again."""
    return any(
        section.visible_when or field.visible_when or (field.readonly and field.value)
        for section in form.sections
        for field in section.fields
    )


def add_row(form: Form, answers: dict[str, Any], key: str) -> None:
    """An empty row more in a list, when somebody asked for it."""
    field = next((one for one in form.fields() if one.key == key and one.type == "list"), None)
    if field is not None:
        rows = answers.setdefault(key, [])
        if len(rows) < field.max_rows:
            rows.append({})


def changed_by_button(
    asked: Asked, form: Form, answers: dict[str, Any], given: Mapping[str, list[Any]]
) -> bool:
    """Do what a button inside the form asked for (a row more, a ready sentence); whether there was one."""
    more, sentence = first(given, "more"), first(given, "phrase")
    if more:
        add_row(form, answers, more)
    if sentence:
        key, _, number = sentence.partition("|")
        field = next((one for one in form.fields() if one.key == key), None)
        known = phrase(asked.office.store, asked.actor, number)
        if field is not None and known is not None:
            _put(answers, key, f"{value_of(answers, key) or ''}{known}"[: field.max_length or 5000])
    return bool(more or sentence)


def with_computed(
    asked: Asked, form: Form, answers: dict[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers with prefilled and computed values under them."""
    world = asked.office.world(asked.now)
    try:
        filled = prefill(form, {**variables, **answers}, world)
    except FeelError:
        filled = {}
    fixed = {field.key for field in form.fields() if field.rows is not None}
    return {**filled, **{key: value for key, value in answers.items() if key not in fixed}}


def shown_keys(asked: Asked, form: Form, answers: dict[str, Any], variables: Mapping[str, Any]) -> list[str]:
    """The questions that are asked, given the answers so far."""
    return visible(form, answers, variables, asked.office.world(asked.now))


def told_faults(
    asked: Asked, form: Form, invalid: FormInvalid
) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Faults by field, and the linked list for the head of the page in the form's order."""
    faults = faults_of(invalid, asked.language)
    labels = {field.key: asked.pick(field.label) for field in form.fields()}
    errors = []
    for path, sentence in faults.items():
        key = next((one for one in labels if path == one or path.startswith(one + ".")), path)
        errors.append({"label": labels.get(key, path), "sentence": sentence, "anchor": f"f.{path}"})
    return faults, errors


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for name in path:
        data = data.setdefault(name, {})
    data[last] = value
