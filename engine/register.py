"""Registers that cases write: organisations, reserved names, lists. What stands is the fold of the entries.

An entry says what happened to one subject (its `key`) on which day and by which case: new values over the earlier ones
(`data`, null removes), additions to lists (`append`), a new name or status. Entries are added, never changed; the item
is kept beside them so that it can be searched, and equals their fold at any time (`python -m engine verify`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import CommandInvalid
from engine.store.exact import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.commands.frame import Work

#: Items that one question may be answered with, and that one search may look through.
_MOST, _LOOKED_THROUGH = 200, 20_000
_WORDS = 50
_ITEM = "key, name, status, area, state, revision"


def fold(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What stands after the entries, in their order: fields of `data`, lists of `append`, and `name` and `status`."""
    state: dict[str, Any] = {}
    for entry in entries:
        for name, value in (entry.get("data") or {}).items():
            if value is None:
                state.pop(name, None)
            else:
                state[name] = value
        for name, item in (entry.get("append") or {}).items():
            held = state.get(name)
            state[name] = [*(held if isinstance(held, list) else ()), item]
        for name in ("name", "status", "area"):
            if entry.get(name) is not None:
                state[name] = str(entry[name])
    return state


def record(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Add an entry {register, key, event, on, data, append, name, status, area, words, new, revision}.

    `ok` is false, and nothing is written, where `new` asks for a key that somebody has, or where the item no longer is at
    the `revision` that was seen (0: not there). `words` are further exact words under which the item is found from now
    on; its name always is, also after it has changed.
    """
    register, key, on = _text(given, "register"), _text(given, "key"), given.get("on")
    if isinstance(on, datetime) or not isinstance(on, date):
        raise CommandInvalid(reason="register-on")
    held = _item(work, register, key)
    seen, stands = given.get("revision"), held["revision"] if held else 0
    if (given.get("new") is True and held is not None) or (seen is not None and seen != stands):
        return {"ok": False, "entry": None, "revision": stands, "before": held, "now": held}
    said = {name: given[name] for name in ("data", "append", "name", "status", "area") if given.get(name)}
    revision = stands + 1
    if held is None:
        said.setdefault("area", _area(work, case))
    state = fold([{"data": _bare(held)}, *([held] if held else []), said])
    _write_item(work, register, key, state, revision)
    _write_words(work, register, key, [state.get("name"), *(given.get("words") or ())])
    work.tx.insert(
        "register_entry",
        {
            "register": register,
            "key": key,
            "seq": revision,
            "event": _text(given, "event"),
            "happened_on": on.isoformat(),
            "case_id": case,
            "body": pack(said),
            "recorded_by": work.actor.id,
            "recorded_at": work.now,
        },
    )
    now = {**state, "key": key, "revision": revision}
    return {
        "ok": True,
        "entry": f"{register}/{key}/{revision}",
        "revision": revision,
        "before": held,
        "now": now,
    }


def find(work: Work, case: str, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - one form for all
    """Items by `key`, by exact `words` (names now and before), or by `text` in the name: {found, entry, entries}.

    Narrowed by `status`, `area` (with all below it) and `where` (fields that must be equal), ordered by name and key.
    """
    register = _text(given, "register")
    if given.get("key") is not None:
        held = _item(work, register, str(given["key"]))
        found = [held] if held is not None else []
    else:
        found = [_told(row) for row in _looked_up(work, register, given)]
    where = given.get("where") or {}
    fitting = [one for one in found if _fits(one, given) and all(one.get(k) == v for k, v in where.items())]
    entry = fitting[0] if fitting else None
    return {"found": bool(fitting), "entry": entry, "entries": fitting[:_MOST], "count": len(fitting)}


def _looked_up(work: Work, register: str, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    words = given.get("words")
    if words is not None:
        texts = [str(one) for one in (words if isinstance(words, list) else [words]) if one]
        if not texts:
            return []
        marks = ", ".join("?" * len(texts[:_WORDS]))
        sql = (
            f"SELECT {_ITEM} FROM register_item WHERE register = ? AND key IN"  # noqa: S608 - only marks
            f" (SELECT key FROM register_word WHERE register = ? AND word IN ({marks})) ORDER BY name, key"
        )
        return work.tx.rows(sql, register, register, *texts[:_WORDS])
    conditions, values = ["register = ?"], [register]
    if given.get("area"):
        conditions.append("area LIKE ?")
        values.append(f"{given['area']}%")
    if given.get("text"):
        conditions.append("name LIKE ? ESCAPE '\\'")
        values.append(f"%{like(str(given['text']))}%")
    sql = f"SELECT {_ITEM} FROM register_item WHERE {' AND '.join(conditions)} ORDER BY name, key LIMIT ?"  # noqa: S608
    rows = work.tx.rows(sql, *values, _LOOKED_THROUGH + 1)
    if len(rows) > _LOOKED_THROUGH:
        raise CommandInvalid(reason="register-too-many")
    return rows


def like(text: str) -> str:
    """The text with LIKE's own signs escaped by a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _fits(item: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    wanted = given.get("status")
    statuses = wanted if isinstance(wanted, list) else [wanted]
    area = given.get("area")
    return (wanted is None or item.get("status") in statuses) and (
        area is None or str(item.get("area", "")).startswith(str(area))
    )


def _item(work: Work, register: str, key: str) -> dict[str, Any] | None:
    """The item as it is for this command: as stored, or as an earlier operation of the command left it."""
    pending = work.tx.pending("register_item", (register, key))
    if pending is not None:
        values = pending.values
        return {**unpack(values["state"]), "key": key, "revision": values["revision"]}
    rows = work.tx.rows(f"SELECT {_ITEM} FROM register_item WHERE register = ? AND key = ?", register, key)  # noqa: S608
    return _told(rows[0]) if rows else None


def _told(row: Sequence[Any]) -> dict[str, Any]:
    key, _, _, _, state, revision = row
    return {**unpack(state), "key": key, "revision": revision}


def _bare(held: Mapping[str, Any] | None) -> dict[str, Any]:
    own = ("key", "revision", "name", "status", "area")
    return {name: value for name, value in (held or {}).items() if name not in own}


def _write_item(work: Work, register: str, key: str, state: Mapping[str, Any], revision: int) -> None:
    values = {
        "name": state.get("name", ""),
        "status": state.get("status", ""),
        "area": state.get("area", ""),
        "state": pack(dict(state)),
        "revision": revision,
        "changed_at": work.now,
    }
    pending = work.tx.pending("register_item", (register, key))
    if pending is not None:
        pending.values |= values
    elif revision == 1:
        work.tx.insert("register_item", {"register": register, "key": key, **values})
    else:
        work.tx.update("register_item", (register, key), values, {"revision": revision - 1})


def _write_words(work: Work, register: str, key: str, words: Iterable[Any]) -> None:
    known = {
        row[0]
        for row in work.tx.rows(
            "SELECT word FROM register_word WHERE register = ? AND key = ?", register, key
        )
    }
    for word in dict.fromkeys(str(one) for one in words if one):
        if word not in known and work.tx.pending("register_word", (register, word, key)) is None:
            work.tx.insert("register_word", {"register": register, "word": word, "key": key})


def _area(work: Work, case: str) -> str:
    found = work.tx.rows("SELECT area FROM cases WHERE id = ?", case)
    pending = work.tx.pending("cases", (case,))
    return str(found[0][0] if found else pending.values["area"] if pending is not None else "")


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise CommandInvalid(reason=f"register-{name}")
    return value


OPERATIONS = {"register.record": record, "register.find": find}
