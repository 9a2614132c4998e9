"""Work for the relay, claimed in batches: outbox messages, due timers, and cases that campaigns are to open.

A claim is a lease. Whoever claims pushes the row's time into the future; if they die, the time comes and another claims.
So every message is carried out at least once, and its command, whose id is the message's, takes effect exactly once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.store.rows import TimerRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.store.session import Reader, Store


class Posted(NamedTuple):
    """An open message with the facts of its case; a letter without case has none of them and the number ""."""

    id: str
    kind: str
    name: str | None
    element: str
    body: str
    package: str
    tries: int
    asked_at: datetime
    case_id: str
    process: str
    area: str
    channel: str
    submitted_at: datetime
    applicant: str | None
    helper: str | None


_SKIP = {"postgresql": " FOR UPDATE SKIP LOCKED", "sqlite": ""}
_CLAIM = """UPDATE outbox SET due = ? WHERE id IN (
SELECT id FROM outbox WHERE state = 'open' AND due <= ? ORDER BY due, id LIMIT ?{skip}) RETURNING id"""
_POSTED = """SELECT o.id, o.kind, o.name, o.element, o.body, o.package, o.tries, o.asked_at,
o.case_id, c.process, c.area, c.channel, c.submitted_at, c.applicant, c.helper
FROM outbox o LEFT JOIN cases c ON c.id = o.case_id WHERE o.id = ? AND o.state = 'open'"""
_TIMERS = """UPDATE timer SET held_until = ? WHERE (case_id, token, element, kind) IN (
SELECT case_id, token, element, kind FROM timer WHERE held_until <= ? ORDER BY held_until LIMIT ?{skip})
RETURNING case_id, token, element, kind, due"""

_ITEMS = """UPDATE campaign_item SET due = ? WHERE (process, period, subject) IN (
SELECT process, period, subject FROM campaign_item WHERE state = 'waiting' AND due <= ? ORDER BY due, subject LIMIT ?{skip})
RETURNING process, period, subject, campaign, area, body"""

#: Lines that wait, and those that were kept back and whose case has moved on since.
_MIGRATION = """UPDATE migration_case SET due = ? WHERE migration = ? AND case_id IN (
SELECT m.case_id FROM migration_case m WHERE m.migration = ? AND m.state IN ('waiting', 'blocked') AND m.due <= ?
AND (m.state = 'waiting' OR EXISTS (SELECT 1 FROM cases c WHERE c.id = m.case_id AND c.revision <> m.revision))
ORDER BY m.due, m.case_id LIMIT ?{skip}) RETURNING migration, case_id, tries"""
_LEFT = "SELECT 1 FROM migration_case WHERE migration = ? AND state IN ('waiting', 'blocked') LIMIT 1"


class MigrationLine(NamedTuple):
    """A case whose turn it is in a migration, and how often it was tried."""

    migration: str
    case: str
    tries: int


class Line(NamedTuple):
    """A waiting line of a campaign."""

    process: str
    period: str
    subject: str
    campaign: str
    area: str
    body: str


def claim(store: Store, now: datetime, until: datetime, limit: int) -> list[str]:
    """Ids of open messages that are due; they are ours until `until`."""
    sql = _CLAIM.format(skip=_SKIP[store.dialect])
    return sorted(row[0] for row in store.run(sql, (until, now, limit)))


def claim_items(store: Store, now: datetime, until: datetime, limit: int) -> list[Line]:
    """Waiting lines of campaigns; they are ours until `until`."""
    rows = store.run(_ITEMS.format(skip=_SKIP[store.dialect]), (until, now, limit))
    return sorted(Line._make(row) for row in rows)


def claim_migration(
    store: Store, migration: str, now: datetime, until: datetime, limit: int
) -> list[MigrationLine]:
    """Cases whose turn it is in a running migration; they are ours until `until`."""
    sql = _MIGRATION.format(skip=_SKIP[store.dialect].replace("UPDATE", "UPDATE OF m"))
    rows = store.run(sql, (until, migration, migration, now, limit))
    return sorted(MigrationLine._make(row) for row in rows)


def migration_left(store: Store, migration: str) -> bool:
    """Whether some case has neither gone over nor ended."""
    with store.reading() as reader:
        return bool(reader.rows(_LEFT, (migration,)))


def take(store: Store, message: str, until: datetime) -> Posted | None:
    """The message for one more try, ours until `until`; None if it is no longer open.

    Tries are counted here and not when claiming: time spent in a queue is no failure.
    """
    mine = "UPDATE outbox SET due = ?, tries = tries + 1 WHERE id = ? AND state = 'open' RETURNING id"
    if not store.run(mine, (until, message)):
        return None
    with store.reading() as reader:
        found = reader.rows(_POSTED, (message,))
    return Posted._make(found[0]) if found else None


def open_cases(reader: Reader) -> dict[str, list[str]]:
    """The numbers of all open cases by the digest of their version."""
    found: dict[str, list[str]] = {}
    for digest, number in reader.rows("SELECT package, id FROM cases WHERE state = 'open' ORDER BY id"):
        found.setdefault(digest, []).append(number)
    return found


def later(store: Store, message: str, due: datetime, error: str) -> None:
    """Leave the message for another try at `due`."""
    store.run("UPDATE outbox SET due = ?, error = ? WHERE id = ? AND state = 'open'", (due, error, message))


def claim_timers(store: Store, now: datetime, until: datetime, limit: int) -> list[TimerRow]:
    """Timers that are due, earliest first; they are ours until `until`."""
    sql = _TIMERS.format(skip=_SKIP[store.dialect])
    found = [TimerRow._make(row) for row in store.run(sql, (until, now, limit))]
    return sorted(found, key=lambda timer: (timer.due, timer.case_id, timer.token))


def waiting(store: Store) -> Sequence[tuple[Any, ...]]:
    """How many messages wait per kind, and the earliest time among them (for health pages)."""
    with store.reading() as reader:
        return reader.rows(
            "SELECT kind, count(*), min(asked_at) FROM outbox WHERE state = 'open' GROUP BY kind"
        )
