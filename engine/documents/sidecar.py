"""What stands beside a template: title, layout, who issues it, and what a stranger may see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from engine.documents import masks
from engine.documents.refusal import DocumentRefused

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fact for the public page: a dotted key of the data, and its mask where the key's own word does not tell."""

    key: str
    mask: str | None = None


class Sidecar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The <document>.json beside a template."""

    title: dict[str, str]
    number: str | None = None
    layout: Literal[
        "notice", "approval", "ledger", "certificate", "official", "letter", "receipt", "register"
    ] = "notice"
    public: tuple[str | Fact, ...] = ()
    issuer: Literal["village", "town", "county", "city", "province"] = "county"
    #: Key of the data that names the issuer's level where it differs from case to case (town or county decides).
    issuer_from: str | None = None
    sealed: bool = True
    #: What the document does to a person's aid: whoever issues it must have heard that person (core.hearing).
    effect: Literal["reduce", "stop", "recover"] | None = None
    #: Keys of the data: the last day on which the document holds, and the one purpose it proves something for.
    valid_until: str | None = None
    purpose: str | None = None


#: Last word of a key -> mask that it always gets in public, wanted or not.
ALWAYS = {
    "name": "name",
    "id_number": "id_number",
    "phone": "phone",
    "mobile": "phone",
    "telephone": "landline",
    "account": "account",
    "bank_account": "account",
    "card": "account",
    "address": "hidden",
}


def folder_of(files: Mapping[str, bytes], process: str, document: str) -> str:
    """Where the document's template lies below templates/: with the process, or with what all have in common."""
    own = f"templates/{process}/{document}.json" in files
    return process if own or f"templates/_shared/{document}.json" not in files else "_shared"


def read_sidecar(files: Mapping[str, bytes], process: str, document: str) -> Sidecar:
    """The sidecar of templates/<process>/<document>, else of _shared; `template-missing` or `template-broken` say what is wrong."""
    path = f"templates/{folder_of(files, process, document)}/{document}.json"
    content = files.get(path)
    if content is None:
        raise DocumentRefused("template-missing", template=path)
    try:
        sidecar = msgspec.json.decode(content, type=Sidecar)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DocumentRefused("template-broken", template=path, line=0, reason=str(error)) from error
    if not sidecar.title.get("zh"):
        raise DocumentRefused("template-broken", template=path, line=0, reason="no Chinese title")
    return sidecar


def public_facts(sidecar: Sidecar, data: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that may be shown to whoever holds the paper, masked; a key that the data lacks is left out."""
    shown: dict[str, Any] = {}
    for entry in sidecar.public:
        fact = entry if isinstance(entry, Fact) else Fact(entry)
        value: Any = data
        for word in fact.key.split("."):
            value = value.get(word) if hasattr(value, "get") else None
        if value is None or isinstance(value, (list, tuple, dict)):
            continue
        mask = fact.mask or _always(fact.key)
        shown[fact.key] = masks.mask(mask, str(value)) if mask and mask != "none" else value
    return shown


def _always(key: str) -> str | None:
    last = key.rpartition(".")[2]
    return ALWAYS.get(last) or next(
        (mask for word, mask in ALWAYS.items() if last.endswith(f"_{word}")), None
    )
