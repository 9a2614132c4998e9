"""Bytes kept under the SHA-256 of their content: written once, whole or not at all, checked at every reading."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from typing import TYPE_CHECKING, Protocol

from engine.errors import NotFound, VaultDamaged, VaultFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Vault(Protocol):
    """Where documents and materials lie; a folder here, an S3 bucket elsewhere. Names are lower-case hex."""

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their name; VaultFull when there is no room, and then nothing is left behind."""
        ...

    def get(self, name: str) -> bytes:
        """The bytes of that name; NotFound, or VaultDamaged when they are no longer what they were."""
        ...

    def holds(self, name: str) -> bool:
        """Whether there is something of that name (its content is not looked at)."""
        ...

    def names(self) -> Iterator[str]:
        """Every name, in order."""
        ...


class FolderVault:
    """A vault in a folder: two levels of 256 folders, files that nobody may write again.

    `durable=False` leaves out fsync (for tests); everything else is the same.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self._durable = durable
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)

    def path(self, name: str) -> Path:
        """Where the bytes of that name lie; NotFound for what is no name, so that no path can be smuggled in."""
        if not _NAME.fullmatch(name):
            raise NotFound(kind="file", id=name[:80])
        return self.folder / name[:2] / name[2:4] / name

    def put(self, content: bytes) -> str:
        """Write beside, sync, rename, sync the folder: a crash leaves the old state or the new one."""
        name = hashlib.sha256(content).hexdigest()
        target = self.path(name)
        if self._intact(target, content):
            return name
        part = target.parent / f".{name[:12]}.{secrets.token_hex(6)}.part"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as stream:
                stream.write(content)
                stream.flush()
                if self._durable:
                    os.fsync(stream.fileno())
            part.chmod(0o440)
            part.replace(target)
            for folder in (target.parent, target.parent.parent, self.folder):
                self._sync(folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            if error.errno in _FULL:
                raise VaultFull(size=len(content)) from error
            raise
        return name

    def get(self, name: str) -> bytes:
        """Read and compare with the name."""
        try:
            content = self.path(name).read_bytes()
        except FileNotFoundError:
            raise NotFound(kind="file", id=name) from None
        if hashlib.sha256(content).hexdigest() != name:
            raise VaultDamaged(name=name)
        return content

    def holds(self, name: str) -> bool:
        """Whether a file of that name lies there."""
        return bool(_NAME.fullmatch(name)) and self.path(name).is_file()

    def names(self) -> Iterator[str]:
        """Walk the folder in order of names."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if _NAME.fullmatch(path.name):
                yield path.name

    def sweep(self, older_than: float) -> int:
        """Remove what interrupted writes left before `older_than` (seconds since the epoch); how many there were."""
        count = 0
        for part in self.folder.glob("*/*/.*.part"):
            with contextlib.suppress(FileNotFoundError):
                if part.stat().st_mtime < older_than:
                    part.unlink()
                    count += 1
        return count

    def _intact(self, target: Path, content: bytes) -> bool:
        """A damaged file under the same name is replaced by a new writing."""
        try:
            return target.stat().st_size == len(content) and target.read_bytes() == content
        except FileNotFoundError:
            return False

    def _sync(self, folder: Path) -> None:
        if self._durable:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
