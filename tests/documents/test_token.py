"""Time stamps from an authority of our own, and keys in a real PKCS#11 token (SoftHSM)."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from engine.documents.pades import read_trust
from engine.documents.press import Press
from engine.documents.refusal import DocumentRefused
from engine.documents.seals import check_seal
from tests.documents.authority import stamping
from tests.documents.conftest import ROOT, make_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.documents.jobs import Sealing

SEED = 20261125
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")
ISSUER = "晋中市榆次区民政局"


@pytest.fixture(scope="module")
def stamps(keys: Path) -> Iterator[str]:
    with stamping(keys / "trust") as address:
        yield address


@pytest.fixture(scope="module")
def stamped(press: Press, sealing: Sealing, stamps: str) -> bytes:
    return press.work(make_job(sealing=replace(sealing, stamps=stamps))).content


def test_a_stamped_paper_proves_its_moment_for_good(stamped: bytes, keys: Path, sealing: Sealing) -> None:
    seal = check_seal(stamped, read_trust(keys))
    assert seal.good
    assert seal.signed_at == sealing.at
    assert seal.stamped_at is not None
    assert abs(seal.stamped_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert b"/DSS" in stamped, "certificates and revocation lists are kept with the paper"
    assert b"/CRLs" in stamped
    assert b"ETSI.RFC3161" in stamped, "a stamp over all of it"


def test_every_changed_byte_of_a_stamped_paper_is_noticed(stamped: bytes, keys: Path) -> None:
    chance = random.Random(SEED)
    trust = read_trust(keys)
    dss = stamped.index(b"/DSS")
    for number in range(120):
        place = chance.randrange(len(stamped)) if number % 2 else chance.randrange(dss, len(stamped))
        changed = bytearray(stamped)
        changed[place] ^= 1 << chance.randrange(8)
        assert not check_seal(bytes(changed), trust).good, f"byte {place} (seed {SEED})"
    assert not check_seal(stamped + b"\n% more\n", trust).good


def added(pdf: bytes) -> dict[str, range]:
    """What stands behind the seal, part by part: everything that was added to prove it for the long term."""
    signed = [
        tuple(map(int, found)) for found in re.findall(rb"/ByteRange \[(\d+) +(\d+) +(\d+) +(\d+)", pdf)
    ]
    begin = min(rest + more for _, _, rest, more in signed)
    assert begin < len(pdf)
    _, gap, rest, _ = max(signed, key=lambda one: one[1])
    content = bytes.fromhex(pdf[gap + 1 : rest - 1].decode()).rstrip(b"\0")
    filled = gap + 1 + 2 * len(content)
    streams = [
        found.span(1)
        for found in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
        if found.start() > begin
    ]
    parts = {f"stream {place}": range(*span) for place, span in enumerate(streams)}
    ends = {"objects": range(begin, gap), "stamp": range(gap, filled), "unused room": range(filled, rest)}
    return {
        **parts,
        **ends,
        "behind the stamp": range(rest, len(pdf)),
        "last line": range(len(pdf) - 30, len(pdf)),
    }


def test_every_part_that_was_added_after_the_seal_is_covered(stamped: bytes, keys: Path) -> None:
    """One flipped bit in the lists, certificates, stamps, tables and even the zeros behind them is found."""
    chance, trust = random.Random(SEED), read_trust(keys)
    parts = added(stamped)
    assert len(parts) >= 8, parts
    tries = 150 if os.environ.get("BANJIAN_THOROUGH") == "1" else 5
    found = 0
    for name, places in parts.items():
        for place in chance.sample(places, min(tries, len(places))):
            changed = bytearray(stamped)
            changed[place] ^= 1 << chance.randrange(8)
            assert not check_seal(bytes(changed), trust).good, f"{name}: byte {place} (seed {SEED})"
            found += 1
    print(f"\n{found} flipped bits in {len(parts)} parts behind the seal, all found (seed {SEED})")


def test_a_stamp_of_an_unknown_authority_does_not_cover(stamped: bytes, keys: Path, tmp_path: Path) -> None:
    shutil.copytree(keys, tmp_path / "keys", ignore=shutil.ignore_patterns("trust"))
    seal = check_seal(stamped, read_trust(tmp_path / "keys"))
    assert seal.stamped_at is None
    assert not seal.good


def test_no_answer_of_the_authority_is_no_document(press: Press, sealing: Sealing) -> None:
    with pytest.raises(DocumentRefused, match="seal-failed") as caught:
        press.work(make_job(sealing=replace(sealing, stamps="http://127.0.0.1:9/")))
    assert not caught.value.final


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token with one key and certificate, labelled with its issuer; yields its address."""
    pkcs11 = pytest.importorskip("pkcs11")
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed")
    home = tmp_path_factory.mktemp("token")
    (home / "tokens").mkdir()
    (home / "softhsm.conf").write_text(f"directories.tokendir = {home / 'tokens'}\nlog.level = ERROR\n")
    (home / "pin").write_text("4711\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(home / "softhsm.conf")
    try:
        tell = ["softhsm2-util", "--init-token", "--free", "--label", "office seals", "--so-pin", "0000"]
        subprocess.run([*tell, "--pin", "4711"], check=True, capture_output=True)
        _fill(pkcs11, module, home)
        yield (
            f"pkcs11:token=office%20seals?module-path={module}&pin-source=file:{home / 'pin'}&trust={home / 'keys'}"
        )
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


def _fill(pkcs11: object, module: str, home: Path) -> None:
    """Import a certified key, as an office's card comes from its authority."""
    from pkcs11 import Attribute, KeyType, ObjectClass
    from pkcs11 import lib as open_library
    from pkcs11.util.rsa import decode_rsa_private_key

    key, root_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = _certificate("Office Root", root_key, "Office Root", root_key, root=True)
    own = _certificate(ISSUER, key, "Office Root", root_key, root=False)
    (home / "keys" / "trust").mkdir(parents=True)
    (home / "keys" / "trust" / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    with open_library(module).get_token(token_label="office seals").open(rw=True, user_pin="4711") as session:
        session.create_object(
            {
                **decode_rsa_private_key(private),
                Attribute.LABEL: ISSUER,
                Attribute.ID: b"1",
                Attribute.TOKEN: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.PRIVATE: True,
                Attribute.SIGN: True,
                Attribute.KEY_TYPE: KeyType.RSA,
                Attribute.CLASS: ObjectClass.PRIVATE_KEY,
            }
        )
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: 0,
                Attribute.TOKEN: True,
                Attribute.LABEL: ISSUER,
                Attribute.ID: b"1",
                Attribute.SUBJECT: own.subject.public_bytes(),
                Attribute.VALUE: own.public_bytes(serialization.Encoding.DER),
            }
        )


