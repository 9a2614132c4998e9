"""Sealed days: signed roots in files notice what a changed database cannot hide."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson
import pytest

from engine.access import engine_actor
from engine.commands import OpenFund
from engine.office import open_office
from engine.sealing import differing, read_roots, seal_days
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.office import Office

DAY = datetime(2026, 8, 3, 4, tzinfo=UTC)
WHO = engine_actor("test")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(Settings(data=tmp_path, jurisdiction="jinzhong"), handlers={})
    opened.bus.execute(OpenFund("f1", "F1", "fund", "140702001", Decimal(5), Decimal(5)), WHO, DAY)
    opened.bus.execute(
        OpenFund("f2", "F2", "fund", "140702001", Decimal(5), Decimal(5)), WHO, DAY + timedelta(days=1)
    )
    yield opened
    opened.close()


def test_every_finished_day_is_sealed_once(office: Office) -> None:
    later = DAY + timedelta(days=3)
    assert seal_days(office, later) == [date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 5)]
    assert seal_days(office, later) == []
    assert [(root.day, root.chains, root.signed) for root in read_roots(office.settings.data)] == [
        ("2026-08-03", 1, True),
        ("2026-08-04", 2, True),
        ("2026-08-05", 2, True),
    ]
    assert list(differing(office)) == []


def test_today_is_not_sealed(office: Office) -> None:
    assert seal_days(office, DAY + timedelta(hours=3)) == []
    just_after_midnight = datetime(2026, 8, 3, 16, 1, tzinfo=UTC)
    assert seal_days(office, just_after_midnight) == []


def test_a_changed_root_shows(office: Office) -> None:
    seal_days(office, DAY + timedelta(days=2))
    path = office.settings.data / "roots" / "2026-08-03.json"
    content = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**content, "root": "00" * 32}))
    assert list(differing(office)) == ["2026-08-03"]


def test_a_rewritten_database_shows(office: Office) -> None:
    seal_days(office, DAY + timedelta(days=2))
    office.store.run("UPDATE root SET hash = ? WHERE day = '2026-08-04' RETURNING day", (bytes(32),))
    assert list(differing(office)) == ["2026-08-04"]


def test_a_lost_root_file_shows(office: Office) -> None:
    seal_days(office, DAY + timedelta(days=2))
    (office.settings.data / "roots" / "2026-08-04.json").unlink()
    assert list(differing(office)) == ["2026-08-04"]


def test_the_private_key_is_private(office: Office) -> None:
    seal_days(office, DAY + timedelta(days=2))
    assert (office.settings.data / "keys" / "journal.pem").stat().st_mode & 0o777 == 0o600
