"""The printing process: reads jobs from its input, answers on its output, ends when the input ends.

Run as `python -m engine.documents.presswork`. It keeps one font configuration for its whole life (a new one for each
document leaks hundreds of megabytes), reaches no network, and is the only process that touches the seal's key.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import resource
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.documents.fonts import Fonts, find_faces, read_faces
from engine.documents.issuers import read_places
from engine.documents.jobs import Done, Job, read_frame, write_frame
from engine.documents.offline import TooLong, write_code
from engine.documents.pages import fill, fill_marked, whole_names, with_translation
from engine.documents.refusal import DocumentRefused
from engine.documents.ring import open_ring
from engine.documents.sandbox import Sandbox, environment
from engine.documents.subsets import COPIES, copy_face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.clock import Law
    from engine.documents.gather import Gathering
    from engine.documents.jobs import Page
    from engine.documents.offline import Coding
    from engine.documents.sign import Sealer
    from engine.documents.typeset import Typesetter

#: Address space of a printing process; a page that needs more is refused instead of taking the machine down.
ADDRESS_SPACE = 4 * 1024**3
COLLECT_EVERY = 50


class Printer:
    """Prints with one font configuration."""

    def __init__(self, fonts: Fonts, law: Law | None = None) -> None:
        self.fonts = fonts
        self.law = law
        self._sandboxes: dict[str, Sandbox] = {}
        self._sealers: dict[str, Sealer] = {}

    @cached_property
    def _typesetter(self) -> Typesetter:
        from engine.documents.typeset import Typesetter  # noqa: PLC0415 -- half a second, and texts and proofs never need it

        return Typesetter(self.fonts)

    def work(self, job: Job) -> Done:
        """Carry out one job; DocumentRefused when it cannot be."""
        if job.gathering is not None:
            return self._sealed(self._gather(job, job.gathering), job)
        sandbox = self._sandbox(job)
        if job.coding is not None and not job.checked_only:
            job = replace(job, page=_with_code(job.page, job.coding))
        text, missing = fill_marked(sandbox, job.page) if job.marked else (fill(sandbox, job.page), ())
        if not missing:
            text = with_translation(sandbox, job, text)
        if job.page.template.endswith(".txt"):
            return Done(text.strip().encode(), missing=missing)
        self._require_glyphs(text)
        if job.checked_only:
            return Done(b"")
        pdf = self.print(whole_names(text, job.page, self.fonts), str(job.page.document["token"]))
        return Done(pdf, missing=missing) if job.marked else self._sealed(pdf, job)

    def _sealed(self, pdf: bytes, job: Job) -> Done:
        if job.sealing is None:
            return Done(pdf)
        sealed, name = self._sealer(job.sealing.keys).seal(pdf, job.sealing)
        return Done(sealed, signed_by=name)

    def _gather(self, job: Job, gathering: Gathering) -> bytes:
        from engine.documents.gather import gather  # noqa: PLC0415 -- pyHanko, as for seals

        def draw(template: str, data: dict[str, Any]) -> bytes:
            page = replace(job.page, template=template, data=data)
            text = fill(self._sandbox(job), page)
            self._require_glyphs(text)
            return self.print(whole_names(text, page, self.fonts), template)

        return gather(gathering, draw)

    def _require_glyphs(self, text: str) -> None:
        letter = self.fonts.missing(text)
        if letter is not None:
            raise DocumentRefused("glyph-missing", character=letter, codepoint=f"U+{ord(letter):04X}")

    def print(self, html: str, identifier: str) -> bytes:
        """PDF/A-2b with tags; the same html and identifier give the same bytes on the same fonts."""
        return self._typesetter.print(html, identifier)

    def _sandbox(self, job: Job) -> Sandbox:
        sandbox = self._sandboxes.get(job.package)
        if sandbox is None:
            if len(self._sandboxes) >= 20:
                self._sandboxes.pop(next(iter(self._sandboxes)))
            sandbox = self._sandboxes[job.package] = environment(job.files, self.fonts, self.law)
        return sandbox

    def _sealer(self, keys: str) -> Sealer:
        from engine.documents.sign import open_sealer  # noqa: PLC0415 -- only where something is sealed

        if keys not in self._sealers:
            self._sealers[keys] = open_sealer(keys)
        return self._sealers[keys]


def _with_code(page: Page, coding: Coding) -> Page:
    ring = open_ring(Path(coding.ring))
    try:
        code = write_code(coding.carried, ring.private(ring.at(coding.at)))
    except TooLong as error:
        raise DocumentRefused("value-wrong", template=page.template, line=0, reason=str(error)) from error
    return replace(page, document={**page.document, "offline": code})


def serve(source: BinaryIO, target: BinaryIO, printer: Printer) -> None:
    """Answer jobs until the input ends."""
    count = 0
    while (job := read_frame(source)) is not None:
        try:
            done = printer.work(job)
        except DocumentRefused as refused:
            done = Done(b"", refused)
        except MemoryError:
            done = Done(b"", DocumentRefused("render-too-large"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        write_frame(target, replace(done, memory=peak))
        count += 1
        if count % COLLECT_EVERY == 0:
            gc.collect()


def main() -> None:
    """Take the pipes for frames, leave the standard streams to whatever prints, and serve."""
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    law, copies, *folders = (Path(folder) for folder in sys.argv[1:])
    serve(source, target, Printer(gather(folders, copies), read_places(law)))


def gather(folders: Sequence[Path], copies: Path) -> Fonts:
    """The faces in the folders, and small copies of the large ones in `copies`, made where they are missing."""
    faces = find_faces(folders)
    made = [copy_face(face, copies) for face in faces if face.family in COPIES]
    return Fonts((*(face for path in sorted(set(made)) for face in read_faces(path)), *faces))


if __name__ == "__main__":
    main()
