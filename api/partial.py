"""Files that come in pieces over a bad line: a piece is kept once it is there, and a line that breaks costs one piece.

The pieces of one file lie in a file of their own below `partial/`, named by whose it is and by the name that the sender
gave it (best the SHA-256 of its content). They are no materials: nobody can read them, and a day after they came the
next sender's first piece sweeps them away.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.errors import CommandInvalid, NotFound, TooLarge

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes of one piece, and files that one owner may have under way.
MOST_PIECE, MOST_UNDER_WAY = 4 * 1024 * 1024, 20
#: Seconds for which an unfinished file is kept.
KEPT = 24 * 3600
_NAME = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


class Partials:
    """Unfinished files in a folder that all serving processes share, as they share the vault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reached(self, owner: str, name: str) -> int:
        """How many bytes of that file are there."""
        path = self._path(owner, name)
        return path.stat().st_size if path.is_file() else 0

    def add(self, owner: str, name: str, offset: int, piece: bytes, total: int) -> int:
        """Append a piece that begins at `offset`; how far the file has come. A piece for another place changes nothing.

        TooLarge when it grows beyond `total`; CommandInvalid too-many-files when the owner has too many under way.
        """
        path = self._path(owner, name)
        if offset == 0 and not path.exists():
            self._sweep(time.time() - KEPT)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            if sum(1 for _ in path.parent.iterdir()) >= MOST_UNDER_WAY:
                raise CommandInvalid("too-many-files", most=MOST_UNDER_WAY)
        elif not path.is_file():
            return 0
        if len(piece) > MOST_PIECE or offset + len(piece) > total:
            raise TooLarge(limit=min(total, MOST_PIECE))
        with path.open("ab") as stream:
            # The same piece may come twice at once, when the first was thought lost.
            fcntl.flock(stream, fcntl.LOCK_EX)
            if (there := stream.seek(0, 2)) == offset:
                stream.write(piece)
                there += len(piece)
        return there

    def take(self, owner: str, name: str) -> bytes | None:
        """The whole file, which is under way no longer; None if it is not what its name says.

        Empty where another request took it a moment ago: of two that come at once only one has it.
        """
        path = self._path(owner, name)
        mine = path.with_name(f"{name}.{secrets.token_hex(8)}")
        try:
            path.rename(mine)
        except FileNotFoundError:
            return b""
        content = mine.read_bytes()
        mine.unlink(missing_ok=True)
        whole = len(name) < 64 or hashlib.sha256(content).hexdigest() == name
        return content if whole else None

    def _path(self, owner: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFound(kind="upload", id=name[:80])
        return self._folder / hashlib.sha256(owner.encode()).hexdigest()[:32] / name

    def _sweep(self, older_than: float) -> None:
        for folder in self._folder.glob("*"):
            for path in folder.iterdir():
                with suppress(FileNotFoundError):  # taken, or swept by another request, meanwhile
                    if path.stat().st_mtime < older_than:
                        path.unlink()
