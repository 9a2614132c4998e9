"""Many certificates there and back: issued over the real bus, judged by every road; forgeries told apart.

BANJIAN_THOROUGH=1 issues 10,000 and flips a byte in 1,000 of them.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from PIL import Image

from engine.commands import RevokeDocument
from engine.documents.codes import by_code
from engine.documents.offline import Carried, read_code, read_list, write_code, write_list
from engine.documents.offline_page import ended_papers
from engine.documents.pades import read_trust
from engine.documents.press import close_houses
from engine.documents.ring import open_ring, read_ring
from engine.documents.seals import check_seal
from engine.documents.verify import by_file, by_number, by_token
from tests.documents.issuing import open_issuing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.documents.ring import Ring
    from tests.documents.issuing import Issuing

THOROUGH = os.environ.get("BANJIAN_THOROUGH") == "1"
COUNT, FLIPS, SCANS = (10_000, 1_000, 200) if THOROUGH else (10, 10, 4)
SEED = 20261127
DAY = date(2026, 8, 3)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈欧", "一二三丰秀英建国敏䶮㛃华"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Issuing]:
    issuing = open_issuing(sqlite_url, tmp_path)
    yield issuing
    issuing.small.close()
    close_houses()


def expected_code(office: Issuing, ring: Ring, facts: dict[str, str], name: str, amount: str) -> str:
    """What the paper's code must be, made anew from what the paper says."""
    carried = Carried(
        issuer="晋中市榆次区民政局",
        title="最低生活保障证",
        token=facts["token"],
        issued_on=DAY,
        code="card",
        number=facts["number"],
        expires_on=date(2027, 8, 2),
        facts={"name": name[0] + "*" * (len(name) - 1), "amount": amount},
    )
    return write_code(carried, ring.private(ring.at(office.small.now)))


def scanned(pdf: bytes) -> str:
    told = subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-singlefile", "-"], input=pdf, capture_output=True, check=True
    )
    texts = [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(told.stdout)))]
    return next(text for text in texts if text.startswith("BJ1:"))


@pytest.mark.timeout(4 * 3600)
def test_all_that_is_issued_is_genuine_and_nothing_else(office: Issuing) -> None:
    chance = random.Random(SEED)
    register, store = office.register, office.store
    trust = None
    genuine = scans = 0
    begin = time.monotonic()
    kept: list[tuple[str, bytes, str]] = []
    for number in range(COUNT):
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.randint(1, 2)))
        amount = f"{chance.randrange(10_000_000) / 100:.2f}"
        document = office.issue(name, amount, until="2027-08-02")
        facts = office.facts(document)
        content = office.vault.get(facts["sha256"])
        ring = read_ring(office.settings.data / "keys" / "codes")
        trust = trust or read_trust(office.settings.data / "keys")
        code = expected_code(office, ring, facts, name, amount)
        if number < SCANS and shutil.which("pdftoppm"):
            assert scanned(content) == code, f"document {number} (seed {SEED})"
            scans += 1
        verdicts = (
            by_file(content, register, on=DAY).outcome,
            by_token(facts["token"], register, on=DAY).outcome,
            by_number(facts["number"], facts["token"], register, on=DAY).outcome,
            read_code(code, ring.trusted(), office.small.now).outcome,
        )
        assert verdicts == ("genuine",) * 4, f"document {number} (seed {SEED})"
        genuine += 1
        if number < FLIPS:
            kept.append((document, content, code))
            assert check_seal(content, trust).good
    assert genuine == COUNT
    issued = time.monotonic() - begin

    found = {"file": 0, "seal": 0, "code": 0}
    for document, content, code in kept:
        changed = bytearray(content)
        place = chance.randrange(len(content))
        changed[place] ^= 1 << chance.randrange(8)
        assert by_file(bytes(changed), register, on=DAY).outcome in ("altered", "unknown"), (
            f"{document} {place}"
        )
        found["file"] += 1
        assert not check_seal(bytes(changed), trust).good, f"{document}, byte {place} (seed {SEED})"
        found["seal"] += 1
        at = chance.randrange(len(code))
        wrong = code[:at] + ("7" if code[at] != "7" else "8") + code[at + 1 :]
        assert read_code(wrong, ring.trusted(), office.small.now).carried is None, (
            f"{document}, character {at}"
        )
        found["code"] += 1

    revoked = kept[0][0]
    office.small.do(RevokeDocument("revoke", revoked, "发证有误"), office.leader)
    listed = read_list(
        write_list(ended_papers(store), office.small.now, ring.private(ring.entries[0])), ring.trusted()
    )
    for document, content, code in kept:
        state = "revoked" if document == revoked else "genuine"
        assert by_file(content, register, on=DAY).outcome == state
        assert read_code(code, ring.trusted(), office.small.now, revoked=listed).outcome == state
        assert by_code(code, register, office.settings, office.small.now).outcome in (state, "expired")
    print(
        f"\n{genuine} issued and genuine by file, word, number and offline code in {issued:.0f} s"
        f" ({scans} codes read from the printed page); one flipped bit: found {found['file']} of {FLIPS} by the file's hash,"
        f" {found['seal']} by its seal, {found['code']} in the code; one revoked: told from {len(kept) - 1} others"
        f" (seed {SEED})"
    )


def test_forgeries_are_told_apart(office: Issuing, tmp_path: Path) -> None:
    first, second = office.issue("张三", until="2027-08-02"), office.issue("李四", until="2027-08-02")
    ring = read_ring(office.settings.data / "keys" / "codes")
    codes = [
        expected_code(office, ring, office.facts(key), name, "605.00")
        for key, name in ((first, "张三"), (second, "李四"))
    ]
    now = office.small.now
    # Expired: by the register, by the paper's own code, both with the last day still good.
    after = date(2027, 8, 3)
    assert by_token(office.facts(first)["token"], office.register, on=after).outcome == "expired"
    midnight = datetime(2027, 8, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert read_code(codes[0], ring.trusted(), midnight).outcome == "expired"
    assert read_code(codes[0], ring.trusted(), midnight - timedelta(seconds=1)).outcome == "genuine"
    # A key that is not ours, with everything else as ours would have it.
    foreign = open_ring(tmp_path / "foreign")
    forged = expected_code(office, foreign, office.facts(first), "张三", "9999.00")
    assert read_code(forged, ring.trusted(), now).outcome == "foreign"
    assert by_code(forged, office.register, office.settings, now).outcome == "unknown"
    # The code of another paper, pasted: genuine by itself, and it says whose it is.
    pasted = read_code(codes[1], ring.trusted(), now).carried
    assert pasted is not None
    assert pasted.token == office.facts(second)["token"] != office.facts(first)["token"]
    assert pasted.number != office.facts(first)["number"]
    assert by_number(str(office.facts(first)["number"]), pasted.token, office.register).outcome == "unknown"
    # A signed code of ours for a paper that was never issued.
    never = replace(pasted, token="ZZZZM9XW4RTB8HNCPDFG")
    made = write_code(never, ring.private(ring.entries[0]))
    assert by_code(made, office.register, office.settings, now).outcome == "unknown"
