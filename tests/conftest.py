"""Servers and stores for all tests: PostgreSQL once per run, a cloned template database per test, SQLite files."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.servers import remove_postgres, start_postgres, start_redis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Postgres

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
#: Long versions of the proofs: 20,000 models, 200 kills, 200,000 sums.
THOROUGH = os.environ.get("BANJIAN_THOROUGH") == "1"
SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = itertools.count(1)


def office_day() -> date:
    """Today as the office counts it: for a third of the day another one than in UTC."""
    return datetime.now(UTC).astimezone(SHANGHAI).date()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long proofs take the time they need; what hangs still ends within the night."""
    for item in items if THOROUGH else ():
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(6 * 3600))


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public test suites; tests that need it are skipped where it is absent."""
    if not CORPORA.is_dir():
        pytest.skip("the public test corpora are not beside the project")
    return CORPORA


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server of this run."""
    server = start_postgres()
    yield server
    remove_postgres(server)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A database with the schema in it, to be cloned."""
    from engine.store import migrate

    postgres.execute("create database banjian_template")
    migrate(postgres.database_url("banjian_template"))
    return "banjian_template"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The address of a database of this test's own."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    postgres.execute(f"create database {name} template {postgres_template}")
    yield postgres.database_url(name)
    postgres.execute(f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema in it, to be copied."""
    from engine.store import migrate

    path = tmp_path_factory.mktemp("template") / "banjian.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a SQLite file of this test's own."""
    path = tmp_path / "banjian.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a real Redis of this run."""
    server = start_redis()
    yield server.url
    server.stop()
