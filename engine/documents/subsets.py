"""Small copies of the large free faces, with the characters that almost every paper keeps to.

Embedding cuts the used glyphs out of the whole font file for each document; from 25 MB this takes longer than all the
rest. The copies hold GB 2312 and Latin; a character beyond them comes from the full face, in the same design.
HarfBuzz, which printing needs anyway, does the cutting in a fraction of a second for each face.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import struct
from typing import TYPE_CHECKING, Any

from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from pathlib import Path

    from engine.documents.fonts import Face

#: Full family -> family name of its copy. The fonts' licence (OFL) allows copies under another name.
COPIES = {"Noto Serif CJK SC": "Banjian Serif SC", "Noto Sans CJK SC": "Banjian Sans SC"}
#: Raised whenever the copies are made differently.
EDITION = "2"
_DROP_TABLES = 3  # HB_SUBSET_SETS_DROP_TABLE_TAG


def characters() -> list[int]:
    """Code points of GB 2312, Latin-1 and the punctuation of papers, in order."""
    points = {*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2040), 0x3007, 0x20AC, 0xA5}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return sorted(points)


def copy_face(face: Face, folder: Path) -> Path:
    """The copy of a face below `folder`, made unless it is there; the name tells source, weight and edition."""
    state = face.path.stat()
    source = f"{EDITION}|{face.path}|{face.index}|{state.st_size}|{state.st_mtime_ns}"
    weight = "bold" if face.bold else "regular"
    name = f"{COPIES[face.family].replace(' ', '')}-{weight}-{hashlib.sha256(source.encode()).hexdigest()[:12]}.otf"
    target = folder / name
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        content = _rename(_number(_cut(face.path, face.index)), COPIES[face.family], bold=face.bold)
        part = folder / f".{name}.{hashlib.sha256(content).hexdigest()[:8]}.part"
        part.write_bytes(content)
        part.replace(target)
    return target


def _rename(content: bytes, family: str, *, bold: bool) -> bytes:
    style = "Bold" if bold else "Regular"
    with TTFont(io.BytesIO(content), lazy=True, recalcTimestamp=False) as font:
        names = font["name"]
        for record in list(names.names):
            if record.nameID in (1, 2, 3, 4, 6, 16, 17, 21, 22, 25):
                names.removeNames(record.nameID, record.platformID, record.platEncID, record.langID)
        for number, text in (
            (1, family),
            (2, style),
            (4, f"{family} {style}"),
            (6, f"{family}-{style}".replace(" ", "")),
        ):
            names.setName(text, number, 3, 1, 0x409)
        target = io.BytesIO()
        font.save(target, reorderTables=False)
    return target.getvalue()


def _number(content: bytes) -> bytes:
    """Give each glyph its place as its character identifier (CID).

    Cutting keeps the identifiers of the large face. A PDF names glyphs by identifier where a face has them (ISO 32000-1,
    9.7.4.2) and the printing library writes places: readers that keep to the standard would draw other characters.
    """
    with TTFont(io.BytesIO(content), lazy=True) as font:
        top: Any = font["CFF "].cff.topDictIndex[0] if "CFF " in font else None
        if not hasattr(top, "ROS"):
            return content
        place = font.reader.tables["CFF "].offset + top.rawDict["charset"]
        last = font["maxp"].numGlyphs - 2
    # One range from 1 on (format 2): shorter than any list of places, so that nothing else moves.
    return content[:place] + struct.pack(">BHH", 2, 1, last) + content[place + 5 :]


def _library(name: str) -> ctypes.CDLL:
    library = ctypes.CDLL(name)
    for function, result, arguments in (
        ("hb_blob_create_from_file_or_fail", ctypes.c_void_p, [ctypes.c_char_p]),
        ("hb_blob_get_data", ctypes.c_void_p, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint)]),
        ("hb_blob_destroy", None, [ctypes.c_void_p]),
        ("hb_face_create", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_uint]),
        ("hb_face_reference_blob", ctypes.c_void_p, [ctypes.c_void_p]),
        ("hb_face_destroy", None, [ctypes.c_void_p]),
        ("hb_set_add", None, [ctypes.c_void_p, ctypes.c_uint]),
        ("hb_subset_input_set", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
        ("hb_subset_input_create_or_fail", ctypes.c_void_p, []),
        ("hb_subset_input_unicode_set", ctypes.c_void_p, [ctypes.c_void_p]),
        ("hb_subset_input_destroy", None, [ctypes.c_void_p]),
        ("hb_subset_or_fail", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_void_p]),
    ):
        if (found := getattr(library, function, None)) is not None:
            found.restype, found.argtypes = result, arguments
    return library


def _cut(path: Path, index: int) -> bytes:
    """The face with only `characters()` and what they need; OSError when HarfBuzz is absent or refuses the file."""
    harfbuzz, cutter = _library("libharfbuzz.so.0"), _library("libharfbuzz-subset.so.0")
    blob = harfbuzz.hb_blob_create_from_file_or_fail(str(path).encode())
    if not blob:
        raise OSError(f"no font in {path}")
    face = harfbuzz.hb_face_create(blob, index)
    wish = cutter.hb_subset_input_create_or_fail()
    points = cutter.hb_subset_input_unicode_set(wish)
    for point in characters():
        harfbuzz.hb_set_add(points, point)
    # Substitutions would pull in every variant of every character; papers use none.
    harfbuzz.hb_set_add(cutter.hb_subset_input_set(wish, _DROP_TABLES), int.from_bytes(b"GSUB", "big"))
    small = cutter.hb_subset_or_fail(face, wish)
    try:
        if not small:
            raise OSError(f"{path} cannot be cut")
        out = harfbuzz.hb_face_reference_blob(small)
        length = ctypes.c_uint()
        data = harfbuzz.hb_blob_get_data(out, ctypes.byref(length))
        content = ctypes.string_at(data, length.value)
        harfbuzz.hb_blob_destroy(out)
        harfbuzz.hb_face_destroy(small)
        return content
    finally:
        cutter.hb_subset_input_destroy(wish)
        harfbuzz.hb_face_destroy(face)
        harfbuzz.hb_blob_destroy(blob)
