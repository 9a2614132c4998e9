"""Pages of handed-in papers as pictures at reading size: PDF pages drawn, photographs turned upright and made smaller.

Strangers' files are opened by a process of their own that may use little memory and time; whatever a file does to it, the
server goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from engine.errors import Unreadable

#: Pixels across; more is no reading size any more.
WIDEST = 2400
_SECONDS = 25
_WORK = str(Path(__file__).with_name("leafwork.py"))


class Leaf(NamedTuple):
    """One page: a JPEG, and how many pages the paper has."""

    picture: bytes
    pages: int


def leaf(content: bytes, page: int, width: int) -> Leaf:
    """Page `page` (from 1) of a PDF, JPEG or PNG at most `width` pixels wide; Unreadable if it cannot be shown."""
    arguments = [sys.executable, "-I", _WORK, str(page), str(max(100, min(width, WIDEST)))]
    try:
        done = subprocess.run(  # noqa: S603 - our own program with two numbers
            arguments, input=content, capture_output=True, timeout=_SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(name="") from None
    head, _, picture = done.stdout.partition(b"\n")
    if done.returncode != 0 or not picture:
        raise Unreadable(name="")
    return Leaf(picture, int(json.loads(head)["pages"]))
