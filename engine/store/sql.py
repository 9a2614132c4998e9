"""From a write set to SQL text. Texts depend only on the set's shape, so each is made once and prepared once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.store.tx import COLUMNS, KEYS

if TYPE_CHECKING:
    from engine.store.tx import WriteSet

#: One statement's form: (verb, table, rows or changed columns, columns compared).
Piece = tuple[str, str, Any, tuple[str, ...]]


def pieces(writes: WriteSet) -> tuple[tuple[Piece, ...], list[list[Any]]]:
    """The statements of a write set as shapes, and the values of each."""
    shapes: list[Piece] = []
    values: list[list[Any]] = []
    for table, changes in writes.items():
        columns = COLUMNS[table]
        added: list[Any] = []
        count = 0
        for key, change in changes.items():
            if change.verb == "insert":
                get = change.values.get
                added += [get(column) for column in columns]
                count += 1
            elif change.verb == "update":
                shapes.append(("update", table, tuple(change.values), (*KEYS[table], *change.expect)))
                values.append([*change.values.values(), *key, *change.expect.values()])
            else:
                shapes.append(("delete", table, (), KEYS[table]))
                values.append(list(key))
        if count:
            shapes.append(("insert", table, count, ()))
            values.append(added)
    return tuple(shapes), values


@lru_cache(maxsize=4096)
def statement(piece: Piece) -> str:
    """One statement's text with `?` for each value."""
    verb, table, what, compared = piece
    where = " AND ".join(f"{column} = ?" for column in compared)
    if verb == "insert":
        columns = COLUMNS[table]
        row = f"({', '.join('?' * len(columns))})"
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * what)}"  # noqa: S608
    if verb == "update":
        changed = ", ".join(f"{column} = ?" for column in what)
        return f"UPDATE {table} SET {changed} WHERE {where}"  # noqa: S608 - names come from `tables`
    return f"DELETE FROM {table} WHERE {where}"  # noqa: S608


@lru_cache(maxsize=4096)
def one_statement(shapes: tuple[Piece, ...]) -> str:
    """The whole set as one PostgreSQL statement: one round trip, one transaction.

    Every update must hit its row. When one does not, the division by zero at the end undoes the statement: SQL has no
    plainer way to fail on a condition without a stored function.
    """
    parts: list[str] = []
    hits: list[str] = []
    for index, piece in enumerate(shapes):
        text = statement(piece)
        if piece[0] == "update":
            text += " RETURNING 1"
            hits.append(f"(SELECT count(*) FROM w{index})")  # noqa: S608 - our own names
        parts.append(f"w{index} AS ({text})")
    check = f"1 / (({' + '.join(hits)}) = {len(hits)})::int" if hits else "1"
    return numbered(f"WITH {', '.join(parts)} SELECT {check}")


@lru_cache(maxsize=4096)
def numbered(sql: str) -> str:
    """The text with PostgreSQL's own marks `$1`, `$2`, ... for `?`: psycopg then has nothing to translate."""
    first, *rest = sql.split("?")
    return first + "".join(f"${place}{part}" for place, part in enumerate(rest, 1))
