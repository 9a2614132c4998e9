"""Drawing the pictures of a page: seals as outlines of their characters, QR codes as bitmaps of one bit.

The printing library would take both as SVG, and spend half of a page's time on reading paths. It looks into a mapping
of known pictures before it fetches anything: `Pictures` is that mapping, and knows exactly the addresses of `drawing`.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pydyf
import segno

from engine.documents.drawing import CODE, SEAL
from engine.documents.offline import PREFIX
from engine.documents.seal_outline import SIZE, outline

if TYPE_CHECKING:
    from engine.documents.fonts import Fonts

#: Points of the bitmap on each side of a module, so that whoever makes the picture smaller mixes black and white evenly.
FINE = 4
BORDER = 2
#: A seal's ink lets the writing below it show.
INK = 0.86
_PIXELS_PER_MM = 96 / 25.4
_HELD = 64


class Picture:
    """A picture as the printing library wants it: a size in CSS pixels, and an object of the PDF that fills a unit square."""

    def __init__(self, address: str, mm: float, extra: dict[str, Any], packed: bytes, ink: float = 1) -> None:
        self.id = hashlib.sha256(address.encode()).hexdigest()[:16]
        self._pixels = mm * _PIXELS_PER_MM
        self._extra = extra
        self._packed = packed
        self._ink = ink

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, float, float]:
        """Width, height and their ratio."""
        return self._pixels, self._pixels, 1.0

    def draw(self, stream: Any, width: float, height: float, _style: object) -> None:
        """Put it on the page, in a box of this size at the origin."""
        name = stream.add_image(self, interpolate=False, ratio=1)
        stream.set_alpha(self._ink)
        stream.transform(width, 0, 0, -height, 0, height)
        stream.draw_x_object(name)

    def get_x_object(self, _interpolate: bool, _ratio: float) -> pydyf.Stream:
        """The object itself, made once for each file."""
        return pydyf.Stream([self._packed], {"Type": "/XObject", **self._extra, "Filter": "/FlateDecode"})


class Pictures(dict[str, Any]):
    """Every picture that an address of ours can name, drawn when it is first looked at; the last ones are kept."""

    def __init__(self, fonts: Fonts) -> None:
        super().__init__()
        self._fonts = fonts

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and address.startswith((SEAL, CODE))

    def __missing__(self, address: str) -> Picture:
        if address.startswith(CODE):
            return _code(address)  # no code is printed twice
        while len(self) >= _HELD:
            del self[next(iter(self))]
        self[address] = drawn = _seal(address, self._fonts)
        return drawn


def _seal(address: str, fonts: Fonts) -> Picture:
    name, _, bottom = address.removeprefix(SEAL).partition("/")
    path = outline(unquote(name), unquote(bottom), fonts)
    half = SIZE / 2
    extra = {
        "Subtype": "/Form",
        "BBox": pydyf.Array([-half, -half, half, half]),
        "Matrix": pydyf.Array([f"{1 / SIZE:.8f}", 0, 0, f"{1 / SIZE:.8f}", 0.5, 0.5]),
    }
    return Picture(address, SIZE, extra, zlib.compress(path), INK)


def _code(address: str) -> Picture:
    rows = _modules(unquote(address.removeprefix(CODE)))
    side = len(rows) * FINE  # a code is square
    extra = {
        "Subtype": "/Image",
        "Width": side,
        "Height": side,
        "ColorSpace": "/DeviceGray",
        "BitsPerComponent": 1,
        "Interpolate": "false",
    }
    # More effort than the usual costs ten times as long on such pictures, and saves nothing.
    return Picture(address, 30, extra, zlib.compress(b"".join(row * FINE for row in rows)))


@lru_cache(maxsize=8)
def _modules(text: str) -> list[bytes]:
    """One row after another, half a byte (FINE bits) for each module: 0 where it is black."""
    # Signed content is as good as random: any mask balances it, and trying all eight costs more than the rest of the page.
    mask = 4 if text.startswith(PREFIX) else None
    code = segno.make(text, error="m", micro=False, mask=mask)
    rows = (
        bytes(48 if dark else 102 for dark in row) for row in code.matrix_iter(border=BORDER)
    )  # figures 0 and f
    return [bytes.fromhex(row.decode().ljust(len(row) + len(row) % 2, "f")) for row in rows]
