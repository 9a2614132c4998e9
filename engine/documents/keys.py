"""The demonstration's own authority: a root, the certificates it gives to seals, and the list of those it took back.

A real office has its certificates from a public authority and its keys in a token (`token`); this stands in for both.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

ROOT_NAME = "办件演示根证书 Banjian Demonstration Root"
UNIT = "演示专用章 demonstration only"
YEARS = 10
_LIST = "http://banjian.invalid/root.crl"
ROOT, ROOT_KEY, REVOKED = "root.cert.pem", "root.key.pem", "root.crl.pem"
#: Where an office lays the roots and revocation lists of its authorities, beside its own keys.
TRUST = "trust"


def trust_bundle(keys: Path) -> bytes:
    """Roots and revocation lists (PEM): the demonstration's own, where it has them, and all that lies in `trust`."""
    files = [keys / ROOT, keys / REVOKED, *sorted((keys / TRUST).glob("*.pem"))]
    return b"".join(path.read_bytes() for path in files if path.is_file())


def write_private(path: Path, key: PrivateKeyTypes) -> None:
    """Keep a private key where only its owner may read it."""
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(path, content, 0o600)


def write_public(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    _write(path, content, 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The only one who changes the keys of a folder; processes that begin at once wait for each other."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def new_key() -> rsa.RSAPrivateKey:
    """RSA of 3072 bits: signs the same bytes the same way, and every reader of PDF knows it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def make_root(folder: Path) -> None:
    """Make the root below `folder` unless it is there; to be called while the folder is `held`."""
    if (folder / ROOT).exists():
        return
    key = new_key()
    certificate = _certificate(ROOT_NAME, key.public_key(), ROOT_NAME, key, root=True)
    write_private(folder / ROOT_KEY, key)
    _write(folder / REVOKED, revocations(certificate, key, {}, certificate.not_valid_before_utc), 0o644)
    _write(folder / ROOT, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def certify(folder: Path, issuer: str, public: rsa.RSAPublicKey) -> x509.Certificate:
    """A certificate for the key of an issuer's seal, signed by the root below `folder`."""
    return _certificate(issuer, public, ROOT_NAME, _root_key(folder), root=False)


def take_back(folder: Path, serial: int, moment: datetime) -> None:
    """Put a certificate on the root's list of those that hold no more."""
    key, path = _root_key(folder), folder / REVOKED
    root = x509.load_pem_x509_certificate((folder / ROOT).read_bytes())
    known = {one.serial_number: one.revocation_date_utc for one in x509.load_pem_x509_crl(path.read_bytes())}
    _write(path, revocations(root, key, {**known, serial: moment}, moment), 0o644)


def revocations(
    root: x509.Certificate, key: rsa.RSAPrivateKey, taken: dict[int, datetime], moment: datetime
) -> bytes:
    """The root's revocation list as PEM; it holds until the root itself ends, for papers are checked long afterwards."""
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=root.subject, last_update=moment, next_update=root.not_valid_after_utc
    )
    builder = builder.add_extension(x509.CRLNumber(len(taken) + 1), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
    )
    for serial, since in sorted(taken.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _root_key(folder: Path) -> rsa.RSAPrivateKey:
    content = (folder / ROOT_KEY).read_bytes()
    return cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(content, password=None))


def _certificate(
    name: str, public: rsa.RSAPublicKey, issuer: str, signer: rsa.RSAPrivateKey, *, root: bool
) -> x509.Certificate:
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=not root,
        content_commitment=not root,
        key_cert_sign=root,
        crl_sign=root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=366 * YEARS))
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if not root:
        # Only certificates that name a revocation list are looked up in one. This address leads nowhere by design: the
        # list lies beside the root, and readers of ours are handed it.
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(_LIST)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([place]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(common: str) -> x509.Name:
    # X.520 gives a common name 64 places, which readers count in bytes: the name of a village has more.
    short = common.encode()[:64].decode(errors="ignore")
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Banjian"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, short),
        ]
    )
