"""What may be handed in: PDF, JPEG and PNG, told by content. Name and file ending alone prove nothing."""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

import msgspec

from engine.errors import TooLarge, TooManyPages, Unreadable

if TYPE_CHECKING:
    from engine.documents.vault import Vault

#: A photograph of more pixels than this is no photograph of a paper, and would fill a reader's memory.
MOST_PIXELS = 120_000_000
#: Files that answer one question, and pages of one PDF.
MOST_FILES, MOST_PAGES = 20, 200
#: Bytes that the packed parts of a PDF may unfold to while its pages are counted.
_MOST_UNFOLDED = 64 * 1024 * 1024
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PACKED = re.compile(rb"/Type\s*/ObjStm\b[^>]*?>>\s*stream\r?\n", re.DOTALL)
_PNG = b"\x89PNG\r\n\x1a\n"
#: JPEG segments that hold the picture's size (start of frame, all kinds).
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
#: Where a PDF's end mark must stand, counted from the end (some scanners add a few bytes).
_TAIL = 2048


class Material(msgspec.Struct, frozen=True):
    """An uploaded file as form answers refer to it."""

    hash: str
    name: str
    size: int
    type: str


def keep(vault: Vault, content: bytes, name: str, limit: int) -> Material:
    """Put an upload into the vault; TooLarge, TooManyPages or Unreadable when it cannot be accepted."""
    if len(content) > limit:
        raise TooLarge(limit=limit)
    kind = media_type(content)
    if kind is None:
        raise Unreadable(name=plain_name(name))
    if kind == "application/pdf" and pages_of(content) > MOST_PAGES:
        raise TooManyPages(limit=MOST_PAGES, name=plain_name(name))
    return Material(vault.put(content), plain_name(name), len(content), kind)


def plain_name(name: str) -> str:
    """The last part of a file name, printable and of bearable length."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:120] or "file"


def media_type(content: bytes) -> str | None:
    """The media type that the bytes show, or None for anything that is not accepted or is cut off."""
    if content.startswith(b"%PDF-"):
        return "application/pdf" if b"%%EOF" in content[-_TAIL:] else None
    if content.startswith(_PNG):
        return "image/png" if _png_size(content) and b"IEND" in content[-16:] else None
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg" if _jpeg_size(content) else None
    return None


def pages_of(content: bytes) -> int:
    """The pages that a PDF declares, also in its packed parts; more than anybody reads where those unfold without end."""
    pages = len(_PAGE.findall(content))
    unfolded = 0
    for packed in _PACKED.finditer(content):
        unpacker = zlib.decompressobj()
        try:
            plain = unpacker.decompress(content[packed.end() :], _MOST_UNFOLDED - unfolded)
        except zlib.error:
            continue  # Packed in another way: a reader will tell.
        unfolded += len(plain)
        if unfolded >= _MOST_UNFOLDED:
            return MOST_PAGES + 1
        pages += len(_PAGE.findall(plain))
    return pages


def _png_size(content: bytes) -> bool:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return False
    width, height = struct.unpack(">II", content[16:24])
    return _bearable(width, height)


def _jpeg_size(content: bytes) -> bool:
    """Walk the segments up to the frame that tells the size."""
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:
            return False
        kind = content[place + 1]
        if kind == 0xFF:
            place += 1
            continue
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return _bearable(width, height)
        place += (
            2 if 0xD0 <= kind <= 0xD8 else 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])
        )
    return False


def _bearable(width: int, height: int) -> bool:
    return 0 < width * height <= MOST_PIXELS
