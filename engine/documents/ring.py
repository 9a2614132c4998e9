"""The keys of codes: one in force, the ones before it kept, so that old papers stay readable.

A ring is a folder with `ring.json` and one PEM file for each private key. Which key signs is decided by the moment that a
document carries, not by the machine's clock: carried out again after a rotation, the same message gives the same bytes.
A key that got into wrong hands is struck: nothing that names it is believed any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, cast

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from engine.documents.cose import PrivateKey, PublicKey, algorithm_of, key_print
from engine.documents.keys import held, write_private, write_public
from engine.errors import NotFound

if TYPE_CHECKING:
    from pathlib import Path

Algorithm = Literal["ES256", "EdDSA"]
#: Where the ring of an installation's codes lies, below its keys.
FOLDER = "codes"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key of the ring; it signs what carries a moment from `begins` on, until the next one begins."""

    key: str
    algorithm: Algorithm
    public: str  # PEM
    begins: datetime
    struck: datetime | None = None
    reason: str | None = None

    @property
    def name(self) -> bytes:
        """The key's print, as codes name it."""
        return bytes.fromhex(self.key)


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys of a folder, oldest first."""

    folder: Path
    entries: tuple[Entry, ...]

    def at(self, moment: datetime) -> Entry:
        """The key in force at a moment; what is older than the first key is signed by the first."""
        found = [entry for entry in self.entries if entry.begins <= moment and entry.struck is None]
        living = [entry for entry in self.entries if entry.struck is None]
        if not living:
            raise NotFound(kind="key", id=str(self.folder.name))
        return found[-1] if found else living[0]

    def private(self, entry: Entry) -> PrivateKey:
        """The private half; only the printing process asks for it."""
        content = (self.folder / f"{entry.key}.key.pem").read_bytes()
        return cast("PrivateKey", serialization.load_pem_private_key(content, password=None))

    def public(self, entry: Entry) -> PublicKey:
        """The public half."""
        return cast("PublicKey", serialization.load_pem_public_key(entry.public.encode()))

    def trusted(self) -> dict[bytes, PublicKey]:
        """Every key that is still believed, by its print."""
        return {entry.name: self.public(entry) for entry in self.entries if entry.struck is None}

    def struck(self) -> dict[bytes, Entry]:
        """The keys that are not believed any more."""
        return {entry.name: entry for entry in self.entries if entry.struck is not None}


def read_ring(folder: Path) -> Ring:
    """The ring of a folder as it stands; empty where there is none yet."""
    path = folder / "ring.json"
    if not path.exists():
        return Ring(folder, ())
    return Ring(folder, tuple(msgspec.json.decode(path.read_bytes(), type=list[Entry])))


def open_ring(folder: Path, algorithm: Algorithm = "ES256") -> Ring:
    """The ring of a folder, with a first key made unless it has one; safe when several processes begin at once."""
    ring = read_ring(folder)
    if ring.entries:
        return ring
    with held(folder):
        ring = read_ring(folder)
        return ring if ring.entries else _grow(ring, datetime.fromtimestamp(0, UTC), algorithm)


def rotate(folder: Path, begins: datetime, algorithm: Algorithm = "ES256") -> Ring:
    """Add a key that is in force from `begins` on; the ones before it stay readable."""
    open_ring(folder, algorithm)
    with held(folder):
        return _grow(read_ring(folder), begins, algorithm)


def strike(folder: Path, key: str, moment: datetime, reason: str) -> Ring:
    """Take the trust from a key. The last living key is followed by a new one at once."""
    with held(folder):
        ring = read_ring(folder)
        if not any(entry.key == key and entry.struck is None for entry in ring.entries):
            raise NotFound(kind="key", id=key)
        entries = tuple(
            msgspec.structs.replace(entry, struck=moment, reason=reason) if entry.key == key else entry
            for entry in ring.entries
        )
        ring = Ring(folder, entries)
        if not ring.trusted():
            return _grow(ring, moment, "ES256")
        _write(ring)
        return ring


def _grow(ring: Ring, begins: datetime, algorithm: Algorithm) -> Ring:
    key: PrivateKey
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else ed25519.Ed25519PrivateKey.generate()
    )
    public = key.public_key()
    algorithm_of(public)
    name = key_print(public).hex()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    write_private(ring.folder / f"{name}.key.pem", key)
    entries = sorted((*ring.entries, Entry(name, algorithm, pem, begins)), key=lambda entry: entry.begins)
    grown = Ring(ring.folder, tuple(entries))
    _write(grown)
    return grown


def _write(ring: Ring) -> None:
    content = msgspec.json.format(msgspec.json.encode(list(ring.entries)), indent=2)
    write_public(ring.folder / "ring.json", content)
