"""Seals: PAdES over the whole file, judged by two readers; every changed byte is noticed."""

from __future__ import annotations

import random
import shutil
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.documents.pades import read_trust
from engine.documents.refusal import DocumentRefused
from engine.documents.seal_ring import Seal, read_seals, rotate_seal, seal_at, strike_seal
from engine.documents.seals import check_seal
from engine.documents.sign import open_sealer
from engine.errors import NotFound
from tests.documents.conftest import make_job

if TYPE_CHECKING:
    from pathlib import Path

    from engine.documents.jobs import Sealing
    from engine.documents.press import Press

SEED = 20261123
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def signed(press: Press, sealing: Sealing) -> bytes:
    done = press.work(make_job(sealing=sealing))
    assert done.signed_by is not None
    return done.content


def test_a_seal_holds(signed: bytes, keys: Path, sealing: Sealing) -> None:
    seal = check_seal(signed, read_trust(keys))
    assert seal.good
    assert seal.signer == sealing.issuer
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
        assert not check_seal(bytes(changed), read_trust(keys)).good, f"byte {place} (seed {SEED})"


def test_what_is_added_behind_is_noticed(signed: bytes, keys: Path) -> None:
    seal = check_seal(signed + b"\n% more\n", read_trust(keys))
    assert not seal.good


def test_a_foreign_root_is_not_trusted(signed: bytes, tmp_path: Path) -> None:
    seal_at(tmp_path, "别处", NOW)
    seal = check_seal(signed, read_trust(tmp_path))
    assert seal.intact
    assert seal.whole
    assert not seal.trusted


@pytest.mark.parametrize("content", [b"", b"junk", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nstartxref\n99999\n%%EOF"])
def test_no_pdf_has_no_seal(content: bytes, keys: Path) -> None:
    assert not check_seal(content, read_trust(keys)).found


def test_an_unsealed_paper_has_none(press: Press, keys: Path) -> None:
    done = press.work(make_job())
    assert done.signed_by is None
    assert not check_seal(done.content, read_trust(keys)).found


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    found: list[Seal] = []
    threads = [
        threading.Thread(target=lambda: found.append(seal_at(folder, "晋中市民政局", NOW))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1] == found[2] == seal_at(folder, "晋中市民政局", NOW)
    assert len(list((folder / "seals").glob("*.key.pem"))) == 1
    for path in (folder / "root.key.pem", *(folder / "seals").glob("*.key.pem")):
        assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_an_issuer_with_a_long_name_has_a_seal(press: Press, keys: Path, sealing: Sealing) -> None:
    done = press.work(
        make_job(sealing=replace(sealing, issuer="晋中市榆次区安宁街道汇通南路第二社区居民委员会"))
    )
    seal = check_seal(done.content, read_trust(keys))
    assert seal.good
    assert seal.signer is not None
    assert "晋中市榆次区安宁街道汇通南路第二社区".startswith(seal.signer[:18])


def test_each_issuer_has_its_own_seal(tmp_path: Path) -> None:
    town, county = (seal_at(tmp_path, issuer, NOW) for issuer in ("榆次区乌金山镇人民政府", "榆次区民政局"))
    assert town != county
    assert read_seals(tmp_path) == (town, county)


def test_seals_follow_each_other_and_old_papers_hold(
    press: Press, signed: bytes, keys: Path, sealing: Sealing
) -> None:
    first = seal_at(keys, sealing.issuer, sealing.at)
    turn = sealing.at + timedelta(days=1)
    second = rotate_seal(keys, sealing.issuer, turn)
    assert press.work(make_job(sealing=sealing)).content == signed, (
        "a message from before the turn, tried again"
    )
    after = press.work(make_job(sealing=replace(sealing, at=turn)))
    assert after.signed_by == second.name != first.name
    assert check_seal(after.content, read_trust(keys)).good
    assert check_seal(signed, read_trust(keys)).good


def test_a_struck_seal_is_trusted_no_more(press: Press, tmp_path: Path, sealing: Sealing) -> None:
    own = replace(sealing, keys=f"file:{tmp_path}", issuer="晋中市左权县民政局")
    done = press.work(make_job(sealing=own))
    assert check_seal(done.content, read_trust(tmp_path)).good
    strike_seal(tmp_path, str(done.signed_by), NOW, "lost")
    seal = check_seal(done.content, read_trust(tmp_path))
    assert seal.intact
    assert not seal.trusted
    again = press.work(make_job(sealing=own))
    assert again.signed_by != done.signed_by
    assert check_seal(again.content, read_trust(tmp_path)).good
    with pytest.raises(NotFound):
        strike_seal(tmp_path, str(done.signed_by), NOW, "twice")


def test_an_unknown_sealer_is_a_clear_refusal(press: Press, sealing: Sealing) -> None:
    for address in ("pkcs11:token=x", "smartcard:1"):
        with pytest.raises(DocumentRefused, match="seal-failed"):
            open_sealer(address)
    with pytest.raises(DocumentRefused) as caught:
        press.work(make_job(sealing=replace(sealing, keys="pkcs11:token=x")))
    assert not caught.value.final
