"""What a browser posts, as the data that `forms.validate` judges: names back to keys, text back to types.

Names: `f.<key>` for a field, `f.<key>:y|m|d` for the parts of a date (`:t` for a time), `f.<list>.<n>.<key>` in rows.
Text that cannot be converted is passed on as it is, so that the judgement (and the person's typing) is not lost.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from litestar.exceptions import ClientException

from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.frame import Asked
    from engine.forms import Field, Form

#: All values of a posted form by name: texts, and uploads.
Given = dict[str, list[Any]]

#: Rows of a list that are read at least, whatever the form says; numbers of rows have fewer digits than this.
MAXIMUM_ROWS, _DIGITS = 100, 8


#: Parts of one posted form: more rows and questions than any form has.
MOST_ANSWERS = 25_000


class TooManyAnswers(EngineError):
    """More answers than one form may have: `limit`."""

    code = "too-many-answers"


async def posted(asked: Asked) -> Given:
    """What the page posted; TooManyAnswers where nobody can have typed it."""
    try:
        data = await asked.request.form()
    except ClientException as refused:
        # Litestar says only in words what its limit of parts refused.
        if "Too Large" in refused.detail:
            raise TooManyAnswers(limit=MOST_ANSWERS) from None
        raise
    return {name: data.getall(name) for name in data}


def read_posted(form: Form, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers under nested keys; questions without any answer are left out."""
    data: dict[str, Any] = {}
    for field in form.fields():
        value = _field(field, f"f.{field.key}", posted)
        if value not in (None, "", []):
            *path, last = field.key.split(".")
            place = data
            for name in path:
                place = place.setdefault(name, {})
            place[last] = value
    return data


def _field(field: Field, name: str, posted: Mapping[str, Sequence[str]]) -> Any:
    if field.readonly:
        return None
    if field.type == "list":
        return _rows(field, name, posted)
    if field.type in {"date", "datetime"}:
        return _moment(field.type, name, posted)
    if field.type in {"file", "files"}:
        return None  # read beside the texts (api/pages/posts.py)
    given = [text for text in posted.get(name, ()) if text != ""]
    if field.type == "choices":
        return given
    return _typed(field.type, given[-1]) if given else None


def _typed(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in {"integer", "number", "money"}:
        try:
            return Decimal(text.strip().replace(",", "").replace("，", ""))
        except InvalidOperation:
            return text
    return text


def _moment(kind: str, name: str, posted: Mapping[str, Sequence[str]]) -> str | None:
    """ISO text of three boxes (year, month, day) and a time; as typed if they make no date."""
    parts = [next(iter(posted.get(f"{name}:{part}", ())), "").strip() for part in "ymd"]
    if not any(parts):
        return next((text for text in posted.get(name, ()) if text), None)
    year, month, day = parts
    text = f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"
    if kind == "datetime":
        clock = next(iter(posted.get(f"{name}:t", ())), "").strip().replace("：", ":") or "00:00"
        return f"{text}T{clock.zfill(5)}"
    return text


def _rows(field: Field, name: str, posted: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    numbers = set()
    for key in posted:
        if key.startswith(f"{name}."):
            place = key[len(name) + 1 :].split(".", 1)[0]
            if place.isascii() and place.isdigit() and len(place) < _DIGITS:
                numbers.add(int(place))
    most = max(field.max_rows, MAXIMUM_ROWS)
    # One row too many is kept, so that the judgement tells it and nothing is left out in silence.
    asked = range(min(max(numbers, default=-1) + 1, most)) if field.rows else sorted(numbers)[: most + 1]
    rows: list[dict[str, Any]] = []
    for number in asked:
        row = {inner.key: _field(inner, f"{name}.{number}.{inner.key}", posted) for inner in field.fields}
        kept = {key: value for key, value in row.items() if value not in (None, "", [])}
        # Rows that the office asks for keep their places, also empty ones.
        if kept or field.rows:
            rows.append(kept)
    return rows
