"""The store: schema and migrations agree, write sets are whole or nothing, values survive, outages are told plainly."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from engine import errors
from engine.feel import YearsMonths
from engine.store import migrate, open_store
from engine.store.exact import pack, plain, unpack
from engine.store.schema import connected
from engine.store.tables import metadata
from engine.store.tx import LostRaceError, Tx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.store import Store

NOW = datetime(2026, 8, 3, 4, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def fund(code: str, balance: int = 5, revision: int = 1) -> dict[str, Any]:
    return {
        "code": code,
        "name": code,
        "area": "1",
        "balance": balance,
        "reserved": 0,
        "annual": 10,
        "revision": revision,
    }


def test_migrations_make_the_schema_of_the_tables_on_postgres(postgres_url: str) -> None:
    with connected(postgres_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_make_the_schema_of_the_tables_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.sqlite3"
    engine = create_engine(f"sqlite:///{fresh}")
    metadata.create_all(engine)
    engine.dispose()
    assert _shape(str(fresh)) == _shape(sqlite_url.removeprefix("sqlite:///"))


def _shape(path: str) -> dict[str, Any]:
    connection = sqlite3.connect(path)
    found: dict[str, Any] = {}
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'"):
        found[name] = " ".join((sql or "").replace('"', "").split())
    connection.close()
    return {name: sql for name, sql in found.items() if not name.startswith("sqlite_autoindex_alembic")}


def test_migrating_again_changes_nothing(store_url: str) -> None:
    migrate(store_url)
    migrate(store_url)


def test_write_set_is_whole_or_nothing(store: Store) -> None:
    with store.writing() as session:
        tx = Tx(session, NOW)
        tx.insert("fund", fund("a"))
        tx.insert("fund", fund("b"))
        tx.commit()

    def write_over() -> None:
        with store.writing() as session:
            tx = Tx(session, NOW)
            tx.update("fund", ("a",), {"balance": 4, "revision": 2}, {"revision": 1})
            tx.insert("fund", fund("c"))
            tx.update("fund", ("b",), {"balance": 4, "revision": 2}, {"revision": 7})
            tx.commit()

    with pytest.raises(LostRaceError):
        write_over()
    with store.reading() as reader:
        assert reader.rows("SELECT code, balance FROM fund ORDER BY code") == [("a", 5), ("b", 5)]


def test_key_written_twice_is_a_lost_race(store: Store) -> None:
    def add() -> None:
        with store.writing() as session:
            tx = Tx(session, NOW)
            tx.insert("fund", fund("a"))
            tx.commit()

    add()
    with pytest.raises(LostRaceError):
        add()


def test_number_drawn_in_vain_is_not_lost(store: Store) -> None:
    with store.writing() as session:
        assert Tx(session, NOW).next_number("n") == 1
    with store.writing() as session:
        tx = Tx(session, NOW)
        assert tx.next_number("n") == 1
        assert tx.next_number("n") == 2
        tx.insert("fund", fund("a"))
        tx.commit()
    with store.writing() as session:
        assert Tx(session, NOW).next_number("n") == 3


def test_changes_to_one_row_are_merged(store: Store) -> None:
    key = {"case_id": "c", "token": 1, "element": "e", "kind": "event"}
    with store.writing() as session:
        tx = Tx(session, NOW)
        tx.insert("timer", {**key, "due": NOW, "held_until": NOW})
        tx.delete("timer", ("c", 1, "e", "event"))
        tx.insert("timer", {**key, "token": 2, "due": NOW, "held_until": NOW})
        tx.update("timer", ("c", 2, "e", "event"), {"due": NOW + timedelta(1)})
        tx.commit()
    with store.writing() as session:
        tx = Tx(session, NOW)
        tx.delete("timer", ("c", 2, "e", "event"))
        tx.insert("timer", {**key, "token": 2, "due": NOW + timedelta(2), "held_until": NOW})
        tx.commit()
    with store.reading() as reader:
        assert reader.rows("SELECT token, due FROM timer") == [(2, NOW + timedelta(2))]


def test_instants_come_back_and_sort(store: Store) -> None:
    moments = [
        NOW,
        NOW.replace(microsecond=0),
        NOW.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(seconds=1),
    ]
    with store.writing() as session:
        tx = Tx(session, NOW)
        for number, moment in enumerate(moments):
            row = {"case_id": "c", "token": number, "element": "e", "kind": "event", "due": moment}
            tx.insert("timer", {**row, "held_until": moment})
        tx.commit()
    with store.reading() as reader:
        found = [row[0] for row in reader.rows("SELECT due FROM timer ORDER BY due")]
    assert found == sorted(moments)
    assert all(moment.tzinfo is not None for moment in found)


VALUES = [
    None,
    True,
    "文字",
    Decimal("605.00"),
    Decimal("1E+30"),
    Decimal("0.1"),
    date(2026, 2, 28),
    time(12, 30),
    datetime(2026, 8, 3, 4, 0, tzinfo=UTC),
    datetime(2026, 8, 3, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai")),
    datetime(2026, 8, 3, 12, 0),
    timedelta(days=-1, seconds=5, microseconds=7),
    YearsMonths(14),
    [Decimal(1), {"a": [date(2026, 1, 1)]}],
    {"$decimal": "no number", "other": 1},
    {},
    [],
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_exact_values(value: Any) -> None:
    back = unpack(pack(value))
    assert back == value
    assert type(back) is type(value)
    assert getattr(back, "tzinfo", None) == getattr(value, "tzinfo", None)
    assert pack(back) == pack(value)


def test_plain_is_canonical() -> None:
    assert plain({"b": Decimal("1.50"), "a": [YearsMonths(1), timedelta(days=1)]}) == plain(
        {"a": [YearsMonths(1), timedelta(days=1)], "b": Decimal("1.50")}
    )
    assert plain({"amount": Decimal("605.00")}) == '{"amount":"605.00"}'


def test_no_database(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(errors.StoreUnavailable):
        open_store(f"sqlite:///{tmp_path / 'folder'}")
    away = open_store("postgresql://nobody@127.0.0.1:1/none", wait_seconds=0.3)
    with pytest.raises(errors.StoreUnavailable) as refused, away.reading() as reader:
        reader.rows("SELECT 1")
    assert refused.value.code == "store-unavailable"
    away.close()


def test_sqlite_is_durable(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.writing() as session:
        assert session.rows("PRAGMA journal_mode") == [("wal",)]
        assert session.rows("PRAGMA synchronous") == [(2,)]
    store.close()
