"""The journal notices what was changed, removed, moved or added behind its back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.commands import SealDay
from engine.errors import CommandInvalid, Conflict
from engine.verify import verify
from tests.engine.small import person

if TYPE_CHECKING:
    from tests.engine.small import Small

BOB = person("bob")


def flaws(small: Small) -> set[str]:
    return {flaw.code for flaw in verify(small.bus.store)}


def tamper(small: Small, sql: str, *values: object) -> None:
    small.bus.store.run(sql, values)


@pytest.fixture
def case(small: Small) -> str:
    opened = small.submit()
    small.work(opened["opened"][0], BOB, {"amount": "605.00"})
    small.submit()
    assert flaws(small) == set()
    return str(opened["case"])


@pytest.mark.parametrize(
    "change",
    [
        "body = '{}'",
        "actor = 'eve'",
        "actor_name = 'EVE'",
        "kind = 'released'",
        "command = 'c1'",
        "chain = 'office'",
    ],
)
def test_changed_entry(small: Small, case: str, change: str) -> None:
    tamper(small, f"UPDATE journal SET {change} WHERE chain = ? AND seq = 2", case)
    assert flaws(small) & {"journal-altered", "journal-gap"}


def test_changed_time(small: Small, case: str) -> None:
    moved = small.now + timedelta(microseconds=1)
    tamper(small, "UPDATE journal SET at = ? WHERE chain = ? AND seq = 2", moved, case)
    assert "journal-altered" in flaws(small)


def test_removed_in_the_middle(small: Small, case: str) -> None:
    tamper(small, "DELETE FROM journal WHERE chain = ? AND seq = 2", case)
    assert "journal-gap" in flaws(small)


def test_removed_at_the_end(small: Small, case: str) -> None:
    tamper(small, "DELETE FROM journal WHERE chain = ? AND seq = 3", case)
    assert "journal-head" in flaws(small)


def test_removed_at_the_end_with_the_head_forged(small: Small, case: str) -> None:
    """Whoever also rewrites the case row is caught by the sealed day."""
    small.later(days=1)
    small.do(SealDay("seal", date(2026, 8, 3)))
    assert flaws(small) == set()
    before = small.rows("SELECT hash FROM journal WHERE chain = ? AND seq = 2", case)[0][0]
    tamper(small, "DELETE FROM journal WHERE chain = ? AND seq = 3", case)
    tamper(small, "UPDATE cases SET journal_seq = 2, journal_head = ? WHERE id = ?", before, case)
    assert flaws(small) == {"root-differs"}


def test_removed_case(small: Small, case: str) -> None:
    tamper(small, "DELETE FROM journal WHERE chain = ?", case)
    assert "journal-no-chain" in flaws(small)
    small.later(days=1)


def test_removed_case_with_all_its_rows(small: Small, case: str) -> None:
    small.later(days=1)
    small.do(SealDay("seal", date(2026, 8, 3)))
    for table in ("journal", "cases", "task"):
        column = {"journal": "chain", "cases": "id"}.get(table, "case_id")
        tamper(small, f"DELETE FROM {table} WHERE {column} = ?", case)
    assert flaws(small) == {"root-differs"}


def test_added_entry(small: Small, case: str) -> None:
    copied = "actor, actor_name, kind, command, body, hash FROM journal WHERE chain = ? AND seq = 3"
    tamper(small, f"INSERT INTO journal SELECT chain, 4, at, {copied}", case)
    assert flaws(small) >= {"journal-altered", "journal-beyond-head"}


def test_a_day_is_sealed_once_and_after_its_end(small: Small, case: str) -> None:
    with pytest.raises(CommandInvalid):
        small.do(SealDay("early", date(2026, 8, 3)))
    small.later(days=1)
    sealed = small.do(SealDay("seal", date(2026, 8, 3)))
    assert sealed["chains"] == 3  # two cases and the process's publication
    with pytest.raises(Conflict):
        small.do(SealDay("seal-2", date(2026, 8, 3)))
    small.submit()
    assert flaws(small) == set()
