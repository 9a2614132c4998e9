"""Codes sent to phones. A code follows from its id and a key outside the database, so no table and no backup holds one."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DIGITS = 6
FILE = "codes.key"
_KEY_BYTES = 32


def key_of(folder: Path) -> bytes:
    """The key of this installation (`<data>/keys/codes.key`), made at the first call; processes that begin at once agree."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f"{FILE}.{secrets.token_hex(4)}.part"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target:
            target.write(secrets.token_bytes(_KEY_BYTES))
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(part, path)  # whole, and only for the first
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_bytes()


def code_of(key: bytes, name: str) -> str:
    """The digits that are sent under the name of a code."""
    drawn = int.from_bytes(_mac(key, "code", name)[:8])
    return f"{drawn % 10**DIGITS:0{DIGITS}d}"


def name_of(key: bytes, phone: str, minute: int) -> str:
    """The name of the code of a phone in a minute: two requests at the same moment are one, and nobody can guess it."""
    return _mac(key, "name", f"{phone}/{minute}").hex()[:32]


def seal(key: bytes, purpose: str, text: str) -> str:
    """The mark by which a text that went through a browser is known again."""
    return _mac(key, purpose, text).hex()


def sealed(key: bytes, purpose: str, text: str, mark: str) -> bool:
    """Whether the mark is of this text."""
    return hmac.compare_digest(seal(key, purpose, text), mark)


def _mac(key: bytes, purpose: str, text: str) -> bytes:
    return hmac.digest(key, f"banjian {purpose}\0{text}".encode(), hashlib.sha256)
