"""The journal: per case an append-only chain of entries, each sealed with the hash of the one before.

Changing, removing or reordering an entry breaks its chain; removing the last ones contradicts the head kept on the case
row; removing a whole case contradicts the daily root over all heads (`root_of`), which is signed and kept elsewhere.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.store.exact import plain
from engine.store.rows import JournalRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.access import Actor
    from engine.store.session import Reader
    from engine.store.tx import Tx

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: What the first entry of a chain is sealed with.
BEGINNING = bytes(32)
#: Entries fetched at once while walking.
_PAGE = 2000


class Break(NamedTuple):
    """A place where a chain does not hold."""

    chain: str
    seq: int
    reason: str  # gap | altered | head | beyond-head | no-chain


def seal(
    before: bytes,
    chain: str,
    seq: int,
    at: datetime,
    who: tuple[str | None, str],
    kind: str,
    command: str,
    body: str,
) -> bytes:
    """SHA-256 over the entry before and every column of this one."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    text = plain([chain, seq, when, who[0], who[1], kind, command, body])
    return hashlib.sha256(before + text.encode()).digest()


class Chain:
    """The growing end of one chain within a command."""

    __slots__ = ("head", "name", "seq")

    def __init__(self, name: str, seq: int = 0, head: bytes = BEGINNING) -> None:
        self.name = name
        self.seq = seq
        self.head = head

    @classmethod
    def read(cls, tx: Tx, name: str) -> Chain:
        """The end of a chain that no case row keeps (`process:<name>`, `fund:<code>`, `office`), with what this command adds."""
        found = tx.rows("SELECT seq, hash FROM journal WHERE chain = ? ORDER BY seq DESC LIMIT 1", name)
        chain = cls(name, *found[0]) if found else cls(name)
        while (added := tx.pending("journal", (name, chain.seq + 1))) is not None:
            chain.seq, chain.head = chain.seq + 1, added.values["hash"]
        return chain

    def append(self, tx: Tx, actor: Actor, command: str, kind: str, body: dict[str, Any]) -> None:
        """Add an entry. Two commands that append to the same place collide on the key; one is run again."""
        self.seq += 1
        text = plain(body)
        who = (actor.id, actor.name)
        self.head = seal(self.head, self.name, self.seq, tx.now, who, kind, command, text)
        tx.insert(
            "journal",
            {
                "chain": self.name,
                "seq": self.seq,
                "at": tx.now,
                "actor": actor.id,
                "actor_name": actor.name,
                "kind": kind,
                "command": command,
                "body": text,
                "hash": self.head,
            },
        )


def walk(reader: Reader) -> Iterator[JournalRow]:
    """Every entry, chain by chain in order."""
    sql = (
        f"SELECT {', '.join(JournalRow._fields)} FROM journal"  # noqa: S608 - our own column names
        " WHERE chain > ? OR (chain = ? AND seq > ?) ORDER BY chain, seq LIMIT ?"
    )
    chain, seq = "", 0
    while True:
        page = [JournalRow._make(row) for row in reader.rows(sql, (chain, chain, seq, _PAGE))]
        yield from page
        if len(page) < _PAGE:
            return
        chain, seq = page[-1].chain, page[-1].seq


def verify(entries: Iterable[JournalRow], heads: dict[str, tuple[int, bytes]]) -> Iterator[Break]:
    """Where the chains do not hold. `heads` are (seq, hash) as the case rows keep them; chains without one end freely."""
    left = dict(heads)
    before, last, seq = "", BEGINNING, 0

    def close() -> Iterator[Break]:
        expected = left.pop(before, None)
        if expected is not None and expected != (seq, last):
            yield Break(before, seq, "head" if seq <= expected[0] else "beyond-head")

    for entry in entries:
        if entry.chain != before:
            if before:
                yield from close()
            before, last, seq = entry.chain, BEGINNING, 0
        if entry.seq != seq + 1:
            yield Break(entry.chain, entry.seq, "gap")
        who = (entry.actor, entry.actor_name)
        due = seal(last, entry.chain, entry.seq, entry.at, who, entry.kind, entry.command, entry.body)
        if due != entry.hash:
            yield Break(entry.chain, entry.seq, "altered")
        last, seq = entry.hash, entry.seq
    if before:
        yield from close()
    for chain in left:
        yield Break(chain, 0, "no-chain")


def end_of(day: str) -> datetime:
    """The exclusive end of a day (ISO date) in China."""
    return datetime.combine(date.fromisoformat(day), time(), SHANGHAI) + timedelta(days=1)


def heads_before(reader: Reader, moment: datetime) -> list[tuple[str, int, bytes]]:
    """(chain, seq, hash) of the last entry that each chain had at that moment."""
    sql = """SELECT j.chain, j.seq, j.hash FROM journal j JOIN (
        SELECT chain, max(seq) AS seq FROM journal WHERE at < ? GROUP BY chain) e
        ON j.chain = e.chain AND j.seq = e.seq"""
    return [(chain, seq, bytes(head)) for chain, seq, head in reader.rows(sql, (moment,))]


def root_of(heads: Iterable[tuple[str, int, bytes]]) -> bytes:
    """SHA-256 over all chain ends in name order: one value that stands for the whole journal."""
    total = hashlib.sha256()
    for chain, seq, head in sorted(heads):
        total.update(f"{chain}\0{seq}\0".encode())
        total.update(head)
    return total.digest()
