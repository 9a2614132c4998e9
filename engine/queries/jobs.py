"""Long work of the studio as it stands, for whoever may see the process there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.store.jobs import result_of
from engine.store.rows_jobs import JobRow

if TYPE_CHECKING:
    from engine.store.session import Store

_COLUMNS = ", ".join(JobRow._fields)


def jobs(store: Store, process: str, kind: str) -> list[JobRow]:
    """Work of a kind on a process, newest first."""
    sql = f"SELECT {_COLUMNS} FROM job WHERE process = ? AND kind = ? ORDER BY asked_at DESC, id DESC"  # noqa: S608 - names of ours
    with store.reading() as reader:
        return [JobRow._make(row) for row in reader.rows(sql, (process, kind))]


def job(store: Store, process: str, key: str) -> JobRow:
    """One piece of work; NotFound if the process has none of that id."""
    sql = f"SELECT {_COLUMNS} FROM job WHERE process = ? AND id = ?"  # noqa: S608 - names of ours
    with store.reading() as reader:
        found = reader.rows(sql, (process, key))
    if not found:
        raise NotFound(kind="job", id=key)
    return JobRow._make(found[0])


def job_result(store: Store, key: str) -> Any:
    """What came of it, as plain JSON (decimals and days are text); None while there is nothing."""
    with store.reading() as reader:
        return result_of(reader, key)


def decided_count(store: Store, process: str) -> int:
    """How many cases of the process are decided."""
    with store.reading() as reader:
        return int(
            reader.rows("SELECT count(*) FROM cases WHERE process = ? AND state = 'ended'", (process,))[0][0]
        )
