"""The outbox handler that issues a document: template and data -> printed -> sealed -> in the vault.

Everything that decides the bytes comes from the message (number, token, moment asked, data, pinned templates), so that
a message carried out twice, even on two machines with the same fonts and keys, issues the same bytes under one name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.documents.issuers import issuer_name, read_areas
from engine.documents.jobs import Job, Page, Sealing
from engine.documents.offline import Carried, Coding, shown
from engine.documents.press import house
from engine.documents.refusal import DocumentRefused
from engine.documents.ring import FOLDER as CODES
from engine.documents.sidecar import Sidecar, folder_of, public_facts, read_sidecar
from engine.effects import Issued, LaterError
from engine.errors import VaultFull

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.documents.vault import Vault
    from engine.effects import Effects, Handler, Message
    from engine.settings import Settings


def document_handler(settings: Settings, vault: Vault) -> Handler:
    """The handler of outbox kind `document`."""

    def handle(message: Message, effects: Effects, /) -> Issued:
        files = effects.packages.at(message.package).files
        try:
            sidecar = read_sidecar(files, str(message.case["process"]), str(message.name))
            day = message.asked_at.astimezone(settings.zone).date()
            document = describe(settings, message, sidecar, day)
            done = house(settings).work(job_for(settings, message, sidecar, document, files))
            name = vault.put(done.content)
        except DocumentRefused as refused:
            raise LaterError(refused.code, final=refused.final, **refused.values) from refused
        except VaultFull as full:
            raise LaterError(full.code, **full.values) from full
        return Issued(
            sha256=name,
            size=len(done.content),
            title=sidecar.title,
            issued_on=day,
            public={"issuer": document["issuer"], **public_facts(sidecar, message.input)},
            signed_by=done.signed_by,
        )

    return handle


def job_for(
    settings: Settings,
    message: Message,
    sidecar: Sidecar,
    document: Mapping[str, Any],
    files: Mapping[str, bytes],
) -> Job:
    """What the press is given for one document: the page, the seal, and the code that proves it without network."""
    keys = settings.data / "keys"
    folder = folder_of(files, str(message.case["process"]), str(message.name))
    template = f"{folder}/{message.name}.html"
    return Job(
        message.package,
        files,
        Page(template, message.case, message.input, document),
        sealing_for(settings, message, document) if document["sealed"] else None,
        coding=Coding(str(keys / CODES), message.asked_at, carried_by(message, sidecar, document))
        if sidecar.sealed
        else None,
    )


def sealing_for(settings: Settings, message: Message, document: Mapping[str, Any]) -> Sealing | None:
    """How the office seals for this issuer; None where a real office has no key for it yet."""
    address = seal_address(settings, document["issuer"])
    reason = f"{document['title']} {message.case['number']}"
    if address is None:
        return None
    return Sealing(address, message.asked_at, document["issuer"], reason, settings.stamps)


def seal_address(settings: Settings, issuer: str) -> str | None:
    """The sealer of an issuer: its own, the one for all, or the demonstration's keys."""
    own = settings.seals.get(issuer) or settings.seals.get("*")
    return own or (f"file:{settings.data / 'keys'}" if settings.demonstration else None)


def carried_by(message: Message, sidecar: Sidecar, document: Mapping[str, Any]) -> Carried:
    """What the paper's offline code says: what the paper itself says in public."""
    return Carried(
        issuer=document["issuer"],
        title=document["title"],
        token=str(message.token),
        issued_on=document["issued_on"],
        code=str(message.name),
        number=message.number,
        expires_on=document["valid_until"],
        purpose=document["purpose"],
        facts={name: shown(value) for name, value in public_facts(sidecar, message.input).items()},
    )


def describe(settings: Settings, message: Message, sidecar: Sidecar, day: date) -> Mapping[str, Any]:
    """What the template sees as `document`."""
    areas = read_areas(settings.root, settings.jurisdiction)
    level = message.input.get(sidecar.issuer_from) if sidecar.issuer_from else None
    issuer = issuer_name(areas, str(level or sidecar.issuer), str(message.case["area"]), day)
    sealable = seal_address(settings, issuer) is not None
    return {
        "code": message.name,
        "title": sidecar.title["zh"],
        "title_en": sidecar.title.get("en"),
        "number": message.number,
        "issued_on": day,
        "issuer": issuer,
        "verify_url": f"{settings.base_url}/verify/{message.token}",
        "token": message.token,
        "layout": sidecar.layout,
        "valid_until": message.input.get(sidecar.valid_until) if sidecar.valid_until else None,
        "purpose": message.input.get(sidecar.purpose) if sidecar.purpose else None,
        # A real office without a key for this issuer gets a print that waits for its seal.
        "sealed": sidecar.sealed and sealable,
        "unsealed": sidecar.sealed and not sealable,
        "language": "zh-CN",
        "demonstration": settings.demonstration,
    }
