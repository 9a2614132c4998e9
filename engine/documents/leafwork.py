"""The process that draws one page of a stranger's file (see `leaves`): it knows nothing of the office and ends with the page.

python -I leafwork.py <page> <width>    (the file on stdin; a line of JSON and a JPEG on stdout)
"""

from __future__ import annotations

import io
import json
import resource
import sys

import pypdfium2
from PIL import Image, ImageOps

#: Pages of one paper that are drawn.
MOST_PAGES = 300
#: Seconds of work, bytes of memory.
SECONDS, _MEMORY = 20, 1 << 30
#: A page as high as 20 widths is no page.
_TALLEST = 20


def draw(content: bytes, page: int, width: int) -> tuple[bytes, int]:
    """Page `page` (from 1) as a JPEG at most `width` pixels wide, and how many pages there are."""
    if content.startswith(b"%PDF-"):
        return _pdf(content, page, width)
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as photo:
        photo.draft("RGB", (width * 2, width * 2))
        upright = ImageOps.exif_transpose(photo).convert("RGB")
        upright.thumbnail((width, width * _TALLEST))
        return _jpeg(upright), 1


def _pdf(content: bytes, page: int, width: int) -> tuple[bytes, int]:
    paper = pypdfium2.PdfDocument(content)
    pages = min(len(paper), MOST_PAGES)
    sheet = paper[max(0, min(page, pages) - 1)]
    across, down = sheet.get_size()
    scale = width / max(across, down / _TALLEST, 1.0)
    return _jpeg(sheet.render(scale=scale).to_pil().convert("RGB")), pages


def _jpeg(picture: Image.Image) -> bytes:
    told = io.BytesIO()
    picture.save(told, "JPEG", quality=80, optimize=True)
    return told.getvalue()


def main() -> int:
    """Draw one page for the process that asks."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    picture, pages = draw(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.buffer.write(json.dumps({"pages": pages}).encode() + b"\n" + picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
