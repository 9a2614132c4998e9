"""The vault: bytes under their hash, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from engine.documents.vault import FolderVault
from engine.errors import NotFound, VaultDamaged, VaultFull


@pytest.fixture
def vault(tmp_path: Path) -> FolderVault:
    return FolderVault(tmp_path / "vault")


def test_round_trip(vault: FolderVault) -> None:
    name = vault.put(b"paper")
    assert name == hashlib.sha256(b"paper").hexdigest()
    assert vault.get(name) == b"paper"
    assert vault.put(b"paper") == name
    assert list(vault.names()) == [name]
    assert vault.path(name).relative_to(vault.folder).as_posix() == f"{name[:2]}/{name[2:4]}/{name}"
    assert vault.path(name).stat().st_mode & 0o777 == 0o440


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n"])
def test_only_names_are_looked_up(vault: FolderVault, name: str) -> None:
    assert not vault.holds(name)
    with pytest.raises(NotFound):
        vault.get(name)


def test_damage_is_noticed_and_mended_by_writing_again(vault: FolderVault) -> None:
    name = vault.put(b"paper")
    vault.path(name).chmod(0o640)
    vault.path(name).write_bytes(b"papes")
    with pytest.raises(VaultDamaged):
        vault.get(name)
    vault.put(b"paper")
    assert vault.get(name) == b"paper"


@pytest.mark.parametrize("at", ["write", "fsync"])
def test_a_full_disk_leaves_nothing(vault: FolderVault, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        if at == "fsync":
            patch.setattr(os, "fsync", full)
        else:
            patch.setattr(Path, "replace", full)
        with pytest.raises(VaultFull):
            vault.put(b"paper")
    assert list(vault.names()) == []
    assert [path for path in vault.folder.rglob("*") if path.is_file()] == []
    assert vault.get(vault.put(b"paper")) == b"paper"


def test_other_disk_errors_keep_their_meaning(vault: FolderVault, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        vault.put(b"paper")


def test_what_a_crash_left_is_swept(vault: FolderVault) -> None:
    name = vault.put(b"paper")
    left = vault.path(name).parent / ".abc.part"
    left.write_bytes(b"half")
    assert vault.sweep(left.stat().st_mtime - 1) == 0
    assert vault.sweep(left.stat().st_mtime + 1) == 1
    assert not left.exists()
    assert vault.get(name) == b"paper"


def test_many_writers_of_the_same_bytes(vault: FolderVault) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(vault.put(b"x" * 100_000))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 16
    assert len([path for path in vault.folder.rglob("*") if path.is_file()]) == 1
