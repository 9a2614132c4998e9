"""The addresses of styles and scripts, each with the digest of its bytes, so that browsers never keep an old one."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "ui" / "static"


@cache
def asset(name: str) -> str:
    """The address of a file under `static`; a built file that nobody has built yet has an address without digest."""
    path = STATIC / name
    if not path.is_file():
        return f"/static/{name}"
    return f"/static/{name}?{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
