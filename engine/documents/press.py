"""The printing house: a few long-lived printing processes, given one job at a time, replaced when they die or grow.

Printing never happens in the process that answers people: it takes a tenth of a second, memory, and native code. A
process that crashes is replaced and the job tried once more; one that takes too long is killed.
"""

from __future__ import annotations

import atexit
import os
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, cast
from xml.sax.saxutils import escape

from engine.documents.jobs import Done, Job, read_frame, write_frame
from engine.documents.refusal import DocumentRefused
from engine.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.settings import Settings

SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

#: A process that once needed more (kB) is replaced after its job.
MEMORY_LIMIT = 900 * 1024
TRIES = 2
#: Seconds that a new process has besides for its first job: it loads its libraries and may have to cut small faces.
STARTING = 60.0


class Crashed(Exception):
    """The process ended in the middle of a job."""


class Worker:
    """One printing process and its two pipes."""

    def __init__(self, law: Path, folders: tuple[Path, ...], fontconfig: Path) -> None:
        environment = {
            **os.environ,
            "FONTCONFIG_FILE": str(fontconfig),
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        self._begun = False
        self.process = subprocess.Popen(  # noqa: S603 -- this interpreter, a module of ours, folders of the settings
            [sys.executable, "-m", "engine.documents.presswork", str(law), *map(str, folders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # an interrupt at the terminal is the owner's business; it closes the pipe
        )

    def work(self, job: Job, timeout: float) -> Done:
        """One job; Crashed when the process ends, DocumentRefused `render-timeout` after `timeout` seconds."""
        late = threading.Event()
        allowed = timeout if self._begun else timeout + STARTING

        def kill() -> None:
            late.set()
            self.process.kill()

        watch = threading.Timer(allowed, kill)
        watch.daemon = True
        watch.start()
        try:
            write_frame(cast("IO[bytes]", self.process.stdin), job)
            done = read_frame(cast("IO[bytes]", self.process.stdout))
        except BrokenPipeError:
            done = None
        finally:
            watch.cancel()
        self._begun = True
        if done is None:
            self.stop()
            if late.is_set():
                raise DocumentRefused("render-timeout", seconds=timeout)
            raise Crashed
        return cast("Done", done)

    def stop(self) -> None:
        """End it at once; it holds nothing that could be lost."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                cast("IO[bytes]", stream).close()


class Press:
    """Gives jobs to at most `size` processes, started when first needed. Safe to call from many threads."""

    def __init__(
        self,
        work: Path,
        fonts: Path | None = None,
        law: Path | None = None,
        *,
        size: int = 1,
        timeout: float = 30.0,
    ) -> None:
        self._folders = (work / "faces", *((fonts,) if fonts else ()), *SYSTEM)
        self._home = work
        self._law = law or work / "no-law"
        self._timeout = timeout
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        #: Free places: a living process, or None where one may be started.
        self._free: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def work(self, job: Job, timeout: float | None = None) -> Done:
        """Do one job; DocumentRefused says why not. A crash of the process is tried once more, then `render-crashed`."""
        for _ in range(TRIES):
            with self._place() as worker:
                try:
                    done = worker.work(job, timeout or self._timeout)
                except Crashed:
                    continue
                if done.memory > MEMORY_LIMIT:
                    worker.stop()
            if done.refused is not None:
                raise done.refused
            return done
        raise DocumentRefused("render-crashed")

    @contextmanager
    def _place(self) -> Iterator[Worker]:
        kept: Worker | None = None
        free = self._free.get()
        try:
            kept = free if free is not None and free.process.poll() is None else self._start(instead_of=free)
            yield kept
        finally:
            alive = kept is not None and kept.process.poll() is None
            if not alive:
                self._drop(kept)
            self._free.put(kept if alive else None)

    def _drop(self, worker: Worker | None) -> None:
        if worker is not None:
            worker.stop()
            with self._lock:
                self._workers.discard(worker)

    def _start(self, instead_of: Worker | None) -> Worker:
        self._drop(instead_of)
        with self._lock:
            if self._closed:
                raise DocumentRefused("render-crashed", reason="closed")
            fontconfig = write_fontconfig(self._home / "fonts.conf", self._folders, self._home / "cache")
            worker = Worker(self._law, self._folders, fontconfig)
            self._workers.add(worker)
            return worker

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            for worker in self._workers:
                worker.stop()
            self._workers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_fontconfig(target: Path, folders: Iterable[Path], cache: Path) -> Path:
    """A fontconfig file that knows these folders and nothing of the machine's taste; returns `target`."""
    lines = [
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>',
        *(f"<dir>{escape(str(folder))}</dir>" for folder in folders),
        f"<cachedir>{escape(str(cache))}</cachedir>",
        "</fontconfig>\n",
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: another process of the same installation may be reading it.
    part = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.part")
    part.write_text("\n".join(lines), encoding="utf-8")
    return part.replace(target)


#: Printing houses of this process by installation; more than one only where several are opened (tests).
_houses: dict[tuple[Path, Path | None, Path], Press] = {}
_houses_lock = threading.Lock()
MOST_HOUSES = 3


def house(settings: Settings) -> Press:
    """The printing house of an installation, one in each process; its printing processes end with ours."""
    key = (settings.data, settings.fonts, settings.root / "policies" / "law" / settings.jurisdiction)
    with _houses_lock:
        if key not in _houses:
            while len(_houses) >= MOST_HOUSES:
                _houses.pop(next(iter(_houses))).close()
            _houses[key] = Press(settings.data / "press", settings.fonts, key[2])
        return _houses[key]


@atexit.register
def close_houses() -> None:
    """End every printing process; the next job starts one again."""
    with _houses_lock:
        while _houses:
            _houses.popitem()[1].close()
