"""The demonstration's seals: each issuer has its own key and certificate, one in force and the ones before it.

As with codes (`ring`), the moment of the document chooses the key, so that a rotation between two tries changes nothing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from engine.documents.keys import certify, held, make_root, new_key, take_back, write_private, write_public
from engine.errors import NotFound

if TYPE_CHECKING:
    from pathlib import Path

SEALS = "seals"


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key of one issuer; it seals what carries a moment from `begins` on, until the issuer's next one begins."""

    name: str
    issuer: str
    certificate: str  # PEM
    begins: datetime
    struck: datetime | None = None
    reason: str | None = None

    @property
    def file(self) -> str:
        """The stem of its files."""
        return self.name.removeprefix("seal:")


def read_seals(keys: Path) -> tuple[Seal, ...]:
    """Every seal of an installation, oldest first."""
    path = keys / SEALS / "seals.json"
    return tuple(msgspec.json.decode(path.read_bytes(), type=list[Seal])) if path.exists() else ()


def seal_at(keys: Path, issuer: str, moment: datetime) -> Seal:
    """The issuer's seal in force at a moment, its first one made if there is none."""
    found = _choose(read_seals(keys), issuer, moment)
    if found is not None:
        return found
    with held(keys):
        make_root(keys)
        seals = read_seals(keys)
        return _choose(seals, issuer, moment) or _make(keys, seals, issuer, datetime.fromtimestamp(0, UTC))


def _choose(seals: tuple[Seal, ...], issuer: str, moment: datetime) -> Seal | None:
    living = [seal for seal in seals if seal.issuer == issuer and seal.struck is None]
    begun = [seal for seal in living if seal.begins <= moment]
    return begun[-1] if begun else living[0] if living else None


def rotate_seal(keys: Path, issuer: str, begins: datetime) -> Seal:
    """Give the issuer a new key, in force from `begins` on."""
    seal_at(keys, issuer, begins)
    with held(keys):
        return _make(keys, read_seals(keys), issuer, begins)


def strike_seal(keys: Path, name: str, moment: datetime, reason: str) -> None:
    """Take the trust from a seal: the root's list names it, and nothing is sealed with it any more."""
    with held(keys):
        seals = read_seals(keys)
        struck = next((seal for seal in seals if seal.name == name and seal.struck is None), None)
        if struck is None:
            raise NotFound(kind="key", id=name)
        certificate = x509.load_pem_x509_certificate(struck.certificate.encode())
        take_back(keys, certificate.serial_number, moment)
        after = msgspec.structs.replace(struck, struck=moment, reason=reason)
        _keep(keys, [after if seal is struck else seal for seal in seals])


def _make(keys: Path, seals: tuple[Seal, ...], issuer: str, begins: datetime) -> Seal:
    folder = keys / SEALS
    folder.mkdir(exist_ok=True, mode=0o700)
    key = new_key()
    certificate = certify(keys, issuer, key.public_key())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    print_ = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()[:16]
    seal = Seal(f"seal:{print_}", issuer, pem.decode(), begins)
    write_private(folder / f"{seal.file}.key.pem", key)
    write_public(folder / f"{seal.file}.cert.pem", pem)
    _keep(keys, sorted((*seals, seal), key=lambda one: one.begins))
    return seal


def _keep(keys: Path, seals: list[Seal]) -> None:
    write_public(keys / SEALS / "seals.json", msgspec.json.format(msgspec.json.encode(seals), indent=2))
