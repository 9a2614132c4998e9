"""The judging process: reads foreign PDFs, which may be made to hurt whoever reads them.

Run as `python -m engine.documents.judgework`. It is given bytes and public certificates, knows no key, no database and
no address, may take so much memory and no more, and writes no file. Whoever asks kills it when it takes too long.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import resource
import sys
from typing import TYPE_CHECKING

import msgspec

from engine.documents.judge import Answer, Question, read_block, write_block
from engine.documents.pades import parse_trust
from engine.documents.seals import MALFORMED, check_seal

if TYPE_CHECKING:
    from typing import BinaryIO

MEMORY = 700 * 1024**2
#: More open files than this it cannot need.
FILES = 32


def answer(question: Question) -> Answer:
    """What the file is; a file that breaks its reader has neither seal nor pages."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 -- loaded with `seals` already

    try:
        if question.want == "pages":
            count = PdfFileReader(io.BytesIO(question.pdf)).root["/Pages"]["/Count"]
            return Answer(pages=int(count) if 0 < int(count) < 100_000 else None)
        return Answer(seal=check_seal(question.pdf, parse_trust(question.trust)))
    except MALFORMED:
        return Answer()


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer until nobody asks any more. Out of memory is an answer, and the end: nobody knows what is left in it."""
    while (block := read_block(source)) is not None:
        try:
            told = answer(msgspec.msgpack.decode(block, type=Question))
        except MemoryError:
            write_block(target, msgspec.msgpack.encode(Answer(refused=True)))
            return
        write_block(target, msgspec.msgpack.encode(told))
        gc.collect()


def main() -> None:
    """Keep the pipes for questions, shut the rest, and serve."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.setrecursionlimit(1000)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))
    logging.disable(logging.CRITICAL)
    serve(source, target)


if __name__ == "__main__":
    main()
