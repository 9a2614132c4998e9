"""Foreign files are judged apart: what is true of them is told, and what they do to their reader stays there."""

from __future__ import annotations

import os
import random
import signal
import threading
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.documents.judge import Judge, trusted
from engine.documents.keys import trust_bundle
from engine.documents.pades import read_trust
from engine.documents.seals import check_seal
from engine.settings import Settings
from tests.documents.conftest import make_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.documents.jobs import Sealing
    from engine.documents.press import Press

SEED = 20261124


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture(scope="module")
def signed(press: Press, sealing: Sealing) -> bytes:
    return press.work(make_job(sealing=sealing)).content


def file_of(*objects: bytes, root: bytes = b"<< /Type /Catalog /Pages 2 0 R >>") -> bytes:
    """A PDF of these objects, numbered from 2 on; the catalog is the first."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate((root, *objects), 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, len(out),
    )  # fmt: skip


def bomb(megabytes: int) -> bytes:
    """A file whose table of contents unpacks to so many megabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    head = b"<< /Type /XRef /Size 9 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>" % len(packed)
    return (
        b"%PDF-1.7\n1 0 obj\n" + head + b"\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"
    )


LOOP = file_of(b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
DEEP = file_of(b"<< /Type /Pages /Kids " + b"[" * 200_000 + b"]" * 200_000 + b" /Count 1 >>")
ROUND = b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
WIDE = file_of(b"<< /Type /Pages /Kids [] /Count 99999999999 >>")


def test_it_says_what_the_reader_says(judge: Judge, signed: bytes, keys: Path) -> None:
    seal = judge.seal(signed, trust_bundle(keys))
    assert seal == check_seal(signed, read_trust(keys))
    assert seal is not None
    assert seal.good
    assert judge.pages(signed) == 1
    foreign = judge.seal(signed, b"")
    assert foreign is not None
    assert (foreign.found, foreign.intact, foreign.trusted) == (True, True, False)
    changed = signed.replace(b"/Type /Page ", b"/Type /Pagf ", 1)[:-20] + bytes(20)
    broken = judge.seal(changed, trust_bundle(keys))
    assert broken is not None
    assert not broken.good


@pytest.mark.parametrize(
    "hostile",
    [LOOP, DEEP, ROUND, WIDE, b"", b"%PDF-1.7", b"junk" * 1000],
    ids=["loop", "deep", "round", "wide", "empty", "head", "junk"],
)
def test_a_hostile_file_has_no_seal_and_the_next_is_judged(
    judge: Judge, signed: bytes, hostile: bytes, keys: Path
) -> None:
    seal = judge.seal(hostile, trust_bundle(keys))
    assert seal is None or not seal.found
    judge.pages(hostile)
    after = judge.seal(signed, trust_bundle(keys))
    assert after is not None
    assert after.good


def test_a_file_that_unpacks_without_end_meets_a_wall(signed: bytes, keys: Path) -> None:
    content = bomb(800)
    assert len(content) < 1 << 20
    judge = Judge(seconds=4, starting=10)
    seal = judge.seal(content, trust_bundle(keys))
    assert seal is None or not seal.found
    judge.close()
    again = Judge()
    assert again.pages(signed) == 1
    again.close()


def test_who_takes_too_long_is_ended(signed: bytes) -> None:
    judge = Judge(seconds=0.05, starting=0)
    assert judge.pages(signed) is None, "not even started within the time"
    patient = Judge()
    assert patient.pages(signed) == 1
    judge.close()
    patient.close()


def test_a_dead_process_is_replaced(judge: Judge, signed: bytes) -> None:
    assert judge.pages(signed) == 1
    process = judge._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert judge.pages(signed) == 1


def test_many_ask_at_once(judge: Judge, signed: bytes) -> None:
    found: list[int | None] = []
    threads = [threading.Thread(target=lambda: found.append(judge.pages(signed))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 6


def test_it_knows_nothing_of_ours(judge: Judge, signed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANJIAN_DATABASE", "postgresql://secret")
    judge.close()
    assert judge.pages(signed) == 1
    process = judge._process
    assert process is not None
    assert b"BANJIAN" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_random_damage_is_survived(judge: Judge, signed: bytes, keys: Path) -> None:
    chance = random.Random(SEED)
    for _ in range(25):
        changed = bytearray(signed)
        for _ in range(chance.randrange(1, 40)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        seal = judge.seal(bytes(changed), trust_bundle(keys))
        assert seal is None or not seal.good, f"seed {SEED}"


def test_trust_is_gathered_from_every_sealer(tmp_path: Path, keys: Path) -> None:
    (tmp_path / "keys").mkdir()
    token = f"pkcs11:token=x?module-path=/m&pin-source=/p&trust={keys}"
    settings = Settings(data=tmp_path, seals={"*": token, "某局": f"file:{keys}"})
    assert trusted(settings) == trust_bundle(keys)
    assert b"PRIVATE" not in trusted(settings)
