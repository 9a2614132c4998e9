"""Foreign PDFs are read in a process of their own, and nothing that they do there reaches the one that asks.

Strangers upload files to be verified, applicants upload materials. Readers of PDF are written for good files; a bad one
can make them run for ever or take all memory. `Judge` owns one process (`judgework`), gives it one file at a time, and
kills it when it is late. What comes back is decoded as the few plain values of `Answer`, never unpickled.
"""

from __future__ import annotations

import atexit
import os
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, cast
from urllib.parse import parse_qsl

import msgspec

from engine.documents.keys import trust_bundle
from engine.documents.seal_check import SealCheck  # noqa: TC001 -- decoders read the types of the fields
from engine.settings import ROOT

if TYPE_CHECKING:
    from engine.settings import Settings

LENGTH = struct.Struct(">I")
#: Seconds for one file, and for waiting until the files before it are done.
TIME, PATIENCE = 10.0, 20.0
#: Seconds besides for the first file of a new process, which loads its libraries meanwhile.
STARTING = 30.0
#: A process is replaced after so many files: readers keep crumbs of each.
MOST_FILES = 200


class Question(msgspec.Struct, frozen=True):
    """One file, and what is asked of it: its seal, by these roots and lists (PEM), or the number of its pages."""

    want: Literal["seal", "pages"]
    pdf: bytes
    trust: bytes = b""


class Answer(msgspec.Struct, frozen=True):
    """What was asked for; `refused` when the file needed more than any honest one."""

    seal: SealCheck | None = None
    pages: int | None = None
    refused: bool = False


def write_block(stream: IO[bytes], block: bytes) -> None:
    """Length and bytes."""
    stream.write(LENGTH.pack(len(block)) + block)
    stream.flush()


def read_block(stream: IO[bytes]) -> bytes | None:
    """The next block; None when the other end is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    block = stream.read(LENGTH.unpack(head)[0])
    return block if len(block) == LENGTH.unpack(head)[0] else None


class Judge:
    """Asks the judging process, which is started when it is first needed. Safe to call from many threads."""

    def __init__(self, seconds: float = TIME, patience: float = PATIENCE, starting: float = STARTING) -> None:
        self._seconds = seconds
        self._starting = starting
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def seal(self, pdf: bytes, trust: bytes) -> SealCheck | None:
        """The judgement on a file's seal by these roots; None when it cannot be judged within the limits."""
        return self._ask(Question("seal", pdf, trust)).seal

    def pages(self, pdf: bytes) -> int | None:
        """How many pages a file has; None for no PDF, a broken one, or one beyond the limits."""
        return self._ask(Question("pages", pdf)).pages

    def close(self) -> None:
        """End the process; the next question starts one again."""
        with self._lock:
            self._stop()

    def _ask(self, question: Question) -> Answer:
        if not self._lock.acquire(timeout=self._patience):
            return Answer(refused=True)
        try:
            process = self._started()
            allowed = self._seconds + (0 if self._asked else self._starting)
            watch = threading.Timer(allowed, process.kill)
            watch.daemon = True
            watch.start()
            block = None
            try:
                write_block(cast("IO[bytes]", process.stdin), msgspec.msgpack.encode(question))
                block = read_block(cast("IO[bytes]", process.stdout))
            except BrokenPipeError:
                pass  # killed while it was reading
            finally:
                watch.cancel()
            told = Answer(refused=True) if block is None else msgspec.msgpack.decode(block, type=Answer)
            self._asked += 1
            if told.refused or self._asked >= MOST_FILES:
                self._stop()
            return told
        finally:
            self._lock.release()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.documents.judgework"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Nothing of ours: whatever a file makes it do, there is no password and no address to be found.
                env={"PYTHONPATH": str(ROOT), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with suppress(BrokenPipeError):
                    cast("IO[bytes]", stream).close()
        self._process, self._asked = None, 0


#: The one of this process.
JUDGE = Judge()
atexit.register(JUDGE.close)


def trusted(settings: Settings) -> bytes:
    """Roots and lists (PEM) by which this installation's papers are sealed; no private key is touched."""
    folders: dict[Path, None] = {settings.data / "keys": None}
    for address in settings.seals.values():
        folders |= dict.fromkeys(_trust_folders(address))
    return b"".join(trust_bundle(folder) for folder in folders)


def _trust_folders(address: str) -> list[Path]:
    kind, _, rest = address.partition(":")
    if kind == "file":
        return [Path(rest)]
    return [Path(value) for name, value in parse_qsl(rest.partition("?")[2]) if name == "trust"]
