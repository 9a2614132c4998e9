"""Items of registers as anybody may look them up; what of an item is shown says `engine.publication`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import NotFound
from engine.store.exact import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.store.session import Reader, Store

_PAGE = 50
#: Items looked through for one page; a register of a city has some thousand.
_MOST = 20_000
_ITEM = "key, name, status, area, state"


class Wanted(NamedTuple):
    """What is looked for; `where` are fields that must be equal, `after` is where the page before ended."""

    text: str = ""
    status: str = ""
    area: str = ""
    where: Mapping[str, str] = {}
    after: str = ""


class Found(NamedTuple):
    """A page of items, by name; `after` asks for the next one, and is empty on the last."""

    items: list[dict[str, Any]]
    after: str


class Happened(NamedTuple):
    """One entry of an item: what and on which day."""

    event: str
    on: str


def register_items(store: Store, register: str, wanted: Wanted) -> Found:
    """Items by a part of the name, a name they had before, or their code."""
    with store.reading() as reader:
        rows = _rows(reader, register, wanted)
    fitting = (_told(row) for row in rows)
    found = [one for one in fitting if all(str(one.get(k)) == v for k, v in wanted.where.items() if v)]
    page = found[:_PAGE]
    return Found(page, _mark(page[-1]) if len(found) > _PAGE else "")


def register_item(store: Store, register: str, key: str) -> tuple[dict[str, Any], list[Happened]]:
    """One item and what happened to it, latest first; NotFound if there is none."""
    with store.reading() as reader:
        found = reader.rows(
            f"SELECT {_ITEM} FROM register_item WHERE register = ? AND key = ?",  # noqa: S608 - our own names
            (register, key),
        )
        if not found:
            raise NotFound(kind="register-item", id=key)
        sql = "SELECT event, happened_on FROM register_entry WHERE register = ? AND key = ? ORDER BY seq DESC"
        entries = reader.rows(sql, (register, key))
    return _told(found[0]), [Happened(event, on) for event, on in entries]


def _rows(reader: Reader, register: str, wanted: Wanted) -> list[tuple[Any, ...]]:
    conditions, values = ["register = ?"], [register]
    if wanted.text:
        conditions.append(
            "(name LIKE ? ESCAPE '!' OR key = ? OR key IN"
            " (SELECT key FROM register_word WHERE register = ? AND word = ?))"
        )
        values += [f"%{_literal(wanted.text)}%", wanted.text.upper(), register, wanted.text]
    if wanted.status:
        conditions.append("status = ?")
        values.append(wanted.status)
    if wanted.area:
        conditions.append("area LIKE ? ESCAPE '!'")
        values.append(f"{_literal(wanted.area)}%")
    if wanted.after:
        name, _, key = wanted.after.rpartition("|")
        conditions.append("(name > ? OR (name = ? AND key > ?))")
        values += [name, name, key]
    sql = (
        f"SELECT {_ITEM} FROM register_item WHERE {' AND '.join(conditions)} ORDER BY name, key LIMIT {_MOST}"  # noqa: S608
    )
    return list(reader.rows(sql, tuple(values)))


def _mark(item: Mapping[str, Any]) -> str:
    return f"{item['name']}|{item['key']}"


def _literal(text: str) -> str:
    """The text for LIKE, its wildcards meaning themselves."""
    for mark in ("!", "%", "_"):
        text = text.replace(mark, f"!{mark}")
    return text


def _told(row: tuple[Any, ...]) -> dict[str, Any]:
    key, name, status, area, state = row
    return {**unpack(state), "key": key, "name": name, "status": status, "area": area}
