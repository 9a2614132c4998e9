"""A small open office on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.small import open_small, relief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.small import Small


@pytest.fixture
def small(store_url: str) -> Iterator[Small]:
    """An office with the process `relief`, on SQLite and on PostgreSQL."""
    office = open_small(store_url, relief())
    yield office
    office.close()
