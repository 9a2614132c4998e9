"""Prints as files: a marked duplicate of one paper, sealed as such, or a batch with its cover sheet.

Called after the command that wrote down who prints what and why; called again, it gives the same file.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.access import engine_actor
from engine.commands import KeepDuplicate
from engine.documents.gather import Gathering, Part
from engine.documents.handler import seal_address
from engine.documents.jobs import Job, Page, Sealing
from engine.documents.press import house
from engine.errors import CommandInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.office import Office

PRINTER = engine_actor("printer")
SHARED = ("templates/_shared/mark.html", "templates/_shared/cover.html")


def print_duplicate(office: Office, told: Mapping[str, Any], now: datetime) -> bytes:
    """The file of a marked duplicate, from the answer of PrintDocument; kept, so that it is known when it is shown."""
    kept = _kept(office, str(told["impression"]))
    if kept is not None:
        return office.vault.get(kept)
    work = Gathering((_part(office, told),))
    content = _press(office, work, told, sealed=True)
    name = office.vault.put(content)
    command = KeepDuplicate(f"kept:{told['impression']}", str(told["impression"]), name, len(content))
    office.bus.execute(command, PRINTER, now)
    return content


def _kept(office: Office, impression: str) -> str | None:
    with office.store.reading() as reader:
        found = reader.rows("SELECT sha256 FROM impression WHERE id = ?", (impression,))
    return str(found[0][0]) if found and found[0][0] else None


def print_batch(office: Office, batch: str, by: str, told: Sequence[Mapping[str, Any]]) -> bytes:
    """One file for a run of prints, from the answers of PrintDocument in their order."""
    if not told:
        raise CommandInvalid(reason="nothing-to-print")
    rows = [
        {
            "title": one["title"]["zh"],
            **{name: one[name] for name in ("number", "case", "kind", "n", "serial")},
        }
        for one in told
    ]
    cover = {"batch": batch, "by": by, "at": told[0]["at"], "rows": rows, "pages": 0}
    work = Gathering(tuple(_part(office, one) for one in told), cover)
    return _press(office, work, told[0], sealed=False)


def _part(office: Office, told: Mapping[str, Any]) -> Part:
    mark = None
    if told["kind"] == "duplicate":
        on = datetime.fromisoformat(str(told["at"])).astimezone(office.settings.zone).date()
        mark = {"n": told["n"], "on": on, "serial": told["serial"]}
    return Part(office.vault.get(str(told["sha256"])), mark)


def _press(office: Office, work: Gathering, told: Mapping[str, Any], *, sealed: bool) -> bytes:
    settings = office.settings
    files = {name: (settings.root / name).read_bytes() for name in SHARED}
    document = {"token": told["impression"], "issued_on": told["at"], "code": told["code"]}
    page = Page(SHARED[0].removeprefix("templates/"), {"number": told["case"]}, {}, document)
    issuer = str(told["issuer"])
    address = seal_address(settings, issuer) if sealed else None
    at = datetime.fromisoformat(str(told["at"]))
    reason = f"副本 {told['impression']}"
    sealing = Sealing(address, at, issuer, reason, settings.stamps) if address else None
    name = hashlib.sha256(b"".join(files.values())).hexdigest()
    job = Job(f"gather:{name}", files, page, sealing, gathering=work)
    return house(settings).work(job, timeout=30 + 2.0 * len(work.parts)).content
