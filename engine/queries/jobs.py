"""Long work of the studio as it stands, for whoever may see the process there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.queries.processes import sees
from engine.store.exact import unpack
from engine.store.jobs import result_of, tells_of_cases
from engine.store.rows_jobs import JobRow

if TYPE_CHECKING:
    from engine.access import Access, Actor
    from engine.store.session import Store

_COLUMNS = ", ".join(JobRow._fields)


def jobs(store: Store, access: Access, actor: Actor, process: str, kind: str) -> list[JobRow]:
    """Work of a kind on a process that the actor may follow, newest first."""
    sql = f"SELECT {_COLUMNS} FROM job WHERE process = ? AND kind = ? ORDER BY asked_at DESC, id DESC"  # noqa: S608 - names of ours
    with store.reading() as reader:
        rows = [JobRow._make(row) for row in reader.rows(sql, (process, kind))]
    return [row for row in rows if _may_follow(access, actor, row)]


def job(store: Store, access: Access, actor: Actor, process: str, key: str) -> JobRow:
    """One piece of work; NotFound if the process has none of that id, or none that the actor may follow."""
    sql = f"SELECT {_COLUMNS} FROM job WHERE process = ? AND id = ?"  # noqa: S608 - names of ours
    with store.reading() as reader:
        found = [JobRow._make(row) for row in reader.rows(sql, (process, key))]
    if not found or not _may_follow(access, actor, found[0]):
        raise NotFound(kind="job", id=key)
    return found[0]


def job_result(store: Store, row: JobRow) -> Any:
    """What came of work that was told, as plain JSON (decimals and days are text); None while there is nothing."""
    with store.reading() as reader:
        return result_of(reader, row.id)


def decided_count(store: Store, access: Access, actor: Actor, process: str) -> int:
    """How many cases of the process are decided; 0 for who may not know of all of them."""
    if not access.knows_all(actor, process):
        return 0
    with store.reading() as reader:
        return int(
            reader.rows("SELECT count(*) FROM cases WHERE process = ? AND state = 'ended'", (process,))[0][0]
        )


def _may_follow(access: Access, actor: Actor, row: JobRow) -> bool:
    """How far work over decided cases is tells how many there are."""
    if not sees(access, actor, row.process):
        return False
    return not tells_of_cases(row.kind, unpack(row.input)) or access.knows_all(actor, row.process)
