"""One command's view of the database: what it read, and the set of rows it will write.

Nothing is written before `commit`; then the whole set goes out at once, or not at all. Every changed row is named with
the values it must still have (`expect`), so that a write over somebody else's newer row cannot happen: the set is
refused as a lost race, and the bus runs the command again on what is there now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from engine.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.store.session import Session

Row = TypeVar("Row", bound=NamedTuple)

COLUMNS: dict[str, tuple[str, ...]] = {
    t.name: tuple(c.name for c in t.columns) for t in metadata.sorted_tables
}
KEYS: dict[str, tuple[str, ...]] = {
    t.name: tuple(c.name for c in t.primary_key.columns) for t in metadata.sorted_tables
}


class LostRaceError(Exception):
    """Another party wrote first; nothing was written."""


@dataclass(slots=True)
class Change:
    """What shall become of one row: `insert`, `update` or `delete`."""

    verb: str
    values: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, Any] = field(default_factory=dict)


#: Table -> key -> change; later calls for the same row are merged, because one statement may touch a row only once.
WriteSet = dict[str, dict[tuple[Any, ...], Change]]


class Tx:
    """The transaction of one command."""

    __slots__ = ("now", "session", "writes")

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.writes: WriteSet = {}

    # ---- reading ----------------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """The rows of a select with `?` for values."""
        return self.session.rows(sql, values)

    def all(self, kind: type[Row], table: str, where: str, *values: object) -> list[Row]:
        """Rows of one table as `kind`, whose field names are the columns."""
        sql = _select(kind, table, where)
        return [kind._make(row) for row in self.session.rows(sql, values)]

    def one(self, kind: type[Row], table: str, where: str, *values: object, lock: bool = False) -> Row | None:
        """The one row, or None; `lock` keeps others from changing it when this is a second attempt."""
        found = self.session.rows(_select(kind, table, where), values, lock=lock)
        return kind._make(found[0]) if found else None

    def next_number(self, counter: str) -> int:
        """The counter's next value, gap-free: others wait here until this command is through."""
        return self.session.next_number(counter)

    # ---- writing ----------------------------------------------------------------------------------------------

    def insert(self, table: str, values: dict[str, Any]) -> None:
        """Add a row; a column left out is null."""
        key = tuple(values[column] for column in KEYS[table])
        changes = self.writes.setdefault(table, {})
        earlier = changes.get(key)
        if earlier is None:
            changes[key] = Change("insert", values)
        elif earlier.verb == "delete":
            full = {column: values.get(column) for column in COLUMNS[table] if column not in KEYS[table]}
            changes[key] = Change("update", full, earlier.expect)
        else:
            raise AssertionError(f"{table} {key} is written twice")

    def update(
        self,
        table: str,
        key: tuple[Any, ...],
        values: Mapping[str, Any],
        expect: Mapping[str, Any] | None = None,
    ) -> None:
        """Change columns of a row that must exist and still have the values in `expect`."""
        changes = self.writes.setdefault(table, {})
        earlier = changes.get(key)
        if earlier is None:
            changes[key] = Change("update", dict(values), dict(expect or {}))
            return
        assert earlier.verb != "delete", f"{table} {key} is gone"
        earlier.values.update(values)

    def delete(self, table: str, key: tuple[Any, ...]) -> None:
        """Remove a row; one that this command added never appears."""
        changes = self.writes.setdefault(table, {})
        earlier = changes.get(key)
        if earlier is not None and earlier.verb == "insert":
            del changes[key]
        else:
            changes[key] = Change("delete")

    def pending(self, table: str, key: tuple[Any, ...]) -> Change | None:
        """What this command already does to that row."""
        return self.writes.get(table, {}).get(key)

    def commit(self) -> None:
        """Write everything at once; LostRaceError if a row is no longer as it was read."""
        self.session.flush(self.writes)


_selects: dict[tuple[type[Any], str, str], str] = {}


def _select(kind: type[Row], table: str, where: str) -> str:
    key = (kind, table, where)
    sql = _selects.get(key)
    if sql is None:
        sql = f"SELECT {', '.join(kind._fields)} FROM {table} WHERE {where}"  # noqa: S608 - names from our own code
        _selects[key] = sql
    return sql
