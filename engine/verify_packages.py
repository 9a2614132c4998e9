"""Whether what processes are made of is still what it is called: packages, contents of drafts, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.drafts import kept_files, sha_of
from engine.errors import PackageBroken
from engine.package import unpack
from engine.queries.processes import draft_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.store.session import Reader

#: Contents of drafts that are read at once (the LIMIT below).
_PAGE = 200


def processes_differ(reader: Reader) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(code, id, values) of every package or content that is not what its name says, or is missing."""
    files: dict[str, dict[str, str]] = {}
    for digest, process, archive in reader.rows(
        "SELECT digest, process, archive FROM package ORDER BY digest"
    ):
        try:
            package = unpack(process, archive)
        except PackageBroken as fault:
            yield "package-differs", digest, {"process": process, "reason": fault.values.get("reason")}
            continue
        if package.digest != digest:
            yield "package-differs", digest, {"process": process, "found": package.digest}
        files[digest] = {path: sha_of(content) for path, content in package.files.items()}
    sql = "SELECT process, number, digest FROM version ORDER BY process, number"
    for process, number, digest in reader.rows(sql):
        if digest not in files:
            yield "package-missing", digest, {"process": process, "number": number}
    blobs = set()
    for sha, content in _blobs(reader):
        blobs.add(sha)
        if sha_of(content) != sha:
            yield "content-differs", sha, {}
    for (process,) in reader.rows("SELECT process FROM draft ORDER BY process"):
        draft = draft_row(reader, process)
        base = files.get(draft.base, {}) if draft else {}
        for path, one in kept_files(draft).items() if draft else ():
            if one.sha not in blobs and base.get(path) != one.sha:
                yield "content-missing", one.sha, {"process": process, "path": path}


def _blobs(reader: Reader) -> Iterator[tuple[str, bytes]]:
    after = ""
    while True:
        rows = reader.rows("SELECT sha, content FROM blob WHERE sha > ? ORDER BY sha LIMIT 200", (after,))
        yield from ((sha, bytes(content)) for sha, content in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]
