"""Long work of the studio, claimed one by one by whoever has time for it (`engine.jobs`).

A claim is a lease that its holder renews while it works (`beat`). If it dies, the lease runs out and the work is begun
again; work that has killed its holder twice is given up and told as broken.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from engine.store.exact import plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.store.session import Reader, Store

#: How often work may be begun.
TRIES = 2
#: What stands in the place of the package of a job that has ended: nobody will read it again.
NO_PACKAGE = b""
_SKIP = {"postgresql": " FOR UPDATE SKIP LOCKED", "sqlite": ""}
_CLAIM = """UPDATE job SET state = 'running', due = ?, tries = tries + 1, done = 0 WHERE id IN (
SELECT id FROM job WHERE state = 'waiting' OR (state = 'running' AND due <= ? AND tries < ?)
ORDER BY asked_at, id LIMIT 1{skip}) RETURNING id, tries"""
_GIVE_UP = """UPDATE job SET state = 'broken', ended_at = ?, error = ?, archive = ?
WHERE state = 'running' AND due <= ? AND tries >= ? RETURNING id"""
_MINE = "WHERE id = ? AND tries = ? AND state = 'running'"


class Claim(NamedTuple):
    """A job that is ours, and the how manieth try this is: a later try takes it away."""

    job: str
    tries: int


def tells_of_cases(kind: str, wish: Mapping[str, Any]) -> bool:
    """Whether work that was asked for so looks at what became of the office's own cases."""
    return kind == "simulation" and wish.get("source") != "archive"


def claim(store: Store, now: datetime, until: datetime) -> Claim | None:
    """The work that has waited longest, or whose holder has died; None if there is none."""
    store.run(_GIVE_UP, (now, plain({"code": "job-died", "values": {}}), NO_PACKAGE, now, TRIES))
    found = store.run(_CLAIM.format(skip=_SKIP[store.dialect]), (until, now, TRIES))
    return Claim(*found[0]) if found else None


def beat(store: Store, mine: Claim, until: datetime, done: int, total: int) -> bool | None:
    """Keep it, and say how far it is; whether somebody wants it to stop, None if it is not ours any more."""
    sql = f"UPDATE job SET due = ?, done = ?, total = ? {_MINE} RETURNING stopping"  # noqa: S608 - words of ours
    found = store.run(sql, (until, done, total, *mine))
    return bool(found[0][0]) if found else None


def let_go(store: Store, mine: Claim, now: datetime) -> None:
    """Its holder has died: let the next one begin at once."""
    store.run(f"UPDATE job SET due = ? {_MINE}", (now, *mine))  # noqa: S608 - words of ours


def finish(
    store: Store,
    mine: Claim,
    now: datetime,
    state: str,
    result: Any = None,
    error: dict[str, Any] | None = None,
) -> bool:
    """It is over (done, stopped, broken), and lets its package go; False if it was not ours any more, and nothing is kept."""
    packed = zlib.compress(plain(result).encode(), 6) if result is not None else None
    told = plain(error) if error is not None else None
    sql = f"UPDATE job SET state = ?, ended_at = ?, result = ?, error = ?, archive = ? {_MINE} RETURNING id"  # noqa: S608 - words of ours
    return bool(store.run(sql, (state, now, packed, told, NO_PACKAGE, *mine)))


def archive_of(reader: Reader, job: str) -> bytes:
    """The package that the job is about, as long as it has not ended."""
    return bytes(reader.rows("SELECT archive FROM job WHERE id = ?", (job,))[0][0])


def result_of(reader: Reader, job: str) -> Any:
    """What came of it, as plain JSON; None as long as there is nothing."""
    found = reader.rows("SELECT result FROM job WHERE id = ?", (job,))
    return orjson.loads(zlib.decompress(found[0][0])) if found and found[0][0] is not None else None
