#!/usr/bin/env python3
"""Check an archived dossier (folder or .zip) with nothing but Python's standard library.

    python verify_dossier.py DOSSIER [--key PRINT ...]

Looks at every file against the manifest, at the manifest's signature, at the chain of the journal, and at the issued
documents against the journal. `--key` is the print of a key that you trust (16 figures, from the office, not from the
dossier); without one the signature is checked against the key inside the dossier and said to be unconfirmed.
Exit code: 0 all holds, 1 something does not, 2 no dossier.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Point = tuple[int, int]
    Extended = tuple[int, int, int, int]

FORMAT = "banjian-dossier/1"
MANIFEST, SIGNATURE, JOURNAL = "manifest.json", "manifest.sig.json", "journal.jsonl"

# --- NIST P-256, verification of ECDSA with SHA-256 --------------------------------------------------------------
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
#: SubjectPublicKeyInfo of a P-256 key up to its point; of an Ed25519 key up to its 32 bytes.
P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
ED_HEAD = bytes.fromhex("302a300506032b6570032100")


def add(p: Point | None, q: Point | None) -> Point | None:
    """The sum of two points of P-256; None is the neutral one."""
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(number: int, start: Point) -> Point | None:
    """A point added to itself so many times."""
    result: Point | None = None
    point: Point | None = start
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def holds_p256(point: bytes, content: bytes, signature: bytes) -> bool:
    """Whether r and s (64 bytes) are the key's signature over the content."""
    x, y = (int.from_bytes(point[at : at + 32], "big") for at in (0, 32))
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    on_curve = x < P and y < P and (y * y - x * x * x + 3 * x - B) % P == 0
    if len(signature) != 64 or not on_curve or not (0 < r < N and 0 < s < N):
        return False
    digest = int.from_bytes(hashlib.sha256(content).digest(), "big")
    inverse = pow(s, -1, N)
    found = add(times(digest * inverse % N, G), times(r * inverse % N, (x, y)))
    return found is not None and found[0] % N == r


# --- Ed25519 (RFC 8032) ------------------------------------------------------------------------------------------
Q = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q


def ed_add(p: Extended, q: Extended) -> Extended:
    """The sum of two points in extended coordinates."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % Q, (p[1] + p[0]) * (q[1] + q[0]) % Q
    c, d = 2 * p[3] * q[3] * D % Q, 2 * p[2] * q[2] % Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q


def ed_times(number: int, point: Extended) -> Extended:
    """A point added to itself so many times."""
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = ed_add(result, point)
        point = ed_add(point, point)
        number >>= 1
    return result


def ed_point(content: bytes) -> Extended | None:
    """The point that 32 bytes stand for, or None."""
    y = int.from_bytes(content, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= Q:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if (x * x - square) % Q:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    if (x * x - square) % Q or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = Q - x
    return x, y, 1, x * y % Q


def holds_ed25519(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether these 64 bytes are the key's signature over the content."""
    if len(signature) != 64:
        return False
    key, r = ed_point(public), ed_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    base = ed_point((4 * pow(5, -1, Q) % Q).to_bytes(32, "little"))
    if key is None or r is None or base is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + content).digest(), "little") % L
    left, right = ed_times(s, base), ed_add(r, ed_times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % Q == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % Q == 0


# --- The dossier -------------------------------------------------------------------------------------------------
def read(place: Path) -> dict[str, bytes]:
    """Path -> bytes of everything in the dossier."""
    if place.is_dir():
        files = sorted(path for path in place.rglob("*") if path.is_file())
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise ValueError("a name stands twice in the archive")
        return {name: archive.read(name) for name in names}


def read_manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The manifest; ValueError for one that this script does not know."""
    manifest: dict[str, Any] = json.loads(files[MANIFEST])
    if manifest["format"] != FORMAT:
        raise ValueError("unknown format")
    return manifest


def check_signature(files: dict[str, bytes], trusted: set[str]) -> tuple[list[str], str]:
    """What is wrong with the manifest's signature, and the print of the key that made it."""
    told = json.loads(files[SIGNATURE])
    public, value = base64.b64decode(told["public"]), base64.b64decode(told["value"])
    name = hashlib.sha256(public).hexdigest()[:16]
    content = files[MANIFEST]
    if public.startswith(P256_HEAD) and len(public) == len(P256_HEAD) + 64:
        good = holds_p256(public[len(P256_HEAD) :], content, value)
    elif public.startswith(ED_HEAD) and len(public) == len(ED_HEAD) + 32:
        good = holds_ed25519(public[len(ED_HEAD) :], content, value)
    else:
        return ["the signature's key is of an unknown kind"], name
    if not good:
        return ["the signature of the manifest does not hold"], name
    if trusted and name not in trusted:
        return [f"the manifest is signed by a key that you do not trust: {name}"], name
    return [], name


def check_files(files: dict[str, bytes], manifest: dict[str, Any]) -> Iterator[str]:
    """Files that are missing, changed, or more than the manifest says."""
    listed = {entry["path"]: entry for entry in manifest["files"]}
    for path, entry in listed.items():
        content = files.get(path)
        if content is None:
            yield f"missing: {path}"
        elif len(content) != entry["size"] or hashlib.sha256(content).hexdigest() != entry["sha256"]:
            yield f"changed: {path}"
    for path in files:
        if path not in listed and path not in (MANIFEST, SIGNATURE):
            yield f"not in the manifest: {path}"


def check_journal(files: dict[str, bytes], manifest: dict[str, Any]) -> Iterator[str]:
    """Where the chain of the journal breaks, and documents that it does not know as they are."""
    before, known = bytes(32), set()
    entries = [json.loads(line) for line in files[JOURNAL].decode().splitlines()]
    for number, entry in enumerate(entries, 1):
        moment = datetime.fromisoformat(entry["at"]).astimezone(timezone.utc)  # noqa: UP017 -- also for old Pythons
        row = [
            entry["chain"],
            entry["seq"],
            moment.isoformat(timespec="microseconds"),
            entry["actor"],
            entry["actor_name"],
            entry["kind"],
            entry["command"],
            entry["body"],
        ]
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(before + text.encode()).digest()
        if entry["seq"] != number or entry["chain"] != manifest["case"] or before.hex() != entry["hash"]:
            yield f"the journal breaks at entry {number}"
            return
        if entry["kind"] == "issued":
            known.add(json.loads(entry["body"])["sha256"])
    if len(entries) != manifest["journal"]["entries"] or before.hex() != manifest["journal"]["head"]:
        yield "the journal does not end as the manifest says"
    for entry in manifest["files"]:
        if entry.get("kind") == "document" and entry["sha256"] not in known:
            yield f"the journal knows nothing of this document: {entry['path']}"


def main() -> int:
    """Check one dossier and say what was found."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("dossier", type=Path)
    parser.add_argument("--key", action="append", default=[], help="print of a trusted key")
    chosen = parser.parse_args()
    try:
        files = read(chosen.dossier)
        manifest = read_manifest(files)
        faults, key = check_signature(files, set(chosen.key))
        faults += [*check_files(files, manifest), *check_journal(files, manifest)]
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        print(f"no dossier: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"FAULT {fault}")
    state = "trusted" if chosen.key else "not confirmed (give --key)"
    print(f"case {manifest['case']}, {len(manifest['files'])} files, key {key} {state}")
    print("everything holds" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
