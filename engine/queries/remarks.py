"""What was said about a process in work, thread by thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Forbidden
from engine.secrecy import ON_PROCESS
from engine.store.rows_remarks import RemarkRow

if TYPE_CHECKING:
    from engine.access import Access, Actor
    from engine.store.session import Store

#: Threads that are read at once; of a process about which more is said the open ones, and the newest of the settled.
_MOST = 1_000
_THREADS = (
    "SELECT id FROM remark WHERE process = ? AND thread = id"
    " ORDER BY CASE WHEN settled_at IS NULL THEN 0 ELSE 1 END, at DESC, id LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Thread:
    """The first remark and its answers, in order."""

    first: RemarkRow
    answers: tuple[RemarkRow, ...]

    @property
    def settled(self) -> bool:
        """Whether nobody needs to do anything about it any more."""
        return self.first.settled_at is not None


def remarks(store: Store, access: Access, actor: Actor, process: str, most: int = _MOST) -> list[Thread]:
    """The threads about a process, open ones first, the latest first; Forbidden for who has nothing to do with it.

    Where there are more than `most`, the oldest settled ones are left out first.
    """
    if not any(access.may(actor, action, process, None) for action in ON_PROCESS):
        raise Forbidden(action="remark", object=process)
    columns = ", ".join(f'"{name}"' for name in RemarkRow._fields)
    sql = f"SELECT {columns} FROM remark WHERE thread IN ({_THREADS}) ORDER BY at, place"  # noqa: S608 - names of columns
    with store.reading() as reader:
        rows = [RemarkRow(*row) for row in reader.rows(sql, (process, most))]
    found = {one.id: [one] for one in rows if one.thread == one.id}
    for one in rows:
        if one.thread != one.id and one.thread in found:
            found[one.thread].append(one)
    threads = [Thread(first, tuple(rest)) for first, *rest in found.values()]
    return sorted(threads, key=lambda one: (one.settled, -one.first.at.timestamp()))
