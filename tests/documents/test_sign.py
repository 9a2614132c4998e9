"""Seals: PAdES over the whole file, judged by two readers; every changed byte is noticed."""

from __future__ import annotations

import random
import shutil
import subprocess
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.documents.keys import make_keys
from engine.documents.refusal import DocumentRefused
from engine.documents.seals import check_seal
from engine.documents.sign import open_sealer
from tests.documents.conftest import make_job

if TYPE_CHECKING:
    from pathlib import Path

    from engine.documents.jobs import Sealing
    from engine.documents.press import Press

SEED = 20261123


@pytest.fixture(scope="module")
def signed(press: Press, sealing: Sealing) -> bytes:
    done = press.work(make_job(sealing=sealing))
    assert done.signed_by is not None
    return done.content


def test_a_seal_holds(signed: bytes, keys: Path, sealing: Sealing) -> None:
    seal = check_seal(signed, (keys / "root.cert.pem",))
    assert seal.good
    assert seal.signer is not None
    assert "演示" in seal.signer
    assert seal.signed_at == sealing.at


def test_poppler_agrees(signed: bytes, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("poppler is not installed")
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    told = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told


def test_every_changed_byte_is_noticed(signed: bytes, keys: Path) -> None:
    chance = random.Random(SEED)
    gap = signed.index(b"/Contents <30")
    for number in range(300):
        place = chance.randrange(len(signed)) if number % 2 else chance.randrange(gap, len(signed))
        changed = bytearray(signed)
        changed[place] ^= 1 << chance.randrange(8)
        assert not check_seal(bytes(changed), (keys / "root.cert.pem",)).good, f"byte {place} (seed {SEED})"


def test_what_is_added_behind_is_noticed(signed: bytes, keys: Path) -> None:
    seal = check_seal(signed + b"\n% more\n", (keys / "root.cert.pem",))
    assert not seal.good


def test_a_foreign_root_is_not_trusted(signed: bytes, tmp_path: Path) -> None:
    make_keys(tmp_path)
    seal = check_seal(signed, (tmp_path / "root.cert.pem",))
    assert seal.intact
    assert seal.whole
    assert not seal.trusted


@pytest.mark.parametrize("content", [b"", b"junk", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nstartxref\n99999\n%%EOF"])
def test_no_pdf_has_no_seal(content: bytes, keys: Path) -> None:
    assert not check_seal(content, (keys / "root.cert.pem",)).found


def test_an_unsealed_paper_has_none(press: Press, keys: Path) -> None:
    done = press.work(make_job())
    assert done.signed_by is None
    assert not check_seal(done.content, (keys / "root.cert.pem",)).found


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    threads = [threading.Thread(target=make_keys, args=(folder,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = (folder / "seal.key.pem").read_bytes()
    make_keys(folder)
    assert (folder / "seal.key.pem").read_bytes() == first
    assert (folder / "seal.key.pem").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        "root.cert.pem",
        "seal.cert.pem",
        "seal.key.pem",
    ]


def test_an_unknown_sealer_is_a_clear_refusal(press: Press, sealing: Sealing) -> None:
    with pytest.raises(DocumentRefused, match="seal-failed"):
        open_sealer("pkcs11:token=x")
    with pytest.raises(DocumentRefused) as caught:
        press.work(make_job(sealing=replace(sealing, keys="pkcs11:token=x")))
    assert not caught.value.final
