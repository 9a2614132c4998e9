"""What was said about a process in work, thread by thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Forbidden
from engine.store.rows_remarks import RemarkRow

if TYPE_CHECKING:
    from engine.access import Access, Actor
    from engine.store.session import Store

#: Remarks that are read at once; a process about which more is said has other troubles.
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Thread:
    """The first remark and its answers, in order."""

    first: RemarkRow
    answers: tuple[RemarkRow, ...]

    @property
    def settled(self) -> bool:
        """Whether nobody needs to do anything about it any more."""
        return self.first.settled_at is not None


def remarks(store: Store, access: Access, actor: Actor, process: str) -> list[Thread]:
    """The threads about a process, open ones first, the latest first; Forbidden for who has nothing to do with it."""
    if not any(access.may(actor, action, process, None) for action in ("draft", "publish", "remark")):
        raise Forbidden(action="remark", object=process)
    columns = ", ".join(f'"{name}"' for name in RemarkRow._fields)
    sql = f"SELECT {columns} FROM remark WHERE process = ? ORDER BY at, place LIMIT {_MOST}"  # noqa: S608 - names of columns
    with store.reading() as reader:
        rows = [RemarkRow(*row) for row in reader.rows(sql, (process,))]
    found = {one.id: [one] for one in rows if one.thread == one.id}
    for one in rows:
        if one.thread != one.id and one.thread in found:
            found[one.thread].append(one)
    threads = [Thread(first, tuple(rest)) for first, *rest in found.values()]
    return sorted(threads, key=lambda one: (one.settled, -one.first.at.timestamp()))
