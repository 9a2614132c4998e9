"""Offline codes: base45, COSE and CBOR against published vectors and another library; every forgery told apart."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import cbor2
import cwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cwt import COSE, COSEAlgs, COSEHeaders, COSEKey

from engine.documents import offline
from engine.documents.base45 import LETTERS, decode45, encode45
from engine.documents.cose import NotSigned, claims_of, open1, sign1
from engine.documents.offline import Carried, read_code, read_list, write_code, write_list
from engine.documents.ring import open_ring, read_ring, rotate, strike
from engine.errors import NotFound
from tests.documents.conftest import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from engine.documents.ring import Ring

SEED = 20261124
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CARRIED = Carried(
    issuer="晋中市榆次区乌金山镇人民政府",
    title="临时救助决定书",
    token=TOKEN,
    issued_on=date(2026, 11, 23),
    code="D10",
    number="晋中民救字〔2026〕8号",
    expires_on=date(2027, 11, 22),
    facts={"amount": "1409.50", "decided_on": "2026-11-20", "person.name": "张**"},
)
#: Key and messages of the COSE working group's examples (ecdsa-examples, sign1-tests) and of RFC 8392, appendix A.3.
EXAMPLE_KEY = (
    "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff",
    "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e",
)
CWT_KEY = (
    "143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f",
    "60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9",
)
HEAD, BODY = "D284", "54546869732069732074686520636F6E74656E742E5840"
SIGNED = "EAE868ECC176883766C5DC5BA5B8DCA25DAB3C2E56A551CE5705B793914348E1"
PLAIN_END = f"{SIGNED}9F43D6C6BA654472DA301B645B293C9BA939295B97C4BDB847782BFF384C5794"
TYPED_END = f"{SIGNED}72727F48461FABBBA2E343492DDECAC3983686250BC68E9F1A7A07D41225B59F"
HOLDS = {
    "ecdsa-sig-01": f"{HEAD}45A201260300A104423131{BODY}{TYPED_END}",
    "sign-pass-03, without tag": f"8443A10126A104423131{BODY}{PLAIN_END}",
}
FAILS = {
    "sign-fail-01, wrong tag": f"D903E68443A10126A104423131{BODY}{PLAIN_END}",
    "sign-fail-02, changed content": f"{HEAD}43A10126A104423131{BODY.replace('742E', '742F')}{PLAIN_END}",
    "sign-fail-03, other algorithm": f"{HEAD}45A1013903E6A104423131{BODY}{PLAIN_END}",
    "sign-fail-04, unknown algorithm": f"{HEAD}4AA10167756E6B6E6F776EA104423131{BODY}{PLAIN_END}",
    "sign-fail-06, added head": f"{HEAD}45A201260300A104423131{BODY}{PLAIN_END}",
    "sign-fail-07, removed head": f"{HEAD}43A10126A104423131{BODY}{TYPED_END}",
    # Passes for the working group. Here an algorithm outside what is signed is not believed.
    "sign-pass-01, unprotected algorithm": f"{HEAD}41A0A2012604423131{BODY}{SIGNED}"
    "1A02E5F0344BF2D4EE5C7FD75A68A9F5E0B3CC1F1FC1409C189566586FF9D610",
}
CWT_A3 = (
    "d28443a10126a104524173796d6d657472696345434453413235365850a701756"
    "36f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f"
    "61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0051a5610d9"
    "f0061a5610d9f007420b7158405427c1ff28d23fbad1f29c4c7c6a555e601d6fa2"
    "9f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9"
    "b63632c57209120e1c9e30"
)


def public_key(x: str, y: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicNumbers(int(x, 16), int(y, 16), ec.SECP256R1()).public_key()


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return open_ring(tmp_path / "codes")


@pytest.fixture
def code(ring: Ring) -> str:
    return write_code(CARRIED, ring.private(ring.at(NOW)))


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")],
)
def test_base45_vectors_of_the_standard(content: bytes, text: str) -> None:
    assert encode45(content) == text
    assert decode45(text) == content


@pytest.mark.parametrize("text", ["A", "GGW", "::::", ":::", "::", "bb8", "BB8\n", "ÄB8"])
def test_base45_reads_only_what_it_writes(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode45(text)


def test_base45_both_ways() -> None:
    chance = random.Random(SEED)
    for size in range(200):
        content = chance.randbytes(size)
        assert decode45(encode45(content)) == content
        assert set(encode45(content)) <= set(LETTERS)


@pytest.mark.parametrize("name", HOLDS)
def test_cose_vectors_that_hold(name: str) -> None:
    signed = open1(bytes.fromhex(HOLDS[name]))
    assert signed.holds(public_key(*EXAMPLE_KEY))
    assert signed.payload == b"This is the content."
    assert signed.key == b"11"


@pytest.mark.parametrize("name", FAILS)
def test_cose_vectors_that_fail(name: str) -> None:
    try:
        signed = open1(bytes.fromhex(FAILS[name]))
    except NotSigned:
        return
    assert not signed.holds(public_key(*EXAMPLE_KEY))


def test_the_example_of_the_cwt_standard() -> None:
    signed = open1(bytes.fromhex(CWT_A3))
    assert signed.holds(public_key(*CWT_KEY))
    assert claims_of(signed)[1] == "coap://as.example.com"


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_another_library_reads_ours_and_we_read_its(tmp_path: Path, algorithm: Any) -> None:
    ring = open_ring(tmp_path, algorithm)
    entry = ring.at(NOW)
    text = write_code(CARRIED, ring.private(entry))
    theirs = COSEKey.from_pem(entry.public, kid=entry.name)
    claims = cwt.decode(decode45(text.removeprefix("BJ1:")), theirs)
    assert claims[1] == CARRIED.issuer
    assert claims[7] == TOKEN.encode()
    assert claims[-3] == CARRIED.facts

    pem = ring.private(entry).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = COSEKey.from_pem(pem, kid=entry.name)
    made = COSE.new().encode(
        cbor2.dumps(claims),
        signer,
        protected={COSEHeaders.ALG: getattr(COSEAlgs, algorithm.upper()), COSEHeaders.KID: entry.name},
    )
    told = read_code("BJ1:" + encode45(made), ring.trusted(), NOW)
    assert told.outcome == "genuine"
    assert told.carried == CARRIED


def test_a_code_tells_what_the_paper_tells(ring: Ring, code: str) -> None:
    told = read_code(code, ring.trusted(), NOW)
    assert told.outcome == "genuine"
    assert told.carried == CARRIED
    assert told.key == ring.entries[0].key
    assert code == write_code(CARRIED, ring.private(ring.entries[0])), "the same paper, the same code"


def test_one_changed_character_or_byte_is_noticed(ring: Ring, code: str) -> None:
    keys = ring.trusted()
    chance = random.Random(SEED)
    for place in range(len(code)):
        other = chance.choice([letter for letter in LETTERS if letter != code[place]])
        told = read_code(code[:place] + other + code[place + 1 :], keys, NOW)
        assert told.outcome in ("altered", "foreign", "unreadable"), f"character {place} (seed {SEED})"
        assert told.carried is None
    content = decode45(code.removeprefix("BJ1:"))
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        told = read_code("BJ1:" + encode45(bytes(changed)), keys, NOW)
        assert told.outcome in ("altered", "foreign", "unreadable"), f"byte {place} (seed {SEED})"


def test_foreign_revoked_replaced_expired_and_replayed_are_told_apart(
    ring: Ring, code: str, tmp_path: Path
) -> None:
    keys = ring.trusted()
    own = ring.private(ring.entries[0])
    foreign = open_ring(tmp_path / "foreign")
    forged = write_code(CARRIED, foreign.private(foreign.entries[0]))
    assert read_code(forged, keys, NOW).outcome == "foreign"

    # A foreign key that claims the name of ours.
    body = cbor2.loads(decode45(forged.removeprefix("BJ1:")))
    body.value[0] = cbor2.dumps({1: -7, 4: ring.entries[0].name}, canonical=True)
    stolen = "BJ1:" + encode45(cbor2.dumps(body, canonical=True))
    assert read_code(stolen, keys, NOW).outcome == "altered"

    for state in ("revoked", "replaced", "expired"):
        listed = read_list(write_list({TOKEN: state, "OTHERWORD": "revoked"}, NOW, own), keys)
        assert read_code(code, keys, NOW, revoked=listed).outcome == state
        assert listed.made_at == NOW
    unlisted = read_list(write_list({"OTHERWORD": "revoked"}, NOW, own), keys)
    assert read_code(code, keys, NOW, revoked=unlisted).outcome == "genuine"

    last = datetime(2027, 11, 22, 15, 59, 59, tzinfo=UTC)
    assert read_code(code, keys, last).outcome == "genuine", "the last day counts to its end in China"
    assert read_code(code, keys, last + timedelta(seconds=1)).outcome == "expired"

    other = replace(CARRIED, token="ZZZZM9XW4RTB8HNCPDFG", number="晋中民救字〔2026〕9号")
    replayed = read_code(write_code(other, own), keys, NOW)
    assert replayed.outcome == "genuine"
    assert replayed.carried is not None
    assert replayed.carried.token != TOKEN, "the word printed on the paper tells whose code it is"


@pytest.mark.parametrize(
    "content",
    ["", "BJ1:", "https://banjian.example.cn/verify/X", "BJ1:" + "0" * 5000, "BJ1:ABC", "BJ2:" + "0" * 90],
)
def test_anything_else_is_unreadable(ring: Ring, content: str) -> None:
    assert read_code(content, ring.trusted(), NOW).outcome == "unreadable"


def test_hostile_payloads_end_in_a_judgement(ring: Ring) -> None:
    chance = random.Random(SEED)
    frames = [
        b"\xd2" + b"\x84" * 200,
        b"\x9f" * 300 + b"\xff" * 300,
        cbor2.dumps([b"\xa1\x01\x26", {}, b"x", b"y"]),
        cbor2.dumps([b"\xa2\x01\x26\x02\x81\x04", {}, b"x", b"y" * 64]),
        cbor2.dumps([b"\xa1\x01\x26", 5, b"x", b"y"]),
        cbor2.dumps({1: 2}) * 20,
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff" + b"x" * 20,
        *(chance.randbytes(chance.randrange(10, 120)) for _ in range(3000)),
    ]
    for frame in frames:
        told = read_code("BJ1:" + encode45(frame), ring.trusted(), NOW)
        assert told.outcome in ("unreadable", "foreign", "altered")


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {1: "a", -1: "b", 6: -5, 7: b"x"},
        {1: "a", -1: "b", 6: True, 7: b"x"},
        {1: "a", -1: 5, 6: 1, 7: b"x"},
        {1: "a", -1: "b", 6: 1, 7: "x"},
        {1: "a", -1: "b", 6: 1, 7: b"x", -3: [1]},
        {1: "a", -1: "b", 6: 1, 7: b"\xff"},
        {1: "a" * 301, -1: "b", 6: 1, 7: b"x"},
    ],
)
def test_signed_nonsense_is_unreadable(ring: Ring, claims: dict[int, Any]) -> None:
    text = "BJ1:" + encode45(sign1(claims, ring.private(ring.entries[0])))
    assert read_code(text, ring.trusted(), NOW).outcome == "unreadable"


def test_facts_without_room_are_left_out_and_counted(ring: Ring) -> None:
    many = replace(CARRIED, facts={f"fact{number}": "长" * 40 for number in range(20)})
    text = write_code(many, ring.private(ring.entries[0]))
    assert len(text) <= offline.LONGEST
    told = read_code(text, ring.trusted(), NOW).carried
    assert told is not None
    assert told.left_out == 20 - len(told.facts) > 0
    with pytest.raises(offline.TooLong):
        write_code(replace(CARRIED, title="长" * 300), ring.private(ring.entries[0]))


def test_keys_follow_each_other_and_old_papers_stay_readable(ring: Ring, code: str) -> None:
    turn = NOW + timedelta(days=1)
    turned = rotate(ring.folder, turn)
    assert len(turned.entries) == 2
    assert turned.at(turn - timedelta(seconds=1)) == ring.entries[0], (
        "a message from before the turn, tried again"
    )
    new = turned.at(turn)
    assert new != ring.entries[0]
    assert read_code(code, turned.trusted(), turn).outcome == "genuine"
    fresh = write_code(CARRIED, turned.private(new))
    assert read_code(fresh, turned.trusted(), turn).outcome == "genuine"
    assert read_code(fresh, ring.trusted(), turn).outcome == "foreign", "a page from before the turn"
    assert read_ring(ring.folder) == turned


def test_a_struck_key_is_believed_no_more(ring: Ring, code: str) -> None:
    after = strike(ring.folder, ring.entries[0].key, NOW, "lost")
    assert read_code(code, after.trusted(), NOW, struck=after.struck()).outcome == "struck"
    assert after.at(NOW).key != ring.entries[0].key, "a new one takes over"
    with pytest.raises(NotFound):
        strike(ring.folder, ring.entries[0].key, NOW, "twice")


def test_private_keys_are_closed_to_others(ring: Ring) -> None:
    for path in ring.folder.glob("*.key.pem"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_forged_list_is_refused(ring: Ring, tmp_path: Path) -> None:
    foreign = open_ring(tmp_path / "foreign")
    with pytest.raises(NotSigned):
        read_list(write_list({}, NOW, foreign.private(foreign.entries[0])), ring.trusted())
    good = bytearray(write_list({TOKEN: "revoked"}, NOW, ring.private(ring.entries[0])))
    good[-70] ^= 1
    with pytest.raises(NotSigned):
        read_list(bytes(good), ring.trusted())
