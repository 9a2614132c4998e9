"""Documents and notices before they are decided: filled and printed without number, seal and code, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.documents.handler import describe
from engine.documents.jobs import Job, Page
from engine.documents.press import house
from engine.documents.refusal import DocumentRefused
from engine.documents.sidecar import folder_of, read_sidecar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.effects import Message
    from engine.settings import Settings


class Preview(NamedTuple):
    """A document as it would be: its title by language, and the PDF, or the code of why it cannot be made."""

    title: Mapping[str, str]
    pdf: bytes
    refusal: str | None
    #: Dotted names of fields that the data lacks; each is marked where it should stand.
    missing: tuple[str, ...] = ()
    #: Where and why it was refused: template, line, field, character.
    told: Mapping[str, object] = {}


def preview(
    settings: Settings, files: Mapping[str, bytes], message: Message, *, marked: bool = False
) -> Preview:
    """The document that a message asks for, as a plain print that proves nothing.

    With `marked` a missing field does not stop it but is printed by its name: for whoever writes templates.
    """
    process, code = str(message.case["process"]), str(message.name)
    try:
        sidecar = read_sidecar(files, process, code)
    except DocumentRefused as refused:
        return Preview({"zh": code}, b"", refused.code, told=refused.values)
    day = message.asked_at.astimezone(settings.zone).date()
    unsealed = {"sealed": False, "unsealed": sidecar.sealed, "number": None}
    try:
        document = {**describe(settings, message, sidecar, day), **unsealed}
        template = f"{folder_of(files, process, code)}/{code}.html"
        page = Page(template, message.case, message.input, document)
        done = house(settings).work(Job(message.package, files, page, marked=marked))
    except DocumentRefused as refused:
        return Preview(sidecar.title, b"", refused.code, told=refused.values)
    return Preview(sidecar.title, done.content, None, done.missing)


class Text(NamedTuple):
    """A notice as it would be said, or why it cannot be."""

    text: str
    refusal: str | None
    missing: tuple[str, ...] = ()
    told: Mapping[str, object] = {}


def preview_text(
    settings: Settings, files: Mapping[str, bytes], message: Message, template: str, *, marked: bool = True
) -> Text:
    """The text of a notice from its template (a path below templates/), as `write_notice` would make it."""
    document = {
        "code": str(message.name),
        "issued_on": message.asked_at.astimezone(settings.zone).date(),
        "url": f"{settings.base_url}/cases/{message.case['number']}",
        "language": "en" if template.endswith(".en.txt") else "zh-CN",
    }
    try:
        page = Page(template, message.case, message.input, document)
        done = house(settings).work(Job(message.package, files, page, marked=marked))
    except DocumentRefused as refused:
        return Text("", refused.code, told=refused.values)
    return Text(done.content.decode(), None, done.missing)
