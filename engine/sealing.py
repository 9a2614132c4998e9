"""Finished days are sealed: one root over the ends of all journals, signed and kept in files outside the database.

Whoever can change the database can rewrite a journal and its heads, but not the roots that were signed before; copies of
the folder `roots/` kept elsewhere make even the removal of a whole case show.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.access import engine_actor
from engine.commands import SealDay
from engine.errors import CommandInvalid, Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from engine.office import Office

SEALER = engine_actor("sealing")


@dataclass(frozen=True, slots=True)
class Root:
    """One day's root as its file holds it; `signed` tells whether the signature is right."""

    day: str
    chains: int
    root: str
    signed: bool


def seal_days(office: Office, now: datetime) -> list[date]:
    """Seal every finished day (Asia/Shanghai) since the first journal entry that has no root; the days sealed now."""
    sealed = []
    for day in _open_days(office, now):
        try:
            told = office.bus.execute(SealDay(f"seal:{day.isoformat()}", day), SEALER, now)
        except Conflict:
            continue
        except CommandInvalid:
            break  # the day is not quite over
        _keep(office.settings.data, {"day": told["day"], "chains": told["chains"], "root": told["root"]})
        sealed.append(day)
    return sealed


def read_roots(data: Path) -> list[Root]:
    """The roots that were kept, by day."""
    folder = data / "roots"
    public = folder / "journal.pub.pem"
    if not public.is_file():
        return []
    key = serialization.load_pem_public_key(public.read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    return [_read(path, key) for path in sorted(folder.glob("*.json"))]


def differing(office: Office) -> Iterator[str]:
    """Days whose kept root is not signed by us, or is not what the database says."""
    with office.store.reading() as reader:
        known = {row[0]: bytes(row[1]).hex() for row in reader.rows("SELECT day, hash FROM root")}
    kept = {root.day: root for root in read_roots(office.settings.data)}
    for day, root in kept.items():
        if not root.signed or known.get(day) != root.root:
            yield day
    yield from (day for day in known if day not in kept)


def _open_days(office: Office, now: datetime) -> Iterator[date]:
    zone = office.settings.zone
    with office.store.reading() as reader:
        first = reader.rows("SELECT at FROM journal ORDER BY at LIMIT 1")
        done = {row[0] for row in reader.rows("SELECT day FROM root")}
    if not first:
        return
    day = first[0][0].astimezone(zone).date()
    today = now.astimezone(zone).date()
    while day < today:
        if day.isoformat() not in done:
            yield day
        day += timedelta(days=1)


def _keep(data: Path, content: dict[str, object]) -> None:
    """Write the root and its signature; a half-written file is never seen under its name."""
    folder = data / "roots"
    folder.mkdir(parents=True, exist_ok=True)
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    signature = _key(data).sign(text).hex()
    path = folder / f"{content['day']}.json"
    half = path.with_suffix(".half")
    half.write_bytes(orjson.dumps({**content, "signature": signature}, option=orjson.OPT_SORT_KEYS))
    half.replace(path)


def _read(path: Path, key: Ed25519PublicKey) -> Root:
    content = orjson.loads(path.read_bytes())
    signature = bytes.fromhex(content.pop("signature"))
    try:
        key.verify(signature, orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
        signed = True
    except InvalidSignature:
        signed = False
    return Root(content["day"], content["chains"], content["root"], signed)


def _key(data: Path) -> Ed25519PrivateKey:
    """The signing key, made at its first use; its public half lies beside the roots."""
    path = data / "keys" / "journal.pem"
    if path.is_file():
        found = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(found, Ed25519PrivateKey)
        return found
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (data / "roots" / "journal.pub.pem").write_bytes(public)
    return key
