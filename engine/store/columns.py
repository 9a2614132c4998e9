"""Column types and shorthands that `tables` is written with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Text, text
from sqlalchemy.types import TIMESTAMP, TypeDecorator, UserDefinedType

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

#: Stands for "no deadline", so that lists can be paged by (due, id) without a special case for null.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class _SqliteInstant(UserDefinedType[datetime]):
    """Column type INSTANT_TEXT (text affinity): `store.sqlite` reads and writes it as ISO text of fixed width, which sorts by time."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Spell the declared type."""
        return "INSTANT_TEXT"


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: timestamptz on PostgreSQL, sortable text on SQLite."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the database at hand."""
        return _SqliteInstant() if dialect.name == "sqlite" else self.impl_instance


#: Constraint names are spelled out, so that both databases and every migration agree on them.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

#: Prefix lengths of the levels city, county, town, village.
LEVELS = (4, 6, 9, 12)


def text_(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    """A text column."""
    return Column(name, Text, nullable=null, primary_key=key)


def number(
    name: str, *, null: bool = False, key: bool = False, big: bool = False, added: bool = False
) -> Column[int]:
    """A whole number; `big` where it counts fen or bytes; `added` by a later migration, 0 in the rows of before."""
    kind = BigInteger if big else Integer
    zero = "0" if added else None
    return Column(name, kind, nullable=null, primary_key=key, autoincrement=False, server_default=zero)


def time(name: str, *, null: bool = False) -> Column[datetime]:
    """An instant."""
    return Column(name, Instant, nullable=null)


def bytes_(name: str, *, null: bool = False) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary, nullable=null)


def areas() -> list[Column[str]]:
    """The area code in full and once per level."""
    return [text_("area"), *(text_(f"a{level}", null=True) for level in LEVELS)]


def area_columns(area: str) -> dict[str, str | None]:
    """The level columns of an area code: its prefixes, None where the code is shorter."""
    return {f"a{level}": area[:level] if len(area) >= level else None for level in LEVELS}


def where_open(*columns: str, name: str) -> Index:
    """An index over the open rows only."""
    where = text("state = 'open'")
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)