def _certificate(
    common: str, key: rsa.RSAPrivateKey, issuer: str, signer: rsa.RSAPrivateKey, *, root: bool
) -> x509.Certificate:
    begin = datetime.now(UTC) - timedelta(days=1)
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not root,
                content_commitment=not root,
                key_cert_sign=root,
                crl_sign=root,
                **usage,
            ),
            critical=True,
        )
        .sign(signer, hashes.SHA256())
    )


def test_a_key_in_a_token_seals(token: str, sealing: Sealing, tmp_path: Path) -> None:
    own = replace(sealing, keys=token, issuer=ISSUER)
    with Press(tmp_path, law=ROOT / "policies" / "law" / "jinzhong") as press:
        done = press.work(make_job(sealing=own))
        assert press.work(make_job(sealing=own)).content == done.content
        trust = read_trust(Path(token.partition("&trust=")[2]))
        seal = check_seal(done.content, trust)
        assert seal.good
        assert seal.signer == ISSUER
        assert done.signed_by is not None
        with pytest.raises(DocumentRefused, match="seal-failed"):
            press.work(make_job(sealing=replace(own, issuer="晋中市民政局")))
        assert press.work(make_job(sealing=own)).content == done.content, "the session is still good"
    with Press(tmp_path, law=ROOT / "policies" / "law" / "jinzhong") as press:
        (tmp_path / "pin").write_text("0815")
        wrong = token.replace("pin-source=file:", f"pin-source={tmp_path / 'pin'}&was=")
        with pytest.raises(DocumentRefused, match="seal-failed") as caught:
            press.work(make_job(sealing=replace(own, keys=wrong)))
        assert "0815" not in str(caught.value)
        assert "0815" not in str(caught.value.values)
