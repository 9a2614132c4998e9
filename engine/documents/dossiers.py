"""A case's dossier as one file for the archive, readable and verifiable without Banjian.

Papers as they were issued (PDF/A), data as JSON, materials, the journal with its hashes, the process in the version
that decided; a manifest with the hash of each file, in order with page numbers; a signature over the manifest; and
`verify.py`, which needs nothing but Python. The same closed case gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.access import engine_actor
from engine.commands import ArchiveCase, KeepDossier
from engine.documents import verify_dossier
from engine.documents.cose import key_print, public_bytes, raw_signature
from engine.documents.dossier_files import Item, collect
from engine.documents.ring import FOLDER, open_ring
from engine.documents.verify_dossier import FORMAT, MANIFEST, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.access import Actor
    from engine.office import Office

ARCHIVIST = engine_actor("archivist")
README = """办件档案 {case}

verify.py 用 Python 标准库核验本档案：python verify.py 文件夹或压缩包 --key 密钥指纹
密钥指纹应向归档机关索取，不应取自本档案。manifest.json 列出全部文件、顺序、页码和校验值。

This is the dossier of case {case}. verify.py checks it with nothing but Python: python verify.py DOSSIER --key PRINT
Ask the office for the print of its key; do not take it from here. manifest.json lists all files with their hashes.
"""
#: A day before which no archive format can put a file.
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def archive(
    office: Office, actor: Actor, command: str, number: str, now: datetime, retention: str = "30"
) -> bytes:
    """Archive a closed case: the actor's command, the file, its place in the vault, and that it is there."""
    told = office.bus.execute(ArchiveCase(command, number, retention), actor, now).values
    keeping = f"kept:{command}"
    if (known := _kept(office, number, keeping)) is not None:
        return office.vault.get(known)
    content, manifest = make(office, number, told)
    name = office.vault.put(content)
    office.bus.execute(KeepDossier(keeping, number, name, len(content), manifest), ARCHIVIST, now)
    return content


def _kept(office: Office, number: str, command: str) -> str | None:
    with office.store.reading() as reader:
        found = reader.rows("SELECT body FROM journal WHERE chain = ? AND command = ?", (number, command))
    return str(json.loads(found[0][0])["sha256"]) if found else None


def make(office: Office, number: str, told: Mapping[str, Any]) -> tuple[bytes, str]:
    """The dossier as a zip file, and the hash of its manifest."""
    case, items, end = collect(office, number, told["entries"])
    items.append(Item("README.txt", README.format(case=number).encode(), "record", "说明", "text/plain"))
    script = Path(verify_dossier.__file__).read_bytes()
    items.append(Item("verify.py", script, "record", "核验程序", "text/x-python"))
    manifest = {
        "format": FORMAT,
        "case": number,
        "title": case.title,
        "process": case.process,
        "archived_at": told["at"],
        "retention": told["retention"],
        "files": list(_listed(items)),
        "journal": end,
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    files = {item.path: item.content for item in items}
    files[MANIFEST] = content
    files[SIGNATURE] = _sign(office, content, datetime.fromisoformat(told["at"]))
    return _pack(files, datetime.fromisoformat(told["at"])), hashlib.sha256(content).hexdigest()


def _listed(items: list[Item]) -> Iterator[dict[str, Any]]:
    page = 1
    for order, item in enumerate(items, 1):
        entry: dict[str, Any] = {
            "order": order,
            "path": item.path,
            "title": item.title,
            "kind": item.kind,
            "media_type": item.media_type,
            "size": len(item.content),
            "sha256": hashlib.sha256(item.content).hexdigest(),
        }
        if item.number:
            entry["number"] = item.number
        if item.pages:
            entry |= {"pages": item.pages, "first_page": page}
            page += item.pages
        yield entry


def _sign(office: Office, content: bytes, at: datetime) -> bytes:
    ring = open_ring(office.settings.data / "keys" / FOLDER)
    entry = ring.at(at)
    public = ring.public(entry)
    told = {
        "algorithm": entry.algorithm,
        "key": key_print(public).hex(),
        "public": base64.b64encode(public_bytes(public)).decode(),
        "value": base64.b64encode(raw_signature(content, ring.private(entry))).decode(),
    }
    return json.dumps(told, indent=1).encode()


def _pack(files: Mapping[str, bytes], at: datetime) -> bytes:
    stamp = max(at.timetuple()[:6], _EARLIEST)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for path, content in files.items():
            info = zipfile.ZipInfo(path, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive_file.writestr(info, content)
    return target.getvalue()
