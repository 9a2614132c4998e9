"""The draft of a process as its rows hold it: which content each file has, who saved it last, and how to read it.

A draft began from a package; what was saved since lies beside it, content by content. So no save ever writes over what
was there, and every earlier state of a draft can be put together again.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import CommandInvalid, NotFound, TooLarge
from engine.package import SHARED, Package, Packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.store.rows import DraftRow, DraftStepRow
    from engine.store.session import Reader

#: What one file may weigh; nobody writes more by hand, and pictures of letters are smaller.
LARGEST_FILE = 5 * 1024 * 1024
#: Files of one process.
MOST_FILES = 2_000
_LONGEST_PATH = 200
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a draft: its content's hash, and who saved it last."""

    sha: str
    by: str
    by_name: str
    at: datetime


def sha_of(content: bytes) -> str:
    """What names a file's content: SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def kept_files(row: DraftRow) -> dict[str, Kept]:
    """The files of a draft by path."""
    return {
        path: Kept(sha, by, name, datetime.fromisoformat(at))
        for path, (sha, by, name, at) in json.loads(row.files).items()
    }


def listed(files: Mapping[str, Kept]) -> str:
    """The files as the draft's row keeps them."""
    return json.dumps(
        {path: [one.sha, one.by, one.by_name, one.at.isoformat()] for path, one in sorted(files.items())},
        ensure_ascii=False,
    )


def draft_package(reader: Reader, packages: Packages, row: DraftRow) -> Package:
    """All files of the draft as a package."""
    wanted = {path: one.sha for path, one in kept_files(row).items()}
    return Package(row.process, contents(reader, packages, row.base, wanted))


def contents(reader: Reader, packages: Packages, base: str, wanted: Mapping[str, str]) -> dict[str, bytes]:
    """Path -> content for path -> hash; unchanged files come from the package `base`."""
    files = packages.at(base, reader).files
    found = {
        path: files[path] for path, sha in wanted.items() if path in files and sha_of(files[path]) == sha
    }
    missing = sorted({sha for path, sha in wanted.items() if path not in found})
    blobs: dict[str, bytes] = {}
    for start in range(0, len(missing), 200):
        some = missing[start : start + 200]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT sha, content FROM blob WHERE sha IN ({marks})"  # noqa: S608 - marks are question marks
        blobs |= {sha: bytes(content) for sha, content in reader.rows(sql, some)}
    for sha in missing:
        if sha not in blobs:
            raise NotFound(kind="content", id=sha)
    return {path: found[path] if path in found else blobs[sha] for path, sha in sorted(wanted.items())}


def state_at(steps: Iterable[DraftStepRow], revision: int) -> tuple[str, dict[str, str]]:
    """(package it stands on, path -> hash) of a draft at one revision; NotFound if it never had that revision."""
    base, files, last = "", dict[str, str](), 0
    for step in steps:
        if step.revision > revision:
            break
        base = step.base
        if step.kind == "begun":
            files = {}
        for path, sha in json.loads(step.files).items():
            if sha is None:
                files.pop(path, None)
            else:
                files[path] = sha
        last = step.revision
    if last != revision:
        raise NotFound(kind="revision", id=str(revision))
    return base, files


def allowed_path(process: str, path: str) -> bool:
    """Whether a file may lie there in a package of the process."""
    if len(path) > _LONGEST_PATH:
        return False
    own, part = re.escape(process), _PART
    return any(
        re.fullmatch(form, path)
        for form in (
            rf"workflows/bpmn/(?:{own}|{SHARED}/{part})\.bpmn",
            rf"workflows/dmn/(?:{own}|{SHARED})/(?:{part}/)?{part}\.(?:dmn|tests\.json)",
            rf"workflows/scenarios/{own}\.yaml",
            rf"workflows/campaigns/{own}\.json",
            rf"policies/{own}\.csv",
            rf"forms/(?:{own}|{SHARED}/{part})/{part}\.json",
            rf"templates/(?:{own}|{SHARED})/(?:{part}/)*{part}",
        )
    )


def require_path(process: str, path: str) -> None:
    """CommandInvalid for a path that no package of the process can hold."""
    if not allowed_path(process, path):
        raise CommandInvalid(reason="path", path=path)


def require_size(path: str, content: bytes) -> None:
    """TooLarge for a file that is heavier than anything people write."""
    if len(content) > LARGEST_FILE:
        raise TooLarge(path=path, limit=LARGEST_FILE)
