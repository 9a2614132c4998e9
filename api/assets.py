"""The addresses of styles and scripts, each with the digest of its bytes, so that browsers never keep an old one."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from engine.diagram import SHEET

STATIC = Path(__file__).parent / "ui" / "static"
#: Where files under /static lie; the first that has the name gives it.
FOLDERS = (STATIC, SHEET)


@cache
def asset(name: str) -> str:
    """The address of a file under /static; a built file that nobody has built yet has an address without digest."""
    path = next((one for folder in FOLDERS if (one := folder / name).is_file()), None)
    if path is None:
        return f"/static/{name}"
    return f"/static/{name}?{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
