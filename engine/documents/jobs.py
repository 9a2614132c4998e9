"""What travels between the printing house and its processes: jobs, results, and the frames around them."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.documents.gather import Gathering
    from engine.documents.offline import Coding
    from engine.documents.refusal import DocumentRefused

LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Page:
    """What one page is made of: the template's path below templates/, and all it may see."""

    template: str
    case: Mapping[str, Any]
    data: Mapping[str, Any]
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealing:
    """How one document is sealed: whose key (an address), the moment it carries, for whom and why."""

    keys: str
    at: datetime
    issuer: str
    reason: str
    #: Address of a time stamping authority (RFC 3161); without one the seal carries the document's own moment.
    stamps: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: fill a page and, unless it is a text, print and seal it.

    `package` names `files`; a process keeps the last packages' templates by that name. `checked_only` stops after
    filling and looking for missing characters.
    """

    package: str
    files: Mapping[str, bytes]
    page: Page
    sealing: Sealing | None = None
    checked_only: bool = False
    #: What the offline code says; the template sees the finished code as `document.offline`.
    coding: Coding | None = None
    #: Finished papers to be put into one file instead; `page` only says for whom.
    gathering: Gathering | None = None
    #: For previews: missing fields are marked by their names instead of stopping the page.
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: bytes of PDF (or UTF-8 text), or why not; and the process's peak memory in kB."""

    content: bytes
    refused: DocumentRefused | None = None
    signed_by: str | None = None
    memory: int = 0
    #: Dotted names of the fields that a marked page lacks.
    missing: tuple[str, ...] = ()


def write_frame(stream: IO[bytes], value: object) -> None:
    """One value, length first. The pipe joins two processes of this program and nothing else, so pickle is safe here."""
    body = pickle.dumps(value, protocol=5)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any:
    """The next value, or None when the other end is gone, even in the middle of a frame."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    body = stream.read(size)
    return pickle.loads(body) if len(body) == size else None  # noqa: S301 -- see write_frame
