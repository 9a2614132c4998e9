"""Many papers in one file for a printer: a cover sheet, then every page as it was issued, duplicates with their mark.

Pages are taken over as they are drawn; what belongs to the single file (its signature, its tags, its identifier) is left
behind, because the gathered file is a print and no document.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject, DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Part:
    """One paper of a gathering; with `mark` (the data of _shared/mark.html) every page of it bears the mark."""

    pdf: bytes
    mark: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Gathering:
    """A print of several papers; `cover` is the data of _shared/cover.html, its rows get their page numbers here."""

    parts: tuple[Part, ...]
    cover: dict[str, Any] | None = None


class _StillWriter(PdfFileWriter):
    """Writes no moment of its own into the file."""

    def _update_meta(self) -> None:
        return


def gather(work: Gathering, draw: Callable[[str, dict[str, Any]], bytes]) -> bytes:
    """One PDF; `draw` prints a shared template. The same work gives the same bytes."""
    writer: Any = _StillWriter()  # type: ignore[no-untyped-call]
    sources = [_open(part.pdf) for part in work.parts]
    if work.cover is not None:
        for pages in (1, 2, 3):
            cover = PdfFileReader(
                io.BytesIO(draw("_shared/cover.html", _numbered(work.cover, sources, pages)))
            )
            # The cover says on which page each paper begins, which depends on its own length.
            if _count(cover) == pages:
                break
        for place in range(_count(cover)):
            _add(writer, cover, place, None)
    for part, source in zip(work.parts, sources, strict=True):
        for place in range(_count(source)):
            _add(writer, source, place, _mark(part, source, place, draw))
    whole = hashlib.sha256(b"".join(hashlib.sha256(part.pdf).digest() for part in work.parts)).digest()
    writer._document_id = ArrayObject([ByteStringObject(whole[:16])] * 2)  # noqa: SLF001
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _numbered(cover: dict[str, Any], sources: list[PdfFileReader], before: int) -> dict[str, Any]:
    rows, page = [], before + 1
    for row, source in zip(cover["rows"], sources, strict=True):
        rows.append({**row, "page": page})
        page += _count(source)
    return {**cover, "rows": rows, "pages": page - 1}


def _open(pdf: bytes) -> PdfFileReader:
    try:
        return PdfFileReader(io.BytesIO(pdf))
    except PdfError as error:
        raise DocumentRefused("value-wrong", template="gather", line=0, reason=str(error)) from error


def _count(source: PdfFileReader) -> int:
    return int(source.root["/Pages"]["/Count"])


def _size(source: PdfFileReader, place: int) -> list[float]:
    find: Any = source.find_page_for_modification
    page = find(place)[0].get_object()
    while "/MediaBox" not in page:
        page = page["/Parent"]
    return [float(side) for side in page["/MediaBox"]]


def _mark(
    part: Part, source: PdfFileReader, place: int, draw: Callable[[str, dict[str, Any]], bytes]
) -> PdfFileReader | None:
    if part.mark is None:
        return None
    left, low, right, high = _size(source, place)
    size = {"width": round((right - left) / POINTS, 2), "height": round((high - low) / POINTS, 2)}
    return PdfFileReader(io.BytesIO(draw("_shared/mark.html", {**part.mark, **size})))


def _add(writer: Any, source: PdfFileReader, place: int, mark: PdfFileReader | None) -> None:
    layers = {"/Page": writer.import_page_as_xobject(source, place)}
    if mark is not None:
        layers["/Mark"] = writer.import_page_as_xobject(mark, 0)
    content = " ".join(f"q {name} Do Q" for name in layers).encode()
    make: Any = DictionaryObject  # the library's constructors carry no types
    drawn = make({pdf_name(name): layer for name, layer in layers.items()})
    new: Any = PageObject
    page = new(
        contents=writer.add_object(StreamObject(stream_data=content)),
        media_box=_size(source, place),
        resources=make({pdf_name("/XObject"): drawn}),
    )
    writer.insert_page(page)
